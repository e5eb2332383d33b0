//! What the commands of a script do to a line.

use super::{Action, Address, Command, Piece, State};
use crate::command::regex::Regex;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::Process;

pub(super) fn at(
    p: &mut Process<'_, '_>,
    address: &Address,
    state: &State,
    line: &str,
) -> Result<bool, Halt> {
    Ok(match address {
        Address::Line(n) => state.next == *n,
        Address::Last => state.next >= state.lines.len(),
        Address::Match(regex) => line.contains(UNKNOWN) || regex.is_match(p.m, line)?,
        Address::Step(first, step) => {
            if *step == 0 {
                state.next == *first
            } else {
                state.next >= *first && (state.next - first).is_multiple_of(*step)
            }
        }
        Address::Plus(_) => false,
    })
}

/// Runs over all lines; `Some` is the code of a `q`.
impl State {
    /// Prints a line; one that is the last of the input ends as that does, where `bare`.
    fn print(&mut self, line: &str, bare: bool) {
        self.out.push_str(line);
        self.out.push('\n');
        if bare && !self.full && self.next >= self.lines.len() {
            self.own = self.out.len();
        }
    }
}

pub(super) fn process(
    p: &mut Process<'_, '_>,
    commands: &[Command],
    state: &mut State,
    quiet: bool,
) -> Result<Option<u8>, Halt> {
    let mut restart: Option<String> = None;
    'lines: loop {
        let mut line = match restart.take() {
            Some(line) => line,
            None => {
                let Some(line) = state.lines.get(state.next).cloned() else { return Ok(None) };
                state.next += 1;
                state.full = false;
                line
            }
        };
        let mut pc = 0;
        let mut substituted = false;
        let mut deleted = false;
        while let Some(command) = commands.get(pc) {
            p.m.spend(1 + line.len() as u64 / 64)?;
            let index = pc;
            pc += 1;
            let hit = match (&command.from, &command.to) {
                (None, _) => true,
                (Some(from), None) => at(p, from, state, &line)?,
                (Some(from), Some(to)) => {
                    let open = state.ranges.get(index).copied().flatten();
                    let (hit, next) = match open {
                        Some(end) if end > 0 => {
                            // BusyBox sees the end of a range only where it stands in it.
                            (
                                state.next <= end || p.busybox(),
                                if state.next >= end { None } else { Some(end) },
                            )
                        }
                        Some(_) => (true, if at(p, to, state, &line)? { None } else { Some(0) }),
                        // `0,/re/` may end on the first line; BusyBox has no line 0.
                        None if matches!(from, Address::Line(0)) && state.next == 1 && !p.busybox() => {
                            (true, if at(p, to, state, &line)? { None } else { Some(0) })
                        }
                        None if at(p, from, state, &line)? => match to {
                            Address::Line(end) => (true, (*end > state.next).then_some(*end)),
                            Address::Plus(n) => (true, (*n > 0).then_some(state.next + n)),
                            Address::Last => (true, (state.next < state.lines.len()).then_some(0)),
                            _ => (true, Some(0)),
                        },
                        None => (false, None),
                    };
                    if let Some(slot) = state.ranges.get_mut(index) {
                        *slot = next;
                    }
                    hit
                }
            };
            if hit == command.negated {
                if let Action::Open(end) = command.action {
                    pc = end + 1;
                }
                continue;
            }
            match &command.action {
                Action::Open(_) | Action::Close | Action::Label(_) => {}
                Action::Substitute { regex, with, global, print, nth, file } => {
                    let new = substitute(p, regex, with, *global, *nth, &line)?;
                    if let Some(new) = new {
                        line = new;
                        substituted = true;
                        if *print {
                            state.print(&line, !p.busybox());
                        }
                        if let Some(file) = file {
                            append(p, file, &line)?;
                        }
                    }
                }
                Action::Delete => {
                    deleted = true;
                    break;
                }
                Action::DeleteFirst => match line.split_once('\n') {
                    Some((_, rest)) => {
                        restart = Some(rest.to_owned());
                        state.out.push_str(&std::mem::take(&mut state.after));
                        continue 'lines;
                    }
                    None => {
                        deleted = true;
                        break;
                    }
                },
                Action::Print => state.print(&line, !p.busybox()),
                Action::PrintFirst => match line.split_once('\n') {
                    Some((first, _)) => {
                        state.out.push_str(first);
                        state.out.push('\n');
                    }
                    None => state.print(&line, !p.busybox()),
                },
                Action::Append(text) => state.after.push_str(text),
                Action::Insert(text) => state.out.push_str(text),
                Action::Change(text) => {
                    let in_range = state.ranges.get(index).copied().flatten().is_some();
                    if !in_range || command.negated {
                        state.out.push_str(text);
                    }
                    deleted = true;
                    break;
                }
                Action::Translate(pairs) => {
                    line = line
                        .chars()
                        .map(|c| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to))
                        .collect();
                }
                Action::Quit(code, print) => {
                    if *print && !quiet {
                        state.print(&line, true);
                    }
                    state.out.push_str(&std::mem::take(&mut state.after));
                    return Ok(Some(*code));
                }
                Action::Number => state.out.push_str(&format!("{}\n", state.next)),
                Action::Next => {
                    if !quiet {
                        state.print(&line, true);
                    }
                    state.out.push_str(&std::mem::take(&mut state.after));
                    match state.lines.get(state.next).cloned() {
                        Some(next) => {
                            state.next += 1;
                            line = next;
                        }
                        None => return Ok(None),
                    }
                }
                Action::NextAppend => match state.lines.get(state.next).cloned() {
                    Some(next) => {
                        state.next += 1;
                        line.push('\n');
                        line.push_str(&next);
                        p.m.spend(line.len() as u64 / 64)?;
                    }
                    None => {
                        if !quiet {
                            state.print(&line, true);
                        }
                        return Ok(None);
                    }
                },
                Action::Get(add) => {
                    state.full = true;
                    if *add {
                        line.push('\n');
                        line.push_str(&state.hold);
                        p.m.spend(line.len() as u64 / 32)?;
                    } else {
                        line.clone_from(&state.hold);
                    }
                }
                Action::Hold(add) => {
                    if *add {
                        state.hold.push('\n');
                        state.hold.push_str(&line);
                        p.m.spend(state.hold.len() as u64 / 32)?;
                    } else {
                        state.hold.clone_from(&line);
                    }
                }
                Action::Empty => line.clear(),
                Action::List if line.contains(UNKNOWN) => state.out.push_str(&format!("{UNKNOWN}\n")),
                Action::List => list(&line, &mut state.out),
                Action::Exchange => {
                    state.full = true;
                    std::mem::swap(&mut line, &mut state.hold);
                }
                Action::Branch(label, kind) => {
                    let goes = match kind {
                        't' => std::mem::take(&mut substituted),
                        'T' => !std::mem::take(&mut substituted),
                        _ => true,
                    };
                    if goes {
                        if label.is_empty() {
                            break;
                        }
                        let target = commands
                            .iter()
                            .position(|c| matches!(&c.action, Action::Label(name) if name == label));
                        match target {
                            Some(target) => pc = target,
                            None => break,
                        }
                    }
                }
                Action::ReadFile(file) => {
                    if let Ok(bytes) = p.read(file)? {
                        state.after.push_str(&String::from_utf8_lossy(&bytes));
                        if !state.after.ends_with('\n') {
                            state.after.push('\n');
                        }
                    }
                }
                Action::WriteFile(file) => append(p, file, &line)?,
            }
        }
        if !deleted && !quiet {
            state.print(&line, true);
        }
        state.out.push_str(&std::mem::take(&mut state.after));
        p.m.spend(1)?;
        if state.out.len() > 16 << 20 || line.len() > 4 << 20 {
            return Err(Halt::Fuel);
        }
    }
}

