//! What packages are: sizes, dependencies, and the programs that they bring.

use super::{KIB, made_up};
use crate::shell::machine::Halt;
use crate::shell::process::Process;
use std::collections::{BTreeMap, BTreeSet};

/// A package of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Package<'t> {
    pub(super) name: &'t str,
    /// Bytes when installed.
    pub(super) size: u64,
    pub(super) needs: Vec<&'t str>,
    pub(super) recommends: Vec<&'t str>,
    /// Not in the table: size and dependencies are guesses.
    pub(super) guessed: bool,
    /// Somebody asked for it; the others are what it needs, libraries mostly.
    pub(super) asked: bool,
}

/// Bytes that a package weighs of which nothing is known.
const GUESS: u64 = 2_000_000;

/// A table of packages: `name KiB dependency… ?recommendation…` in each line, `#` for comments.
pub(super) struct Table<'t>(BTreeMap<&'t str, Package<'t>>);

impl<'t> Table<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let packages = lines.filter_map(|line| {
            let mut words = line.split(' ');
            let name = words.next().filter(|name| !name.is_empty())?;
            let mut package = Package { name, ..Package::default() };
            package.size = words.next().and_then(|size| size.parse::<u64>().ok())? * KIB;
            for word in words {
                match word.strip_prefix('?') {
                    Some(name) => package.recommends.push(name),
                    None => package.needs.push(word),
                }
            }
            Some((name, package))
        });
        Self(packages.collect())
    }

    /// All that installing `names` brings, sorted by name; what is `installed` stays out.
    pub(super) fn closure(
        &self,
        names: &[&'t str],
        recommends: bool,
        installed: &BTreeSet<String>,
    ) -> Vec<Package<'t>> {
        let mut found: BTreeMap<&str, Package<'t>> = BTreeMap::new();
        let mut todo: Vec<&'t str> = names.to_vec();
        while let Some(name) = todo.pop() {
            if found.contains_key(name) || installed.contains(name) {
                continue;
            }
            let guess = Package { name, size: GUESS, guessed: true, ..Package::default() };
            let mut package = self.0.get(name).cloned().unwrap_or(guess);
            package.asked = names.contains(&name);
            todo.extend(&package.needs);
            if recommends {
                todo.extend(&package.recommends);
            }
            found.insert(name, package);
        }
        found.into_values().collect()
    }
}

impl<'t> Table<'t> {
    /// Whether the table tells of a package.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// What a package needs.
    pub(super) fn needs(&self, name: &str) -> &[&'t str] {
        self.0.get(name).map_or(&[], |package| &package.needs)
    }

    /// What a package weighs, or what one is taken to weigh.
    pub(super) fn size(&self, name: &str) -> u64 {
        self.0.get(name).map_or(GUESS, |package| package.size)
    }
}

/// Where the programs of a package are, if it is known which it brings.
pub(super) fn programs(name: &str) -> Vec<String> {
    let named = PROGRAMS.iter().find(|(known, _)| *known == name).map(|(_, programs)| *programs);
    let programs = named.unwrap_or(if SINGLE.contains(&name) { name } else { "" });
    let path = |program: &str| {
        if program.starts_with('/') { program.to_owned() } else { ["/usr/bin/", program].concat() }
    };
    programs.split_whitespace().map(path).collect()
}

