//! What BuildKit draws on a terminal, as it is copied from there: ` => [build 2/4] RUN …    1.2s`.

use super::clean;
use super::plain;
use super::{Entry, Format, Log, Outcome};

/// Outcome, name and time; and whether the terminal's width may have cut the name.
pub(super) fn split(line: &str) -> Option<(Outcome, &str, Option<u64>, bool)> {
    let rest = line.trim().strip_prefix("=> ")?.trim_start();
    // Below a step: what it transfers, what it printed.
    if rest.starts_with("=>") || rest.starts_with('#') {
        return None;
    }
    let (name, time) = rest.rsplit_once(' ').unwrap_or((rest, ""));
    let time = time.strip_suffix('s').and_then(clean::seconds);
    // There are two blanks at least, and no more where the name fills the line.
    let cut = time.is_some() && name.len() < name.trim_end().len() + 2;
    let name = if time.is_some() { name.trim_end() } else { rest };
    let prefixes =
        [("CACHED ", Outcome::Cached), ("ERROR ", Outcome::Failed), ("CANCELED ", Outcome::Canceled)];
    let found =
        prefixes.into_iter().find_map(|(prefix, outcome)| Some((outcome, name.strip_prefix(prefix)?)));
    let (outcome, name) = found.unwrap_or((if time.is_some() { Outcome::Ran } else { Outcome::Open }, name));
    (!name.is_empty()).then_some((outcome, name, time, cut))
}

pub(super) fn read(text: &str) -> Log {
    let mut log = Log::new(Format::Terminal);
    for line in text.lines() {
        let line = clean::line(line);
        log.total = plain::total(&line).or(log.total);
        let Some((outcome, name, duration, cut)) = split(&line) else { continue };
        let mut new = Entry { outcome, duration, ..Entry::new(name) };
        if cut {
            new.name.push_str("...");
        }
        // It is drawn again and again while it runs; the last says most. What is far above is another one's.
        let recent = log.entries.iter_mut().rev().take(100).find(|entry| entry.name == new.name);
        match recent {
            Some(entry) => *entry = new,
            None => drop(log.add(new)),
        }
    }
    log
}
