//! Who, where and what the machine is: `env`, `printenv`, `id`, `whoami`, `groups`, `uname`, `arch`, `hostname`,
//! `nproc`, `date`, `getconf`, and the commands that only start another one.

use super::opts;
use crate::shell::exec::Order;
use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};
use crate::user;

pub(super) fn env(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("ignore-environment", 'i'),
        ("unset=", 'u'),
        ("null", '0'),
        ("chdir=", 'C'),
        ("split-string=", 'S'),
    ];
    let opts = opts::parse_leading(p, "iu:0C:S:", &longs)?;
    let mut names: Vec<String> = p.order.apply(&p.env).into_iter().map(|(name, _)| name).collect();
    if opts.has('i') || opts.operands.first().is_some_and(|first| first == "-") {
        p.env.clear();
        names.clear();
    }
    for (_, name) in opts.flags.iter().filter(|(flag, _)| *flag == 'u') {
        p.env.remove(name);
    }
    let mut operands: Vec<String> = opts.operands.iter().filter(|word| *word != "-").cloned().collect();
    if let Some(split) = opts.value('S') {
        let mut words: Vec<String> = split.split_whitespace().map(str::to_owned).collect();
        words.append(&mut operands);
        operands = words;
    }
    let path = p.env.get("PATH").cloned();
    let mut at = 0;
    while let Some((name, value)) = operands.get(at).and_then(|word| word.split_once('=')) {
        p.env.insert(name.to_owned(), value.to_owned());
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        at += 1;
    }
    p.order = Order::Listed(names);
    if let Some(dir) = opts.value('C') {
        p.cwd = p.path(dir);
    }
    let argv = operands.get(at..).unwrap_or(&[]).to_vec();
    if argv.is_empty() {
        for (name, value) in p.order.apply(&p.env) {
            p.line(&format!("{name}={value}"))?;
        }
        return Ok(0);
    }
    let _ = path;
    p.spawn(argv)
}

pub(super) fn printenv(p: &mut Process<'_, '_>) -> Run {
    if p.args.is_empty() {
        for (name, value) in p.order.apply(&p.env) {
            p.line(&format!("{name}={value}"))?;
        }
        return Ok(0);
    }
    let mut code = 0;
    for name in p.args.clone() {
        match p.env.get(&name).cloned() {
            Some(value) => p.line(&value)?,
            None => code = 1,
        }
    }
    Ok(code)
}

pub(super) fn id(p: &mut Process<'_, '_>) -> Run {
    let longs = [("user", 'u'), ("group", 'g'), ("groups", 'G'), ("name", 'n'), ("real", 'r')];
    let opts = opts::parse(p, "ugGnra", &longs)?;
    if opts.operands.len() > 1 {
        if p.busybox() {
            return super::usage(p);
        }
        let flags: Vec<String> =
            opts.flags.iter().map(|(flag, _)| ["-", &flag.to_string()].concat()).collect();
        let mut code = 0;
        for name in &opts.operands {
            p.args = flags.iter().chain([name]).cloned().collect();
            code |= id(p)?;
        }
        return Ok(code);
    }
    let users = user::users(&p.m.tree);
    let groups = user::groups(&p.m.tree);
    let (uid, gid, mut more) = match opts.operands.first() {
        Some(name) => match user::find_user(&p.m.tree, name) {
            // BusyBox takes names alone.
            Some(found) if p.busybox() && found.name != *name => {
                return p.fail(1, &["unknown user ", name].concat());
            }
            Some(found) => {
                let more =
                    groups.iter().filter(|group| group.members.contains(&found.name)).map(|group| group.gid);
                (found.uid, found.gid, more.collect::<Vec<_>>())
            }
            None => {
                let text = if p.busybox() {
                    format!("unknown user {name}")
                } else {
                    format!("‘{name}’: no such user")
                };
                return p.fail(1, &text);
            }
        },
        None => (p.cred.uid, p.cred.gid, p.cred.groups.clone()),
    };
    // BusyBox shows its own groups as the kernel has them, others begin with the primary one.
    let of_kernel = p.busybox() && opts.operands.is_empty();
    if !of_kernel {
        more.retain(|other| *other != gid);
        more.insert(0, gid);
    }
    let user_name = users.iter().find(|user| user.uid == uid).map(|user| user.name.clone());
    let group_name = |gid: u32| groups.iter().find(|group| group.gid == gid).map(|group| group.name.clone());
    let one = |number: u32, name: Option<String>| {
        if opts.has('n') { name.unwrap_or_else(|| number.to_string()) } else { number.to_string() }
    };
    if opts.has('u') {
        let text = one(uid, user_name);
        p.line(&text)?;
    } else if opts.has('g') {
        let text = one(gid, group_name(gid));
        p.line(&text)?;
    } else if opts.has('G') {
        let all: Vec<String> = more.iter().copied().map(|gid| one(gid, group_name(gid))).collect();
        p.line(&all.join(" "))?;
    } else {
        let shown = |number: u32, name: Option<String>| match name {
            Some(name) => format!("{number}({name})"),
            None => number.to_string(),
        };
        let mut text = format!("uid={} gid={}", shown(uid, user_name), shown(gid, group_name(gid)));
        let all: Vec<String> = more.iter().copied().map(|gid| shown(gid, group_name(gid))).collect();
        if all.len() > 1 || !p.busybox() || !p.cred.groups.is_empty() || !opts.operands.is_empty() {
            text.push_str(&format!(" groups={}", all.join(",")));
        }
        p.line(&text)?;
    }
    Ok(0)
}

