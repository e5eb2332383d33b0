//! Users and groups: `/etc/passwd` and `/etc/group` as the runtime and the commands read them.

use crate::tree::Tree;

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

fn lines(tree: &Tree, path: &str) -> Vec<String> {
    let Ok(file) = tree.read(path) else { return Vec::new() };
    let Some(bytes) = file.content.known() else { return Vec::new() };
    String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect()
}

/// The users of `/etc/passwd`, in order; lines that are no users are passed over.
pub fn users(tree: &Tree) -> Vec<User> {
    lines(tree, "/etc/passwd")
        .iter()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            let home = fields.nth(1).unwrap_or("").to_owned();
            let shell = fields.next().unwrap_or("").to_owned();
            Some(User { name, uid, gid, home, shell })
        })
        .collect()
}

/// The groups of `/etc/group`, in order.
pub fn groups(tree: &Tree) -> Vec<Group> {
    lines(tree, "/etc/group")
        .iter()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let gid = fields.nth(1)?.parse().ok()?;
            let members = fields.next().unwrap_or("").split(',').filter(|m| !m.is_empty());
            Some(Group { name, gid, members: members.map(str::to_owned).collect() })
        })
        .collect()
}

/// A user by name or number.
pub fn find_user(tree: &Tree, name: &str) -> Option<User> {
    let all = users(tree);
    let by_name = all.iter().find(|user| user.name == name);
    by_name
        .or_else(|| name.parse().ok().and_then(|uid: u32| all.iter().find(|user| user.uid == uid)))
        .cloned()
}

/// A group by name or number.
pub fn find_group(tree: &Tree, name: &str) -> Option<Group> {
    let all = groups(tree);
    let by_name = all.iter().find(|group| group.name == name);
    by_name
        .or_else(|| name.parse().ok().and_then(|gid: u32| all.iter().find(|group| group.gid == gid)))
        .cloned()
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
            identity.groups = groups(tree)
                .into_iter()
                .filter(|group| group.members.contains(&found.name))
                .map(|group| group.gid)
                .collect();
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
