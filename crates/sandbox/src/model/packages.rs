//! What packages are: sizes, dependencies, and the programs that they bring.

use super::{KIB, made_up, programs};
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

/// Whether a program is known to come with some package, which is then not the one that was installed.
pub(crate) fn is_well_known(program: &str) -> bool {
    let tabled = |table: &str| table.contains(&format!("\n{program} "));
    programs::providers(program).next().is_some()
        || programs::is_single(program)
        || tabled(super::apk::TABLE)
        || tabled(super::apt::TABLE)
}

/// How the marks of package managers begin; the packages follow.
const HEADS: [&str; 3] = ["apk: ", "apt-get: ", "dnf: "];

/// Whether a program may have come with what a package manager installed, by its mark on the directory.
pub(crate) fn may_have_brought(mark: &str, program: &str) -> bool {
    let Some(packages) = HEADS.iter().find_map(|head| mark.strip_prefix(head)) else { return true };
    let known = is_well_known(program);
    packages.split(' ').any(|package| match package.strip_suffix("-dev") {
        Some(_) => program.ends_with("config"),
        None => !known || is_kin(package, program),
    })
}

/// Whether a package of which nobody knows the programs is named like the program, or like one that brings it.
fn is_kin(package: &str, program: &str) -> bool {
    let parts =
        |name: &str| name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_owned();
    let mut words = package.split(|c: char| !c.is_ascii_alphanumeric());
    let java = matches!(program, "java" | "javac" | "jar" | "jlink" | "keytool");
    words.any(|word| word == program)
        || program.len() > 3 && package.contains(program)
        || java && ["jdk", "jre", "java"].iter().any(|word| package.contains(word))
        || programs::providers(program).any(|provider| {
            let stem = parts(provider);
            stem.len() > 2 && package.starts_with(&stem)
        })
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
    let named = programs::row(package.name);
    let programs = match named {
        Some(programs) => programs,
        None if programless(package.name) => "",
        None => package.name,
    };
    let count = programs.split_whitespace().count() as u64;
    if package.asked && named.is_none() && !programs::is_single(package.name) {
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
    let before = match p.m.tree.stat(DIR) {
        Ok(crate::tree::Node::Dir(dir)) => dir.unlisted.as_ref().map(|more| more.source.to_string()),
        _ => None,
    };
    let source = match before {
        Some(before) if HEADS.iter().any(|head| before.starts_with(head)) => format!("{before} {name}"),
        Some(_) => return Ok(()),
        None => format!("{manager}: {name}"),
    };
    super::folder(p, DIR)?;
    super::help::mark_unlisted(p, DIR, &source);
    Ok(())
}

/// Takes a package's files out of the tree.
pub(super) fn remove(p: &mut Process<'_, '_>, name: &str) {
    let programs = programs::row(name).unwrap_or(name);
    for program in programs.split_whitespace() {
        let path = if program.starts_with('/') { program.to_owned() } else { format!("/usr/bin/{program}") };
        let _ = p.m.tree.remove(&path);
    }
    let _ = p.m.tree.remove(&format!("/usr/lib/‹other files of {name}›"));
}
