//! Every check is one file that says why, with an example that it finds and one that it does not: the examples are true.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![allow(clippy::unnecessary_wraps, reason = "the image source's signature")]

use stagecraft_core::check::{Located, RULES, Rule, advice_rules, diagnose};
use stagecraft_core::plan::plan_project;
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::resolve::{BaseImage, Platform};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Dialect, Severity, parse};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The documentation of a rule's file.
struct Documented {
    rule: String,
    why: String,
    /// The examples are ignore files.
    of_ignore_file: bool,
    bad: Example,
    good: Example,
}

#[derive(Default)]
struct Example {
    /// `# bad, with TEXT in FILE`: the file by path. `the context` is where an empty file called TEXT lies.
    files: Vec<(String, String)>,
    text: String,
}

fn documented() -> Vec<Documented> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check");
    let mut found = Vec::new();
    for folder in [folder.clone(), folder.join("advice")] {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            let source = std::fs::read_to_string(&path).unwrap();
            let name =
                source.lines().find_map(|line| line.trim().strip_prefix("name: \"")?.strip_suffix("\","));
            let is_rule = source.contains(" const RULE: Rule");
            if let Some(name) = name.filter(|_| is_rule) {
                found.push(read(name, &source));
            }
        }
    }
    found
}

fn read(rule: &str, source: &str) -> Documented {
    let text: String = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .flat_map(|line| [line.strip_prefix(' ').unwrap_or(line), "\n"])
        .collect();
    let mut parts = text.split("```");
    let why = parts.next().unwrap_or_default().to_owned();
    let block = parts.next().unwrap_or_else(|| panic!("{rule} has no example"));
    let (language, block) = block.split_once('\n').unwrap();
    let (mut bad, mut good) = (Example::default(), Example::default());
    let mut at = &mut bad;
    for line in block.lines() {
        let marker = line.strip_prefix("# bad").or_else(|| line.strip_prefix("# good"));
        let Some(rest) = marker.filter(|rest| rest.is_empty() || rest.starts_with([',', ':'])) else {
            at.text.push_str(line);
            at.text.push('\n');
            continue;
        };
        if line.starts_with("# good") {
            at = &mut good;
        }
        for part in rest.split(", with ") {
            let Some((text, file)) = part.split_once(" in ") else { continue };
            let text = text.trim_matches('`').to_owned();
            let file = if file == "the context" { (text, String::new()) } else { (file.to_owned(), text) };
            at.files.push(file);
        }
    }
    assert!(!bad.text.is_empty() && !good.text.is_empty(), "{rule} has no two examples");
    Documented { rule: rule.to_owned(), why, of_ignore_file: language == "dockerignore", bad, good }
}

/// The example as a project: a piece of a stage is completed by a `FROM`.
fn project(rule: &Rule, documented: &Documented, example: &Example) -> Project {
    let mut files: BTreeMap<String, String> = example.files.iter().cloned().collect();
    let mut dockerfile = String::new();
    if rule.experimental {
        dockerfile = format!("# check=experimental={}\n", rule.name);
    }
    if documented.of_ignore_file {
        files.insert(".dockerignore".into(), example.text.clone());
        dockerfile.push_str("FROM alpine\nCOPY . /\n");
    } else {
        if !example.text.lines().any(|line| line.starts_with("FROM ")) {
            dockerfile.push_str("FROM alpine\n");
        }
        dockerfile.push_str(&example.text);
    }
    files.insert("Dockerfile".into(), dockerfile);
    let file = |text| ContextFile { content: FileContent::Text(text), mode: 0o644 };
    Project {
        dockerfile: "Dockerfile".into(),
        files: files.into_iter().map(|(path, text)| (path, file(text))).collect(),
        ..Project::default()
    }
}

