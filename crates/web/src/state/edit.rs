//! What a person does to a project, as data; each edit knows what it replaced.

use stagecraft_core::project::{ContextFile, FileContent, Project};
use std::rc::Rc;

/// A change of the project.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// New text of a file, typed; the file is made if it is not there.
    Type {
        /// Path in the context.
        path: String,
        /// The whole text.
        text: String,
    },
    /// Writes or replaces files, all at once (an upload, a new file).
    Put(Vec<(String, ContextFile)>),
    /// Removes a file or everything below a directory.
    Remove(String),
    /// Makes a file executable, or no longer so.
    Executable(String),
    /// Gives a file or a directory another path.
    Rename {
        /// Path as it is.
        from: String,
        /// Path as it shall be.
        to: String,
    },
    /// Everything that is no file: target, arguments, platform and so on.
    Settings(Box<Project>),
    /// Another project altogether.
    Open(Rc<Project>),
}

/// What an edit did, so that it can be undone and done again.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Files by path: what was there, what is there now.
    Files(Vec<FileChange>),
    /// The settings (projects without files).
    Settings {
        /// As they were.
        before: Box<Project>,
        /// As they are.
        after: Box<Project>,
    },
    /// The whole project.
    Whole {
        /// As it was.
        before: Rc<Project>,
        /// As it is.
        after: Rc<Project>,
    },
}

/// One path of [`Change::Files`].
#[derive(Debug, Clone, PartialEq)]
pub struct FileChange {
    /// Which.
    pub path: String,
    /// What was there.
    pub before: Option<ContextFile>,
    /// What is there.
    pub after: Option<ContextFile>,
}

/// The settings of a project, without its files.
pub fn settings(project: &Project) -> Project {
    let Project {
        files: _,
        dockerfile,
        target,
        build_args,
        platform,
        tags,
        no_cache,
        contexts,
        secrets,
        images,
        workers,
        durations,
        log,
    } = project;
    Project {
        files: std::collections::BTreeMap::new(),
        dockerfile: dockerfile.clone(),
        target: target.clone(),
        build_args: build_args.clone(),
        platform: platform.clone(),
        tags: tags.clone(),
        no_cache: *no_cache,
        contexts: contexts.clone(),
        secrets: secrets.clone(),
        images: images.clone(),
        workers: *workers,
        durations: durations.clone(),
        log: log.clone(),
    }
}

/// A text file with the usual permissions.
pub fn text_file(text: String) -> ContextFile {
    ContextFile { content: FileContent::Text(text), mode: 0o644 }
}

/// What `edit` would do to `project`; `None` where that is nothing.
pub fn plan(project: &Project, edit: Edit) -> Option<Change> {
    match edit {
        Edit::Type { path, text } => {
            let before = project.files.get(&path).cloned();
            let mode = before.as_ref().map_or(0o644, |file| file.mode);
            let after = Some(ContextFile { content: FileContent::Text(text), mode });
            (before != after).then(|| Change::Files(vec![FileChange { path, before, after }]))
        }
        Edit::Put(files) => {
            let changes: Vec<_> = files
                .into_iter()
                .map(|(path, file)| FileChange {
                    before: project.files.get(&path).cloned(),
                    after: Some(file),
                    path,
                })
                .filter(|change| change.before != change.after)
                .collect();
            (!changes.is_empty()).then_some(Change::Files(changes))
        }
        Edit::Remove(path) => {
            let changes: Vec<_> = at_or_below(project, &path)
                .map(|(path, file)| FileChange {
                    path: path.clone(),
                    before: Some(file.clone()),
                    after: None,
                })
                .collect();
            (!changes.is_empty()).then_some(Change::Files(changes))
        }
        Edit::Executable(path) => {
            let before = project.files.get(&path)?.clone();
            let mode = if before.mode & 0o111 == 0 { before.mode | 0o111 } else { before.mode & !0o111 };
            let after = ContextFile { mode, ..before.clone() };
            Some(Change::Files(vec![FileChange { path, before: Some(before), after: Some(after) }]))
        }
        Edit::Rename { from, to } => {
            if from == to {
                return None;
            }
            let mut changes = Vec::new();
            for (path, file) in at_or_below(project, &from) {
                let Some(moved) = moved(path, &from, &to) else { continue };
                changes.push(FileChange { path: path.clone(), before: Some(file.clone()), after: None });
                changes.push(FileChange {
                    before: project.files.get(&moved).cloned(),
                    path: moved,
                    after: Some(file.clone()),
                });
            }
            let change = (!changes.is_empty()).then_some(Change::Files(changes))?;
            // The chosen Dockerfile stays the chosen one.
            let Some(dockerfile) = moved(&project.dockerfile, &from, &to) else { return Some(change) };
            let after = Project { dockerfile, ..change.redo(project) };
            Some(Change::Whole { before: Rc::new(project.clone()), after: Rc::new(after) })
        }
        Edit::Settings(after) => {
            let (before, after) = (Box::new(settings(project)), Box::new(settings(&after)));
            (before != after).then_some(Change::Settings { before, after })
        }
        Edit::Open(after) => {
            (*project != *after).then(|| Change::Whole { before: Rc::new(project.clone()), after })
        }
    }
}

/// Where `path` is after `from` was renamed `to`, if it moves with it.
pub fn moved(path: &str, from: &str, to: &str) -> Option<String> {
    path.strip_prefix(from)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .map(|rest| format!("{to}{rest}"))
}

