//! The page's side of the engine's door: questions go out, answers come back in order, and only the newest text
//! is simulated.

mod port;
mod worker;

pub use worker::serve;

use crate::state::{Action, Dispatch, Engine as Health};
use port::Port;
use stagecraft_core::project::Project;
use stagecraft_playground::engine::{Answer, Ask, Request, Response};
use stagecraft_playground::state::Pane;
use stagecraft_playground::view::Look;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::prelude::*;

type Then = Box<dyn FnOnce(Answer)>;

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
    port: RefCell<Option<Port>>,
    waiting: RefCell<BTreeMap<u32, Then>>,
    next: Cell<u32>,
    /// A simulation is on its way; what came up meanwhile waits, and only the newest of it.
    busy: Cell<bool>,
    pending: RefCell<Option<(u32, Rc<Project>)>>,
    last: RefCell<Option<(u32, Rc<Project>)>>,
    look: Cell<(Look, Pane)>,
}

impl Client {
    /// Starts an engine, in a worker where there can be one.
    pub fn new(dispatch: Dispatch) -> Self {
        let client = Self(Rc::new(Inner {
            dispatch,
            port: RefCell::default(),
            waiting: RefCell::default(),
            next: Cell::new(1),
            busy: Cell::new(false),
            pending: RefCell::default(),
            last: RefCell::default(),
            look: Cell::default(),
        }));
        client.start();
        client
    }

    fn start(&self) {
        let (receive, broken) = (Rc::downgrade(&self.0), Rc::downgrade(&self.0));
        let port = Port::open(
            move |bytes| {
                if let Some(inner) = receive.upgrade() {
                    Self(inner).receive(&bytes);
                }
            },
            move || {
                if let Some(inner) = broken.upgrade() {
                    Self(inner).broke();
                }
            },
        );
        self.0.port.replace(Some(port));
    }

    /// Asks, and hands over the answer when it comes. What is asked of an engine that breaks off is forgotten.
    pub fn ask(&self, ask: Ask, then: impl FnOnce(Answer) + 'static) {
        if self.0.port.borrow().is_none() {
            self.start();
            // A fresh engine knows nothing: it gets the project first.
            self.0.dispatch.dispatch(Action::Engine(Health::Starting));
            let again = self.0.last.borrow().clone();
            if !matches!(ask, Ask::Simulate { .. })
                && let Some((revision, project)) = again
            {
                self.simulate(revision, project);
            }
        }
        let id = self.0.next.get();
        self.0.next.set(id.wrapping_add(1));
        match (Request { id, ask }).encode() {
            Ok(bytes) => {
                self.0.waiting.borrow_mut().insert(id, Box::new(then));
                if let Some(port) = &*self.0.port.borrow() {
                    port.send(bytes);
                }
            }
            Err(garbled) => self.0.dispatch.dispatch(Action::Say(garbled.to_string().into(), true)),
        }
    }

    /// Simulates a project, now or as soon as the simulation under way is done.
    pub fn simulate(&self, revision: u32, project: Rc<Project>) {
        self.0.last.replace(Some((revision, Rc::clone(&project))));
        if self.0.busy.get() {
            self.0.pending.replace(Some((revision, project)));
            return;
        }
        self.0.busy.set(true);
        let client = self.clone();
        let ask = Ask::Simulate {
            revision: u64::from(revision),
            project: Project::clone(&project),
            look: self.0.look.get().0,
            pane: Some(self.0.look.get().1),
        };
        self.ask(ask, move |answer| {
            client.0.busy.set(false);
            client.update(answer);
            let pending = client.0.pending.borrow_mut().take();
            if let Some((revision, project)) = pending {
                client.simulate(revision, project);
            }
        });
    }

    /// Looks at other builders, or at another pane.
    pub fn look(&self, look: Look, pane: Pane) {
        if self.0.look.replace((look, pane)) != (look, pane) && self.0.last.borrow().is_some() {
            let client = self.clone();
            self.ask(Ask::Look(look, Some(pane)), move |answer| client.update(answer));
        }
    }

    /// Keeps what this build leaves in the cache, or empties it.
    pub fn warm(&self, warm: bool) {
        let client = self.clone();
        self.ask(Ask::Warm(warm), move |answer| client.update(answer));
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

    fn receive(&self, bytes: &[u8]) {
        match Response::decode(bytes) {
            Ok(Response { id, answer }) => {
                let then = self.0.waiting.borrow_mut().remove(&id);
                if let Some(then) = then {
                    then(answer);
                }
            }
            Err(garbled) => self.0.dispatch.dispatch(Action::Say(garbled.to_string().into(), true)),
        }
    }

    /// The engine broke off. The text is kept; the next question starts a new engine.
    fn broke(&self) {
        self.0.port.replace(None);
        self.0.waiting.borrow_mut().clear();
        self.0.busy.set(false);
        self.0.pending.replace(None);
        self.0.dispatch.dispatch(Action::Engine(Health::Failed));
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
