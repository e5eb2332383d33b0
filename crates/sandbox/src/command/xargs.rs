//! `xargs`: what is read as the arguments of a command.

use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};

/// `xargs`
pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("null", '0'),
        ("no-run-if-empty", 'r'),
        ("max-args=", 'n'),
        ("max-procs=", 'P'),
        ("replace=", 'I'),
        ("verbose", 't'),
        ("delimiter=", 'd'),
        ("max-lines=", 'L'),
        ("arg-file=", 'a'),
    ];
    let opts = super::opts::parse_leading(p, "0rn:P:I:td:L:s:xpa:", &longs)?;
    let input = match opts.value('a') {
        Some(file) => {
            let file = file.to_owned();
            super::text::open(p, &file)?.unwrap_or_default()
        }
        None => p.stdin(),
    };
    if p.busybox() && opts.has('L') && p.m.standalone() {
        p.complain("invalid option -- 'L'")?;
        return super::usage(p);
    }
    let text = String::from_utf8_lossy(&input).into_owned();
    let by_line = opts.any("IL");
    let items: Vec<String> = if opts.has('0') {
        text.split('\0').filter(|item| !item.is_empty()).map(str::to_owned).collect()
    } else if let Some(delimiter) = opts.value('d') {
        let (bytes, _) = super::echo::unescape(delimiter, false);
        let delimiter = String::from_utf8_lossy(&bytes).into_owned();
        text.split_terminator(delimiter.as_str()).map(str::to_owned).collect()
    } else if by_line {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    } else {
        match quoted_words(&text) {
            Ok(words) => words,
            Err(quote) => {
                let kind = if quote == '"' { "double" } else { "single" };
                let end = if p.busybox() {
                    ""
                } else {
                    "; by default quotes are special to xargs unless you use the -0 option"
                };
                return p.fail(1, &["unmatched ", kind, " quote", end].concat());
            }
        }
    };
    if items.iter().any(|item| item.contains(UNKNOWN)) {
        return Err(Halt::Unknown(crate::shell::Why::Content("standard input".to_owned())));
    }
    let command = if opts.operands.is_empty() { vec!["echo".to_owned()] } else { opts.operands.clone() };
    let mut code = 0;
    let mut run = |p: &mut Process<'_, '_>, argv: Vec<String>| -> Result<(), Halt> {
        p.m.spend(5)?;
        if opts.has('t') {
            // GNU shows them as a shell would want them.
            let odd = |word: &str| {
                word.is_empty()
                    || word.starts_with(['#', '~'])
                    || word.contains(|c: char| " \t\n!\"$&'()*;<=>?[\\^`|".contains(c))
            };
            let shown = |word: &String| {
                if !p.busybox() && odd(word) {
                    ["'", &word.replace('\'', "'\\''"), "'"].concat()
                } else {
                    word.clone()
                }
            };
            let words: Vec<String> = argv.iter().map(shown).collect();
            p.error(&words.join(" "))?;
        }
        let missing = p.busybox() && {
            let path = p.env.get("PATH").map_or("", String::as_str).to_owned();
            let program = argv.first().map_or("", String::as_str);
            matches!(
                crate::shell::exec::find(p.m, program, &path, &p.cwd, &p.cred),
                crate::shell::exec::Found::Missing
            )
        };
        if missing {
            let program = argv.first().cloned().unwrap_or_default();
            code = p.fail(127, &[&program, ": No such file or directory"].concat())?;
            return Ok(());
        }
        let program = argv.first().cloned().unwrap_or_default();
        match p.spawn(argv)? {
            0 => {}
            found @ (126 | 127) => code = found,
            255 => {
                let text = [&program, ": exited with status 255; aborting"].concat();
                p.complain(&text)?;
                p.flush()?;
                return Err(Halt::Exit(124));
            }
            _ => code = 123,
        }
        Ok(())
    };
    if let Some(mark) = opts.value('I') {
        let mark = if mark.is_empty() { "{}" } else { mark };
        for item in items {
            let argv = command.iter().map(|word| word.replace(mark, &item)).collect();
            run(p, argv)?;
        }
        return Ok(code);
    }
    if items.is_empty() {
        if !opts.has('r') {
            run(p, command)?;
        }
        return Ok(code);
    }
    let most =
        opts.value('n').or_else(|| opts.value('L')).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX).max(1);
    for chunk in items.chunks(most.min(50_000)) {
        let mut argv = command.clone();
        argv.extend(chunk.iter().cloned());
        run(p, argv)?;
    }
    Ok(code)
}

/// The words of a text; or the quote that does not end.
fn quoted_words(text: &str) -> Result<Vec<String>, char> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_ascii_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.map_or(Ok(words), Err)
}
