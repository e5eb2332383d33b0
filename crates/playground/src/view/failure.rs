//! What a builder's error leaves unsaid: what the step printed last, or what there is where something is missing.

use super::ignore::Ignore;
use super::scene::Scene;
use crate::words;
use stagecraft_core::simulation::{Build, BuildError, StageId};
use stagecraft_sandbox::tree::{Dir, Node, Tree};

/// How many names are told of what there is instead.
const MOST_NAMES: usize = 5;

/// A sentence or two, or nothing.
pub(super) fn help(scene: Scene<'_>, ignore: &Ignore<'_>, build: &Build, error: &BuildError) -> String {
    let Some(step) = error.step.and_then(|id| build.steps.get(id.0 as usize)) else { return String::new() };
    let said = step.output.iter().map(|line| line.text.trim()).rfind(|line| !line.is_empty());
    if let Some(last) = said {
        return format!("It printed: {last}");
    }
    let Some(missing) = error.missing() else { return String::new() };
    let takes = scene.source.of_step(build, step).map_or(&[][..], |item| item.takes.as_slice());
    match takes.iter().find(|take| !take.from.is_empty()) {
        None => in_context(scene, ignore, missing),
        Some(take) => {
            let there = final_tree(build, &take.from).map_or_else(String::new, |tree| instead(tree, missing));
            format!("There is no {missing} in {}.{there}", take.from)
        }
    }
}

/// Why the build context has no such file.
fn in_context(scene: Scene<'_>, ignore: &Ignore<'_>, missing: &str) -> String {
    let path = missing.trim_matches('/');
    let files = &scene.project.files;
    let below = format!("{path}/");
    let left_out = files.keys().find(|file| *file == path || file.starts_with(&below));
    if let Some((true, line)) = left_out.map(|file| ignore.decide(file)) {
        return format!("{path} is a file of the project, but line {line} of {} leaves it out.", ignore.path);
    }
    let other_case = || files.keys().find(|file| file.eq_ignore_ascii_case(path));
    let elsewhere = || files.keys().find(|file| file.rsplit('/').next() == path.rsplit('/').next());
    let instead = match (other_case(), elsewhere()) {
        (Some(file), _) => format!(" There is {file}: capitals count."),
        (None, Some(file)) => format!(" There is {file}: paths begin at the root of the context."),
        (None, None) => String::new(),
    };
    format!("The build context has no {path}.{instead}")
}

/// The files of a stage as its last step left them.
fn final_tree<'b>(build: &'b Build, stage: &str) -> Option<&'b Tree> {
    let named =
        build.stages.iter().rposition(|of| !of.name.is_empty() && of.name.eq_ignore_ascii_case(stage));
    let id = StageId(named.or_else(|| stage.parse().ok())? as u32);
    build.steps.iter().rfind(|step| step.stage == Some(id)).map(|step| &step.after)
}

/// What the nearest directory above a missing path holds.
fn instead(tree: &Tree, missing: &str) -> String {
    let mut above = missing.trim_end_matches('/');
    while let Some((parent, _)) = above.rsplit_once('/') {
        let found =
            if parent.is_empty() { Some(&tree.root) } else { tree.get(parent).and_then(Node::as_dir) };
        if let Some(dir) = found {
            let shown = if parent.is_empty() { "/" } else { parent };
            return names(dir)
                .map_or_else(|| format!(" {shown} is empty."), |names| format!(" {shown} holds {names}."));
        }
        above = parent;
    }
    String::new()
}

fn names(dir: &Dir) -> Option<String> {
    let entry = |(name, node): (&std::sync::Arc<str>, &Node)| {
        format!("{name}{}", if node.is_dir() { "/" } else { "" })
    };
    let mut names: Vec<String> = dir.entries().iter().take(MOST_NAMES + 1).map(entry).collect();
    if names.len() > MOST_NAMES {
        names.truncate(MOST_NAMES);
        names.push("more".to_owned());
    }
    (!names.is_empty()).then(|| words::list(&names))
}

#[cfg(test)]
mod tests {
    use crate::project::{of_dockerfile, text_file};
    use crate::view::Level;
    use crate::view::tests::see;

    #[test]
    fn what_is_missing_is_looked_for_nearby() {
        for (text, help) in [
            ("FROM alpine\nCOPY nope /\n", "The build context has no nope."),
            (
                "FROM alpine\nCOPY readme.md /\n",
                "The build context has no readme.md. There is README.md: capitals count.",
            ),
            (
                "FROM alpine\nCOPY main.go /\n",
                "There is src/main.go: paths begin at the root of the context.",
            ),
            (
                "FROM alpine\nCOPY dist /\n",
                "dist is a file of the project, but line 2 of .dockerignore leaves it out.",
            ),
            (
                "FROM alpine AS a\nRUN mkdir /out && touch /out/app\nFROM alpine\nCOPY --from=a /out/bin /\n",
                "There is no /out/bin in a. /out holds app.",
            ),
            (
                "FROM scratch AS a\nCOPY src /\nFROM alpine\nCOPY --from=0 /x/y /\n",
                "There is no /x/y in 0. / holds main.go.",
            ),
            ("FROM alpine\nRUN echo oh no >&2; exit 3\n", "It printed: oh no"),
        ] {
            let mut project = of_dockerfile(text);
            for (path, content) in
                [("README.md", ""), ("src/main.go", ""), ("dist/app", ""), (".dockerignore", "\ndist\n")]
            {
                project.files.insert(path.to_owned(), text_file(content));
            }
            let problems = see(&project).view.problems;
            let told = problems.problems.iter().filter(|problem| problem.level == Level::Error);
            assert!(told.clone().count() > 0, "{text}");
            for problem in told {
                assert!(problem.help.contains(help), "{text}: {} / {}", problem.message, problem.help);
            }
        }
    }
}
