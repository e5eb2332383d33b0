//! Debian's `adduser`, `addgroup`, `deluser` and `delgroup`, which call shadow's tools and say what they do.

use super::shadow::{Account, add_account, add_group, membership, remove_account, rewrite};
use super::users::{denied, known, make_home, nobody, wish};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use crate::tree::Meta;

/// Options of one letter that BusyBox has and this one takes for the beginning of several.
fn ambiguous(p: &mut Process<'_, '_>) -> Result<Option<u8>, Halt> {
    let mut found = None;
    for arg in p.args.clone() {
        if arg == "-h" {
            // Its help, and that is all.
            found = Some(0);
            break;
        }
        let candidates = match arg.as_str() {
            "-D" | "-d" => "debug, disabled-login, disabled-password",
            "-S" | "-s" => "shell, system",
            "-G" | "-g" => "gecos, gid, group",
            _ => continue,
        };
        found = Some(1);
        let letter = arg.get(1..).unwrap_or("").to_lowercase();
        p.error(&format!("Option {letter} is ambiguous ({candidates})"))?;
    }
    if found.is_some() {
        p.line(&UNKNOWN.to_string())?;
    }
    Ok(found)
}

/// Says what it does, unless it is to be quiet. From version 3.137 on (Debian 13, Ubuntu 24.04) the words differ a little.
fn say(p: &mut Process<'_, '_>, quiet: bool, text: &str) -> Result<(), Halt> {
    if quiet { Ok(()) } else { p.line(text) }
}

fn first_free(used: &[u32], system: bool) -> u32 {
    let mut range = if system { 100..=999 } else { 1000..=59_999 };
    range.find(|id| !used.contains(id)).unwrap_or(60_000)
}

pub(super) fn adduser(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    if let Some(code) = ambiguous(p)? {
        return Ok(code);
    }
    if crate::model::apt::since(p) != Some(false) {
        // Its words have changed a little since.
        p.modelled();
    }
    let group_only = p.name == "addgroup";
    let wish = wish(p, false)?;
    let quiet = wish.quiet;
    let Some(name) = wish.words.first().cloned() else { return p.fail(1, "Only one or two names allowed.") };
    if let Some(group) = wish.words.get(1) {
        if group_only {
            return p.fail(1, "addgroup with two arguments is an unspecified operation.");
        }
        return to_group(p, &name, group, quiet);
    }
    if group_only || (wish.own_group && !wish.system) {
        return addgroup(p, &name, wish.gid.as_deref(), wish.system, quiet);
    }
    let (users, groups) = known(p);
    if let Some(user) = users.iter().find(|user| user.name == name) {
        if !wish.system {
            return p.fail(1, &format!("The user `{name}' already exists."));
        }
        if !(100..1000).contains(&user.uid) {
            return p
                .fail(1, &format!("The user `{name}' already exists, but is not a system user. Exiting."));
        }
        say(p, quiet, &format!("The system user `{name}' already exists. Exiting."))?;
        return Ok(0);
    }
    let lower = name.chars().enumerate().all(|(at, c)| {
        c.is_ascii_lowercase() || (at > 0 && (c.is_ascii_digit() || matches!(c, '-' | '_'))) || c == '$'
    });
    if !lower && !wish.bad_name && !wish.system {
        p.complain("Please enter a username matching the regular expression")?;
        p.error("            configured via the NAME_REGEX configuration variable.  Use the")?;
        p.error("            `--allow-bad-names' option to relax this check or reconfigure")?;
        p.error("            NAME_REGEX in configuration.")?;
        return Ok(1);
    }
    let used: Vec<u32> = users.iter().map(|user| user.uid).collect();
    if let Some(uid) = wish.uid.filter(|uid| used.contains(uid)) {
        return p.fail(1, &format!("The UID {uid} is already in use."));
    }
    let gids: Vec<u32> = groups.iter().map(|group| group.gid).collect();
    let given = wish.gid.as_deref();
    let found = match given {
        None if wish.system && !wish.own_group => groups.iter().find(|group| group.name == "nogroup"),
        None => None,
        Some(text) => match groups.iter().find(|group| group.name == text || text.parse() == Ok(group.gid)) {
            Some(group) => Some(group),
            None if text.parse::<u32>().is_ok() => {
                return p.fail(1, &format!("The GID {text} does not exist."));
            }
            None => return nobody(p, 1, &format!("The group `{text}' does not exist.")),
        },
    };
    let uid = wish.uid.unwrap_or_else(|| {
        let both: Vec<u32> =
            if found.is_some() || wish.system { used.clone() } else { [&used[..], &gids].concat() };
        first_free(&both, wish.system)
    });
    let default_home = || if wish.system { "/nonexistent".to_owned() } else { ["/home/", &name].concat() };
    let home = wish.home.clone().unwrap_or_else(default_home);
    let kind =
        if wish.system { format!("system user `{name}' (UID {uid})") } else { format!("user `{name}'") };
    say(p, quiet, &format!("Adding {kind} ..."))?;
    if wish.system && wish.no_home && home != "/nonexistent" && matches!(p.stat(&home), Ok(Err(_))) {
        p.complain(&format!(
            "Warning: The home dir {home} you specified can't be accessed: No such file or directory"
        ))?;
    }
    let number = |id: u32| if wish.system { format!("GID {id}") } else { id.to_string() };
    let (gid, group) = match found {
        Some(group) => (group.gid, group.name.clone()),
        None => {
            let gid = if gids.contains(&uid) { first_free(&gids, wish.system) } else { uid };
            say(p, quiet, &format!("Adding new group `{name}' ({}) ...", number(gid)))?;
            add_group(p, &name, gid)?;
            (gid, name.clone())
        }
    };
    let text = if wish.system {
        format!("Adding new user `{name}' (UID {uid}) with group `{group}' ...")
    } else {
        format!("Adding new user `{name}' ({uid}) with group `{group} ({gid})' ...")
    };
    say(p, quiet, &text)?;
    if wish.uid.is_some() {
        super::shadow::odd_number(p, &name, uid, wish.system)?;
    }
    let shell = wish
        .shell
        .clone()
        .unwrap_or_else(|| if wish.system { "/usr/sbin/nologin" } else { "/bin/bash" }.to_owned());
    let account = Account {
        name: &name,
        uid,
        gid,
        gecos: "",
        home: &home,
        shell: &shell,
        password: "!",
        system: wish.system,
    };
    add_account(p, &account)?;
    home_of(
        p,
        &home,
        Meta { mode: if wish.system { 0o755 } else { 0o700 }, uid, gid },
        wish.no_home,
        wish.system,
        quiet,
    )?;
    if !wish.system && !wish.no_password {
        unanswered_password(p)?;
    }
    match &wish.gecos {
        Some(gecos) => set_gecos(p, &name, gecos)?,
        None if !wish.system => {
            unanswered_questions(p, &name)?;
            set_gecos(p, &name, "")?;
        }
        None => {}
    }
    if !wish.system && groups.iter().any(|group| group.name == "users") {
        say(p, quiet, &format!("Adding new user `{name}' to supplemental / extra groups `users' ..."))?;
        say(p, quiet, &format!("Adding user `{name}' to group `users' ..."))?;
        membership(p, &name, &|group| (group == "users").then_some(true))?;
    }
    Ok(0)
}

