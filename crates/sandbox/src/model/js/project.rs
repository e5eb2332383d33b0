//! `package.json`: reading it, the workspaces that it names, writing it back.

use crate::model::manifest::Json;
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::pattern;
use crate::shell::process::Process;
use crate::tree::Node;

/// The kinds of dependencies that are installed, in the order in which they count.
pub(super) const KINDS: [&str; 3] = ["dependencies", "optionalDependencies", "devDependencies"];

/// A package's own `package.json`.
#[derive(Debug, Clone)]
pub(super) struct Project {
    /// Its folder, absolute, without a slash at its end.
    pub(super) dir: String,
    pub(super) json: Json,
    text: String,
}

/// Why there is no project to work with.
pub(super) enum Missing {
    /// There is no `package.json`.
    File,
    /// What it says is not JSON.
    Malformed,
}

/// Reads the `package.json` of a folder.
pub(super) fn read(p: &mut Process<'_, '_>, dir: &str) -> Result<Result<Project, Missing>, Halt> {
    let path = [dir, "/package.json"].concat();
    if super::super::absent(p, &path)? {
        return Ok(Err(Missing::File));
    }
    let Some(text) = super::super::text(p, &path) else { return Err(Halt::Unknown(Why::Content(path))) };
    Ok(match Json::parse(text.trim_start_matches('\u{feff}')) {
        Some(json) => Ok(Project { dir: dir.to_owned(), json, text }),
        None => Err(Missing::Malformed),
    })
}

impl Project {
    /// One that is written anew.
    pub(super) fn new(dir: &str, json: Json) -> Self {
        Self { dir: dir.to_owned(), json, text: "{\n  \n}\n".to_owned() }
    }

    pub(super) fn get(&self, key: &str) -> &str {
        self.json.get(key).and_then(Json::text).unwrap_or("")
    }

    pub(super) fn script(&self, name: &str) -> Option<&str> {
        self.json.get("scripts")?.get(name)?.text()
    }

    /// `name@version`, if it has both.
    pub(super) fn id(&self) -> String {
        match (self.get("name"), self.get("version")) {
            ("", _) | (_, "") => String::new(),
            (name, version) => [name, "@", version].concat(),
        }
    }

    /// The dependencies of one kind with their ranges.
    pub(super) fn needs(&self, kind: &str) -> Vec<(&str, &str)> {
        self.json.get(kind).map(Json::texts).unwrap_or_default()
    }

    /// The dependencies that are installed, with those for development or without.
    pub(super) fn all_needs(&self, dev: bool) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for kind in KINDS.into_iter().filter(|kind| dev || *kind != "devDependencies") {
            for (name, range) in self.needs(kind) {
                if found.iter().all(|(known, _)| known != name) {
                    found.push((name.to_owned(), range.to_owned()));
                }
            }
        }
        found
    }

    /// The patterns of its workspaces.
    fn patterns(&self) -> Vec<&str> {
        let list = match self.json.get("workspaces") {
            Some(Json::List(list)) => list,
            Some(map) => match map.get("packages") {
                Some(Json::List(list)) => list,
                _ => return Vec::new(),
            },
            None => return Vec::new(),
        };
        list.iter().filter_map(Json::text).collect()
    }

    /// Says that it depends on a package, and on no other version of it.
    pub(super) fn add(&mut self, kind: &str, name: &str, range: &str) {
        for other in KINDS {
            if other != kind
                && let Some(map) = self.json.entry(other, Json::Null)
            {
                map.remove(name);
            }
        }
        if let Some(map) = self.json.entry(kind, Json::Map(Vec::new())) {
            if let Some(known) = map.entry(name, Json::Null) {
                *known = Json::Text(range.to_owned());
            }
            if let Json::Map(entries) = map {
                entries.sort_by(|one, other| one.0.cmp(&other.0));
            }
        }
        self.tidy();
    }

    /// Takes a dependency out.
    pub(super) fn drop(&mut self, name: &str) -> bool {
        let mut found = false;
        for kind in KINDS {
            if let Some(map) = self.json.entry(kind, Json::Null) {
                found |= map.remove(name);
            }
        }
        self.tidy();
        found
    }

    /// Takes out what looking for kinds of dependencies put in, and kinds that are empty.
    fn tidy(&mut self) {
        if let Json::Map(entries) = &mut self.json {
            entries.retain(|(name, value)| {
                let is_kind = KINDS.contains(&name.as_str());
                !(is_kind && matches!(value, Json::Null) || is_kind && value.keys().is_empty())
            });
        }
    }

    /// Writes it back, indented as it was.
    pub(super) fn save(&self, p: &mut Process<'_, '_>) -> Result<(), Halt> {
        let inside = self.text.trim_start().strip_prefix('{').unwrap_or("");
        let indent = match inside.strip_prefix('\n').or_else(|| inside.strip_prefix("\r\n")) {
            Some(line) => line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or("  "),
            None => "",
        };
        let mut text = self.json.write(indent);
        if self.text.ends_with('\n') {
            text.push('\n');
        }
        let path = [self.dir.as_str(), "/package.json"].concat();
        match p.write_file(&path, text.into_bytes())? {
            Ok(()) => Ok(()),
            Err(errno) => {
                p.error(&["EACCES: ", errno.text(), ", open '", &path, "'"].concat())?;
                Err(Halt::Exit(243))
            }
        }
    }
}

