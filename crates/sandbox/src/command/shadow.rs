//! `useradd`, `usermod`, `userdel`: the tools of shadow for accounts, which all but BusyBox have, and the files that they
//! change.

use super::users::{Wish, denied, known, make_home, nobody, wish};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use crate::tree::Meta;
use crate::user::{Group, User};

pub(super) const PASSWD: &str = "/etc/passwd";
pub(super) const SHADOW: &str = "/etc/shadow";
pub(super) const GROUP: &str = "/etc/group";
pub(super) const GSHADOW: &str = "/etc/gshadow";
const SUBORDINATE: [&str; 2] = ["/etc/subuid", "/etc/subgid"];
/// Names that a file of accounts has fields for.
type Fields = Vec<String>;

/// Rewrites a file of accounts as its entries; the one before is left with a minus sign, owner and mode as they were.
/// A file that is missing or not known is left alone.
pub(super) fn rewrite(
    p: &mut Process<'_, '_>,
    path: &str,
    edit: &mut dyn FnMut(&mut Vec<Fields>),
) -> Result<(), Halt> {
    // What may exist besides the accounts themselves is left alone.
    let content = match p.content(path) {
        Err(Halt::Unknown(_)) if path != PASSWD && path != GROUP => return Ok(()),
        other => other?,
    };
    let Ok(content) = content else { return Ok(()) };
    let Some(old) = content.known().map(<[u8]>::to_vec) else { return Ok(()) };
    let mut entries: Vec<Fields> = super::lines(&old)
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| line.split(':').map(str::to_owned).collect())
        .collect();
    edit(&mut entries);
    let mut text = String::new();
    for entry in &entries {
        text.push_str(&entry.join(":"));
        text.push('\n');
    }
    let backup = [path, "-"].concat();
    let meta = p.stat(path)?.map(|node| node.meta()).ok();
    let _ = p.write_file(&backup, old)?;
    if let Some(meta) = meta {
        let _ = p.m.tree.chown(&backup, Some(meta.uid), Some(meta.gid), true);
        let _ = p.m.tree.chmod(&backup, meta.mode);
    }
    let _ = p.write_file(path, text.into_bytes())?;
    Ok(())
}

pub(super) fn field(entry: &Fields, at: usize) -> &str {
    entry.get(at).map_or("", String::as_str)
}

pub(super) fn set(entry: &mut Fields, at: usize, value: impl Into<String>) {
    if let Some(field) = entry.get_mut(at) {
        *field = value.into();
    }
}

fn entry(fields: &[&str]) -> Fields {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

/// Takes names into the last field of an entry, or out of it.
fn members(entry: &mut Fields, change: impl FnOnce(&mut Vec<String>)) {
    let Some(last) = entry.last_mut() else { return };
    let mut names: Vec<String> = last.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    change(&mut names);
    *last = names.join(",");
}

/// In both files of groups: whether the user is to be in a group of that name; `None` leaves it as it is.
pub(super) fn membership(
    p: &mut Process<'_, '_>,
    user: &str,
    wanted: &dyn Fn(&str) -> Option<bool>,
) -> Result<(), Halt> {
    for file in [GROUP, GSHADOW] {
        rewrite(p, file, &mut |entries| {
            for entry in entries {
                match wanted(field(entry, 0)) {
                    Some(true) => members(entry, |names| {
                        if !names.iter().any(|name| name == user) {
                            names.push(user.to_owned());
                        }
                    }),
                    Some(false) => members(entry, |names| names.retain(|name| name != user)),
                    None => {}
                }
            }
        })?;
    }
    Ok(())
}

/// The number that shadow gives: of a person the one after the highest, of the system the one below the lowest.
pub(super) fn next(used: &[u32], system: bool) -> u32 {
    let range = if system { 101..=999 } else { 1000..=60_000 };
    let within = || used.iter().copied().filter(|id| range.contains(id));
    let taken = |id: &u32| used.contains(id);
    if system {
        let below = within().min().map_or(999, |id| id - 1);
        if range.contains(&below) { below } else { range.rev().find(|id| !taken(id)).unwrap_or(999) }
    } else {
        let above = within().max().map_or(1000, |id| id + 1);
        if range.contains(&above) { above } else { range.into_iter().find(|id| !taken(id)).unwrap_or(60_000) }
    }
}

/// Debian's rule; others are stricter.
pub(super) fn bad_name(name: &str) -> bool {
    name.is_empty()
        || name.starts_with(['-', '+', '~'])
        || name.contains([':', ',', '/'])
        || name.contains(char::is_whitespace)
}

/// The first line of the usage, and that more follows.
pub(super) fn usage(p: &mut Process<'_, '_>, code: u8) -> Run {
    let operand = if p.name.starts_with("group") { "GROUP" } else { "LOGIN" };
    let name = p.name.clone();
    p.error(&format!("Usage: {name} [options] {operand}"))?;
    p.error(&UNKNOWN.to_string())?;
    Ok(code)
}

fn find_group<'g>(groups: &'g [Group], text: &str) -> Option<&'g Group> {
    let by_number = || groups.iter().find(|group| text.parse() == Ok(group.gid));
    groups.iter().find(|group| group.name == text).or_else(by_number)
}

