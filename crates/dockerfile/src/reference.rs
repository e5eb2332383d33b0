//! Image references (`distribution/reference`): `alpine` is `docker.io/library/alpine:latest`.
//!
//! ```
//! use stagecraft_dockerfile::reference::Reference;
//!
//! let image = Reference::parse_normalized("golang:1.22").unwrap().tag_name_only();
//! assert_eq!(image.to_string(), "docker.io/library/golang:1.22");
//! assert_eq!(image.familiar(), "golang:1.22");
//! assert_eq!(Reference::parse_normalized("a b").unwrap_err(), "invalid reference format");
//! ```

use crate::go::text::lower;
use std::fmt::{self, Display, Formatter};

const DEFAULT_DOMAIN: &str = "docker.io";
const LEGACY_DOMAIN: &str = "index.docker.io";
const OFFICIAL: &str = "library/";
const DEFAULT_TAG: &str = "latest";
const MAX_PATH: usize = 255;

const INVALID: &str = "invalid reference format";

/// An image by name, with tag, digest, both or neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// Registry, with port if it has one: `docker.io`. Empty where what should be one is none (`a.b__c/d`).
    pub domain: String,
    /// Repository in the registry: `library/alpine`.
    pub path: String,
    /// `3.20`
    pub tag: Option<String>,
    /// `sha256:…`
    pub digest: Option<String>,
}

impl Reference {
    /// Reads a reference as people write it (`ParseNormalizedNamed`); no tag is added.
    ///
    /// # Errors
    /// As the reference words them.
    pub fn parse_normalized(text: &str) -> Result<Self, String> {
        let text = spelled_out(text)?;
        let Parts { domain, path, tag, digest } = parse(&text)?;
        Ok(Self {
            domain: domain.to_owned(),
            path: path.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The whole reference, with `latest` where there is neither tag nor digest: what [`Reference::tag_name_only`] of
    /// [`Reference::parse_normalized`] is written as.
    ///
    /// # Errors
    /// As the reference words them.
    pub fn full(text: &str) -> Result<String, String> {
        let mut text = spelled_out(text)?;
        let Parts { tag, digest, .. } = parse(&text)?;
        if tag.is_none() && digest.is_none() {
            text.push(':');
            text.push_str(DEFAULT_TAG);
        }
        Ok(text)
    }

    /// As [`Reference::parse_normalized`], with `latest` where there is neither tag nor digest, and without the
    /// tag where there are both (`ParseDockerRef`).
    ///
    /// # Errors
    /// As the reference words them.
    pub fn parse_docker(text: &str) -> Result<Self, String> {
        let mut found = Self::parse_normalized(text)?.tag_name_only();
        if found.digest.is_some() {
            found.tag = None;
        }
        Ok(found)
    }

    /// Adds `latest` where there is neither tag nor digest (`TagNameOnly`).
    #[must_use]
    pub fn tag_name_only(mut self) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some(DEFAULT_TAG.to_owned());
        }
        self
    }

    /// Registry and repository.
    pub fn name(&self) -> String {
        if self.domain.is_empty() { self.path.clone() } else { format!("{}/{}", self.domain, self.path) }
    }

    /// Registry and repository as people write them: without `docker.io` and `library`.
    pub fn familiar_name(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return self.name();
        }
        match self.path.strip_prefix(OFFICIAL) {
            Some(name) if !name.contains('/') => name.to_owned(),
            _ => self.path.clone(),
        }
    }

    /// The whole reference as people write it (`FamiliarString`).
    pub fn familiar(&self) -> String {
        format!("{}{}", self.familiar_name(), Suffix(self))
    }
}

/// The whole reference: `docker.io/library/alpine:3.20@sha256:…`.
impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.domain.is_empty() {
            f.write_str(&self.domain)?;
            f.write_str("/")?;
        }
        f.write_str(&self.path)?;
        Suffix(self).fmt(f)
    }
}

struct Suffix<'r>(&'r Reference);

