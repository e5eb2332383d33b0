//! The classic builder's log: `Step 3/9 : RUN …`, ` ---> Using cache`. It has no times; where something put a time
//! stamp before each line, a step lasts until the next one begins.

use super::clean;
use super::{Entry, Format, Log, Outcome};

pub(super) fn is(line: &str) -> bool {
    step(line).is_some() || line.contains(" ---> ")
}

/// What stands before `Step 3/9 : RUN …`, and the rest.
fn step(line: &str) -> Option<(&str, &str)> {
    let at = line.find("Step ")?;
    let (before, rest) = line.split_at_checked(at)?;
    let (count, _) = rest.strip_prefix("Step ")?.split_once(" : ")?;
    let (number, total) = count.split_once('/')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits(number) && digits(total) && clean::is_prefix(before)).then_some((before, rest))
}

fn stamp(line: &str) -> Option<u64> {
    let word = line.split_whitespace().next()?;
    clean::stamp(word.trim_matches(['[', ']']))
}

pub(super) fn read(text: &str) -> Log {
    let mut log = Log::new(Format::Legacy);
    let mut began: Option<u64> = None;
    let mut open = false;
    for line in text.lines() {
        let line = clean::line(line);
        let line = line.trim_end();
        if let Some((_, name)) = step(line) {
            let now = stamp(line);
            close(&mut log, began, now);
            (began, open) = (now, log.add(Entry::new(name)).is_some());
            continue;
        }
        let Some(entry) = log.entries.last_mut().filter(|_| open) else { continue };
        if let Some((_, rest)) = line.split_once("---> ") {
            match rest {
                "Using cache" => entry.outcome = Outcome::Cached,
                // The reduced form's own.
                _ if rest.starts_with("Took ") => {
                    entry.duration =
                        rest.strip_prefix("Took ").and_then(|t| t.strip_suffix('s')).and_then(clean::seconds);
                }
                _ if rest.starts_with("Running in ") => {}
                _ if entry.outcome == Outcome::Open => entry.outcome = Outcome::Ran,
                _ => {}
            }
        } else if entry.outcome == Outcome::Open && line.contains("returned a non-zero code") {
            entry.outcome = Outcome::Failed;
        } else if line.contains("Successfully built ") {
            close(&mut log, began, stamp(line));
            open = false;
        }
    }
    log
}

fn close(log: &mut Log, began: Option<u64>, now: Option<u64>) {
    let time = began.zip(now).and_then(|(began, now)| now.checked_sub(began));
    if let Some((entry, time)) = log.entries.last_mut().zip(time) {
        entry.duration = Some(time);
    }
}
