//! The half that is loaded first.

use super::bytes::{put_address, put_number, put_sized};
use super::data::Segments;
use super::module::{CODE, DATA, DATA_COUNT, EXPORTS, Module, TABLES, Table, put_data};
use super::{Malformed, Plan, name_of};

/// The program without the functions of the rest, and with all that the rest needs exported.
pub(super) fn write(module: &Module<'_>, plan: &Plan, segments: &Segments<'_>) -> Result<Vec<u8>, Malformed> {
    let mut count = Vec::new();
    put_number(&mut count, segments.len() as u32);
    let mut data = Vec::new();
    put_data(&mut data, segments);
    let mut tables = tables(module, plan);
    let mut exports = exports(module, plan);
    let mut code = code(module, plan)?;
    Ok(module.with(|section| match section {
        TABLES => Some(std::mem::take(&mut tables)),
        EXPORTS => Some(std::mem::take(&mut exports)),
        DATA_COUNT => Some(std::mem::take(&mut count)),
        CODE => Some(std::mem::take(&mut code)),
        DATA => Some(std::mem::take(&mut data)),
        _ => None,
    }))
}

fn tables(module: &Module<'_>, plan: &Plan) -> Vec<u8> {
    let mut out = Vec::new();
    put_number(&mut out, module.tables.len() as u32);
    for (index, table) in module.tables.iter().enumerate() {
        if index == 0 {
            let most = table.most.map(|most| most + plan.table - table.least);
            Table { least: plan.table, most, ..*table }.put(&mut out);
        } else {
            table.put(&mut out);
        }
    }
    out
}

fn exports(module: &Module<'_>, plan: &Plan) -> Vec<u8> {
    let mut out = Vec::new();
    let n_more = plan.shared.len() + module.globals.len() + module.tables.len() + 1;
    put_number(&mut out, (module.exports.len() + n_more) as u32);
    for (name, kind, number) in &module.exports {
        put(&mut out, name, *kind, *number);
    }
    for (place, function) in (0..).zip(&plan.shared) {
        put(&mut out, &name_of('f', place), 0, *function);
    }
    for (table, _) in (0..).zip(&module.tables) {
        put(&mut out, &name_of('t', table), 1, table);
    }
    put(&mut out, &name_of('m', 0), 2, 0);
    for (global, _) in (0..).zip(&module.globals) {
        put(&mut out, &name_of('g', global), 3, global);
    }
    out
}

fn put(out: &mut Vec<u8>, name: &[u8], kind: u8, number: u32) {
    put_sized(out, name);
    out.push(kind);
    put_number(out, number);
}

fn code(module: &Module<'_>, plan: &Plan) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::new();
    put_number(&mut out, module.bodies.len() as u32);
    for (function, body) in module.functions() {
        if !plan.rest.contains(&function) {
            put_sized(&mut out, body);
        } else if let Some(slot) = plan.slots.get(&function) {
            put_sized(&mut out, &forward(module, plan, function, *slot)?);
        } else {
            // No locals, unreachable, end: nothing comes here, and wasm-opt takes it away.
            put_sized(&mut out, &[0, 0x00, 0x0b]);
        }
    }
    Ok(out)
}

/// Fetches the rest, if it is not there, and calls what it has put into the table.
fn forward(module: &Module<'_>, plan: &Plan, function: u32, slot: u32) -> Result<Vec<u8>, Malformed> {
    let mut body = vec![0, 0x10];
    put_number(&mut body, plan.ensure);
    for parameter in 0..module.signature_of(function)?.0.len() as u32 {
        body.push(0x20);
        put_number(&mut body, parameter);
    }
    body.push(0x41);
    put_address(&mut body, slot);
    body.push(0x11);
    put_number(&mut body, module.type_of(function)?);
    body.extend_from_slice(&[0, 0x0b]);
    Ok(body)
}
