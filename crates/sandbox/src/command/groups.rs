//! What shadow has besides accounts: `groupadd`, `groupmod`, `groupdel`, `gpasswd`, `chsh`, `chfn`, `chpasswd`,
//! `passwd -l`; and `getent`.

use super::shadow::{
    GROUP, GSHADOW, PASSWD, SHADOW, add_group, bad_name, field, membership, next, rename, rewrite, set, usage,
};
use super::users::{denied, known, nobody, wish};
use crate::shell::process::{Process, Run};
use crate::tree::Content;

pub(super) fn groupadd(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, false)?;
    let Some(name) = wish.words.first().cloned() else { return usage(p, 2) };
    let (_, groups) = known(p);
    if bad_name(&name) {
        return p.fail(3, &format!("'{name}' is not a valid group name"));
    }
    if groups.iter().any(|group| group.name == name) {
        return if wish.force { Ok(0) } else { p.fail(9, &format!("group '{name}' already exists")) };
    }
    let used: Vec<u32> = groups.iter().map(|group| group.gid).collect();
    let gid = match wish.gid.as_deref().map(|text| (text, text.parse::<u32>())) {
        Some((text, Err(_))) => return p.fail(3, &format!("invalid group ID '{text}'")),
        Some((_, Ok(gid))) if used.contains(&gid) && !wish.force => {
            return p.fail(4, &format!("GID '{gid}' already exists"));
        }
        Some((_, Ok(gid))) => gid,
        None => next(&used, wish.system),
    };
    add_group(p, &name, gid)?;
    Ok(0)
}

pub(super) fn groupmod(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let wish = wish(p, false)?;
    let Some(name) = wish.words.first().cloned() else { return usage(p, 2) };
    let (_, groups) = known(p);
    let Some(group) = groups.iter().find(|group| group.name == name) else {
        return nobody(p, 6, &format!("group '{name}' does not exist"));
    };
    let gid: Option<u32> = wish.gid.as_ref().and_then(|gid| gid.parse().ok());
    if let Some(gid) =
        gid.filter(|gid| *gid != group.gid && groups.iter().any(|group| group.gid == *gid) && !wish.force)
    {
        return p.fail(4, &format!("GID '{gid}' already exists"));
    }
    let login = wish.login.filter(|login| *login != name);
    if let Some(login) = login.as_ref().filter(|login| groups.iter().any(|group| group.name == **login)) {
        return p.fail(9, &format!("group '{login}' already exists"));
    }
    for file in [GROUP, GSHADOW] {
        if file == GSHADOW && login.is_none() {
            continue;
        }
        rewrite(p, file, &mut |entries| {
            if let Some(gid) = gid.filter(|_| file == GROUP) {
                entries
                    .iter_mut()
                    .filter(|entry| field(entry, 0) == name)
                    .for_each(|entry| set(entry, 2, gid.to_string()));
            }
            if let Some(login) = &login {
                rename(entries, &name, login);
            }
        })?;
    }
    if let Some(gid) = gid {
        let old = group.gid.to_string();
        rewrite(p, PASSWD, &mut |entries| {
            entries
                .iter_mut()
                .filter(|entry| field(entry, 3) == old)
                .for_each(|entry| set(entry, 3, gid.to_string()));
        })?;
    }
    Ok(0)
}

/// `groupdel`; also what Debian's `delgroup` calls.
pub(super) fn groupdel(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let force = p.args.iter().any(|arg| matches!(arg.as_str(), "-f" | "--force"));
    let Some(name) = p.args.iter().find(|arg| !arg.starts_with('-')).cloned() else { return usage(p, 2) };
    let (users, groups) = known(p);
    let Some(group) = groups.iter().find(|group| group.name == name) else {
        return nobody(p, 6, &format!("group '{name}' does not exist"));
    };
    if let Some(user) = users.iter().find(|user| user.gid == group.gid && !force) {
        return p.fail(8, &format!("cannot remove the primary group of user '{}'", user.name));
    }
    for file in [GROUP, GSHADOW] {
        rewrite(p, file, &mut |entries| entries.retain(|entry| field(entry, 0) != name))?;
    }
    Ok(0)
}

/// `gpasswd -a`, `gpasswd -d`
pub(super) fn gpasswd(p: &mut Process<'_, '_>) -> Run {
    let args = p.args.clone();
    let [flag, user, group] = args.as_slice() else { return p.option("") };
    let (users, groups) = known(p);
    let adds = match flag.as_str() {
        "-a" | "--add" => true,
        "-d" | "--delete" => false,
        other => return p.option(other.to_owned()),
    };
    if !users.iter().any(|known| known.name == *user) {
        return nobody(p, 3, &format!("user '{user}' does not exist"));
    }
    let Some(found) = groups.iter().find(|known| known.name == *group) else {
        return nobody(p, 3, &format!("group '{group}' does not exist in /etc/group"));
    };
    if !adds && !found.members.contains(user) {
        return p.fail(3, &format!("user '{user}' is not a member of '{group}'"));
    }
    let text = if adds { "Adding user" } else { "Removing user" };
    let link = if adds { "to" } else { "from" };
    p.line(&format!("{text} {user} {link} group {group}"))?;
    membership(p, user, &|name| (name == group).then_some(adds))?;
    Ok(0)
}

