//! `COPY`: copies files from the context, a stage or an image.

use super::{Command, FlagSpec, Request, Shape, Spec};
use crate::heredoc::{self, Heredoc, has_mark};
use crate::{Dialect, Span, Word, Words};
use std::borrow::Cow;

/// `COPY` and `ADD`.
#[derive(Debug, Clone, Default)]
pub struct Copy<'a> {
    /// Sources that are paths (or, for `ADD`, addresses); here-documents are in `contents`.
    pub sources: Words<'a>,
    /// Sources that are here-documents, in order.
    pub contents: Vec<Inline<'a>>,
    /// The destination.
    pub destination: Word<'a>,
    /// `--from`
    pub from: Option<Word<'a>>,
    /// `--chown`
    pub chown: Option<Word<'a>>,
    /// `--chmod`
    pub chmod: Option<Word<'a>>,
    /// `--link`
    pub link: bool,
    /// `--parents`
    pub parents: bool,
    /// `--exclude`, repeated.
    pub exclude: Vec<Word<'a>>,
    /// `ADD --checksum`
    pub checksum: Option<Word<'a>>,
    /// `ADD --keep-git-dir`
    pub keep_git_dir: Option<bool>,
    /// `ADD --unpack`
    pub unpack: Option<bool>,
}

/// A here-document as a source: a file with this name and content (BuildKit `SourceContent`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inline<'a> {
    /// The file's name: the delimiter.
    pub path: Cow<'a, str>,
    /// The content, leading tabs already removed where `<<-` asks for it.
    pub data: Cow<'a, str>,
    /// Whether variables in it are expanded.
    pub expand: bool,
    /// Where the `<<NAME` stands.
    pub span: Span,
}

pub(super) const CHOWN: FlagSpec =
    FlagSpec::text("chown", "Owner of what is written.", &["root:root", "1000:1000"]).in_legacy();
pub(super) const CHMOD: FlagSpec =
    FlagSpec::text("chmod", "Permissions of what is written.", &["644", "755", "u=rwX,go=rX"]).in_legacy();
pub(super) const LINK: FlagSpec =
    FlagSpec::switch("link", "Make a layer of its own that does not look at what lies below.");
pub(super) const EXCLUDE: FlagSpec =
    FlagSpec::list("exclude", "Leave out files that match the pattern.", &["*.md"]);

/// What is known of the instruction.
pub static SPEC: Spec = Spec {
    name: "COPY",
    summary: "Copy files and directories from the build context, a stage or an image.",
    syntax: "COPY [FLAGS] SOURCE… DESTINATION",
    flags: &[
        FlagSpec::text("from", "Copy from a stage, an image or a named context.", &[]).in_legacy(),
        CHOWN,
        CHMOD,
        LINK,
        FlagSpec::switch("parents", "Keep the parent directories of the sources."),
        EXCLUDE,
    ],
    shape: Shape::JsonOrWords,
    parse: |request| sources(request).map(|copy| Command::Copy(Box::new(copy))),
};

/// Reads what `COPY` and `ADD` share.
pub(super) fn sources<'a>(request: &mut Request<'_, 'a>) -> Option<Copy<'a>> {
    if request.node.args.len() < 2 {
        request.lacking(
            "requires at least two arguments, but only one was provided. Destination could not be determined",
        )?;
    }
    request.flags()?;
    let destination = request.node.args.pop()?;
    let mut contents = Vec::new();
    if request.dialect == Dialect::BuildKit {
        if heredoc::parse(&destination.text).is_ok_and(|found| found.is_some()) {
            let message = format!("{} cannot accept a heredoc as a destination", request.spec.name);
            request.problem("heredoc-destination", destination.span, message);
            return None;
        }
        if has_mark(request.line.text) {
            let heredocs = request.heredocs;
            request.node.args.retain(|word| match heredoc::parse(&word.text) {
                Ok(Some(found)) => {
                    contents.push(inline(found, word.span, heredocs));
                    false
                }
                _ => true,
            });
        }
    }
    Some(Copy {
        sources: Words::take(&mut request.node.args),
        contents,
        destination,
        from: request.text("from"),
        chown: request.text("chown"),
        chmod: request.text("chmod"),
        link: request.switch("link") == Some(true),
        parents: request.switch("parents") == Some(true),
        exclude: request.list("exclude"),
        checksum: request.text("checksum"),
        keep_git_dir: request.switch("keep-git-dir"),
        unpack: request.switch("unpack"),
    })
}

/// The content is that of the last here-document of the name; none where the words are in JSON form.
fn inline<'a>(found: heredoc::Delimiter, span: Span, all: &[Heredoc<'a>]) -> Inline<'a> {
    let data = match all.iter().rfind(|doc| doc.name == found.name) {
        Some(doc) if found.chomp => heredoc::chomp(&doc.content),
        Some(doc) => doc.content.clone(),
        None => Cow::Borrowed(""),
    };
    Inline { path: Cow::Owned(found.name), data, expand: found.expand, span }
}
