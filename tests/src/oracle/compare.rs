//! A simulation held against a recording.

use super::text;
use serde_json::Value;
use stagecraft_core::simulation::Builder;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// The parts of an image's config that are compared.
pub const CONFIG: [&str; 12] = [
    "Env",
    "Cmd",
    "Entrypoint",
    "WorkingDir",
    "User",
    "ExposedPorts",
    "Volumes",
    "Labels",
    "Healthcheck",
    "StopSignal",
    "Shell",
    "OnBuild",
];

/// What differs in one build; empty if nothing does.
pub fn step(want: &Value, got: &Value, builder: Builder) -> Vec<String> {
    let mut found = Vec::new();
    let unstable = |field: &str| {
        want.get("unstable")
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|name| name == field))
    };
    let network = want.get("network_error").is_some();
    let ok = want.get("ok").and_then(Value::as_bool) == Some(true);
    check(&mut found, "ok", &ok, &(got.get("ok").and_then(Value::as_bool) == Some(true)));
    if !ok && !network && !unstable("error") {
        let error = |value: &Value| {
            let text = value.get("error").and_then(Value::as_str).unwrap_or_default();
            let text = text::error(text, "");
            if builder == Builder::BuildKit { text::reason(&text) } else { text::comparable(&text) }
        };
        check(&mut found, "error", &error(want), &error(got));
    }
    if builder == Builder::Legacy && !network && !unstable("log") {
        lines(&mut found, "log", &log(want), &log(got));
    }
    if builder == Builder::BuildKit && !network {
        progress(&mut found, want, got);
    }
    if unstable("image") {
        return found;
    }
    let (Some(want), Some(got)) = (image(want), image(got)) else {
        check(&mut found, "an image", &image(want).is_some(), &image(got).is_some());
        return found;
    };
    for (field, of) in [("config", config as fn(&Value) -> String), ("history", history), ("rootfs", rootfs)]
    {
        if !unstable(field) {
            let list = |image: &Value| of(image).lines().map(str::to_owned).collect::<Vec<_>>();
            lines(&mut found, field, &list(want), &list(got));
        }
    }
    if !unstable("layers") {
        check(&mut found, "layers", &layers(want), &layers(got));
    }
    found
}

/// BuildKit's vertices, and which of its steps are printed as cached.
fn progress(found: &mut Vec<String>, want: &Value, got: &Value) {
    let names = |value: &Value, key: &str| -> BTreeSet<String> {
        let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(text::vertex).collect()
    };
    // Of steps of one name the last is told.
    let all = |value: &Value, key: &str, cached: bool| -> BTreeSet<String> {
        let mut last: BTreeMap<String, bool> = BTreeMap::new();
        for step in value.get(key).and_then(Value::as_array).into_iter().flatten() {
            let name = step.get("name").and_then(Value::as_str).unwrap_or_default();
            last.insert(text::vertex(name), step.get("status").and_then(Value::as_str) == Some("cached"));
        }
        last.into_iter().filter(|(_, found)| *found || !cached).map(|(name, _)| name).collect()
    };
    let skip = names(want, "unstable_vertices");
    let kept = |set: BTreeSet<String>| -> Vec<String> { set.difference(&skip).cloned().collect() };
    if !skip.contains("*") {
        lines(found, "vertices", &kept(all(want, "vertices", false)), &kept(all(got, "steps", false)));
    }
    let races = names(want, "unstable_status");
    let cached = |set: BTreeSet<String>| -> Vec<String> {
        // Whether a base image is printed as cached is a race.
        let steps = set.into_iter().filter(|name| name.starts_with('[') && !name.starts_with("[internal]"));
        steps.filter(|name| !skip.contains(name) && !races.contains(name)).collect()
    };
    lines(found, "cached", &cached(all(want, "vertices", true)), &cached(all(got, "steps", true)));
}