/// The projects of the folders that patterns such as `packages/*` name, in the order of their names.
pub(super) fn workspaces(
    p: &mut Process<'_, '_>,
    root: &Project,
    more: &[String],
) -> Result<Vec<Project>, Halt> {
    let mut dirs: Vec<String> = Vec::new();
    let own = root.patterns();
    for pattern in own.into_iter().chain(more.iter().map(String::as_str)) {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        if let Some(excluded) = pattern.strip_prefix('!') {
            let excluded = expand(p, &root.dir, excluded)?;
            dirs.retain(|dir| !excluded.contains(dir));
            continue;
        }
        for dir in expand(p, &root.dir, pattern)? {
            if !dirs.contains(&dir) {
                dirs.push(dir);
            }
        }
    }
    let mut found = Vec::new();
    for dir in dirs {
        if let Ok(project) = read(p, &dir)? {
            found.push(project);
        }
    }
    Ok(found)
}

fn expand(p: &mut Process<'_, '_>, root: &str, pattern: &str) -> Result<Vec<String>, Halt> {
    let mut dirs = vec![root.to_owned()];
    for part in pattern.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let mut next = Vec::new();
        for dir in dirs {
            p.m.spend(1)?;
            if part == "**" {
                below(p, &dir, &mut next)?;
            } else if part.contains(['*', '?', '[']) {
                next.extend(
                    folders(p, &dir)
                        .into_iter()
                        .filter(|name| pattern::matches(part, name))
                        .map(|name| [dir.as_str(), "/", &name].concat()),
                );
            } else {
                next.push([dir.as_str(), "/", part].concat());
            }
        }
        dirs = next;
    }
    Ok(dirs)
}

/// A folder and all below it, but for installed packages.
fn below(p: &mut Process<'_, '_>, dir: &str, found: &mut Vec<String>) -> Result<(), Halt> {
    p.m.spend(1)?;
    found.push(dir.to_owned());
    for name in folders(p, dir) {
        below(p, &[dir, "/", &name].concat(), found)?;
    }
    Ok(())
}

fn folders(p: &Process<'_, '_>, dir: &str) -> Vec<String> {
    let Ok(dir) = p.m.tree.read_dir(dir) else { return Vec::new() };
    dir.entries()
        .iter()
        .filter(|(name, node)| {
            matches!(node, Node::Dir(_)) && &***name != "node_modules" && !name.starts_with('.')
        })
        .map(|(name, _)| name.to_string())
        .collect()
}
