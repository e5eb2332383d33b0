//! Which step of a file each step of a log is. Captions differ in more than one way: numbers shift with edits,
//! variables are filled in with other values, names are cut, platforms, services and digests are added.

use super::clean::one_line;
use super::{Format, Log};
use crate::simulation::Builder;

/// A step of the file that is looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    key: Key,
    /// The instruction as written: its variables stand for anything.
    code: String,
}

/// A caption in its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Key {
    /// The stage's name.
    label: String,
    /// The place in the stage (legacy: in the file); 0 where there is none.
    number: u32,
    text: String,
    /// The end of the text is missing.
    cut: bool,
}

impl Wanted {
    /// By the caption that the simulated builder gives, and the instruction as written.
    pub(crate) fn by_caption(caption: &str, code: &str) -> Self {
        Self { key: key(caption), code: text(code).0 }
    }

    /// By the stage's name and the instruction, for a log of the other builder.
    pub(crate) fn by_code(label: &str, code: &str) -> Self {
        let (text, cut) = text(code);
        Self { code: text.clone(), key: Key { label: label.to_owned(), number: 0, text, cut } }
    }
}

/// The most comparisons that are made.
const MOST: usize = 8_000_000;

/// For each wanted step the index of the log's entry that it is; no entry is two steps'. What fits best goes first.
pub(crate) fn assign(log: &Log, wanted: &[Wanted]) -> Vec<Option<u32>> {
    let keys: Vec<Key> = log.entries.iter().map(|entry| key(&entry.name)).collect();
    let mut found = vec![None; wanted.len()];
    let mut taken = vec![false; keys.len()];
    let mut budget = MOST;
    'rounds: for round in 0..5 {
        for (wanted, found) in wanted.iter().zip(&mut found) {
            if found.is_some() {
                continue;
            }
            let Some(left) = budget.checked_sub(keys.len()) else { break 'rounds };
            budget = left;
            let mut free = keys.iter().zip(&mut taken).enumerate().filter(|(_, (_, taken))| !**taken);
            if let Some((at, (_, taken))) = free.find(|(_, (key, _))| fits(wanted, key, round)) {
                *taken = true;
                *found = Some(at as u32);
            }
        }
    }
    found
}

/// Whether an entry is a step, asked the more generously the later the round.
fn fits(wanted: &Wanted, key: &Key, round: u32) -> bool {
    let Wanted { key: own, code } = wanted;
    // Several builds in one log put their name before the stage's.
    let before = key.label.strip_suffix(&own.label);
    let here = before.is_some_and(|rest| rest.is_empty() || rest.ends_with(' '));
    let number = key.number == own.number;
    let equal = || key.text == own.text && !key.cut;
    let alike = || {
        (key.cut && key.text.len() >= 8 && own.text.starts_with(&key.text))
            || (code.contains('$') && stands_for(code, &key.text, key.cut))
    };
    match round {
        0 => here && number && equal(),
        1 => here && equal(),
        2 => here && number && alike(),
        3 => here && alike(),
        _ => equal(),
    }
}

/// A caption of either builder taken apart.
fn key(name: &str) -> Key {
    let name = name.trim();
    let number = |word: &str| {
        let (number, total) = word.split_once('/')?;
        total.bytes().all(|b| b.is_ascii_digit()).then_some(number.parse().ok()?)
    };
    let mut key = Key::default();
    let mut rest = name;
    if let Some((count, code)) = name.strip_prefix("Step ").and_then(|name| name.split_once(" : ")) {
        (key.number, rest) = (number(count).unwrap_or(0), code);
    } else if let Some((place, code)) = name.strip_prefix('[').and_then(|name| name.split_once("] ")) {
        rest = code;
        for word in place.split_whitespace() {
            match number(word) {
                Some(number) => key.number = number,
                // A platform: `linux/amd64->arm64`.
                None if word.contains('/') => {}
                None if key.label.is_empty() => word.clone_into(&mut key.label),
                None => {
                    key.label.push(' ');
                    key.label.push_str(word);
                }
            }
        }
    }
    (key.text, key.cut) = text(rest);
    key
}

/// An instruction in the form in which both builders, with and without digest, say the same; and whether its end is
/// cut off.
fn text(code: &str) -> (String, bool) {
    let line = one_line(code);
    let cut = ["...", "…"].iter().find_map(|end| line.strip_suffix(end));
    let whole = cut.unwrap_or(&line);
    let (keyword, rest) = whole.split_once(' ').unwrap_or((whole, ""));
    let mut out = keyword.to_ascii_uppercase();
    let from = out == "FROM";
    for word in rest.split(' ').filter(|word| !(word.is_empty() || from && word.starts_with("--"))) {
        out.push(' ');
        let word = match word.split_once("@sha256:") {
            Some((name, digest)) if digest.bytes().all(|b| b.is_ascii_hexdigit()) => name,
            _ => word,
        };
        if from {
            let name = word.strip_prefix("docker.io/").unwrap_or(word);
            let name = name.strip_prefix("library/").unwrap_or(name);
            out.push_str(name.strip_suffix(":latest").unwrap_or(name));
            break;
        }
        out.push_str(word);
    }
    (out, cut.is_some())
}

/// Whether a text is an instruction with its variables filled in.
fn stands_for(code: &str, text: &str, cut: bool) -> bool {
    let (mut code, mut text) = (code, text);
    let mut first = true;
    loop {
        let (literal, rest) = variable(code);
        // The keyword is always there.
        let at = if first { text.starts_with(literal).then_some(0) } else { text.find(literal) };
        match (at, rest) {
            (Some(_), None) => return if first { text == literal } else { cut || text.ends_with(literal) },
            (Some(at), Some(rest)) => {
                text = text.get(at + literal.len()..).unwrap_or_default();
                code = rest;
                first = false;
            }
            (None, _) => return cut && !first,
        }
    }
}

