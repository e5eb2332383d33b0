//! Paths as text: always with `/`, absolute ones begin with it.

/// The names in a path; empty ones and `.` are left out, `..` is kept.
pub fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty() && *name != ".")
}

/// Go's `path.Clean`: shortest equivalent by text alone, `.` where nothing is left.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in components(path) {
        if name == ".." {
            match names.last() {
                Some(&last) if last != ".." => {
                    names.pop();
                }
                _ if rooted => {}
                _ => names.push(name),
            }
        } else {
            names.push(name);
        }
    }
    let text = names.join("/");
    if rooted {
        format!("/{text}")
    } else if text.is_empty() {
        ".".to_owned()
    } else {
        text
    }
}

/// Go's `path.Join(base, path)`: cleaned.
pub fn join(base: &str, path: &str) -> String {
    if base.is_empty() {
        return if path.is_empty() { String::new() } else { clean(path) };
    }
    clean(&format!("{base}/{path}"))
}

/// `path` seen from the directory `base`: cleaned, absolute, never above the root.
pub fn absolute(base: &str, path: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("/{base}/{path}")) }
}

/// The path of an entry of a directory; `/` and the empty path are the root.
pub fn child(dir: &str, name: &str) -> String {
    let dir = dir.strip_suffix('/').unwrap_or(dir);
    let mut path = String::with_capacity(dir.len() + 1 + name.len());
    path.push_str(dir);
    path.push('/');
    path.push_str(name);
    path
}

/// The directory of a cleaned absolute path; `/` for the root.
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((dir, _)) => dir,
        None => ".",
    }
}

/// The last name of a cleaned path; empty for the root.
pub fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