pub(super) fn add_group(p: &mut Process<'_, '_>, name: &str, gid: u32) -> Result<(), Halt> {
    if p.stat(GROUP)?.is_err() {
        let _ = p.write_file(GROUP, Vec::new())?;
    }
    rewrite(p, GROUP, &mut |entries| entries.push(entry(&[name, "x", &gid.to_string(), ""])))?;
    rewrite(p, GSHADOW, &mut |entries| entries.push(entry(&[name, "!", "", ""])))
}

/// What a new account has.
pub(super) struct Account<'w> {
    pub(super) name: &'w str,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) gecos: &'w str,
    pub(super) home: &'w str,
    pub(super) shell: &'w str,
    pub(super) password: &'w str,
    pub(super) system: bool,
}

pub(super) fn add_account(p: &mut Process<'_, '_>, account: &Account<'_>) -> Result<(), Halt> {
    let Account { name, uid, gid, gecos, home, shell, password, system } = *account;
    if matches!(p.stat(shell), Ok(Err(_))) {
        let text = format!("useradd: Warning: missing or non-executable shell '{shell}'");
        p.error(&text)?;
    }
    let (uid, gid) = (uid.to_string(), gid.to_string());
    if p.stat(PASSWD)?.is_err() {
        let _ = p.write_file(PASSWD, Vec::new())?;
    }
    rewrite(p, PASSWD, &mut |entries| entries.push(entry(&[name, "x", &uid, &gid, gecos, home, shell])))?;
    // The day is that of the simulated clock.
    let days = if system { ["", "", ""] } else { ["0", "99999", "7"] };
    rewrite(p, SHADOW, &mut |entries| {
        entries.push(entry(&[name, password, "20454", days[0], days[1], days[2], "", "", ""]));
    })?;
    if system || !(1000..=60_000).contains(&account.uid) {
        return Ok(());
    }
    for file in SUBORDINATE {
        rewrite(p, file, &mut |entries| {
            let end = |entry: &Fields| {
                Some(field(entry, 1).parse::<u64>().ok()? + field(entry, 2).parse::<u64>().ok()?)
            };
            let from = entries.iter().filter_map(end).max().unwrap_or(0).max(100_000);
            entries.push(entry(&[name, &from.to_string(), "65536"]));
        })?;
    }
    Ok(())
}

/// What `useradd` says of a number that is not of its kind.
pub(super) fn odd_number(p: &mut Process<'_, '_>, name: &str, uid: u32, system: bool) -> Result<(), Halt> {
    let why = match system {
        true if uid > 999 => "is greater than SYS_UID_MAX 999",
        false if !(1000..=60_000).contains(&uid) => "outside of the UID_MIN 1000 and UID_MAX 60000 range.",
        _ => return Ok(()),
    };
    p.error(&format!("useradd warning: {name}'s uid {uid} {why}"))
}

