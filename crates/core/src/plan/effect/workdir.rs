//! `WORKDIR`.

use super::super::caption::{prefix, shown};
use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use super::super::{FileAction, FileActionKind, Mkdir, Op, OpKind};
use super::owner::owner;
use crate::check;
use crate::resolve::path;
use stagecraft_dockerfile::Word;
use std::sync::Arc;

/// Makes the directory, unless it is the root.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    dir: &Word<'_>,
) -> Result<(), Fault> {
    let text = planner.expand(state, scene, dir)?;
    let os = state.platform.as_ref().map(|platform| platform.os.clone()).unwrap_or_default();
    let config = Arc::clone(&state.value.config);
    let before = config.working_dir.as_str();
    let full = path::normalize(before, &text, &os, false);
    if let Some(warning) = check::workdir_relative_path::check(&text, &os, state.value.workdir_set) {
        let written = planner.text.get(dir.span.start as usize..dir.span.end as usize) == Some(&*text);
        let warning = match &full {
            // An image that names no directory may be one of which nothing is known.
            Ok(full) if written && !before.is_empty() => {
                let full = path::from_slash(full, &os);
                warning.replace("Write where it leads", dir.span, full)
            }
            _ => warning,
        };
        planner.warn(scene.config, Some(scene.at), scene.site, warning.at(dir.span));
    }
    state.value.workdir_set = true;
    let full = full.map_err(|message| {
        let message = format!("normalizing workdir: normalizing working directory: {message}");
        Fault::new("invalid-path", message).at(scene.place(dir.span))
    })?;
    state.value.dir = full.as_ref().into();
    let created_by = format!("WORKDIR {full}");
    let mut vertex = None;
    if full != "/" {
        let code = scene.instruction.code();
        let name = shown(&planner.lexer, &code, &state.value.env);
        let platform = planner.shown_platform(state);
        let name = prefix(&mut planner.scratch, state, &name, &platform);
        let user = &state.value.config.user;
        let mkdir = Mkdir {
            path: path::in_action(&full, false),
            mode: 0o755,
            parents: true,
            owner: (!user.is_empty()).then(|| owner(user)),
        };
        let base = state.value.out;
        let action = FileAction { input: base.map(|_| 0), kind: FileActionKind::Mkdir(Box::new(mkdir)) };
        let op = scene.op(name.clone(), OpKind::File(vec![action]));
        let id = planner.arena.add(Op { inputs: base.into_iter().collect(), ..op });
        state.step(scene, name, id);
        state.value.out = Some(id);
        vertex = Some(id);
    }
    let full = path::from_slash(&full, &os);
    drop(config);
    state.commit(scene, created_by, vertex, vertex.is_some());
    state.value.config_mut().working_dir = full;
    Ok(())
}
