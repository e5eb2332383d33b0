//! Every `RUN` of a Dockerfile whose context is not known: what is copied from it is unknown content. The native
//! benchmark and the one in the browser share it.

pub mod context;

use std::collections::BTreeMap;
use std::sync::Arc;

use stagecraft_core::catalogue::{Catalogue, Knowledge};
use stagecraft_core::plan::{FileActionKind, OpKind, Plan, Source, plan_project};
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_sandbox::shell::{self, Outcome};
use stagecraft_sandbox::tree::{Content, Meta, Node, Tree, Unlisted, parent};

/// Has `run` execute every `RUN` of every target; it is told the lines that the instruction stands in.
pub fn each(
    text: &str,
    catalogue: &Catalogue,
    run: &mut dyn FnMut(&[(u32, u32)], shell::Exec<'_>) -> Outcome,
) {
    let mut project = project(text);
    let plan = plan_project(&project, catalogue);
    let names: Vec<String> = plan.targets.iter().map(|target| target.name.to_string()).collect();
    execute(&plan, catalogue, run);
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        project.target = Some(name);
        let plan = plan_project(&project, catalogue);
        execute(&plan, catalogue, run);
    }
}

fn project(text: &str) -> Project {
    let file = ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let files = BTreeMap::from([("Dockerfile".to_owned(), file)]);
    Project { files, dockerfile: "Dockerfile".to_owned(), ..Project::default() }
}

fn execute(
    plan: &Plan,
    catalogue: &Catalogue,
    run: &mut dyn FnMut(&[(u32, u32)], shell::Exec<'_>) -> Outcome,
) {
    // The file system that each op leaves; `None` is the context's.
    let mut trees: Vec<Option<(Tree, bool)>> = Vec::new();
    for op in &plan.ops {
        let input = |at: usize| op.inputs.get(at).and_then(|id| trees.get(id.index())).cloned().flatten();
        let after = match &op.kind {
            OpKind::Source(Source::Image(image)) => catalogue.resolve(&image.reference).map_or_else(
                || Some((Tree::new(), true)),
                |image| Some((image.tree.clone(), image.knowledge == Knowledge::Unknown)),
            ),
            OpKind::Source(_) => None,
            OpKind::Merge => input(0).or_else(|| input(1)),
            OpKind::File(actions) => {
                let (mut tree, incomplete) = input(0).unwrap_or_default();
                for action in actions {
                    let from = |at: Option<u32>| at.and_then(|at| input(at as usize));
                    file(&mut tree, &action.kind, from);
                }
                Some((tree, incomplete))
            }
            OpKind::Exec(exec) => {
                let (mut tree, incomplete) = input(0).unwrap_or_default();
                for mount in exec.mounts.iter().filter(|mount| mount.dest != "/") {
                    let source = mount.input.map(|at| input(at as usize));
                    mounted(&mut tree, &mount.dest, &mount.selector, source);
                }
                let env: Vec<(String, String)> =
                    exec.env.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                let args: Vec<String> = exec.args.iter().map(ToString::to_string).collect();
                let request = shell::Exec {
                    env: &env,
                    cwd: &exec.cwd,
                    user: &exec.user,
                    incomplete,
                    ..shell::Exec::new(&args, tree)
                };
                let done = run(&op.each_line(), request);
                Some((done.tree, done.incomplete))
            }
        };
        trees.push(after);
    }
}

/// Lays a mount into the tree: an empty directory, files of another stage, or what nobody knows of the context.
fn mounted(tree: &mut Tree, dest: &str, selector: &str, source: Option<Option<(Tree, bool)>>) {
    let meta = Meta { mode: 0o755, uid: 0, gid: 0 };
    if let Some(Some((source, _))) = &source {
        if let Ok(node) = source.lstat(&format!("/{}", selector.trim_start_matches('/'))) {
            let _ = tree.mkdir_all(parent(dest), meta, None);
            let _ = tree.put(dest, node);
        }
        return;
    }
    let _ = tree.mkdir_all(dest, meta, None);
    if source.is_some() {
        unlisted(tree, dest);
    }
}

/// Says that a directory holds more than is listed.
fn unlisted(tree: &mut Tree, dir: &str) {
    let _ = tree.update(dir.trim_end_matches('/'), |node| {
        if let Node::Dir(dir) = node {
            let unlisted = Unlisted { bytes: 0, source: Arc::from("context") };
            Arc::make_mut(dir).unlisted = Some(Arc::new(unlisted));
        }
    });
}

/// What `COPY`, `ADD` and `WORKDIR` do, as far as it is known.
fn file(tree: &mut Tree, kind: &FileActionKind, from: impl Fn(Option<u32>) -> Option<(Tree, bool)>) {
    let meta = Meta { mode: 0o755, uid: 0, gid: 0 };
    match kind {
        FileActionKind::Mkdir(dir) => {
            let _ = tree.mkdir_all(&dir.path, meta, None);
        }
        FileActionKind::Mkfile(file) => {
            let _ = tree.mkdir_all(parent(&file.path), meta, None);
            let meta = Meta { mode: file.mode, ..meta };
            let _ = tree.write(&file.path, Content::bytes(file.data.as_bytes()), meta, None);
        }
        FileActionKind::Copy(copy) => {
            let name = copy.src.rsplit('/').next().unwrap_or("");
            let to =
                if copy.dest.ends_with('/') { format!("{}{name}", copy.dest) } else { copy.dest.to_string() };
            if let Some((source, _)) = from(copy.from) {
                if let Ok(node) = source.lstat(&copy.src) {
                    let to = if node.is_dir() { copy.dest.trim_end_matches('/') } else { &to };
                    let _ = tree.mkdir_all(parent(to), meta, None);
                    let _ = tree.put(to, node);
                    return;
                }
            }
            // A file of the context, by its name; or a directory of which nobody knows what it holds.
            let is_file = name.contains('.') && !name.contains('*');
            if is_file && name != "." {
                let _ = tree.mkdir_all(parent(&to), meta, None);
                let _ = tree.write(&to, Content::Unknown { digest: [0; 32] }, meta, None);
                return;
            }
            let _ = tree.mkdir_all(&copy.dest, meta, None);
            unlisted(tree, &copy.dest);
        }
    }
}
