//! Image references as `docker/distribution` reads them.

/// Why a reference is refused; nothing if it is well formed.
pub(super) fn check(text: &str) -> Result<(), String> {
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err(format!(
            "invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
        ));
    }
    let (domain, remainder) = split_domain(text);
    let remote = remainder.split(':').next().unwrap_or_default();
    if remote.to_lowercase() != remote {
        return Err("invalid reference format: repository name must be lowercase".to_owned());
    }
    let invalid = || "invalid reference format".to_owned();
    let (rest, digest) = match remainder.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (remainder.as_str(), None),
    };
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let well_formed = domain.is_none_or(is_domain)
        && path.split('/').all(is_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest);
    if !well_formed {
        return Err(invalid());
    }
    if domain.unwrap_or("docker.io").len() + 1 + path.len() > 255 {
        return Err("repository name must not be more than 255 characters".to_owned());
    }
    Ok(())
}

/// The domain, if there is one, and the rest with `library/` where the name is official.
fn split_domain(text: &str) -> (Option<&str>, String) {
    let first = text.split_once('/').filter(|(first, _)| {
        first.contains(['.', ':']) || *first == "localhost" || first.to_lowercase() != **first
    });
    match first {
        Some(("index.docker.io" | "docker.io", _)) | None => {
            let rest = first.map_or(text, |(_, rest)| rest);
            let official = if rest.contains('/') { rest.to_owned() } else { format!("library/{rest}") };
            (None, official)
        }
        Some((domain, rest)) => (Some(domain), rest.to_owned()),
    }
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (domain, None),
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(label)
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Lower case letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut separator = String::new();
    let ends = |b: Option<&u8>| b.is_some_and(|b| plain(*b));
    if !ends(name.as_bytes().first()) || !ends(name.as_bytes().last()) {
        return false;
    }
    for c in name.chars() {
        match c {
            '.' | '_' | '-' => separator.push(c),
            c if c.is_ascii() && plain(c as u8) => {
                let good = matches!(separator.as_str(), "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
                if !good {
                    return false;
                }
                separator.clear();
            }
            _ => return false,
        }
    }
    true
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+.".contains(&b))
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// A tag's familiar form, as `Successfully tagged` prints it.
pub(super) fn familiar(tag: &str) -> String {
    let name = tag.strip_prefix("docker.io/").or_else(|| tag.strip_prefix("index.docker.io/")).unwrap_or(tag);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || last.contains('@') { name.to_owned() } else { format!("{name}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for good in ["alpine", "alpine:3.19", "a/b/c", "localhost:5000/x:y", "ghcr.io/a/b_c__d-e.f", "Host.io/x"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let digest = format!("alpine@sha256:{}", "a".repeat(64));
        assert_eq!(check(&digest), Ok(()));
        for bad in ["", "-x", "a..b", "a:", "a/b//c", "a b", "x@sha256:1", "a:-t"] {
            assert_eq!(check(bad).unwrap_err(), "invalid reference format", "{bad}");
        }
        assert_eq!(check("Alpine").unwrap_err(), "invalid reference format: repository name must be lowercase");
    }
}
