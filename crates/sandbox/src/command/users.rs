//! `adduser`, `addgroup`, `deluser`, `delgroup` as BusyBox has them, `passwd`, `chpasswd`, and the options of all that
//! change accounts.

use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use crate::tree::Meta;
use crate::user::{self, Group, User};
use std::sync::Arc;

/// What is asked for.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
pub(super) struct Wish {
    pub(super) words: Vec<String>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<String>,
    pub(super) more: Vec<String>,
    pub(super) append: bool,
    pub(super) home: Option<String>,
    /// Where home directories lie.
    pub(super) base: Option<String>,
    pub(super) shell: Option<String>,
    pub(super) gecos: Option<String>,
    pub(super) system: bool,
    pub(super) no_home: bool,
    /// For `usermod`: move it.
    pub(super) make_home: bool,
    pub(super) own_group: bool,
    pub(super) no_own_group: bool,
    pub(super) force: bool,
    pub(super) login: Option<String>,
    /// As hashed.
    pub(super) password: Option<String>,
    pub(super) no_password: bool,
    pub(super) bad_name: bool,
    pub(super) quiet: bool,
    /// 1 locks, -1 unlocks.
    pub(super) lock: i8,
}

/// Reads the options of all of these; letters mean different things in the two families.
pub(super) fn wish(p: &mut Process<'_, '_>, busybox: bool) -> Result<Wish, Halt> {
    let mut wish = Wish::default();
    let args = std::mem::take(&mut p.args);
    let shadow =
        matches!(p.name.as_str(), "useradd" | "usermod" | "groupadd" | "groupmod" | "userdel" | "groupdel");
    let list =
        |text: String| text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut words = args.into_iter();
    while let Some(arg) = words.next() {
        if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (long.to_owned(), None),
            };
            let mut value = || value.clone().or_else(|| words.next()).unwrap_or_default();
            match name.as_str() {
                "uid" => wish.uid = value().parse().ok(),
                "gid" | "ingroup" => wish.gid = Some(value()),
                "groups" => wish.more = list(value()),
                "append" => wish.append = true,
                "home" | "home-dir" => wish.home = Some(value()),
                "shell" => wish.shell = Some(value()),
                "gecos" | "comment" => wish.gecos = Some(value()),
                "system" => wish.system = true,
                "no-create-home" => wish.no_home = true,
                "create-home" => wish.make_home = true,
                "group" | "user-group" => wish.own_group = true,
                "no-user-group" => wish.no_own_group = true,
                "login" | "new-name" => wish.login = Some(value()),
                "force" | "non-unique" => wish.force = true,
                "disabled-password" | "disabled-login" => wish.no_password = true,
                "quiet" => wish.quiet = true,
                "move-home" => wish.make_home = true,
                "allow-bad-names" | "force-badname" | "allow-badname" | "badname" => wish.bad_name = true,
                "password" => wish.password = Some(value()),
                "lock" => wish.lock = 1,
                "unlock" => wish.lock = -1,
                "no-log-init" => {}
                "base-dir" => wish.base = Some(value()),
                _ => return p.option(arg),
            }
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            wish.words.push(arg);
            continue;
        };
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or("").to_owned();
            let mut took = false;
            let mut value = || {
                took = true;
                if rest.is_empty() { words.next().unwrap_or_default() } else { rest.clone() }
            };
            match (letter, busybox && !shadow) {
                ('u', _) => wish.uid = value().parse().ok(),
                ('G', true) => wish.gid = Some(value()),
                ('G', false) => wish.more = list(value()),
                ('g', true) if p.name == "adduser" => wish.gecos = Some(value()),
                ('g', _) => wish.gid = Some(value()),
                ('h', true) | ('d', _) => wish.home = Some(value()),
                ('s', _) => wish.shell = Some(value()),
                ('c', false) => wish.gecos = Some(value()),
                ('S', true) | ('r', false) => wish.system = true,
                ('H', true) | ('M', false) => wish.no_home = true,
                ('m', false) => wish.make_home = true,
                ('L', false) => wish.lock = 1,
                ('U', false) if p.name == "usermod" => wish.lock = -1,
                ('U', false) => wish.own_group = true,
                ('N', false) => wish.no_own_group = true,
                ('f' | 'o', false) => wish.force = true,
                ('a', false) => wish.append = true,
                ('l', false) if p.name == "usermod" => wish.login = Some(value()),
                ('n', false) if p.name == "groupmod" => wish.login = Some(value()),
                ('p', false) => wish.password = Some(value()),
                ('k', true) => {
                    value();
                }
                ('b', false) => wish.base = Some(value()),
                ('q', false) => wish.quiet = true,
                ('D', true) | ('l', false) => {}
                (other, _) => return p.option(format!("-{other}")),
            }
            if took {
                break;
            }
        }
    }
    Ok(wish)
}

