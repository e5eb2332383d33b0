//! Something that the front end of `# syntax=` does not know yet.
//!
//! The directive names the version that reads the file. An older one refuses the flags of newer ones, and takes the
//! lines of a here-document for instructions. Versions as Docker's reference and the front end's releases name them.
//!
//! ```dockerfile
//! # bad
//! # syntax=docker/dockerfile:1.2
//! FROM alpine:3.22
//! COPY --link app /app
//! # good
//! # syntax=docker/dockerfile:1
//! FROM alpine:3.22
//! COPY --link app /app
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::diagnostic::Fix;
use stagecraft_dockerfile::{Instruction, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "NewerThanSyntax",
    description: "The front end that the file asks for does not know this yet",
    page: "",
    experimental: false,
};

/// Since which 1.x a flag is known, and since which with the suffix `-labs`.
#[rustfmt::skip]
const FLAGS: [(&str, &str, u32, u32); 15] = [
    ("ADD", "chmod", 2, 2), ("COPY", "chmod", 2, 2),
    ("ADD", "link", 4, 4), ("COPY", "link", 4, 4),
    ("ADD", "checksum", 6, 5), ("ADD", "keep-git-dir", 6, 5),
    ("ADD", "exclude", 19, 7), ("COPY", "exclude", 19, 7),
    ("COPY", "parents", 20, 7), ("ADD", "unpack", 17, 17),
    ("HEALTHCHECK", "start-interval", 6, 6),
    ("RUN", "mount", 2, 0), ("RUN", "network", 3, 0), ("RUN", "security", 20, 0), ("RUN", "device", u32::MAX, 14),
];
const HERE_DOCUMENT: (u32, u32) = (4, 3);

/// The front end's version: 1.x, with or without what is tried out in it.
#[derive(Clone, Copy)]
struct Version {
    minor: u32,
    labs: bool,
}

impl Version {
    /// `1.4`, `1.4.3`, `1.7-labs`, `1.0-experimental`; `None` for what moves (`1`, `labs`, `latest`) and for a digest.
    fn read(tag: &str) -> Option<Self> {
        let rest = tag.strip_prefix("1.")?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (minor, suffix) = rest.split_at_checked(end)?;
        let labs = suffix.ends_with("-labs") || suffix.ends_with("-experimental");
        Some(Self { minor: minor.parse().ok()?, labs })
    }

    fn knows(self, (stable, labs): (u32, u32)) -> bool {
        self.minor >= if self.labs { labs.min(stable) } else { stable }
    }
}

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let directive = view.file.directives.iter().find(|directive| directive.name == "syntax");
    let Some(value) = directive.map(|directive| &directive.value) else { return Vec::new() };
    let image = value.text.split(' ').next().unwrap_or_default();
    let Some((repository, tag)) = image.rsplit_once(':') else { return Vec::new() };
    if !repository.ends_with("docker/dockerfile") && !repository.ends_with("docker/dockerfile-upstream") {
        return Vec::new();
    }
    let Some(version) = Version::read(tag) else { return Vec::new() };
    let mut notes = Vec::new();
    for (index, instruction) in view.file.instructions.iter().enumerate() {
        for (what, span, since) in wanted(instruction) {
            if version.knows(since) {
                continue;
            }
            let newer = if since.0 == u32::MAX { "1-labs" } else { "1" };
            let fix = Fix {
                label: format!("Ask for {repository}:{newer}").into(),
                edits: vec![(value.span, value.text.replacen(image, &format!("{repository}:{newer}"), 1))],
            };
            notes.push(Note {
                severity: Severity::Warning,
                message: format!("{what} came with front end {}; this file asks for {tag}", told(since)),
                help: format!(
                    "{repository}:{tag} refuses this line. The build is shown with today's front end."
                )
                .into(),
                span,
                fix: (value.span.end - value.span.start == value.text.len() as u32).then_some(fix),
                instruction: Some(index),
            });
        }
    }
    notes
}

/// What of an instruction is not as old as the language, with the versions that brought it.
fn wanted<'i>(
    instruction: &'i Instruction<'_>,
) -> impl Iterator<Item = (String, stagecraft_dockerfile::Span, (u32, u32))> + use<'i> {
    let name = instruction.name().unwrap_or_default();
    let flags = instruction.flags.iter().filter_map(move |flag| {
        let word = flag.text.trim_start_matches('-').split('=').next().unwrap_or_default();
        let (.., stable, labs) = FLAGS.iter().find(|(of, flag, ..)| *of == name && *flag == word)?;
        Some((format!("{name} --{word}"), flag.span, (*stable, *labs)))
    });
    let document = instruction
        .heredocs
        .first()
        .map(|_| ("A here-document".to_owned(), instruction.keyword.span, HERE_DOCUMENT));
    flags.chain(document)
}

fn told((stable, labs): (u32, u32)) -> String {
    match stable {
        u32::MAX => format!("1.{labs}-labs"),
        _ if labs < stable && labs > 0 => format!("1.{stable} (1.{labs}-labs)"),
        _ => format!("1.{stable}"),
    }
}
