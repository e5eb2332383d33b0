//! `COPY` and `ADD` (BuildKit `convert_copy.go`).

use super::super::arena::VertexId;
use super::super::caption::{numbered, prefix, shown};
use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::graph::heredoc_lexer;
use super::super::planner::Planner;
use super::super::state::State;
use super::super::{Copy, FileAction, FileActionKind, Http, Mkfile, Mode, Op, OpKind, Owner, Source};
use super::git;
use super::owner::{is_symbolic_mode, owner};
use crate::check;
use crate::resolve::path;
use smallvec::SmallVec;
use smol_str::SmolStr;
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::go::quote;
use stagecraft_dockerfile::instruction::Copy as Written;
use std::borrow::Cow;

/// The instruction with all words expanded.
struct Expanded<'w> {
    chown: Cow<'w, str>,
    chmod: Cow<'w, str>,
    checksum: Cow<'w, str>,
    sources: Vec<(Cow<'w, str>, Span)>,
    dest: Cow<'w, str>,
    /// Name and content.
    documents: Vec<(&'w str, Cow<'w, str>)>,
}

/// Where paths are copied from.
#[derive(Clone, Copy)]
enum Local {
    /// The build context.
    Context,
    /// A stage or image; `None` is an empty one.
    Tree(Option<VertexId>),
}

/// What every copy of the instruction shares.
struct Job {
    os: Cow<'static, str>,
    dest: SmolStr,
    mode: Option<Mode>,
    owner: Option<Owner>,
    exclude: Vec<String>,
    name: SmolStr,
    /// What the op starts from.
    base: Option<VertexId>,
    inputs: SmallVec<[VertexId; 2]>,
    actions: Vec<FileAction>,
}

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    copy: &Written<'_>,
    add: bool,
) -> Result<(), Fault> {
    let expanded = expand(planner, state, scene, copy)?;
    let local = local_source(planner, state, scene, copy)?;
    let os = state.platform.as_ref().map(|platform| platform.os.clone()).unwrap_or_default();
    let wanted = normalized_dest(state, &expanded.dest, &os)
        .map_err(|message| invalid_path(message).at(scene.place(copy.destination.span)))?;
    let chmod_span = copy.chmod.as_ref().map_or(scene.site.span, |word| scene.place(word.span));
    let mode = mode(&expanded.chmod).map_err(|fault| fault.at(chmod_span))?;
    check_checksum(&expanded, add)?;
    let code = scene.instruction.code();
    let caption = shown(&planner.lexer, &code, &state.value.env);
    let platform = planner.shown_platform(state);
    let name = prefix(&mut planner.scratch, state, &caption, &platform);
    let link = copy.link && expanded.chmod.is_empty();
    let base = state.value.out.filter(|_| !link);
    let mut job = Job {
        os,
        dest: wanted,
        mode,
        owner: (!expanded.chown.is_empty()).then(|| owner(&expanded.chown)),
        exclude: copy.exclude.iter().map(|word| word.text.to_string()).collect(),
        name,
        base,
        inputs: base.into_iter().collect(),
        actions: Vec::with_capacity(expanded.sources.len() + expanded.documents.len()),
    };
    let checksum = expanded.checksum.to_string();
    let mut settings = git::Settings { keep_git_dir: copy.keep_git_dir, checksum };
    for (source, span) in &expanded.sources {
        let outcome = copy_source(planner, scene, copy, add, &mut job, &mut settings, local, source, *span);
        outcome.map_err(|fault| fault.at(scene.place(*span)))?;
    }
    for (file, data) in &expanded.documents {
        copy_document(planner, scene, &mut job, file, data)?;
    }
    let vertex = write(planner, state, scene, &caption, link, job);
    let created_by = recorded(&mut planner.scratch, copy, add, &expanded);
    state.commit(scene, created_by, Some(vertex), true);
    note_context(state, copy, add, &expanded);
    Ok(())
}

