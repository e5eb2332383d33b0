//! `grep`, `egrep`, `fgrep`

use super::opts;
use super::regex::{self, Regex};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use crate::tree::Node;

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("quiet", 'q'),
        ("silent", 'q'),
        ("invert-match", 'v'),
        ("ignore-case", 'i'),
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("perl-regexp", 'P'),
        ("basic-regexp", 'G'),
        ("only-matching", 'o'),
        ("count", 'c'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("line-number", 'n'),
        ("recursive", 'r'),
        ("regexp=", 'e'),
        ("file=", 'f'),
        ("no-filename", 'h'),
        ("with-filename", 'H'),
        ("word-regexp", 'w'),
        ("line-regexp", 'x'),
        ("no-messages", 's'),
        ("max-count=", 'm'),
        ("after-context=", 'A'),
        ("before-context=", 'B'),
        ("context=", 'C'),
        ("color", 'X'),
        ("text", 'a'),
        ("include=", '1'),
        ("exclude=", '2'),
        ("exclude-dir=", '3'),
    ];
    let opts = opts::parse(p, "qviEFPGoclLnrRe:f:hHwxsm:A:B:C:aI", &longs)?;
    let mut operands = opts.operands.clone();
    let mut patterns: Vec<String> = opts
        .flags
        .iter()
        .filter(|(flag, _)| *flag == 'e')
        .flat_map(|(_, text)| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for (_, file) in opts.flags.iter().filter(|(flag, _)| *flag == 'f') {
        match p.read(file)? {
            Ok(bytes) => patterns.extend(super::lines(&bytes)),
            Err(errno) => {
                let text = format!("{file}: {}", errno.text());
                return p.fail(2, &text);
            }
        }
    }
    if !opts.any("ef") {
        if operands.is_empty() {
            return opts::give_up(p);
        }
        let pattern = operands.remove(0);
        if pattern.is_empty() {
            patterns.push(String::new());
        } else {
            patterns.extend(pattern.lines().map(str::to_owned));
        }
    }
    let fixed = opts.has('F') || p.name == "fgrep";
    let extended = opts.any("EP") || p.name == "egrep";
    let mut regexes = Vec::new();
    for pattern in &patterns {
        if pattern.contains(UNKNOWN) {
            return Err(Halt::Unknown(crate::shell::Why::Content(pattern.clone())));
        }
        let wrong = if fixed || opts.has('P') { None } else { regex::fault(pattern, extended, false) };
        if let Some(why) = wrong {
            let bad = ["bad regex '", pattern, "'"].concat();
            return p.fail(2, if p.busybox() { &bad } else { why });
        }
        let class = pattern.len() > 4 && pattern.starts_with("[:") && pattern.ends_with(":]");
        if class && !p.busybox() && !fixed {
            return p.fail(2, "character class syntax is [[:space:]], not [:space:]");
        }
        if !p.busybox() && extended && !opts.has('P') && pattern.starts_with(['*', '+', '?']) {
            let first: String = pattern.chars().take(1).collect();
            p.complain(&["warning: ", &first, " at start of expression"].concat())?;
        }
        let regex = if fixed {
            Some(Regex::literal(pattern, opts.has('i')))
        } else {
            let text = if opts.has('P') { perl(pattern) } else { Some(pattern.clone()) };
            let Some(text) = text else { return p.option("-P") };
            Regex::new(&text, extended, opts.has('i'))
        };
        let Some(mut regex) = regex else {
            let text = if p.busybox() {
                ["bad regex '", pattern, "'"].concat()
            } else {
                "Invalid regular expression".to_owned()
            };
            return p.fail(2, &text);
        };
        if opts.has('w') {
            regex = regex.whole_word();
        }
        if opts.has('x') {
            regex = regex.whole_line();
        }
        regexes.push(regex);
    }
    let recursive = opts.any("rR");
    let mut code = 0;
    let mut files: Vec<String> = Vec::new();
    if operands.is_empty() {
        // BusyBox reads standard input here too.
        operands.push(if recursive && !p.busybox() { ".".to_owned() } else { "-".to_owned() });
    }
    for operand in &operands {
        if recursive && matches!(p.stat(operand)?, Ok(node) if node.is_dir()) {
            let path = p.path(operand);
            // GNU leaves out the directory that it was not given.
            let bare = opts.operands.len() <= usize::from(!opts.any("ef"));
            for (path, shown) in super::below::all(p, &path, operand)? {
                let shown = shown.strip_prefix("./").filter(|_| bare).map(str::to_owned).unwrap_or(shown);
                let node = p.m.stat(&path, false)?;
                // BusyBox reads what links lead to.
                let link = p.busybox() && matches!(&node, Ok(node) if node.is_symlink());
                let link = link && !matches!(p.m.stat(&path, true)?, Ok(node) if node.is_dir());
                if picked(&opts, &shown, operand) && (link || matches!(node, Ok(Node::File(_)))) {
                    files.push(shown);
                }
            }
        } else {
            files.push(operand.clone());
        }
    }
    let names = !opts.has('h') && (opts.has('H') || recursive || operands.len() > 1);
    let number = |flag| opts.value(flag).and_then(|n| n.parse::<usize>().ok());
    let after = number('A').or_else(|| number('C')).unwrap_or(0);
    let before = number('B').or_else(|| number('C')).unwrap_or(0);
    let most = number('m').unwrap_or(usize::MAX);
    let (mut any, mut lacking, mut begun) = (false, false, false);
    for file in &files {
        let bytes = match p.read(file)? {
            Ok(bytes) => bytes,
            Err(crate::shell::machine::Errno::IsDir) if p.busybox() => Vec::new(),
            Err(errno) => {
                code = 2;
                if !opts.has('s') {
                    let text = if errno == crate::shell::machine::Errno::IsDir {
                        if p.busybox() {
                            format!("read error: {}", errno.text())
                        } else {
                            format!("{file}: {}", errno.text())
                        }
                    } else {
                        format!("{file}: {}", errno.text())
                    };
                    p.complain(&text)?;
                }
                let dir = errno == crate::shell::machine::Errno::IsDir;
                if dir && opts.has('c') {
                    let head = if names { format!("{file}:") } else { String::new() };
                    p.line(&format!("{head}0"))?;
                } else if dir && opts.has('L') {
                    p.line(file)?;
                }
                continue;
            }
        };
        let shown = if file == "-" { "(standard input)" } else { file.as_str() };
        let head = if names { format!("{shown}:") } else { String::new() };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let mut hits = 0;
        let mut sure = 0;
        let mut printed: Option<usize> = None;
        let mut until = 0;
        for (at, line) in lines.iter().enumerate() {
            p.m.spend(1)?;
            // What is unknown is taken to match.
            let mut hit = line.contains(UNKNOWN);
            p.m.decides_by(line);
            if !hit {
                for regex in &regexes {
                    if regex.is_match(p.m, line)? {
                        hit = true;
                        break;
                    }
                }
                hit = hit != opts.has('v');
            }
            let prefix = |mark: char| {
                let mut prefix = if names { format!("{shown}{mark}") } else { String::new() };
                if opts.has('n') {
                    prefix.push_str(&format!("{}{mark}", at + 1));
                }
                prefix
            };
            if hit {
                hits += 1;
                sure += usize::from(!line.contains(UNKNOWN));
                any = true;
                if opts.has('q') {
                    return Ok(0);
                }
                if !opts.any("clL") {
                    if !p.busybox() && !opts.has('a') && bytes.contains(&0) {
                        p.complain(&[shown, ": binary file matches"].concat())?;
                        break;
                    }
                    if opts.has('o') && !opts.has('v') {
                        only(p, &regexes, line, &prefix(':'))?;
                    } else {
                        let first = at.saturating_sub(before).max(printed.map_or(0, |last| last + 1));
                        if (after > 0 || before > 0) && printed.map_or(begun, |last| first > last + 1) {
                            p.line("--")?;
                        }
                        begun = true;
                        for back in first..at {
                            let n = if opts.has('n') { format!("{}-", back + 1) } else { String::new() };
                            let name = if names { format!("{shown}-") } else { String::new() };
                            p.line(&format!("{name}{n}{}", lines.get(back).unwrap_or(&"")))?;
                        }
                        p.line(&format!("{}{line}", prefix(':')))?;
                    }
                    printed = Some(at);
                    until = at + after;
                }
                if hits >= most {
                    break;
                }
            } else if printed.is_some() && at <= until && !opts.any("clLoq") {
                p.line(&format!("{}{line}", prefix('-')))?;
                printed = Some(at);
            }
        }
        if opts.has('c') {
            let count = if sure == hits { hits.to_string() } else { UNKNOWN.to_string() };
            p.line(&[&head, count.as_str()].concat())?;
        }
        if opts.any("lL") && hits > 0 && sure == 0 {
            p.line(&UNKNOWN.to_string())?;
        } else if (opts.has('l') && hits > 0) || (opts.has('L') && hits == 0) {
            lacking |= opts.has('L');
            p.line(shown)?;
        }
    }
    if opts.has('L') && p.busybox() {
        any = lacking;
    }
    Ok(if any && code != 2 || (any && opts.has('q')) {
        0
    } else if code == 2 {
        2
    } else {
        1
    })
}