fn free(taken: impl Fn(u32) -> bool, system: bool) -> u32 {
    let mut range = if system { 100..=999 } else { 1000..=59_999 };
    range.find(|id| !taken(*id)).unwrap_or(60_000)
}

/// Changes the lines of a file that may be missing; shadow's tools leave the old one with a minus sign.
fn change(
    p: &mut Process<'_, '_>,
    path: &str,
    backup: bool,
    edit: impl FnOnce(&mut Vec<String>),
) -> Result<bool, Halt> {
    let old = match p.content(path)? {
        Ok(content) => match content.known() {
            Some(bytes) => bytes.to_vec(),
            None => return Ok(false),
        },
        Err(_) => return Ok(false),
    };
    let mut lines = super::lines(&old);
    edit(&mut lines);
    let mut text = lines.join("\n");
    text.push('\n');
    if text.as_bytes() == old.as_slice() {
        return Ok(true);
    }
    if backup {
        let _ = p.write_file(&format!("{path}-"), old)?;
    }
    Ok(p.write_file(path, text.into_bytes())?.is_ok())
}

/// Adds a line to a file that is made if it is missing.
fn add_line(p: &mut Process<'_, '_>, path: &str, line: String, backup: bool) -> Result<(), Halt> {
    if p.stat(path)?.is_err() {
        let _ = p.write_file(path, format!("{line}\n").into_bytes())?;
        return Ok(());
    }
    change(p, path, backup, |lines| lines.push(line)).map(drop)
}

fn add_group(p: &mut Process<'_, '_>, name: &str, gid: u32, backup: bool) -> Result<(), Halt> {
    add_line(p, "/etc/group", format!("{name}:x:{gid}:"), backup)?;
    if p.probe("/etc/gshadow").is_some() {
        change(p, "/etc/gshadow", backup, |lines| lines.push(format!("{name}:!::")))?;
    }
    Ok(())
}

fn add_member(p: &mut Process<'_, '_>, user: &str, group: &str, backup: bool) -> Result<(), Halt> {
    let head = format!("{group}:");
    change(p, "/etc/group", backup, |lines| {
        for line in lines.iter_mut().filter(|line| line.starts_with(&head)) {
            let members = line.rsplit(':').next().unwrap_or("");
            if !members.split(',').any(|member| member == user) {
                if !members.is_empty() {
                    line.push(',');
                }
                line.push_str(user);
            }
        }
    })?;
    Ok(())
}

/// Makes a home directory with what `/etc/skel` holds.
pub(super) fn make_home(p: &mut Process<'_, '_>, home: &str, meta: Meta) -> Result<(), Halt> {
    let existed = p.probe(home).is_some();
    let path = p.path(home);
    if existed && p.busybox() {
        // BusyBox takes over what is there.
        let _ = p.m.tree.chown(&path, Some(meta.uid), Some(meta.gid), true);
        let _ = p.m.tree.chmod(&path, meta.mode);
    }
    if existed {
        return Ok(());
    }
    let root = p.cred.clone();
    if p.m.mkdir_all(&root, &path, 0o755)?.is_err() {
        return Ok(());
    }
    if let Ok(skel) = p.m.tree.read_dir("/etc/skel") {
        for (name, node) in skel.entries() {
            let mut node = node.clone();
            node.set_meta(Meta { mode: node.meta().mode, ..meta });
            node.set_origin(Some(Arc::clone(&p.m.origin)));
            let _ = p.m.tree.put(&format!("{path}/{name}"), node);
        }
    }
    let _ = p.m.tree.chown(&path, Some(meta.uid), Some(meta.gid), true);
    let _ = p.m.tree.chmod(&path, meta.mode);
    Ok(())
}

pub(super) fn known(p: &Process<'_, '_>) -> (Vec<User>, Vec<Group>) {
    (user::users(&p.m.tree), user::groups(&p.m.tree))
}

/// Says that a user or group is missing; where a command without a model may have made it, that is said instead.
pub(super) fn nobody(p: &mut Process<'_, '_>, code: u8, text: &str) -> Run {
    if p.m.incomplete {
        return Err(Halt::Unknown(crate::shell::Why::MayExist("/etc/passwd".to_owned())));
    }
    p.fail(code, text)
}

