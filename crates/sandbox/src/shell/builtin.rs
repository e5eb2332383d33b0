//! What the shell itself does: the builtins that change it.

use super::eval::{Eval, Flow, Shell, Value, Var, single_quoted};
use super::exec::{self, Found};
use super::machine::{Errno, Halt, Machine, UNKNOWN};
use super::parse::{Dialect, valid_name};
use super::process::{Run, absolute};
use super::syntax::Word;
use crate::command;
use crate::tree::Node;

/// Names that end the shell when they fail (POSIX's special builtins).
pub(crate) fn is_special(name: &str) -> bool {
    matches!(
        name,
        "." | ":"
            | "break"
            | "continue"
            | "eval"
            | "exec"
            | "exit"
            | "export"
            | "readonly"
            | "return"
            | "set"
            | "shift"
            | "trap"
            | "unset"
            | "times"
    )
}

/// Commands that shells have inside and that are modelled as programs.
fn is_inner_program(shell: &Shell, name: &str) -> bool {
    match name {
        "echo" | "printf" | "test" | "[" | "true" | "false" | "kill" => true,
        _ => shell.dialect == Dialect::Ash && name == "let",
    }
}

/// Whether the shell runs it itself.
pub(crate) fn is_builtin(shell: &Shell, name: &str) -> bool {
    let bash = shell.dialect == Dialect::Bash;
    is_special(name)
        || is_inner_program(shell, name)
        || matches!(
            name,
            "cd" | "pwd"
                | "read"
                | "umask"
                | "local"
                | "command"
                | "type"
                | "hash"
                | "wait"
                | "alias"
                | "unalias"
                | "getopts"
                | "ulimit"
                | "jobs"
                | "bg"
                | "fg"
        )
        || (name == "source" && shell.dialect != Dialect::Dash)
        || (bash
            && matches!(
                name,
                "declare"
                    | "typeset"
                    | "shopt"
                    | "builtin"
                    | "enable"
                    | "pushd"
                    | "popd"
                    | "dirs"
                    | "mapfile"
                    | "readarray"
                    | "let"
                    | "history"
                    | "disown"
                    | "compgen"
                    | "complete"
                    | "caller"
                    | "bind"
            ))
}

pub(crate) fn set_letter(shell: &mut Shell, letter: char, on: bool) -> bool {
    match letter {
        'e' => shell.options.errexit = on,
        'u' => shell.options.nounset = on,
        'x' => shell.options.xtrace = on,
        'f' => shell.options.noglob = on,
        'a' => shell.options.allexport = on,
        'C' => shell.options.noclobber = on,
        'n' => shell.options.noexec = on,
        'v' | 'm' | 'b' | 'h' | 'i' | 'l' | 's' | 'p' | 'V' | 'E' | 'I' => {}
        'B' | 'H' | 'T' | 'P' | 'k' | 't' => return shell.dialect == Dialect::Bash,
        _ => return false,
    }
    true
}

pub(crate) fn set_option(shell: &mut Shell, name: &str, on: bool) -> bool {
    match name {
        "errexit" => shell.options.errexit = on,
        "nounset" => shell.options.nounset = on,
        "xtrace" => shell.options.xtrace = on,
        "noglob" => shell.options.noglob = on,
        "allexport" => shell.options.allexport = on,
        "noclobber" => shell.options.noclobber = on,
        "noexec" => shell.options.noexec = on,
        "pipefail" if shell.dialect != Dialect::Dash => shell.options.pipefail = on,
        "verbose" | "monitor" | "notify" | "ignoreeof" | "vi" | "emacs" | "nolog" => {}
        "errtrace"
        | "functrace"
        | "posix"
        | "braceexpand"
        | "hashall"
        | "history"
        | "histexpand"
        | "interactive-comments"
        | "keyword"
        | "onecmd"
        | "physical"
        | "privileged" => return shell.dialect == Dialect::Bash,
        _ => return false,
    }
    true
}

