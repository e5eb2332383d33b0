//! What each action does to the state: pure, so that it can be tested without a browser.

use super::edit::{Change, plan};
use super::{Action, Engine, Job, Notice, State};
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::Builder;
use stagecraft_playground::place::Index;
use stagecraft_playground::state::ViewState;
use stagecraft_playground::text::Goto;
use stagecraft_playground::view::{Edit as TextEdit, Slice, View};
use std::rc::Rc;
use yew::Reducible;

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        next.apply(action);
        Rc::new(next)
    }
}

impl State {
    /// Does what the action says.
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Edit(edit, now) => {
                let renamed = match &edit {
                    super::Edit::Rename { from, to } => super::edit::moved(&self.file, from, to),
                    _ => None,
                };
                let typed = matches!(&edit, super::Edit::Type { path, .. } if *path == self.file);
                if let Some(change) = plan(&self.project, edit) {
                    self.warm = false;
                    self.typing = typed;
                    if let Some(file) = renamed {
                        self.file = file;
                    }
                    self.put(change.redo(&self.project), &change, !typed);
                    self.history.push(change, now);
                }
            }
            Action::Undo => {
                if let Some(change) = self.history.undo() {
                    self.put(change.undo(&self.project), &change, true);
                    self.show(&change, false);
                }
            }
            Action::Redo => {
                if let Some(change) = self.history.redo() {
                    self.put(change.redo(&self.project), &change, true);
                    self.show(&change, true);
                }
            }
            Action::Open(opened) => {
                if let Some(change) = plan(&self.project, super::Edit::Open(Rc::clone(&opened.project))) {
                    self.put(change.redo(&self.project), &change, true);
                    self.history.push(change, opened.now);
                }
                self.file.clone_from(&self.project.dockerfile);
                self.epoch += 1;
                self.openings += 1;
                self.playing = false;
                self.selected = None;
                self.warm = false;
                self.at = None;
                self.example = None;
                self.note = "".into();
                if let Some(view) = opened.view {
                    self.apply_view(view);
                }
            }
            Action::File(path) => {
                if self.file != path {
                    self.file = path;
                    self.epoch += 1;
                }
            }
            Action::Example(name, note) => {
                self.example = Some(name);
                self.note = note;
            }
            Action::CloseNote => self.note = "".into(),
            Action::Cursor(file, line) => {
                if file == self.project.dockerfile {
                    self.go_to_line(line);
                }
            }
            Action::Look(look) => {
                self.look = look;
                self.selected = None;
                if self.at.is_some_and(|(builder, _)| !look.shows(builder)) {
                    self.at = self.counterpart();
                }
            }
            Action::Go(at) => self.go(at),
            Action::Goto(Goto::Step(builder, step)) => self.go((builder, step)),
            Action::Goto(Goto::Line(line)) => self.go_to_line(line),
            Action::Job(job) => self.job(job),
            Action::Pane(pane) => self.pane = pane,
            Action::OnlyChanges(only) => {
                self.files.only_changes = only;
                self.files.first = 0;
            }
            Action::Unfold(path, open) => {
                let (into, from) = if open {
                    (&mut self.files.open, &mut self.files.closed)
                } else {
                    (&mut self.files.closed, &mut self.files.open)
                };
                into.insert(path.to_string());
                from.remove(&*path);
            }
            Action::Window(first) => self.files.first = first,
            Action::Select(path) => self.selected = path,
            Action::Answer(revision, pane, slices) => {
                self.answered = revision;
                self.answered_pane = pane;
                self.answers = self.answers.wrapping_add(1);
                self.engine = Engine::Ready;
                self.answer(slices);
            }
            Action::Release => self.held = None,
            Action::Engine(engine) => self.engine = engine,
            Action::Place(file, offset) => {
                if self.file != file {
                    self.file = file;
                    self.epoch += 1;
                }
                self.place = Some((self.place.map_or(0, |(n, _)| n) + 1, offset));
            }
            Action::Fix(file, edits, now) => {
                let mended = self.text(&file).map(|text| mend(text, &edits));
                if let Some((text, mode)) = mended.zip(self.project.files.get(&file).map(|file| file.mode)) {
                    let file_after = ContextFile { content: FileContent::Text(text), mode };
                    self.apply(Action::Edit(super::Edit::Put(vec![(file, file_after)]), now));
                }
            }
            Action::Warm(warm) => self.warm = warm,
            Action::Present => self.present = !self.present,
            Action::Say(text, bad) => {
                self.n_notices += 1;
                let notices = Rc::make_mut(&mut self.notices);
                notices.retain(|notice| notice.text != text);
                notices.push(Notice { id: self.n_notices, text, bad });
            }
            Action::Dismiss(id) => Rc::make_mut(&mut self.notices).retain(|notice| notice.id != id),
        }
    }
}