fn at_or_below<'a>(
    project: &'a Project,
    path: &'a str,
) -> impl Iterator<Item = (&'a String, &'a ContextFile)> {
    project.files.iter().filter(move |(other, _)| {
        other.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

impl Change {
    /// The project after this change.
    pub fn redo(&self, project: &Project) -> Project {
        self.applied(project, true)
    }

    /// The project before this change.
    pub fn undo(&self, project: &Project) -> Project {
        self.applied(project, false)
    }

    fn applied(&self, project: &Project, forward: bool) -> Project {
        match self {
            Self::Files(changes) => {
                let mut next = project.clone();
                let mut put = |path: &String, file: &Option<ContextFile>| match file {
                    Some(file) => drop(next.files.insert(path.clone(), file.clone())),
                    None => drop(next.files.remove(path)),
                };
                if forward {
                    for change in changes {
                        put(&change.path, &change.after);
                    }
                } else {
                    for change in changes.iter().rev() {
                        put(&change.path, &change.before);
                    }
                }
                next
            }
            Self::Settings { before, after } => {
                let mut next = Project::clone(if forward { after } else { before });
                next.files.clone_from(&project.files);
                next
            }
            Self::Whole { before, after } => Project::clone(if forward { after } else { before }),
        }
    }

    /// About how many bytes it keeps.
    pub fn weight(&self) -> usize {
        let of = |file: &Option<ContextFile>| match file.as_ref().map(|file| &file.content) {
            Some(FileContent::Text(text)) => text.len(),
            Some(FileContent::Bytes(bytes)) => bytes.len(),
            _ => 0,
        };
        match self {
            Self::Files(changes) => {
                changes.iter().map(|change| of(&change.before) + of(&change.after) + 64).sum()
            }
            Self::Settings { .. } => 512,
            Self::Whole { before, .. } => {
                before.files.values().map(|file| of(&Some(file.clone())) + 64).sum()
            }
        }
    }

    /// The one file that was typed in, if that is what happened.
    fn typed(&self) -> Option<(&str, &str, &str)> {
        let Self::Files(changes) = self else { return None };
        let [FileChange { path, before: Some(before), after: Some(after) }] = changes.as_slice() else {
            return None;
        };
        match (&before.content, &after.content) {
            (FileContent::Text(before), FileContent::Text(after)) => Some((path, before, after)),
            _ => None,
        }
    }

    /// Takes `next` into this change if both are one run of typing: in the same file, and `next` neither begins a
    /// line nor jumps elsewhere.
    pub fn absorb(&mut self, next: &Change) -> bool {
        let (Some((path, _, middle)), Some((same, start, end))) = (self.typed(), next.typed()) else {
            return false;
        };
        if path != same || middle != start {
            return false;
        }
        let grown = end.len().abs_diff(start.len());
        let broke_line = end.matches('\n').count() != start.matches('\n').count();
        if grown > 1 || broke_line {
            return false;
        }
        if let (Self::Files(mine), Self::Files(theirs)) = (self, next)
            && let (Some(mine), Some(theirs)) = (mine.first_mut(), theirs.first())
        {
            mine.after.clone_from(&theirs.after);
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> Project {
        Project {
            files: files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), text_file((*text).to_owned())))
                .collect(),
            dockerfile: "Dockerfile".into(),
            ..Project::default()
        }
    }

    fn check(before: &Project, edit: Edit, expect: &Project) {
        let change = plan(before, edit).expect("a change");
        assert_eq!(change.redo(before), *expect);
        assert_eq!(change.undo(expect), *before);
    }

    #[test]
    fn every_edit_can_be_undone() {
        let start = project(&[("Dockerfile", "FROM a"), ("src/a", "1"), ("src/b", "2"), ("srcs", "3")]);
        check(
            &start,
            Edit::Type { path: "src/a".into(), text: "9".into() },
            &project(&[("Dockerfile", "FROM a"), ("src/a", "9"), ("src/b", "2"), ("srcs", "3")]),
        );
        check(&start, Edit::Remove("src".into()), &project(&[("Dockerfile", "FROM a"), ("srcs", "3")]));
        check(
            &start,
            Edit::Rename { from: "src".into(), to: "lib".into() },
            &project(&[("Dockerfile", "FROM a"), ("lib/a", "1"), ("lib/b", "2"), ("srcs", "3")]),
        );
        check(
            &start,
            Edit::Rename { from: "src/a".into(), to: "srcs".into() },
            &project(&[("Dockerfile", "FROM a"), ("src/b", "2"), ("srcs", "1")]),
        );
        let mut other = start.clone();
        other.target = Some("b".into());
        check(&start, Edit::Settings(Box::new(settings(&other))), &other);
        check(&start, Edit::Open(Rc::new(project(&[("x", "y")]))), &project(&[("x", "y")]));
    }

    #[test]
    fn an_edit_without_effect_is_no_change() {
        let start = project(&[("a", "1")]);
        assert_eq!(plan(&start, Edit::Type { path: "a".into(), text: "1".into() }), None);
        assert_eq!(plan(&start, Edit::Remove("b".into())), None);
        assert_eq!(plan(&start, Edit::Settings(Box::new(settings(&start)))), None);
    }

    #[test]
    fn a_run_of_typing_is_one_step_of_undo_and_a_new_line_begins_another() {
        let start = project(&[("a", "x")]);
        let typed = |text: &str, on: &Project| {
            plan(on, Edit::Type { path: "a".into(), text: text.into() }).expect("change")
        };
        let mut first = typed("xy", &start);
        let after_first = first.redo(&start);
        assert!(first.absorb(&typed("xyz", &after_first)));
        let after = first.redo(&start);
        assert!(!first.absorb(&typed("xyz\n", &after)));
        assert_eq!(first.undo(&after), start);
    }
}
