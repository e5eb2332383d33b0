//! Slash-separated paths, as Go's `path` package and BuildKit's `util/system` treat them: those of a Linux image as
//! they are, those of a Windows image with either slash and with the drive `C:`.

use smol_str::SmolStr;
use stagecraft_dockerfile::go::quote;
use std::borrow::Cow;

/// The operating system whose images have drives.
const WINDOWS: &str = "windows";

/// The shortest path that means the same; `.` for an empty one (Go `path.Clean`).
pub(crate) fn clean(path: &str) -> Cow<'_, str> {
    if is_clean(path) { path.into() } else { cleaned(path).into() }
}

/// Whether a path has none of the parts that [`clean`] takes away, as most have not.
fn is_clean(path: &str) -> bool {
    let inner = path.strip_prefix('/').unwrap_or(path);
    let (mut length, mut dots) = (0_usize, 0_usize);
    for b in inner.bytes() {
        if b != b'/' {
            length += 1;
            dots += usize::from(b == b'.');
        } else if length == dots && dots <= 2 {
            return false;
        } else {
            (length, dots) = (0, 0);
        }
    }
    length != dots || dots > 2 || path == "/"
}

fn cleaned(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut out = String::with_capacity(path.len() + 1);
    if rooted {
        out.push('/');
    }
    let root = out.len();
    for part in path.split('/') {
        let last = out.get(root..).unwrap_or_default();
        match part {
            "" | "." => {}
            ".." if !last.is_empty() && last != ".." && !last.ends_with("/..") => {
                out.truncate(root + last.rfind('/').unwrap_or_default());
            }
            ".." if rooted => {}
            _ => {
                if !last.is_empty() {
                    out.push('/');
                }
                out.push_str(part);
            }
        }
    }
    if out.is_empty() {
        out.push('.');
    }
    out
}

/// Both parts with a slash between, cleaned; empty only if both are (Go `path.Join`).
pub(crate) fn join<'p>(parent: &'p str, path: &'p str) -> Cow<'p, str> {
    match (parent.is_empty(), path.is_empty()) {
        (true, true) => "".into(),
        (true, false) => clean(path),
        (false, true) => clean(parent),
        (false, false) => {
            let both = [parent.trim_end_matches('/'), "/", path.trim_start_matches('/')].concat();
            if is_clean(&both) { both.into() } else { cleaned(&both).into() }
        }
    }
}

/// The last element (Go `path.Base`).
pub(crate) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// Absolute: joined to `parent` where it is relative, otherwise as it is (BuildKit `system.NormalizePath`).
///
/// # Errors
/// On Windows a path on another drive, of a network, or of nothing but a drive.
pub(crate) fn normalize<'p>(
    parent: &'p str,
    path: &'p str,
    os: &str,
    keep_slash: bool,
) -> Result<Cow<'p, str>, String> {
    if os != WINDOWS {
        return Ok(absolute(parent, path, path, keep_slash));
    }
    let original = to_slash(path, os);
    let parent = without_drive(if parent.is_empty() { "/" } else { parent }, os, keep_slash)?;
    if original.is_empty() {
        return Ok(absolute(&parent, "", "", keep_slash).into_owned().into());
    }
    let path = without_drive(&original, os, keep_slash)?;
    Ok(absolute(&parent, &path, &original, keep_slash).into_owned().into())
}

/// As [`normalize`], of paths without drives; the end is kept that `written` has.
fn absolute<'p>(parent: &'p str, path: &'p str, written: &str, keep_slash: bool) -> Cow<'p, str> {
    let mut out = if path.starts_with('/') {
        Cow::Borrowed(path)
    } else {
        let parent = if parent.starts_with('/') { Cow::Borrowed(parent) } else { join("/", parent) };
        match parent {
            parent if path.is_empty() => parent,
            Cow::Borrowed(parent) => join(parent, path),
            Cow::Owned(parent) => join(&parent, path).into_owned().into(),
        }
    };
    if keep_slash {
        keep_end(written, &mut out);
    }
    out
}

/// With slashes only (BuildKit `system.ToSlash`).
pub(crate) fn to_slash<'p>(path: &'p str, os: &str) -> Cow<'p, str> {
    if os == WINDOWS && path.contains('\\') { path.replace('\\', "/").into() } else { path.into() }
}

