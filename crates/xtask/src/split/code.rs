//! Function bodies as a walk through their operators: where control can come to, and how high the stack is there.

use super::Malformed;
use super::module::Module;
use super::operator::{Act, Leaves, Operator};

/// A block that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// The height of the stack where it began.
    pub(super) height: u32,
    pub(super) leaves: Leaves,
    pub(super) is_loop: bool,
    /// Control does not come to what follows in it.
    pub(super) dead: bool,
}

/// A walk through a body, one operator at a time.
pub(super) struct Walk<'m, 'a> {
    pub(super) module: &'m Module<'a>,
    /// The open blocks, the function itself first.
    pub(super) open: Vec<Open>,
    pub(super) height: u32,
}

impl<'m, 'a> Walk<'m, 'a> {
    /// At the beginning of a function that leaves this.
    pub(super) fn new(module: &'m Module<'a>, leaves: Leaves) -> Self {
        Self { module, open: vec![Open { height: 0, leaves, is_loop: false, dead: false }], height: 0 }
    }

    /// Whether control comes to the next operator.
    pub(super) fn alive(&self) -> bool {
        self.open.iter().all(|open| !open.dead)
    }

    /// Goes over an operator. True where what follows may run less often than what was before.
    pub(super) fn step(&mut self, operator: &Operator) -> Result<bool, Malformed> {
        match &operator.act {
            Act::Block(leaves) => self.enter(*leaves, false),
            Act::Loop(leaves) => self.enter(*leaves, true),
            Act::If(leaves) => {
                self.stack(1, 0);
                self.enter(*leaves, false);
                return Ok(true);
            }
            Act::Else => {
                let open = self.open.last_mut().ok_or(Malformed::Unknown("blocks"))?;
                open.dead = false;
                self.height = open.height;
                return Ok(true);
            }
            Act::End => {
                let open = self.open.pop().ok_or(Malformed::Unknown("blocks"))?;
                self.height = open.height + u32::from(open.leaves.is_some());
                return Ok(true);
            }
            Act::BranchIf(_) => {
                self.stack(1, 0);
                return Ok(true);
            }
            Act::Branch(_) | Act::BranchTable(_) | Act::Return | Act::Unreachable => {
                if let Some(open) = self.open.last_mut() {
                    open.dead = true;
                }
            }
            Act::Call(function) => {
                let kind = self.module.type_of(*function)?;
                self.call(kind)?;
            }
            Act::CallIndirect(kind) => {
                self.stack(1, 0);
                self.call(*kind)?;
            }
            Act::Get(_) => self.stack(0, 1),
            Act::Set(_) => self.stack(1, 0),
            Act::Tee(_) => {}
            Act::Plain(pops, pushes) | Act::Tied(pops, pushes) => self.stack(*pops, *pushes),
        }
        Ok(false)
    }

    /// Whether nothing that the open block has computed lies on the stack.
    pub(super) fn is_level(&self) -> bool {
        self.open.last().is_some_and(|open| open.height == self.height)
    }

    fn enter(&mut self, leaves: Leaves, is_loop: bool) {
        self.open.push(Open { height: self.height, leaves, is_loop, dead: false });
    }

    fn call(&mut self, kind: u32) -> Result<(), Malformed> {
        let (parameters, results) = self.module.signature(kind)?;
        self.stack(parameters.len() as u32, results.len() as u32);
        Ok(())
    }

    fn stack(&mut self, pops: u32, pushes: u32) {
        // Where control does not come to, anything may be on the stack.
        self.height = self.height.saturating_sub(pops) + pushes;
    }
}
