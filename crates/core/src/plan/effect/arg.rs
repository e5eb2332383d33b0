//! `ARG` in a stage.

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::outline::Argument;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use smol_str::SmolStr;
use stagecraft_dockerfile::instruction::ArgPair;

/// What the command line gives counts first, then the default, then the value before the first `FROM`.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    pairs: &[ArgPair<'_>],
) -> Result<(), Fault> {
    let mut created_by = "ARG".to_owned();
    for pair in pairs {
        let name = &*pair.key.text;
        if let Some(warning) = check::secrets_used_in_arg_or_env::check("ARG", name, pair.key.span) {
            planner.warn(scene.config, Some(scene.at), scene.site, warning);
        }
        let mut inherited = false;
        let value: Option<SmolStr> = match (planner.build_args.get(name), &pair.value) {
            (Some(given), _) => Some((&**given).into()),
            (None, Some(default)) => Some(planner.expand(state, scene, default)?.into()),
            (None, None) => {
                let global = planner.global.shared(name).cloned();
                inherited = global.is_some();
                global
            }
        };
        created_by.push(' ');
        created_by.push_str(name);
        let key: SmolStr = name.into();
        if let Some(value) = &value {
            created_by.push('=');
            created_by.push_str(value);
            if !matches!(name, "BUILDKIT_SBOM_SCAN_CONTEXT" | "BUILDKIT_SBOM_SCAN_STAGE") {
                state.value.env.set(key.clone(), value.clone());
            }
        }
        if !inherited {
            let argument = Argument {
                value: value.clone().unwrap_or_default(),
                description: scene.instruction.doc_comment(name).unwrap_or_default().into(),
                lines: scene.site.lines,
                ..Argument::default()
            };
            state.outline.declare(name, argument);
        }
        if !state.outline.used.contains(name) {
            state.outline.used.insert(key.clone());
        }
        state.value.build_args.push((key, value));
    }
    state.commit(scene, created_by, None, false);
    Ok(())
}
