//! A way to an engine: bytes go out, bytes come back in order.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// Sends to the engine.
type Deliver = Box<dyn Fn(Vec<u8>)>;

/// An engine's door; closing it ends the engine.
pub(super) struct Port(Rc<Inside>);

/// What the engine's side of a port works with.
pub(super) struct Inside {
    /// Gets answers, and how many milliseconds each took.
    pub(super) receive: Box<dyn Fn(Vec<u8>, f64)>,
    /// Is called if the engine breaks off; `true` if it never stood.
    pub(super) broken: Box<dyn Fn(bool)>,
    state: RefCell<State>,
    /// What ends the engine when it is dropped.
    pub(super) kept: RefCell<Option<Box<dyn Any>>>,
}

enum State {
    /// It does not stand yet: what was sent meanwhile.
    Early(Vec<Vec<u8>>),
    Open(Rc<Deliver>),
}

impl Port {
    /// A port behind which `start` makes an engine, which says when it stands ([`Inside::open`]).
    pub(super) fn new(
        receive: impl Fn(Vec<u8>, f64) + 'static,
        broken: impl Fn(bool) + 'static,
        start: impl FnOnce(&Rc<Inside>),
    ) -> Self {
        let inside = Rc::new(Inside {
            receive: Box::new(receive),
            broken: Box::new(broken),
            state: RefCell::new(State::Early(Vec::new())),
            kept: RefCell::default(),
        });
        start(&inside);
        Self(inside)
    }

    /// Whether the engine stands.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.0.state.borrow(), State::Open(_))
    }

    /// Sends a request.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        let deliver = match &mut *self.0.state.borrow_mut() {
            State::Early(early) => return early.push(bytes),
            State::Open(deliver) => Rc::clone(deliver),
        };
        deliver(bytes);
    }
}

impl Inside {
    /// The engine stands, and is reached like this.
    pub(super) fn open(&self, deliver: impl Fn(Vec<u8>) + 'static) {
        let deliver: Rc<Deliver> = Rc::new(Box::new(deliver));
        let before = self.state.replace(State::Open(Rc::clone(&deliver)));
        if let State::Early(early) = before {
            for bytes in early {
                deliver(bytes);
            }
        }
    }

    /// Whether the engine stands.
    pub(super) fn is_open(&self) -> bool {
        matches!(*self.state.borrow(), State::Open(_))
    }
}