/// Whether the options for what lies below a directory let a file through.
fn picked(opts: &opts::Opts, shown: &str, operand: &str) -> bool {
    let below = shown.strip_prefix(operand).unwrap_or(shown);
    let (dirs, name) = below.rsplit_once('/').unwrap_or(("", below));
    let any = |flag: char, text: &str| {
        let given = opts.flags.iter().filter(|(found, _)| *found == flag);
        given.into_iter().any(|(_, glob)| crate::shell::pattern::matches(glob.trim_end_matches('/'), text))
    };
    (!opts.has('1') || any('1', name)) && !any('2', name) && !dirs.split('/').any(|dir| any('3', dir))
}

fn only(p: &mut Process<'_, '_>, regexes: &[Regex], line: &str, prefix: &str) -> Result<(), Halt> {
    if line.contains(UNKNOWN) {
        return p.line(line);
    }
    let mut from = 0;
    while from <= line.len() {
        let mut first: Option<(usize, usize)> = None;
        for regex in regexes {
            if let Some(found) = regex.find(p.m, line, from)? {
                let span = found.span();
                if first.is_none_or(|old| span.0 < old.0 || (span.0 == old.0 && span.1 > old.1)) {
                    first = Some(span);
                }
            }
        }
        let Some((start, end)) = first else { return Ok(()) };
        if end > start {
            p.line(&format!("{prefix}{}", line.get(start..end).unwrap_or("")))?;
            from = end;
        } else {
            from = end + line.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
    }
    Ok(())
}

/// What of Perl's expressions is also an extended one; `None` for the rest.
fn perl(pattern: &str) -> Option<String> {
    if pattern.contains("(?") || pattern.contains("\\K") || pattern.contains("*?") || pattern.contains("+?") {
        return None;
    }
    Some(pattern.replace("\\d", "[0-9]").replace("\\D", "[^0-9]"))
}
