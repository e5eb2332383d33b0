//! Addresses that `ADD` fetches: repositories and downloads (BuildKit `dfgitutil`, `gitutil`, `llb.Git`).

use super::super::Git;
use super::super::fault::Fault;
use crate::resolve::path;
use stagecraft_dockerfile::go::{parse_bool, quote};
pub(in crate::plan) use stagecraft_dockerfile::reference::check_digest;

/// A repository as an address names it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::plan) struct Reference {
    host: String,
    path: String,
    remote: String,
    revision: String,
    subdir: String,
    checksum: String,
    keep_git_dir: Option<bool>,
    submodules: Option<bool>,
    fetch_by_commit: bool,
}

/// What the instruction's flags ask for; addresses may add to it.
pub(super) struct Settings {
    pub(super) keep_git_dir: Option<bool>,
    pub(super) checksum: String,
}

impl Settings {
    /// The source for an address; what it asks for stays in force for those behind it, as in BuildKit.
    pub(super) fn source(&mut self, from: Reference) -> Result<Git, Fault> {
        if let (Some(flag), Some(address)) = (self.keep_git_dir, from.keep_git_dir)
            && flag != address
        {
            return Err(Fault::new("git-source", "inconsistent keep-git-dir configuration"));
        }
        self.keep_git_dir = from.keep_git_dir.or(self.keep_git_dir);
        if !self.checksum.is_empty() && !from.checksum.is_empty() && self.checksum != from.checksum {
            let message = format!("checksum mismatch {} != {}", quote(&self.checksum), quote(&from.checksum));
            return Err(Fault::new("invalid-checksum", message));
        }
        if !from.checksum.is_empty() {
            self.checksum.clone_from(&from.checksum);
        }
        let mut identifier = format!("git://{}{}", from.host, path::join("/", &from.path));
        if !from.revision.is_empty() || !from.subdir.is_empty() {
            identifier.push('#');
            identifier.push_str(&from.revision);
            if !from.subdir.is_empty() {
                identifier.push(':');
                identifier.push_str(&from.subdir);
            }
        }
        Ok(Git {
            identifier,
            remote: from.remote,
            reference: from.revision,
            subdir: from.subdir,
            checksum: self.checksum.clone(),
            keep_git_dir: self.keep_git_dir.unwrap_or(false),
            skip_submodules: from.submodules == Some(false),
            fetch_by_commit: from.fetch_by_commit,
        })
    }
}

/// Reads a source as a repository; `None` if it is something else.
pub(in crate::plan) fn parse(source: &str) -> Result<Option<Reference>, Fault> {
    let Some((address, scp)) = Address::parse(source) else { return Ok(None) };
    let web = matches!(address.scheme, "http" | "https");
    if !scp && web && decode(address.path).is_none_or(|path| path.strip_suffix(".git").is_none()) {
        return Ok(None);
    }
    let Some(path) = (if scp { Some(address.path.to_owned()) } else { decode(address.path) }) else {
        return Ok(None);
    };
    let (reference, subdir) = address.fragment.split_once(':').unwrap_or((address.fragment, ""));
    let subdir = path::join("/", subdir);
    let mut found = Reference {
        host: address.host.to_owned(),
        path,
        remote: address.remote.to_owned(),
        revision: reference.to_owned(),
        subdir: subdir.trim_start_matches('/').to_owned(),
        ..Reference::default()
    };
    found.load_query(address.query).map_err(|message| Fault::new("git-source", message))?;
    Ok(Some(found))
}

/// Whether a source is a repository.
pub(super) fn is_git(source: &str) -> bool {
    matches!(parse(source), Ok(Some(_)))
}

/// Whether a source is a download.
pub(in crate::plan) fn is_http(source: &str) -> bool {
    (source.starts_with("http://") || source.starts_with("https://")) && !is_git(source)
}

/// What a download is called.
pub(super) fn filename(source: &str) -> String {
    let unnamed = || "__unnamed__".to_owned();
    let Some((address, _)) = Address::parse(source) else { return unnamed() };
    let Some(path) = decode(address.path) else { return unnamed() };
    match path::base(&path) {
        "." | "/" => unnamed(),
        name => name.to_owned(),
    }
}

struct Address<'s> {
    scheme: &'static str,
    host: &'s str,
    path: &'s str,
    query: &'s str,
    fragment: &'s str,
    /// Without query and fragment.
    remote: &'s str,
}

