//! Where Python's packages and their programs go: beside the interpreter that runs.

use super::help::home;
use super::{release, there};
use crate::shell::exec::{Found, find};
use crate::shell::process::{Process, absolute};
use crate::tree::parent;

/// A place for packages.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// The directory of the packages.
    pub(super) packages: String,
    /// The directory of their programs.
    pub(super) programs: String,
    /// The distribution keeps it: `pip` leaves it alone unless told otherwise.
    pub(super) managed: bool,
}

impl Site {
    /// The place of an environment or a prefix.
    pub(super) fn under(p: &mut Process<'_, '_>, root: &str) -> Self {
        let (root, version) = (root.trim_end_matches('/').to_owned(), version(p));
        Self {
            packages: format!("{root}/lib/python{version}/site-packages"),
            programs: format!("{root}/bin"),
            managed: false,
        }
    }

    /// As for `--target`.
    pub(super) fn target(root: &str) -> Self {
        let root = root.trim_end_matches('/');
        Self { packages: root.to_owned(), programs: format!("{root}/bin"), managed: false }
    }

    /// Of a user's own.
    pub(super) fn user(p: &mut Process<'_, '_>) -> Self {
        let home = home(p);
        let base = p.env.get("PYTHONUSERBASE").cloned().unwrap_or_else(|| format!("{home}/.local"));
        Self::under(p, &base)
    }

    /// Of the interpreter that belongs to the program that runs: a virtual environment's, the one in
    /// `/usr/local`, or the distribution's.
    pub(super) fn own(p: &mut Process<'_, '_>) -> Self {
        let program = program(p, &p.given);
        let root = parent(parent(&program)).to_owned();
        if environment_at(p, &root) {
            return Self::under(p, &root);
        }
        if root == "/usr/local" && !program.ends_with("uv") && !program.ends_with("poetry") {
            return Self::under(p, "/usr/local");
        }
        Self::system(p)
    }

    /// Outside of all virtual environments.
    pub(super) fn system(p: &mut Process<'_, '_>) -> Self {
        if program(p, "python3").starts_with("/usr/local/") {
            return Self::under(p, "/usr/local");
        }
        let version = version(p);
        if there(p, "/sbin/apk") {
            let mut site = Self::under(p, "/usr");
            site.managed = release(p, "alpine").is_some_and(|release| release >= 3.19);
            return site;
        }
        // Debian's interpreter has what it did not package itself in /usr/local.
        let managed = release(p, "debian").is_some_and(|release| release >= 12.0)
            || release(p, "ubuntu").is_some_and(|release| release >= 23.04);
        let debian = there(p, "/usr/bin/dpkg") || there(p, "/usr/bin/apt-get");
        let packages = if debian { "dist-packages" } else { "site-packages" };
        Self {
            packages: format!("/usr/local/lib/python{version}/{packages}"),
            programs: "/usr/local/bin".to_owned(),
            managed,
        }
    }

    /// The same in another root.
    pub(super) fn within(mut self, root: &str) -> Self {
        let root = root.trim_end_matches('/');
        self.packages.insert_str(0, root);
        self.programs.insert_str(0, root);
        self
    }
}

/// Where a program is, or may be.
fn program(p: &Process<'_, '_>, name: &str) -> String {
    let path = p.env.get("PATH").map_or("", String::as_str);
    match find(p.m, name, path, &p.cwd, &p.cred) {
        Found::At(path) | Found::MayExist(path) => path,
        _ => String::new(),
    }
}

/// Whether a virtual environment is there.
pub(super) fn environment_at(p: &Process<'_, '_>, root: &str) -> bool {
    there(p, &absolute(root, "pyvenv.cfg"))
}

/// Versions of the interpreter that distributions have.
const PACKAGED: &[(&str, f64, &str)] = &[
    ("debian", 13.0, "3.13"),
    ("debian", 12.0, "3.11"),
    ("debian", 11.0, "3.9"),
    ("ubuntu", 25.04, "3.13"),
    ("ubuntu", 24.04, "3.12"),
    ("ubuntu", 22.04, "3.10"),
    ("ubuntu", 20.04, "3.8"),
    ("alpine", 3.20, "3.12"),
    ("alpine", 3.17, "3.11"),
    ("alpine", 3.15, "3.10"),
    ("fedora", 41.0, "3.13"),
    ("fedora", 39.0, "3.12"),
];

/// `3.14`, from the interpreter that is installed, else as the image says, else what the distribution packages.
pub(super) fn version(p: &mut Process<'_, '_>) -> String {
    for dir in ["/usr/local/lib", "/usr/lib"] {
        let Ok(dir) = p.m.tree.read_dir(dir) else { continue };
        let names = dir.entries().keys().filter_map(|name| name.strip_prefix("python"));
        if let Some(version) = names.filter(|version| version.contains('.')).last() {
            return version.to_owned();
        }
    }
    if let Some(version) = p.env.get("PYTHON_VERSION") {
        return version.split('.').take(2).collect::<Vec<_>>().join(".");
    }
    let packaged =
        PACKAGED.iter().find(|(name, since, _)| release(p, name).is_some_and(|release| release >= *since));
    packaged.map_or("3", |(_, _, version)| *version).to_owned()
}