pub(super) fn useradd(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, false)?;
    let Some(name) = wish.words.first().cloned() else { return usage(p, 2) };
    let (users, groups) = known(p);
    if bad_name(&name) && !wish.bad_name {
        return p.fail(3, &format!("invalid user name '{name}': use --badname to ignore"));
    }
    let own = match &wish.gid {
        Some(group) if find_group(&groups, group).is_none() => {
            return nobody(p, 6, &format!("group '{group}' does not exist"));
        }
        Some(_) => false,
        None => wish.own_group || !wish.no_own_group,
    };
    if let Some(missing) = wish.more.iter().find(|group| find_group(&groups, group).is_none()) {
        return nobody(p, 6, &format!("group '{missing}' does not exist"));
    }
    if users.iter().any(|user| user.name == name) {
        return p.fail(9, &format!("user '{name}' already exists"));
    }
    if own && groups.iter().any(|group| group.name == name) {
        let text = format!("group {name} exists - if you want to add this user to that group, use -g.");
        return p.fail(9, &text);
    }
    let used: Vec<u32> = users.iter().map(|user| user.uid).collect();
    if let Some(uid) = wish.uid.filter(|uid| used.contains(uid) && !wish.force) {
        return p.fail(4, &format!("UID {uid} is not unique"));
    }
    if let Some(uid) = wish.uid {
        odd_number(p, &name, uid, wish.system)?;
    }
    let uid = wish.uid.unwrap_or_else(|| next(&used, wish.system));
    let gid = match &wish.gid {
        Some(group) => find_group(&groups, group).map_or(100, |group| group.gid),
        None if !own => 100,
        None => {
            let used: Vec<u32> = groups.iter().map(|group| group.gid).collect();
            let system = wish.system;
            let range = if system { 101..=999 } else { 1000..=60_000 };
            if used.contains(&uid) || !range.contains(&uid) { next(&used, system) } else { uid }
        }
    };
    let home = wish.home.clone().unwrap_or_else(|| {
        [wish.base.as_deref().unwrap_or("/home").trim_end_matches('/'), "/", &name].concat()
    });
    let shell = wish.shell.clone().unwrap_or_else(|| "/bin/sh".to_owned());
    if own {
        add_group(p, &name, gid)?;
    }
    let account = Account {
        name: &name,
        uid,
        gid,
        gecos: wish.gecos.as_deref().unwrap_or(""),
        home: &home,
        shell: &shell,
        password: wish.password.as_deref().unwrap_or("!"),
        system: wish.system,
    };
    add_account(p, &account)?;
    if !wish.more.is_empty() {
        let names: Vec<&str> =
            wish.more.iter().filter_map(|group| Some(find_group(&groups, group)?.name.as_str())).collect();
        membership(p, &name, &|group| names.contains(&group).then_some(true))?;
    }
    if wish.make_home && !wish.no_home {
        make_home(p, &home, Meta { mode: 0o755, uid, gid })?;
    }
    Ok(0)
}

/// Changes the owner or group of what lies in a home directory.
fn hand_over(p: &mut Process<'_, '_>, home: &str, from: (u32, u32), to: (u32, u32)) -> Result<(), Halt> {
    if !matches!(p.stat(home)?, Ok(node) if node.is_dir()) {
        return Ok(());
    }
    for (path, _) in super::below::all(p, home, home)? {
        let Some(meta) = p.m.tree.get(&path).map(crate::tree::Node::meta) else { continue };
        let uid = if meta.uid == from.0 { to.0 } else { meta.uid };
        let gid = if meta.gid == from.1 { to.1 } else { meta.gid };
        let _ = p.m.tree.chown(&path, Some(uid), Some(gid), false);
    }
    Ok(())
}

