//! The engine behind one asynchronous door: requests go in, responses come out. In the page it runs in a
//! worker; it keeps the latest simulation, and what it has sent of it.

mod message;

pub use message::{Answer, Ask, Format, Garbled, Past, ProjectMessage, Request, Response};

use crate::edit;
use crate::export;
use crate::source::Source;
use crate::state::Pane;
use crate::view::scene::Scene;
use crate::view::{self, CacheView, Look, PerBuilder, Sizes, View};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::{FileContent, Project};
use stagecraft_core::simulation::{Build, Builder};
use stagecraft_core::{Cache, simulate};

/// The engine.
#[derive(Debug)]
pub struct Engine {
    catalogue: Catalogue,
    project: Project,
    source: Source,
    builds: PerBuilder<Build>,
    /// What the next build finds.
    cache: Cache,
    /// The project whose build filled the cache, if one did.
    baseline: Option<Project>,
    revision: u64,
    look: Look,
    pane: Option<Pane>,
    /// What was sent, unless all is to be sent.
    sent: Option<View>,
    sizes: Sizes,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// Both builders' answers, and the cache after them.
fn run(project: &Project, catalogue: &Catalogue, cache: &Cache) -> (PerBuilder<Build>, Cache) {
    let (buildkit, cache) = simulate(project, Builder::BuildKit, catalogue, cache);
    let (legacy, cache) = simulate(project, Builder::Legacy, catalogue, &cache);
    (PerBuilder { buildkit, legacy }, cache)
}

impl Engine {
    /// With the built-in catalogue of images and nothing simulated yet.
    pub fn new() -> Self {
        Self::with_catalogue(Catalogue::builtin())
    }

    /// With another catalogue.
    pub fn with_catalogue(catalogue: Catalogue) -> Self {
        let project = Project::default();
        Self {
            catalogue,
            source: Source::of(&project),
            project,
            builds: PerBuilder::each(stagecraft_core::builder::empty),
            cache: Cache::default(),
            baseline: None,
            revision: 0,
            look: Look::default(),
            pane: None,
            sent: None,
            sizes: Sizes::default(),
        }
    }

    /// Answers a request.
    pub fn handle(&mut self, request: Request) -> Response {
        Response { id: request.id, answer: self.answer(request.ask) }
    }

    fn answer(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::Simulate { revision, past, project, look, pane } => {
                self.remember(past);
                (self.revision, self.look, self.pane) = (revision, look, pane);
                self.source = Source::of(&project);
                self.project = project;
                self.simulate()
            }
            Ask::Look(look, pane) => {
                (self.look, self.pane) = (look, pane);
                self.update()
            }
            Ask::Warm(warm) => {
                self.fill(warm.then(|| self.project.clone()));
                self.simulate()
            }
            Ask::Files { builder, step, query } => {
                // Taken out meanwhile, as the scene borrows all of the engine.
                let mut sizes = std::mem::take(&mut self.sizes);
                let view = view::files::build(self.scene(), builder, step, &query, &mut sizes);
                self.sizes = sizes;
                Answer::Files(view)
            }
            Ask::Trail { builder, step, path } => {
                Answer::Trail(view::trail::build(self.scene(), builder, step, &path))
            }
            Ask::Why { builder, step } => Answer::Why(view::why::build(self.scene(), builder, step)),
            Ask::Entries { builder, layer, first, count } => {
                Answer::Entries(view::entries::build(self.scene(), builder, layer, first, count))
            }
            Ask::Highlight(language, text) => Answer::Tokens(edit::highlight(language, &text)),
            Ask::Complete { text, offset } => {
                Answer::Completions(edit::complete(&self.with_text(text), &self.catalogue, offset))
            }
            Ask::Hover { text, offset } => {
                Answer::Hover(edit::hover(&self.with_text(text), &self.catalogue, offset))
            }
            Ask::WhatIf { before, after } => {
                let before = before.map_or_else(|| self.project.clone(), |message| message.0);
                Answer::WhatIf(what_if(&before, &after.0, &self.catalogue))
            }
            Ask::Measure(text) => {
                Answer::Measured(view::measured::build(&self.project, &self.catalogue, &text))
            }
            Ask::Image(name, bytes) => {
                match view::opened::open(&mut self.catalogue, &self.project, &self.builds, &name, &bytes) {
                    Ok(opened) => Answer::Image(opened),
                    Err(why) => Answer::Failed(why.into()),
                }
            }
            Ask::Export(format) => Answer::Export(export::export(self.scene(), format).into()),
            Ask::Archive => match crate::archive::pack(&self.project) {
                Ok(bytes) => Answer::Archive(bytes),
                Err(e) => Answer::Failed(e.to_string().into()),
            },
        }
    }

    fn remember(&mut self, past: Past) {
        let baseline = match past {
            Past::Kept => return,
            Past::Forgotten => None,
            Past::Built(message) => Some(message.0),
        };
        self.sent = None;
        self.fill(baseline);
    }

    /// Has the cache be as a build of this project leaves it, or empty.
    fn fill(&mut self, baseline: Option<Project>) {
        let built = baseline.as_ref().map(|project| run(project, &self.catalogue, &Cache::default()).1);
        self.cache = built.unwrap_or_default();
        self.baseline = baseline;
    }

    fn simulate(&mut self) -> Answer {
        self.builds = run(&self.project, &self.catalogue, &self.cache).0;
        self.sizes = Sizes::default();
        self.update()
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            project: &self.project,
            source: &self.source,
            builds: &self.builds,
            look: self.look,
            catalogue: &self.catalogue,
            baseline: self.baseline.as_ref(),
        }
    }

    /// Makes the slices that are looked at and answers with those that changed.
    fn update(&mut self) -> Answer {
        let new = View::of(self.scene(), self.pane, self.sent.as_ref());
        let slices = new.since(self.sent.as_ref());
        self.sent = Some(new);
        Answer::Update { revision: self.revision, pane: self.pane, slices }
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

/// "Change this and build again": what each builder takes from the cache that a build of `before` left when it
/// builds `after`, and why.
pub fn what_if(before: &Project, after: &Project, catalogue: &Catalogue) -> PerBuilder<CacheView> {
    let (_, cache) = run(before, catalogue, &Cache::default());
    let (builds, _) = run(after, catalogue, &cache);
    let source = Source::of(after);
    PerBuilder::each(|builder| view::cache::build(builds.of(builder), &source))
}

/// A drawing or the data of a project's builds as text, for front ends without a door.
pub fn export_project(project: &Project, catalogue: &Catalogue, look: Look, format: Format) -> String {
    let (builds, _) = run(project, catalogue, &Cache::default());
    let source = Source::of(project);
    export::export(
        Scene { project, source: &source, builds: &builds, look, catalogue, baseline: None },
        format,
    )
}
