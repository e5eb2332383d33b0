//! `chown` and `chgrp`

use super::{below, opts};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use crate::user;

/// `user:group` as numbers; the error is the name that does not exist.
pub(super) fn owner(p: &Process<'_, '_>, text: &str) -> Result<(Option<u32>, Option<u32>), String> {
    let (user, group) = match text.split_once([':']) {
        Some((user, group)) => (user, Some(group)),
        None => match text.split_once('.') {
            Some((user, group)) if user::find_user(&p.m.tree, text).is_none() => (user, Some(group)),
            _ => (text, None),
        },
    };
    let found = if user.is_empty() { None } else { user::find_user(&p.m.tree, user) };
    let uid = match (&found, user.parse()) {
        _ if user.is_empty() => None,
        (_, Ok(uid)) => Some(uid),
        (Some(found), Err(_)) => Some(found.uid),
        (None, Err(_)) => return Err(user.to_owned()),
    };
    let gid = match group {
        None => None,
        // `user:` takes the user's own group.
        Some("") => found.map(|found| found.gid),
        Some(group) => Some(group_number(p, group)?),
    };
    Ok((uid, gid))
}

pub(super) fn group_number(p: &Process<'_, '_>, group: &str) -> Result<u32, String> {
    match (group.parse(), user::find_group(&p.m.tree, group)) {
        (Ok(gid), _) => Ok(gid),
        (Err(_), Some(found)) => Ok(found.gid),
        (Err(_), None) => Err(group.to_owned()),
    }
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("recursive", 'R'),
        ("no-dereference", 'h'),
        ("verbose", 'v'),
        ("reference=", 'r'),
        ("from=", 'F'),
        ("changes", 'c'),
        ("silent", 'f'),
        ("quiet", 'f'),
        ("preserve-root", 'f'),
    ];
    let opts = opts::parse(p, "RhvcfLHP", &longs)?;
    let mut operands = opts.operands.clone().into_iter();
    let is_group = p.name == "chgrp";
    let mut dotted = None;
    let who = match opts.value('r') {
        Some(file) => match p.stat(file)? {
            Ok(node) => Ok((Some(node.meta().uid), Some(node.meta().gid))),
            Err(errno) => {
                return p.fail(1, &format!("failed to get attributes of '{file}': {}", errno.text()));
            }
        },
        None => {
            let text = operands.next().unwrap_or_default();
            if operands.len() == 0 {
                if p.busybox() {
                    return super::usage(p);
                }
                let after = if text.is_empty() { String::new() } else { format!(" after ‘{text}’") };
                p.complain(&["missing operand", &after].concat())?;
                return super::try_help(p);
            }
            let who =
                if is_group { group_number(p, &text).map(|gid| (None, Some(gid))) } else { owner(p, &text) };
            if who.is_ok()
                && !is_group
                && !text.contains(':')
                && text.contains('.')
                && user::find_user(&p.m.tree, &text).is_none()
            {
                dotted = Some(text.clone());
            }
            who.map_err(|name| (name, text))
        }
    };
    let who = match who {
        Ok(who) => who,
        Err((name, text)) => {
            if p.m.incomplete {
                return Err(Halt::Unknown(crate::shell::Why::MayExist("/etc/passwd".to_owned())));
            }
            let group = is_group || text.split_once(':').is_some_and(|(user, _)| user != name);
            let text = match (p.busybox(), group) {
                (true, _) if text.contains(':') && !text.starts_with(':') => {
                    ["unknown user/group ", &text].concat()
                }
                (true, true) => format!("unknown group {name}"),
                (true, false) => format!("unknown user {name}"),
                (false, true) => format!("invalid group: ‘{text}’"),
                (false, false) => format!("invalid user: ‘{text}’"),
            };
            // BusyBox dies without its applet's name only for users of `chown`; both name it.
            return p.fail(1, &text);
        }
    };
    if let Some(text) = dotted.filter(|_| !p.busybox()) {
        p.complain(&format!("warning: '.' should be ':': ‘{text}’"))?;
    }
    let mut code = 0;
    for name in operands {
        let path = p.path(&name);
        let recursive = opts.has('R');
        let paths = if recursive { below::all(p, &path, &name)? } else { vec![(path, name.clone())] };
        for (path, shown) in paths {
            let follow = !opts.has('h') && !recursive;
            let before = p.m.stat(&path, false)?.ok().map(|node| node.meta());
            // What is not named stays; BusyBox takes it from the link.
            let who = match (&who, before) {
                ((uid, gid), Some(meta)) if p.busybox() => (uid.or(Some(meta.uid)), gid.or(Some(meta.gid))),
                (who, _) => *who,
            };
            if let Err(errno) = p.m.chown(&p.cred, &path, who, follow)? {
                code = 1;
                let missing = errno == crate::shell::machine::Errno::NoEntry;
                let text = match (p.busybox(), missing) {
                    (true, _) => format!("{shown}: {}", errno.text()),
                    (false, true) => format!("cannot access '{shown}': {}", errno.text()),
                    (false, false) if is_group => {
                        format!("changing group of '{shown}': {}", errno.text())
                    }
                    (false, false) => format!("changing ownership of '{shown}': {}", errno.text()),
                };
                p.complain(&text)?;
            } else if opts.any("vc") && !p.busybox() {
                let after = p.m.stat(&path, follow)?.ok().map(|node| node.meta());
                told(p, &opts, &shown, before, after)?;
            } else if opts.any("vc") {
                let node = p.m.stat(&path, follow)?;
                let changed = |meta: &crate::tree::Meta| {
                    before.is_none_or(|old| (old.uid, old.gid) != (meta.uid, meta.gid))
                };
                if let Ok(meta) = node.map(|node| node.meta())
                    && (opts.has('v') || changed(&meta))
                {
                    p.line(&format!("changed ownership of '{shown}' to {}:{}", meta.uid, meta.gid))?;
                }
            }
        }
    }
    Ok(code)
}

/// What GNU says of a change.
fn told(
    p: &mut Process<'_, '_>,
    opts: &opts::Opts,
    shown: &str,
    before: Option<crate::tree::Meta>,
    after: Option<crate::tree::Meta>,
) -> Result<(), Halt> {
    let (Some(old), Some(new)) = (before, after) else { return Ok(()) };
    let user = |uid: u32| {
        let found = user::users(&p.m.tree).into_iter().find(|user| user.uid == uid);
        found.map_or_else(|| uid.to_string(), |user| user.name)
    };
    let group = |gid: u32| {
        let found = user::groups(&p.m.tree).into_iter().find(|group| group.gid == gid);
        found.map_or_else(|| gid.to_string(), |group| group.name)
    };
    let (uid, gid) = (old.uid != new.uid, old.gid != new.gid);
    let is_group = p.name == "chgrp";
    let what = if is_group { "group" } else { "ownership" };
    // Who it is now is said as far as it was asked for.
    let asked = p.args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    let both = asked.contains(':') && !asked.ends_with(':') || asked.ends_with(':');
    let names = |meta: crate::tree::Meta| match (is_group, both) {
        (true, _) => group(meta.gid),
        (_, true) if asked.starts_with(':') => [":", &group(meta.gid)].concat(),
        (_, true) => [&user(meta.uid), ":", &group(meta.gid)].concat(),
        (_, false) => user(meta.uid),
    };
    let text = if uid || gid {
        format!("changed {what} of '{shown}' from {} to {}", names(old), names(new))
    } else if opts.has('v') {
        format!("{what} of '{shown}' retained as {}", names(new))
    } else {
        return Ok(());
    };
    p.line(&text)
}
