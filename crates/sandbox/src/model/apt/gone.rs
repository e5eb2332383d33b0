//! Names that people write in Dockerfiles and that Debian does not have, or no longer.

use crate::model::release;
use crate::shell::process::Process;

/// In no release since Debian 12, by its package lists of 2026; other publishers have them. A name with a mark is
/// referred to by other packages, which changes the message.
const NOWHERE: &str = " !python !python-pip !python-dev !netcat !openjdk-8-jdk !openjdk-8-jre-headless !openjdk-11-jdk \
!openjdk-11-jre-headless !mysql-server !mysql-client libssl1.1 !libssl1.0-dev !php7.4-cli php8.3-cli !nodejs-legacy \
!docker-ce !docker-ce-cli mongodb-org !yarn google-chrome-stable terraform dotnet-sdk-8.0 aspnetcore-runtime-8.0 \
powershell temurin-17-jdk postgresql-client-13 postgresql-client-14 postgresql-client-16 msodbcsql17 msodbcsql18 \
mssql-tools !google-cloud-sdk bazel vault helm esl-erlang sbt elasticsearch mongodb-mongosh !libpng12-0 libffi7 libffi6 \
libicu63 libicu67 !python3.10 python3.9 !python3.8 gcc-9 !libmysqlclient-dev !libmariadbclient-dev !chromium-browser \
!libappindicator1 !libappindicator3-1 !git-core !phantomjs !libreadline7 !libcurl3 ttf-dejavu ";
/// Of those, what Ubuntu has neither in 22.04 nor in 24.04.
const UBUNTU: &str = " !python !docker-ce !docker-ce-cli mongodb-org google-chrome-stable terraform powershell \
temurin-17-jdk msodbcsql17 msodbcsql18 mssql-tools bazel vault helm esl-erlang sbt elasticsearch mongodb-mongosh ";

/// How apt says that a package is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// `Unable to locate package`
    Unheard,
    /// `has no installation candidate`
    Referred,
}

/// Whether this release is known not to have a package. Where other sources were added, nothing is known.
pub(super) fn find(p: &mut Process<'_, '_>, name: &str) -> Option<Gone> {
    let table = if release(p, "debian").is_some_and(|release| (12.0..14.0).contains(&release)) {
        NOWHERE
    } else if release(p, "ubuntu").is_some_and(|release| (22.0..25.0).contains(&release)) {
        UBUNTU
    } else {
        return None;
    };
    let holds = |mark: &str| table.contains(&[" ", mark, name, " "].concat());
    let gone = if holds("") {
        Gone::Unheard
    } else if holds("!") {
        Gone::Referred
    } else {
        return None;
    };
    super::sources::are_own(p).then_some(gone)
}
