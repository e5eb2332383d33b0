//! Builtins that run or describe other commands.

use super::{is_builtin, is_special, print, run};
use crate::command;
use crate::shell::Why;
use crate::shell::eval::{Eval, Flow, Shell};
use crate::shell::exec::{self, Found};
use crate::shell::machine::{Errno, Halt, Machine};
use crate::shell::parse::Dialect;
use crate::shell::process::{Run, absolute};
use crate::tree::Content;

pub(super) fn source(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Eval {
    let Some(file) = args.first() else {
        if shell.dialect == Dialect::Bash {
            shell.fail(m, name, 2, "filename argument required")?;
            shell.write_error(m, &[name, ": usage: ", name, " filename [arguments]\n"].concat())?;
        }
        shell.status = if shell.dialect == Dialect::Dash { 0 } else { 2 };
        return Ok(Flow::Next);
    };
    let mut path = absolute(&shell.cwd, file);
    if !file.contains('/') {
        let search = shell.get("PATH").unwrap_or_default();
        let found = search.split(':').map(|dir| absolute(dir, file)).find(|path| m.tree.read(path).is_ok());
        let unlisted = m.incomplete && m.tree.read(&path).is_err();
        match found {
            Some(found) => path = found,
            // Only bash looks into the working directory too.
            None if shell.dialect != Dialect::Bash && !unlisted => {
                shell.status = shell.fail(m, name, 2, &[file, ": not found"].concat())?;
                return Ok(Flow::Exit);
            }
            None => {}
        }
    }
    let cred = shell.cred.clone();
    let made_up = m.tree.read(&path).ok().and_then(|file| match &file.content {
        Content::Modelled { source, .. } => crate::model::activation(source),
        _ => None,
    });
    let script = match m.read(&cred, &path) {
        Ok(_) | Err(Halt::Unknown(_)) if made_up.is_some() => made_up.unwrap_or_default(),
        Ok(Ok(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(Err(Errno::IsDir)) if shell.dialect != Dialect::Bash => String::new(),
        Ok(Err(Errno::IsDir)) => {
            shell.status = shell.fail(m, name, 1, &[file, ": is a directory"].concat())?;
            return Ok(Flow::Next);
        }
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
    if crate::shell::machine::is_unknown(script.as_bytes()) {
        let cwd = shell.cwd.clone();
        let why = Why::Content(file.clone());
        shell.status = m.note_unknown(format!("{name} {file}"), why, false, &cwd);
        return Ok(Flow::Next);
    }
    shell.enter(m)?;
    shell.sourced += 1;
    let positional = (args.len() > 1 && shell.dialect != Dialect::Dash)
        .then(|| std::mem::replace(&mut shell.positional, args.get(1..).unwrap_or(&[]).to_vec()));
    shell.status = 0;
    let (outer, line, evals) = (shell.source.replace(file.clone()), shell.line, shell.evals.take());
    shell.trace_depth += 1;
    let done = shell.run_text(m, &script, 1);
    shell.trace_depth -= 1;
    (shell.source, shell.line, shell.evals) = (outer, line, evals);
    if let Some(positional) = positional {
        shell.positional = positional;
    }
    shell.sourced -= 1;
    m.depth -= 1;
    let (flow, broken) = done?;
    let ends = flow == Flow::Exit && !(broken && shell.dialect == Dialect::Bash);
    Ok(if ends { Flow::Exit } else { Flow::Next })
}

pub(super) fn exec_program(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Eval {
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

pub(super) fn command_builtin(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Eval {
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
            let found = describe(shell, m, name, long)?;
            if found.as_ref().is_some_and(|text| text.starts_with('/')) && shell.dialect == Dialect::Dash {
                shell.hashed.push(name.clone());
            }
            match found {
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
    let found = match shell.own_applet(m, name) {
        Some(path) => Found::At(path),
        None => shell.find(m, name),
    };
    shell.status = match found {
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
pub(super) fn describe(
    shell: &Shell,
    m: &Machine<'_>,
    name: &str,
    long: bool,
) -> Result<Option<String>, Halt> {
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
        let found = match shell.own_applet(m, name) {
            Some(_) => Found::At(name.to_owned()),
            None => shell.find(m, name),
        };
        match found {
            Found::At(path) if long && shell.hashed.iter().any(|known| known == name) => {
                Some([name, " is a tracked alias for ", &path].concat())
            }
            Found::At(path) => Some(if long { format!("{name} is {path}") } else { path }),
            Found::MayExist(path) if command::find(name).is_some() => Some(path),
            Found::MayExist(path) => return Err(Halt::Unknown(Why::MayExist(path))),
            _ => None,
        }
    })
}

pub(super) fn type_builtin(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
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

pub(super) fn hash(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        if matches!(shell.find(m, name), Found::Missing) && !is_builtin(shell, name) {
            return shell.fail(m, "hash", 1, &format!("{name}: not found"));
        }
    }
    Ok(0)
}
