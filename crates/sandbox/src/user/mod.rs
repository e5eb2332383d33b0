//! Users and groups: `/etc/passwd` and `/etc/group` as the runtime and the commands read them.

use crate::tree::{Node, Tree};
use std::sync::Arc;

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: String,
    /// Number.
    pub uid: u32,
    /// Number of the first group.
    pub gid: u32,
    /// Home directory.
    pub home: String,
    /// Login shell.
    pub shell: String,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// Number.
    pub gid: u32,
    /// Names of its members.
    pub members: Vec<String>,
}

/// Reads a file. Nothing is copied: containers ask at every start.
fn read<T>(tree: &Tree, path: &str, of: impl FnOnce(&str) -> Option<T>) -> Option<T> {
    let file = match tree.get(path) {
        Some(Node::File(file)) => Arc::clone(file),
        _ => tree.read(path).ok()?,
    };
    let bytes = file.content.known()?;
    match std::str::from_utf8(bytes) {
        Ok(text) => of(text),
        Err(_) => of(&String::from_utf8_lossy(bytes)),
    }
}

/// Goes through the lines of a file until one gives an answer.
fn first<T>(tree: &Tree, path: &str, of: impl FnMut(&str) -> Option<T>) -> Option<T> {
    read(tree, path, |text| text.lines().find_map(of))
}

/// The same with those lines only that a word is in, which are quickly found.
fn first_with<T>(tree: &Tree, path: &str, word: &str, mut of: impl FnMut(&str) -> Option<T>) -> Option<T> {
    read(tree, path, |text| {
        let mut rest = text;
        while let Some(at) = rest.find(word) {
            let (before, after) = rest.split_at_checked(at)?;
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let end = after.find('\n').map(|end| at + end);
            let line = rest.get(start..end.unwrap_or(rest.len()))?;
            let line = if end.is_some() { line.strip_suffix('\r').unwrap_or(line) } else { line };
            if let Some(answer) = of(line) {
                return Some(answer);
            }
            rest = rest.get(end? + 1..)?;
        }
        None
    })
}

/// The fields of a line.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let end = line.bytes().position(|byte| byte == b':');
        rest = end.and_then(|end| line.get(end + 1..));
        end.map_or(Some(line), |end| line.get(..end))
    })
}

/// A line of `/etc/passwd`, if it is of a user: name, number, first group, home and shell.
fn read_user(line: &str) -> Option<(&str, u32, u32, &str, &str)> {
    let mut fields = fields(line);
    let name = fields.next()?;
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some((name, uid, gid, fields.nth(1).unwrap_or(""), fields.next().unwrap_or("")))
}

/// A line of `/etc/group`, if it is of a group: name, number and members.
fn read_group(line: &str) -> Option<(&str, u32, &str)> {
    let mut fields = fields(line);
    Some((fields.next()?, fields.nth(1)?.parse().ok()?, fields.next().unwrap_or("")))
}

fn owned_user((name, uid, gid, home, shell): (&str, u32, u32, &str, &str)) -> User {
    User { name: name.to_owned(), uid, gid, home: home.to_owned(), shell: shell.to_owned() }
}

fn members(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|member| !member.is_empty())
}

fn owned_group((name, gid, list): (&str, u32, &str)) -> Group {
    Group { name: name.to_owned(), gid, members: members(list).map(str::to_owned).collect() }
}

/// The users of `/etc/passwd`, in order; lines that are no users are passed over.
pub fn users(tree: &Tree) -> Vec<User> {
    let mut users = Vec::new();
    first(tree, "/etc/passwd", |line| {
        users.extend(read_user(line).map(owned_user));
        None::<()>
    });
    users
}

/// The groups of `/etc/group`, in order.
pub fn groups(tree: &Tree) -> Vec<Group> {
    let mut groups = Vec::new();
    first(tree, "/etc/group", |line| {
        groups.extend(read_group(line).map(owned_group));
        None::<()>
    });
    groups
}

/// A user by name or number.
pub fn find_user(tree: &Tree, name: &str) -> Option<User> {
    let by_name = first_with(tree, "/etc/passwd", name, |line| {
        read_user(line).filter(|user| user.0 == name).map(owned_user)
    });
    by_name.or_else(|| {
        let number: u32 = name.parse().ok()?;
        first(tree, "/etc/passwd", |line| read_user(line).filter(|user| user.1 == number).map(owned_user))
    })
}

/// A group by name or number.
pub fn find_group(tree: &Tree, name: &str) -> Option<Group> {
    let by_name = first_with(tree, "/etc/group", name, |line| {
        read_group(line).filter(|group| group.0 == name).map(owned_group)
    });
    by_name.or_else(|| {
        let number: u32 = name.parse().ok()?;
        first(tree, "/etc/group", |line| read_group(line).filter(|group| group.1 == number).map(owned_group))
    })
}

/// Who a `USER` is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Further groups.
    pub groups: Vec<u32>,
    /// Home directory, `/` where none is known.
    pub home: String,
}

/// Why a `USER` is nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityError {
    /// No such user.
    User(String),
    /// No such group.
    Group(String),
}

/// Resolves `user[:group]` as the runtime does: names from the files, numbers as they are; without a group
/// the user's first group and the groups that list it.
///
/// # Errors
/// A name that the files do not have.
pub fn identity(tree: &Tree, spec: &str) -> Result<Identity, IdentityError> {
    let (user, group) = spec.split_once(':').map_or((spec, None), |(user, group)| (user, Some(group)));
    let user = if user.is_empty() { "0" } else { user };
    let found = find_user(tree, user);
    let mut identity = Identity { home: "/".to_owned(), ..Identity::default() };
    match &found {
        Some(found) => {
            identity.uid = found.uid;
            identity.gid = found.gid;
            if !found.home.is_empty() {
                identity.home.clone_from(&found.home);
            }
            first_with(tree, "/etc/group", &found.name, |line| {
                let own =
                    read_group(line).filter(|(.., list)| members(list).any(|member| member == found.name));
                identity.groups.extend(own.map(|(_, gid, _)| gid));
                None::<()>
            });
        }
        None => match user.parse() {
            Ok(uid) => identity.uid = uid,
            Err(_) => return Err(IdentityError::User(user.to_owned())),
        },
    }
    if found.is_none() && identity.uid == 0 {
        "/root".clone_into(&mut identity.home);
    }
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        identity.gid = match (find_group(tree, group), group.parse()) {
            (Some(found), _) => found.gid,
            (None, Ok(gid)) => gid,
            (None, Err(_)) => return Err(IdentityError::Group(group.to_owned())),
        };
        identity.groups.clear();
    }
    Ok(identity)
}
