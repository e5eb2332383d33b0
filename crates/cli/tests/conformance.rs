//! `check` and `plan` against what BuildKit's own front end answers, on the shared corpus; skips without it.
#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used, clippy::panic)]

use serde_json::{Map, Value, json};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::process::Command;

/// What the command prints, as JSON.
fn call(args: &[&str], file: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_stagecraft")).args(args).arg(file).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", file.display(), String::from_utf8_lossy(&output.stderr))
    })
}

/// Go walks its maps in random order; what is compared must not depend on it: rules of an error are sorted, and of
/// suggestions that are equally near only that there is one counts.
fn settled(message: &Value) -> Value {
    let Some(text) = message.as_str() else { return Value::Null };
    if let Some(rules) = text.strip_prefix("lint violation found for rules: ") {
        let mut rules: Vec<&str> = rules.split(", ").collect();
        rules.sort_unstable();
        return json!(rules);
    }
    match text.split_once(" (did you mean ") {
        Some((before, _)) => json!(format!("{before} (did you mean …?)")),
        None => json!(text),
    }
}

fn checked(check: &Value) -> Value {
    let mut warnings: Vec<(u64, String)> = Vec::new();
    let list = check["warnings"].as_array().cloned().unwrap_or_default();
    // Warnings of one rule for one instruction come in the order of such a map.
    let mut group: Vec<String> = Vec::new();
    let mut key = (String::new(), 0);
    for warning in &list {
        let next = (warning["rule"].to_string(), warning["line"].as_u64().unwrap_or_default());
        if next != key {
            group.sort();
            warnings.extend(group.drain(..).map(|message| (key.1, message)));
            key = next;
        }
        group.push(format!("{} {}", key.0, settled(&warning["message"])));
    }
    group.sort();
    warnings.extend(group.drain(..).map(|message| (key.1, message)));
    json!({"warnings": warnings, "error": settled(&check["error"]["message"])})
}

/// One hash per op that covers all that it depends on, sorted: the order of independent ops is free.
fn signatures(ops: &[Value]) -> Vec<u64> {
    let mut done: Vec<u64> = Vec::new();
    for op in ops {
        let mut op: Map<String, Value> = op.as_object().cloned().unwrap_or_default();
        op.remove("lines");
        let inputs = op.get("inputs").and_then(Value::as_array).cloned().unwrap_or_default();
        let inputs: Vec<u64> =
            inputs.iter().map(|input| done[usize::try_from(input.as_u64().unwrap()).unwrap()]).collect();
        op.insert("inputs".into(), json!(inputs));
        let mut hasher = DefaultHasher::new();
        // Keys are sorted: serde_json keeps objects in a BTreeMap.
        Value::Object(op).to_string().hash(&mut hasher);
        done.push(hasher.finish());
    }
    done.sort_unstable();
    done
}

fn planned(plan: &Value, outline: &Value) -> Value {
    let mut out = Map::new();
    if plan["error"].is_object() {
        let lines = plan["error"]["lines"].as_array().cloned().unwrap_or_default();
        out.insert("error".into(), json!([settled(&plan["error"]["message"]), lines]));
    } else {
        let ops = plan["ops"].as_array().cloned().unwrap_or_default();
        let mut names: Vec<&str> = ops.iter().filter_map(|op| op["name"].as_str()).collect();
        names.sort_unstable();
        out.insert("names".into(), json!(names));
        out.insert("ops".into(), json!(signatures(&ops)));
        out.insert("config".into(), plan["config"].clone());
        out.insert("history".into(), plan["history"].clone());
    }
    if let Some(args) = outline.as_array() {
        let mut args: Vec<&str> = args.iter().filter_map(|arg| arg["name"].as_str()).collect();
        args.sort_unstable();
        out.insert("outline".into(), json!(args));
    }
    Value::Object(out)
}

/// What differs from what was recorded.
#[derive(Default)]
struct Differences {
    compared: usize,
    found: Vec<String>,
}