/// Runs a builtin.
pub(crate) fn run(shell: &mut Shell, m: &mut Machine<'_>, argv: &[String]) -> Eval {
    let name = argv.first().map_or("", String::as_str);
    let args = argv.get(1..).unwrap_or(&[]);
    let count = |args: &[String]| args.first().map_or(Some(1), |n| n.parse::<u32>().ok()).unwrap_or(1).max(1);
    shell.status = match name {
        ":" => 0,
        "break" if shell.loops > 0 => {
            shell.status = 0;
            return Ok(Flow::Break(count(args).min(shell.loops)));
        }
        "continue" if shell.loops > 0 => {
            shell.status = 0;
            return Ok(Flow::Continue(count(args).min(shell.loops)));
        }
        "break" | "continue" => {
            if shell.dialect == Dialect::Bash {
                shell.fail(m, name, 0, "only meaningful in a `for', `while', or `until' loop")?;
            }
            0
        }
        "exit" | "return" => {
            if let Some(code) = args.first() {
                match code.parse::<i64>() {
                    Ok(code) => shell.status = code as u8,
                    Err(_) if code.contains(UNKNOWN) => shell.status = 0,
                    Err(_) => {
                        let text = match shell.dialect {
                            Dialect::Bash => format!("{code}: numeric argument required"),
                            Dialect::Ash | Dialect::Dash => format!("Illegal number: {code}"),
                        };
                        shell.status = shell.fail(m, name, 2, &text)?;
                        return Ok(Flow::Exit);
                    }
                }
            }
            if name == "exit" {
                return Ok(Flow::Exit);
            }
            if shell.locals.is_empty() && shell.sourced == 0 {
                if shell.dialect == Dialect::Bash {
                    shell.status =
                        shell.fail(m, name, 2, "can only `return' from a function or sourced script")?;
                    return Ok(Flow::Next);
                }
                return Ok(Flow::Exit);
            }
            return Ok(Flow::Return);
        }
        "eval" => {
            let script = args.join(" ");
            if script.trim().is_empty() {
                shell.status = 0;
                return Ok(Flow::Next);
            }
            shell.status = 0;
            return shell.run_script(m, &script);
        }
        "." | "source" => return source(shell, m, name, args),
        "exec" => return exec_program(shell, m, args),
        "command" | "builtin" => return command_builtin(shell, m, args),
        "cd" => cd(shell, m, args)?,
        "pwd" => {
            let cwd = if args.iter().any(|arg| arg == "-P") {
                m.tree.resolve(&shell.cwd, true).map_or_else(|_| shell.cwd.clone(), |found| found.path)
            } else {
                shell.cwd.clone()
            };
            print(shell, m, &format!("{cwd}\n"))?;
            0
        }
        "export" | "readonly" => {
            let code = export(shell, m, name, args)?;
            if code != 0 && shell.dialect != Dialect::Bash {
                shell.status = code;
                return Ok(Flow::Exit);
            }
            code
        }
        "local" | "declare" | "typeset" => local(shell, m, name, args)?,
        "unset" => unset(shell, m, args)?,
        "set" => {
            let code = set(shell, m, args)?;
            if code != 0 && shell.dialect != Dialect::Bash {
                shell.status = code;
                return Ok(Flow::Exit);
            }
            code
        }
        "shift" => {
            let by = args.first().map_or(1, |n| n.parse().unwrap_or(1));
            if by > shell.positional.len() {
                if shell.dialect == Dialect::Dash {
                    shell.status = shell.fail(m, name, 2, "can't shift that many")?;
                    return Ok(Flow::Exit);
                }
                1
            } else {
                shell.positional.drain(..by);
                0
            }
        }
        "trap" => {
            trap(shell, m, args)?;
            0
        }
        "read" => read(shell, m, args)?,
        "umask" => umask(shell, m, args)?,
        "type" => type_builtin(shell, m, args)?,
        "hash" => hash(shell, m, args)?,
        "alias" => {
            for arg in args {
                if let Some((name, value)) = arg.split_once('=') {
                    shell.aliases.insert(name.to_owned(), value.to_owned());
                }
            }
            if args.is_empty() {
                let word = if shell.dialect == Dialect::Bash { "alias " } else { "" };
                let lines: String = shell
                    .aliases
                    .iter()
                    .map(|(name, value)| format!("{word}{name}={}\n", single_quoted(value)))
                    .collect();
                print(shell, m, &lines)?;
            }
            0
        }
        "unalias" => {
            for arg in args {
                shell.aliases.remove(arg);
            }
            0
        }
        "getopts" => getopts(shell, m, args)?,
        "shopt" | "ulimit" | "enable" | "wait" | "times" | "jobs" | "bg" | "fg" | "history" | "disown"
        | "complete" | "bind" | "compgen" | "caller" => 0,
        "pushd" | "popd" | "dirs" => pushd(shell, m, name, args)?,
        "mapfile" | "readarray" => mapfile(shell, m, args)?,
        "let" => {
            let mut value = Some(0);
            for arg in args {
                value = shell.arith_text(m, arg)?;
            }
            u8::from(value == Some(0))
        }
        _ => program(shell, m, argv)?,
    };
    Ok(Flow::Next)
}

fn print(shell: &mut Shell, m: &mut Machine<'_>, text: &str) -> Result<(), Halt> {
    match shell.fds.get(&1) {
        Some(stream) => m.write(*stream, text.as_bytes()),
        None => Ok(()),
    }
}

/// A builtin that is a program elsewhere.
fn program(shell: &mut Shell, m: &mut Machine<'_>, argv: &[String]) -> Run {
    let name = argv.first().map_or("", String::as_str);
    let Some(command) = command::find(name) else { return Ok(127) };
    let spec = shell.spec(argv.to_vec(), shell.fds.clone());
    let flavor = shell.flavor();
    // BusyBox names the applet where it names the shell elsewhere.
    let prefix = if shell.dialect == Dialect::Ash {
        format!("{}: ", crate::tree::base_name(&shell.name0))
    } else {
        shell.prefix()
    };
    exec::run_command(m, spec, command, flavor, Some((shell.dialect, prefix)))
}