/// An entry under another name goes to the end.
pub(super) fn rename(entries: &mut Vec<Fields>, old: &str, new: &str) {
    let Some(at) = entries.iter().position(|entry| field(entry, 0) == old) else { return };
    let mut entry = entries.remove(at);
    set(&mut entry, 0, new);
    entries.push(entry);
}

pub(super) fn usermod(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, false)?;
    let Some(name) = wish.words.first().cloned() else { return usage(p, 2) };
    let (users, groups) = known(p);
    let Some(user) = users.iter().find(|user| user.name == name) else {
        return nobody(p, 6, &format!("user '{name}' does not exist"));
    };
    if wish.append && wish.more.is_empty() {
        p.complain("-a flag is only allowed with the -G flag")?;
        return usage(p, 2);
    }
    if let Some(missing) =
        wish.gid.iter().chain(&wish.more).find(|group| find_group(&groups, group).is_none())
    {
        return nobody(p, 6, &format!("group '{missing}' does not exist"));
    }
    if let Some(uid) =
        wish.uid.filter(|uid| *uid != user.uid && users.iter().any(|user| user.uid == *uid) && !wish.force)
    {
        return p.fail(4, &format!("UID '{uid}' already exists"));
    }
    let login = wish.login.clone().filter(|login| *login != name);
    if let Some(login) = login.as_ref().filter(|login| users.iter().any(|user| user.name == **login)) {
        return p.fail(9, &format!("user '{login}' already exists"));
    }
    let gid = wish.gid.as_ref().and_then(|group| find_group(&groups, group)).map(|group| group.gid);
    let accounts = wish.uid.is_some()
        || gid.is_some()
        || login.is_some()
        || wish.home.is_some()
        || wish.shell.is_some()
        || wish.gecos.is_some()
        || wish.lock != 0
        || wish.password.is_some();
    if accounts {
        change_account(p, &wish, &name, gid, login.as_deref())?;
    }
    let shown = login.as_deref().unwrap_or(&name);
    if !wish.more.is_empty() || login.is_some() {
        let names: Vec<&str> =
            wish.more.iter().filter_map(|group| Some(find_group(&groups, group)?.name.as_str())).collect();
        let given = !wish.more.is_empty();
        for file in [GROUP, GSHADOW] {
            rewrite(p, file, &mut |entries| {
                for entry in entries {
                    let inside = names.contains(&field(entry, 0));
                    members(entry, |list| {
                        for member in list.iter_mut().filter(|member| **member == name) {
                            shown.clone_into(member);
                        }
                        if inside && !list.iter().any(|member| member == shown) {
                            list.push(shown.to_owned());
                        }
                        if given && !inside && !wish.append {
                            list.retain(|member| member != shown);
                        }
                    });
                }
            })?;
        }
    }
    let home = user.home.clone();
    hand_over(p, &home, (user.uid, user.gid), (wish.uid.unwrap_or(user.uid), gid.unwrap_or(user.gid)))?;
    if let Some(new) = wish.home.filter(|new| wish.make_home && *new != home) {
        let (from, to) = (p.path(&home), p.path(&new));
        if p.stat(&home)?.is_ok() && p.stat(&new)?.is_err() {
            let _ = p.m.tree.rename(&from, &to);
        }
    }
    Ok(0)
}

