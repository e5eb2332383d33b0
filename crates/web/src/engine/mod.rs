//! The page's side of the engine's door: questions go out, answers come back in order, and only the newest text
//! is simulated.

mod answer;
mod near;
mod port;
mod worker;

use crate::state::{Action, Dispatch, Engine as Health};
use port::Port;
use stagecraft_core::project::Project;
use stagecraft_playground::engine::{Answer, Ask, Past, ProjectMessage, Request, Response};
use stagecraft_playground::state::Pane;
use stagecraft_playground::view::Look;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

type Then = Box<dyn FnOnce(Answer)>;

/// Up to how many milliseconds a simulation may take for the next one to be made beside the page: as long as nobody
/// feels it while they type.
const QUICK: f64 = 8.0;

/// Where questions are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// In a worker.
    Worker,
    /// Beside the page, in its thread.
    Near,
}

/// Asks the engine. Clones ask the same engine; compares by identity.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    dispatch: Dispatch,
    /// `None` where no worker can be had, or until it is started again.
    worker: RefCell<Option<Port>>,
    near: RefCell<Option<Port>>,
    no_worker: Cell<bool>,
    home: Cell<Home>,
    /// The engine at home knows the latest project.
    knows: Cell<bool>,
    /// How many milliseconds the latest simulation took.
    took: Cell<f64>,
    waiting: RefCell<BTreeMap<u32, Then>>,
    next: Cell<u32>,
    /// How many answers are on their way that change the view, beside that of a simulation.
    updating: Cell<u32>,
    /// A simulation is on its way: its number. What came up meanwhile waits, and only the newest of it.
    busy: Cell<Option<u32>>,
    pending: RefCell<Option<(u32, Rc<Project>)>>,
    last: RefCell<Option<(u32, Rc<Project>)>>,
    /// The project whose build filled the cache.
    baseline: RefCell<Option<Rc<Project>>>,
    /// The project as it was opened.
    opened: RefCell<Option<Rc<Project>>>,
    /// The build whose results the next one finds in the cache.
    kept: RefCell<Option<Rc<Project>>>,
    look: Cell<(Look, Pane)>,
    /// Archives with images that a person opened: a fresh engine needs them again.
    images: RefCell<Vec<Rc<Archive>>>,
    /// How many archives are being read.
    reading: Cell<u32>,
}

/// What it is called, and its bytes.
pub type Archive = (String, Vec<u8>);

impl Client {
    /// Starts an engine in a worker where there can be one, and one beside the page.
    pub fn new(dispatch: Dispatch) -> Self {
        let client = Self(Rc::new(Inner {
            dispatch,
            worker: RefCell::default(),
            near: RefCell::default(),
            no_worker: Cell::new(false),
            home: Cell::new(Home::Worker),
            knows: Cell::new(false),
            took: Cell::new(f64::MAX),
            waiting: RefCell::default(),
            next: Cell::new(1),
            updating: Cell::default(),
            busy: Cell::default(),
            pending: RefCell::default(),
            last: RefCell::default(),
            baseline: RefCell::default(),
            opened: RefCell::default(),
            kept: RefCell::default(),
            look: Cell::default(),
            images: RefCell::default(),
            reading: Cell::default(),
        }));
        client.start(Home::Worker);
        client.start(Home::Near);
        client
    }

    fn start(&self, home: Home) {
        let (receive, broken) = (Rc::downgrade(&self.0), Rc::downgrade(&self.0));
        let port = Port::new(
            move |bytes, took| {
                if let Some(inner) = receive.upgrade() {
                    Self(inner).receive(&bytes, took);
                }
            },
            move |never_stood| {
                if let Some(inner) = broken.upgrade() {
                    Self(inner).broke(home, never_stood);
                }
            },
            |inside| match home {
                Home::Worker => worker::start(inside),
                Home::Near => near::start(inside, self.0.no_worker.get()),
            },
        );
        // Where there was no worker, that is known by now.
        if home == Home::Near || !self.0.no_worker.get() {
            if home == self.heavy() {
                for image in &*self.0.images.borrow() {
                    let ask = Ask::Image(image.0.clone(), image.1.clone());
                    if let Ok(bytes) = (Request { id: self.number(), ask }).encode() {
                        port.send(bytes); // what it answers is known
                    }
                }
            }
            self.port(home).replace(Some(port));
        }
    }

    /// Where the engine is that has what is too much to have twice.
    fn heavy(&self) -> Home {
        if self.0.no_worker.get() { Home::Near } else { Home::Worker }
    }

    fn number(&self) -> u32 {
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        id
    }

