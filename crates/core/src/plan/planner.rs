//! What is known while a plan is made, and how findings are noted.

use super::Plan;
use super::arena::{Arena, VertexId};
use super::caption::platforms;
use super::fault::{Fault, each_line};
use super::front::{Front, Written};
use super::state::State;
use crate::check::{Config, Warning};
use crate::resolve::{Env, ImageSource, Options, Platform};
use smol_str::SmolStr;
use stagecraft_dockerfile::expand::Lexer;
use stagecraft_dockerfile::go::parse_bool;
use stagecraft_dockerfile::{Diagnostic, Dockerfile, Phase, Severity, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A plan in the making (BuildKit's `dispatchContext`).
pub(super) struct Planner<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a Dockerfile<'a>,
    pub(super) options: &'a Options<'a>,
    pub(super) images: &'a dyn ImageSource,
    pub(super) lexer: Lexer,
    pub(super) lint: Config,
    /// `--build-arg` by name.
    pub(super) build_args: BTreeMap<&'a str, Cow<'a, str>>,
    /// Predefined and global arguments with their values.
    pub(super) global: Env,
    pub(super) meta: super::outline::Capture,
    /// The base of each stage with the defaults alone, and the whole reference if it is one.
    pub(super) default_bases: Vec<(SmolStr, String)>,
    pub(super) target_platform: Platform,
    pub(super) states: Vec<State<'a>>,
    pub(super) by_name: BTreeMap<SmolStr, usize>,
    pub(super) arena: Arena,
    pub(super) context: Option<VertexId>,
    pub(super) proxy: Vec<(SmolStr, SmolStr)>,
    pub(super) ignore: Option<crate::check::IgnoreList>,
    pub(super) findings: Vec<Noted>,
    /// How many ports may still be exposed: ranges are short to write and long to list.
    pub(super) ports_left: usize,
    /// How many names may still be compared for suggestions.
    pub(super) names_left: usize,
    /// Where texts are put together before they are as long as they become.
    pub(super) scratch: String,
    /// What the target needs is not asked yet.
    pub(super) early: bool,
}

/// A finding before it is known which stages the target needs.
pub(super) struct Noted {
    pub(super) diagnostic: Diagnostic,
    pub(super) state: Option<usize>,
    /// Found before BuildKit asks what the target needs.
    pub(super) early: bool,
}

/// Where an instruction stands that is being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Site {
    pub(super) instruction: usize,
    pub(super) lines: (u32, u32),
    pub(super) span: Span,
    /// It is a trigger; the place is that of the stage's `FROM`.
    pub(super) onbuild: bool,
}

impl Planner<'_> {
    /// Notes a warning unless the configuration switches its rule off.
    pub(super) fn warn(&mut self, config: &Config, state: Option<usize>, site: Site, warning: Warning) {
        if !config.allows(warning.rule) {
            return;
        }
        let diagnostic = Diagnostic {
            code: Cow::Borrowed(warning.rule.name),
            severity: Severity::Warning,
            phase: Phase::Plan,
            message: warning.message,
            span: warning.span.filter(|_| !site.onbuild).unwrap_or(site.span),
            lines: each_line(site.lines).collect(),
            help: Some(Cow::Borrowed(warning.rule.description)),
            fix: warning.fix.filter(|_| !site.onbuild),
        };
        self.findings.push(Noted { diagnostic, state, early: self.early });
    }

    /// Notes an error; `around` is the place for those that know none.
    pub(super) fn fail(&mut self, fault: Fault, state: Option<usize>, around: Span) {
        let diagnostic = Diagnostic {
            code: Cow::Borrowed(fault.code),
            severity: Severity::Error,
            phase: Phase::Plan,
            message: fault.message,
            span: fault.span.unwrap_or(around),
            lines: fault.lines,
            help: fault.help.map(Cow::Borrowed),
            fix: None,
        };
        self.findings.push(Noted { diagnostic, state, early: self.early });
    }

    /// The site of a top-level instruction.
    pub(super) fn site(&self, instruction: usize) -> Site {
        let (lines, span) =
            self.file.instructions.get(instruction).map(|i| (i.lines, i.span)).unwrap_or_default();
        Site { instruction, lines, span, onbuild: false }
    }
}

impl Planner<'_> {
    /// All phases in BuildKit's order (`toDispatchState`). It stops at the first error; here the rest goes on with
    /// what is known.
    pub(super) fn run(mut self) -> Plan {
        if self.text.is_empty() {
            self.fail(Fault::new("empty", "the Dockerfile cannot be empty"), None, Span::default());
            return self.finish(&Front::default(), None);
        }
        self.read_directive();
        let front = self.read_instructions();
        self.check_stages(&front);
        let last = front.stages.last().map(Written::name).unwrap_or_default();
        self.global = self.predefined(last);
        self.proxy = self.proxies();
        let defaults = self.evaluate_globals(&front, false);
        if let Ok((env, _)) = &defaults {
            self.check_defaults(&front, env);
        }
        let given = if self.build_args.is_empty() { defaults } else { self.evaluate_globals(&front, true) };
        match given {
            Ok((global, capture)) => {
                self.global = global;
                self.meta = capture;
            }
            Err(fault) => self.fail(fault, None, Span::default()),
        }
        self.resolve_epoch(&front);
        self.make_states(&front);
        let target = self.find_target(front.stages.len());
        self.link();
        self.early = false;
        self.resolve(target.unwrap_or(usize::MAX));
        self.dispatch_stages();
        self.finish(&front, target)
    }

    /// Whether captions name platforms.
    pub(super) fn multi_platform(&self) -> bool {
        let asked = self.build_args.get("BUILDKIT_MULTI_PLATFORM").and_then(|value| parse_bool(value));
        self.options.multi_platform || asked == Some(true)
    }

    /// What captions say of a stage's platform; empty unless several are built.
    pub(super) fn shown_platform(&self, state: &State<'_>) -> String {
        if !self.multi_platform() {
            return String::new();
        }
        platforms(state.platform.as_ref().unwrap_or(&self.target_platform), &state.value.env)
    }

    /// The proxy variables among the build arguments (BuildKit `proxyEnvFromBuildArgs`).
    fn proxies(&self) -> Vec<(SmolStr, SmolStr)> {
        const NAMES: [&str; 5] = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];
        let given = |name: &&str| {
            self.build_args.iter().rfind(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
        };
        NAMES
            .iter()
            .filter_map(|name| given(name).map(|value| (SmolStr::new_static(name), value.into())))
            .collect()
    }
}
