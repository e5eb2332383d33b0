//! The language against the answers of BuildKit's own packages: every case of the tables, every file of the corpus.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::needless_pass_by_value
)]

use serde_json::Value;
use stagecraft_dockerfile::expand::{Environment, Lexer, Names};
use stagecraft_dockerfile::{
    Command, Dialect, Dockerfile, Heredoc, Phase, Severity, dump, heredoc, ignore, parse,
};
use std::collections::BTreeMap;
use std::fs;

fn table(test: &str, name: &str) -> Option<Value> {
    let path = stagecraft_tests::shared(test)?.join("conformance/tables").join(name);
    Some(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The error of the line parser, as `parser.Parse` returns it.
fn parse_error(file: &Dockerfile<'_>) -> Option<String> {
    let error = file.diagnostics.iter().find(|d| d.severity == Severity::Error && d.phase == Phase::Parse)?;
    Some(error.message.clone())
}

/// Collects what differs and fails once, with all of it.
#[derive(Default)]
struct Differences(Vec<String>, usize);

impl Differences {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: impl std::fmt::Debug, got: T, want: T) {
        self.1 += 1;
        if got != want {
            self.0.push(format!("{what:?}\n  want {want:?}\n  got  {got:?}"));
        }
    }

    fn finish(self, at_least: usize) {
        assert!(self.1 >= at_least, "only {} comparisons", self.1);
        assert!(self.0.is_empty(), "{} of {} differ:\n{}", self.0.len(), self.1, self.0.join("\n"));
    }
}

#[test]
fn trees() {
    let Some(cases) = table("trees", "parser_ast.json") else { return };
    let mut differences = Differences::default();
    for case in cases.as_array().unwrap() {
        let file = parse(text(case, "dockerfile"), Dialect::BuildKit);
        let name = text(case, "name");
        if case["error"].is_string() {
            differences.check(name, parse_error(&file).as_deref(), case["error"].as_str());
        } else if case["result"].is_string() {
            differences.check(name, parse_error(&file), None);
            differences.check(name, dump(&file).as_str(), text(case, "result").trim());
        } else {
            let lines: Vec<Value> = file.instructions.iter().map(|i| serde_json::json!(i.lines)).collect();
            differences.check(name, lines.as_slice(), list(case, "child_lines"));
        }
    }
    differences.finish(38);
}

#[test]
fn instruction_errors() {
    let Some(cases) = table("instruction_errors", "instr_errors.json") else { return };
    let mut differences = Differences::default();
    for case in cases.as_array().unwrap() {
        let source = text(case, "dockerfile");
        let file = parse(source, Dialect::BuildKit);
        let want = case["ref_parse_error"].as_str().or(case["ref_file_error"].as_str());
        let got = file.first_error().map(|d| d.in_full(Dialect::BuildKit));
        differences.check(source, got.as_deref(), want);
        for error in &file.diagnostics {
            let span = error.span.start as usize..error.span.end as usize;
            assert!(source.get(span).is_some(), "{source:?}: {error:?}");
        }
    }
    differences.finish(1045);
}

fn heredocs(found: &[Heredoc<'_>]) -> Vec<Value> {
    let to_value = |doc: &Heredoc<'_>| {
        serde_json::json!({
            "Name": doc.name, "FileDescriptor": doc.file_descriptor, "Expand": doc.expand, "Chomp": doc.chomp,
            "Content": doc.content,
        })
    };
    found.iter().map(to_value).collect()
}

fn nodes(differences: &mut Differences, file: &Dockerfile<'_>, wanted: &[Value]) {
    differences.check("number of instructions", file.instructions.len(), wanted.len());
    for (found, want) in file.instructions.iter().zip(wanted) {
        let original = found.original.text();
        differences.check(text(want, "original"), &*original, text(want, "original"));
        differences.check(&original, &*found.keyword.text, text(want, "value"));
        let lines = (want["start_line"].as_u64().unwrap() as u32, want["end_line"].as_u64().unwrap() as u32);
        differences.check(&original, found.lines, lines);
        differences.check(&original, heredocs(&found.heredocs).as_slice(), list(want, "heredocs"));
    }
}

/// The fields of a typed instruction as the reference's, as far as a here-document shows in them.
fn fields(differences: &mut Differences, command: &Command<'_>, docs: &[Heredoc<'_>], want: &Value) {
    let what = want.to_string();
    let words = |words: &[stagecraft_dockerfile::Word<'_>]| -> Vec<Value> {
        words.iter().map(|w| Value::from(w.text.as_ref())).collect()
    };
    match command {
        Command::Run(run) => {
            differences.check(&what, words(&run.line.words()).as_slice(), list(want, "CmdLine"));
            differences.check(&what, run.line.is_shell(), want["PrependShell"].as_bool().unwrap());
            let files: Vec<Value> = docs
                .iter()
                .map(|d| serde_json::json!({"Name": d.name, "Data": d.content, "Chomp": d.chomp}))
                .collect();
            differences.check(&what, files.as_slice(), list(want, "Files"));
        }
        Command::Copy(copy) | Command::Add(copy) => {
            differences.check(&what, &*copy.destination.text, text(want, "DestPath"));
            differences.check(&what, words(&copy.sources).as_slice(), list(want, "SourcePaths"));
            let contents: Vec<Value> = copy
                .contents
                .iter()
                .map(|c| serde_json::json!({"Path": c.path, "Data": c.data, "Expand": c.expand}))
                .collect();
            differences.check(&what, contents.as_slice(), list(want, "SourceContents"));
            let chmod = copy.chmod.as_ref().map(|w| w.text.to_string()).unwrap_or_default();
            differences.check(&what, chmod.as_str(), text(want, "Chmod"));
        }
        Command::Onbuild(word) => differences.check(&what, &*word.text, text(want, "Expression")),
        _ => {}
    }
}