/// `groups`
pub(super) fn groups(p: &mut Process<'_, '_>) -> Run {
    let names = p.args.clone();
    if p.busybox() || names.is_empty() {
        p.args.insert(0, "-Gn".to_owned());
        return id(p);
    }
    let mut code = 0;
    for name in names {
        if user::find_user(&p.m.tree, &name).is_some() {
            p.print(&[&name, " : "].concat())?;
        }
        p.args = vec!["-Gn".to_owned(), name];
        code = code.max(id(p)?);
    }
    Ok(code)
}

/// Nobody has logged in.
pub(super) fn logname(p: &mut Process<'_, '_>) -> Run {
    p.fail(
        1,
        if p.busybox() && p.m.standalone() { "getlogin: No such device or address" } else { "no login name" },
    )
}

pub(super) fn nologin(p: &mut Process<'_, '_>) -> Run {
    p.line("This account is currently not available.")?;
    Ok(1)
}

/// `tty`: a build has none.
pub(super) fn tty(p: &mut Process<'_, '_>) -> Run {
    p.line("not a tty")?;
    Ok(1)
}

pub(super) fn whoami(p: &mut Process<'_, '_>) -> Run {
    let uid = p.cred.uid;
    match user::users(&p.m.tree).into_iter().find(|user| user.uid == uid) {
        Some(user) => {
            p.line(&user.name)?;
            Ok(0)
        }
        None if p.busybox() => p.fail(1, &format!("unknown uid {uid}")),
        None => p.fail(1, &format!("cannot find name for user ID {uid}")),
    }
}

/// `x86_64` for `amd64`.
pub(crate) fn machine(arch: &str) -> &str {
    match arch {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i686",
        "arm" => "armv7l",
        other => other,
    }
}

pub(super) fn uname(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("all", 'a'),
        ("machine", 'm'),
        ("kernel-name", 's'),
        ("kernel-release", 'r'),
        ("processor", 'p'),
        ("operating-system", 'o'),
        ("nodename", 'n'),
    ];
    let opts = opts::parse(p, "amsrpionv", &longs)?;
    let machine = machine(p.m.arch).to_owned();
    let unknown = UNKNOWN.to_string();
    let mut words = Vec::new();
    let all = opts.has('a');
    if opts.flags.is_empty() || opts.has('s') || all {
        words.push("Linux".to_owned());
    }
    if opts.has('n') || all {
        words.push(p.m.hostname.to_owned());
    }
    // The host's kernel is not in the image.
    if opts.has('r') || all {
        words.push(unknown.clone());
    }
    if opts.has('v') || all {
        words.push(unknown);
    }
    if opts.has('m') || all {
        words.push(machine.clone());
    }
    if opts.any("pi") {
        words.push(machine);
    }
    if opts.has('o') || all {
        words.push(if p.busybox() && !p.m.standalone() { "Linux" } else { "GNU/Linux" }.to_owned());
    }
    p.line(&words.join(" "))?;
    Ok(0)
}

pub(super) fn arch(p: &mut Process<'_, '_>) -> Run {
    let machine = machine(p.m.arch).to_owned();
    p.line(&machine)?;
    Ok(0)
}

pub(super) fn hostname(p: &mut Process<'_, '_>) -> Run {
    let name = p.m.hostname.to_owned();
    p.line(&name)?;
    Ok(0)
}

pub(super) fn nproc(p: &mut Process<'_, '_>) -> Run {
    p.modelled();
    p.line("4")?;
    Ok(0)
}

/// `nohup`, `nice`, `setsid`, `stdbuf`, `exec`-like: the rest of the words is a command.
pub(super) fn through(p: &mut Process<'_, '_>) -> Run {
    let spec = match p.name.as_str() {
        "timeout" => "s:k:v",
        "nice" => "n:",
        "stdbuf" => "i:o:e:",
        "ionice" => "c:n:t",
        "sudo" => "EHnSu:g:k",
        "chroot" | "setsid" | "nohup" | "unshare" => "cwf",
        _ => "+",
    };
    let longs = [
        ("signal=", 's'),
        ("kill-after=", 'k'),
        ("preserve-env", 'E'),
        ("user=", 'u'),
        ("preserve-status", 'v'),
        ("foreground", 'v'),
    ];
    let opts = opts::parse_leading(p, spec, &longs)?;
    let mut argv = opts.operands.clone();
    if p.name == "timeout" && argv.len() < 2 && !p.busybox() {
        super::try_help(p)?;
        return Ok(125);
    }
    if p.name == "timeout" && !argv.is_empty() {
        argv.remove(0);
    }
    if p.name == "sudo" {
        let mut spec = p.spec(argv.clone());
        let who = opts.value('u').unwrap_or("root").to_owned();
        let Ok(identity) = user::identity(&p.m.tree, &who) else {
            if p.m.incomplete {
                return Err(crate::shell::machine::Halt::Unknown(crate::shell::Why::MayExist(
                    "/etc/passwd".to_owned(),
                )));
            }
            return p.fail(1, &format!("unknown user {who}"));
        };
        spec.cred =
            crate::shell::machine::Cred { uid: identity.uid, gid: identity.gid, groups: identity.groups };
        while let Some((name, value)) = spec.argv.first().and_then(|word| word.split_once('=')) {
            spec.env.insert(name.to_owned(), value.to_owned());
            spec.argv.remove(0);
        }
        return p.spawn_spec(spec);
    }
    if argv.is_empty() {
        return Ok(0);
    }
    p.spawn(argv)
}

