//! `RUN` (BuildKit `dispatchRun`).

use super::super::arena::VertexId;
use super::super::caption::{prefix, shown, summary};
use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use super::super::{Exec, Mkfile, Mount, MountKind, Network, Op, OpKind, Security};
use super::cmd::{joined, with_shell};
use super::mount::Mounts;
use crate::resolve::Env;
use smallvec::SmallVec;
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::{Environment, Lexer};
use stagecraft_dockerfile::heredoc;
use stagecraft_dockerfile::instruction::Run;
use stagecraft_dockerfile::instruction::mount::{Mount as Written, MountType};
use std::borrow::Cow;
use std::fmt::Write as _;

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    run: &Run<'_>,
) -> Result<(), Fault> {
    let written = read_mounts(planner, state, scene, run)?;
    let mut caption = scene.instruction.code();
    let mut mounts = Mounts::default();
    let args = if !scene.instruction.heredocs.is_empty() {
        let script = document(planner, state, scene, run, caption.to_mut(), &mut mounts)?;
        with_shell(state, &script)
    } else if run.line.is_shell() {
        with_shell(state, &joined(&run.line))
    } else {
        run.line.texts().map(SmolStr::from).collect()
    };
    mounts.add_all(planner, state, scene, &written)?;
    let security = match run.security().map(|word| &*word.text) {
        None | Some("sandbox") => Security::Sandbox,
        Some("insecure") => Security::Insecure,
        Some(other) => {
            return Err(Fault::new("invalid-security", format!("unsupported security mode {other:?}")));
        }
    };
    let network = match run.network().map(|word| &*word.text) {
        None | Some("default") => Network::Unset,
        Some("none") => Network::None,
        Some("host") => Network::Host,
        Some(other) => {
            return Err(Fault::new("invalid-network", format!("unsupported network mode {other:?}")));
        }
    };
    if let Some(device) = run.devices().first() {
        let message = "device feature is only supported in Dockerfile frontend 1.14.0-labs or later";
        return Err(Fault::new("device", message).at(scene.place(device.span)));
    }
    let lexer = Lexer { raw_quotes: true, skip_unset: true, ..planner.lexer };
    let name = shown(&lexer, &caption, &Masked::new(&state.value.env, &written));
    let platform = planner.shown_platform(state);
    let name = prefix(&mut planner.scratch, state, &name, &platform);
    let created_by = recorded(&mut planner.scratch, &args, state);
    let id = exec(planner, state, scene, name.clone(), args, network, security, mounts);
    state.step(scene, name, id);
    state.value.out = Some(id);
    state.commit(scene, created_by, Some(id), true);
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "the parts of one op")]
fn exec<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    name: SmolStr,
    args: Vec<SmolStr>,
    network: Network,
    security: Security,
    mut mounts: Mounts,
) -> VertexId {
    let platform = Some(planner.platform_of(state));
    let value = &state.value;
    let mut inputs: SmallVec<[VertexId; 2]> = SmallVec::new();
    let mut list = Vec::with_capacity(1 + mounts.files.len() + mounts.points.len());
    mounts.files.sort_by(|a, b| a.0.dest.cmp(&b.0.dest));
    // No path stands before the root's.
    let root = (Mount::bind(SmolStr::new_static("/")), value.out);
    for (mut mount, source) in std::iter::once(root).chain(mounts.files) {
        if let Some(source) = source {
            mount.input = Some(inputs.len() as u32);
            inputs.push(source);
        }
        list.push(mount);
    }
    let mut env = value.env.clone();
    let mut sockets = 0;
    for mut point in mounts.points {
        if matches!(point.kind, MountKind::Ssh(_)) {
            if point.dest.is_empty() {
                point.dest = format!("/run/buildkit/ssh_agent.{sockets}").into();
            }
            if sockets == 0 && env.get("SSH_AUTH_SOCK").is_none() {
                env.set(SmolStr::new_static("SSH_AUTH_SOCK"), point.dest.clone());
            }
            sockets += 1;
        }
        list.push(point);
    }
    let mut arguments: Vec<SmolStr> = Vec::with_capacity(value.build_args.len());
    for (argument, _) in &value.build_args {
        if !arguments.contains(argument) {
            arguments.push(argument.clone());
        }
    }
    let kind = OpKind::Exec(Box::new(Exec {
        args,
        env,
        arguments,
        cwd: value.dir.clone(),
        user: value.user.clone(),
        network,
        security,
        mounts: list,
        secret_env: mounts.secret_env,
        proxy: planner.proxy.clone(),
    }));
    planner.arena.add(Op { inputs, platform, ignore_cache: state.ignore_cache, ..scene.op(name, kind) })
}

