//! The chosen Dockerfile as the views need it: each instruction's lines and text, in both dialects.

use crate::place::Index;
use crate::view::PerBuilder;
use stagecraft_core::project::{FileContent, Project};
use stagecraft_core::simulation::{Build, Builder, Step};
use stagecraft_dockerfile::{Command, Dialect, Span, parse};

/// An instruction of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// First and last line, from 1.
    pub(crate) lines: (u32, u32),
    /// In upper case.
    pub(crate) keyword: String,
    /// On one line.
    pub(crate) code: String,
    /// Of `FROM`, the base as written.
    pub(crate) base: Option<String>,
    /// Of `FROM`, the stage's name; empty without one.
    pub(crate) name: String,
    /// Where `COPY --from` or mounts take files from, as written; `COPY` and `ADD` without it have an empty
    /// one, which stands for the build context.
    pub(crate) takes: Vec<Take>,
    /// Of the base.
    pub(crate) span: Span,
}

/// What an instruction takes from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Take {
    /// A stage, an image or a context as written; empty for the build context.
    pub(crate) from: String,
    /// The paths as written.
    pub(crate) path: String,
    /// Only mounted.
    pub(crate) mount: bool,
}

/// An argument's declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) default: Option<String>,
    pub(crate) line: u32,
    pub(crate) global: bool,
}

/// The chosen Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Its path.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    items: PerBuilder<Vec<Item>>,
    /// Arguments in order of the file, each name once per kind.
    pub(crate) arguments: Vec<Declared>,
}

/// The builder's way of reading.
pub(crate) const fn dialect(builder: Builder) -> Dialect {
    match builder {
        Builder::BuildKit => Dialect::BuildKit,
        Builder::Legacy => Dialect::Legacy,
    }
}

impl Source {
    /// Reads a project's Dockerfile; an empty text where there is none.
    pub(crate) fn of(project: &Project) -> Self {
        let text = match project.files.get(&project.dockerfile).map(|file| &file.content) {
            Some(FileContent::Text(text)) => text.clone(),
            Some(FileContent::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        let items = PerBuilder::each(|builder| items(&text, builder));
        Self { path: project.dockerfile.clone(), arguments: arguments(&text), items, text }
    }

    /// An instruction by the number that a builder's steps and stages have.
    pub(crate) fn item(&self, builder: Builder, instruction: usize) -> Option<&Item> {
        self.items.of(builder).get(instruction)
    }

    /// All instructions as a builder reads them.
    pub(crate) fn items(&self, builder: Builder) -> &[Item] {
        self.items.of(builder)
    }

    /// The instruction of a step.
    pub(crate) fn of_step(&self, build: &Build, step: &Step) -> Option<&Item> {
        self.item(build.builder, step.instruction?)
    }

    /// Converts places.
    pub(crate) fn index(&self) -> Index<'_> {
        Index::new(&self.text)
    }
}

fn items(text: &str, builder: Builder) -> Vec<Item> {
    let file = parse(text, dialect(builder));
    let item = |instruction: &stagecraft_dockerfile::Instruction<'_>| {
        let base = match &instruction.command {
            Some(Command::From(from)) => Some(&from.base),
            _ => None,
        };
        Item {
            lines: instruction.lines,
            keyword: instruction.keyword.text.to_ascii_uppercase(),
            code: crate::words::title(&instruction.original.text()),
            span: base.map_or(instruction.span, |b| b.span),
            base: base.map(|b| b.text.to_string()),
            name: match &instruction.command {
                Some(Command::From(from)) => {
                    from.name.as_ref().map_or_else(String::new, |n| n.text.to_string())
                }
                _ => String::new(),
            },
            takes: takes(instruction.command.as_ref()),
        }
    };
    file.instructions.iter().map(item).collect()
}

fn takes(command: Option<&Command<'_>>) -> Vec<Take> {
    match command {
        Some(Command::Copy(copy) | Command::Add(copy)) if !copy.sources.is_empty() => {
            let path: Vec<&str> = copy.sources.iter().map(|w| &*w.text).collect();
            let from = copy.from.as_ref().map_or_else(String::new, |w| w.text.to_string());
            vec![Take { from, path: path.join(" "), mount: false }]
        }
        Some(Command::Run(run)) => run.mounts().iter().filter_map(|mount| mounted(&mount.text)).collect(),
        _ => Vec::new(),
    }
}

/// What a bind mount takes; other mounts take nothing unless they say from where.
fn mounted(value: &str) -> Option<Take> {
    let field = |names: &[&str]| {
        let found = value.split(',').filter_map(|f| f.split_once('=')).find(|(name, _)| names.contains(name));
        found.map(|(_, v)| v.to_owned())
    };
    let from = field(&["from"]);
    let bind = field(&["type"]).is_none_or(|kind| kind == "bind");
    (bind || from.is_some()).then(|| Take {
        from: from.unwrap_or_default(),
        path: field(&["source", "src"]).unwrap_or_else(|| "/".to_owned()),
        mount: true,
    })
}

fn arguments(text: &str) -> Vec<Declared> {
    let mut found: Vec<Declared> = Vec::new();
    let mut global = true;
    for instruction in &parse(text, Dialect::BuildKit).instructions {
        match &instruction.command {
            Some(Command::From(_)) => global = false,
            Some(Command::Arg(pairs)) => {
                for pair in pairs {
                    if !found.iter().any(|d| d.name == pair.key.text && d.global == global) {
                        found.push(Declared {
                            name: pair.key.text.to_string(),
                            default: pair.value.as_ref().map(|v| v.text.to_string()),
                            line: instruction.lines.0,
                            global,
                        });
                    }
                }
            }
            _ => {}
        }
    }
    found
}