impl Display for Suffix<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(tag) = &self.0.tag {
            f.write_str(":")?;
            f.write_str(tag)?;
        }
        if let Some(digest) = &self.0.digest {
            f.write_str("@")?;
            f.write_str(digest)?;
        }
        Ok(())
    }
}

fn is_hex(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'f')
}

/// The text with registry and `library/` before it where they are left out.
fn spelled_out(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.bytes().all(is_hex) {
        return Err(format!("invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"));
    }
    let (domain, prefix, rest) = split_domain(text);
    let remote = cut(rest, b':').map_or(rest, |(remote, _)| remote);
    if lower(remote) != remote {
        return Err(format!("{INVALID}: repository name ({prefix}{remote}) must be lowercase"));
    }
    let mut out = String::with_capacity(domain.len() + prefix.len() + rest.len() + DEFAULT_TAG.len() + 2);
    out.extend([domain, "/", prefix, rest]);
    Ok(out)
}

/// Reads a reference that names its registry (`Parse`).
fn parse(text: &str) -> Result<Parts<'_>, String> {
    let Some(found) = split(text) else {
        let why = if split(&lower(text)).is_some() { "repository name must be lowercase" } else { INVALID };
        return Err(why.to_owned());
    };
    if found.path.len() > MAX_PATH {
        return Err(format!("repository name must not be more than {MAX_PATH} characters"));
    }
    if let Some(digest) = found.digest {
        check_digest(digest)?;
    }
    Ok(found)
}

/// A [`Reference`] in its text.
struct Parts<'t> {
    domain: &'t str,
    path: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

/// Registry, what is put before the rest, and the rest, as the client takes them apart before it looks at the grammar.
fn split_domain(text: &str) -> (&str, &'static str, &str) {
    let (domain, rest) = match cut(text, b'/') {
        Some((LEGACY_DOMAIN, rest)) => (DEFAULT_DOMAIN, rest),
        Some((first, rest))
            if first == "localhost" || first.contains(['.', ':']) || lower(first) != first =>
        {
            (first, rest)
        }
        _ => (DEFAULT_DOMAIN, text),
    };
    let official = domain == DEFAULT_DOMAIN && cut(rest, b'/').is_none();
    (domain, if official { OFFICIAL } else { "" }, rest)
}

/// The grammar: `domain/path[:tag][@digest]`.
fn split(text: &str) -> Option<Parts<'_>> {
    let (rest, digest) = match cut(text, b'@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let name = rest;
    let (domain, rest) = cut(rest, b'/')?;
    let (path, tag) = match cut(rest, b':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    // What is no registry may be the start of the path.
    let is_domain = is_domain(domain);
    let fits = (is_domain || is_path_component(domain))
        && is_path(path)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest);
    let (domain, path) = if is_domain {
        (domain, path)
    } else {
        ("", name.get(..domain.len() + 1 + path.len()).unwrap_or_default())
    };
    fits.then_some(Parts { domain, path, tag, digest })
}

/// The text before and behind the first byte of a kind. These texts are too short for anything but to look.
fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|b| b == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn is_path(mut text: &str) -> bool {
    while let Some((part, rest)) = cut(text, b'/') {
        if !is_path_component(part) {
            return false;
        }
        text = rest;
    }
    is_path_component(text)
}

fn is_domain(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let is_address = |b: u8| b.is_ascii_hexdigit() || b == b':';
        return !address.is_empty()
            && address.bytes().all(is_address)
            && (port.is_empty() || is_port(port.strip_prefix(':')));
    }
    let (host, port) = match cut(text, b':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let component = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(component) && (port.is_none() || is_port(port))
}

