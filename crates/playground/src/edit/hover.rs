//! What the word under the pointer means.

use super::scope::Scope;
use crate::place::{Index, Range};
use crate::text::{Goto, Phrase};
use crate::words;
use serde::{Deserialize, Serialize};
use stagecraft_core::catalogue::{Catalogue, Knowledge, is_windows};
use stagecraft_core::project::Project;
use stagecraft_dockerfile::instruction::spec;
use stagecraft_dockerfile::tokens::{TokenKind, tokens};
use stagecraft_dockerfile::{Dialect, Instruction, parse};

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hover {
    /// The word that is explained.
    pub range: Range,
    /// One paragraph each.
    pub paragraphs: Vec<Phrase>,
}

/// What stands at `offset` of the project's Dockerfile.
pub fn hover(project: &Project, catalogue: &Catalogue, offset: u32) -> Option<Hover> {
    let text = super::dockerfile(project);
    let index = Index::new(&text);
    let at = index.byte(offset);
    let file = parse(&text, Dialect::BuildKit);
    let (span, kind) =
        tokens(&file, &text).into_iter().find(|(span, _)| span.start <= at && at < span.end)?;
    let word = text.get(span.start as usize..span.end as usize)?;
    let instruction = file.instructions.iter().find(|i| i.span.start <= at && at <= i.span.end)?;
    let scope = Scope::at(&file, instruction);
    let paragraphs = match kind {
        TokenKind::Keyword => keyword(word)?,
        TokenKind::Flag => flag(instruction, word)?,
        TokenKind::Variable => vec![variable(project, &scope, word)?],
        TokenKind::Stage => {
            let known = scope.stages.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
            let goto = Some(Goto::Line(known.1));
            vec![
                Phrase::new()
                    .plain("Stage ")
                    .strong(word)
                    .plain(", ")
                    .plain_to(&format!("line {}", known.1), goto),
            ]
        }
        TokenKind::Image => image(project, catalogue, word)?,
        _ => return None,
    };
    Some(Hover { range: index.range(span), paragraphs })
}

fn keyword(word: &str) -> Option<Vec<Phrase>> {
    let spec = spec(word)?;
    Some(vec![Phrase::new().plain(spec.summary), Phrase::new().code(spec.syntax)])
}

fn flag(instruction: &Instruction<'_>, word: &str) -> Option<Vec<Phrase>> {
    let name = word.trim_start_matches('-').split('=').next()?;
    let flag = spec(&instruction.keyword.text)?.flags.iter().find(|flag| flag.name == name)?;
    let mut paragraphs = vec![Phrase::new().plain(flag.summary)];
    if !flag.legacy {
        paragraphs.push(Phrase::new().plain("The legacy builder does not know this flag."));
    }
    Some(paragraphs)
}

fn variable(project: &Project, scope: &Scope, word: &str) -> Option<Phrase> {
    let start = word.trim_start_matches(['$', '{']);
    let end = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(start.len());
    let name = start.get(..end).filter(|n| !n.is_empty())?;
    let given = project.build_args.iter().rev().find(|(n, _)| n == name);
    let told = Phrase::new().code(name);
    Some(match (given, scope.variables.get(name), scope.global.get(name)) {
        (Some((_, value)), Some(_), _) => {
            told.plain(" is set to ").code(value).plain(" by ").code("--build-arg").plain(".")
        }
        (_, Some(value), _) if value.is_empty() => {
            told.plain(" has no default: it is empty unless it is given.")
        }
        (_, Some(value), _) => told.plain(" is ").code(value).plain("."),
        (_, None, Some(_)) => told
            .plain(" is declared before the first ")
            .code("FROM")
            .plain(" only: it is empty here until the stage says ")
            .code(&format!("ARG {name}"))
            .plain("."),
        (_, None, None) => return None,
    })
}

fn image(project: &Project, catalogue: &Catalogue, word: &str) -> Option<Vec<Phrase>> {
    if word.contains('$') || word == "scratch" {
        return (word == "scratch")
            .then(|| vec![Phrase::new().plain("The empty image: no shell, no files.")]);
    }
    let own = project.images.iter().any(|i| i.reference == word);
    let with_own;
    let catalogue = if own {
        with_own = catalogue.clone().with(&project.images);
        &with_own
    } else {
        catalogue
    };
    let base = catalogue.resolve(word)?;
    let size = words::bytes(base.size);
    let mut paragraphs = vec![match &base.knowledge {
        Knowledge::Unknown if is_windows(word) => {
            Phrase::new().code(word).plain(" is an image of Windows, which is not simulated.")
        }
        Knowledge::Unknown => {
            Phrase::new().code(word).plain(" is not in the catalogue: what is in it is not known.")
        }
        _ => Phrase::new().code(word).plain(" · ").strong(&size),
    }];
    match &base.knowledge {
        Knowledge::Nearest { reference, date } => {
            paragraphs.push(
                Phrase::new()
                    .plain("The figures are those of ")
                    .code(reference)
                    .plain(&format!(" of {date}: this tag has none of its own.")),
            );
        }
        Knowledge::Known { date, estimated, .. } => {
            let how = if *estimated { "estimated" } else { "measured" };
            paragraphs.push(Phrase::new().plain(&format!("As of {date}, {how}.")));
        }
        Knowledge::Defined => paragraphs.push(Phrase::new().plain("Defined in this project.")),
        Knowledge::Saved { id } => {
            let short = id.get(..19).unwrap_or(id);
            paragraphs
                .push(Phrase::new().plain("From an archive that was opened here: ").code(short).plain("."));
        }
        Knowledge::Unknown => {}
    }
    if !base.package_manager.is_empty() && base.package_manager != "none" {
        paragraphs.push(Phrase::new().plain("Package manager: ").code(&base.package_manager).plain("."));
    }
    Some(paragraphs)
}
