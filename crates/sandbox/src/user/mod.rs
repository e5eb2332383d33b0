//! Users and groups: `/etc/passwd` and `/etc/group` as the runtime and the commands read them.

use crate::tree::Tree;
use std::borrow::Cow;

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

/// Goes through the lines of a file until one gives an answer. Nothing is copied: containers ask at every start.
fn first<T>(tree: &Tree, path: &str, mut of: impl FnMut(&str) -> Option<T>) -> Option<T> {
    let file = tree.read(path).ok()?;
    let bytes = file.content.known()?;
    let lossy = || Cow::Owned(String::from_utf8_lossy(bytes).into_owned());
    std::str::from_utf8(bytes).map_or_else(|_| lossy(), Cow::Borrowed).lines().find_map(&mut of)
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
    let by_name = first(tree, "/etc/passwd", |line| {
        let likely = Some(line).filter(|line| line.starts_with(name))?;
        read_user(likely).filter(|user| user.0 == name).map(owned_user)
    });
    by_name.or_else(|| {
        let number: u32 = name.parse().ok()?;
        first(tree, "/etc/passwd", |line| read_user(line).filter(|user| user.1 == number).map(owned_user))
    })
}

/// A group by name or number.
pub fn find_group(tree: &Tree, name: &str) -> Option<Group> {
    let by_name = first(tree, "/etc/group", |line| {
        let likely = Some(line).filter(|line| line.starts_with(name))?;
        read_group(likely).filter(|group| group.0 == name).map(owned_group)
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
            first(tree, "/etc/group", |line| {
                // Most groups list nobody.
                let listing =
                    Some(line).filter(|line| fields(line).nth(3).is_some_and(|list| !list.is_empty()))?;
                let own =
                    read_group(listing).filter(|(.., list)| members(list).any(|member| member == found.name));
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
