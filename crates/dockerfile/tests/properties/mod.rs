//! What holds for every text. Property tests ask it of texts that are put together, the targets in `fuzz/` of those
//! that a fuzzer finds.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_panics_doc
)]

use stagecraft_dockerfile::expand::{Lexer, MAX_OUTPUT};
use stagecraft_dockerfile::instruction::{device::Device, mount::Mount};
use stagecraft_dockerfile::reference::Reference;
use stagecraft_dockerfile::tokens::tokens;
use stagecraft_dockerfile::{Command, Dialect, Dockerfile, Span, directive, dump, heredoc, ignore, parse};

fn inside(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some()
}

/// Everything that holds for every file.
pub fn check(text: &str, dialect: Dialect) -> Dockerfile<'_> {
    let file = parse(text, dialect);
    let lines = text.split_inclusive('\n').count() as u32;
    let mut end = 0;
    for instruction in &file.instructions {
        assert!(inside(text, instruction.span), "{instruction:?}");
        assert!(instruction.span.start >= end, "instructions overlap: {instruction:?}");
        end = instruction.span.end;
        assert!(inside(text, instruction.keyword.span));
        assert!(instruction.flags.iter().all(|w| inside(text, w.span)));
        assert!(
            instruction.heredocs.iter().all(|d| inside(text, d.span)
                && text.get(d.span.start as usize..).unwrap().starts_with(&*d.content))
        );
        assert!(
            1 <= instruction.lines.0
                && instruction.lines.0 <= instruction.lines.1
                && instruction.lines.1 <= lines
        );
        words(instruction.command.as_ref(), text);
    }
    for problem in &file.diagnostics {
        assert!(inside(text, problem.span), "{problem:?}");
        assert!(problem.lines.iter().all(|(_, last)| *last <= lines), "{problem:?}");
    }
    let refused = file.instructions.iter().filter(|i| i.command.is_none()).count();
    assert!(refused == 0 || file.first_error().is_some());
    let mut end = 0;
    for (span, _) in tokens(&file, text) {
        assert!(inside(text, span) && span.start >= end && span.start < span.end, "{span:?}");
        end = span.end;
    }
    dump(&file);
    file
}

fn words(command: Option<&Command<'_>>, text: &str) {
    let all: Vec<Span> = match command {
        Some(Command::Copy(c) | Command::Add(c)) => {
            let words = c.sources.iter().chain([&c.destination]).chain(&c.from).chain(&c.exclude);
            words.map(|w| w.span).chain(c.contents.iter().map(|i| i.span)).collect()
        }
        Some(Command::Run(r)) => r.line.words().iter().chain(r.mounts()).map(|w| w.span).collect(),
        Some(Command::Env(p) | Command::Label(p)) => {
            p.iter().flat_map(|p| [p.key.span, p.value.span]).collect()
        }
        Some(Command::Arg(p)) => p.iter().map(|p| p.key.span).collect(),
        Some(Command::From(f)) => f.name.iter().chain([&f.base]).map(|w| w.span).collect(),
        Some(Command::Expose(w) | Command::Volume(w) | Command::Shell(w)) => {
            w.iter().map(|w| w.span).collect()
        }
        Some(Command::Healthcheck(h)) => h.test.iter().map(|w| w.span).collect(),
        _ => Vec::new(),
    };
    assert!(all.iter().all(|span| inside(text, *span)), "{command:?}");
}

/// A text as a Dockerfile of both builders.
pub fn file(text: &str) {
    check(text, Dialect::BuildKit);
    check(text, Dialect::Legacy);
    directive::syntax(text);
    directive::find(text, "check");
}

/// A text as a word to expand, with a variable `A` that has the value and a variable `b` that has the text.
pub fn word(text: &str, value: &str) {
    let env = vec![("A".to_owned(), value.to_owned()), ("b".to_owned(), text.to_owned())];
    for lexer in [
        Lexer::new('\\'),
        Lexer::new('`'),
        Lexer::for_heredoc('\\'),
        Lexer { skip_process_quotes: true, ..Lexer::new('\\') },
        Lexer::with_dialect('\\', Dialect::Legacy),
    ] {
        if let Ok(found) = lexer.process_word(text, &env) {
            let words = lexer.process_words(text, &env).unwrap();
            assert!(words.iter().map(String::len).sum::<usize>() <= found.result.len());
            assert!(found.result.len() <= text.len() * 2 + MAX_OUTPUT);
        }
    }
    let _ = heredoc::parse(text);
    let _ = Device::parse(text);
    let _ = Mount::parse(text, &mut |v| Ok(v.to_owned()));
}

/// A text as an ignore file, asked about a path.
pub fn patterns(text: &str, path: &str) {
    let read = ignore::read(text);
    assert!(read.iter().all(|pattern| inside(text, pattern.span)));
    let patterns: Vec<String> = read.into_iter().map(|pattern| pattern.text).collect();
    for dialect in [Dialect::BuildKit, Dialect::Legacy] {
        if let Ok(matcher) = ignore::Matcher::new(&patterns, dialect) {
            let _ = matcher.matches(path);
            let _ = matcher.matches_below(path, &ignore::ParentMatches::default());
        }
    }
}

/// A text as a reference: what is read from what was written is the same.
pub fn reference(text: &str) {
    if let Ok(found) = Reference::parse_normalized(text) {
        assert_eq!(Reference::parse_normalized(&found.to_string()).unwrap(), found);
        assert_eq!(Reference::parse_normalized(&found.familiar()).unwrap(), found);
    }
}