impl<'s> Address<'s> {
    /// The address, and whether it is of the form `user@host:path`.
    fn parse(source: &'s str) -> Option<(Self, bool)> {
        if !source.bytes().any(|b| b == b':') {
            return None;
        }
        let (before, fragment) = source.split_once('#').unwrap_or((source, ""));
        let (remote, query) = before.split_once('?').unwrap_or((before, ""));
        let protocol = source.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if protocol > 0 && source.get(protocol..)?.starts_with("://") {
            let name = source.get(..protocol)?;
            let scheme =
                ["http", "https", "ssh", "git"].into_iter().find(|known| name.eq_ignore_ascii_case(known))?;
            let rest = remote.get(protocol + 3..)?;
            let (authority, path) = match rest.find('/') {
                Some(at) => rest.split_at(at),
                None => (rest, ""),
            };
            if source.bytes().any(|b| b < b' ' || b == 0x7f)
                || authority.contains([' ', '<', '>', '"', '^', '`'])
            {
                return None;
            }
            let host = authority.rsplit('@').next().unwrap_or(authority);
            if let Some((_, port)) = host.rsplit_once(':')
                && !host.ends_with(']')
                && !port.bytes().all(|b| b.is_ascii_digit())
            {
                return None;
            }
            return Some((Self { scheme, host, path, query, fragment, remote }, false));
        }
        let (user, rest) = remote.split_once('@')?;
        let (host, path) = rest.split_once(':')?;
        let word = |text: &str, more: &[u8]| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
        };
        (word(user, b"-_") && word(host, b"-."))
            .then_some((Self { scheme: "ssh", host, path, query, fragment, remote }, true))
    }
}

/// Undoes percent encoding; `None` where it is malformed.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let [first, rest @ ..] = bytes {
        bytes = rest;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let [high, low, rest @ ..] = rest else { return None };
        let digit = |b: u8| char::from(b).to_digit(16);
        out.push((digit(*high)? * 16 + digit(*low)?) as u8);
        bytes = rest;
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

impl Reference {
    fn load_query(&mut self, query: &str) -> Result<(), String> {
        let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let plain = |text: &str| decode(&text.replace('+', " "));
            let (Some(key), Some(value)) = (plain(key), plain(value)) else { continue };
            match pairs.iter_mut().find(|(other, _)| *other == key) {
                Some((_, values)) => values.push(value),
                None => pairs.push((key, vec![value])),
            }
        }
        let (mut tag, mut branch) = (String::new(), String::new());
        for (key, values) in pairs {
            let [value] = values.as_slice() else {
                return Err(format!("query {} has multiple values", quote(&key)));
            };
            let switch = || {
                if value.is_empty() {
                    return Ok(true);
                }
                parse_bool(value).ok_or_else(|| format!("invalid {key} value: {}", quote(value)))
            };
            if value.is_empty() && !matches!(key.as_str(), "submodules" | "keep-git-dir" | "fetch-by-commit")
            {
                return Err(format!("query {} has no value", quote(&key)));
            }
            match key.as_str() {
                "ref" => set(&mut self.revision, value, "ref")?,
                "tag" => tag.clone_from(value),
                "branch" => branch.clone_from(value),
                "subdir" => set(&mut self.subdir, value, "subdir")?,
                "checksum" | "commit" => self.checksum.clone_from(value),
                "keep-git-dir" => self.keep_git_dir = Some(switch()?),
                "submodules" => self.submodules = Some(switch()?),
                "fetch-by-commit" => self.fetch_by_commit = switch()?,
                "mtime" if matches!(value.as_str(), "checkout" | "commit") => {}
                "mtime" => {
                    return Err(format!(
                        "invalid mtime value: {} (must be \"checkout\" or \"commit\")",
                        quote(value)
                    ));
                }
                _ => return Err(format!("unexpected query {}", quote(&key))),
            }
        }
        if !tag.is_empty() {
            set(&mut self.revision, &prefixed("refs/tags/", &tag), "ref")?;
        }
        if !branch.is_empty() {
            if !tag.is_empty() {
                return Err("branch conflicts with tag".into());
            }
            set(&mut self.revision, &prefixed("refs/heads/", &branch), "ref")?;
        }
        Ok(())
    }
}

fn set(slot: &mut String, value: &str, what: &str) -> Result<(), String> {
    if !slot.is_empty() && slot != value {
        return Err(format!("{what} conflicts: {} vs {}", quote(slot), quote(value)));
    }
    value.clone_into(slot);
    Ok(())
}

fn prefixed(prefix: &str, name: &str) -> String {
    if name.starts_with(prefix) { name.to_owned() } else { format!("{prefix}{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(source: &str) -> String {
        let reference = parse(source).unwrap().unwrap();
        Settings { keep_git_dir: None, checksum: String::new() }.source(reference).unwrap().identifier
    }

    #[test]
    fn repositories() {
        assert_eq!(identifier("https://github.com/a/b.git#v1:sub/../dir"), "git://github.com/a/b.git#v1:dir");
        assert_eq!(identifier("git@github.com:a/b"), "git://github.com/a/b");
        assert_eq!(identifier("https://x.y/z.git?tag=v1"), "git://x.y/z.git#refs/tags/v1");
        for source in ["a", "./a", "https://a/b", "ftp://a/b.git", "a:b", "github.com/a/b"] {
            assert_eq!(parse(source).unwrap(), None, "{source}");
        }
        assert_eq!(parse("https://a/b.git?x=1").unwrap_err().message, "unexpected query \"x\"");
    }

    #[test]
    fn downloads() {
        assert!(is_http("https://a/b.tar.gz") && !is_http("https://a/b.git"));
        assert_eq!(filename("https://a/b%20c?x=y"), "b c");
        assert_eq!(filename("https://a/"), "__unnamed__");
        assert_eq!(filename("https://a"), "__unnamed__");
    }
}
