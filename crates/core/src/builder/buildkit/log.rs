//! The log as `docker build --progress=plain` prints it (`util/progress/progressui`), from steps with times.

use crate::check::RULES;
use crate::decimal::fixed;
use crate::simulation::{LogLine, Status, Step, StepId};
use stagecraft_dockerfile::Diagnostic;

/// What the log tells of a step besides the step itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Extra {
    /// Lines under its caption, before its output: `transferring context: 2B`.
    pub notes: Vec<String>,
    /// What it ended with, in the builder's words.
    pub error: Option<String>,
    /// It is left out.
    pub hidden: bool,
}

/// Prints the steps in the order in which the printer comes to them.
pub(super) fn print(steps: &[Step], extra: &[Extra]) -> Vec<LogLine> {
    let mut printer = Printer {
        out: Vec::new(),
        numbers: vec![0; steps.len()],
        told: vec![0; steps.len()],
        next: 0,
        current: None,
    };
    let shown = |index: &usize| extra.get(*index).is_none_or(|extra| !extra.hidden);
    let end = |index: usize| steps.get(index).map_or(0, |step| step.start + step.duration);
    let start = |index: usize| steps.get(index).map_or(0, |step| step.start);
    let mut order: Vec<usize> = (0..steps.len()).filter(shown).collect();
    let takes_time = |index: &usize| steps.get(*index).is_some_and(|step| step.duration > 0);
    let mut by_start: Vec<usize> = order.iter().copied().filter(takes_time).collect();
    by_start.sort_by_key(|index| (start(*index), *index));
    let mut by_start = by_start.into_iter().peekable();
    order.sort_by_key(|index| (end(*index), *index));
    let mut closed = vec![false; steps.len()];
    for index in &order {
        let now = end(*index);
        // Between two ends the printer stays with what is open, if something is: with what was begun first.
        while by_start.next_if(|open| closed.get(*open) == Some(&true)).is_some() {}
        if printer.current.is_none()
            && let Some(first) = by_start.peek().copied().filter(|first| start(*first) < now)
            && first != *index
            && end(first) > now
        {
            printer.open(first, steps);
            printer.tell(first, steps, extra, now);
        }
        printer.open(*index, steps);
        printer.tell(*index, steps, extra, now);
        printer.close(*index, steps, extra);
        if let Some(closed) = closed.get_mut(*index) {
            *closed = true;
        }
    }
    printer.out
}

struct Printer {
    out: Vec<LogLine>,
    numbers: Vec<u32>,
    /// How many lines of each step's output are out.
    told: Vec<usize>,
    next: u32,
    current: Option<usize>,
}

impl Printer {
    fn line(&mut self, step: usize, text: String, modelled: bool) {
        self.out.push(LogLine { text, step: Some(StepId(step as u32)), modelled });
    }

    fn number(&self, step: usize) -> u32 {
        self.numbers.get(step).copied().unwrap_or(0)
    }

    fn open(&mut self, index: usize, steps: &[Step]) {
        if let Some(number) = self.numbers.get_mut(index)
            && *number == 0
        {
            self.next += 1;
            *number = self.next;
        }
        if self.current == Some(index) {
            return;
        }
        if let Some(old) = self.current {
            self.line(old, format!("#{} ...", self.number(old)), false);
        }
        if !self.out.is_empty() {
            self.out.push(LogLine { text: String::new(), step: None, modelled: false });
        }
        let name = steps.get(index).map_or("", |step| step.name.as_str());
        self.line(index, format!("#{} {name}", self.number(index)), false);
        self.current = Some(index);
    }

    /// Notes once, and the output up to a time.
    fn tell(&mut self, index: usize, steps: &[Step], extra: &[Extra], now: u64) {
        let Some(step) = steps.get(index) else { return };
        let number = self.number(index);
        let ended = step.start + step.duration <= now;
        if ended {
            for note in extra.get(index).map(|extra| extra.notes.as_slice()).unwrap_or_default() {
                self.line(index, format!("#{number} {note}"), false);
            }
        }
        let total = step.output.len() as u64;
        for (place, output) in step.output.iter().enumerate() {
            let after = offset(step.duration, place as u64, total);
            if self.told.get(index).is_some_and(|told| *told > place) || (!ended && step.start + after > now)
            {
                continue;
            }
            let text = format!("#{number} {}.{:03} {}", after / 1000, after % 1000, output.text);
            self.line(index, text.trim_end().to_owned(), output.modelled);
            if let Some(told) = self.told.get_mut(index) {
                *told = place + 1;
            }
        }
    }