/// As the operating system writes it (BuildKit `system.FromSlash`).
pub(crate) fn from_slash(path: &str, os: &str) -> String {
    if os == WINDOWS { path.replace('/', "\\") } else { path.to_owned() }
}

/// Whether a path starts at the root of its drive (BuildKit `system.IsAbs`).
pub(crate) fn is_absolute(path: &str, os: &str) -> bool {
    without_drive(path, os, false).is_ok_and(|path| path.starts_with('/'))
}

/// A path of a Windows image cleaned and without its drive, which has to be `C:`; any other as it is (BuildKit
/// `system.CheckSystemDriveAndRemoveDriveLetter`, with what its callers put before its errors).
///
/// # Errors
/// As for [`normalize`].
pub(crate) fn without_drive<'p>(path: &'p str, os: &str, keep_slash: bool) -> Result<Cow<'p, str>, String> {
    if os != WINDOWS {
        return Ok(path.into());
    }
    let refused = |why: &str| Err(format!("removing drive letter: {why}"));
    if path.len() == 2 && path.ends_with(':') {
        return refused(&format!("No relative path specified in {}", quote(path)));
    }
    let slashed = to_slash(path, os);
    if slashed.starts_with("//") {
        return refused("UNC paths are not supported");
    }
    let path = match slashed.split_once(':') {
        None => &*slashed,
        Some((drive, path)) if drive.eq_ignore_ascii_case("c") => path,
        Some(_) => return refused("The specified path is not on the system drive (C:)"),
    };
    let mut out = clean(path).into_owned();
    if keep_slash && out.len() > 1 && path.ends_with('/') {
        out.push('/');
    }
    Ok(out.into())
}

/// Absolute and cleaned (BuildKit `llb.normalizePath` below the root).
pub(crate) fn in_action(path: &str, keep_slash: bool) -> SmolStr {
    // Most paths are clean but for a slash at the end.
    let inner = path.strip_suffix('/').unwrap_or(path);
    if !inner.is_empty() && is_clean(inner) {
        let kept = if keep_slash { path } else { inner };
        return if inner.starts_with('/') { kept.into() } else { ["/", kept].concat().into() };
    }
    let mut out = if path.starts_with('/') { clean(path) } else { join("/", path) };
    if keep_slash {
        keep_end(path, &mut out);
    }
    out.into()
}

fn keep_end(original: &str, out: &mut Cow<'_, str>) {
    if original.ends_with('/') {
        if !out.ends_with('/') {
            out.to_mut().push('/');
        }
    } else if original.ends_with("/.") && !out.ends_with("/.") {
        let end = if *out == "/" { "." } else { "/." };
        out.to_mut().push_str(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, want) in [
            ("", "."),
            ("/", "/"),
            ("a//b/./c/", "a/b/c"),
            ("/../a", "/a"),
            ("../a/..", ".."),
            ("/a/../..", "/"),
        ] {
            assert_eq!(clean(path), want, "{path}");
        }
        assert_eq!(join("/app", "./"), "/app");
        assert_eq!(base("/a/b/"), "b");
        assert_eq!(base("//"), "/");
    }

    #[test]
    fn a_drive_is_taken_off_windows_paths() {
        for (path, want) in [
            ("C:\\a\\..\\b\\", Ok("/b/")),
            ("c:x", Ok("/app/x")),
            ("\\x/y", Ok("/x/y")),
            ("", Ok("/app")),
            ("D:\\x", Err("removing drive letter: The specified path is not on the system drive (C:)")),
            ("\\\\host\\x", Err("removing drive letter: UNC paths are not supported")),
            ("c:", Err("removing drive letter: No relative path specified in \"c:\"")),
        ] {
            let found = normalize("\\app", path, "windows", true);
            assert_eq!(found.as_deref().map_err(String::as_str), want, "{path}");
        }
        assert!(is_absolute("C:\\x", "windows") && !is_absolute("C:\\x", "linux"));
    }

    #[test]
    fn a_slash_at_the_end_is_kept() {
        assert_eq!(normalize("/app", "./", "linux", true).unwrap(), "/app/");
        assert_eq!(normalize("/app", "x/.", "linux", true).unwrap(), "/app/x/.");
        assert_eq!(normalize("", "x", "linux", false).unwrap(), "/x");
        assert_eq!(in_action("/a/../b/", true), "/b/");
    }
}
