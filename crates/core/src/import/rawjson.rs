//! `--progress=rawjson` of BuildKit: a JSON object per line, each a `SolveStatus` (`client/status.go`) with what is
//! new of vertexes, statuses and logs.

use super::clean;
use super::{Entry, Format, Log, Outcome};
use serde_json::Value;

pub(super) fn is(line: &str) -> bool {
    line.contains('{')
        && ["\"vertexes\":[", "\"statuses\":[", "\"logs\":["].iter().any(|key| line.contains(key))
}

/// A vertex, with the times at which it worked.
struct Vertex {
    digest: String,
    entry: usize,
    intervals: Vec<(u64, Option<u64>)>,
}

pub(super) fn read(text: &str) -> Log {
    let mut log = Log::new(Format::RawJson);
    let mut vertexes: Vec<Vertex> = Vec::new();
    for line in text.lines() {
        let line = clean::line(line);
        let Some((_, json)) = line.find('{').and_then(|at| line.split_at_checked(at)) else { continue };
        if !json.contains("\"vertexes\"") {
            continue;
        }
        let Ok(status) = serde_json::from_str::<Value>(json) else { continue };
        for vertex in status.get("vertexes").and_then(Value::as_array).into_iter().flatten() {
            note(vertex, &mut vertexes, &mut log);
        }
    }
    let mut first = u64::MAX;
    let mut last = 0;
    for vertex in &mut vertexes {
        for (start, end) in &vertex.intervals {
            first = first.min(*start);
            last = last.max(end.unwrap_or(*start));
        }
        let Some(entry) = log.entries.get_mut(vertex.entry) else { continue };
        if entry.outcome == Outcome::Ran {
            entry.duration = worked(&mut vertex.intervals);
        }
    }
    log.total = last.checked_sub(first);
    log
}

/// Takes over what is new of a vertex.
fn note(vertex: &Value, vertexes: &mut Vec<Vertex>, log: &mut Log) {
    let text = |key: &str| vertex.get(key).and_then(Value::as_str).unwrap_or_default();
    // Those of a group are shown as one.
    let group = vertex.get("progressGroup");
    let of_group = |key: &str| group.and_then(|group| group.get(key)).and_then(Value::as_str);
    let digest = of_group("id").unwrap_or_else(|| text("digest"));
    let name = of_group("name").unwrap_or_else(|| text("name"));
    let known = vertexes.iter().position(|vertex| vertex.digest == digest);
    let place = known.or_else(|| {
        let entry = log.add(Entry::new(name))?;
        vertexes.push(Vertex { digest: digest.to_owned(), entry, intervals: Vec::new() });
        Some(vertexes.len() - 1)
    });
    let Some(known) = place.and_then(|at| vertexes.get_mut(at)) else { return };
    let Some(entry) = log.entries.get_mut(known.entry) else { return };
    let (start, end) = (clean::stamp(text("started")), clean::stamp(text("completed")));
    if let Some(start) = start {
        match known.intervals.iter_mut().find(|(other, _)| *other == start) {
            Some(interval) => interval.1 = interval.1.max(end),
            None => known.intervals.push((start, end)),
        }
    }
    let error = text("error");
    entry.outcome = match () {
        () if error.ends_with("context canceled") => Outcome::Canceled,
        () if !error.is_empty() => Outcome::Failed,
        () if vertex.get("cached").and_then(Value::as_bool) == Some(true) => Outcome::Cached,
        // One vertex of a group may be cached while another runs.
        () if end.is_some() && (group.is_none() || entry.outcome != Outcome::Failed) => Outcome::Ran,
        () => entry.outcome,
    };
}

/// How long a vertex was at work: it may have worked several times, also at once.
fn worked(intervals: &mut [(u64, Option<u64>)]) -> Option<u64> {
    intervals.sort_unstable();
    let mut sum = None;
    let mut busy = 0;
    for (start, end) in intervals {
        let end = (*end)?;
        sum = Some(sum.unwrap_or(0) + end.saturating_sub(busy.max(*start)));
        busy = busy.max(end);
    }
    sum
}
