//! A shell begins: what it reads of its own arguments.

use super::Shell;
use crate::shell::builtin;
use crate::shell::exec::Spec;
use crate::shell::machine::Machine;
use crate::shell::parse::Dialect;
use crate::shell::process::Run;

/// The shell as a program: reads its options, then a string, a file or standard input.
pub(crate) fn main(m: &mut Machine<'_>, spec: Spec, dialect: Dialect) -> Run {
    let mut shell = Shell::new(&spec, dialect);
    if dialect == Dialect::Bash && !spec.env.contains_key("SHELL") {
        let user = crate::user::users(&m.tree).into_iter().find(|user| user.uid == spec.cred.uid);
        let login = user.map_or_else(|| "/bin/sh".to_owned(), |user| user.shell);
        shell.put("SHELL", login);
    }
    let mut args = spec.argv.iter().skip(1).cloned();
    let mut command = false;
    let mut first = None;
    let mut stdin = false;
    while let Some(arg) = args.next() {
        let (on, letters) = match (arg.strip_prefix('-'), arg.strip_prefix('+')) {
            (Some(rest), _) => (true, rest.to_owned()),
            (None, Some(rest)) => (false, rest.to_owned()),
            (None, None) => {
                first = Some(arg);
                break;
            }
        };
        if letters.is_empty() || letters == "-" {
            first = args.next();
            break;
        }
        if letters.starts_with('-') {
            continue;
        }
        for letter in letters.chars() {
            match letter {
                'c' => command = true,
                's' => stdin = true,
                'l' | 'i' | 'm' | 'h' | 'v' | 'p' | 'b' | 'B' | 'H' => {}
                'o' | 'O' => {
                    let name = args.next().unwrap_or_default();
                    if letter == 'o' && !builtin::set_option(&mut shell, &name, on) {
                        return illegal_option(m, &mut shell, &format!("-o {name}"), &name);
                    }
                }
                letter => {
                    if !builtin::set_letter(&mut shell, letter, on) {
                        return illegal_option(m, &mut shell, &format!("-{letter}"), &format!("-{letter}"));
                    }
                }
            }
        }
    }
    shell.how = if command {
        'c'
    } else if stdin || first.is_none() {
        's'
    } else {
        ' '
    };
    let script = if command {
        let Some(script) = first else {
            let text = if dialect == Dialect::Bash {
                "-c: option requires an argument"
            } else if dialect == Dialect::Ash {
                "-c requires an argument"
            } else {
                "-c requires an argument"
            };
            let line = if dialect == Dialect::Dash { "0: " } else { "" };
            let message = format!("{}: {line}{text}\n", shell.name0);
            shell.write_error(m, &message)?;
            return Ok(2);
        };
        if let Some(name0) = args.next() {
            shell.name0 = name0;
        }
        shell.positional = args.collect();
        script
    } else if let Some(file) = first.clone().filter(|_| !stdin) {
        shell.file = true;
        shell.positional = args.collect();
        match shell.read_script(m, &file)? {
            Ok(script) => {
                shell.name0.clone_from(&file);
                script
            }
            Err(code) => return Ok(code),
        }
    } else {
        shell.positional = first.into_iter().chain(args).collect();
        let stdin = shell.fds.get(&0).copied();
        let bytes = stdin.map(|stdin| m.drain(stdin)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    shell.run_to_end(m, &script)
}

fn illegal_option(m: &mut Machine<'_>, shell: &mut Shell, ash: &str, bash: &str) -> Run {
    let name = shell.name0.clone();
    let text = match shell.dialect {
        Dialect::Ash => format!("{name}: illegal option {ash}\n"),
        Dialect::Dash => format!("{name}: 0: Illegal option {ash}\n"),
        Dialect::Bash => format!("{name}: {bash}: invalid option name\n"),
    };
    shell.write_error(m, &text)?;
    Ok(2)
}