/// `chsh -s SHELL [USER]` and `chfn -f NAME USER`
pub(super) fn change_entry(p: &mut Process<'_, '_>) -> Run {
    let args = p.args.clone();
    let (flag, value, user) = match args.as_slice() {
        [flag, value] => (flag, value, "root"),
        [flag, value, user] => (flag, value, user.as_str()),
        _ => return p.option(""),
    };
    let at = match (p.name.as_str(), flag.as_str()) {
        ("chsh", "-s" | "--shell") => 6,
        ("chfn", "-f" | "--full-name") => 4,
        (_, other) => return p.option(other.to_owned()),
    };
    let (users, _) = known(p);
    if !users.iter().any(|known| known.name == user) {
        return nobody(p, 1, &format!("user '{user}' does not exist"));
    }
    if at == 6 && matches!(p.stat(value), Ok(Err(_))) {
        p.complain(&format!("Warning: {value} does not exist"))?;
    }
    rewrite(p, PASSWD, &mut |entries| {
        for entry in entries.iter_mut().filter(|entry| field(entry, 0) == user) {
            set(entry, at, if at == 6 { value.clone() } else { [value.as_str(), ",,,"].concat() });
        }
    })?;
    Ok(0)
}

/// `getent passwd` and `getent group`
pub(super) fn getent(p: &mut Process<'_, '_>) -> Run {
    let args = p.args.clone();
    let file = match args.first().map(String::as_str) {
        Some("passwd") => PASSWD,
        Some("group") => GROUP,
        other => return p.option(other.unwrap_or("").to_owned()),
    };
    let bytes = p.read(file)?.unwrap_or_default();
    let lines = super::lines(&bytes);
    let keys = args.get(1..).unwrap_or_default();
    if keys.is_empty() {
        for line in &lines {
            p.line(line)?;
        }
        return Ok(0);
    }
    let mut code = 0;
    for key in keys {
        let number = key.bytes().all(|byte| byte.is_ascii_digit());
        let at = if number { 2 } else { 0 };
        match lines.iter().find(|line| line.split(':').nth(at) == Some(key)) {
            Some(line) => p.line(line)?,
            None if p.m.incomplete => return nobody(p, 2, ""),
            None => code = 2,
        }
    }
    Ok(code)
}

/// `passwd`, whose effect is known where no password is hashed.
pub(super) fn lock(p: &mut Process<'_, '_>, flag: &str, user: &str) -> Run {
    let mut passwordless = false;
    rewrite(p, SHADOW, &mut |entries| {
        for entry in entries.iter_mut().filter(|entry| field(entry, 0) == user) {
            let hash = field(entry, 1).to_owned();
            match (flag, hash.strip_prefix('!')) {
                ("-d", _) => set(entry, 1, ""),
                ("-l", None) => set(entry, 1, ["!", &hash].concat()),
                ("-u", Some("")) => passwordless = true,
                ("-u", Some(rest)) => set(entry, 1, rest),
                _ => {}
            }
        }
    })?;
    if passwordless {
        p.complain("unlocking the password would result in a passwordless account.")?;
        p.error("You should set a password with usermod -p to unlock the password of this account.")?;
        return Ok(3);
    }
    p.line("passwd: password changed.")?;
    Ok(0)
}

/// `chpasswd`: a hash has a random salt, so that what it writes is known with `-e` alone.
pub(super) fn chpasswd(p: &mut Process<'_, '_>, input: &[u8]) -> Run {
    let hashed = match p.args.as_slice() {
        [] => false,
        [flag] if matches!(flag.as_str(), "-e" | "--encrypted") => true,
        [other, ..] => return p.option(other.clone()),
    };
    let (users, _) = known(p);
    let mut code = 0;
    let mut unknown = false;
    for (at, line) in super::lines(input).iter().enumerate() {
        let Some((user, password)) = line.split_once(':') else {
            code = p.fail(1, &format!("line {}: missing new password", at + 1))?;
            continue;
        };
        if !users.iter().any(|known| known.name == user) {
            if p.m.incomplete {
                return nobody(p, 1, "");
            }
            if hashed {
                p.complain(&format!("line {}: user '{user}' does not exist", at + 1))?;
            } else {
                p.complain(&format!("(user {user}) pam_chauthtok() failed, error:"))?;
                p.error("Authentication token manipulation error")?;
                p.complain(&format!("(line {}, user {user}) password not changed", at + 1))?;
            }
            code = 1;
            continue;
        }
        if hashed {
            rewrite(p, SHADOW, &mut |entries| {
                let found = entries.iter_mut().filter(|entry| field(entry, 0) == user);
                found.for_each(|entry| set(entry, 1, password));
            })?;
        } else {
            unknown = true;
        }
    }
    if unknown && let Ok(Ok(old)) = p.content(SHADOW) {
        let digest = p.m.digest_of(&[input, &old.digest()]);
        let content = Content::Modelled { size: old.size() + 72, digest, source: "passwd".into() };
        let _ = p.write_content(SHADOW, content)?;
        p.m.at_least(crate::shell::Certainty::Modelled);
    }
    Ok(code)
}
