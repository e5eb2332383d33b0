//! `RUN`: a process in a container, and what it leaves.

use super::args::key;
use super::config::created_by;
use super::container::Container;
use super::dispatch::{command_words, requires_buildkit};
use super::run::{Change, Failure, Run, State};
use super::{copy, layer, text};
use crate::builder::cost;
use crate::image::{Healthcheck, ImageConfig};
use crate::simulation::{Certainty, OutputLine};
use stagecraft_dockerfile::Instruction;
use stagecraft_dockerfile::instruction::CommandLine;
use stagecraft_sandbox::shell::{self as sandbox, Exec, ExecError, Exit};
use std::collections::BTreeMap;

impl Run<'_> {
    pub(super) fn run(
        &mut self,
        state: &mut State,
        line: &CommandLine<'_>,
        instruction: &Instruction<'_>,
    ) -> Result<(), Failure> {
        if let Some(flag) = instruction.flags.first() {
            let name = flag.text.trim_start_matches('-').split('=').next().unwrap_or_default();
            return Err(requires_buildkit(name));
        }
        let command = command_words(line, &state.config);
        let args = state.args.beside(&state.config.env);
        let mut saved = command.clone();
        if !args.is_empty() {
            let shown: Vec<&String> = args.iter().filter(|pair| state.args.shows(key(pair))).collect();
            saved = std::iter::once(format!("|{}", shown.len()))
                .chain(shown.into_iter().cloned())
                .chain(command.iter().cloned())
                .collect();
        }
        let entrypoint = |cleared: Option<Vec<String>>| {
            if saved.is_empty() { state.config.entrypoint.clone() } else { cleared }
        };
        let probed = ImageConfig {
            cmd: Some(saved.clone()),
            entrypoint: entrypoint(None),
            args_escaped: false,
            ..ImageConfig::clone(&state.config)
        };
        if let Some(record) = self.probe(state, &probed, None) {
            self.adopt(state, &record, None);
            return Ok(());
        }
        let mut env = state.config.env.clone();
        env.extend(args);
        let config = ImageConfig {
            cmd: Some(command.clone()),
            env,
            entrypoint: entrypoint(Some(vec![String::new()])),
            healthcheck: Some(Healthcheck { test: vec!["NONE".to_owned()], ..Healthcheck::default() }),
            ..ImageConfig::clone(&state.config)
        };
        let (created, id) = self.create(state, config)?;
        let change = self.execute(state, created, &command, &id, instruction, &created_by(&probed))?;
        self.spend(cost::COMMIT);
        self.commit(state, probed, change);
        self.say(&format!("Removing intermediate container {id}"));
        Ok(())
    }

    pub(super) fn execute(
        &mut self,
        state: &State,
        mut created: Container,
        command: &[String],
        hostname: &str,
        instruction: &Instruction<'_>,
        created_by: &str,
    ) -> Result<Change, Failure> {
        let mounted = created.mounted(self.writer(), hostname);
        check_user(&created.config.user)?;
        let mut env = vec![
            ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
            ("HOSTNAME".to_owned(), hostname.to_owned()),
        ];
        for pair in &created.config.env {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match env.iter_mut().find(|(own, _)| own == name) {
                Some((_, old)) => value.clone_into(old),
                None => env.push((name.to_owned(), value.to_owned())),
            }
        }
        let argv: Vec<String> = created.config.entrypoint.iter().flatten().chain(command).cloned().collect();
        let (effects, _) = sandbox::effect::parse(instruction.comments.iter());
        // The process finds itself where the path leads, not where it was named.
        let workdir = if created.config.working_dir.is_empty() { "/" } else { &created.config.working_dir };
        let cwd = copy::scope::resolve(&mounted, workdir, "").unwrap_or_else(|_| workdir.to_owned());
        let outcome = sandbox::run(Exec {
            arch: state.image.platform.as_ref().map_or("amd64", |platform| &*platform.architecture),
            env: &env,
            cwd: &cwd,
            mounts: &created.mounts(),
            user: &created.config.user,
            writer: self.writer(),
            hostname,
            incomplete: state.image.incomplete,
            effects: &effects,
            ..Exec::new(&argv, mounted.clone())
        });
        let failed = crate::builder::failed(&outcome);
        let certainty = match outcome.certainty {
            sandbox::Certainty::Exact => Certainty::Exact,
            sandbox::Certainty::Modelled => Certainty::Modelled,
            sandbox::Certainty::Unknown => Certainty::Unknown,
        };
        self.certain(certainty);
        self.spend(cost::CONTAINER + outcome.duration);
        let lines = outcome.output.into_iter().map(|line| OutputLine {
            text: line.text,
            stderr: line.stderr,
            modelled: line.modelled,
        });
        self.output(lines.collect());
        if let Exit::NotStarted(error) = &outcome.exit {
            return Err(not_started(error).into());
        }
        if let Some(code) = failed {
            return Err(
                format!("The command '{}' returned a non-zero code: {code}", command.join(" ")).into()
            );
        }
        let first = created.created();
        let then = created.written(&mounted, &outcome.tree);
        let tree = layer::apply(&layer::apply(&state.image.tree, &first), &then);
        let layer = layer::make(layer::join(first, then), created_by);
        Ok(Change {
            layer,
            tree,
            incomplete: outcome.incomplete,
            certainty: Some(certainty),
            sources: BTreeMap::new(),
        })
    }
}

/// The runtime refuses numbers that no user has.
fn check_user(user: &str) -> Result<(), Failure> {
    let mut parts = user.splitn(2, ':');
    let bad = |part: Option<&str>| {
        part.and_then(|text| text.parse::<i64>().ok())
            .is_some_and(|id| !(0..=i64::from(i32::MAX)).contains(&id))
    };
    if bad(parts.next()) || bad(parts.next()) {
        return Err("uids and gids must be in range 0-2147483647".into());
    }
    Ok(())
}

/// Why a process could not be started, as the engine's runtime words it.
fn not_started(error: &ExecError) -> String {
    let start = |reason: String| {
        format!(
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container \
             process: {reason}: unknown"
        )
    };
    match error {
        ExecError::Empty => start("exec: \"\": executable file not found in $PATH".to_owned()),
        ExecError::NotFound { program, in_path: true } => {
            start(format!("exec: {}: executable file not found in $PATH", text::quote(program)))
        }
        ExecError::NotFound { program, in_path: false } => {
            start(format!("exec: {}: stat {program}: no such file or directory", text::quote(program)))
        }
        // Of directories, too.
        ExecError::NotExecutable { program, .. } => {
            start(format!("exec: {}: permission denied", text::quote(program)))
        }
        ExecError::Format { program, missing_interpreter: true } => {
            start(format!("exec {program}: no such file or directory"))
        }
        ExecError::Format { program, missing_interpreter: false } => {
            start(format!("exec {program}: exec format error"))
        }
        ExecError::UnknownUser { user } => {
            format!("unable to find user {user}: no matching entries in passwd file")
        }
        ExecError::UnknownGroup { group } => {
            format!("unable to find group {group}: no matching entries in group file")
        }
    }
}
