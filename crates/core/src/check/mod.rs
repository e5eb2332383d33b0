//! Build checks: BuildKit's, each in a file of its own, named as BuildKit names the rule.
//!
//! A rule is a value and a pure function over what it looks at; the plan calls it where BuildKit does, so that
//! order, place and wording agree.

mod advice;
mod config;
mod diagnose;
mod ignore_list;

pub mod consistent_instruction_casing;
pub mod copy_ignored_file;
pub mod duplicate_stage_name;
pub mod expose_invalid_format;
pub mod expose_proto_casing;
pub mod from_as_casing;
pub mod from_platform_flag_const_disallowed;
pub mod invalid_base_image_platform;
pub mod invalid_default_arg_in_from;
pub mod invalid_definition_description;
pub mod json_args_recommended;
pub mod legacy_key_value_format;
pub mod maintainer_deprecated;
pub mod multiple_instructions_disallowed;
pub mod no_empty_continuation;
pub mod redundant_target_platform;
pub mod reserved_stage_name;
pub mod secrets_used_in_arg_or_env;
pub mod stage_name_casing;
pub mod undefined_arg_in_from;
pub mod undefined_var;
pub mod workdir_relative_path;

pub(crate) use advice::secret_in_layer::is_secret;
pub use advice::{advises, rules as advice_rules};
pub use config::Config;
pub use diagnose::{Located, advice, diagnose, project_advice};
pub use ignore_list::IgnoreList;

use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::diagnostic::Fix;

/// A check's name and what it is about.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// As BuildKit names it; our own are named in the same way.
    pub name: &'static str,
    /// One sentence, as BuildKit words it.
    pub description: &'static str,
    /// Last part of the page's address at `docs.docker.com/go/dockerfile/rule/`; empty if there is none.
    pub page: &'static str,
    /// Off unless asked for.
    pub experimental: bool,
}

impl Rule {
    /// Where it is explained; empty for rules that have no page.
    pub fn url(&self) -> String {
        if self.page.is_empty() {
            return String::new();
        }
        format!("https://docs.docker.com/go/dockerfile/rule/{}/", self.page)
    }
}

/// BuildKit's rules.
pub const RULES: &[&Rule] = &[
    &consistent_instruction_casing::RULE,
    &copy_ignored_file::RULE,
    &duplicate_stage_name::RULE,
    &expose_invalid_format::RULE,
    &expose_proto_casing::RULE,
    &from_as_casing::RULE,
    &from_platform_flag_const_disallowed::RULE,
    &invalid_base_image_platform::RULE,
    &invalid_default_arg_in_from::RULE,
    &invalid_definition_description::RULE,
    &json_args_recommended::RULE,
    &legacy_key_value_format::RULE,
    &maintainer_deprecated::RULE,
    &multiple_instructions_disallowed::RULE,
    &no_empty_continuation::RULE,
    &redundant_target_platform::RULE,
    &reserved_stage_name::RULE,
    &secrets_used_in_arg_or_env::RULE,
    &stage_name_casing::RULE,
    &undefined_arg_in_from::RULE,
    &undefined_var::RULE,
    &workdir_relative_path::RULE,
];

/// What a rule has to say about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which rule.
    pub rule: &'static Rule,
    /// As BuildKit words it.
    pub message: String,
    /// The very word; the whole instruction if `None`.
    pub span: Option<Span>,
    /// A mechanical mend.
    pub fix: Option<Fix>,
}

impl Warning {
    /// Without word and mend.
    pub fn new(rule: &'static Rule, message: String) -> Self {
        Self { rule, message, span: None, fix: None }
    }

    /// At a word of the instruction.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With a mend that replaces the word by another.
    #[must_use]
    pub fn replace(mut self, label: &'static str, span: Span, text: String) -> Self {
        self.fix = Some(Fix { label: label.into(), edits: vec![(span, text)] });
        self
    }
}
