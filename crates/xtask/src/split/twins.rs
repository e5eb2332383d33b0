//! Small functions of the first half that the rest has for itself too: what exports them would weigh as much as they do,
//! and it would weigh in the first load.

use super::Malformed;
use super::module::Module;
use super::operator::{Act, operators};
use std::collections::{BTreeMap, BTreeSet};

/// The most bytes of a body that is worth having twice.
const MOST_BYTES: usize = 240;

/// Takes the functions that the rest gets of its own out of those that it shares. They call only what the rest can
/// name all the same.
pub(super) fn take(
    module: &Module<'_>,
    rest: &BTreeSet<u32>,
    shared: &mut BTreeSet<u32>,
) -> Result<BTreeSet<u32>, Malformed> {
    let mut small = BTreeMap::new();
    for (function, body) in module.functions().filter(|(_, body)| body.len() <= MOST_BYTES) {
        let mut calls = Some(Vec::new());
        for operator in operators(body)? {
            match operator.act {
                Act::Call(to) => calls.iter_mut().for_each(|calls| calls.push(to)),
                // What names parts of its module by number means others in another one.
                Act::Tied(..) => calls = None,
                _ => {}
            }
        }
        if let Some(calls) = calls {
            small.insert(function, calls);
        }
    }
    let mut twins = BTreeSet::new();
    loop {
        let known = |to: &u32| rest.contains(to) || shared.contains(to) || twins.contains(to);
        let found: Vec<u32> = shared
            .iter()
            .copied()
            .filter(|function| small.get(function).is_some_and(|calls| calls.iter().all(known)))
            .collect();
        if found.is_empty() {
            return Ok(twins);
        }
        for function in found {
            shared.remove(&function);
            twins.insert(function);
        }
    }
}