fn is_port(port: Option<&str>) -> bool {
    port.is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Runs of lower case letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_path_component(text: &str) -> bool {
    let is_plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut rest = text.as_bytes();
    loop {
        let run = rest.iter().take_while(|b| is_plain(b)).count();
        if run == 0 {
            return false;
        }
        rest = rest.get(run..).unwrap_or_default();
        let separator = rest.iter().take_while(|b| !is_plain(b)).count();
        match rest.get(..separator).unwrap_or_default() {
            [] => return true,
            b"." | b"_" | b"__" => {}
            dashes if dashes.iter().all(|b| *b == b'-') => {}
            _ => return false,
        }
        rest = rest.get(separator..).unwrap_or_default();
    }
}

/// Whether an image may be tagged so.
pub fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let component = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    algorithm.split(['-', '_', '+', '.']).all(component)
        && hex.len() >= 32
        && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What `go-digest` says of a digest that has the form of one.
///
/// # Errors
/// As it words them.
pub fn check_digest(digest: &str) -> Result<(), String> {
    let fail = |why: &str| Err(why.to_owned());
    let Some((algorithm, encoded)) = digest.split_once(':').filter(|(a, e)| !a.is_empty() && !e.is_empty())
    else {
        return fail("invalid checksum digest format");
    };
    let size = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => {
            let component = |part: &str| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            let known_form = algorithm.split(['-', '_', '+', '.']).all(component)
                && encoded.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-'));
            return fail(if known_form {
                "unsupported digest algorithm"
            } else {
                "invalid checksum digest format"
            });
        }
    };
    if encoded.len() != size {
        return fail("invalid checksum digest length");
    }
    if encoded.bytes().all(is_hex) { Ok(()) } else { fail("invalid checksum digest format") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes() {
        for (text, full, familiar) in [
            ("alpine", "docker.io/library/alpine:latest", "alpine:latest"),
            ("a/b", "docker.io/a/b:latest", "a/b:latest"),
            ("docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"),
            ("index.docker.io/a/b:1", "docker.io/a/b:1", "a/b:1"),
            ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
            ("ghcr.io/a/b__c/d---e.f:V1", "ghcr.io/a/b__c/d---e.f:V1", "ghcr.io/a/b__c/d---e.f:V1"),
            ("host:5000/x", "host:5000/x:latest", "host:5000/x:latest"),
            ("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest"),
            ("a.b__c/x", "a.b__c/x:latest", "a.b__c/x:latest"),
            ("Reg/x", "Reg/x:latest", "Reg/x:latest"),
        ] {
            let found = Reference::parse_normalized(text).unwrap().tag_name_only();
            assert_eq!((found.to_string().as_str(), found.familiar().as_str()), (full, familiar), "{text}");
            assert_eq!(Reference::full(text).as_deref(), Ok(full));
        }
        let digest = format!("x:1@sha256:{}", "a".repeat(64));
        assert_eq!(Reference::parse_docker(&digest).unwrap().tag, None);
        assert_eq!(Reference::parse_normalized(&digest).unwrap().familiar(), digest);
    }

    #[test]
    fn refuses_in_the_references_words() {
        let hex = "a".repeat(64);
        for (text, expected) in [
            ("", "invalid reference format"),
            ("a b", "invalid reference format"),
            ("a:", "invalid reference format"),
            (":a", "invalid reference format"),
            ("a@b", "invalid reference format"),
            ("a/-b", "invalid reference format"),
            ("a..b/c", "invalid reference format"),
            ("a___b", "invalid reference format"),
            ("a:b:c", "invalid reference format"),
            ("$x", "invalid reference format"),
            ("https://a/b", "invalid reference format"),
            ("Alpine", "invalid reference format: repository name (library/Alpine) must be lowercase"),
            ("a/B:x", "invalid reference format: repository name (a/B) must be lowercase"),
            (&hex, &format!("invalid repository name ({hex}), cannot specify 64-byte hexadecimal strings")),
            (&format!("a@sha256:{}", "a".repeat(63)), "invalid checksum digest length"),
            (&format!("a@sha256:{}", "A".repeat(64)), "invalid checksum digest format"),
            (&format!("a@md5:{}", "a".repeat(32)), "unsupported digest algorithm"),
            (&"a".repeat(300), "repository name must not be more than 255 characters"),
        ] {
            assert_eq!(Reference::parse_normalized(text).unwrap_err(), *expected, "{text}");
        }
    }
}
