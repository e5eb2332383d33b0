//! Lanes and the critical path.

use crate::simulation::{Step, StepId};
use std::collections::BTreeMap;

/// Gives each step the first lane that is free, and marks the chain of steps that the duration hangs on.
pub(super) fn mark(steps: &mut [Step]) {
    let mut lanes: Vec<u64> = Vec::new();
    for step in steps.iter_mut() {
        let free = lanes.iter().position(|end| *end <= step.start);
        let lane = free.unwrap_or(lanes.len());
        let end = step.start + step.duration;
        match lanes.get_mut(lane) {
            Some(busy) => *busy = end,
            None => lanes.push(end),
        }
        step.lane = lane as u32;
    }
    let end = |step: &Step| step.start + step.duration;
    let mut at = (0..steps.len()).max_by_key(|index| steps.get(*index).map(|step| (end(step), *index)));
    // For each time the first step that ended then.
    let mut ends: BTreeMap<u64, usize> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.duration > 0) {
        ends.entry(end(step)).or_insert(index);
    }
    while let Some(index) = at {
        let Some(step) = steps.get_mut(index) else { break };
        step.critical = true;
        let (inputs, start) = (step.inputs.clone(), step.start);
        let before = |id: &StepId| steps.get(id.0 as usize).map_or(0, end);
        // What it waited for longest; steps only wait for earlier ones, so this ends.
        let input = inputs
            .iter()
            .filter(|id| (id.0 as usize) < index && before(id) <= start)
            .max_by_key(|id| (before(id), id.0))
            .map(|id| id.0 as usize);
        // Where that was there before, it waited for a worker or for the front end: for the step that ended when this
        // one began.
        let ready = input.and_then(|input| steps.get(input)).map_or(0, end);
        let waited = ready < start;
        at = if waited { ends.get(&start).copied().or(input) } else { input };
    }
}
