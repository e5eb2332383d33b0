//! Builtins that change the working directory.

use super::print;
use crate::shell::eval::{Shell, Value, Var};
use crate::shell::machine::{Errno, Halt, Machine};
use crate::shell::parse::Dialect;
use crate::shell::process::{Run, absolute};
use crate::tree::Node;

pub(super) fn cd(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let physical = args.iter().any(|arg| arg == "-P");
    let args: Vec<&String> =
        args.iter().filter(|arg| !matches!(arg.as_str(), "-P" | "-L" | "--" | "-e")).collect();
    if args.len() > 1 && shell.dialect == Dialect::Bash {
        return shell.fail(m, "cd", 1, "too many arguments");
    }
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
    let (target, show) = match along_path(shell, m, &target) {
        Some(found) => (found, true),
        None => (target, show),
    };
    // Physically it is the kernel that goes up, logically the text.
    let real = absolute(&shell.cwd, &target);
    let to = match m.tree.resolve(&real, true) {
        Ok(found) if physical && found.node.is_some() => found.path,
        _ => target,
    };
    let code = change_dir(shell, m, "cd", &to)?;
    if code == 0 && show {
        let cwd = shell.cwd.clone();
        print(shell, m, &format!("{cwd}\n"))?;
    }
    Ok(code)
}

/// Where `CDPATH` leads.
fn along_path(shell: &Shell, m: &Machine<'_>, target: &str) -> Option<String> {
    let path = shell.get("CDPATH").filter(|path| !path.is_empty())?;
    if target.starts_with(['/', '.']) {
        return None;
    }
    let paths = path.split(':').filter(|dir| !dir.is_empty()).map(|dir| [dir, "/", target].concat());
    paths.into_iter().find(|path| matches!(m.tree.stat(&absolute(&shell.cwd, path)), Ok(Node::Dir(_))))
}

pub(super) fn change_dir(shell: &mut Shell, m: &mut Machine<'_>, name: &str, target: &str) -> Run {
    let mut path = crate::tree::absolute(&shell.cwd, target);
    let real = absolute(&shell.cwd, target);
    // Two slashes at the beginning stay, as POSIX allows.
    if real.starts_with("//") && !real.starts_with("///") && shell.dialect != Dialect::Bash {
        path.insert(0, '/');
    }
    let failed = match m.stat(&path, true) {
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

pub(super) fn pushd(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Run {
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