#[test]
fn here_documents() {
    let Some(cases) = table("here_documents", "heredoc.json") else { return };
    let mut differences = Differences::default();
    let extract = &cases["extract"];
    let file = parse(text(extract, "dockerfile"), Dialect::BuildKit);
    let mut rest = file.clone();
    rest.instructions.drain(..extract["children_from"].as_u64().unwrap() as usize);
    nodes(&mut differences, &rest, list(extract, "children"));

    for case in list(&cases, "from_line") {
        let line = text(case, "line");
        let file = format!("{line}\nEOF\n-EOF\nEOF2\n");
        let file = parse(&file, Dialect::BuildKit);
        let names: Vec<Value> =
            file.instructions[0].heredocs.iter().map(|d| Value::from(d.name.as_ref())).collect();
        // As in the reference's own test: what is found must be what is listed (`<<- EOF` finds nothing).
        let listed = list(case, "names").iter().take(names.len());
        differences.check(line, names.iter().collect::<Vec<_>>(), listed.collect());
    }
    for case in list(&cases, "parse_heredoc") {
        let source = text(case, "src");
        let (got, error) = match heredoc::parse(source) {
            Ok(found) => (found, None),
            Err(error) => (None, Some(error)),
        };
        differences.check(source, error.as_deref(), case["ref_error"].as_str());
        let got = got.map_or(Value::Null, |d| {
            serde_json::json!({"Name": d.name, "FileDescriptor": d.file_descriptor, "Expand": d.expand, "Chomp": d.chomp, "Content": ""})
        });
        differences.check(source, &got, &case["ref"]);
    }
    for case in list(&cases, "probes") {
        let source = text(case, "dockerfile");
        let file = parse(source, Dialect::BuildKit);
        differences.check(source, parse_error(&file).as_deref(), case["parse_error"].as_str());
        if case["parse_error"].is_string() {
            continue;
        }
        nodes(&mut differences, &file, list(case, "nodes"));
        let error = file.first_error().map(|d| d.in_full(Dialect::BuildKit));
        differences.check(source, error.as_deref(), case["instr_error"].as_str());
        let typed = file.instructions.iter().filter(|i| i.name() != Some("FROM"));
        for (found, want) in typed.zip(list(case, "commands")) {
            fields(&mut differences, found.command.as_ref().unwrap(), &found.heredocs, &want["fields"]);
        }
    }
    for entry in list(&cases, "instructions") {
        let case = &entry["case"];
        let source = format!("FROM x\n{}", text(case, "dockerfile"));
        let file = parse(&source, Dialect::BuildKit);
        let error = file.first_error().map(|d| d.message.clone());
        differences.check(&source, error.as_deref(), case["expectedError"].as_str());
        if case["sourcesAndDest"].is_object() {
            let found = &file.instructions[1];
            fields(
                &mut differences,
                found.command.as_ref().unwrap(),
                &found.heredocs,
                &case["sourcesAndDest"],
            );
        }
    }
    let none = parse(text(&cases["json_dockerfile"], "dockerfile"), Dialect::BuildKit);
    differences.check("JSON form", none.instructions.iter().map(|i| i.heredocs.len()).sum::<usize>(), 0);
    differences.finish(400);
}