/// Every image is there; one whose repository says so is for ARM.
fn images(reference: &str, platform: &Platform) -> Option<Arc<BaseImage>> {
    let arm = reference.starts_with("docker.io/arm64v8/");
    let platform = if arm { Platform::parse("linux/arm64").ok()? } else { platform.clone() };
    let mut image = BaseImage { platform, ..BaseImage::default() };
    Arc::make_mut(&mut image.config).env = vec!["PATH=/usr/bin:/bin".into()];
    Arc::make_mut(&mut image.config).working_dir = "/".into();
    Some(Arc::new(image))
}

fn text_of<'p>(project: &'p Project, path: &str) -> &'p str {
    match project.files.get(path).map(|file| &file.content) {
        Some(FileContent::Text(text)) => text,
        _ => "",
    }
}

fn said(project: &Project) -> Vec<Located> {
    let text = text_of(project, "Dockerfile");
    let file = parse(text, Dialect::BuildKit);
    diagnose(project, text, &file, &plan_project(project, &images))
}

/// The rules that were found; what is refused besides belongs to no rule.
fn codes(found: &[Located]) -> Vec<&str> {
    let rules = found.iter().filter(|found| found.diagnostic.severity != Severity::Error);
    rules.map(|found| &*found.diagnostic.code).collect()
}

fn mend(project: &mut Project, path: &str, fix: &Fix) {
    let mut text = text_of(project, path).to_owned();
    for (span, with) in fix.edits.iter().rev() {
        text.replace_range(span.start as usize..span.end as usize, with);
    }
    project.files.get_mut(path).unwrap().content = FileContent::Text(text);
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain(advice_rules())
}

#[test]
fn every_rule_has_its_file() {
    let documented = documented();
    let mut files: Vec<&str> = documented.iter().map(|documented| documented.rule.as_str()).collect();
    let mut names: Vec<&str> = rules().map(|rule| rule.name).collect();
    files.sort_unstable();
    names.sort_unstable();
    assert_eq!(files, names);
    for documented in &documented {
        assert!(documented.why.trim().contains("\n\n"), "{} does not say why", documented.rule);
    }
}

#[test]
fn the_bad_example_is_found_and_the_good_one_is_not() {
    let mut wrong = Vec::new();
    for documented in documented() {
        let rule = rules().find(|rule| rule.name == documented.rule).unwrap();
        let bad = said(&project(rule, &documented, &documented.bad));
        if codes(&bad).is_empty() || codes(&bad).iter().any(|code| *code != rule.name) {
            wrong.push(format!("bad example of {}: {:?}", rule.name, codes(&bad)));
        }
        let good = said(&project(rule, &documented, &documented.good));
        if !good.is_empty() {
            wrong.push(format!("good example of {}: {:?}", rule.name, codes(&good)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where there are fixes, nothing is left to say once they are made. One may make another possible.
#[test]
fn fixes_mend_the_bad_example() {
    for documented in documented() {
        let rule = rules().find(|rule| rule.name == documented.rule).unwrap();
        let mut project = project(rule, &documented, &documented.bad);
        let mut rounds = 0;
        while let Some((path, fix)) =
            said(&project).into_iter().find_map(|found| Some((found.file, found.diagnostic.fix?)))
        {
            mend(&mut project, &path, &fix);
            rounds += 1;
            assert!(rounds < 10, "{}", rule.name);
        }
        if rounds > 0 {
            assert!(said(&project).is_empty(), "{}: {:?}", rule.name, said(&project));
        }
    }
}

#[test]
fn rules_are_switched_off_by_name_and_as_a_set() {
    for documented in documented().iter().filter(|documented| !documented.of_ignore_file) {
        let rule = rules().find(|rule| rule.name == documented.rule).unwrap();
        let ours = advice_rules().any(|other| other.name == rule.name);
        for skip in [rule.name, "Advice"] {
            if rule.experimental || (skip == "Advice" && !ours) {
                continue;
            }
            let mut project = project(rule, documented, &documented.bad);
            let text = format!("# check=skip={skip}\n{}", text_of(&project, "Dockerfile"));
            project.files.get_mut("Dockerfile").unwrap().content = FileContent::Text(text);
            assert!(!codes(&said(&project)).contains(&rule.name), "{} with {skip}", rule.name);
        }
    }
}
