//! Builtins that set variables, options and traps.

use super::{print, set_letter, set_option};
use crate::shell::eval::{Shell, Value, Var, quoted_as_bash};
use crate::shell::machine::{Halt, Machine};
use crate::shell::parse::{Dialect, valid_name};
use crate::shell::process::Run;

pub(super) fn export(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Run {
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
                    let mut inner = String::new();
                    for c in value.chars() {
                        if "\"$`\\".contains(c) {
                            inner.push('\\');
                        }
                        inner.push(c);
                    }
                    text.push_str(&format!("declare -{flag} {var}=\"{inner}\"\n"));
                } else {
                    text.push_str(&format!("{name} {var}={}\n", shell.in_quotes(value)));
                }
            }
        }
        print(shell, m, &text)?;
    }
    Ok(0)
}

pub(super) fn local(shell: &mut Shell, m: &mut Machine<'_>, name: &str, args: &[String]) -> Run {
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

pub(super) fn unset(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    let mut functions = false;
    for arg in args {
        match arg.as_str() {
            "-f" => functions = true,
            "-v" => functions = false,
            option if option.starts_with('-') && option.len() > 1 => {
                let text = match shell.dialect {
                    Dialect::Ash => ["illegal option ", option],
                    Dialect::Dash => ["Illegal option ", option],
                    Dialect::Bash => [option, ": invalid option"],
                };
                let code = shell.fail(m, "unset", 2, &text.concat())?;
                if shell.dialect == Dialect::Bash {
                    shell.write_error(m, "unset: usage: unset [-f] [-v] [-n] [name ...]\n")?;
                }
                return Ok(code);
            }
            name if functions => {
                shell.functions.remove(name);
            }
            name if shell.dialect != Dialect::Bash && !valid_name(name) => {
                return shell.fail(m, "unset", 2, &[name, ": bad variable name"].concat());
            }
            name => {
                if shell.vars.get(name).is_some_and(|var| var.readonly) {
                    let text = if shell.dialect == Dialect::Bash {
                        [name, ": cannot unset: readonly variable"]
                    } else {
                        [name, ": is read only"]
                    };
                    let code = shell.fail(
                        m,
                        "unset",
                        if shell.dialect == Dialect::Bash { 1 } else { 2 },
                        &text.concat(),
                    )?;
                    if shell.dialect == Dialect::Bash {
                        return Ok(code);
                    }
                    return Err(Halt::Exit(code));
                }
                if shell.vars.remove(name).is_none() && shell.dialect == Dialect::Bash {
                    shell.functions.remove(name);
                }
            }
        }
    }
    Ok(0)
}

pub(super) fn set(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Run {
    if args.is_empty() {
        let mut text = String::new();
        for (name, var) in &shell.vars {
            if let Value::Text(value) = &var.value {
                let value = if shell.dialect == Dialect::Bash {
                    if value.is_empty() { String::new() } else { quoted_as_bash(value) }
                } else {
                    shell.in_quotes(value)
                };
                text.push_str(&format!("{name}={value}\n"));
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
                        Dialect::Ash => shell.fail(m, "set", 1, &format!("illegal option {sign}o {name}")),
                        Dialect::Dash => shell.fail(m, "set", 2, &format!("Illegal option {sign}o {name}")),
                        Dialect::Bash => shell.fail(m, "set", 2, &format!("{name}: invalid option name")),
                    };
                }
            } else if !set_letter(shell, letter, on) {
                return match shell.dialect {
                    Dialect::Ash => shell.fail(m, "set", 2, &format!("illegal option -{letter}")),
                    Dialect::Dash => shell.fail(m, "set", 2, &format!("Illegal option -{letter}")),
                    Dialect::Bash => {
                        let code = shell.fail(m, "set", 2, &format!("-{letter}: invalid option"))?;
                        let usage =
                            "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n";
                        shell.write_error(m, usage)?;
                        Ok(code)
                    }
                };
            }
        }
    }
    Ok(0)
}

pub(super) fn trap(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Result<(), Halt> {
    let args: Vec<&String> = args.iter().filter(|arg| *arg != "--").collect();
    let Some(action) = args.first() else {
        if let Some(trap) = shell.exit_trap.clone() {
            print(shell, m, &format!("trap -- {} EXIT\n", shell.in_quotes(&trap)))?;
        }
        for (signal, action) in shell.traps.clone() {
            let head = if shell.dialect == Dialect::Bash { "SIG" } else { "" };
            print(shell, m, &["trap -- ", &shell.in_quotes(&action), " ", head, &signal, "\n"].concat())?;
        }
        return Ok(());
    };
    for signal in args.iter().skip(1) {
        if matches!(signal.as_str(), "EXIT" | "0" | "exit") {
            shell.exit_trap = (action.as_str() != "-").then(|| (*action).clone());
            continue;
        }
        let upper = signal.to_ascii_uppercase();
        let name = super::kill::signal(signal).unwrap_or_else(|| upper.trim_start_matches("SIG"));
        if action.as_str() == "-" {
            shell.traps.remove(name);
        } else {
            shell.traps.insert(name.to_owned(), (*action).clone());
        }
    }
    Ok(())
}