/// The text before the first variable, and what follows that.
fn variable(code: &str) -> (&str, Option<&str>) {
    let mut from = 0;
    while let Some(at) = code.get(from..).and_then(|rest| rest.find('$')).map(|at| at + from) {
        let (before, rest) = code.split_at_checked(at).unwrap_or((code, ""));
        let name = rest.get(1..).unwrap_or_default();
        let length = if name.starts_with('{') {
            let mut depth = 0_usize;
            name.char_indices().find_map(|(at, c)| {
                depth = match c {
                    '{' => depth + 1,
                    '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                (depth == 0).then_some(at + 1)
            })
        } else {
            let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
            (end > 0).then_some(end)
        };
        if let Some(length) = length {
            return (before, name.get(length..));
        }
        from = at + 1;
    }
    (code, None)
}

/// The name of a stage in captions.
pub(crate) fn label(name: &str, index: usize) -> String {
    if name.is_empty() { format!("stage-{index}") } else { name.to_owned() }
}

/// The steps of the legacy builder, wanted in a log of either builder.
pub(crate) fn of_legacy(log: &Log, label: &str, caption: &str, code: &str) -> Wanted {
    match log.format.builder() {
        Builder::Legacy => Wanted::by_caption(caption, code),
        Builder::BuildKit => Wanted::by_code(label, code),
    }
}

/// The steps of BuildKit, wanted in a log of either builder.
pub(crate) fn of_buildkit(log: &Log, caption: &str, code: &str) -> Wanted {
    match log.format {
        Format::Legacy => {
            Wanted { key: Key { label: String::new(), number: 0, ..key(code) }, code: text(code).0 }
        }
        Format::Plain | Format::RawJson | Format::Terminal => Wanted::by_caption(caption, code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Entry, Outcome};

    /// Entry names, and what each wanted caption with its instruction is found to be.
    fn found(names: &[&str], wanted: &[(&str, &str)]) -> Vec<Option<u32>> {
        let entries = names.iter().map(|name| Entry {
            outcome: Outcome::Ran,
            duration: Some(1000),
            ..Entry::new(name)
        });
        let log = Log { entries: entries.collect(), ..Log::new(Format::Plain) };
        let wanted: Vec<Wanted> =
            wanted.iter().map(|(caption, code)| Wanted::by_caption(caption, code)).collect();
        assign(&log, &wanted)
    }

    #[test]
    fn captions_that_say_the_same_are_one_step() {
        for (name, caption, code) in [
            ("[build 2/4] RUN make", "[build 2/4] RUN make", "RUN make"),
            ("[build 3/5] RUN  make", "[build 2/4] RUN make", "run make"),
            ("[linux/amd64->arm64 build 2/4] RUN make", "[build 2/4] RUN make", "RUN make"),
            ("[web build 2/4] RUN make", "[build 2/4] RUN make", "RUN make"),
            ("[web 2/4] RUN make", "[2/4] RUN make", "RUN make"),
            ("[renamed 2/4] RUN make", "[build 2/4] RUN make", "RUN make"),
            ("[web internal] load .dockerignore", "[internal] load .dockerignore", ""),
            (
                "[1/2] FROM docker.io/library/alpine:3.19@sha256:0123456789abcdef",
                "[1/2] FROM docker.io/library/alpine:3.19",
                "FROM alpine:3.19",
            ),
            ("[a 2/2] RUN echo 9 two", "[a 2/2] RUN echo 1 two", "RUN echo ${V:-${W}} two"),
            ("[a 2/2] RUN echo 9 tw...", "[a 2/2] RUN echo 1 two", "RUN echo $V two"),
            ("[a 2/2] RUN echo one two thr...", "[a 2/2] RUN echo one two three", "RUN echo one two three"),
        ] {
            assert_eq!(found(&[name], &[(caption, code)]), [Some(0)], "{name}");
        }
    }

    #[test]
    fn what_says_something_else_is_another_step() {
        for (name, caption, code) in [
            ("[build 2/4] RUN make", "[build 2/4] RUN make all", "RUN make all"),
            ("[build 2/4] RUN make", "[build 2/4] COPY . .", "COPY . ."),
            ("[a 2/2] RUN echo 9 three", "[a 2/2] RUN echo 1 two", "RUN echo $V two"),
            ("[b 2/2] RUN echo 9", "[a 2/2] RUN echo 1", "RUN echo $V"),
            ("[a 2/2] RUN echo $(x)", "[a 2/2] RUN echo $(y)", "RUN echo $(y)"),
            ("[auth] library/alpine:pull token", "[1/2] FROM docker.io/library/alpine", "FROM alpine"),
        ] {
            assert_eq!(found(&[name], &[(caption, code)]), [None], "{name}");
        }
    }

    #[test]
    fn what_fits_best_goes_first_and_nothing_is_used_twice() {
        let names = ["[a 2/4] RUN true", "[b 2/2] RUN true", "[a 4/4] RUN true"];
        let wanted = [
            ("[a 3/3] RUN true", "RUN true"),
            ("[a 2/3] RUN true", "RUN true"),
            ("[b 2/2] RUN true", "RUN true"),
        ];
        assert_eq!(found(&names, &wanted), [Some(2), Some(0), Some(1)]);
        assert_eq!(found(&names[..1], &wanted), [None, Some(0), None]);
    }
}