/// Programs of packages whose names differ from the package's, most of them in `/usr/bin`.
const PROGRAMS: &[(&str, &str)] = &[
    ("bind-tools", "dig nslookup host"),
    ("bind-utils", "dig nslookup host"),
    ("binutils", "ld as ar nm objdump strip readelf"),
    ("build-base", ""),
    ("build-essential", ""),
    ("ca-certificates", "/usr/sbin/update-ca-certificates"),
    ("clang", "clang clang++"),
    ("coreutils", "sort stat date"),
    ("cron", "/usr/sbin/cron crontab"),
    ("default-mysql-client", "mysql mysqldump"),
    ("dnsutils", "dig nslookup"),
    ("dpkg-dev", "dpkg-buildpackage dpkg-architecture dpkg-buildflags dpkg-source"),
    ("g++", "g++ c++"),
    ("gcc", "gcc cc"),
    ("gcc-c++", "g++ c++"),
    ("gettext-base", "envsubst"),
    ("gnupg", "gpg gpgconf gpg-agent"),
    ("iproute2", "ip ss"),
    ("iputils-ping", "ping"),
    ("iputils", "ping"),
    ("iproute", "ip ss"),
    ("libc-dev", ""),
    ("linux-headers", ""),
    ("locales", "/usr/sbin/locale-gen"),
    ("maven", "mvn"),
    ("mariadb-client", "mysql mysqldump mariadb"),
    ("musl-dev", ""),
    ("mysql-client", "mysql mysqldump"),
    ("net-tools", "netstat ifconfig route"),
    ("netcat-openbsd", "nc"),
    ("nmap-ncat", "nc ncat"),
    ("nodejs", "node nodejs"),
    ("nodejs-current", "node"),
    ("openjdk-17-jdk-headless", "javac jar jlink"),
    ("openjdk-17-jre-headless", "java keytool"),
    ("openssh", "ssh scp ssh-keygen ssh-keyscan"),
    ("openssh-client", "ssh scp ssh-keygen ssh-keyscan ssh-add"),
    ("openssh-clients", "ssh scp ssh-keygen ssh-keyscan ssh-add"),
    ("openssh-client-default", "ssh scp ssh-keygen ssh-keyscan"),
    ("perl", "perl prove cpan"),
    ("php-cli", "php"),
    ("pkgconf", "pkg-config pkgconf"),
    ("pkgconf-bin", "pkg-config pkgconf"),
    ("postgresql-client", "psql pg_dump"),
    ("php-pear", "pecl pear"),
    ("procps-ng", "ps top free pgrep pkill uptime"),
    ("procps", "ps top free pgrep pkill uptime"),
    ("protobuf-compiler", "protoc"),
    ("py3-pip", "pip pip3"),
    ("python3", "python3"),
    ("python3-minimal", "python3"),
    ("python3-pip", "pip pip3"),
    ("python3-venv", ""),
    ("redis-tools", "redis-cli"),
    ("ruby", "ruby gem irb"),
    ("subversion", "svn"),
    ("shadow-utils", "/usr/sbin/useradd /usr/sbin/groupadd /usr/sbin/usermod /usr/sbin/userdel"),
    ("shadow", "/usr/sbin/useradd /usr/sbin/groupadd /usr/sbin/usermod /usr/sbin/userdel"),
    ("util-linux", "lsblk mount"),
    ("vim", "vim vi"),
    ("vim-enhanced", "vim"),
    ("vim-minimal", "vi"),
    ("vim-tiny", "vi"),
    ("xz-utils", "xz unxz"),
    ("software-properties-common", "add-apt-repository apt-add-repository"),
];

/// Packages with one program, of their own name.
const SINGLE: &[&str] = &[
    "ansible",
    "aria2",
    "autoconf",
    "automake",
    "bash",
    "bc",
    "bison",
    "bzip2",
    "ccache",
    "clang",
    "cmake",
    "cmatrix",
    "coreutils",
    "cowsay",
    "curl",
    "dash",
    "ed",
    "entr",
    "figlet",
    "file",
    "fish",
    "flex",
    "fortune",
    "gawk",
    "gdb",
    "git",
    "git-lfs",
    "gosu",
    "graphviz",
    "grep",
    "gzip",
    "haproxy",
    "htop",
    "httpie",
    "iptables",
    "jq",
    "less",
    "libtool",
    "lsb-release",
    "lsof",
    "lua",
    "lynx",
    "m4",
    "make",
    "mawk",
    "mc",
    "mercurial",
    "meson",
    "moreutils",
    "nano",
    "nginx",
    "ninja",
    "npm",
    "nginx-light",
    "openssl",
    "pandoc",
    "parallel",
    "patch",
    "pigz",
    "pipx",
    "pv",
    "python3-setuptools",
    "redis",
    "rsync",
    "sed",
    "socat",
    "ssl-cert",
    "strace",
    "sudo",
    "su-exec",
    "supervisor",
    "tar",
    "tini",
    "tmux",
    "tree",
    "unzip",
    "wget",
    "which",
    "xz",
    "yarn",
    "yq",
    "zip",
    "zsh",
    "zstd",
    "dumb-init",
];