pub(super) fn append(p: &mut Process<'_, '_>, file: &str, line: &str) -> Result<(), Halt> {
    if file == "/dev/stdout" {
        return p.line(line);
    }
    let mut all = p.read(file)?.unwrap_or_default();
    all.extend_from_slice(line.as_bytes());
    all.push(b'\n');
    let _ = p.write_file(file, all)?;
    Ok(())
}

pub(super) fn substitute(
    p: &mut Process<'_, '_>,
    regex: &Regex,
    with: &[Piece],
    global: bool,
    nth: usize,
    line: &str,
) -> Result<Option<String>, Halt> {
    if line.contains(UNKNOWN) {
        return Ok(None);
    }
    let mut out = String::new();
    let mut from = 0;
    let mut copied = 0;
    let mut count = 0;
    let mut changed = false;
    while from <= line.len() {
        let Some(found) = regex.find(p.m, line, from)? else { break };
        let (start, end) = found.span();
        count += 1;
        // An empty match right after a match does not count.
        if end == start && start == copied && changed && start > 0 {
            count -= 1;
        } else if count >= nth {
            out.push_str(line.get(copied..start).unwrap_or(""));
            let mut case = 'E';
            for piece in with {
                let text = match piece {
                    Piece::Text(text) => text.as_str(),
                    Piece::Group(n) => found
                        .groups
                        .get(*n)
                        .copied()
                        .flatten()
                        .and_then(|(a, b)| line.get(a..b))
                        .unwrap_or(""),
                    Piece::Case(new) => {
                        case = *new;
                        continue;
                    }
                };
                match case {
                    'U' => out.push_str(&text.to_uppercase()),
                    'L' => out.push_str(&text.to_lowercase()),
                    'u' | 'l' => {
                        let mut chars = text.chars();
                        if let Some(first) = chars.next() {
                            out.push(if case == 'u' {
                                first.to_ascii_uppercase()
                            } else {
                                first.to_ascii_lowercase()
                            });
                            case = 'E';
                        }
                        out.push_str(chars.as_str());
                    }
                    _ => out.push_str(text),
                }
            }
            copied = end;
            changed = true;
            if !global {
                break;
            }
        }
        from = if end > start {
            end
        } else {
            end + line.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        };
        if out.len() > 4 << 20 {
            return Err(Halt::Fuel);
        }
    }
    if !changed {
        return Ok(None);
    }
    out.push_str(line.get(copied..).unwrap_or(""));
    Ok(Some(out))
}

/// A line as `l` shows it: escaped, in rows of seventy columns.
fn list(line: &str, out: &mut String) {
    let mut column = 0;
    for byte in line.bytes() {
        let piece = match byte {
            b'\\' => "\\\\".to_owned(),
            7 => "\\a".to_owned(),
            8 => "\\b".to_owned(),
            b'\t' => "\\t".to_owned(),
            b'\n' => "\\n".to_owned(),
            11 => "\\v".to_owned(),
            12 => "\\f".to_owned(),
            b'\r' => "\\r".to_owned(),
            32..=126 => char::from(byte).to_string(),
            _ => format!("\\{byte:03o}"),
        };
        if column + piece.len() > 69 {
            out.push_str("\\\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out.push_str("$\n");
}
