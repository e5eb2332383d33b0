//! `kill`: signals reach nobody but the shell itself, since what ran in the background has ended.

use super::print;
use crate::shell::eval::{Eval, Flow, Shell};
use crate::shell::machine::Machine;
use crate::shell::parse::Dialect;

/// The signals that have names in scripts, with their numbers.
pub(super) const SIGNALS: &[(u8, &str)] = &[
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (4, "ILL"),
    (5, "TRAP"),
    (6, "ABRT"),
    (7, "BUS"),
    (8, "FPE"),
    (9, "KILL"),
    (10, "USR1"),
    (11, "SEGV"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (17, "CHLD"),
    (18, "CONT"),
    (19, "STOP"),
    (20, "TSTP"),
    (21, "TTIN"),
    (22, "TTOU"),
    (23, "URG"),
    (28, "WINCH"),
];

/// The name of a signal that is given by name or number.
pub(super) fn signal(text: &str) -> Option<&'static str> {
    let upper = text.to_ascii_uppercase();
    let name = upper.trim_start_matches("SIG");
    let number = text.parse::<u8>().ok();
    SIGNALS.iter().find(|(known, word)| number == Some(*known) || *word == name).map(|(_, word)| *word)
}

pub(super) fn kill(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Eval {
    let mut rest = args;
    let mut sent = Some("TERM");
    if let Some(option) = args.first().and_then(|arg| arg.strip_prefix('-')).filter(|o| !o.is_empty()) {
        rest = args.get(1..).unwrap_or(&[]);
        match option {
            "l" | "L" => return list(shell, m, rest),
            "-" => {}
            "s" | "n" => {
                let name = rest.first().cloned().unwrap_or_default();
                rest = rest.get(1..).unwrap_or(&[]);
                sent = signal(&name);
                if sent.is_none() && name != "0" {
                    return bad_signal(shell, m, &name);
                }
            }
            "0" => sent = None,
            name => {
                sent = signal(name);
                if sent.is_none() {
                    return bad_signal(shell, m, name);
                }
            }
        }
    }
    if rest.is_empty() {
        let (text, code) = match shell.dialect {
            Dialect::Ash => (applet(shell, "you need to specify whom to kill"), 1),
            Dialect::Dash => (
                [
                    &shell.builtin_prefix("kill"),
                    "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]\n",
                ]
                .concat(),
                2,
            ),
            Dialect::Bash => (
                "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n"
                    .to_owned(),
                2,
            ),
        };
        shell.write_error(m, &text)?;
        shell.status = code;
        return Ok(Flow::Next);
    }
    let mut code = 0;
    for arg in rest {
        let process = arg.trim_start_matches('-').parse::<u32>();
        if arg.starts_with('%') || shell.jobs.iter().any(|(known, _)| process == Ok(*known)) {
            continue;
        }
        if process == Ok(shell.pid) {
            // The first process of a container takes only what it has a trap for.
            let action = sent.and_then(|name| shell.traps.get(name)).filter(|action| !action.is_empty());
            if let Some(action) = action.cloned() {
                shell.status = code;
                let flow = shell.run_script(m, &action)?;
                if flow != Flow::Next {
                    return Ok(flow);
                }
            } else if let Some(name) = sent.filter(|_| m.shells > 1)
                && (name == "KILL" || !shell.traps.contains_key(name))
                && let Some((number, _)) =
                    SIGNALS.iter().find(|(number, known)| *known == name && *number < 16)
            {
                // Any other process ends by it.
                shell.exit_trap = None;
                shell.status = 128 + number;
                m.killed = Some(name);
                return Ok(Flow::Exit);
            }
            continue;
        }
        code = 1;
        let (text, failed) = match (shell.dialect, &process) {
            (Dialect::Ash, Ok(_)) => {
                (applet(shell, &["can't kill pid ", arg, ": No such process"].concat()), 1)
            }
            (Dialect::Ash, Err(_)) => (applet(shell, &["invalid number '", arg, "'"].concat()), 1),
            (Dialect::Dash, Ok(_)) => (shell.builtin_prefix("kill") + "No such process\n\n", 1),
            (Dialect::Dash, Err(_)) => {
                ([&shell.builtin_prefix("kill"), "Illegal number: ", arg, "\n"].concat(), 2)
            }
            (Dialect::Bash, Ok(_)) => {
                ([&shell.builtin_prefix("kill"), "(", arg, ") - No such process\n"].concat(), 1)
            }
            (Dialect::Bash, Err(_)) => {
                let why = ": arguments must be process or job IDs\n";
                ([&shell.builtin_prefix("kill"), arg, why].concat(), 1)
            }
        };
        shell.write_error(m, &text)?;
        if failed > 1 {
            code = failed;
            break;
        }
    }
    shell.status = code;
    Ok(Flow::Next)
}

/// BusyBox names the applet as it names the shell.
fn applet(shell: &Shell, text: &str) -> String {
    [crate::tree::base_name(&shell.name0), ": ", text, "\n"].concat()
}

fn bad_signal(shell: &mut Shell, m: &mut Machine<'_>, name: &str) -> Eval {
    let (text, code) = match shell.dialect {
        Dialect::Ash => (applet(shell, &["bad signal name '", name, "'"].concat()), 1),
        Dialect::Dash => {
            let letter: String = name.chars().take(1).collect();
            ([&shell.builtin_prefix("kill"), "Illegal option -", &letter, "\n"].concat(), 2)
        }
        Dialect::Bash => {
            ([&shell.builtin_prefix("kill"), name, ": invalid signal specification\n"].concat(), 1)
        }
    };
    shell.write_error(m, &text)?;
    shell.status = code;
    Ok(Flow::Next)
}

/// `kill -l`: of one signal or exit code, its name.
fn list(shell: &mut Shell, m: &mut Machine<'_>, args: &[String]) -> Eval {
    let mut text = String::new();
    for arg in args {
        let number = arg.parse::<u16>().map_or_else(|_| arg.clone(), |code| (code % 128).to_string());
        let found = SIGNALS.iter().find(|(known, name)| number == known.to_string() || *name == arg);
        if let Some((known, name)) = found {
            let shown = if arg.parse::<u16>().is_ok() { (*name).to_owned() } else { known.to_string() };
            text.push_str(&[&shown, "\n"].concat());
        }
    }
    print(shell, m, &text)?;
    shell.status = 0;
    Ok(Flow::Next)
}