/// Whether a program is known to come with some package, which is then not the one that was installed.
pub(crate) fn is_well_known(program: &str) -> bool {
    let tabled = |table: &str| table.contains(&format!("\n{program} "));
    PROGRAMS
        .iter()
        .any(|(_, programs)| programs.split(' ').any(|known| known.rsplit('/').next() == Some(program)))
        || SINGLE.contains(&program)
        || tabled(super::apk::TABLE)
        || tabled(super::apt::TABLE)
}

/// Whether a program may have come with what a package manager installed, by its mark on the directory.
pub(crate) fn may_have_brought(mark: &str, program: &str) -> bool {
    let Some((_, package)) =
        ["apk: ", "apt-get: ", "dnf: "].iter().find_map(|head| mark.strip_prefix(head).map(|of| (head, of)))
    else {
        return true;
    };
    if package.ends_with("-dev") { program.ends_with("config") } else { !is_well_known(program) }
}

/// Packages that bring no program at all, by their names.
fn programless(name: &str) -> bool {
    name.starts_with("lib") && name != "libtool"
        || name.ends_with("-dev")
        || name.ends_with("-devel")
        || name.ends_with("-data")
        || name.ends_with("-common")
        || name.ends_with("-doc")
        || name.ends_with("-libs")
        || name.ends_with("-base")
        || name.ends_with("-base-bin")
        || name.starts_with("fonts-")
        || name == "tzdata"
}

/// Puts a package's files into the tree: its programs, and one entry that stands for all others. `source` is
/// what the files are said to come from, `apt-get: git`.
pub(super) fn install(p: &mut Process<'_, '_>, package: &Package<'_>, manager: &str) -> Result<(), Halt> {
    let guessed = if package.guessed { " (size guessed)" } else { "" };
    let source = format!("{manager}: {}{guessed}", package.name);
    let named = PROGRAMS.iter().find(|(name, _)| *name == package.name).map(|(_, programs)| *programs);
    let programs = match named {
        Some(programs) => programs,
        None if programless(package.name) => "",
        None => package.name,
    };
    let count = programs.split_whitespace().count() as u64;
    if package.asked && named.is_none() && !SINGLE.contains(&package.name) {
        mark(p, package.name, manager)?;
    }
    let each = (package.size / 2).checked_div(count).unwrap_or(0).min(4_000_000);
    for program in programs.split_whitespace() {
        let path = if program.starts_with('/') { program.to_owned() } else { format!("/usr/bin/{program}") };
        made_up(p, &path, each, 0o755, &source, &[])?;
    }
    let mut rest = package.size - each * count;
    if package.name == "ca-certificates" {
        let bundle = 220_000.min(rest);
        made_up(p, "/etc/ssl/certs/ca-certificates.crt", bundle, 0o644, &source, &[])?;
        rest -= bundle;
    }
    made_up(p, &format!("/usr/lib/‹other files of {}›", package.name), rest, 0o644, &source, &[])
}

/// Says that a package may have brought programs that nobody listed; headers bring at most one that tells of them.
fn mark(p: &mut Process<'_, '_>, name: &str, manager: &str) -> Result<(), Halt> {
    const DIR: &str = "/usr/bin";
    let headers = name.ends_with("-dev");
    let marked = |p: &Process<'_, '_>| matches!(p.m.tree.stat(DIR), Ok(crate::tree::Node::Dir(dir)) if dir.unlisted.is_some());
    if programless(name) && !headers || headers && marked(p) {
        return Ok(());
    }
    // An image that has more than is listed may still have anything.
    if let Ok(crate::tree::Node::Dir(dir)) = p.m.tree.stat(DIR)
        && dir.unlisted.as_ref().is_some_and(|more| {
            !["apk: ", "apt-get: ", "dnf: "].iter().any(|head| more.source.starts_with(head))
        })
    {
        return Ok(());
    }
    super::folder(p, DIR)?;
    super::help::mark_unlisted(p, DIR, &format!("{manager}: {name}"));
    Ok(())
}

/// Takes a package's files out of the tree.
pub(super) fn remove(p: &mut Process<'_, '_>, name: &str) {
    let programs = PROGRAMS.iter().find(|(known, _)| *known == name).map_or(name, |(_, programs)| *programs);
    for program in programs.split_whitespace() {
        let path = if program.starts_with('/') { program.to_owned() } else { format!("/usr/bin/{program}") };
        let _ = p.m.tree.remove(&path);
    }
    let _ = p.m.tree.remove(&format!("/usr/lib/‹other files of {name}›"));
}
