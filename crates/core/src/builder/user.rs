//! Users and groups by name, in an image's own `/etc/passwd` and `/etc/group`.

use stagecraft_sandbox::tree::Tree;

/// The first entry of a name in `/etc/passwd`: user and group numbers.
pub fn user(tree: &Tree, name: &str) -> Option<(u32, u32)> {
    lines(tree, "/etc/passwd").iter().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let uid = fields.nth(1)?.parse().ok()?;
        Some((uid, fields.next()?.parse().ok()?))
    })
}

/// The first entry of a name in `/etc/group`.
pub fn group(tree: &Tree, name: &str) -> Option<u32> {
    lines(tree, "/etc/group").iter().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        fields.nth(1)?.parse().ok()
    })
}

fn lines(tree: &Tree, path: &str) -> Vec<String> {
    let file = tree.read(path).ok();
    let text = file.as_ref().and_then(|file| file.content.known());
    text.map(|text| String::from_utf8_lossy(text).lines().map(str::to_owned).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagecraft_sandbox::tree::{Content, Meta};

    #[test]
    fn names_are_found_in_the_images_files() {
        let mut tree = Tree::new();
        assert_eq!(user(&tree, "app"), None);
        tree.mkdir("/etc", Meta::root(0o755), None).unwrap();
        let passwd = Content::bytes("root:x:0:0::/:/bin/sh\nbad\napp:x:10:20::/:\n");
        tree.write("/etc/passwd", passwd, Meta::root(0o644), None).unwrap();
        tree.write("/etc/group", Content::bytes("wheel:x:7:\n"), Meta::root(0o644), None).unwrap();
        assert_eq!(user(&tree, "app"), Some((10, 20)));
        assert_eq!(group(&tree, "wheel"), Some(7));
        assert_eq!(group(&tree, "app"), None);
    }
}