    /// Gives the engine an archive. Where it holds an image, that is kept, and the project is simulated with it.
    pub fn image(&self, archive: Archive, then: impl FnOnce(Answer, &Archive) + 'static) {
        let heavy = self.heavy();
        if self.0.home.replace(heavy) != heavy {
            self.0.knows.set(false);
        }
        self.0.reading.set(self.0.reading.get() + 1);
        let (client, archive) = (self.clone(), Rc::new(archive));
        self.ask(Ask::Image(archive.0.clone(), archive.1.clone()), move |answer| {
            client.0.reading.set(client.0.reading.get().saturating_sub(1));
            let holds = matches!(answer, Answer::Image(Some(_)));
            if holds {
                client.0.images.borrow_mut().push(Rc::clone(&archive));
            }
            then(answer, &archive);
            if holds {
                let last = client.0.last.borrow().clone();
                if let Some((revision, project)) = last {
                    client.simulate(revision, project);
                }
            }
        });
    }

    fn port(&self, home: Home) -> &RefCell<Option<Port>> {
        match home {
            Home::Worker => &self.0.worker,
            Home::Near => &self.0.near,
        }
    }

    /// Where the next simulation is to be made. Nothing moves while an answer that would change the view is on its way.
    fn choose(&self) -> Home {
        if self.0.no_worker.get() || self.0.reading.get() > 0 || !self.0.images.borrow().is_empty() {
            return self.heavy();
        }
        if self.0.updating.get() > 0 {
            return self.0.home.get();
        }
        let stands = self.0.near.borrow().as_ref().is_some_and(Port::is_open);
        if stands && self.0.took.get() <= QUICK { Home::Near } else { Home::Worker }
    }

    /// Asks, and hands over the answer when it comes. What is asked of an engine that breaks off is forgotten.
    pub fn ask(&self, ask: Ask, then: impl FnOnce(Answer) + 'static) {
        if !self.0.knows.get() {
            // A fresh engine knows nothing: it gets the project first.
            let again = self.0.last.borrow().clone();
            if let Some((revision, project)) = again {
                self.simulate(revision, project);
            }
        }
        self.send(ask, then);
    }

    fn send(&self, ask: Ask, then: impl FnOnce(Answer) + 'static) -> u32 {
        let (id, home) = (self.number(), self.0.home.get());
        if self.port(home).borrow().is_none() {
            self.0.dispatch.dispatch(Action::Engine(Health::Starting));
            self.start(home);
        }
        match (Request { id, ask }).encode() {
            Ok(bytes) => {
                self.0.waiting.borrow_mut().insert(id, Box::new(then));
                if let Some(port) = &*self.port(self.0.home.get()).borrow() {
                    port.send(bytes);
                }
            }
            Err(garbled) => self.0.dispatch.dispatch(Action::Say(garbled.to_string().into(), true)),
        }
        id
    }

    /// Simulates a project, now or as soon as the simulation under way is done.
    pub fn simulate(&self, revision: u32, project: Rc<Project>) {
        // The build that was kept is the one before, once something is changed.
        let kept = self.0.kept.borrow().clone();
        if let Some(kept) = kept.filter(|kept| **kept != *project) {
            self.0.kept.replace(None);
            self.0.baseline.replace(Some(kept));
            self.0.knows.set(false);
        }
        self.0.last.replace(Some((revision, Rc::clone(&project))));
        if self.0.busy.get().is_some() {
            self.0.pending.replace(Some((revision, project)));
            return;
        }
        let home = self.choose();
        let knows = self.0.home.replace(home) == home && self.0.knows.replace(true);
        let past = match &*self.0.baseline.borrow() {
            _ if knows => Past::Kept,
            None => Past::Forgotten,
            Some(project) => Past::Built(Box::new(ProjectMessage(Project::clone(project)))),
        };
        let (look, pane) = self.0.look.get();
        let project = Project::clone(&project);
        let ask = Ask::Simulate { revision: u64::from(revision), past, project, look, pane: Some(pane) };
        let client = self.clone();
        let id = self.send(ask, move |answer| {
            client.0.busy.set(None);
            client.update(answer);
            let pending = client.0.pending.borrow_mut().take();
            if let Some((revision, project)) = pending {
                client.simulate(revision, project);
            }
        });
        self.0.busy.set(Some(id));
    }

    /// Looks at other builders, or at another pane.
    pub fn look(&self, look: Look, pane: Pane) {
        if self.0.look.replace((look, pane)) != (look, pane) && self.0.last.borrow().is_some() {
            self.refresh(Ask::Look(look, Some(pane)));
        }
    }

