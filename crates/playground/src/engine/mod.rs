//! The engine behind one asynchronous door: requests go in, responses come out. In the page it runs in a
//! worker; it keeps the latest simulation, and what it has sent of it.

mod message;

pub use message::{Answer, Ask, Format, Garbled, ProjectMessage, Request, Response};

use crate::edit;
use crate::view::{Look, View};
use stagecraft_core::project::{FileContent, Project};

/// The engine.
#[derive(Debug, Default)]
pub struct Engine {
    project: Project,
    revision: u64,
    look: Look,
    sent: View,
}

impl Engine {
    /// With nothing simulated yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers a request.
    pub fn handle(&mut self, request: Request) -> Response {
        Response { id: request.id, answer: self.answer(request.ask) }
    }

    fn answer(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::Simulate { revision, project, look } => {
                (self.revision, self.project, self.look) = (revision, project, look);
                self.update()
            }
            Ask::Look(look) => {
                self.look = look;
                self.update()
            }
            Ask::Warm(_) => self.update(),
            Ask::Files { .. } => Answer::Files(crate::view::FilesView::default()),
            Ask::Trail { .. } => Answer::Trail(crate::view::TrailView::default()),
            Ask::Why { .. } => Answer::Why(crate::view::WhyView::default()),
            Ask::Entries { .. } => Answer::Entries(crate::view::FilesView::default()),
            Ask::Highlight(text) => Answer::Tokens(edit::highlight(&text)),
            Ask::Complete { text, offset } => {
                Answer::Completions(edit::complete(&self.with_text(text), offset))
            }
            Ask::Hover { text, offset } => Answer::Hover(edit::hover(&self.with_text(text), offset)),
            Ask::WhatIf { .. } => Answer::Failed("not yet".into()),
            Ask::Export(_) => Answer::Failed("not yet".into()),
            Ask::Archive => Answer::Failed("not yet".into()),
        }
    }

    fn update(&mut self) -> Answer {
        Answer::Update { revision: self.revision, slices: self.sent.replace(View::default()) }
    }

    /// The latest project with another text of its Dockerfile.
    fn with_text(&self, text: String) -> Project {
        let mut project = self.project.clone();
        if let Some(file) = project.files.get_mut(&self.project.dockerfile) {
            file.content = FileContent::Text(text);
        }
        project
    }
}