pub(super) fn denied(p: &mut Process<'_, '_>) -> Option<Run> {
    if p.cred.uid == 0 {
        return None;
    }
    Some(match p.name.as_str() {
        "adduser" | "addgroup" | "deluser" | "delgroup" if p.busybox() => {
            p.fail(1, "permission denied (are you root?)")
        }
        "adduser" | "addgroup" => p.fail(1, "Only root may add a user or group to the system."),
        _ => {
            let file = if p.name.starts_with("group") { "/etc/group" } else { "/etc/passwd" };
            p.complain("Permission denied.")
                .and_then(|()| p.fail(1, &format!("cannot lock {file}; try again later.")))
        }
    })
}

/// `adduser` of BusyBox, or Debian's.
pub(super) fn adduser(p: &mut Process<'_, '_>) -> Run {
    if !p.busybox() {
        return super::adduser::adduser(p);
    }
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, true)?;
    let Some(name) = wish.words.first().cloned() else { return super::usage(p) };
    if let Some(group) = wish.words.get(1) {
        return to_group(p, &name, group);
    }
    let (users, groups) = known(p);
    if users.iter().any(|user| user.name == name) {
        return p.fail(1, &format!("user '{name}' in use"));
    }
    if let Some(uid) = wish.uid.filter(|uid| users.iter().any(|user| user.uid == *uid)) {
        return p.fail(1, &format!("uid '{uid}' in use"));
    }
    let uid = wish.uid.unwrap_or_else(|| free(|id| users.iter().any(|user| user.uid == id), wish.system));
    let mut own = false;
    let gid = match &wish.gid {
        Some(group) => match groups
            .iter()
            .find(|found| found.name == *group)
            .map(|group| group.gid)
            .or_else(|| group.parse().ok())
        {
            Some(gid) => gid,
            None => return p.fail(1, &format!("unknown group {group}")),
        },
        None if wish.system => match groups.iter().find(|group| group.name == "nogroup") {
            Some(group) => group.gid,
            None => return nobody(p, 1, "unknown group nogroup"),
        },
        None => {
            own = true;
            let taken = |id: u32| groups.iter().any(|group| group.gid == id);
            if groups.iter().any(|group| group.name == name) {
                return p.fail(1, &format!("group name '{name}' is in use"));
            }
            if taken(uid) { free(taken, wish.system) } else { uid }
        }
    };
    let home = wish.home.clone().unwrap_or_else(|| format!("/home/{name}"));
    let shell =
        wish.shell.clone().unwrap_or_else(|| if wish.system { "/bin/false" } else { "/bin/sh" }.to_owned());
    let gecos = wish.gecos.clone().unwrap_or_else(|| "Linux User,,,".to_owned());
    if own {
        add_group(p, &name, gid, true)?;
    }
    add_line(p, "/etc/passwd", format!("{name}:x:{uid}:{gid}:{gecos}:{home}:{shell}"), true)?;
    shadow(p, &name, true)?;
    if let Some(group) = &wish.gid {
        add_member(p, &name, group, true)?;
    }
    if !wish.no_home && home != "/nonexistent" {
        if p.stat(crate::tree::parent(&p.path(&home)))?.is_err() {
            // It makes the last directory alone.
            return p.fail(1, &[&home, ": No such file or directory"].concat());
        }
        make_home(p, &home, Meta { mode: 0o2755, uid, gid })?;
    }
    Ok(0)
}

/// The line of `/etc/shadow`; its day is that of the simulated clock.
fn shadow(p: &mut Process<'_, '_>, name: &str, backup: bool) -> Result<(), Halt> {
    if p.probe("/etc/shadow").is_some() {
        change(p, "/etc/shadow", backup, |lines| lines.push(format!("{name}:!:20454:0:99999:7:::")))?;
    }
    Ok(())
}

fn to_group(p: &mut Process<'_, '_>, user: &str, group: &str) -> Run {
    let (users, groups) = known(p);
    if !users.iter().any(|found| found.name == user) {
        return p.fail(1, &format!("unknown user {user}"));
    }
    if !groups.iter().any(|found| found.name == group) {
        return p.fail(1, &format!("unknown group {group}"));
    }
    add_member(p, user, group, false)?;
    Ok(0)
}