fn set_gecos(p: &mut Process<'_, '_>, name: &str, gecos: &str) -> Result<(), Halt> {
    let given = gecos.split(',').count();
    let gecos = [gecos, ",,,".get(..4_usize.saturating_sub(given)).unwrap_or("")].concat();
    rewrite(p, super::shadow::PASSWD, &mut |entries| {
        for entry in entries.iter_mut().filter(|entry| entry.first().is_some_and(|found| found == name)) {
            if let Some(field) = entry.get_mut(4) {
                field.clone_from(&gecos);
            }
        }
    })
}

/// Nobody answers in a build: the password is not set, and it goes on.
fn unanswered_password(p: &mut Process<'_, '_>) -> Result<(), Halt> {
    p.flush()?;
    p.error("New password: Password change has been aborted.")?;
    p.error("passwd: Authentication token manipulation error")?;
    p.error("passwd: password unchanged")?;
    p.print("Try again? [y/N] ")?;
    no_answer(p)
}

fn unanswered_questions(p: &mut Process<'_, '_>, name: &str) -> Result<(), Halt> {
    p.line(&format!("Changing the user information for {name}"))?;
    p.line("Enter the new value, or press ENTER for the default")?;
    p.print("\tFull Name []: \tRoom Number []: \tWork Phone []: \tHome Phone []: \tOther []: ")?;
    p.print("Is the information correct? [Y/n] ")?;
    no_answer(p)
}

/// What Perl says about the answer that is missing; the numbers of its lines are of the version.
fn no_answer(p: &mut Process<'_, '_>) -> Result<(), Halt> {
    p.error(&UNKNOWN.to_string())
}

fn home_of(
    p: &mut Process<'_, '_>,
    home: &str,
    meta: Meta,
    without: bool,
    system: bool,
    quiet: bool,
) -> Result<(), Halt> {
    if home == "/nonexistent" {
        return say(p, quiet, "Not creating `/nonexistent'.");
    }
    if without {
        return say(p, quiet, &format!("Not creating home directory `{home}'."));
    }
    if let Some(node) = p.probe(home) {
        p.complain(&format!("The home directory `{home}' already exists.  Not touching this directory."))?;
        if node.meta().uid != meta.uid {
            p.complain(&format!(
                "Warning: The home directory `{home}' does not belong to the user you are currently creating."
            ))?;
        }
        return Ok(());
    }
    say(p, quiet, &format!("Creating home directory `{home}' ..."))?;
    if !system {
        say(p, quiet, "Copying files from `/etc/skel' ...")?;
        return make_home(p, home, meta);
    }
    let (path, root) = (p.path(home), p.cred.clone());
    if p.m.mkdir_all(&root, &path, 0o755)?.is_ok() {
        let _ = p.m.tree.chown(&path, Some(meta.uid), Some(meta.gid), true);
    }
    Ok(())
}