/// `NAME=VALUE` lines as BuildKit's `EnvsFromSlice` takes them: the last of a name counts.
struct Lines(BTreeMap<String, String>);

impl Environment for Lines {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

#[test]
fn expansion() {
    let Some(cases) = table("expansion", "shell.json") else { return };
    let mut differences = Differences::default();
    for (_, group) in cases.as_object().unwrap() {
        for case in group.as_array().unwrap() {
            let env = list(case, "env").iter().map(|line| {
                let (name, value) =
                    line.as_str().unwrap().split_once('=').unwrap_or((line.as_str().unwrap(), ""));
                (name.to_owned(), value.to_owned())
            });
            let env = Lines(env.collect());
            for (key, escape) in [("ref", '\\'), ("ref_backtick", '`')] {
                for (mode, want) in case[key].as_object().into_iter().flatten() {
                    let lexer = match mode.as_str() {
                        "normal" => Lexer::new(escape),
                        "skip_unset+raw_quotes" => {
                            Lexer { skip_unset: true, raw_quotes: true, ..Lexer::new(escape) }
                        }
                        "heredoc(raw_quotes+raw_escapes+skip_unset)" => Lexer::for_heredoc(escape),
                        other => panic!("unknown mode {other}"),
                    };
                    expand(&mut differences, &lexer, text(case, "input"), &env, mode, want);
                }
            }
        }
    }
    differences.finish(5000);
}

fn expand(d: &mut Differences, lexer: &Lexer, input: &str, env: &Lines, mode: &str, want: &Value) {
    let what = (mode, lexer.escape, input);
    let names = |names: &std::collections::BTreeSet<String>| -> Vec<Value> {
        names.iter().map(|n| Value::from(n.as_str())).collect()
    };
    // The table has them sorted.
    let unset = |found: &Names| names(&found.iter().map(str::to_owned).collect());
    match lexer.process_word(input, env) {
        Ok(found) => {
            d.check(what, None, want["error"].as_str());
            d.check(what, Some(found.result.as_str()), want["result"].as_str());
            let words = lexer.process_words(input, env).unwrap_or_default();
            let words: Vec<Value> = words.into_iter().map(Value::from).collect();
            d.check(what, words.as_slice(), list(want, "words"));
            d.check(what, names(&found.matched).as_slice(), list(want, "matched"));
            d.check(what, unset(&found.unmatched).as_slice(), list(want, "unmatched"));
        }
        Err(error) => {
            d.check(what, Some(error.message.as_str()), want["error"].as_str());
            d.check(what, names(&error.matched).as_slice(), list(want, "matched"));
            d.check(what, unset(&error.unmatched).as_slice(), list(want, "unmatched"));
        }
    }
}

#[test]
fn ignore_files() {
    let Some(cases) = table("ignore_files", "dockerignore.json") else { return };
    let mut differences = Differences::default();
    for case in list(&cases, "readall") {
        let source = text(case, "text");
        let found: Vec<Value> = ignore::read(source).into_iter().map(|p| Value::from(p.text)).collect();
        differences.check(source, found.as_slice(), list(case, "patterns"));
    }
    for case in list(&cases, "match") {
        let patterns: Vec<&str> = list(case, "patterns").iter().map(|p| p.as_str().unwrap()).collect();
        let matcher = match ignore::Matcher::new(&patterns, Dialect::BuildKit) {
            Ok(matcher) => matcher,
            Err(error) => {
                differences.check(&patterns, Some(error.as_str()), case["new_error"].as_str());
                continue;
            }
        };
        differences.check(&patterns, None, case["new_error"].as_str());
        let mark = |exclusion| if exclusion { "!" } else { "" };
        let cleaned: Vec<Value> = matcher
            .patterns()
            .iter()
            .map(|p| Value::from(format!("{}{}", mark(p.exclusion()), p.text())))
            .collect();
        differences.check(&patterns, cleaned.as_slice(), list(case, "cleaned"));
        differences.check(&patterns, matcher.exclusions(), case["exclusions"].as_bool().unwrap());
        let path = text(case, "path");
        differences.check((&patterns, path), matcher.matches(path).ok(), case["match"].as_bool());
        // Walking down from the top gives the same.
        let mut info = ignore::ParentMatches::default();
        let mut answer = None;
        for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
            let Ok((ignored, below)) = matcher.matches_below(&path[..end], &info) else { break };
            (answer, info) = (Some(ignored), below);
        }
        differences.check((&patterns, path, "walking"), answer, case["match"].as_bool());
    }
    differences.finish(3000);
}

