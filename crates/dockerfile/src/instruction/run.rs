//! `RUN`: runs a command.

use super::cmd::{CommandLine, command_line};
use super::{Command, FlagSpec, Request, Shape, Spec, device, mount};
use crate::go::quote;
use crate::{Dialect, Word};

/// `RUN`
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// The command.
    pub line: CommandLine<'a>,
    /// What its flags say; most have none.
    flags: Option<Box<Flags<'a>>>,
}

/// The flags of `RUN`.
#[derive(Debug, Clone, Default)]
struct Flags<'a> {
    mounts: Vec<Word<'a>>,
    network: Option<Word<'a>>,
    security: Option<Word<'a>>,
    devices: Vec<Word<'a>>,
}

impl<'a> Run<'a> {
    /// `--mount=…`, each unparsed as BuildKit keeps them until variables are known; see [`mount::Mount::parse`].
    pub fn mounts(&self) -> &[Word<'a>] {
        self.flags.as_deref().map_or(&[], |flags| &flags.mounts)
    }

    /// `--network`
    pub fn network(&self) -> Option<&Word<'a>> {
        self.flags.as_deref()?.network.as_ref()
    }

    /// `--security`
    pub fn security(&self) -> Option<&Word<'a>> {
        self.flags.as_deref()?.security.as_ref()
    }

    /// `--device`; see [`device::Device::parse`].
    pub fn devices(&self) -> &[Word<'a>] {
        self.flags.as_deref().map_or(&[], |flags| &flags.devices)
    }
}

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "RUN",
    summary: "Run a command and keep what it changes.",
    syntax: "RUN [FLAGS] COMMAND or RUN [\"PROGRAM\", \"ARGUMENT\"…]",
    flags: &[
        FlagSpec::list(
            "mount",
            "Mount a directory, a cache or a secret while the command runs.",
            &["type=bind,", "type=cache,target=", "type=secret,id=", "type=ssh", "type=tmpfs,target="],
        )
        .in_legacy(),
        FlagSpec::text("network", "The network of the command.", &["default", "none", "host"]),
        FlagSpec::text("security", "The confinement of the command.", &["sandbox", "insecure"]),
        FlagSpec::list("device", "A device for the command.", &[]),
    ],
    shape: Shape::JsonOrText,
    parse,
};

fn parse<'a>(request: &mut Request<'_, 'a>) -> Option<Command<'a>> {
    request.flags()?;
    if request.node.flags.is_empty() {
        return Some(Command::Run(Run { line: command_line(request), flags: None }));
    }
    let before = request.problems.len();
    let devices = request.list("device");
    for word in &devices {
        if let Err(message) = device::Device::parse(&word.text) {
            request.problem("invalid-device", word.span, message);
        }
    }
    let mounts = request.list("mount");
    for word in &mounts {
        let checked = match request.dialect {
            Dialect::BuildKit => mount::check(&word.text),
            Dialect::Legacy => mount::check_legacy(&word.text),
        };
        if let Err(message) = checked {
            request.problem("invalid-mount", word.span, message);
        }
    }
    let network = request.text("network");
    if let Some(word) = network.as_ref().filter(|w| !matches!(w.text.as_ref(), "default" | "none" | "host")) {
        request.problem("invalid-network", word.span, format!("invalid network mode {}", quote(&word.text)));
    }
    let security = request.text("security");
    if let Some(word) = security.as_ref().filter(|w| !matches!(w.text.as_ref(), "sandbox" | "insecure")) {
        request.problem(
            "invalid-security",
            word.span,
            format!("security {} is not valid", quote(&word.text)),
        );
    }
    if request.problems.len() > before {
        return None;
    }
    let flags = Flags { mounts, network, security, devices };
    Some(Command::Run(Run { line: command_line(request), flags: Some(Box::new(flags)) }))
}
