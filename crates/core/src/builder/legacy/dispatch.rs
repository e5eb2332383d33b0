//! What each instruction does (moby `builder/dockerfile/dispatchers.go`).

use super::args::{BuildArgs, key};
use super::config::{created_by, set_env, shell, with_comment, with_comment_word};
use super::container::{self, Container};
use super::copy;
use super::image::{Image, hash};
use super::run::{Change, Failure, Run, State};
use super::stage::Edge;
use super::{layer, port, signal, text};
use crate::builder::cost;
use crate::image::{Empty, Healthcheck, ImageConfig};
use crate::simulation::{Certainty, Flow, FlowSource, OutputLine, StageId};
use stagecraft_dockerfile::instruction::{ArgPair, CommandLine, Copy, Pair};
use stagecraft_dockerfile::{Command, Instruction, Word};
use stagecraft_sandbox::shell::{self as sandbox, Exec, ExecError, Exit};
use stagecraft_sandbox::tree::clean;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// What the engine says to whatever only BuildKit has.
fn requires_buildkit(option: &str) -> Failure {
    Failure::from(format!(
        "the --{option} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build \
         images with BuildKit enabled"
    ))
}

impl Run<'_> {
    /// `ARG` before the first `FROM`.
    pub(super) fn meta(
        &mut self,
        instruction: &Instruction<'_>,
        args: &mut BuildArgs,
    ) -> Result<(), Failure> {
        let Some(Command::Arg(pairs)) = &instruction.command else { return Ok(()) };
        let env = args.all_allowed();
        for (name, value) in self.expand_args(pairs, &env)? {
            args.declare_meta(&name, value);
        }
        Ok(())
    }

    /// Runs an instruction of a stage.
    pub(super) fn dispatch(
        &mut self,
        state: &mut State,
        command: &Command<'_>,
        instruction: &Instruction<'_>,
    ) -> Result<(), Failure> {
        let env = environment(state);
        match command {
            Command::Env(pairs) => self.env(state, &self.expand_pairs(pairs, &env)?),
            Command::Label(pairs) => self.label(state, &self.expand_pairs(pairs, &env)?),
            Command::Maintainer(name) => {
                state.author = name.text.to_string();
                self.metadata(state, &format!("MAINTAINER {}", name.text))
            }
            Command::Add(words) => self.copy(state, words, true, &env),
            Command::Copy(words) => self.copy(state, words, false, &env),
            Command::Onbuild(trigger) => {
                state.config.on_build.push(trigger.text.to_string());
                self.metadata(state, &format!("ONBUILD {}", trigger.text))
            }
            Command::Workdir(path) => {
                let path = self.expand(&path.text, &env)?;
                self.workdir(state, &path)
            }
            Command::Run(run) => self.run(state, &run.line, instruction),
            Command::Cmd(line) => {
                let words = command_words(line, &state.config);
                if !line.words.is_empty() {
                    state.cmd_set = true;
                }
                let comment = format!("CMD {}", text::quote_all(&words));
                state.config.cmd = Some(words);
                self.metadata(state, &comment)
            }
            Command::Entrypoint(line) => {
                let words =
                    if line.words.is_empty() { Vec::new() } else { command_words(line, &state.config) };
                let comment = format!("ENTRYPOINT {}", text::quote_all(&words));
                state.config.entrypoint = (!words.is_empty()).then_some(words);
                if !state.cmd_set {
                    state.config.cmd = None;
                }
                self.metadata(state, &comment)
            }
            Command::Healthcheck(check) => self.healthcheck(state, check),
            Command::Expose(words) => self.expose(state, words, &env),
            Command::User(user) => {
                let user = self.expand(&user.text, &env)?;
                state.config.user.clone_from(&user);
                self.metadata(state, &format!("USER {user}"))
            }
            Command::Volume(words) => {
                let paths = self.expand_all(words, &env)?;
                for path in &paths {
                    if path.is_empty() {
                        return Err("VOLUME specified can not be an empty string".into());
                    }
                    state.config.volumes.insert(path.clone(), Empty {});
                }
                self.metadata(state, &format!("VOLUME {}", text::list(&paths)))
            }
            Command::Stopsignal(name) => {
                let name = self.expand(&name.text, &env)?;
                signal::check(&name)?;
                state.config.stop_signal.clone_from(&name);
                self.metadata(state, &format!("STOPSIGNAL {name}"))
            }
            Command::Arg(pairs) => self.arg(state, pairs, &env),
            Command::Shell(words) => {
                state.config.shell = words.iter().map(|word| word.text.to_string()).collect();
                let comment = format!("SHELL {}", text::list(&state.config.shell));
                self.metadata(state, &comment)
            }
            Command::From(_) => Ok(()),
        }
    }

    fn expand(&self, word: &str, env: &BTreeMap<String, String>) -> Result<String, Failure> {
        match self.lexer.process_word(word, env) {
            Ok(expansion) => Ok(expansion.result),
            Err(error) => Err(error.message.into()),
        }
    }

    fn expand_all(&self, words: &[Word<'_>], env: &BTreeMap<String, String>) -> Result<Vec<String>, Failure> {
        words.iter().map(|word| self.expand(&word.text, env)).collect()
    }

    fn expand_pairs(
        &self,
        pairs: &[Pair<'_>],
        env: &BTreeMap<String, String>,
    ) -> Result<Vec<(String, String)>, Failure> {
        let expand =
            |pair: &Pair<'_>| Ok((self.expand(&pair.key.text, env)?, self.expand(&pair.value.text, env)?));
        pairs.iter().map(expand).collect()
    }

    fn expand_args(
        &self,
        pairs: &[ArgPair<'_>],
        env: &BTreeMap<String, String>,
    ) -> Result<Vec<(String, Option<String>)>, Failure> {
        let expand = |pair: &ArgPair<'_>| {
            let key = self.expand(&pair.key.text, env)?;
            let value = pair.value.as_ref().map(|value| self.expand(&value.text, env)).transpose()?;
            Ok((key, value))
        };
        pairs.iter().map(expand).collect()
    }

    /// Commits a change of config: a container is created and never started (moby `Builder.commit`).
    fn metadata(&mut self, state: &mut State, comment: &str) -> Result<(), Failure> {
        let container = with_comment(&state.config, comment);
        self.commit_container(state, container)
    }

    fn workdir(&mut self, state: &mut State, path: &str) -> Result<(), Failure> {
        if path.is_empty() {
            return Err("cannot normalize nothing".into());
        }
        state.config.working_dir = if path.starts_with('/') {
            path.to_owned()
        } else {
            clean(&format!("/{}/{path}", state.config.working_dir))
        };
        let container = with_comment_word(&state.config, &format!("WORKDIR {}", state.config.working_dir));
        self.commit_container(state, container)
    }

    fn commit_container(&mut self, state: &mut State, container: ImageConfig) -> Result<(), Failure> {
        if let Some(record) = self.probe(state, &container, None) {
            self.adopt(state, &record, None);
            return Ok(());
        }
        let (created, id) = self.create(state, container)?;
        // The engine's copies of a config share the health check, so that what the container takes over from the
        // image ends up in the image too.
        if state.config.healthcheck.is_some() {
            state.config.healthcheck.clone_from(&created.config.healthcheck);
        }
        self.spend(cost::COMMIT);
        let entries = created.created();
        let tree = layer::apply(&state.image.tree, &entries);
        let layer = layer::make(entries, &created_by(&created.config));
        let incomplete = state.image.incomplete;
        self.commit(state, created.config, Change { layer, tree, incomplete, ..Change::default() });
        self.say(&format!("Removing intermediate container {id}"));
        Ok(())
    }

    /// Creates a container and prints its id.
    fn create(&mut self, state: &State, config: ImageConfig) -> Result<(Container, String), Failure> {
        let number = self.steps.len().to_le_bytes();
        let count = self.cache.count().to_le_bytes();
        let words = config.cmd.as_deref().unwrap_or_default().join("\0");
        let id =
            hash([b"container".as_slice(), state.image.id.as_bytes(), words.as_bytes(), &number, &count]);
        let image = (!state.image.id.is_empty()).then_some(&state.image.config);
        let mount = mount(&id, true);
        let created = container::create(config, image, &state.image.tree, self.writer(), &mount)?;
        let id = super::image::short(&id).to_owned();
        self.say(&format!(" ---> Running in {id}"));
        Ok((created, id))
    }

    fn env(&mut self, state: &mut State, pairs: &[(String, String)]) -> Result<(), Failure> {
        let mut comment = String::from("ENV");
        for (name, value) in pairs {
            let pair = format!("{name}={value}");
            comment.push(' ');
            comment.push_str(&pair);
            set_env(&mut state.config.env, name, pair);
        }
        self.metadata(state, &comment)
    }

    fn label(&mut self, state: &mut State, pairs: &[(String, String)]) -> Result<(), Failure> {
        let mut comment = String::from("LABEL");
        for (name, value) in pairs {
            let _ = write!(comment, " {name}={value}");
            state.config.labels.insert(name.clone(), value.clone());
        }
        self.metadata(state, &comment)
    }

    fn arg(
        &mut self,
        state: &mut State,
        pairs: &[ArgPair<'_>],
        env: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let mut comment = String::from("ARG");
        for (name, value) in self.expand_args(pairs, env)? {
            comment.push(' ');
            comment.push_str(&name);
            if let Some(value) = &value {
                comment.push('=');
                comment.push_str(value);
            }
            state.args.declare(&name, value);
        }
        self.metadata(state, &comment)
    }

    fn expose(
        &mut self,
        state: &mut State,
        words: &[Word<'_>],
        env: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let mut specs = Vec::new();
        for word in words {
            let expanded = self.lexer.process_words(&word.text, env);
            specs.extend(expanded.map_err(|error| Failure::from(error.message))?);
        }
        let mut ports = Vec::new();
        for spec in &specs {
            ports.extend(port::parse(spec)?);
        }
        state.config.exposed_ports.extend(ports.into_iter().map(|port| (port, Empty {})));
        self.metadata(state, &format!("EXPOSE {}", specs.join(" ")))
    }

    fn healthcheck(
        &mut self,
        state: &mut State,
        check: &stagecraft_dockerfile::instruction::Healthcheck<'_>,
    ) -> Result<(), Failure> {
        if let Some(old) = &state.config.healthcheck
            && old.test.first().is_some_and(|first| first != "NONE")
        {
            let note = format!("Note: overriding previous HEALTHCHECK: {}", text::list(&old.test));
            self.say(&note);
        }
        let check = Healthcheck {
            test: check.test.iter().map(|word| word.text.to_string()).collect(),
            interval: check.interval.unwrap_or(0),
            timeout: check.timeout.unwrap_or(0),
            start_period: check.start_period.unwrap_or(0),
            start_interval: 0,
            retries: check.retries.unwrap_or(0),
        };
        let comment = format!("HEALTHCHECK {}", text::healthcheck(&check));
        state.config.healthcheck = Some(check);
        self.metadata(state, &comment)
    }

    fn run(
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
            ..state.config.clone()
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
            ..state.config.clone()
        };
        let (created, id) = self.create(state, config)?;
        let change = self.execute(state, created, &command, &id, instruction, &created_by(&probed))?;
        self.spend(cost::COMMIT);
        self.commit(state, probed, change);
        self.say(&format!("Removing intermediate container {id}"));
        Ok(())
    }

    fn execute(
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
        let (effects, _) = sandbox::effect::parse(instruction.comments.iter().map(|comment| &**comment));
        // The process finds itself where the path leads, not where it was named.
        let workdir = if created.config.working_dir.is_empty() { "/" } else { &created.config.working_dir };
        let cwd = copy::scope::resolve(&mounted, workdir, "").unwrap_or_else(|_| workdir.to_owned());
        let outcome = sandbox::run(Exec {
            env: &env,
            cwd: &cwd,
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

    fn copy(
        &mut self,
        state: &mut State,
        words: &Copy<'_>,
        add: bool,
        env: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let chown = words.chown.as_ref().map_or("", |word| &word.text);
        let chown = self.expand(chown, env)?;
        let sources = self.expand_all(&words.sources, env)?;
        let dest = self.expand(&words.destination.text, env)?;
        if words.chmod.as_ref().is_some_and(|mode| !mode.text.is_empty()) {
            return Err(requires_buildkit("chmod"));
        }
        let from = words.from.as_ref().map(|word| &*word.text).filter(|from| !from.is_empty() && !add);
        let (flow, source_image) = match from {
            Some(name) => {
                let (flow, image) = self.source_image(state.id, name).map_err(|error| {
                    Failure::from(format!("invalid from flag value {name}: {}", error.message))
                })?;
                (flow, Some(image))
            }
            None => (FlowSource::Context, None),
        };
        let context = self.context;
        let tree = source_image.as_ref().map_or(context, |image| &image.tree);
        let id = |what: &[u8]| hash([what, state.image.id.as_bytes(), &self.steps.len().to_le_bytes()]);
        let (from_mount, to_mount) = (
            mount(&id(b"from"), source_image.as_ref().is_some_and(|image| has_layers(image))),
            mount(&id(b"to"), has_layers(&state.image)),
        );
        let request = copy::Request {
            add,
            sources: &sources,
            dest: &dest,
            chown: &chown,
            from: tree,
            context: source_image.is_none(),
            from_mount: &from_mount,
            incomplete: source_image.as_ref().is_some_and(|image| image.incomplete),
        };
        let plan = request.plan()?;
        let (files, bytes, hashes) = request.measure(&plan);
        for source in &sources {
            let remote = source.starts_with("http://") || source.starts_with("https://");
            let source_of = if remote { FlowSource::Remote(source.clone()) } else { flow.clone() };
            // Counted once, with the first source.
            let first = sources.first() == Some(source);
            self.flow(Flow {
                source: source_of,
                path: source.clone(),
                files: if first { files } else { 0 },
                bytes: if first { bytes } else { 0 },
                mount: false,
            });
        }
        for _ in 0..plan.downloads {
            self.say("");
            self.spend(cost::download(0));
        }
        let container = with_comment_word(&state.config, &plan.comment);
        let cached = self.probe(state, &container, Some((&hashes, flow)));
        let tree =
            request.perform(&plan, &state.image.tree, &state.config.working_dir, self.writer(), &to_mount);
        if let Some(record) = cached {
            let redone = tree.ok().map(|tree| {
                let entries = layer::diff(&state.image.tree, &tree);
                (layer::make(entries, &created_by(&container)), tree)
            });
            self.adopt(state, &record, redone);
            return Ok(());
        }
        let tree = tree?;
        self.spend(cost::copy(files, bytes) + cost::COMMIT);
        let layer = layer::make(layer::diff(&state.image.tree, &tree), &created_by(&container));
        let incomplete = state.image.incomplete || source_image.is_some_and(|image| image.incomplete);
        let certainty = plan.unknown.then_some(Certainty::Unknown);
        self.commit(state, container, Change { layer, tree, incomplete, certainty, sources: hashes });
        Ok(())
    }

    /// The image behind `--from`.
    fn source_image(&mut self, by: StageId, name: &str) -> Result<(FlowSource, Arc<Image>), Failure> {
        if let Some(on) = self.results.get(name)? {
            self.results.edges.push(Edge { by: by.0 as usize, on, base: false });
            let id = self.results.image(on).to_owned();
            let image = self.images.get(&id).cloned().unwrap_or_default();
            return Ok((FlowSource::Stage(StageId(on as u32)), image));
        }
        let image = self.pull(name)?;
        Ok((FlowSource::Image(image.base.clone().unwrap_or_default()), image))
    }
}

/// Where the engine has a container's files: overlay2 merges nothing if nothing lies below.
fn mount(id: &str, below: bool) -> String {
    format!("/var/lib/docker/overlay2/{id}/{}", if below { "merged" } else { "diff" })
}

fn has_layers(image: &Image) -> bool {
    image.base.is_some() || !image.layers.is_empty()
}

/// Variables that instructions see: the environment, and arguments that it does not hide.
fn environment(state: &State) -> BTreeMap<String, String> {
    let mut env = state.args.all_allowed();
    for pair in state.config.env.iter().rev() {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        env.insert(name.to_owned(), value.to_owned());
    }
    env
}

/// The words of a command, with the shell in front of a shell form.
fn command_words(line: &CommandLine<'_>, config: &ImageConfig) -> Vec<String> {
    let words = line.words.iter().map(|word| word.text.to_string());
    if line.shell { shell(config).into_iter().chain(words).collect() } else { words.collect() }
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