fn expand<'a, 'w>(
    planner: &mut Planner<'a>,
    state: &State<'a>,
    scene: &Scene<'_>,
    copy: &'w Written<'_>,
) -> Result<Expanded<'w>, Fault> {
    let mut flags = [const { Cow::Borrowed("") }; 3];
    for (slot, word) in flags.iter_mut().zip([&copy.chown, &copy.chmod, &copy.checksum]) {
        if let Some(word) = word {
            *slot = planner.expand(state, scene, word)?;
        }
    }
    let mut sources = Vec::with_capacity(copy.sources.len());
    for word in &copy.sources {
        sources.push((planner.expand(state, scene, word)?, word.span));
    }
    let dest = planner.expand(state, scene, &copy.destination)?;
    let mut documents = Vec::with_capacity(copy.contents.len());
    for inline in &copy.contents {
        let data = if inline.expand {
            planner.expand_text(&heredoc_lexer(), state, scene, &inline.data, inline.span)?
        } else {
            Cow::Borrowed(&*inline.data)
        };
        documents.push((&*inline.path, data));
    }
    let [chown, chmod, checksum] = flags;
    Ok(Expanded { chown, chmod, checksum, sources, dest, documents })
}

/// What paths are copied from.
fn local_source(
    planner: &Planner<'_>,
    state: &State<'_>,
    scene: &Scene<'_>,
    copy: &Written<'_>,
) -> Result<Local, Fault> {
    let Some(&at) = scene.sources.first() else { return Ok(Local::Context) };
    // A trigger may name the stage that it runs in, as it is up to there.
    match if at == scene.at { Some(state) } else { planner.states.get(at) } {
        Some(source) if source.dispatched => Ok(Local::Tree(source.value.out)),
        _ => {
            let from = copy.from.as_ref().map(|from| &*from.text).unwrap_or_default();
            let message = format!(
                "cannot copy from stage {}, it needs to be defined before current stage {}",
                quote(from),
                quote(&state.label)
            );
            let fault = Fault::new("copy-before-definition", message);
            Err(match &copy.from {
                Some(from) => fault.at(scene.place(from.span)),
                None => fault,
            })
        }
    }
}

/// BuildKit `pathRelativeToWorkingDir`.
fn normalized_dest(state: &State<'_>, dest: &str, os: &str) -> Result<SmolStr, String> {
    let dest = path::without_drive(dest, os, true)?;
    let dest = if dest.is_empty() || dest == "." { "./" } else { &*dest };
    let parent = if path::is_absolute(dest, os) { "/" } else { &*state.value.dir };
    Ok(path::in_action(&path::normalize(parent, dest, os, true)?, true))
}

fn invalid_path(message: String) -> Fault {
    Fault::new("invalid-path", message)
}

fn mode(chmod: &str) -> Result<Option<Mode>, Fault> {
    if chmod.is_empty() {
        return Ok(None);
    }
    let not_octal = || {
        Fault::new(
            "invalid-chmod",
            format!("invalid chmod parameter: '{chmod}'. it should be octal string and between 0 and 07777"),
        )
    };
    if chmod.bytes().all(|b| (b'0'..=b'7').contains(&b))
        && let Ok(bits) = u32::from_str_radix(chmod, 8)
    {
        return if bits > 0o7777 { Err(not_octal()) } else { Ok(Some(Mode::Bits(bits))) };
    }
    if chmod.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(not_octal());
    }
    if is_symbolic_mode(chmod) {
        return Ok(Some(Mode::Symbolic(chmod.to_owned())));
    }
    Err(Fault::new("invalid-chmod", "invalid syntax"))
}