#[test]
fn corpus() {
    let Some(shared) = stagecraft_tests::shared("corpus") else { return };
    let corpus = shared.join("conformance/corpus");
    let mut differences = Differences::default();
    for (rows, folder) in [("expected.jsonl", "files"), ("broken.jsonl", "broken")] {
        for row in fs::read_to_string(corpus.join(rows)).unwrap().lines() {
            let row: Value = serde_json::from_str(row).unwrap();
            let name = text(&row, "file");
            let source = stagecraft_tests::text(&corpus.join(folder).join(name));
            let file = parse(&source, Dialect::BuildKit);
            // The legacy dialect has no answers here, but must get through.
            let legacy = parse(&source, Dialect::Legacy);
            assert!(!legacy.instructions.is_empty() || !legacy.diagnostics.is_empty());
            if let Some(want) = row.get("parse_error") {
                let got = file.first_error();
                differences.check(name, got.map(|d| d.message.as_str()), want["message"].as_str());
                let lines = got.map(|d| serde_json::json!(d.lines));
                differences.check(name, lines.as_ref(), Some(&want["lines"]));
                continue;
            }
            differences.check(name, parse_error(&file), None);
            differences.check(name, dump(&file).as_str(), text(&row["ast"], "dump"));
            let lines: Vec<Value> = file.instructions.iter().map(|i| serde_json::json!(i.lines)).collect();
            differences.check(name, lines.as_slice(), list(&row["ast"], "lines"));
            let plan = &row["plan"]["error"];
            // What single instructions lack shows in the plan's error, unless that comes from elsewhere.
            let message = text(plan, "message");
            if message.starts_with("dockerfile parse error") || message == "no build stage in current context"
            {
                let got = file.first_error();
                differences.check(name, got.map(|d| d.in_full(Dialect::BuildKit)).as_deref(), Some(message));
                let lines = got.map(|d| serde_json::json!(d.lines));
                differences.check(name, lines.as_ref(), plan.get("lines"));
            }
        }
    }
    differences.finish(3400);
}