fn source(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Eval {
    let Some(file) = args.first() else {
        shell.status = if shell.dialect == Dialect::Dash { 0 } else { 2 };
        return Ok(Flow::Next);
    };
    let mut path = absolute(&shell.cwd, file);
    if !file.contains('/') {
        let search = shell.get("PATH").unwrap_or_default();
        let found = search.split(':').map(|dir| absolute(dir, file)).find(|path| m.tree.read(path).is_ok());
        if let Some(found) = found {
            path = found;
        }
    }
    let cred = shell.cred.clone();
    let script = match m.read(&cred, &path) {
        Ok(Ok(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(Err(errno)) => {
            let missing = errno == Errno::NoEntry;
            match shell.dialect {
                Dialect::Ash => shell.fail(m, name, 2, &format!("can't open '{file}': {}", errno.text()))?,
                Dialect::Dash => {
                    let why = if missing { "No such file" } else { errno.text() };
                    shell.fail(m, name, 2, &format!("cannot open {file}: {why}"))?
                }
                Dialect::Bash => {
                    shell.complain(m, &format!("{file}: {}", errno.text()))?;
                    1
                }
            };
            shell.status = if shell.dialect == Dialect::Bash { 1 } else { 2 };
            return Ok(if shell.dialect == Dialect::Bash { Flow::Next } else { Flow::Exit });
        }
        Err(Halt::Unknown(why)) => {
            let cwd = shell.cwd.clone();
            shell.status = m.note_unknown(format!("{name} {file}"), why, false, &cwd);
            return Ok(Flow::Next);
        }
        Err(halt) => return Err(halt),
    };
    if super::machine::is_unknown(script.as_bytes()) {
        let cwd = shell.cwd.clone();
        let why = super::Why::Content(file.clone());
        shell.status = m.note_unknown(format!("{name} {file}"), why, false, &cwd);
        return Ok(Flow::Next);
    }
    shell.enter(m)?;
    shell.sourced += 1;
    let positional = (args.len() > 1)
        .then(|| std::mem::replace(&mut shell.positional, args.get(1..).unwrap_or(&[]).to_vec()));
    shell.status = 0;
    let flow = shell.run_script(m, &script);
    if let Some(positional) = positional {
        shell.positional = positional;
    }
    shell.sourced -= 1;
    m.depth -= 1;
    Ok(if flow? == Flow::Exit { Flow::Exit } else { Flow::Next })
}

fn exec_program(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Eval {
    let mut args = args;
    while let Some(flag) = args.first().filter(|arg| arg.starts_with('-')) {
        let skip = if flag == "-a" { 2 } else { 1 };
        args = args.get(skip..).unwrap_or(&[]);
        if flag == "--" {
            break;
        }
    }
    let program = args.first().cloned().unwrap_or_default();
    let spec = shell.spec(args.to_vec(), shell.fds.clone());
    shell.status = match shell.find(m, &program) {
        Found::At(path) => exec::run(m, spec, &path)?,
        Found::MayExist(path) => exec::run_unlisted(m, spec, &path)?,
        Found::Missing => shell.fail(m, "exec", 127, &format!("{program}: not found"))?,
        Found::Denied { .. } => shell.fail(m, "exec", 126, &format!("{program}: Permission denied"))?,
    };
    shell.exit_trap = None;
    Ok(Flow::Exit)
}

fn command_builtin(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Eval {
    let mut args = args;
    let mut show = None;
    while let Some(flag) = args.first().filter(|arg| arg.starts_with('-') && arg.len() > 1) {
        match flag.as_str() {
            "-v" => show = Some(false),
            "-V" => show = Some(true),
            _ => {}
        }
        args = args.get(1..).unwrap_or(&[]);
    }
    if let Some(long) = show {
        // BusyBox and dash look at the first name only.
        let all = shell.dialect == Dialect::Bash;
        let mut code = 0;
        for name in args.iter().take(if all { usize::MAX } else { 1 }) {
            match describe(shell, m, name, long)? {
                Some(text) => print(shell, m, &format!("{text}\n"))?,
                None => {
                    code = if all { 1 } else { 127 };
                    if long {
                        shell.complain(m, &format!("{name}: not found"))?;
                    }
                }
            }
        }
        shell.status = code;
        return Ok(Flow::Next);
    }
    let Some(name) = args.first() else {
        shell.status = 0;
        return Ok(Flow::Next);
    };
    if is_builtin(shell, name) {
        return run(shell, m, args);
    }
    let spec = shell.spec(args.to_vec(), shell.fds.clone());
    shell.status = match shell.find(m, name) {
        Found::At(path) => exec::run(m, spec, &path)?,
        Found::MayExist(path) => exec::run_unlisted(m, spec, &path)?,
        Found::Missing => {
            let text = if shell.dialect == Dialect::Bash { "command not found" } else { "not found" };
            shell.complain(m, &format!("{name}: {text}"))?;
            127
        }
        Found::Denied { .. } => {
            shell.complain(m, &format!("{name}: Permission denied"))?;
            126
        }
    };
    Ok(Flow::Next)
}

/// What a name is, in the words of `command -v` or `type`.
fn describe(shell: &Shell, m: &Machine<'_>, name: &str, long: bool) -> Result<Option<String>, Halt> {
    let reserved = [
        "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "{", "}",
        "!", "in",
    ];
    Ok(if let Some(alias) = shell.aliases.get(name) {
        Some(if long { format!("{name} is an alias for {alias}") } else { format!("alias {name}='{alias}'") })
    } else if reserved.contains(&name) {
        Some(if long { format!("{name} is a shell keyword") } else { name.to_owned() })
    } else if shell.functions.contains_key(name) {
        Some(match (long, shell.dialect) {
            (false, _) => name.to_owned(),
            (true, Dialect::Dash) => format!("{name} is a shell function"),
            (true, _) => format!("{name} is a function"),
        })
    } else if is_builtin(shell, name) {
        Some(match (long, is_special(name) && shell.dialect != Dialect::Bash) {
            (false, _) => name.to_owned(),
            (true, true) => format!("{name} is a special shell builtin"),
            (true, false) => format!("{name} is a shell builtin"),
        })
    } else {
        match shell.find(m, name) {
            Found::At(path) => Some(if long { format!("{name} is {path}") } else { path }),
            Found::MayExist(path) if command::find(name).is_some() => Some(path),
            _ => None,
        }
    })
}

fn type_builtin(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let mut code = 0;
    let mut kind = false;
    let mut path_only = false;
    for name in args {
        match name.as_str() {
            "-t" if shell.dialect == Dialect::Bash => kind = true,
            "-p" | "-P" if shell.dialect == Dialect::Bash => path_only = true,
            "-a" => {}
            _ => match describe(shell, m, name, true)? {
                Some(text) if kind => {
                    let word = if text.ends_with("builtin") {
                        "builtin"
                    } else if text.ends_with("function") {
                        "function"
                    } else if text.ends_with("keyword") {
                        "keyword"
                    } else {
                        "file"
                    };
                    print(shell, m, &format!("{word}\n"))?;
                }
                Some(text) if path_only => {
                    if let Some(path) = text.rsplit(' ').next().filter(|path| path.starts_with('/')) {
                        print(shell, m, &format!("{path}\n"))?;
                    }
                }
                Some(text) => print(shell, m, &format!("{text}\n"))?,
                None => {
                    code = if shell.dialect == Dialect::Bash { 1 } else { 127 };
                    match shell.dialect {
                        Dialect::Bash if !kind && !path_only => {
                            shell.fail(m, "type", 1, &format!("{name}: not found"))?;
                        }
                        Dialect::Bash => {}
                        _ => print(shell, m, &format!("{name}: not found\n"))?,
                    }
                }
            },
        }
    }
    Ok(code)
}

fn hash(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        if matches!(shell.find(m, name), Found::Missing) && !is_builtin(shell, name) {
            return shell.fail(m, "hash", 1, &format!("{name}: not found"));
        }
    }
    Ok(0)
}

fn cd(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let args: Vec<&String> =
        args.iter().filter(|arg| !matches!(arg.as_str(), "-P" | "-L" | "--" | "-e")).collect();
    let home = shell.get("HOME");
    let (target, show) = match args.first().map(|arg| arg.as_str()) {
        None => match home {
            Some(home) => (home, false),
            None if shell.dialect == Dialect::Bash => return shell.fail(m, "cd", 1, "HOME not set"),
            None => return Ok(0),
        },
        Some("-") => match shell.get("OLDPWD") {
            Some(old) => (old, true),
            None if shell.dialect == Dialect::Bash => return shell.fail(m, "cd", 1, "OLDPWD not set"),
            None => (shell.cwd.clone(), true),
        },
        Some(target) => (target.to_owned(), false),
    };
    let code = change_dir(shell, m, "cd", &target)?;
    if code == 0 && show {
        let cwd = shell.cwd.clone();
        print(shell, m, &format!("{cwd}\n"))?;
    }
    Ok(code)
}

fn change_dir(shell: &mut Shell, m: &mut Machine<'_>, name: &str, target: &str) -> Run {
    let path = crate::tree::absolute(&shell.cwd, target);
    let real = absolute(&shell.cwd, target);
    let failed = match m.stat(&real, true) {
        Ok(Ok(Node::Dir(dir))) if shell.cred.may(dir.meta, 1) || shell.cred.uid == 0 => None,
        Ok(Ok(Node::Dir(_))) => Some(Errno::Access),
        Ok(Ok(_)) => Some(Errno::NotDir),
        Ok(Err(errno)) => Some(errno),
        Err(Halt::Unknown(why)) => {
            let cwd = shell.cwd.clone();
            m.note_unknown(format!("{name} {target}"), why, true, &cwd);
            // Whoever made it unseen, it is there from now on, with content that nobody knows.
            let cred = shell.cred.clone();
            let _ = m.mkdir_all(&cred, &path, 0o755);
            let source = std::sync::Arc::from("unknown");
            let _ = m.tree.update(&path, |node| {
                if let Node::Dir(dir) = node {
                    std::sync::Arc::make_mut(dir).unlisted =
                        Some(std::sync::Arc::new(crate::tree::Unlisted { bytes: 0, source }));
                }
            });
            None
        }
        Err(halt) => return Err(halt),
    };
    if let Some(errno) = failed {
        let text = match shell.dialect {
            Dialect::Ash => format!("can't cd to {target}: {}", errno.text()),
            Dialect::Dash => format!("can't cd to {target}"),
            Dialect::Bash => format!("{target}: {}", errno.text()),
        };
        return shell.fail(m, name, if shell.dialect == Dialect::Bash { 1 } else { 2 }, &text);
    }
    let old = std::mem::replace(&mut shell.cwd, path.clone());
    shell.put("OLDPWD", old);
    shell.put("PWD", path);
    Ok(0)
}

fn pushd(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Run {
    let mut stack: Vec<String> = match shell.vars.get("DIRSTACK").map(|var| &var.value) {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    match name {
        "pushd" => {
            let old = shell.cwd.clone();
            let target = args.first().cloned().unwrap_or_else(|| shell.cwd.clone());
            let code = change_dir(shell, m, name, &target)?;
            if code != 0 {
                return Ok(code);
            }
            stack.push(old);
        }
        "popd" => match stack.pop() {
            Some(dir) => {
                change_dir(shell, m, name, &dir)?;
            }
            None => return shell.fail(m, name, 1, "directory stack empty"),
        },
        _ => {}
    }
    let mut shown = vec![shell.cwd.clone()];
    shown.extend(stack.iter().rev().cloned());
    let text = shown.join(" ");
    let home = shell.get("HOME").unwrap_or_default();
    let text = if home.len() > 1 { text.replace(&home, "~") } else { text };
    print(shell, m, &format!("{text}\n"))?;
    let var = Var { value: Value::Array(stack), exported: false, readonly: false };
    shell.vars.insert("DIRSTACK".to_owned(), var);
    Ok(0)
}

fn export(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Run {
    let mut remove = false;
    let mut listed = args.is_empty();
    for arg in args {
        if arg.starts_with('-') && arg.len() > 1 {
            remove |= arg.contains('n');
            listed |= arg == "-p";
            continue;
        }
        let (var, value) = match arg.split_once('=') {
            Some((var, value)) => (var, Some(value)),
            None => (arg.as_str(), None),
        };
        if !valid_name(var) {
            let text = match shell.dialect {
                Dialect::Bash => format!("`{arg}': not a valid identifier"),
                Dialect::Ash | Dialect::Dash => format!("{var}: bad variable name"),
            };
            return shell.fail(m, name, if shell.dialect == Dialect::Bash { 1 } else { 2 }, &text);
        }
        if let Some(value) = value {
            shell.assign(m, var, value.to_owned())?;
        }
        if let Some(var) = shell.vars.get_mut(var) {
            if name == "readonly" {
                var.readonly = true;
            } else {
                var.exported = !remove;
            }
        }
    }
    if listed {
        let bash = shell.dialect == Dialect::Bash;
        let mut text = String::new();
        for (var, value) in &shell.vars {
            let Value::Text(value) = &value.value else { continue };
            let flagged =
                shell.vars.get(var).is_some_and(|v| if name == "export" { v.exported } else { v.readonly });
            if flagged {
                if bash {
                    let flag = if name == "export" { "x" } else { "r" };
                    text.push_str(&format!("declare -{flag} {var}=\"{value}\"\n"));
                } else {
                    text.push_str(&format!("{name} {var}={}\n", single_quoted(value)));
                }
            }
        }
        print(shell, m, &text)?;
    }
    Ok(0)
}

fn local(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Run {
    let in_function = !shell.locals.is_empty();
    if !in_function && name == "local" {
        let bash = shell.dialect == Dialect::Bash;
        let text = if bash { "can only be used in a function" } else { "not in a function" };
        let code = shell.fail(m, name, if bash { 1 } else { 2 }, text)?;
        return if bash { Ok(code) } else { Err(Halt::Exit(code)) };
    }
    let mut array = false;
    let mut exported = false;
    let mut global = false;
    for arg in args {
        if arg.starts_with('-') && arg.len() > 1 {
            array |= arg.contains(['a', 'A']);
            exported |= arg.contains('x');
            global |= arg.contains('g');
            continue;
        }
        let (var, value) = match arg.split_once('=') {
            Some((var, value)) => (var, Some(value)),
            None => (arg.as_str(), None),
        };
        if !valid_name(var) {
            return shell.fail(m, name, 1, &format!("{var}: bad variable name"));
        }
        let old = shell.vars.get(var).cloned();
        if let Some(frame) = shell.locals.last_mut().filter(|_| !global) {
            frame.push((var.to_owned(), old));
        }
        let value = match value {
            Some(value) => Some(Value::Text(value.to_owned())),
            None if array => Some(Value::Array(Vec::new())),
            None if in_function && shell.dialect != Dialect::Dash => {
                shell.vars.remove(var);
                None
            }
            None => None,
        };
        if let Some(value) = value {
            shell.writable(m, var)?;
            shell.vars.insert(var.to_owned(), Var { value, exported: false, readonly: false });
        }
        if let Some(var) = shell.vars.get_mut(var) {
            var.exported |= exported;
        }
    }
    Ok(0)
}

fn unset(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let mut functions = false;
    for arg in args {
        match arg.as_str() {
            "-f" => functions = true,
            "-v" => functions = false,
            name if functions => {
                shell.functions.remove(name);
            }
            name => {
                shell.writable(m, name)?;
                if shell.vars.remove(name).is_none() && shell.dialect == Dialect::Bash {
                    shell.functions.remove(name);
                }
            }
        }
    }
    Ok(0)
}

fn set(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    if args.is_empty() {
        let mut text = String::new();
        for (name, var) in &shell.vars {
            if let Value::Text(value) = &var.value {
                text.push_str(&format!("{name}={}\n", single_quoted(value)));
            }
        }
        print(shell, m, &text)?;
        return Ok(0);
    }
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        at += 1;
        let (on, letters) = match (arg.strip_prefix('-'), arg.strip_prefix('+')) {
            (Some("-"), _) => {
                shell.positional = args.get(at..).unwrap_or(&[]).to_vec();
                return Ok(0);
            }
            (Some(rest), _) if !rest.is_empty() => (true, rest),
            (_, Some(rest)) if !rest.is_empty() => (false, rest),
            _ => {
                shell.positional = args.get(at - 1..).unwrap_or(&[]).to_vec();
                return Ok(0);
            }
        };
        for letter in letters.chars() {
            if letter == 'o' {
                let Some(name) = args.get(at) else { return Ok(0) };
                at += 1;
                if !set_option(shell, name, on) {
                    let sign = if on { '-' } else { '+' };
                    return match shell.dialect {
                        Dialect::Ash => shell.fail(m, "set", 2, &format!("illegal option {sign}o {name}")),
                        Dialect::Dash => shell.fail(m, "set", 2, &format!("Illegal option {sign}o {name}")),
                        Dialect::Bash => shell.fail(m, "set", 2, &format!("{name}: invalid option name")),
                    };
                }
            } else if !set_letter(shell, letter, on) {
                return match shell.dialect {
                    Dialect::Ash => shell.fail(m, "set", 2, &format!("illegal option -{letter}")),
                    Dialect::Dash => shell.fail(m, "set", 2, &format!("Illegal option -{letter}")),
                    Dialect::Bash => shell.fail(m, "set", 2, &format!("-{letter}: invalid option")),
                };
            }
        }
    }
    Ok(0)
}

fn trap(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Result<(), Halt> {
    let args: Vec<&String> = args.iter().filter(|arg| *arg != "--").collect();
    let Some(action) = args.first() else {
        if let Some(trap) = shell.exit_trap.clone() {
            print(shell, m, &format!("trap -- {} EXIT\n", single_quoted(&trap)))?;
        }
        return Ok(());
    };
    for signal in args.iter().skip(1) {
        if matches!(signal.as_str(), "EXIT" | "0" | "exit") {
            shell.exit_trap = (action.as_str() != "-").then(|| (*action).clone());
        }
    }
    Ok(())
}

fn read(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let mut raw = false;
    let mut array = false;
    let mut fd = 0;
    let mut delimiter = '\n';
    let mut names: Vec<String> = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(flags) = arg.strip_prefix('-').filter(|_| names.is_empty()) else {
            names.push(arg.clone());
            continue;
        };
        for flag in flags.chars() {
            match flag {
                'r' => raw = true,
                'a' => array = true,
                'd' => delimiter = args.next().and_then(|text| text.chars().next()).unwrap_or('\0'),
                'u' => fd = args.next().and_then(|fd| fd.parse().ok()).unwrap_or(0),
                'p' | 't' | 'n' | 'N' => {
                    args.next();
                }
                _ => {}
            }
        }
    }
    let Some(stream) = shell.fds.get(&fd).copied() else { return Ok(1) };
    let mut text = String::new();
    let mut ended = false;
    if delimiter == '\n' {
        while let Some(bytes) = m.read_line(stream) {
            m.spend(1 + bytes.len() as u64 / 64)?;
            let mut line = String::from_utf8_lossy(&bytes).into_owned();
            ended = line.ends_with('\n');
            if ended {
                line.pop();
            }
            let odd = line.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1;
            if !raw && odd && ended {
                line.pop();
                text.push_str(&line);
                continue;
            }
            text.push_str(&line);
            break;
        }
    } else {
        let bytes = m.drain(stream);
        let all = String::from_utf8_lossy(&bytes).into_owned();
        match all.split_once(delimiter) {
            Some((first, rest)) => {
                text = first.to_owned();
                ended = true;
                let stream_at =
                    m.open(super::machine::Stream::Data { bytes: rest.as_bytes().to_vec(), pos: 0 });
                m.streams.swap(stream, stream_at);
            }
            None => text = all,
        }
    }
    let ifs = shell.get("IFS").unwrap_or_else(|| " \t\n".to_owned());
    if names.is_empty() {
        names.push("REPLY".to_owned());
        shell.assign(m, "REPLY", text)?;
        return Ok(u8::from(!ended));
    }
    let count = if array { usize::MAX } else { names.len() };
    let fields = split_read(&text, &ifs, raw, count);
    if array {
        let value = Value::Array(fields);
        let name = names.first().cloned().unwrap_or_default();
        shell.vars.insert(name, Var { value, exported: false, readonly: false });
    } else {
        let mut fields = fields.into_iter();
        for name in names {
            if !valid_name(&name) {
                return shell.fail(m, "read", 2, &format!("{name}: bad variable name"));
            }
            shell.assign(m, &name, fields.next().unwrap_or_default())?;
        }
    }
    Ok(u8::from(!ended))
}

/// Splits a line as `read` does: the last field takes the rest.
fn split_read(text: &str, ifs: &str, raw: bool, count: usize) -> Vec<String> {
    let blank = |c: char| c.is_ascii_whitespace() && ifs.contains(c);
    let mut fields = Vec::new();
    let mut rest: Vec<(char, bool)> = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && !raw {
            rest.extend(chars.next().map(|c| (c, true)));
        } else {
            rest.push((c, false));
        }
    }
    let mut at = 0;
    let is_blank = |at: usize| rest.get(at).is_some_and(|(c, escaped)| !escaped && blank(*c));
    let is_ifs = |at: usize| rest.get(at).is_some_and(|(c, escaped)| !escaped && ifs.contains(*c));
    while is_blank(at) {
        at += 1;
    }
    while at < rest.len() {
        let last = fields.len() + 1 >= count;
        let start = at;
        if last {
            let mut end = rest.len();
            while end > start && is_blank(end - 1) {
                end -= 1;
            }
            fields.push(rest.get(start..end).unwrap_or(&[]).iter().map(|(c, _)| *c).collect());
            break;
        }
        while at < rest.len() && !is_ifs(at) {
            at += 1;
        }
        fields.push(rest.get(start..at).unwrap_or(&[]).iter().map(|(c, _)| *c).collect());
        while is_blank(at) {
            at += 1;
        }
        if is_ifs(at) && !is_blank(at) {
            at += 1;
            while is_blank(at) {
                at += 1;
            }
        }
    }
    fields
}

fn mapfile(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let strip = args.iter().any(|arg| arg == "-t");
    let name = args.iter().rev().find(|arg| !arg.starts_with('-')).cloned();
    let mut items = Vec::new();
    if let Some(stream) = shell.fds.get(&0).copied() {
        while let Some(line) = m.read_line(stream) {
            m.spend(1)?;
            let mut text = String::from_utf8_lossy(&line).into_owned();
            if strip {
                text = text.trim_end_matches('\n').to_owned();
            }
            items.push(text);
        }
    }
    let var = Var { value: Value::Array(items), exported: false, readonly: false };
    shell.vars.insert(name.unwrap_or_else(|| "MAPFILE".to_owned()), var);
    Ok(0)
}

fn umask(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    match args.first().map(String::as_str) {
        None => {
            let text = format!("{:04o}\n", shell.umask);
            print(shell, m, &text)?;
        }
        Some("-S") => {
            let mode = !shell.umask & 0o777;
            let who = |shift: u32| {
                let bits = mode >> shift;
                let letters = [(4, 'r'), (2, 'w'), (1, 'x')];
                letters.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, c)| *c).collect::<String>()
            };
            let text = format!("u={},g={},o={}\n", who(6), who(3), who(0));
            print(shell, m, &text)?;
        }
        Some(text) => match u32::from_str_radix(text, 8) {
            Ok(mask) => shell.umask = mask & 0o777,
            Err(_) => match command::mode::parse(text, !shell.umask & 0o777, true, 0) {
                Some(mode) => shell.umask = !mode & 0o777,
                None => return shell.fail(m, "umask", 1, &format!("illegal mode: {text}")),
            },
        },
    }
    Ok(0)
}

fn getopts(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let (Some(spec), Some(name)) = (args.first(), args.get(1)) else {
        return match shell.dialect {
            Dialect::Ash => shell.fail(m, "getopts", 2, "usage: getopts optstring var [arg]"),
            _ => shell.fail(m, "getopts", 2, "Usage: getopts optstring var [arg...]"),
        };
    };
    let operands =
        if args.len() > 2 { args.get(2..).unwrap_or(&[]).to_vec() } else { shell.positional.clone() };
    let mut index: usize = shell.get("OPTIND").and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut offset: usize = shell.get("_GETOPTS_AT").and_then(|n| n.parse().ok()).unwrap_or(1);
    let silent = spec.starts_with(':');
    let current = operands.get(index.wrapping_sub(1)).cloned().unwrap_or_default();
    let letter =
        if current.starts_with('-') && current.len() > 1 { current.chars().nth(offset) } else { None };
    let Some(letter) = letter.filter(|_| current != "--") else {
        if current == "--" {
            index += 1;
        }
        shell.put("OPTIND", index.to_string());
        shell.assign(m, name, "?".to_owned())?;
        return Ok(1);
    };
    let last = offset + 1 >= current.chars().count();
    let known = letter != ':' && spec.contains(letter);
    let takes = known && spec.split_once(letter).is_some_and(|(_, rest)| rest.starts_with(':'));
    let mut value = letter.to_string();
    shell.vars.remove("OPTARG");
    if !known {
        if silent {
            shell.put("OPTARG", letter.to_string());
        } else {
            let text = match shell.dialect {
                Dialect::Bash => format!("illegal option -- {letter}"),
                Dialect::Ash | Dialect::Dash => format!("Illegal option -{letter}"),
            };
            let text = if shell.dialect == Dialect::Bash { format!("{}: {text}", shell.name0) } else { text };
            shell.write_error(m, &format!("{text}\n"))?;
        }
        value = "?".to_owned();
    }
    if takes {
        if last {
            match operands.get(index) {
                Some(arg) => shell.put("OPTARG", arg.clone()),
                None if silent => {
                    shell.put("OPTARG", letter.to_string());
                    value = ":".to_owned();
                }
                None => {
                    let text = format!("{}: option requires an argument -- {letter}\n", shell.name0);
                    shell.write_error(m, &text)?;
                    value = "?".to_owned();
                }
            }
            index += 2;
        } else {
            shell.put("OPTARG", current.chars().skip(offset + 1).collect());
            index += 1;
        }
        offset = 1;
    } else if last {
        index += 1;
        offset = 1;
    } else {
        offset += 1;
    }
    shell.put("OPTIND", index.to_string());
    shell.put("_GETOPTS_AT", offset.to_string());
    shell.assign(m, name, value)?;
    Ok(0)
}

/// `[[ … ]]`: no splitting, patterns on the right of `=`.
pub(crate) fn double_bracket(shell: &mut Shell, m: &mut Machine<'_>, words: &[Word]) -> Run {
    let mut at = 0;
    let value = or_test(shell, m, words, &mut at, 0)?;
    Ok(u8::from(!value))
}

fn or_test(
    shell: &mut Shell,
    m: &mut Machine<'_>,
    words: &[Word],
    at: &mut usize,
    depth: u32,
) -> Result<bool, Halt> {
    let mut value = and_test(shell, m, words, at, depth)?;
    while words.get(*at).and_then(Word::plain) == Some("||") {
        *at += 1;
        let right = and_test(shell, m, words, at, depth)?;
        value = value || right;
    }
    Ok(value)
}

fn and_test(
    shell: &mut Shell,
    m: &mut Machine<'_>,
    words: &[Word],
    at: &mut usize,
    depth: u32,
) -> Result<bool, Halt> {
    let mut value = one_test(shell, m, words, at, depth)?;
    while words.get(*at).and_then(Word::plain) == Some("&&") {
        *at += 1;
        let right = one_test(shell, m, words, at, depth)?;
        value = value && right;
    }
    Ok(value)
}

fn one_test(
    shell: &mut Shell,
    m: &mut Machine<'_>,
    words: &[Word],
    at: &mut usize,
    depth: u32,
) -> Result<bool, Halt> {
    m.spend(2)?;
    if depth > 30 {
        return Err(Halt::Fuel);
    }
    let plain = |at: usize| words.get(at).and_then(Word::plain);
    match plain(*at) {
        Some("!") => {
            *at += 1;
            return Ok(!one_test(shell, m, words, at, depth + 1)?);
        }
        Some("(") => {
            *at += 1;
            let value = or_test(shell, m, words, at, depth + 1)?;
            *at += 1;
            return Ok(value);
        }
        Some(op) if op.starts_with('-') && op.len() == 2 && words.len() > *at + 1 => {
            let is_binary = matches!(plain(*at + 1), Some("==" | "=" | "!=" | "=~"));
            if !is_binary {
                let op = op.to_owned();
                let Some(word) = words.get(*at + 1) else { return Ok(false) };
                let text = shell.single(m, word)?;
                *at += 2;
                if op == "-v" {
                    return Ok(shell.vars.contains_key(&text));
                }
                return test_words(shell, m, vec![op, text]);
            }
        }
        _ => {}
    }
    let Some(left) = words.get(*at) else { return Ok(false) };
    let left = shell.single(m, left)?;
    *at += 1;
    let op = plain(*at).unwrap_or("").to_owned();
    let is_op = matches!(op.as_str(), "==" | "=" | "!=" | "=~" | "<" | ">")
        || matches!(op.as_str(), "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef");
    if !is_op {
        return Ok(!left.is_empty());
    }
    let Some(right) = words.get(*at + 1) else { return Ok(false) };
    *at += 2;
    match op.as_str() {
        "==" | "=" | "!=" => {
            let pattern = shell.as_pattern(m, right)?;
            if left.contains(UNKNOWN) || pattern.contains(UNKNOWN) {
                return Ok(true);
            }
            m.spend(1 + left.len() as u64 / 4)?;
            Ok(super::pattern::matches(&pattern, &left) == (op != "!="))
        }
        "=~" => {
            let text = shell.single(m, right)?;
            let Some(regex) = command::regex::Regex::new(&text, true, false) else { return Ok(false) };
            let found = regex.find(m, &left, 0)?;
            if let Some(found) = &found {
                let groups = found
                    .groups
                    .iter()
                    .map(|span| span.and_then(|(from, to)| left.get(from..to)).unwrap_or("").to_owned());
                let var = Var { value: Value::Array(groups.collect()), exported: false, readonly: false };
                shell.vars.insert("BASH_REMATCH".to_owned(), var);
            }
            Ok(found.is_some())
        }
        "<" => Ok(left < shell.single(m, right)?),
        ">" => Ok(left > shell.single(m, right)?),
        _ => {
            let right = shell.single(m, right)?;
            let (Some(a), Some(b)) = (shell.arith_text(m, &left)?, shell.arith_text(m, &right)?) else {
                return Ok(true);
            };
            if matches!(op.as_str(), "-nt" | "-ot" | "-ef") {
                return test_words(shell, m, vec![left, op, right]);
            }
            Ok(match op.as_str() {
                "-eq" => a == b,
                "-ne" => a != b,
                "-lt" => a < b,
                "-le" => a <= b,
                "-gt" => a > b,
                _ => a >= b,
            })
        }
    }
}

fn test_words(shell: &mut Shell, m: &mut Machine<'_>, args: Vec<String>) -> Result<bool, Halt> {
    let mut argv = vec!["test".to_owned()];
    argv.extend(args);
    Ok(program(shell, m, &argv)? == 0)
}