fn check<T: PartialEq + Debug>(found: &mut Vec<String>, what: &str, want: &T, got: &T) {
    if want != got {
        found.push(format!("{what}\n  - {want:?}\n  + {got:?}"));
    }
}

/// The first line that differs.
fn lines(found: &mut Vec<String>, what: &str, want: &[String], got: &[String]) {
    let length = want.len().max(got.len());
    if let Some(at) = (0..length).find(|at| want.get(*at) != got.get(*at)) {
        let line = |lines: &[String]| lines.get(at).map_or("(end)", String::as_str).to_owned();
        found.push(format!("{what}, line {}\n  - {}\n  + {}", at + 1, line(want), line(got)));
    }
}

fn image(step: &Value) -> Option<&Value> {
    step.get("image").filter(|image| image.is_object())
}

/// Without the error that the client repeats at its end.
fn log(step: &Value) -> Vec<String> {
    let mut lines = text::log(step.get("log").and_then(Value::as_str).unwrap_or_default());
    let error = text::error(step.get("error").and_then(Value::as_str).unwrap_or_default(), "");
    for tail in error.lines().rev().filter(|line| !line.trim().is_empty()) {
        let without_numbers = |text: &str| -> String {
            text::comparable(text).chars().filter(|c| !c.is_ascii_digit()).collect()
        };
        if lines.last().is_some_and(|line| without_numbers(line) == without_numbers(tail)) {
            lines.pop();
        }
    }
    text::settled(&lines)
}

fn config(image: &Value) -> String {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    let parts = CONFIG.iter().filter_map(|key| {
        let value = image.get("config")?.get(*key)?;
        (!empty(value)).then(|| format!("{key}={}", sorted(value)))
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// JSON with keys in order.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{key:?}:{}", sorted(value))).collect();
            pairs.sort();
            format!("{{{}}}", pairs.join(","))
        }
        other => other.to_string(),
    }
}

fn history(image: &Value) -> String {
    let lines = image.get("history").and_then(Value::as_array).into_iter().flatten().map(|line| {
        let empty = line.get("empty_layer").and_then(Value::as_bool) == Some(true);
        let text = text::created_by(line.get("created_by").and_then(Value::as_str).unwrap_or_default());
        format!("{text} {}", if empty { "(empty)" } else { "" })
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn entry(entry: &Value) -> String {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| entry.get(key).and_then(Value::as_u64).unwrap_or(0);
    let (path, kind) = (text("path"), text("kind"));
    match kind {
        "whiteout" | "opaque" | "deleted" => format!("{path} {kind}"),
        "symlink" | "hardlink" => {
            format!("{path} {kind} {} {} {}", number("uid"), number("gid"), text("target"))
        }
        _ => {
            let size = if kind == "file" { number("size") } else { 0 };
            format!("{path} {kind} {} {} {} {size}", text("mode"), number("uid"), number("gid"))
        }
    }
}

/// Without directories, which overlayfs adds for every parent, without opaque marks, which it leaves behind at times,
/// and without the owners of hard links, which are those of the file.
fn layers(image: &Value) -> Vec<Vec<String>> {
    let listed = |layer: &Value| -> Vec<String> {
        let entries = layer.get("entries").and_then(Value::as_array).into_iter().flatten();
        let kept = entries
            .filter(|entry| !matches!(entry.get("kind").and_then(Value::as_str), Some("dir" | "opaque")));
        let mut lines: Vec<String> = kept
            .map(|value| match value.get("kind").and_then(Value::as_str) {
                Some("hardlink") => {
                    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
                    format!("{} hardlink {}", text("path"), text("target"))
                }
                _ => entry(value),
            })
            .collect();
        lines.sort();
        lines
    };
    image.get("layers").and_then(Value::as_array).into_iter().flatten().map(listed).collect()
}

fn rootfs(image: &Value) -> String {
    let mut lines: Vec<String> =
        image.get("rootfs").and_then(Value::as_array).into_iter().flatten().map(entry).collect();
    lines.sort();
    lines.join("\n")
}