fn check_checksum(expanded: &Expanded<'_>, add: bool) -> Result<(), Fault> {
    if expanded.checksum.is_empty() {
        return Ok(());
    }
    let refused = |message: &'static str| Err(Fault::new("invalid-checksum", message));
    if !add {
        return refused("checksum can't be specified for COPY");
    }
    let [(only, _)] = expanded.sources.as_slice() else {
        return refused("checksum can't be specified for multiple sources");
    };
    if !git::is_http(only) && !git::is_git(only) {
        return refused("checksum requires HTTP(S) or Git sources");
    }
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "one source of one instruction")]
fn copy_source(
    planner: &mut Planner<'_>,
    scene: &Scene<'_>,
    copy: &Written<'_>,
    add: bool,
    job: &mut Job,
    settings: &mut git::Settings,
    local: Local,
    source: &str,
    span: Span,
) -> Result<(), Fault> {
    if let Some(reference) = git::parse(source)? {
        if !add {
            return Err(Fault::new("git-source", "source can't be a git ref for COPY"));
        }
        let kind = OpKind::Source(Source::Git(Box::new(settings.source(reference)?)));
        let vertex = remote(planner, scene, job, kind);
        job.push("/", Some(vertex), |copy| copy.create_dest_path = true);
    } else if git::is_http(source) {
        if !add {
            return Err(Fault::new("url-source", "source can't be a URL for COPY"));
        }
        let filename = git::filename(source);
        if !settings.checksum.is_empty() {
            git::check_digest(&settings.checksum)
                .map_err(|message| Fault::new("invalid-checksum", message))?;
        }
        let kind = OpKind::Source(Source::Http(Box::new(Http {
            url: source.to_owned(),
            filename: filename.clone(),
            checksum: settings.checksum.clone(),
        })));
        let vertex = remote(planner, scene, job, kind);
        let unpack = copy.unpack.unwrap_or(false);
        job.push(&filename, Some(vertex), |copy| {
            copy.create_dest_path = true;
            copy.unpack = unpack;
        });
    } else {
        check_ignored(planner, scene, add, local, source, span);
        let vertex = match local {
            Local::Context => Some(planner.context(scene)),
            Local::Tree(vertex) => vertex,
        };
        let wrapped = |message: String| invalid_path(format!("removing drive letter: {message}"));
        let (mut src, mut include, mut required) = (source, Vec::new(), Vec::new());
        if copy.parents {
            let (parent, pattern) = source.split_once("/./").unwrap_or(("/", source));
            let pattern = path::normalize("/", pattern, &job.os, false).map_err(wrapped)?;
            if !has_wildcards(parent) && !has_wildcards(&pattern) {
                let found = path::join(parent, &pattern);
                required.push(path::normalize("/", &found, &job.os, false).map_err(wrapped)?.into_owned());
            }
            include.push(pattern.strip_prefix('/').unwrap_or(&pattern).to_owned());
            src = parent;
        }
        let unpack = copy.unpack.unwrap_or(add);
        let src = path::without_drive(src, &job.os, false).map_err(wrapped)?;
        job.push(&src, vertex, |copy| {
            copy.unpack = unpack;
            copy.wildcard = true;
            copy.follow_symlinks = true;
            copy.dir_contents_only = true;
            copy.create_dest_path = true;
            copy.include = include;
            copy.required = required;
        });
    }
    Ok(())
}

fn remote(planner: &mut Planner<'_>, scene: &Scene<'_>, job: &Job, kind: OpKind) -> VertexId {
    let mut op = Op::new(job.name.clone(), kind);
    op.origins.push(scene.origin());
    planner.arena.add(op)
}

fn copy_document(
    planner: &mut Planner<'_>,
    scene: &Scene<'_>,
    job: &mut Job,
    file: &str,
    data: &str,
) -> Result<(), Fault> {
    let file = &*path::without_drive(file, &job.os, false).map_err(invalid_path)?;
    let full = path::in_action(file, false);
    let file_of_it = Mkfile { path: full, mode: 0o644, data: data.into() };
    let vertex = planner.arena.add(scene.inline_document(file_of_it));
    job.push(file, Some(vertex), |copy| copy.create_dest_path = true);
    Ok(())
}

