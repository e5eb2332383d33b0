//! What each instruction does (moby `builder/dockerfile/dispatchers.go`).

use super::args::BuildArgs;
use super::config::{created_by, set_env, shell, with_comment, with_comment_word};
use super::container::{self, Container};
use super::image::hash;
use super::run::{Change, Failure, Run, State};
use super::{layer, port, signal, text};
use crate::builder::cost;
use crate::image::{Empty, Healthcheck, ImageConfig};
use stagecraft_dockerfile::instruction::{ArgPair, CommandLine, Pair};
use stagecraft_dockerfile::{Command, Instruction, Word};
use stagecraft_sandbox::tree::clean;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What the engine says to whatever only BuildKit has.
pub(super) fn requires_buildkit(option: &str) -> Failure {
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
                state.change().on_build.push(trigger.text.to_string());
                self.metadata(state, &format!("ONBUILD {}", trigger.text))
            }
            Command::Workdir(path) => {
                let path = self.expand(&path.text, &env)?;
                self.workdir(state, &path)
            }
            Command::Run(run) => self.run(state, &run.line, instruction),
            Command::Cmd(line) => {
                let words = command_words(line, &state.config);
                if !line.is_empty() {
                    state.cmd_set = true;
                }
                let comment = format!("CMD {}", text::quote_all(&words));
                state.change().cmd = Some(words);
                self.metadata(state, &comment)
            }
            Command::Entrypoint(line) => {
                let words = if line.is_empty() { Vec::new() } else { command_words(line, &state.config) };
                let comment = format!("ENTRYPOINT {}", text::quote_all(&words));
                state.change().entrypoint = (!words.is_empty()).then_some(words);
                if !state.cmd_set {
                    state.change().cmd = None;
                }
                self.metadata(state, &comment)
            }
            Command::Healthcheck(check) => self.healthcheck(state, check),
            Command::Expose(words) => self.expose(state, words, &env),
            Command::User(user) => {
                let user = self.expand(&user.text, &env)?;
                state.change().user.clone_from(&user);
                self.metadata(state, &format!("USER {user}"))
            }
            Command::Volume(words) => {
                let paths = self.expand_all(words, &env)?;
                for path in &paths {
                    if path.is_empty() {
                        return Err("VOLUME specified can not be an empty string".into());
                    }
                    state.change().volumes.insert(path.clone(), Empty {});
                }
                self.metadata(state, &format!("VOLUME {}", text::list(&paths)))
            }
            Command::Stopsignal(name) => {
                let name = self.expand(&name.text, &env)?;
                signal::check(&name)?;
                state.change().stop_signal.clone_from(&name);
                self.metadata(state, &format!("STOPSIGNAL {name}"))
            }
            Command::Arg(pairs) => self.arg(state, pairs, &env),
            Command::Shell(words) => {
                state.change().shell = words.iter().map(|word| word.text.to_string()).collect();
                let comment = format!("SHELL {}", text::list(&state.config.shell));
                self.metadata(state, &comment)
            }
            Command::From(_) => Ok(()),
        }
    }

    pub(super) fn expand(&self, word: &str, env: &BTreeMap<String, String>) -> Result<String, Failure> {
        match self.lexer.process_word(word, env) {
            Ok(expansion) => Ok(expansion.result),
            Err(error) => Err(error.message.into()),
        }
    }

    pub(super) fn expand_all(
        &self,
        words: &[Word<'_>],
        env: &BTreeMap<String, String>,
    ) -> Result<Vec<String>, Failure> {
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
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            clean(&format!("/{}/{path}", state.config.working_dir))
        };
        state.change().working_dir = path;
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
            state.change().healthcheck.clone_from(&created.config.healthcheck);
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
    pub(super) fn create(
        &mut self,
        state: &State,
        config: ImageConfig,
    ) -> Result<(Container, String), Failure> {
        let number = self.steps.len().to_le_bytes();
        let count = self.cache.count().to_le_bytes();
        let words = config.cmd.as_deref().unwrap_or_default().join("\0");
        let id =
            hash([b"container".as_slice(), state.image.id.as_bytes(), words.as_bytes(), &number, &count]);
        let image = (!state.image.id.is_empty()).then_some(&*state.image.config);
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
            set_env(&mut state.change().env, name, pair);
        }
        self.metadata(state, &comment)
    }

    fn label(&mut self, state: &mut State, pairs: &[(String, String)]) -> Result<(), Failure> {
        let mut comment = String::from("LABEL");
        for (name, value) in pairs {
            let _ = write!(comment, " {name}={value}");
            state.change().labels.insert(name.clone(), value.clone());
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
        state.change().exposed_ports.extend(ports.into_iter().map(|port| (port, Empty {})));
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
        state.change().healthcheck = Some(check);
        self.metadata(state, &comment)
    }
}

/// Where the engine has a container's files: overlay2 merges nothing if nothing lies below.
pub(super) fn mount(id: &str, below: bool) -> String {
    format!("/var/lib/docker/overlay2/{id}/{}", if below { "merged" } else { "diff" })
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
pub(super) fn command_words(line: &CommandLine<'_>, config: &ImageConfig) -> Vec<String> {
    let words = line.texts().map(Cow::into_owned);
    if line.is_shell() { shell(config).into_iter().chain(words).collect() } else { words.collect() }
}
