//! What of Debian's packages is installed: what the model installed, and what the image came with.

use crate::model::packages::Table;
use crate::model::{folder, programs, release, text};
use crate::shell::machine::Halt;
use crate::shell::process::Process;
use crate::tree::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The model's own note of what is installed besides the base system; dpkg keeps it here too.
const STATUS: &str = "/var/lib/dpkg/status-installed";
/// What every image of Debian and Ubuntu has: priority `required` in Debian 12, and apt.
const BASE: &str = " apt base-files base-passwd bash bsdutils coreutils dash debconf debianutils diffutils dpkg \
findutils gpgv grep gzip hostname init-system-helpers libapt-pkg6.0 libc-bin libc6 libgcc-s1 libpam-modules \
libpam-modules-bin libpam-runtime libstdc++6 login mawk mount ncurses-base ncurses-bin passwd perl-base sed \
sysvinit-utils tar util-linux zlib1g ";
/// What cannot be removed without a word more.
const ESSENTIAL: &str = " base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep \
gzip hostname init-system-helpers libc-bin login ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux ";

/// Whether a package is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Has {
    Yes,
    No,
    Unknown,
}

/// The packages that the model installed; `true` for those that came only because others needed them.
#[derive(Debug, Clone, Default)]
pub(super) struct Status(pub(super) BTreeMap<String, bool>);

impl Status {
    pub(super) fn read(p: &mut Process<'_, '_>) -> Self {
        let text = text(p, STATUS).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.is_empty());
        Self(lines.map(|line| (line.trim_end_matches(" auto").to_owned(), line.ends_with(" auto"))).collect())
    }

    pub(super) fn write(&self, p: &mut Process<'_, '_>) -> Result<(), Halt> {
        let lines =
            self.0.iter().flat_map(|(name, auto)| [name.as_str(), if *auto { " auto\n" } else { "\n" }]);
        let mut text: String = lines.collect();
        if text.is_empty() {
            text.push('\n');
        }
        folder(p, "/var/lib/dpkg")?;
        let _ = p.write_file(STATUS, text.into_bytes())?;
        Ok(())
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.keys().cloned().collect()
    }

    /// Whether a package is installed, as far as the tree tells.
    pub(super) fn has(&self, p: &mut Process<'_, '_>, table: &Table<'_>, name: &str) -> Has {
        if self.0.contains_key(name) || is_base(p, name) {
            return Has::Yes;
        }
        let programs = programs::paths(name);
        // One of them alone may be another package's.
        if !programs.is_empty() && programs.iter().all(|path| p.m.tree.exists(path)) {
            return Has::Yes;
        }
        if p.m.incomplete || self.0.keys().any(|known| name.starts_with("lib") && !table.has(known)) {
            return Has::Unknown;
        }
        let image = match p.m.tree.stat("/usr/lib") {
            Ok(Node::Dir(dir)) => dir.unlisted.as_ref().map(|more| more.source.to_string()),
            _ => None,
        };
        let image = image.unwrap_or_default();
        if image.starts_with("debian:") || image.starts_with("ubuntu:") {
            return Has::No;
        }
        // Other images have more than their own program; of the smaller ones it is known which programs.
        let more = matches!(p.m.tree.stat("/usr/bin"), Ok(Node::Dir(dir)) if dir.unlisted.is_some());
        let quiet = name.starts_with("lib") && !name.ends_with("-dev")
            || name.starts_with("fonts-")
            || matches!(
                name,
                "ca-certificates" | "tzdata" | "netbase" | "locales" | "mime-support" | "media-types"
            );
        if quiet || more && programs.is_empty() { Has::Unknown } else { Has::No }
    }

    /// What nothing needs any more that was asked for.
    pub(super) fn left_over(&self, table: &Table<'_>) -> Vec<String> {
        let asked: Vec<&str> =
            self.0.iter().filter(|(_, auto)| !**auto).map(|(name, _)| name.as_str()).collect();
        // What a package needs that is not in the table, nobody knows.
        if asked.iter().any(|name| !table.has(name)) {
            return Vec::new();
        }
        let kept: BTreeSet<String> = table
            .closure(&asked, true, &BTreeSet::new())
            .iter()
            .map(|package| package.name.to_owned())
            .collect();
        self.0.keys().filter(|name| !kept.contains(*name)).cloned().collect()
    }

    /// What has to leave together with a package: all that needs it.
    pub(super) fn dependents(&self, table: &Table<'_>, gone: &mut BTreeSet<String>) {
        loop {
            let more: Vec<String> = self
                .0
                .keys()
                .filter(|name| !gone.contains(*name))
                .filter(|name| table.needs(name).iter().any(|need| gone.contains(*need)))
                .cloned()
                .collect();
            if more.is_empty() {
                return;
            }
            gone.extend(more);
        }
    }
}

fn is_base(p: &mut Process<'_, '_>, name: &str) -> bool {
    listed(BASE, name)
        || name == "tzdata" && release(p, "debian").is_some()
        || matches!(name, "adduser" | "e2fsprogs") && super::since(p) == Some(false)
}

/// Whether a package can only be removed with a word more.
pub(super) fn is_essential(name: &str) -> bool {
    listed(ESSENTIAL, name)
}

fn listed(list: &str, name: &str) -> bool {
    !name.is_empty() && list.contains(&[" ", name, " "].concat())
}