impl Job {
    fn push(&mut self, src: &str, from: Option<VertexId>, more: impl FnOnce(&mut Copy)) {
        let mut copy = Copy {
            src: path::in_action(src, false),
            dest: self.dest.clone(),
            mode: self.mode.clone(),
            owner: self.owner.clone(),
            exclude: self.exclude.clone(),
            ..Copy::default()
        };
        more(&mut copy);
        if let Some(from) = from {
            copy.from = Some(self.inputs.len() as u32);
            self.inputs.push(from);
        }
        let input = self.base.map(|_| 0);
        self.actions.push(FileAction { input, kind: FileActionKind::Copy(Box::new(copy)) });
    }
}

/// Adds the op; with `--link` the files alone and a merge on top of the stage.
fn write<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    caption: &str,
    link: bool,
    job: Job,
) -> VertexId {
    let Job { name, inputs, actions, .. } = job;
    let ignore_cache = state.ignore_cache;
    let group = link.then(|| name.clone());
    let files = scene.op(name.clone(), OpKind::File(actions));
    let mut vertex = planner.arena.add(Op { inputs, ignore_cache, group: group.clone(), ..files });
    if let (true, Some(base)) = (link, state.value.out) {
        let platform = planner.shown_platform(state);
        let name = numbered(&mut planner.scratch, state, &format!("LINK {caption}"), &platform);
        let inputs = [base, vertex].into_iter().collect();
        let merge = scene.op(name, OpKind::Merge);
        vertex = planner.arena.add(Op { inputs, ignore_cache, group, ..merge });
    }
    state.step(scene, name, vertex);
    state.value.out = Some(vertex);
    vertex
}

/// What the history says; `out` is where it is put together.
fn recorded(out: &mut String, copy: &Written<'_>, add: bool, expanded: &Expanded<'_>) -> SmolStr {
    out.clear();
    out.push_str(if add { "ADD" } else { "COPY" });
    let mut part = |parts: &[&str]| {
        out.push(' ');
        for part in parts {
            out.push_str(part);
        }
    };
    if copy.parents {
        part(&["--parents"]);
    }
    if !expanded.chown.is_empty() {
        part(&["--chown=", &expanded.chown]);
    }
    if !expanded.chmod.is_empty() {
        part(&["--chmod=", &expanded.chmod]);
    }
    for (source, _) in &expanded.sources {
        part(&[source]);
    }
    for (file, _) in &expanded.documents {
        part(&["<<", file]);
    }
    part(&[&expanded.dest]);
    out.push_str(" # buildkit");
    out.as_str().into()
}

/// Notes the paths of the context that the stage takes.
fn note_context(state: &mut State<'_>, copy: &Written<'_>, add: bool, expanded: &Expanded<'_>) {
    let from_stage = !add && copy.from.as_ref().is_some_and(|from| !from.text.is_empty());
    if from_stage {
        return;
    }
    for (source, _) in &expanded.sources {
        if !(add && (source.starts_with("http://") || source.starts_with("https://"))) {
            state.context_paths.push(path::in_action(source, false));
        }
    }
}

/// Warns of a source that the ignore file keeps out (BuildKit `validateCopySourcePath`).
fn check_ignored(
    planner: &mut Planner<'_>,
    scene: &Scene<'_>,
    add: bool,
    local: Local,
    source: &str,
    span: Span,
) {
    if !matches!(local, Local::Context) {
        return;
    }
    let Some(ignore) = &planner.ignore else { return };
    let source = path::clean(source);
    if ignore.excludes(&source) {
        let warning = check::copy_ignored_file::warning(if add { "Add" } else { "Copy" }, &source).at(span);
        planner.warn(scene.config, Some(scene.at), scene.site, warning);
    }
}

fn has_wildcards(name: &str) -> bool {
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'*' | b'?' | b'[' => return true,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    false
}