/// A text after replacements, which are disjoint and in order; offsets are UTF-16 units.
fn mend(text: &str, edits: &[TextEdit]) -> String {
    let index = Index::new(text);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        let (from, to) = (index.byte(edit.range.from) as usize, index.byte(edit.range.to) as usize);
        out.push_str(text.get(at..from).unwrap_or_default());
        out.push_str(&edit.insert);
        at = to.max(at);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

impl State {
    /// Looks at what a link or the store says.
    pub fn apply_view(&mut self, view: ViewState) {
        self.look = view.look;
        self.at = view.step;
        self.pane = view.pane;
        self.warm = view.warm;
        self.note = view.note.into();
        if let Some(file) = view.file.filter(|file| self.project.files.contains_key(file)) {
            self.file = file;
            self.epoch += 1;
        }
    }

    /// Takes an answer up. The first one that half a line stops leaves graph and timeline as they are.
    fn answer(&mut self, slices: Vec<Slice>) {
        let fails = |view: &View| view.summary.builders.first().is_some_and(|first| first.error.is_some());
        let before = Rc::clone(&self.view);
        Rc::make_mut(&mut self.view).apply(slices);
        if !self.typing || !fails(&self.view) {
            self.held = None;
        } else if self.held.is_none() && !fails(&before) {
            self.held = Some(before);
        }
    }

    fn put(&mut self, project: Project, change: &Change, anew: bool) {
        self.typing &= !anew;
        self.project = Rc::new(project);
        self.revision += 1;
        if anew {
            self.epoch += 1;
        }
        self.follow(change);
    }

    /// Keeps the open file open under its new name, and goes back to the Dockerfile where it is gone.
    fn follow(&mut self, change: &Change) {
        if let Change::Settings { .. } = change {
            return;
        }
        if !self.project.files.contains_key(&self.file) && !self.is_expected(&self.file) {
            self.file.clone_from(&self.project.dockerfile);
            self.epoch += 1;
        }
    }

    /// Files that the editor shows although they are not there yet.
    fn is_expected(&self, path: &str) -> bool {
        path == self.project.dockerfile || path.ends_with(".dockerignore")
    }

    /// After undo and redo, the file that changed is the one to look at.
    fn show(&mut self, change: &Change, forward: bool) {
        if let Change::Files(files) = change
            && let Some(file) =
                files.iter().find(|file| if forward { &file.after } else { &file.before }.is_some())
            && !files.iter().any(|file| file.path == self.file)
        {
            self.file.clone_from(&file.path);
        }
    }

    fn go(&mut self, at: super::At) {
        self.at = Some(at);
        self.playing = false;
        if !self.look.shows(at.0) {
            self.look = stagecraft_playground::view::Look::SideBySide;
        }
    }

    fn go_to_line(&mut self, line: u32) {
        let lines = Rc::clone(&self.upper().lines);
        let Some(lines) = lines.steps.iter().find(|lines| (lines.first..=lines.last).contains(&line)) else {
            return;
        };
        let now = self.current().map_or_else(|| self.look.first(), |(builder, _)| builder);
        let other = if now == Builder::BuildKit { Builder::Legacy } else { Builder::BuildKit };
        let found = [now, other]
            .into_iter()
            .filter(|builder| self.look.shows(*builder))
            .find_map(|builder| lines.steps.of(builder).map(|step| (builder, step)));
        if let Some(at) = found {
            self.go(at);
        }
    }

    /// The step of the builder now looked at that stands for the same instruction, or none.
    fn counterpart(&self) -> Option<super::At> {
        let (builder, step) = self.at?;
        let lines = self.upper().lines.steps.iter().find(|lines| *lines.steps.of(builder) == Some(step))?;
        let other = self.look.first();
        lines.steps.of(other).map(|step| (other, step))
    }

    fn job(&mut self, job: Job) {
        let Some((now, _)) = self.tick() else {
            self.playing = false;
            return;
        };
        let last = self.upper().steps.ticks.len().saturating_sub(1);
        let to = match job {
            Job::First => 0,
            Job::Back => now.saturating_sub(1),
            Job::Forward | Job::Beat => (now + 1).min(last),
            Job::Last => last,
            Job::Tick(to) => to.min(last),
            Job::Play => {
                self.playing = !self.playing;
                // Played to its end, it begins again.
                if self.playing && now == last { 0 } else { now }
            }
        };
        self.playing = match job {
            Job::Play => self.playing && last > 0,
            Job::Beat => self.playing && to < last,
            _ => false,
        };
        self.at = self.upper().steps.ticks.get(to).map(|tick| (tick.builder, tick.step));
    }
}