    fn refresh(&self, ask: Ask) {
        self.0.updating.set(self.0.updating.get() + 1);
        let client = self.clone();
        self.ask(ask, move |answer| {
            client.0.updating.set(client.0.updating.get().saturating_sub(1));
            client.update(answer);
        });
    }

    /// Another project is worked with from now on. Its cache is empty, or as a build of it leaves it.
    pub fn begin(&self, project: Rc<Project>, warm: bool) {
        self.0.baseline.replace(warm.then(|| Rc::clone(&project)));
        self.0.opened.replace(Some(project));
        self.0.kept.replace(None);
        self.0.knows.set(false);
    }

    /// Builds with the cache of the build before, and keeps what this one leaves in it for the next; or empties the cache.
    /// Where nothing was built before, that was the project as it was opened. Answers whether all is found in the cache now.
    pub fn warm(&self, warm: bool) -> bool {
        let Some((revision, latest)) = self.0.last.borrow().clone() else { return false };
        let kept = self.0.kept.take();
        let before = if kept.is_some() { kept } else { self.0.baseline.borrow().clone() };
        let is_first = before.is_none();
        let before = before.or_else(|| self.0.opened.borrow().clone());
        if let Some(before) = before.filter(|before| warm && **before != *latest) {
            self.0.kept.replace(Some(Rc::clone(&latest)));
            if is_first {
                self.0.baseline.replace(Some(before));
                self.0.knows.set(false);
                self.simulate(revision, latest);
            }
            return false;
        }
        self.0.baseline.replace(Some(latest).filter(|_| warm));
        self.refresh(Ask::Warm(warm));
        warm
    }

    fn update(&self, answer: Answer) {
        match answer {
            Answer::Update { revision, pane, slices } => {
                let revision = u32::try_from(revision).unwrap_or_default();
                self.0.dispatch.dispatch(Action::Answer(revision, pane, slices));
            }
            Answer::Failed(text) => self.0.dispatch.dispatch(Action::Say(text.into(), true)),
            _ => {}
        }
    }

    fn receive(&self, bytes: &[u8], took: f64) {
        match Response::decode(bytes) {
            Ok(Response { id, answer }) => {
                if self.0.busy.get() == Some(id) {
                    self.0.took.set(took);
                }
                let then = self.0.waiting.borrow_mut().remove(&id);
                if let Some(then) = then {
                    then(answer);
                }
            }
            Err(garbled) => self.0.dispatch.dispatch(Action::Say(garbled.to_string().into(), true)),
        }
    }

    /// An engine broke off, or never stood. The text is kept; the next question starts a new engine.
    fn broke(&self, home: Home, never_stood: bool) {
        self.port(home).replace(None);
        if never_stood && home == Home::Near && !self.0.no_worker.get() {
            return; // the worker does it all
        }
        self.0.waiting.borrow_mut().clear();
        self.0.updating.set(0);
        self.0.reading.set(0);
        self.0.busy.set(None);
        self.0.pending.replace(None);
        self.0.knows.set(false);
        self.0.took.set(f64::MAX);
        if never_stood && home == Home::Worker {
            self.0.no_worker.set(true);
            self.0.near.replace(None);
            // What the worker was to simulate.
            let last = self.0.last.borrow().clone();
            if let Some((revision, project)) = last {
                self.simulate(revision, project);
            }
            return;
        }
        self.0.dispatch.dispatch(Action::Engine(Health::Failed));
        if home == Home::Near && !never_stood {
            self.start(Home::Near);
        }
    }
}

/// What the engine answers to a question that follows `key`; the answer before stays until the new one is there.
#[hook]
pub fn use_asked<K, T>(
    key: K,
    question: impl Fn(&K) -> Option<Ask> + 'static,
    pick: fn(Answer) -> Option<T>,
) -> Option<Rc<T>>
where
    K: PartialEq + 'static,
    T: 'static,
{
    let client = use_context::<Client>();
    let answer = use_state(|| None::<Rc<T>>);
    let newest = use_mut_ref(|| 0_u32);
    use_effect_with(key, {
        let (answer, newest) = (answer.clone(), newest);
        move |key| {
            let number = newest.borrow().wrapping_add(1);
            *newest.borrow_mut() = number;
            match (question(key), client) {
                (Some(ask), Some(client)) => client.ask(ask, move |given| {
                    if *newest.borrow() == number
                        && let Some(value) = pick(given)
                    {
                        answer.set(Some(Rc::new(value)));
                    }
                }),
                _ => answer.set(None),
            }
        }
    });
    (*answer).clone()
}
