//! The half that is loaded when it is needed: it takes all that it shares from the first one, and puts its functions
//! into the table when it starts.

use std::collections::{BTreeMap, BTreeSet};

use super::bytes::{put_address, put_list, put_number, put_sized};
use super::data::Segments;
use super::module::{CODE, DATA, ELEMENTS, FUNCTIONS, HEADER, IMPORTS, Module, TYPES, put_data, put_limits};
use super::operator::{Act, operators};
use super::{Malformed, Plan, name_of};

/// Where the imports come from: the first half.
const FIRST: &[u8] = b"f";

/// The functions of the rest as a module of their own.
pub(super) fn write(module: &Module<'_>, plan: &Plan, segments: &Segments<'_>) -> Result<Vec<u8>, Malformed> {
    let own: BTreeSet<u32> = plan.rest.union(&plan.twins).copied().collect();
    let numbers: BTreeMap<u32, u32> = plan.shared.iter().chain(&own).copied().zip(0..).collect();
    let mut out = HEADER.to_vec();
    for (id, content) in &module.sections {
        if *id == TYPES {
            out.push(TYPES);
            put_sized(&mut out, content);
        }
    }
    imports(&mut out, module, plan)?;
    let mut functions = Vec::new();
    for function in &own {
        put_number(&mut functions, module.type_of(*function)?);
    }
    put_list(&mut out, FUNCTIONS, own.len() as u32, &functions);
    elements(&mut out, plan, &numbers)?;
    let mut code = Vec::new();
    for (_, body) in module.functions().filter(|(function, _)| own.contains(function)) {
        put_sized(&mut code, &renumbered(body, &numbers)?);
    }
    put_list(&mut out, CODE, own.len() as u32, &code);
    let mut data = Vec::new();
    put_data(&mut data, segments);
    out.push(DATA);
    put_sized(&mut out, &data);
    Ok(out)
}

fn imports(out: &mut Vec<u8>, module: &Module<'_>, plan: &Plan) -> Result<(), Malformed> {
    let mut list = Vec::new();
    let mut n = 0;
    let mut import = |list: &mut Vec<u8>, name: &[u8], kind: u8| {
        put_sized(list, FIRST);
        put_sized(list, name);
        list.push(kind);
        n += 1;
    };
    for (place, function) in (0..).zip(&plan.shared) {
        import(&mut list, &name_of('f', place), 0);
        put_number(&mut list, module.type_of(*function)?);
    }
    for (index, table) in (0..).zip(&module.tables) {
        import(&mut list, &name_of('t', index), 1);
        // No more is asked of the size than that it is large enough when the functions are put there.
        list.push(table.kind);
        put_limits(&mut list, 0, None);
    }
    import(&mut list, &name_of('m', 0), 2);
    put_limits(&mut list, 0, None);
    for (index, global) in (0..).zip(&module.globals) {
        import(&mut list, &name_of('g', index), 3);
        list.extend_from_slice(global);
    }
    put_list(out, IMPORTS, n, &list);
    Ok(())
}

/// One run of elements for each run of places in the table.
fn elements(out: &mut Vec<u8>, plan: &Plan, numbers: &BTreeMap<u32, u32>) -> Result<(), Malformed> {
    let by_slot: BTreeMap<u32, u32> = plan.slots.iter().map(|(function, slot)| (*slot, *function)).collect();
    let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
    for (slot, function) in by_slot {
        let number = numbers.get(&function).copied().ok_or(Malformed::Function(function))?;
        match runs.last_mut() {
            Some((first, run)) if *first + run.len() as u32 == slot => run.push(number),
            _ => runs.push((slot, vec![number])),
        }
    }
    let mut list = Vec::new();
    for (slot, run) in &runs {
        list.extend_from_slice(&[0, 0x41]);
        put_address(&mut list, *slot);
        list.push(0x0b);
        put_number(&mut list, run.len() as u32);
        for function in run {
            put_number(&mut list, *function);
        }
    }
    put_list(out, ELEMENTS, runs.len() as u32, &list);
    Ok(())
}

/// A body with the functions that it calls numbered anew.
fn renumbered(body: &[u8], numbers: &BTreeMap<u32, u32>) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    for operator in operators(body)? {
        let Act::Call(function) = operator.act else { continue };
        // The number stands behind the byte that says `call`.
        out.extend_from_slice(body.get(at..=operator.place.start).ok_or(Malformed::Short)?);
        put_number(&mut out, *numbers.get(&function).ok_or(Malformed::Function(function))?);
        at = operator.place.end;
    }
    out.extend_from_slice(body.get(at..).ok_or(Malformed::Short)?);
    Ok(out)
}
