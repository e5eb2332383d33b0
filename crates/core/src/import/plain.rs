//! `--progress=plain` of BuildKit (`util/progress/progressui/printer.go`): `#5 [build 2/4] RUN …`, `#5 DONE 1.2s`.

use super::clean;
use super::{Entry, Format, Log, Outcome};

/// The number and what follows it.
pub(super) fn split(line: &str) -> Option<(usize, &str)> {
    let at = line.find('#')?;
    let (before, rest) = line.split_at_checked(at)?;
    let rest = rest.strip_prefix('#')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|n| (1..=5).contains(n))?;
    let (number, rest) = rest.split_at_checked(digits)?;
    let rest = rest.strip_prefix(' ')?;
    clean::is_prefix(before).then_some((number.parse().ok()?, rest))
}

/// `[+] Building 12.3s (8/8) FINISHED` in milliseconds.
pub(super) fn total(line: &str) -> Option<u64> {
    let rest = line.split_once("[+] Building ")?.1;
    clean::seconds(rest.split_once('s')?.0)
}

pub(super) fn read(text: &str) -> Log {
    let mut log = Log::new(Format::Plain);
    // The index of each number's entry, and one more.
    let mut places: Vec<usize> = Vec::new();
    for line in text.lines() {
        let line = clean::line(line);
        let Some((number, rest)) = split(&line) else {
            log.total = total(&line).or(log.total);
            continue;
        };
        // `#0 building with "default" instance` is no step.
        if number == 0 {
            continue;
        }
        if places.len() <= number {
            places.resize(number + 1, 0);
        }
        let Some(place) = places.get_mut(number) else { continue };
        let entry = place.checked_sub(1).and_then(|at| log.entries.get_mut(at));
        let rest = rest.trim_end();
        let Some(entry) = entry else {
            *place = if end(rest).is_some() { 0 } else { log.add(Entry::new(rest)).map_or(0, |at| at + 1) };
            continue;
        };
        if let Some((outcome, duration)) = end(rest) {
            (entry.outcome, entry.duration) = (outcome, duration);
        } else if entry.outcome != Outcome::Open && rest.starts_with('[') && *entry.name != *rest {
            // Numbers begin anew: another build in the same log.
            let new = Entry::new(rest);
            if new.name != entry.name {
                *place = log.add(new).map_or(0, |at| at + 1);
            }
        }
    }
    log
}

fn end(rest: &str) -> Option<(Outcome, Option<u64>)> {
    Some(match rest {
        "DONE" => (Outcome::Ran, None),
        "CACHED" => (Outcome::Cached, None),
        "CANCELED" => (Outcome::Canceled, None),
        _ if rest.starts_with("ERROR:") => (Outcome::Failed, None),
        _ => {
            let time = rest.strip_prefix("DONE ")?.strip_suffix('s')?;
            (Outcome::Ran, Some(clean::seconds(time)?))
        }
    })
}