/// The lines of `/etc/passwd` and `/etc/shadow`.
fn change_account(
    p: &mut Process<'_, '_>,
    wish: &Wish,
    name: &str,
    gid: Option<u32>,
    login: Option<&str>,
) -> Result<(), Halt> {
    rewrite(p, PASSWD, &mut |entries| {
        for entry in entries.iter_mut().filter(|entry| field(entry, 0) == name) {
            let numbers = [wish.uid.map(|uid| uid.to_string()), gid.map(|gid| gid.to_string())];
            let [uid, gid] = numbers;
            let texts = [uid, gid, wish.gecos.clone(), wish.home.clone(), wish.shell.clone()];
            for (at, text) in texts.into_iter().enumerate() {
                if let Some(text) = text {
                    set(entry, at + 2, text);
                }
            }
        }
        if let Some(login) = login {
            rename(entries, name, login);
        }
    })?;
    if wish.lock == 0 && wish.password.is_none() && login.is_none() {
        return Ok(());
    }
    let mut passwordless = false;
    rewrite(p, SHADOW, &mut |entries| {
        for entry in entries.iter_mut().filter(|entry| field(entry, 0) == name) {
            if let Some(password) = &wish.password {
                set(entry, 1, password.as_str());
            }
            let hash = field(entry, 1).to_owned();
            match (wish.lock, hash.strip_prefix('!')) {
                (1, None) => set(entry, 1, ["!", &hash].concat()),
                (-1, Some("")) => passwordless = true,
                (-1, Some(rest)) => set(entry, 1, rest),
                _ => {}
            }
        }
        if let Some(login) = login {
            rename(entries, name, login);
        }
    })?;
    if passwordless {
        p.complain("unlocking the user's password would result in a passwordless account.")?;
        p.error("You should set a password with usermod -p to unlock this user's password.")?;
    }
    Ok(())
}

/// Takes the account out of all files, with its group if nobody else is in it.
pub(super) fn remove_account(p: &mut Process<'_, '_>, user: &User) -> Result<(), Halt> {
    let (users, groups) = known(p);
    let name = user.name.as_str();
    for file in [PASSWD, SHADOW] {
        rewrite(p, file, &mut |entries| entries.retain(|entry| field(entry, 0) != name))?;
    }
    let lonely = groups.iter().any(|group| {
        group.name == name
            && group.members.iter().all(|member| *member == name)
            && !users.iter().any(|other| other.gid == group.gid && other.name != name)
    });
    for file in [GROUP, GSHADOW] {
        rewrite(p, file, &mut |entries| {
            entries.retain(|entry| !lonely || field(entry, 0) != name);
            for entry in entries {
                members(entry, |list| list.retain(|member| member != name));
            }
        })?;
    }
    for file in SUBORDINATE {
        if matches!(p.content(file), Ok(Ok(content)) if content.size() > 0) {
            rewrite(p, file, &mut |entries| entries.retain(|entry| field(entry, 0) != name))?;
        }
    }
    Ok(())
}

pub(super) fn userdel(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let mut remove = false;
    for arg in &p.args {
        match arg.as_str() {
            "-r" | "--remove" | "-rf" | "-fr" => remove = true,
            other if other.starts_with('-') && other != "-f" && other != "--force" => {
                return p.option(other.to_owned());
            }
            _ => {}
        }
    }
    let Some(name) = p.args.iter().find(|arg| !arg.starts_with('-')).cloned() else { return usage(p, 2) };
    let (users, _) = known(p);
    let Some(user) = users.iter().find(|user| user.name == name) else {
        return nobody(p, 6, &format!("user '{name}' does not exist"));
    };
    if user.uid == p.cred.uid {
        // The number of the process stands there too.
        p.m.modelled = true;
        return p.fail(8, &format!("user {name} is currently used by process 1"));
    }
    remove_account(p, user)?;
    if remove {
        let spool = ["/var/mail/", &name].concat();
        if p.stat(&spool)?.is_err() {
            p.complain(&format!("{name} mail spool ({spool}) not found"))?;
        }
        match p.stat(&user.home)? {
            Err(_) => p.complain(&format!("{name} home directory ({}) not found", user.home))?,
            Ok(node) if node.meta().uid != user.uid => {
                return p.fail(12, &format!("{} not owned by {name}, not removing", user.home));
            }
            Ok(_) => {
                let _ = p.m.tree.remove_all(&user.home);
            }
        }
    }
    Ok(0)
}