impl Differences {
    fn look(&mut self, name: &str, row: &Value, path: &Path, images: &Path) {
        let plan = call(&["plan", "--format", "json", "--images", images.to_str().unwrap()], path);
        let check = call(&["check", "--format", "json"], path);
        let outline = &row["outline"]["args"];
        let got = if outline.is_array() { &plan["outline"] } else { &Value::Null };
        let mut pairs = vec![
            ("check", checked(&row["check"]), checked(&check)),
            ("plan", planned(&row["plan"], outline), planned(&plan, got)),
        ];
        if row["targets"].is_array() {
            pairs.push(("targets", row["targets"].clone(), plan["targets"].clone()));
        }
        for (aspect, want, got) in pairs {
            self.compared += 1;
            if want != got {
                self.found.push(format!("{name} {aspect}\n  want {want}\n  got  {got}"));
            }
        }
    }

    fn finish(self, least: usize) {
        let Self { compared, found } = self;
        assert!(compared > least, "only {compared} comparisons");
        assert!(found.is_empty(), "{} of {compared} differ:\n{}", found.len(), found.join("\n"));
    }
}

#[test]
fn corpus() {
    let Some(shared) = stagecraft_tests::shared("corpus") else { return };
    let folder = shared.join("conformance");
    let mut differences = Differences::default();
    for (table, files) in [("expected.jsonl", "files"), ("broken.jsonl", "broken")] {
        let rows = std::fs::read_to_string(folder.join("corpus").join(table)).unwrap();
        for row in rows.lines() {
            let row: Value = serde_json::from_str(row).unwrap();
            let name = row["file"].as_str().unwrap();
            let path = folder.join("corpus").join(files).join(name);
            differences.look(name, &row, &path, &folder.join("images.json"));
        }
    }
    differences.finish(3000);
}

/// Dockerfiles of our own, each for something that once differed, with what BuildKit's front end answers.
#[test]
fn recorded() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
    let folder = std::env::temp_dir().join(format!("stagecraft-recorded-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("Dockerfile");
    let mut differences = Differences::default();
    for row in std::fs::read_to_string(here.join("front-end.jsonl")).unwrap().lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let text = row["dockerfile"].as_str().unwrap();
        std::fs::write(&path, text).unwrap();
        differences.look(text, &row, &path, &here.join("images.json"));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    differences.finish(40);
}

#[test]
fn rules() {
    let Some(shared) = stagecraft_tests::shared("rules") else { return };
    let cases = std::fs::read_to_string(shared.join("conformance/tables/lint.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&cases).unwrap();
    let folder = std::env::temp_dir().join(format!("stagecraft-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut differences = Vec::new();
    for case in &cases {
        let file = folder.join("Dockerfile");
        std::fs::write(&file, case["dockerfile"].as_str().unwrap()).unwrap();
        let mut args = vec!["check".to_owned(), "--format=json".to_owned()];
        if let Some(ignore) = case["dockerignore"].as_str() {
            let path = folder.join("ignore");
            std::fs::write(&path, ignore).unwrap();
            args.push(format!("--ignore-file={}", path.display()));
        }
        for (key, value) in case["frontend_attrs"].as_object().into_iter().flatten() {
            if let Some(name) = key.strip_prefix("build-arg:") {
                args.push(format!("--build-arg={name}={}", value.as_str().unwrap()));
            }
        }
        // Where a check of all stages and a build of the last one differ, the build was recorded.
        if case["check_warnings"].is_array() {
            args.push("--reachable".into());
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let check = call(&args, &file);
        let mut want: Vec<String> = case["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|w| format!("{} {} {}", w["Line"], w["RuleName"], w["Detail"]))
            .collect();
        let mut got: Vec<String> = check["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|w| format!("{} {} {}", w["line"], w["rule"], w["message"]))
            .collect();
        want.sort();
        got.sort();
        if want != got {
            differences.push(format!("{} {}\n  want {want:?}\n  got  {got:?}", case["test"], case["seq"]));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(cases.len() > 80, "only {} cases", cases.len());
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
