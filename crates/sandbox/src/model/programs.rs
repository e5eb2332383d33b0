//! Which programs packages bring, as far as it is known.

/// The programs of a package, as its row has them: `None` where the package has no row.
pub(super) fn row(package: &str) -> Option<&'static str> {
    let exact = |name: &str| PROGRAMS.iter().find(|(known, _)| *known == name).map(|(_, programs)| *programs);
    exact(package).or_else(|| exact(&unversioned(package)))
}

/// A name with `#` for each version in it: `openjdk-#-jdk`, `php#-cli`.
fn unversioned(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '0'..='9' | '.' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}

/// Whether a package brings one program, of its own name.
pub(super) fn is_single(package: &str) -> bool {
    SINGLE.contains(&package)
}

/// Where the programs of a package are, if it is known which it brings.
pub(super) fn paths(package: &str) -> Vec<String> {
    let programs = row(package).unwrap_or(if is_single(package) { package } else { "" });
    let path = |program: &str| {
        if program.starts_with('/') { program.to_owned() } else { ["/usr/bin/", program].concat() }
    };
    programs.split_whitespace().map(path).collect()
}

/// The packages whose rows have a program.
pub(super) fn providers(program: &str) -> impl Iterator<Item = &'static str> {
    let has =
        move |programs: &str| programs.split(' ').any(|known| known.rsplit('/').next() == Some(program));
    PROGRAMS.iter().filter(move |(_, programs)| has(programs)).map(|(name, _)| *name)
}

/// Programs of packages whose names differ from the package's, most of them in `/usr/bin`. `#` stands for a version.
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
    ("default-jdk", "java javac jar"),
    ("default-jdk-headless", "java javac jar"),
    ("default-jre", "java keytool"),
    ("default-jre-headless", "java keytool"),
    ("default-mysql-client", "mysql mysqldump"),
    ("dnsutils", "dig nslookup"),
    ("dpkg-dev", "dpkg-buildpackage dpkg-architecture dpkg-buildflags dpkg-source"),
    ("g++", "g++ c++"),
    ("gcc", "gcc cc"),
    ("gcc-c++", "g++ c++"),
    ("gettext", "envsubst msgfmt xgettext"),
    ("gettext-base", "envsubst"),
    ("gnupg", "gpg gpgconf gpg-agent"),
    ("golang", "go gofmt"),
    ("golang-go", "go gofmt"),
    ("graphviz", "dot neato"),
    ("iproute", "ip ss"),
    ("iproute2", "ip ss"),
    ("iputils", "ping"),
    ("iputils-ping", "ping"),
    ("libc-dev", ""),
    ("libcap", "/usr/sbin/setcap /usr/sbin/getcap"),
    ("libcap2-bin", "/usr/sbin/setcap /usr/sbin/getcap"),
    ("libreoffice", "soffice libreoffice"),
    ("linux-headers", ""),
    ("locales", "/usr/sbin/locale-gen"),
    ("lsb-release", "lsb_release"),
    ("mariadb-client", "mysql mysqldump mariadb"),
    ("maven", "mvn"),
    ("musl-dev", ""),
    ("mysql-client", "mysql mysqldump"),
    ("mysql-client-#", "mysql mysqldump"),
    ("net-tools", "netstat ifconfig route"),
    ("netcat", "nc"),
    ("netcat-openbsd", "nc"),
    ("netcat-traditional", "nc"),
    ("nmap-ncat", "nc ncat"),
    ("nodejs", "node nodejs"),
    ("nodejs-current", "node"),
    ("openjdk#", "java javac jar keytool"),
    ("openjdk#-jdk", "java javac jar keytool"),
    ("openjdk#-jre", "java keytool"),
    ("openjdk#-jre-headless", "java keytool"),
    ("openjdk-#-jdk", "java javac jar jlink keytool"),
    ("openjdk-#-jdk-headless", "javac jar jlink"),
    ("openjdk-#-jre", "java keytool"),
    ("openjdk-#-jre-headless", "java keytool"),
    ("openssh", "ssh scp ssh-keygen ssh-keyscan"),
    ("openssh-client", "ssh scp ssh-keygen ssh-keyscan ssh-add"),
    ("openssh-client-default", "ssh scp ssh-keygen ssh-keyscan"),
    ("openssh-clients", "ssh scp ssh-keygen ssh-keyscan ssh-add"),
    ("openssh-server", "/usr/sbin/sshd ssh ssh-keygen"),
    ("perl", "perl prove cpan"),
    ("php#-cli", "php"),
    ("php-cli", "php"),
    ("php-pear", "pecl pear"),
    ("pkgconf", "pkg-config pkgconf"),
    ("pkgconf-bin", "pkg-config pkgconf"),
    ("postgresql#-client", "psql pg_dump"),
    ("postgresql-client", "psql pg_dump"),
    ("postgresql-client-#", "psql pg_dump"),
    ("procps", "ps top free pgrep pkill uptime"),
    ("procps-ng", "ps top free pgrep pkill uptime"),
    ("protobuf", "protoc"),
    ("protobuf-compiler", "protoc"),
    ("py3-pip", "pip pip3"),
    ("python3", "python3"),
    ("python3-minimal", "python3"),
    ("python3-pip", "pip pip3"),
    ("python3-venv", ""),
    ("redis", "redis-server redis-cli"),
    ("redis-server", "redis-server redis-cli"),
    ("redis-tools", "redis-cli"),
    ("ruby", "ruby gem irb"),
    ("ruby-full", "ruby gem irb"),
    ("shadow", "/usr/sbin/useradd /usr/sbin/groupadd /usr/sbin/usermod /usr/sbin/userdel"),
    ("shadow-utils", "/usr/sbin/useradd /usr/sbin/groupadd /usr/sbin/usermod /usr/sbin/userdel"),
    ("software-properties-common", "add-apt-repository apt-add-repository"),
    ("sqlite", "sqlite3"),
    ("subversion", "svn"),
    ("supervisor", "supervisord supervisorctl"),
    ("texlive-latex-base", "pdflatex latex"),
    ("util-linux", "lsblk mount"),
    ("vim", "vim vi"),
    ("vim-enhanced", "vim"),
    ("vim-minimal", "vi"),
    ("vim-tiny", "vi"),
    ("xz-utils", "xz unxz"),
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
    "grep",
    "gzip",
    "haproxy",
    "htop",
    "httpie",
    "iptables",
    "jq",
    "less",
    "libtool",
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
    "rsync",
    "sed",
    "socat",
    "ssl-cert",
    "strace",
    "sudo",
    "su-exec",
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
