//! `adduser`, `addgroup`, `deluser`, `delgroup` (BusyBox and Debian), `useradd`, `groupadd`, `usermod`, `userdel`,
//! `groupdel`, `groupmod` (shadow), `passwd`, `chpasswd`.

use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use crate::tree::Meta;
use crate::user::{self, Group, User};
use std::sync::Arc;

/// What is asked for.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option")]
struct Wish {
    words: Vec<String>,
    uid: Option<u32>,
    gid: Option<String>,
    more: Vec<String>,
    append: bool,
    home: Option<String>,
    shell: Option<String>,
    gecos: Option<String>,
    system: bool,
    no_home: bool,
    make_home: bool,
    own_group: bool,
    no_own_group: bool,
    force: bool,
    login: Option<String>,
}

/// Reads the options of all of these; letters mean different things in the two families.
fn wish(p: &mut Process<'_, '_>, busybox: bool) -> Result<Wish, Halt> {
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
                "login" => wish.login = Some(value()),
                "force" | "non-unique" => wish.force = true,
                "disabled-password" | "disabled-login" | "quiet" | "no-log-init" | "remove-home"
                | "remove" | "move-home" | "allow-bad-names" | "force-badname" | "allow-badname" => {}
                "password" | "key" | "base-dir" | "skel" | "expiredate" | "firstuid" | "lastuid" => {
                    value();
                }
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
                ('U', false) => wish.own_group = true,
                ('N', false) => wish.no_own_group = true,
                ('f' | 'o', _) => wish.force = true,
                ('a', false) => wish.append = true,
                ('l', false) if p.name == "usermod" => wish.login = Some(value()),
                ('n', false) if p.name == "groupmod" => wish.login = Some(value()),
                ('k' | 'p' | 'K' | 'b' | 'e', _) => {
                    value();
                }
                ('D' | 'q' | 'l' | 'r' | 'L' | 'U', _) => {}
                (other, _) => return p.option(format!("-{other}")),
            }
            if took {
                break;
            }
        }
    }
    Ok(wish)
}