fn read_mounts<'a>(
    planner: &mut Planner<'a>,
    state: &State<'a>,
    scene: &Scene<'_>,
    run: &Run<'_>,
) -> Result<Vec<Written>, Fault> {
    let mut written = Vec::with_capacity(run.mounts().len());
    for word in run.mounts() {
        let lexer = planner.lexer;
        let mount = Written::parse(&word.text, &mut |value| {
            planner
                .expand_text(&lexer, state, scene, value, word.span)
                .map(Cow::into_owned)
                .map_err(|fault| fault.message)
        });
        written
            .push(mount.map_err(|message| Fault::new("invalid-mount", message).at(scene.place(word.span)))?);
    }
    Ok(written)
}

/// The command where here-documents take part: one alone is the script, more are handed to the shell.
fn document<'a>(
    planner: &mut Planner<'a>,
    state: &State<'a>,
    scene: &Scene<'_>,
    run: &Run<'_>,
    caption: &mut String,
    mounts: &mut Mounts,
) -> Result<String, Fault> {
    let documents = &scene.instruction.heredocs;
    let args: Vec<String> = run.line.texts().map(Cow::into_owned).collect();
    let ([line], true, Some(first)) = (args.as_slice(), run.line.is_shell(), documents.first()) else {
        let message = format!("parsing produced an invalid run command: [{}]", args.join(" "));
        return Err(Fault::new("invalid-run", message));
    };
    if !matches!(heredoc::parse(line), Ok(Some(_))) {
        let mut script = line.clone();
        for document in documents {
            script.push('\n');
            script.push_str(&document.content);
            script.push_str(&document.name);
        }
        return Ok(script);
    }
    let data = if first.chomp { heredoc::chomp(&first.content) } else { first.content.clone() };
    // Writing to a string cannot fail.
    let _ = write!(caption, " ({})", summary(&first.content));
    if !data.starts_with("#!") || state.value.image_platform.os == "windows" {
        return Ok(data.into_owned());
    }
    let path = crate::resolve::path::in_action(&first.name, false);
    let file = Mkfile { path, mode: 0o755, data: (&*data).into() };
    let file = planner.arena.add(scene.inline_document(file));
    let mount = Mount::bind(SmolStr::new_static("/dev/pipes/"));
    mounts.files.push((Mount { selector: SmolStr::new_static("/"), readonly: true, ..mount }, Some(file)));
    Ok(crate::resolve::path::join("/dev/pipes/", &first.name).into_owned())
}

/// `RUN |2 A=1 B=2 /bin/sh -c make # buildkit`: the arguments declared so far and the command.
/// `out` is where it is put together.
fn recorded(out: &mut String, args: &[SmolStr], state: &State<'_>) -> SmolStr {
    let mut declared: Vec<(&str, &str)> = Vec::with_capacity(state.value.build_args.len());
    for (name, value) in &state.value.build_args {
        let value = state.value.env.get(name).or(value.as_deref()).unwrap_or_default();
        match declared.iter_mut().find(|(other, _)| *other == &**name) {
            Some(slot) => slot.1 = value,
            None => declared.push((name, value)),
        }
    }
    out.clear();
    out.push_str("RUN ");
    if !declared.is_empty() {
        let _ = write!(out, "|{} ", declared.len());
        for part in declared.iter().flat_map(|(name, value)| [*name, "=", *value, " "]) {
            out.push_str(part);
        }
    }
    for (at, arg) in args.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(arg);
    }
    out.push_str(" # buildkit");
    out.as_str().into()
}

/// The environment for captions: secrets in it are not shown.
struct Masked<'e> {
    env: &'e Env,
    secrets: Vec<&'e str>,
}

impl<'e> Masked<'e> {
    fn new(env: &'e Env, mounts: &'e [Written]) -> Self {
        let secrets = mounts
            .iter()
            .filter(|mount| mount.kind == MountType::Secret)
            .filter_map(|mount| mount.env.as_deref())
            .collect();
        Self { env, secrets }
    }
}

impl Environment for Masked<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        if self.secrets.contains(&name) { Some("****") } else { self.env.get(name) }
    }
}