/// `addgroup` of BusyBox, or Debian's.
pub(super) fn addgroup(p: &mut Process<'_, '_>) -> Run {
    if !p.busybox() {
        return super::adduser::adduser(p);
    }
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, true)?;
    let Some(name) = wish.words.first().cloned() else { return super::usage(p) };
    if let Some(group) = wish.words.get(1) {
        return to_group(p, &name, group);
    }
    let (_, groups) = known(p);
    if groups.iter().any(|group| group.name == name) {
        return p.fail(1, &format!("group '{name}' in use"));
    }
    let wanted: Option<u32> = wish.gid.as_ref().and_then(|gid| gid.parse().ok());
    if let Some(gid) = wanted.filter(|gid| groups.iter().any(|group| group.gid == *gid)) {
        return p.fail(1, &format!("gid '{gid}' in use"));
    }
    let gid = wanted.unwrap_or_else(|| free(|id| groups.iter().any(|group| group.gid == id), wish.system));
    add_group(p, &name, gid, false)?;
    Ok(0)
}

/// `deluser` and `delgroup` of BusyBox, or Debian's.
pub(super) fn delete(p: &mut Process<'_, '_>) -> Run {
    if !p.busybox() {
        return super::adduser::deluser(p);
    }
    if let Some(denied) = denied(p) {
        return denied;
    }
    let removes_home = p.args.iter().any(|arg| matches!(arg.as_str(), "-r" | "--remove-home"));
    let words: Vec<String> = p.args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let Some(name) = words.first().cloned() else { return super::usage(p) };
    let (users, groups) = known(p);
    let head = format!("{name}:");
    if p.name == "delgroup" {
        if let Some(group) = words.get(1) {
            let head = format!("{group}:");
            change(p, "/etc/group", true, |lines| {
                let found = lines.iter_mut().filter(|line| line.starts_with(&head));
                found.for_each(|line| without(line, &name));
            })?;
            return Ok(0);
        }
        let Some(group) = groups.iter().find(|group| group.name == name) else {
            return p.fail(1, &format!("unknown group {name}"));
        };
        if let Some(user) = users.iter().find(|user| user.gid == group.gid) {
            return p.fail(1, &format!("'{}' still has '{name}' as their primary group!", user.name));
        }
        change(p, "/etc/group", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
        change(p, "/etc/gshadow", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
        return Ok(0);
    }
    let Some(user) = users.iter().find(|user| user.name == name) else {
        return p.fail(1, &format!("unknown user {name}"));
    };
    change(p, "/etc/passwd", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
    change(p, "/etc/shadow", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
    change(p, "/etc/group", true, |lines| {
        lines.retain(|line| !line.starts_with(&head));
        for line in lines.iter_mut() {
            without(line, &name);
        }
    })?;
    if removes_home {
        let _ = p.m.tree.remove_all(&user.home);
    }
    Ok(0)
}

/// Takes a member out of the line of a group.
fn without(line: &mut String, name: &str) {
    let Some((head, members)) = line.rsplit_once(':') else { return };
    let kept: Vec<&str> = members.split(',').filter(|member| *member != name && !member.is_empty()).collect();
    *line = format!("{head}:{}", kept.join(","));
}

/// `passwd` and `chpasswd`: the hash has a random salt, so that what they write is not known.
pub(super) fn password(p: &mut Process<'_, '_>) -> Run {
    let named = p.args.iter().rev().find(|arg| !arg.starts_with('-')).cloned();
    if let Some(name) =
        named.filter(|name| p.name == "passwd" && !known(p).0.iter().any(|user| user.name == *name))
    {
        let text =
            if p.busybox() { ["unknown user ", &name, ""] } else { ["user '", &name, "' does not exist"] };
        return p.fail(1, &text.concat());
    }
    let lock = match p.args.as_slice() {
        [flag, name] | [name, flag] if matches!(flag.as_str(), "-l" | "-u" | "-d") => {
            Some((flag.clone(), name.clone()))
        }
        _ => None,
    };
    if let Some((flag, name)) = lock.filter(|_| p.name == "passwd" && !p.busybox()) {
        return super::groups::lock(p, &flag, &name);
    }
    if p.name == "chpasswd" && !p.busybox() {
        let input = p.stdin();
        return super::groups::chpasswd(p, &input);
    }
    if p.stat("/etc/shadow")?.is_ok() && p.cred.uid == 0 {
        let words = p.stdin();
        let digest = p.m.digest_of(&[&words, p.args.join(" ").as_bytes()]);
        let old = p.content("/etc/shadow")?;
        let size = old.map_or(0, |content| content.size());
        let content = crate::tree::Content::Modelled { size: size + 90, digest, source: Arc::from("passwd") };
        let _ = p.write_content("/etc/shadow", content)?;
        p.m.at_least(crate::shell::Certainty::Modelled);
    }
    Ok(0)
}
