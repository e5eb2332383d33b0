//! What `npm` writes of settings: `init`, `pkg`, `config`.

use super::npm::open;
use super::project::Project;
use crate::model::help::home;
use crate::model::manifest::Json;
use crate::model::{absent, text};
use crate::shell::process::{Process, Run};

/// `npm init -y`
pub(super) fn init(p: &mut Process<'_, '_>, dir: &str, words: &[String]) -> Run {
    if !words.is_empty() {
        // `npm init vite`: a program that makes files.
        return p.option("init");
    }
    if !absent(p, &[dir, "/package.json"].concat())? {
        return p.option("init");
    }
    let text = |value: &str| Json::Text(value.to_owned());
    let test = Json::Map(vec![("test".to_owned(), text("echo \"Error: no test specified\" && exit 1"))]);
    let name = dir.rsplit('/').next().unwrap_or("").to_lowercase();
    let entries = [
        ("name", text(&name)),
        ("version", text("1.0.0")),
        ("main", text("index.js")),
        ("scripts", test),
        ("keywords", Json::List(Vec::new())),
        ("author", text("")),
        ("license", text("ISC")),
        ("description", text("")),
    ];
    let map = entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let project = Project::new(dir, Json::Map(map));
    project.save(p)?;
    p.line(&["Wrote to ", dir, "/package.json:\n"].concat())?;
    p.line(&project.json.write("  "))?;
    Ok(0)
}

/// `npm pkg set a.b=c`, `npm pkg delete a.b`
pub(super) fn package(p: &mut Process<'_, '_>, dir: &str, words: &[String]) -> Run {
    let mut project = match open(p, dir)? {
        Ok(project) => project,
        Err(code) => return Ok(code),
    };
    let Some((verb, words)) = words.split_first() else { return p.option("pkg") };
    match verb.as_str() {
        "get" => return p.only_reads("pkg get"),
        "set" | "delete" => {}
        other => return p.option(other),
    }
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        if key.contains('[') {
            return p.option(word.clone());
        }
        let mut at = Some(&mut project.json);
        let mut parts = key.split('.').peekable();
        while let Some(part) = parts.next() {
            let missing = Json::Map(Vec::new());
            at = match (parts.peek(), verb.as_str(), at) {
                (None, "delete", Some(map)) => {
                    map.remove(part);
                    None
                }
                (_, _, Some(map)) => map.entry(part, missing),
                (_, _, None) => None,
            };
        }
        if let Some(place) = at {
            *place = Json::Text(value.to_owned());
        }
    }
    project.save(p)?;
    Ok(0)
}

/// `npm config set key value` writes to the file of the user.
pub(super) fn config(p: &mut Process<'_, '_>, words: &[String]) -> Run {
    let mut words = words.iter().map(String::as_str);
    match words.next() {
        Some("set") => {}
        Some("get" | "list" | "ls") => return p.only_reads("config"),
        Some("delete" | "rm" | "fix") | None => return Ok(0),
        Some(other) => return p.option(other),
    }
    let file = [home(p).as_str(), "/.npmrc"].concat();
    let mut lines: Vec<String> = text(p, &file).unwrap_or_default().lines().map(str::to_owned).collect();
    while let Some(key) = words.next() {
        let (key, value) = match key.split_once('=') {
            Some((key, value)) => (key, value),
            None => (key, words.next().unwrap_or("")),
        };
        let head = [key, "="].concat();
        lines.retain(|line| !line.starts_with(&head));
        lines.push([&head, value].concat());
    }
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    let _ = p.write_file(&file, text.into_bytes())?;
    Ok(0)
}
