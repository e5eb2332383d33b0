//! Where apt gets its lists from: `sources.list` and the files beside it. Messages of apt 2.6.

use crate::model::{release, text};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::Process;

const DIR: &str = "/etc/apt/sources.list.d";

/// Whether there are no others than the distribution's own.
pub(super) fn are_own(p: &mut Process<'_, '_>) -> bool {
    let added = crate::model::files(p, DIR);
    let own = |name: &String| matches!(name.as_str(), "debian.sources" | "ubuntu.sources");
    added.iter().all(own) && !p.m.tree.exists("/etc/apt/sources.list") && !p.m.incomplete
}

/// Whether this release's packages have been moved away from where its image looks for them: what was known in 2026.
pub(super) fn have_moved(p: &mut Process<'_, '_>) -> bool {
    release(p, "debian").is_some_and(|release| release < 11.0)
        || release(p, "ubuntu").is_some_and(|release| {
            let lasting = [14.04, 16.04, 18.04, 20.04, 22.04, 24.04];
            release < 25.0 && !lasting.iter().any(|known: &f64| (known - release).abs() < 0.001)
        })
}

/// What is wrong with the files, as each command says that reads them; what cannot be verified only where the lists are
/// fetched.
pub(super) fn problem(p: &mut Process<'_, '_>, fetches: bool) -> Result<bool, Halt> {
    let mut paths: Vec<String> =
        crate::model::files(p, DIR).iter().map(|name| [DIR, "/", name].concat()).collect();
    paths.push("/etc/apt/sources.list".to_owned());
    for path in paths {
        let list = path.ends_with(".list");
        let Some(text) =
            text(p, &path).filter(|text| (list || path.ends_with(".sources")) && !text.contains(UNKNOWN))
        else {
            continue;
        };
        let found =
            if list { lines(p, &path, &text, fetches)? } else { paragraphs(p, &path, &text, fetches)? };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unreadable(p: &mut Process<'_, '_>, what: &str) -> Result<bool, Halt> {
    p.error(&["E: ", what].concat())?;
    p.error("E: The list of sources could not be read.")?;
    Ok(true)
}

/// One line for each source.
fn lines(p: &mut Process<'_, '_>, path: &str, text: &str, fetches: bool) -> Result<bool, Halt> {
    for (at, line) in text.lines().enumerate() {
        let at = at + 1;
        let line = line.split('#').next().unwrap_or("").trim();
        let Some((kind, rest)) = line.split_once([' ', '\t']).or((!line.is_empty()).then_some((line, "")))
        else {
            continue;
        };
        if !matches!(kind, "deb" | "deb-src") {
            return unreadable(p, &format!("Type '{kind}' is not known on line {at} in source list {path}"));
        }
        let rest = rest.trim();
        let (options, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((options, rest)) => (options, rest),
            None => ("", rest),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let lacks = match words.as_slice() {
            [] => "URI",
            [_] => "Suite",
            // A suite that ends with a slash is a path, and has no components.
            [_, suite] if !suite.ends_with('/') => "Component",
            _ => "",
        };
        if !lacks.is_empty() {
            return unreadable(p, &format!("Malformed entry {at} in list file {path} ({lacks})"));
        }
        let option = |name: &str| {
            options.split_whitespace().find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
        };
        let [uri, suite, ..] = words.as_slice() else { continue };
        if fetches
            && option("trusted") != Some("yes")
            && let Some(keys) = option("signed-by")
            && unsigned(p, uri, suite, keys)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The format of `.sources` files.
fn paragraphs(p: &mut Process<'_, '_>, path: &str, text: &str, fetches: bool) -> Result<bool, Halt> {
    for (at, paragraph) in text.split("\n\n").filter(|text| !text.trim().is_empty()).enumerate() {
        let field = |name: &str| {
            paragraph.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        if field("Enabled").is_some_and(|value| matches!(value, "no" | "false")) || field("Types").is_none() {
            continue;
        }
        let (Some(uri), Some(suite)) = (field("URIs"), field("Suites")) else {
            let lacks = if field("URIs").is_none() { "URI" } else { "Suite" };
            return unreadable(p, &format!("Malformed entry {} in sources file {path} ({lacks})", at + 1));
        };
        // Without a path behind it the key itself stands there.
        if fetches
            && field("Trusted") != Some("yes")
            && let Some(keys) = field("Signed-By").filter(|keys| keys.starts_with('/'))
            && unsigned(p, uri, suite, keys)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Says that a repository's signature cannot be checked, where none of the files of keys is there.
fn unsigned(p: &mut Process<'_, '_>, uri: &str, suite: &str, keys: &str) -> Result<bool, Halt> {
    for path in keys.split([',', ' ']).filter(|path| !path.is_empty()) {
        if !path.starts_with('/') || !crate::model::absent(p, path)? {
            return Ok(false);
        }
    }
    let of = [uri.trim_end_matches('/'), " ", suite, " InRelease"].concat();
    p.error(&format!(
        "W: GPG error: {of}: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY {UNKNOWN}"
    ))?;
    p.error(&["E: The repository '", &of, "' is not signed."].concat())?;
    Ok(true)
}