    fn close(&mut self, index: usize, steps: &[Step], extra: &[Extra]) {
        self.current = None;
        let Some(step) = steps.get(index) else { return };
        let number = self.number(index);
        let text = match step.status {
            Status::Canceled => format!("#{number} CANCELED"),
            Status::Failed => {
                let error = extra.get(index).and_then(|extra| extra.error.as_deref()).unwrap_or_default();
                format!("#{number} ERROR: {error}")
            }
            Status::Cached => format!("#{number} CACHED"),
            Status::Ran => format!("#{number} DONE {}", seconds(step.duration)),
        };
        self.line(index, text, false);
    }
}

/// When a line of output appears: spread over the time after the container's start.
fn offset(duration: u64, place: u64, total: u64) -> u64 {
    let start = crate::builder::cost::CONTAINER.min(duration);
    start + (duration - start) * (place + 1) / (total + 1)
}

/// One digit, as Go rounds.
pub(super) fn seconds(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{}s", tenths / 10, tenths % 10)
}

/// A size as the progress printer writes it: `2B`, `1.05kB`, `12.30MB`.
pub(super) fn bytes(size: u64) -> String {
    let mut unit = 0;
    let mut value = size as f64;
    while value >= 1000.0 && unit < 4 {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{size}B"),
        unit => {
            format!("{}{}B", fixed(value, 2), ["", "k", "M", "G", "T"].get(unit).copied().unwrap_or_default())
        }
    }
}

/// What `docker build` (buildx's `printWarnings`) says of the checks at the end.
pub(super) fn warnings(diagnostics: &[Diagnostic]) -> Vec<LogLine> {
    let checks = || diagnostics.iter().filter(|found| RULES.iter().any(|rule| rule.name == found.code));
    let n = checks().count();
    if n == 0 {
        return Vec::new();
    }
    let count = if n == 1 { "1 warning".to_owned() } else { format!("{n} warnings") };
    let mut texts = vec![String::new(), format!(" {count} found (use docker --debug to expand):")];
    texts.extend(checks().map(|found| match found.lines.first() {
        Some((line, _)) => format!(" - {}: {} (line {line})", found.code, found.message),
        None => format!(" - {}: {}", found.code, found.message),
    }));
    texts.into_iter().map(|text| LogLine { text, step: None, modelled: false }).collect()
}

/// What follows the vertices when a step failed: its last output, what the checks say, the place in the file, the error.
pub(super) fn failure(
    step: Option<(usize, &Step)>,
    diagnostics: &[Diagnostic],
    excerpt: Vec<String>,
    message: &str,
) -> Vec<LogLine> {
    let mut out = Vec::new();
    let mut line = |text: String, step| out.push(LogLine { text, step, modelled: false });
    if let Some((index, step)) = step {
        let id = Some(StepId(index as u32));
        line("------".to_owned(), id);
        line(format!(" > {}:", step.name), id);
        let total = step.output.len() as u64;
        let skipped = step.output.len().saturating_sub(10);
        for (place, output) in step.output.iter().enumerate().skip(skipped) {
            let after = offset(step.duration, place as u64, total);
            line(format!("{}.{:03} {}", after / 1000, after % 1000, output.text), id);
        }
        line("------".to_owned(), id);
    }
    for told in warnings(diagnostics) {
        line(told.text, None);
    }
    for text in excerpt {
        line(text, None);
    }
    line(format!("ERROR: failed to solve: {message}"), None);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_written_as_the_printer_does() {
        for (size, expected) in [(2, "2B"), (999, "999B"), (1000, "1.00kB"), (12_345_678, "12.35MB")] {
            assert_eq!(bytes(size), expected);
        }
        assert_eq!(seconds(49), "0.0s");
        assert_eq!(seconds(1250), "1.3s");
    }
}
