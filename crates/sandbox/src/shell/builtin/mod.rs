//! What the shell itself does: the builtins that change it.

mod directory;
mod input;
mod kill;
mod program;
mod variable;

use super::eval::{Eval, Flow, Shell, Value, Var};
use super::exec::{self};
use super::machine::{Halt, Machine, UNKNOWN};
use super::parse::Dialect;
use super::process::Run;
use super::syntax::Word;
use crate::command;
use directory::{cd, pushd};
use input::{getopts, mapfile, read, umask};
use program::{command_builtin, exec_program, hash, source, type_builtin};
use variable::{export, local, set, trap, unset};

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
                    Ok(code) if code >= 0 || shell.dialect == Dialect::Bash => shell.status = code as u8,
                    Err(_) if code.contains(UNKNOWN) => shell.status = 0,
                    _ => {
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
            if script.trim_start().starts_with('#') && !script.contains('\n') {
                shell.status = 0;
            }
            return eval_text(shell, m, &script);
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
        "unset" => {
            let code = unset(shell, m, args)?;
            if code != 0 && shell.dialect != Dialect::Bash {
                return Err(Halt::Exit(code));
            }
            code
        }
        "set" => {
            let code = set(shell, m, args)?;
            if code > 1 && shell.dialect != Dialect::Bash {
                shell.status = code;
                return Ok(Flow::Exit);
            }
            code
        }
        "shift" => {
            let by = match args.first().map(|n| (n, n.parse::<i64>())) {
                None => Some(1),
                Some((_, Ok(by))) if by >= 0 => usize::try_from(by).ok(),
                Some((text, number)) => {
                    let text = match shell.dialect {
                        Dialect::Bash if number.is_ok() => [text, ": shift count out of range"].concat(),
                        Dialect::Bash => [text, ": numeric argument required"].concat(),
                        Dialect::Ash | Dialect::Dash => ["Illegal number: ", text].concat(),
                    };
                    shell.status = shell.fail(m, "shift", shell.usage_code(), &text)?;
                    return Ok(if shell.dialect == Dialect::Bash { Flow::Next } else { Flow::Exit });
                }
            };
            let by = by.unwrap_or(usize::MAX);
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
                    .map(|(name, value)| format!("{word}{name}={}\n", shell.in_quotes(value)))
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
        "wait" => {
            let code = match args.first().map(|arg| arg.trim_start_matches('%').parse::<u32>()) {
                Some(Ok(process)) => {
                    let first = args.first().is_some_and(|arg| arg.starts_with('%'));
                    let job =
                        shell.jobs.iter().enumerate().find(|(at, (known, _))| {
                            *known == process || (first && *at as u32 + 1 == process)
                        });
                    match job {
                        Some((_, (_, code))) => *code,
                        None => {
                            if shell.dialect == Dialect::Bash && !first {
                                let text = format!("pid {process} is not a child of this shell");
                                shell.fail(m, "wait", 127, &text)?;
                            }
                            127
                        }
                    }
                }
                _ => 0,
            };
            if args.is_empty() {
                shell.jobs.clear();
            }
            code
        }
        "kill" => return kill::kill(shell, m, args),
        "shopt" | "ulimit" | "enable" | "jobs" | "bg" | "fg" | "history" | "disown" | "complete" | "bind"
        | "compgen" | "caller" => 0,
        "times" => {
            // How much it was is not known.
            let was = std::mem::replace(&mut m.modelled, true);
            let digits = match shell.dialect {
                Dialect::Dash => "0m0.000000s",
                Dialect::Ash | Dialect::Bash => "0m0.000s",
            };
            print(shell, m, &format!("{digits} {digits}\n{digits} {digits}\n"))?;
            m.modelled = was;
            0
        }
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

/// `eval`: its messages count lines of their own.
fn eval_text(shell: &mut Shell, m: &mut Machine<'_>, script: &str) -> Eval {
    let line = shell.line;
    let reads = shell.file || shell.source.is_some();
    let (outer, source) =
        (shell.evals.replace(if reads { line } else { line.saturating_sub(1) }), shell.source.clone());
    let bash = shell.dialect == Dialect::Bash;
    shell.trace_depth += 1;
    let done = shell.run_text(m, script, if bash { line } else { 1 });
    shell.trace_depth -= 1;
    (shell.evals, shell.source, shell.line) = (outer, source, line);
    let (flow, broken) = done?;
    Ok(if broken && bash { Flow::Next } else { flow })
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
    m.decides_by(&left);
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
