//! An image that stands for another version does not say that it is its own: what names a version names the one that was
//! asked for, as far as its tag says it.

use super::data::Entry;
use super::releases::{DEBIAN, UBUNTU};
use stagecraft_sandbox::UNKNOWN;

/// What files say which release of the distribution it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Release {
    /// As listed.
    Same,
    /// Another one: what lines begin with, and the lines in their place.
    Other(Vec<(&'static str, String)>),
    /// Nobody knows which.
    Unknown,
}

/// The version that a tag begins with, if it does.
fn version(tag: &str) -> Option<&str> {
    tag.split(['-', '_']).find(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a version is of the one that is named less finely.
fn is_of(version: &str, wanted: &str) -> bool {
    version.strip_prefix(wanted).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A version with what its tag leaves open.
fn whole(version: &str) -> String {
    if version.split('.').count() >= 3 { version.to_owned() } else { format!("{version}.{UNKNOWN}") }
}

/// Whether the image's own program would be of another version.
fn is_other(entry: &Entry, tag: &str) -> bool {
    match (version(&entry.tag), version(tag)) {
        (Some(known), Some(wanted)) => {
            !is_of(known, wanted) && !is_of(wanted, known) || is_finer(entry, wanted)
        }
        _ => false,
    }
}

/// Whether a version is named more finely than by the known tag, and is not the one that the image has.
fn is_finer(entry: &Entry, wanted: &str) -> bool {
    let Some(known) = version(&entry.tag).filter(|known| is_of(wanted, known) && wanted != *known) else {
        return false;
    };
    let own = entry.config.env.iter().find_map(|pair| own_version(pair.split_once('=')?.1, known));
    own.is_none_or(|(_, own)| !is_of(own, wanted))
}

/// A value that is the image's own version: what stands in front of it, and the version.
fn own_version<'v>(value: &'v str, known: &str) -> Option<(&'v str, &'v str)> {
    let head = ["", "v", "jdk-", "jdk"]
        .into_iter()
        .find(|head| value.strip_prefix(head).is_some_and(|rest| is_of(rest, known)))?;
    value.split_at_checked(head.len())
}

/// The variables of the image, as one of that tag would have them.
pub(super) fn env(entry: &Entry, tag: &str) -> Vec<String> {
    let (Some(known), Some(wanted)) = (version(&entry.tag), version(tag)) else {
        return entry.config.env.clone();
    };
    if !is_other(entry, tag) {
        return entry.config.env.clone();
    }
    let other = |pair: &String| {
        let (name, value) = pair.split_once('=')?;
        if name == "PATH" {
            return None;
        }
        if let Some((head, _)) = own_version(value, known) {
            return Some(format!("{name}={head}{}", whole(wanted)));
        }
        // What belongs to one version only.
        let marks = ["SHA", "URL", "GPG", "PKG", "RELEASE", "REVISION", "BUILD"];
        let is_tied = marks.iter().any(|mark| name.contains(mark))
            || value.contains(known) && name.ends_with("_VERSION");
        is_tied.then(|| format!("{name}={UNKNOWN}"))
    };
    entry.config.env.iter().map(|pair| other(pair).unwrap_or_else(|| pair.clone())).collect()
}

/// The files of the image, whose names may hold its version (`python3.12`), as one of that tag would have them.
pub(super) fn files(mut entry: Entry, tag: &str) -> Entry {
    let minor = |version: &str| {
        Some(version.split('.').take(2).collect::<Vec<_>>().join(".")).filter(|m| m.contains('.'))
    };
    let named = version(&entry.tag).and_then(minor).zip(version(tag).and_then(minor));
    let Some((known, wanted)) = named.filter(|(known, wanted)| known != wanted) else { return entry };
    let other = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(&known) {
            let (before, found) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let behind = found.get(known.len()..).unwrap_or("");
            let is_name = before.ends_with(|c: char| c.is_ascii_alphabetic());
            let is_whole = !behind.starts_with(|c: char| c.is_ascii_digit());
            out.push_str(before);
            out.push_str(if is_name && is_whole { &wanted } else { &known });
            rest = behind;
        }
        out + rest
    };
    entry.dirs = entry.dirs.into_iter().map(|(path, mode)| (other(&path), mode)).collect();
    entry.bulk = entry.bulk.into_iter().map(|(path, bytes)| (other(&path), bytes)).collect();
    entry.sized = entry.sized.into_iter().map(|(path, bytes)| (other(&path), bytes)).collect();
    entry.executables =
        entry.executables.into_iter().map(|(path, names)| (other(&path), other(&names))).collect();
    entry
}

/// What the files of the distribution say.
pub(super) fn release(entry: &Entry, tag: &str) -> Release {
    let known = distribution(entry, &entry.tag);
    match (known, distribution(entry, tag)) {
        (Some(known), Some(wanted)) if wanted == known || is_of(&known, &wanted) => Release::Same,
        (Some(_), Some(wanted)) => Release::Other(lines(&entry.system, &wanted)),
        // A later or earlier version was made on what was current then.
        (_, None) if is_other(entry, tag) => Release::Unknown,
        (None, Some(_)) => Release::Unknown,
        (_, None) => Release::Same,
    }
}

/// The release of the distribution that a tag names.
fn distribution(entry: &Entry, tag: &str) -> Option<String> {
    let is_own = entry.reference == entry.system;
    let own = || version(tag).filter(|_| is_own).map(str::to_owned);
    let named = |table: &[(&str, &str)]| {
        let number = |name: &str| {
            table.iter().find(|(_, known)| *known == name).map(|(number, _)| (*number).to_owned())
        };
        tag.split(['-', '_']).find_map(number)
    };
    match entry.system.as_str() {
        "alpine" => {
            let word = tag
                .split(['-', '_'])
                .find_map(|part| part.strip_prefix("alpine").filter(|rest| !rest.is_empty()));
            word.map(str::to_owned).or_else(own)
        }
        // `debian:11.5` is of Debian 11.
        "debian" => named(&DEBIAN).or_else(|| Some(own()?.split('.').next()?.to_owned())),
        "ubuntu" | "chiseled" => named(&UBUNTU).or_else(own),
        _ => None,
    }
}

impl Release {
    /// The text of a file that says which release it is.
    pub(super) fn told(&self, text: &str) -> String {
        let Self::Other(others) = self else { return text.to_owned() };
        let told = |line: &str| {
            let other = others.iter().find(|(head, _)| line.starts_with(head));
            other.map_or_else(|| line.to_owned(), |(_, line)| line.clone()) + "\n"
        };
        text.lines().map(told).collect()
    }
}

/// The lines of those files that tell the release.
fn lines(system: &str, wanted: &str) -> Vec<(&'static str, String)> {
    let name = |table: &'static [(&str, &str)]| {
        let named = table.iter().find(|(known, _)| *known == wanted);
        named.map_or_else(|| UNKNOWN.to_string(), |(_, name)| (*name).to_owned())
    };
    match system {
        "alpine" => {
            let short = wanted.split('.').take(2).collect::<Vec<_>>().join(".");
            vec![
                ("VERSION_ID=", format!("VERSION_ID={}", whole(wanted))),
                ("PRETTY_NAME=", format!("PRETTY_NAME=\"Alpine Linux v{short}\"")),
                // The one line of another file.
                ("3.", whole(wanted)),
            ]
        }
        "debian" => {
            let name = name(&DEBIAN);
            vec![
                ("PRETTY_NAME=", format!("PRETTY_NAME=\"Debian GNU/Linux {wanted} ({name})\"")),
                ("VERSION_ID=", format!("VERSION_ID=\"{wanted}\"")),
                ("VERSION=", format!("VERSION=\"{wanted} ({name})\"")),
                ("VERSION_CODENAME=", format!("VERSION_CODENAME={name}")),
            ]
        }
        _ => vec![
            ("PRETTY_NAME=", format!("PRETTY_NAME=\"Ubuntu {wanted}{UNKNOWN}\"")),
            ("VERSION_ID=", format!("VERSION_ID=\"{wanted}\"")),
            ("VERSION_CODENAME=", format!("VERSION_CODENAME={}", name(&UBUNTU))),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use stagecraft_sandbox::UNKNOWN;

    fn variable(reference: &str, name: &str) -> String {
        let image = Catalogue::builtin().resolve(reference).expect("the built-in catalogue always answers");
        let pair = image.config.env.iter().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_default().replace(UNKNOWN, "…")
    }

    fn file(reference: &str, path: &str) -> String {
        let image = Catalogue::builtin().resolve(reference).expect("the built-in catalogue always answers");
        match image.tree.read(path) {
            Ok(file) => {
                String::from_utf8_lossy(file.content.known().unwrap_or_default()).replace(UNKNOWN, "…")
            }
            Err(error) => format!("{:?}", error.kind),
        }
    }

    #[test]
    fn variables_name_the_version_that_was_asked_for() {
        for (reference, name, value) in [
            ("node:18-alpine", "NODE_VERSION", "18.…"),
            ("node:18.17.1-alpine", "NODE_VERSION", "18.17.1"),
            ("node:24-bookworm-slim", "NODE_VERSION", "24.20.0"),
            ("python:3.12-slim", "PYTHON_VERSION", "3.12.…"),
            ("python:3.12.4-slim", "PYTHON_SHA256", "…"),
            ("golang:1.22", "GOLANG_VERSION", "1.22.…"),
            ("golang", "GOLANG_VERSION", "1.27.1"),
            ("rust:1.80", "RUST_VERSION", "1.80.…"),
            ("eclipse-temurin:17-jdk", "JAVA_VERSION", "jdk-17.…"),
        ] {
            assert_eq!(variable(reference, name), value, "{reference}");
        }
    }

    #[test]
    fn files_have_the_version_that_was_asked_for_in_their_names() {
        let image =
            Catalogue::builtin().resolve("python:3.12-slim").expect("the built-in catalogue always answers");
        assert!(
            image.tree.exists("/usr/local/lib/python3.12/site-packages")
                && image.tree.exists("/usr/local/bin/python3.12")
        );
        assert!(!image.tree.exists("/usr/local/lib/python3.14"));
        assert!(image.tree.stat("/usr/local/bin/python3").is_ok());
    }

    #[test]
    fn files_name_the_release_that_was_asked_for() {
        for (reference, path, text) in [
            ("alpine:3.19", "/etc/alpine-release", "3.19.…\n"),
            ("alpine:3.19.1", "/etc/alpine-release", "3.19.1\n"),
            ("alpine:3.24", "/etc/alpine-release", "3.24.2\n"),
            ("node:24-alpine3.20", "/etc/alpine-release", "3.20.…\n"),
            ("node:18-alpine", "/etc/alpine-release", "Unlisted"),
        ] {
            assert_eq!(file(reference, path), text, "{reference}");
        }
        for (reference, part) in [
            ("alpine:3.19", "VERSION_ID=3.19.…\nPRETTY_NAME=\"Alpine Linux v3.19\""),
            ("debian:bullseye", "PRETTY_NAME=\"Debian GNU/Linux 11 (bullseye)\""),
            ("debian:11-slim", "VERSION_ID=\"11\"\nVERSION=\"11 (bullseye)\"\nVERSION_CODENAME=bullseye\n"),
            ("debian:bookworm-slim", "VERSION_CODENAME=bookworm\n"),
            ("debian", "VERSION_CODENAME=trixie\n"),
            ("python:3.12-slim-bookworm", "VERSION_CODENAME=bookworm\n"),
            ("ubuntu:22.04", "VERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\n"),
            ("ubuntu:jammy", "PRETTY_NAME=\"Ubuntu 22.04…\""),
        ] {
            assert!(
                file(reference, "/etc/os-release").contains(part),
                "{reference}: {}",
                file(reference, "/etc/os-release")
            );
        }
    }
}