fn to_group(p: &mut Process<'_, '_>, user: &str, group: &str, quiet: bool) -> Run {
    let (users, groups) = known(p);
    if !users.iter().any(|found| found.name == user) {
        return nobody(p, 1, &format!("The user `{user}' does not exist."));
    }
    let Some(found) = groups.iter().find(|found| found.name == group) else {
        return nobody(p, 1, &format!("The group `{group}' does not exist."));
    };
    if found.members.iter().any(|member| member == user) {
        p.complain(&format!("The user `{user}' is already a member of `{group}'."))?;
        return Ok(0);
    }
    say(p, quiet, &format!("Adding user `{user}' to group `{group}' ..."))?;
    membership(p, user, &|name| (name == group).then_some(true))?;
    say(p, quiet, "Done.")?;
    Ok(0)
}

fn addgroup(p: &mut Process<'_, '_>, name: &str, gid: Option<&str>, system: bool, quiet: bool) -> Run {
    let (_, groups) = known(p);
    if let Some(group) = groups.iter().find(|group| group.name == name) {
        if !system {
            return p.fail(1, &format!("The group `{name}' already exists."));
        }
        if (100..1000).contains(&group.gid) {
            return p.fail(0, &format!("The group `{name}' already exists as a system group. Exiting."));
        }
        return p.fail(1, &format!("The group `{name}' already exists and is not a system group. Exiting."));
    }
    let used: Vec<u32> = groups.iter().map(|group| group.gid).collect();
    let wanted: Option<u32> = gid.and_then(|gid| gid.parse().ok());
    if let Some(gid) = wanted.filter(|gid| used.contains(gid)) {
        return p.fail(1, &format!("The GID `{gid}' is already in use."));
    }
    let gid = wanted.unwrap_or_else(|| first_free(&used, system));
    say(p, quiet, &format!("Adding group `{name}' (GID {gid}) ..."))?;
    add_group(p, name, gid)?;
    say(p, quiet, "Done.")?;
    Ok(0)
}

/// `deluser` and `delgroup`
pub(super) fn deluser(p: &mut Process<'_, '_>) -> Run {
    if let Some(denied) = denied(p) {
        return denied;
    }
    let mut quiet = false;
    let mut group_only = p.name == "delgroup";
    for arg in p.args.clone().iter().filter(|arg| arg.starts_with('-')) {
        match arg.as_str() {
            "--quiet" | "-q" => quiet = true,
            "--group" => group_only = true,
            "--system" => {}
            // It needs more of Perl than may be there.
            other => return p.option(other.to_owned()),
        }
    }
    let words: Vec<String> = p.args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let (users, groups) = known(p);
    let Some(name) = words.first() else { return p.option("") };
    if let Some(group) = words.get(1) {
        if !users.iter().any(|user| user.name == *name) {
            return nobody(p, 2, &format!("The user `{name}' does not exist."));
        }
        let Some(found) = groups.iter().find(|found| found.name == *group) else {
            return nobody(p, 3, &format!("The group `{group}' does not exist."));
        };
        if !found.members.contains(name) {
            return p.fail(6, &format!("The user `{name}' is not a member of group `{group}'."));
        }
        say(p, quiet, &format!("Removing user `{name}' from group `{group}' ..."))?;
        membership(p, name, &|other| (other == group).then_some(false))?;
        say(p, quiet, "Done.")?;
        return Ok(0);
    }
    if group_only {
        if !groups.iter().any(|group| group.name == *name) {
            return nobody(p, 3, &format!("The group `{name}' does not exist."));
        }
        say(p, quiet, &format!("Removing group `{name}' ..."))?;
        let own = std::mem::replace(&mut p.name, "groupdel".to_owned());
        p.args = vec![name.clone()];
        let code = super::groups::groupdel(p)?;
        p.name = own;
        if code != 0 {
            return p.fail(code, &format!("`/sbin/groupdel {name}' returned error code {code}. Exiting."));
        }
    } else {
        let Some(user) = users.iter().find(|user| user.name == *name) else {
            return nobody(p, 2, &format!("The user `{name}' does not exist."));
        };
        if matches!(p.stat("/usr/bin/crontab"), Ok(Err(_))) && !quiet {
            p.complain(
                "`/usr/bin/crontab' not executed. Skipping crontab removal. Package `cron' required.",
            )?;
        }
        say(p, quiet, &format!("Removing user `{name}' ..."))?;
        remove_account(p, user)?;
    }
    say(p, quiet, "Done.")?;
    Ok(0)
}
