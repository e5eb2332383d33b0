//! Slash-separated paths, as Go's `path` package and BuildKit's `util/system` treat them on Linux.

/// The shortest path that means the same; `.` for an empty one (Go `path.Clean`).
pub(crate) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// Both parts with a slash between, cleaned; empty only if both are (Go `path.Join`).
pub(crate) fn join(parent: &str, path: &str) -> String {
    match (parent.is_empty(), path.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(path),
        (false, true) => clean(parent),
        (false, false) => clean(&format!("{parent}/{path}")),
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
pub(crate) fn normalize(parent: &str, path: &str, keep_slash: bool) -> String {
    let parent = if parent.starts_with('/') { parent.to_owned() } else { join("/", parent) };
    let mut out = if path.is_empty() {
        parent
    } else if path.starts_with('/') {
        path.to_owned()
    } else {
        join(&parent, path)
    };
    if keep_slash {
        keep_end(path, &mut out);
    }
    out
}

/// Absolute and cleaned (BuildKit `llb.normalizePath`).
pub(crate) fn in_action(parent: &str, path: &str, keep_slash: bool) -> String {
    let mut out = clean(path);
    if !out.starts_with('/') {
        out = join(&format!("/{parent}"), &out);
    }
    if keep_slash {
        keep_end(path, &mut out);
    }
    out
}

fn keep_end(original: &str, out: &mut String) {
    if original.ends_with('/') {
        if !out.ends_with('/') {
            out.push('/');
        }
    } else if original.ends_with("/.") && !out.ends_with("/.") {
        if out != "/" {
            out.push('/');
        }
        out.push('.');
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
    fn a_slash_at_the_end_is_kept() {
        assert_eq!(normalize("/app", "./", true), "/app/");
        assert_eq!(normalize("/app", "x/.", true), "/app/x/.");
        assert_eq!(normalize("", "x", false), "/x");
        assert_eq!(in_action("/", "/a/../b/", true), "/b/");
    }
}
