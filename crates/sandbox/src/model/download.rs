//! What is alike in `curl` and `wget`: how they read their options, what they call a file, and that nobody knows what an
//! address gives, neither its content nor its size.

use super::{folder, takes};
use crate::shell::machine::{Halt, Sys, UNKNOWN_BYTES};
use crate::shell::process::Process;
use crate::tree::Content;

/// The options of a program.
pub(super) struct Spec {
    /// Letters without a value.
    pub(super) plain: &'static str,
    /// Letters with one.
    pub(super) valued: &'static str,
    /// Letters whose value, if they have one, is joined to them.
    pub(super) joined: &'static str,
    /// Long options without a value, between blanks.
    pub(super) long: &'static str,
    /// Long options with one.
    pub(super) long_valued: &'static str,
    /// Whether each long option without a value has a form with `no-` before it.
    pub(super) negates: bool,
}

/// A word of a command line.
pub(super) enum Word {
    /// An option by its letter or long name, with its value.
    Option(String, String),
    /// Anything else.
    Operand(String),
    /// An option that the program does not have, as it was written.
    Stranger(String),
    /// An option without its value, as it was written.
    Lacking(String),
}

impl Spec {
    /// Reads the arguments of a program.
    pub(super) fn read(&self, args: &[String]) -> Vec<Word> {
        let mut words = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                words.extend(args.cloned().map(Word::Operand));
                break;
            }
            if let Some(long) = arg.strip_prefix("--") {
                words.push(self.long(arg, long, || args.next().cloned()));
            } else if let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                self.letters(letters, || args.next().cloned(), &mut words);
            } else {
                words.push(Word::Operand(arg.clone()));
            }
        }
        words
    }

    fn long(&self, arg: &str, long: &str, next: impl FnOnce() -> Option<String>) -> Word {
        let (name, value) = match long.split_once('=').filter(|_| !self.negates) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (long, None),
        };
        let positive = name.strip_prefix("no-").filter(|_| self.negates);
        if let Some(name) = positive.and_then(|name| complete(self.long, name)) {
            return Word::Option(["no-", name].concat(), String::new());
        }
        let with_value = |valued: &str| match value.clone().or_else(next) {
            Some(value) => Word::Option(valued.to_owned(), value),
            None => Word::Lacking(arg.to_owned()),
        };
        match (complete(self.long, name), complete(self.long_valued, name)) {
            (Some(plain), valued) if valued.is_none() || plain == name => {
                Word::Option(plain.to_owned(), value.unwrap_or_default())
            }
            (plain, Some(valued)) if plain.is_none() || valued == name => with_value(valued),
            _ => Word::Stranger(arg.to_owned()),
        }
    }

    fn letters(&self, letters: &str, next: impl FnOnce() -> Option<String>, words: &mut Vec<Word>) {
        for (at, letter) in letters.char_indices() {
            if self.plain.contains(letter) {
                words.push(Word::Option(letter.to_string(), String::new()));
                continue;
            }
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or("");
            if self.joined.contains(letter) {
                words.push(Word::Option(letter.to_string(), rest.to_owned()));
                return;
            }
            let dashed = format!("-{letter}");
            if !self.valued.contains(letter) {
                words.push(Word::Stranger(dashed));
                return;
            }
            let value = if rest.is_empty() { next() } else { Some(rest.to_owned()) };
            words.push(match value {
                Some(value) => Word::Option(letter.to_string(), value),
                None => Word::Lacking(dashed),
            });
            return;
        }
    }
}

/// The name in a list that is meant by its beginning, if only one is. A whole name means itself.
fn complete(names: &'static str, name: &str) -> Option<&'static str> {
    if let Some(whole) = names.split(' ').find(|known| *known == name) {
        return Some(whole);
    }
    let mut begun = names.split(' ').filter(|known| known.starts_with(name));
    let only = begun.next()?;
    begun.next().is_none().then_some(only)
}

/// The host in an address, without its port.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = host.rsplit('@').next().unwrap_or("");
    host.split(':').next().unwrap_or("")
}

/// The path in an address, from behind the slash after the host.
pub(super) fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or("", |(_, path)| path)
}

/// Writes what an address gives to a file.
pub(super) fn save(p: &mut Process<'_, '_>, url: &str, path: &str) -> Sys<()> {
    takes(p, 1200, 0);
    if path == "/dev/null" {
        return Ok(Ok(()));
    }
    let digest = p.m.digest_of(&[b"download", url.as_bytes()]);
    p.write_content(path, Content::Unknown { digest })
}

/// Prints what an address gives.
pub(super) fn show(p: &mut Process<'_, '_>) -> Result<(), Halt> {
    takes(p, 1200, 0);
    p.write(&[UNKNOWN_BYTES, b"\n"].concat())
}

/// `dir/name`, with the folders up to it made.
pub(super) fn made(p: &mut Process<'_, '_>, path: &str) -> Result<(), Halt> {
    match path.rsplit_once('/') {
        Some((dir, _)) if !dir.is_empty() => folder(p, dir),
        _ => Ok(()),
    }
}
