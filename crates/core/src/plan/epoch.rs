//! `SOURCE_DATE_EPOCH` (BuildKit `epoch.go`): a number, `context`, or a named context or a stage that says when its
//! source was changed.

use super::effect::git;
use super::fault::Fault;
use super::front::{Front, Written};
use super::planner::Planner;
use crate::resolve::Env;
use stagecraft_dockerfile::expand::Environment;
use stagecraft_dockerfile::go::{parse_int, quote};
use stagecraft_dockerfile::instruction::{ArgPair, Copy};
use stagecraft_dockerfile::{Command, Span};
use std::borrow::Cow;

const NAME: &str = "SOURCE_DATE_EPOCH";
const EXACTLY_ONE: &str = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD";

impl<'a> Planner<'a> {
    /// Replaces the argument by the seconds that it stands for. When a download or a repository was changed is not
    /// known here: the argument is then unset, as where the source does not say.
    pub(super) fn resolve_epoch(&mut self, front: &Front<'a>) {
        let of_file = || self.global.get(NAME).filter(|value| !value.is_empty()).map(str::to_owned);
        let Some(value) = self.build_args.get(NAME).map(ToString::to_string).or_else(of_file) else {
            return;
        };
        let seconds = parse_int(&value, 64).ok().map(|seconds| seconds.to_string());
        if seconds.is_none()
            && !value.is_empty()
            && let Err(fault) = self.epoch_source(front, &value)
        {
            self.fail(fault, None, Span::default());
        }
        let in_file = self.global.get(NAME).is_some();
        let Some(seconds) = seconds else {
            self.global.remove(NAME);
            self.build_args.remove(NAME);
            return;
        };
        if in_file {
            self.global.set(NAME.into(), seconds.as_str().into());
        }
        if let Some(given) = self.build_args.get_mut(NAME) {
            *given = Cow::Owned(seconds);
        }
    }

    /// Refuses what names nothing, and a stage that is more than one download.
    fn epoch_source(&self, front: &Front<'a>, value: &str) -> Result<(), Fault> {
        let refused = |message: String| Err(Fault::new("invalid-epoch", message));
        if value == "context" {
            return Ok(());
        }
        match self.named_context(value, None) {
            Ok(Some(_)) => return Ok(()),
            Err(message) => return refused(message),
            Ok(None) => {}
        }
        let Some(stage) = front.stages.iter().find(|stage| stage.name().eq_ignore_ascii_case(value)) else {
            return refused(format!("invalid SOURCE_DATE_EPOCH: {value}"));
        };
        let lines = self.site(stage.instruction).lines;
        self.epoch_stage(stage).map_err(|fault| fault.located(lines))
    }

    fn epoch_stage(&self, stage: &Written<'a>) -> Result<(), Fault> {
        let Some(from) = stage.from else { return Ok(()) };
        let mut env = self.global.clone();
        env.remove(NAME);
        let base = self.lexer.process_word(&from.base.text, &env).map_err(|error| {
            let written = quote(&from.base.text);
            let message = format!("failed to process source stage base name {written}: {}", error.message);
            Fault::new("expansion", message).at(from.base.span)
        })?;
        if base.result != "scratch" {
            let message = "SOURCE_DATE_EPOCH stage must use FROM scratch";
            return Err(Fault::new("invalid-epoch", message).at(from.base.span));
        }
        let mut found = false;
        let commands = stage.commands(self.file).filter_map(|(index, _)| self.file.instructions.get(index));
        for instruction in commands {
            let place = instruction.keyword.span;
            match &instruction.command {
                Some(Command::Arg(pairs)) => self.epoch_args(pairs, &mut env)?,
                Some(Command::Add(_)) if found => {
                    return Err(Fault::new("invalid-epoch", EXACTLY_ONE).at(place));
                }
                Some(Command::Add(add)) => {
                    self.epoch_add(add, &env).map_err(|fault| fault.at(place))?;
                    found = true;
                }
                _ => {
                    let message = format!(
                        "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported {} instruction",
                        instruction.keyword.text
                    );
                    return Err(Fault::new("invalid-epoch", message).at(place));
                }
            }
        }
        if found { Ok(()) } else { Err(Fault::new("invalid-epoch", EXACTLY_ONE).at(from.base.span)) }
    }

    fn epoch_args(&self, pairs: &[ArgPair<'_>], env: &mut Env) -> Result<(), Fault> {
        for pair in pairs {
            let name = &*pair.key.text;
            if let Some(given) = self.build_args.get(name) {
                env.set(name.into(), (&**given).into());
            } else if let Some(default) = &pair.value {
                let value = self.epoch_word(&default.text, env).map_err(|fault| fault.at(default.span))?;
                env.set(name.into(), value.into());
            }
        }
        Ok(())
    }

    fn epoch_add(&self, add: &Copy<'_>, env: &Env) -> Result<(), Fault> {
        let [source] = &*add.sources else {
            return Err(Fault::new("invalid-epoch", format!("{EXACTLY_ONE} source")));
        };
        if !add.contents.is_empty() {
            return Err(Fault::new("invalid-epoch", format!("{EXACTLY_ONE} source")));
        }
        let address = self.epoch_word(&source.text, env)?;
        let checksum = |env: &Env| match &add.checksum {
            Some(checksum) if !checksum.text.is_empty() => self.epoch_word(&checksum.text, env).map(Some),
            _ => Ok(None),
        };
        if git::is_http(&address) {
            let Some(checksum) = checksum(env)? else { return Ok(()) };
            return git::check_digest(&checksum).map_err(|message| Fault::new("invalid-checksum", message));
        }
        if git::parse(&address)?.is_some() {
            return checksum(env).map(drop);
        }
        let message = "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD";
        Err(Fault::new("invalid-epoch", message))
    }

    fn epoch_word(&self, text: &str, env: &impl Environment) -> Result<String, Fault> {
        let expansion = self.lexer.process_word(text, env);
        expansion.map(|found| found.result).map_err(|error| Fault::new("expansion", error.message))
    }
}
