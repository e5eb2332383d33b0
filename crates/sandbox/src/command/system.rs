//! Who, where and what the machine is: `env`, `printenv`, `id`, `whoami`, `groups`, `uname`, `arch`, `hostname`,
//! `nproc`, `date`, `getconf`, and the commands that only start another one.

use super::opts;
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
    if opts.has('i') || opts.operands.first().is_some_and(|first| first == "-") {
        p.env.clear();
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
        at += 1;
    }
    if let Some(dir) = opts.value('C') {
        p.cwd = p.path(dir);
    }
    let argv = operands.get(at..).unwrap_or(&[]).to_vec();
    if argv.is_empty() {
        for (name, value) in p.env.clone() {
            p.line(&format!("{name}={value}"))?;
        }
        return Ok(0);
    }
    let _ = path;
    p.spawn(argv)
}

pub(super) fn printenv(p: &mut Process<'_, '_>) -> Run {
    if p.args.is_empty() {
        for (name, value) in p.env.clone() {
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
    let opts = opts::parse(p, "ugGnr", &longs)?;
    let users = user::users(&p.m.tree);
    let groups = user::groups(&p.m.tree);
    let (uid, gid, mut more) = match opts.operands.first() {
        Some(name) => match user::find_user(&p.m.tree, name) {
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
        words.push(if p.busybox() { "Linux" } else { "GNU/Linux" }.to_owned());
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

/// There is no clock: the time is fixed, and said to be made up.
pub(super) fn date(p: &mut Process<'_, '_>) -> Run {
    let longs = [("utc", 'u'), ("date=", 'd'), ("iso-8601", 'I'), ("rfc-3339=", 'R')];
    let opts = opts::parse(p, "ud:r:IRD:", &longs)?;
    if opts.any("drI") {
        return Err(crate::shell::machine::Halt::Unknown(crate::shell::Why::Option("-d".to_owned())));
    }
    p.modelled();
    let Some(format) = opts.operands.first().and_then(|word| word.strip_prefix('+')) else {
        p.line("Thu Jan  1 00:00:00 UTC 2026")?;
        return Ok(0);
    };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('Y') => out.push_str("2026"),
            Some('y') => out.push_str("26"),
            Some('m' | 'd') => out.push_str("01"),
            Some('H' | 'M' | 'S') => out.push_str("00"),
            Some('s') => out.push_str("1767225600"),
            Some('F') => out.push_str("2026-01-01"),
            Some('T') => out.push_str("00:00:00"),
            Some('D') => out.push_str("01/01/26"),
            Some('Z') => out.push_str("UTC"),
            Some('z') => out.push_str("+0000"),
            Some('b' | 'h') => out.push_str("Jan"),
            Some('B') => out.push_str("January"),
            Some('a') => out.push_str("Thu"),
            Some('A') => out.push_str("Thursday"),
            Some('j') => out.push_str("001"),
            Some('e') => out.push_str(" 1"),
            Some('N') => out.push_str("000000000"),
            Some('n') => out.push('\n'),
            Some('%') => out.push('%'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
            None => out.push('%'),
        }
    }
    p.line(&out)?;
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
    if p.name == "timeout" && !argv.is_empty() {
        argv.remove(0);
    }
    if p.name == "sudo" {
        let mut spec = p.spec(argv.clone());
        let who = opts.value('u').unwrap_or("root").to_owned();
        let Ok(identity) = user::identity(&p.m.tree, &who) else {
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
    spec.cred = crate::shell::machine::Cred { uid: identity.uid, gid: identity.gid, groups: identity.groups };
    spec.env.insert("HOME".to_owned(), identity.home.clone());
    if !direct {
        spec.env.insert("USER".to_owned(), who.clone());
    }
    if login {
        spec.cwd = identity.home;
    }
    p.spawn_spec(spec)
}

pub(super) fn expr(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.iter().any(|arg| arg.contains(UNKNOWN)) {
        return Err(crate::shell::machine::Halt::Unknown(crate::shell::Why::Content(
            "an operand".to_owned(),
        )));
    }
    let number = |text: &str| text.parse::<i64>().ok();
    let value = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [one] => (*one).to_owned(),
        ["length", text] => text.chars().count().to_string(),
        ["substr", text, from, length] => {
            let from = number(from).unwrap_or(0).max(1) as usize - 1;
            text.chars().skip(from).take(number(length).unwrap_or(0).max(0) as usize).collect()
        }
        ["index", text, set] => text.chars().position(|c| set.contains(c)).map_or(0, |at| at + 1).to_string(),
        [text, ":", pattern] | ["match", text, pattern] => {
            let Some(regex) =
                super::regex::Regex::new(&format!("^{}", pattern.trim_start_matches('^')), false, false)
            else {
                return p.fail(2, "bad regex");
            };
            match regex.find(p.m, text, 0)? {
                Some(found) => match found.groups.get(1) {
                    Some(group) => group.and_then(|(a, b)| text.get(a..b)).unwrap_or("").to_owned(),
                    None => {
                        let (a, b) = found.span();
                        text.get(a..b).unwrap_or("").chars().count().to_string()
                    }
                },
                None if pattern.contains("\\(") => String::new(),
                None => "0".to_owned(),
            }
        }
        [a, op @ ("+" | "-" | "*" | "/" | "%"), b] => {
            let (Some(a), Some(b)) = (number(a), number(b)) else {
                return p.fail(2, if p.busybox() { "non-numeric argument" } else { "non-integer argument" });
            };
            if b == 0 && matches!(*op, "/" | "%") {
                return p.fail(2, "division by zero");
            }
            match *op {
                "+" => a.wrapping_add(b),
                "-" => a.wrapping_sub(b),
                "*" => a.wrapping_mul(b),
                "/" => a.wrapping_div(b),
                _ => a.wrapping_rem(b),
            }
            .to_string()
        }
        [a, op @ ("=" | "==" | "!=" | "<" | "<=" | ">" | ">="), b] => {
            let order = match (number(a), number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.cmp(b),
            };
            let value = match *op {
                "=" | "==" => order.is_eq(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            };
            u8::from(value).to_string()
        }
        [a, "|", b] => (if a.is_empty() || *a == "0" { *b } else { *a }).to_owned(),
        [a, "&", b] => {
            (if a.is_empty() || *a == "0" || b.is_empty() || *b == "0" { "0" } else { *a }).to_owned()
        }
        [] => return super::usage(p),
        _ => return p.option("a longer expression"),
    };
    p.line(&value)?;
    Ok(u8::from(value.is_empty() || value == "0"))
}