fn free(taken: impl Fn(u32) -> bool, system: bool, downwards: bool) -> u32 {
    let range = if system { 100..=999 } else { 1000..=59_999 };
    let found = if downwards && system {
        range.rev().find(|id| !taken(*id))
    } else {
        range.into_iter().find(|id| !taken(*id))
    };
    found.unwrap_or(60_000)
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
    if p.stat("/etc/gshadow")?.is_ok() {
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
fn make_home(p: &mut Process<'_, '_>, home: &str, meta: Meta) -> Result<(), Halt> {
    let existed = p.stat(home)?.is_ok();
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

fn known(p: &Process<'_, '_>) -> (Vec<User>, Vec<Group>) {
    (user::users(&p.m.tree), user::groups(&p.m.tree))
}

/// Says that a user or group is missing; where a command without a model may have made it, that is said instead.
fn nobody(p: &mut Process<'_, '_>, code: u8, text: &str) -> Run {
    if p.m.incomplete {
        return Err(Halt::Unknown(crate::shell::Why::MayExist("/etc/passwd".to_owned())));
    }
    p.fail(code, text)
}

fn denied(p: &mut Process<'_, '_>) -> Option<Run> {
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

/// `adduser` of BusyBox and of Debian.
pub(super) fn adduser(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let busybox = p.busybox();
    let wish = wish(p, busybox)?;
    let Some(name) = wish.words.first().cloned() else { return super::usage(p) };
    if let Some(group) = wish.words.get(1) {
        return to_group(p, &name, group);
    }
    let (users, groups) = known(p);
    if users.iter().any(|user| user.name == name) {
        if busybox {
            return p.fail(1, &format!("user '{name}' in use"));
        }
        if wish.system {
            return Ok(0);
        }
        return p.fail(1, &format!("The user `{name}' already exists."));
    }
    if let Some(uid) = wish.uid.filter(|uid| users.iter().any(|user| user.uid == *uid)) {
        let text =
            if busybox { format!("uid '{uid}' in use") } else { format!("The UID {uid} is already in use.") };
        return p.fail(1, &text);
    }
    let uid =
        wish.uid.unwrap_or_else(|| free(|id| users.iter().any(|user| user.uid == id), wish.system, false));
    let mut own = false;
    let gid = match &wish.gid {
        Some(group) => match groups
            .iter()
            .find(|found| found.name == *group)
            .map(|group| group.gid)
            .or_else(|| group.parse().ok())
        {
            Some(gid) => gid,
            None => {
                let text = if busybox {
                    format!("unknown group {group}")
                } else {
                    format!("The group `{group}' does not exist.")
                };
                return p.fail(1, &text);
            }
        },
        None if wish.system && !wish.own_group => match groups.iter().find(|group| group.name == "nogroup") {
            Some(group) => group.gid,
            None if busybox => return nobody(p, 1, "unknown group nogroup"),
            None => 65534,
        },
        None => {
            own = true;
            let taken = |id: u32| groups.iter().any(|group| group.gid == id);
            if busybox && groups.iter().any(|group| group.name == name) {
                return p.fail(1, &format!("group name '{name}' is in use"));
            }
            if taken(uid) { free(taken, wish.system, false) } else { uid }
        }
    };
    let home = wish.home.clone().unwrap_or_else(|| {
        if wish.system && !busybox { "/nonexistent".to_owned() } else { format!("/home/{name}") }
    });
    let shell = wish.shell.clone().unwrap_or_else(|| {
        match (wish.system, busybox) {
            (true, true) => "/bin/false",
            (true, false) => "/usr/sbin/nologin",
            (false, true) => "/bin/sh",
            (false, false) => "/bin/bash",
        }
        .to_owned()
    });
    let gecos = wish
        .gecos
        .clone()
        .unwrap_or_else(|| if busybox { "Linux User,,,".to_owned() } else { String::new() });
    if own {
        add_group(p, &name, gid, true)?;
    }
    add_line(p, "/etc/passwd", format!("{name}:x:{uid}:{gid}:{gecos}:{home}:{shell}"), true)?;
    shadow(p, &name, true)?;
    if busybox && let Some(group) = &wish.gid {
        add_member(p, &name, group, true)?;
    }
    if !busybox {
        p.line(&format!("Adding {}user `{name}' ...", if wish.system { "system " } else { "" }))?;
    }
    if !wish.no_home && home != "/nonexistent" {
        let mode = if busybox {
            0o2755
        } else if wish.system {
            0o755
        } else {
            0o700
        };
        let missing = p.stat(crate::tree::parent(&p.path(&home)))?.is_err();
        if busybox && missing {
            // It makes the last directory alone.
            return p.fail(1, &[&home, ": No such file or directory"].concat());
        }
        make_home(p, &home, Meta { mode, uid, gid })?;
    }
    Ok(0)
}

/// The line of `/etc/shadow`; its day is that of the simulated clock.
fn shadow(p: &mut Process<'_, '_>, name: &str, backup: bool) -> Result<(), Halt> {
    if p.stat("/etc/shadow")?.is_ok() {
        change(p, "/etc/shadow", backup, |lines| lines.push(format!("{name}:!:20454:0:99999:7:::")))?;
    }
    Ok(())
}

fn to_group(p: &mut Process<'_, '_>, user: &str, group: &str) -> Run {
    let (users, groups) = known(p);
    if !users.iter().any(|found| found.name == user) {
        let text = if p.busybox() {
            format!("unknown user {user}")
        } else {
            format!("The user `{user}' does not exist.")
        };
        return p.fail(1, &text);
    }
    if !groups.iter().any(|found| found.name == group) {
        let text = if p.busybox() {
            format!("unknown group {group}")
        } else {
            format!("The group `{group}' does not exist.")
        };
        return p.fail(1, &text);
    }
    add_member(p, user, group, false)?;
    if !p.busybox() {
        p.line(&format!("Adding user `{user}' to group `{group}' ..."))?;
    }
    Ok(0)
}

/// `addgroup` of both, and `groupadd`.
pub(super) fn addgroup(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let shadow = p.name == "groupadd";
    let busybox = p.busybox();
    let wish = wish(p, busybox)?;
    let Some(name) = wish.words.first().cloned() else { return super::usage(p) };
    if let Some(group) = wish.words.get(1).filter(|_| !shadow) {
        return to_group(p, &name, group);
    }
    let (_, groups) = known(p);
    if groups.iter().any(|group| group.name == name) {
        if wish.force && shadow {
            return Ok(0);
        }
        return match (shadow, busybox) {
            (true, _) => p.fail(9, &format!("group '{name}' already exists")),
            (false, true) => p.fail(1, &format!("group '{name}' in use")),
            (false, false) => p.fail(u8::from(!wish.system), &format!("The group `{name}' already exists.")),
        };
    }
    let wanted: Option<u32> = wish.gid.as_ref().and_then(|gid| gid.parse().ok());
    if let Some(gid) = wanted.filter(|gid| groups.iter().any(|group| group.gid == *gid) && !wish.force) {
        return match (shadow, busybox) {
            (true, _) => p.fail(4, &format!("GID '{gid}' already exists")),
            (false, true) => p.fail(1, &format!("gid '{gid}' in use")),
            (false, false) => p.fail(1, &format!("The GID `{gid}' is already in use.")),
        };
    }
    let gid =
        wanted.unwrap_or_else(|| free(|id| groups.iter().any(|group| group.gid == id), wish.system, shadow));
    add_group(p, &name, gid, shadow)?;
    if !shadow && !busybox {
        p.line(&format!("Adding group `{name}' (GID {gid}) ..."))?;
        p.line("Done.")?;
    }
    Ok(0)
}

pub(super) fn useradd(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, false)?;
    let Some(name) = wish.words.first().cloned() else {
        p.error("Usage: useradd [options] LOGIN")?;
        return Ok(2);
    };
    let (users, groups) = known(p);
    if users.iter().any(|user| user.name == name) {
        return p.fail(9, &format!("user '{name}' already exists"));
    }
    if let Some(uid) = wish.uid.filter(|uid| users.iter().any(|user| user.uid == *uid) && !wish.force) {
        return p.fail(4, &format!("UID {uid} is not unique"));
    }
    let uid =
        wish.uid.unwrap_or_else(|| free(|id| users.iter().any(|user| user.uid == id), wish.system, true));
    let number = |group: &str| {
        groups
            .iter()
            .find(|found| found.name == group)
            .or_else(|| groups.iter().find(|found| Some(found.gid) == group.parse().ok()))
            .map(|found| found.gid)
    };
    let mut own = false;
    let gid = match &wish.gid {
        Some(group) => match number(group) {
            Some(gid) => gid,
            None => return nobody(p, 6, &format!("group '{group}' does not exist")),
        },
        None if wish.no_own_group => 100,
        None => {
            if groups.iter().any(|group| group.name == name) {
                return p.fail(
                    9,
                    &format!("group {name} exists - if you want to add this user to that group, use -g."),
                );
            }
            own = true;
            let taken = |id: u32| groups.iter().any(|group| group.gid == id);
            if taken(uid) { free(taken, wish.system, true) } else { uid }
        }
    };
    if let Some(missing) = wish.more.iter().find(|group| number(group).is_none()) {
        return nobody(p, 6, &format!("group '{missing}' does not exist"));
    }
    let home = wish.home.clone().unwrap_or_else(|| format!("/home/{name}"));
    let shell = wish.shell.clone().unwrap_or_else(|| "/bin/sh".to_owned());
    let gecos = wish.gecos.clone().unwrap_or_default();
    if own {
        add_group(p, &name, gid, true)?;
    }
    add_line(p, "/etc/passwd", format!("{name}:x:{uid}:{gid}:{gecos}:{home}:{shell}"), true)?;
    shadow(p, &name, true)?;
    for group in &wish.more {
        let group = groups
            .iter()
            .find(|found| found.name == *group || Some(found.gid) == group.parse().ok())
            .map(|group| group.name.clone());
        add_member(p, &name, &group.unwrap_or_default(), true)?;
    }
    if !wish.system {
        for file in ["/etc/subuid", "/etc/subgid"] {
            if p.stat(file)?.is_ok() {
                let next =
                    100_000 + 65_536 * users.iter().filter(|user| (1000..60_000).contains(&user.uid)).count();
                change(p, file, true, |lines| {
                    lines.retain(|line| !line.is_empty());
                    lines.push(format!("{name}:{next}:65536"));
                })?;
            }
        }
    }
    if wish.make_home && !wish.no_home {
        make_home(p, &home, Meta { mode: 0o755, uid, gid })?;
    }
    Ok(0)
}

/// `usermod` and `groupmod`
pub(super) fn modify(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let group_tool = p.name == "groupmod";
    let wish = wish(p, false)?;
    let Some(name) = wish.words.first().cloned() else { return Ok(2) };
    let (users, groups) = known(p);
    let exists = if group_tool {
        groups.iter().any(|group| group.name == name)
    } else {
        users.iter().any(|user| user.name == name)
    };
    if !exists {
        let kind = if group_tool { "group" } else { "user" };
        return nobody(p, 6, &format!("{kind} '{name}' does not exist"));
    }
    let new_gid = match &wish.gid {
        Some(group) => {
            let found = groups
                .iter()
                .find(|found| found.name == *group)
                .map(|found| found.gid)
                .or_else(|| group.parse().ok());
            if found.is_none() {
                return nobody(p, 6, &format!("group '{group}' does not exist"));
            }
            found
        }
        None => None,
    };
    let head = format!("{name}:");
    let file = if group_tool { "/etc/group" } else { "/etc/passwd" };
    change(p, file, true, |lines| {
        for line in lines.iter_mut().filter(|line| line.starts_with(&head)) {
            let mut fields: Vec<String> = line.split(':').map(str::to_owned).collect();
            let mut set = |at: usize, value: Option<String>| {
                if let (Some(field), Some(value)) = (fields.get_mut(at), value) {
                    *field = value;
                }
            };
            set(0, wish.login.clone());
            if group_tool {
                set(2, new_gid.map(|gid| gid.to_string()));
            } else {
                set(2, wish.uid.map(|uid| uid.to_string()));
                set(3, new_gid.map(|gid| gid.to_string()));
                set(4, wish.gecos.clone());
                set(5, wish.home.clone());
                set(6, wish.shell.clone());
            }
            *line = fields.join(":");
        }
    })?;
    // A changed number goes on to the user's files in the home directory.
    if let (false, Some(uid), Some(user)) =
        (group_tool, wish.uid, users.iter().find(|user| user.name == name))
    {
        let home = user.home.clone();
        for (path, _) in super::below::all(p, &home, &home)? {
            if p.m.tree.get(&path).is_some_and(|node| node.meta().uid == user.uid) {
                let _ = p.m.tree.chown(&path, Some(uid), None, false);
            }
        }
    }
    if !group_tool && !wish.append && !wish.more.is_empty() {
        change(p, "/etc/group", true, |lines| {
            for line in lines.iter_mut() {
                let Some((head, members)) = line.rsplit_once(':') else { continue };
                let kept: Vec<&str> =
                    members.split(',').filter(|member| *member != name && !member.is_empty()).collect();
                *line = format!("{head}:{}", kept.join(","));
            }
        })?;
    }
    for group in wish.more.clone() {
        if !groups.iter().any(|found| found.name == group) {
            return nobody(p, 6, &format!("group '{group}' does not exist"));
        }
        add_member(p, &name, &group, true)?;
    }
    Ok(0)
}

/// `deluser`, `userdel`, `delgroup`, `groupdel`
pub(super) fn delete(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let removes_home = p.args.iter().any(|arg| matches!(arg.as_str(), "-r" | "--remove-home" | "--remove"));
    let shadow_tool = matches!(p.name.as_str(), "userdel" | "groupdel");
    let busybox = p.busybox();
    let words: Vec<String> = p.args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let Some(name) = words.first().cloned() else { return super::usage(p) };
    let (users, groups) = known(p);
    let head = format!("{name}:");
    if p.name.contains("group") {
        if let Some(group) = words.get(1) {
            let head = format!("{group}:");
            change(p, "/etc/group", true, |lines| {
                for line in lines.iter_mut().filter(|line| line.starts_with(&head)) {
                    let Some((head, members)) = line.rsplit_once(':') else { continue };
                    let kept: Vec<&str> =
                        members.split(',').filter(|member| *member != name && !member.is_empty()).collect();
                    *line = format!("{head}:{}", kept.join(","));
                }
            })?;
            return Ok(0);
        }
        let Some(group) = groups.iter().find(|group| group.name == name) else {
            return match (shadow_tool, p.busybox()) {
                (true, _) => nobody(p, 6, &format!("group '{name}' does not exist")),
                (_, true) => p.fail(1, &format!("unknown group {name}")),
                _ => nobody(p, 3, &format!("The group `{name}' does not exist.")),
            };
        };
        if let Some(user) = users.iter().find(|user| user.gid == group.gid) {
            return match (shadow_tool, p.busybox()) {
                (true, _) => p.fail(8, &format!("cannot remove the primary group of user '{}'", user.name)),
                (_, true) => {
                    p.fail(1, &format!("'{}' still has '{name}' as their primary group!", user.name))
                }
                _ => p.fail(7, &format!("`{}' still has `{name}' as their primary group!", user.name)),
            };
        }
        change(p, "/etc/group", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
        change(p, "/etc/gshadow", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
        return Ok(0);
    }
    let Some(user) = users.iter().find(|user| user.name == name) else {
        return match (shadow_tool, p.busybox()) {
            (true, _) => nobody(p, 6, &format!("user '{name}' does not exist")),
            (_, true) => p.fail(1, &format!("unknown user {name}")),
            _ => nobody(p, 2, &format!("The user `{name}' does not exist.")),
        };
    };
    change(p, "/etc/passwd", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
    change(p, "/etc/shadow", true, |lines| lines.retain(|line| !line.starts_with(&head)))?;
    change(p, "/etc/group", true, |lines| {
        let lonely = groups.iter().any(|group| {
            group.name == name && (busybox || group.members.iter().all(|member| *member == name))
        });
        lines.retain(|line| !(lonely && line.starts_with(&head)));
        for line in lines.iter_mut() {
            let Some((head, members)) = line.rsplit_once(':') else { continue };
            let kept: Vec<&str> =
                members.split(',').filter(|member| *member != name && !member.is_empty()).collect();
            *line = format!("{head}:{}", kept.join(","));
        }
    })?;
    if removes_home {
        let _ = p.m.tree.remove_all(&user.home);
    }
    Ok(0)
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