/// `su`, `gosu`, `su-exec`, `runuser`
pub(super) fn su(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut who = "root".to_owned();
    let mut command = None;
    let mut rest = Vec::new();
    let mut shell = None;
    let mut login = false;
    let mut args = args.into_iter();
    let direct = matches!(p.name.as_str(), "gosu" | "su-exec");
    if direct && args.as_slice().first().is_some_and(|arg| arg.starts_with('-')) {
        return p.only_reads("--version");
    }
    let mut named = false;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-" | "-l" | "--login" if !direct => login = true,
            "-c" | "--command" if !direct => command = args.next(),
            "-s" | "--shell" if !direct => shell = args.next(),
            "-u" if p.name == "runuser" => {
                who = args.next().unwrap_or_default();
                named = true;
            }
            "-m" | "-p" | "--preserve-environment" if !direct => {}
            "--" => rest.extend(args.by_ref()),
            _ if !named => {
                who = arg;
                named = true;
            }
            _ => {
                rest.push(arg);
                if direct {
                    rest.extend(args.by_ref());
                }
            }
        }
    }
    let Ok(identity) = user::identity(&p.m.tree, &who) else {
        if p.m.incomplete {
            return Err(crate::shell::machine::Halt::Unknown(crate::shell::Why::MayExist(
                "/etc/passwd".to_owned(),
            )));
        }
        let text = if p.busybox() {
            format!("unknown user {who}")
        } else {
            format!("user {who} does not exist or the user entry does not contain all the required fields")
        };
        return p.fail(1, &text);
    };
    let argv = match command {
        Some(command) => {
            let login_shell =
                user::find_user(&p.m.tree, &who).map(|user| user.shell).filter(|shell| !shell.is_empty());
            let shell = shell.or(login_shell).unwrap_or_else(|| "/bin/sh".to_owned());
            vec![shell, "-c".to_owned(), command]
        }
        None if rest.is_empty() => return Ok(0),
        None => rest,
    };
    let mut spec = p.spec(argv);
    let mut groups = identity.groups;
    if groups.is_empty() {
        groups.push(identity.gid);
    }
    spec.cred = crate::shell::machine::Cred { uid: identity.uid, gid: identity.gid, groups };
    spec.env.insert("HOME".to_owned(), identity.home.clone());
    if !direct {
        if !p.busybox() && identity.uid != 0 {
            spec.env.insert("LOGNAME".to_owned(), who.clone());
        }
        spec.env.insert("USER".to_owned(), who.clone());
        if login && !p.busybox() && crate::shell::exec::family(p.m) == crate::shell::exec::Family::Debian {
            let system = if identity.uid == 0 {
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            } else {
                "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
            };
            spec.env.insert("PATH".to_owned(), system.to_owned());
        }
        if let Some(path) = spec.argv.first().filter(|path| path.starts_with('/')).cloned() {
            spec.env.insert("SHELL".to_owned(), path);
        }
    }
    if login {
        let home = matches!(p.m.stat(&identity.home, true)?, Ok(node) if node.is_dir());
        if home {
            spec.cwd = identity.home;
        } else if p.busybox() {
            let why = if p.m.standalone() { "" } else { ": No such file or directory" };
            p.complain(&["can't change directory to '", &identity.home, "'", why].concat())?;
            spec.cwd = "/".to_owned();
        } else {
            p.error(
                &["su: warning: cannot change directory to ", &identity.home, ": No such file or directory"]
                    .concat(),
            )?;
        }
    }
    if !direct && spec.argv.get(1).is_some_and(|arg| arg == "-c") {
        // The shell is started under its bare name.
        p.flush()?;
        let path = spec.argv.first().cloned().unwrap_or_default();
        if let Some(first) = spec.argv.first_mut() {
            *first = [if login { "-" } else { "" }, crate::tree::base_name(&path)].concat();
        }
        return match crate::shell::exec::find(p.m, &path, "", &spec.cwd, &spec.cred) {
            crate::shell::exec::Found::At(path) => crate::shell::exec::run(p.m, spec, &path),
            _ if p.busybox() => {
                p.fail(127, &["can't execute '", &path, "': No such file or directory"].concat())
            }
            _ => p.fail(127, &["failed to execute ", &path, ": No such file or directory"].concat()),
        };
    }
    p.spawn_spec(spec)
}
