//! `sed`: addresses, `s`, `d`, `p`, `a`, `i`, `c`, `y`, `q`, `=`, `n`, `N`, `g`, `G`, `h`, `H`, `x`, labels.

mod execute;
mod parse;

use crate::command::regex::Regex;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use execute::process;
use parse::{Bad, Parser};

#[derive(Debug, Clone)]
enum Address {
    Line(usize),
    Last,
    Match(Regex),
    Step(usize, usize),
    /// `+N` after a first address.
    Plus(usize),
}

#[derive(Debug, Clone)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
}

#[derive(Debug, Clone)]
enum Action {
    Substitute { regex: Regex, with: Vec<Piece>, global: bool, print: bool, nth: usize, file: Option<String> },
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    Append(String),
    Insert(String),
    Change(String),
    Translate(Vec<(char, char)>),
    Quit(u8, bool),
    Number,
    Next,
    NextAppend,
    Get(bool),
    Hold(bool),
    Exchange,
    Empty,
    List,
    Label(String),
    Branch(String, char),
    ReadFile(String),
    WriteFile(String),
    Open(usize),
    Close,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Group(usize),
    Case(char),
}

struct State {
    lines: Vec<String>,
    next: usize,
    hold: String,
    /// Of each command with a range: the line that it ends at, or that it is open.
    ranges: Vec<Option<usize>>,
    out: String,
    after: String,
    /// Where the output ended that a cycle printed by itself.
    own: usize,
    /// The hold space took part, and ends its lines.
    full: bool,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let mut script: Option<String> = None;
    let mut quiet = false;
    let mut extended = false;
    let mut in_place: Option<String> = None;
    let mut separate = false;
    let mut files = Vec::new();
    let mut args = std::mem::take(&mut p.args).into_iter();
    let add = |text: &str, script: &mut Option<String>| match script {
        Some(script) => {
            script.push('\n');
            script.push_str(text);
        }
        None => *script = Some(text.to_owned()),
    };
    while let Some(arg) = args.next() {
        if let Some(long) = arg.strip_prefix("--") {
            match long.split_once('=').unwrap_or((long, "")) {
                ("quiet" | "silent", _) => quiet = true,
                ("regexp-extended", _) => extended = true,
                ("in-place", suffix) => in_place = Some(suffix.to_owned()),
                ("expression", "") => add(&args.next().unwrap_or_default(), &mut script),
                ("expression", text) => add(text, &mut script),
                ("separate", _) => separate = true,
                ("follow-symlinks" | "posix", _) => {}
                ("version", _) if p.busybox() => {
                    return p.line("This is not GNU sed version 4.0").map(|()| 0);
                }
                ("", _) => {
                    files.extend(args);
                    break;
                }
                _ if p.busybox() => return super::opts::refuse_long(p, long),
                _ => return p.option(arg),
            }
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            files.push(arg);
            continue;
        };
        let chars = letters.char_indices();
        for (at, letter) in chars {
            let rest = letters.get(at + 1..).unwrap_or("");
            match letter {
                'n' => quiet = true,
                'E' | 'r' => extended = true,
                odd if super::letters::lacks("sed", p.flavor, odd) => return super::opts::refuse(p, odd),
                's' => separate = true,
                'u' | 'b' => {}
                'i' => {
                    in_place = Some(rest.to_owned());
                    break;
                }
                'e' => {
                    let text =
                        if rest.is_empty() { args.next().unwrap_or_default() } else { rest.to_owned() };
                    add(&text, &mut script);
                    break;
                }
                'f' => {
                    let file =
                        if rest.is_empty() { args.next().unwrap_or_default() } else { rest.to_owned() };
                    match p.read(&file)? {
                        Ok(bytes) => add(String::from_utf8_lossy(&bytes).trim_end_matches('\n'), &mut script),
                        Err(errno) if p.busybox() => return p.fail(1, &format!("{file}: {}", errno.text())),
                        Err(errno) => {
                            let text = format!("couldn't open file {file}: {}", errno.text());
                            p.error(&["sed: ", &text].concat())?;
                            return Ok(4);
                        }
                    }
                    break;
                }
                other => return p.option(format!("-{other}")),
            }
        }
    }
    let script = match script {
        Some(script) => script,
        None if files.is_empty() && !p.busybox() => {
            let name = p.called().to_owned();
            p.error(&format!(
                "Usage: {name} [OPTION]... {{script-only-if-no-other-script}} [input-file]..."
            ))?;
            p.error(&UNKNOWN.to_string())?;
            return Ok(1);
        }
        None if files.is_empty() => return super::usage(p),
        None => files.remove(0),
    };
    let mut parser =
        Parser { chars: script.chars().collect(), at: 0, extended, last_regex: None, busybox: p.busybox() };
    let commands = match parser.parse() {
        Ok(commands) => commands,
        Err(Bad::Message(text)) => {
            let text = if p.busybox() && text.starts_with("unterminated") {
                "unmatched '/'".to_owned()
            } else if p.busybox() {
                text
            } else {
                format!("-e expression #1, char {}: {text}", parser.at)
            };
            return p.fail(1, &text);
        }
        Err(Bad::Label(label)) => {
            let quote = if p.busybox() { "'" } else { "`" };
            let code = if p.busybox() { 1 } else { 4 };
            return p.fail(code, &["can't find label for jump to ", quote, &label, "'"].concat());
        }
        Err(Bad::Unmodelled(what)) => return p.option(what),
    };
    for command in &commands {
        // What is written to is emptied first.
        if let Action::WriteFile(file) | Action::Substitute { file: Some(file), .. } = &command.action
            && !file.starts_with("/dev/")
        {
            let _ = p.write_file(file, Vec::new())?;
        }
    }
    let mut code = 0;
    let to_file = in_place.is_some();
    let mut inputs: Vec<(Option<String>, Vec<u8>)> = Vec::new();
    if files.is_empty() {
        inputs.push((None, p.stdin()));
    }
    for file in files {
        let name = if to_file && file == "-" { "./-" } else { &file };
        match p.read(name)? {
            Ok(bytes) => inputs.push((Some(file), bytes)),
            Err(crate::shell::machine::Errno::IsDir) if p.busybox() && to_file => {
                // It writes a temporary file of a random name, and moves that.
                p.m.modelled = true;
                return p.fail(1, &format!("can't move '{UNKNOWN}' to '{file}': Is a directory"));
            }
            Err(crate::shell::machine::Errno::IsDir) if p.busybox() => {}
            Err(crate::shell::machine::Errno::IsDir) if to_file => {
                code = 4;
                p.complain(&format!("couldn't edit {file}: not a regular file"))?;
            }
            Err(crate::shell::machine::Errno::IsDir) => {
                code = 4;
                p.complain(&format!("read error on {file}: Is a directory"))?;
            }
            Err(errno) => {
                code = if p.busybox() { 1 } else { 2 };
                let text = if p.busybox() {
                    format!("{file}: {}", errno.text())
                } else {
                    format!("can't read {file}: {}", errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    if !to_file && !separate && inputs.len() > 1 {
        let mut all = Vec::new();
        for (_, bytes) in inputs {
            if !all.is_empty() && !all.ends_with(b"\n") && !bytes.is_empty() {
                all.push(b'\n');
            }
            all.extend(bytes);
        }
        inputs = vec![(None, all)];
    }
    for (file, bytes) in inputs {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let ended = text.ends_with('\n') || text.is_empty();
        let mut state = State {
            lines: text.lines().map(str::to_owned).collect(),
            next: 0,
            hold: String::new(),
            ranges: vec![None; commands.len()],
            out: String::new(),
            after: String::new(),
            own: 0,
            full: false,
        };
        let quit = process(p, &commands, &mut state, quiet)?;
        let mut out = state.out;
        if !ended && state.own == out.len() && out.ends_with('\n') {
            out.pop();
        }
        match (&in_place, file) {
            (Some(suffix), Some(file)) => {
                if !suffix.is_empty() {
                    let backup = if suffix.contains('*') {
                        suffix.replace('*', &file)
                    } else {
                        format!("{file}{suffix}")
                    };
                    // The file itself is the backup; the new one is like it.
                    let meta = p.stat(&file)?.ok().map(|node| node.meta());
                    let (from, to) = (p.path(&file), p.path(&backup));
                    let moved = p.m.rename(&p.cred, &from, &to)?;
                    if let (Ok(()), Some(meta)) = (moved, meta) {
                        let _ = p.write_file(&file, Vec::new())?;
                        let _ = p.m.chown(&p.cred, &from, (Some(meta.uid), Some(meta.gid)), true)?;
                        let _ = p.m.chmod(&p.cred, &from, meta.mode)?;
                    }
                }
                let known = !crate::shell::machine::is_unknown(&bytes);
                // A link gives way to the new file.
                if known
                    && let Ok(Ok(node)) = p.lstat(&file)
                    && node.is_symlink()
                {
                    let mode = p.stat(&file)?.map_or(0o644, |node| node.meta().mode);
                    let path = p.path(&file);
                    let _ = p.m.remove(&p.cred, &path)?;
                    let _ = p.write_file(&file, Vec::new())?;
                    let _ = p.m.chmod(&p.cred, &path, mode)?;
                }
                if known {
                    if let Err(errno) = p.write_file(&file, out.into_bytes())? {
                        return p.fail(4, &format!("couldn't open file {file}: {}", errno.text()));
                    }
                } else {
                    // The content is not known, and other than before.
                    let marked = format!("{UNKNOWN}{script}\n");
                    let _ = p.write_file(&file, marked.into_bytes())?;
                    return Err(Halt::Unknown(crate::shell::Why::Content(file)));
                }
            }
            _ => p.print(&out)?,
        }
        if let Some(quit) = quit {
            return Ok(quit);
        }
    }
    Ok(code)
}
