//! A part of a function as a function of its own: what it takes, what it gives back, and where control goes then.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Malformed;
use super::bytes::put_number;
use super::code::{Open, Walk};
use super::operator::{Act, Operator};

/// More local variables than this are not handed over.
const MOST: usize = 30;
/// More ways out than this are not followed.
const MOST_EXITS: usize = 12;

/// The function that the part stands in.
pub(super) struct Scope<'a> {
    pub(super) body: &'a [u8],
    /// The types of its parameters and local variables.
    pub(super) types: &'a [u8],
    pub(super) operators: &'a [Operator],
}

/// A part that can be a function.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) parameters: Vec<u8>,
    pub(super) results: Vec<u8>,
    /// The new function.
    pub(super) body: Vec<u8>,
    /// What stands in its place, before and behind the number of the function that is called.
    pub(super) call: Vec<u8>,
    behind: Vec<u8>,
}

/// Where control goes from a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// To what follows the open block.
    Through,
    /// To the label of an open block, counted from the innermost.
    Label(u32),
}

/// The ways out of a part, and the type of the value that goes along.
type Ways = (Vec<Exit>, Option<u8>);

/// What a part does with a local variable.
#[derive(Debug, Clone, Copy, Default)]
struct Use {
    touched: bool,
    written: bool,
    /// It is written before anything reads it or control can leave the part.
    fresh: bool,
}

impl Region {
    /// The part of these operators, which ends with the open block. `None` where it cannot be a function.
    pub(super) fn of(
        scope: &Scope<'_>,
        inside: &[Operator],
        walk: &Walk<'_, '_>,
    ) -> Result<Option<Self>, Malformed> {
        let Some(uses) = uses(scope, inside) else { return Ok(None) };
        let Some((exits, value)) = exits(inside, walk)? else { return Ok(None) };
        let outside = |local: u32| {
            let range = range(inside);
            scope.operators.iter().any(|operator| {
                !range.contains(&operator.place.start) && matches!(operator.act, Act::Get(l) if l == local)
            })
        };
        let mut taken = Vec::new();
        let mut given = Vec::new();
        let mut own = Vec::new();
        for (local, what) in &uses {
            // What is read again when the part runs again is handed on too.
            let back = what.written && (!what.fresh || outside(*local));
            if back {
                given.push(*local);
            }
            if back || !what.fresh {
                taken.push(*local);
            } else {
                own.push(*local);
            }
        }
        if taken.len() > MOST {
            return Ok(None);
        }
        let type_of = |local: &u32| scope.types.get(*local as usize).copied().unwrap_or(0x7f);
        let is_number = |kind: &u8| (0x7c..=0x7f).contains(kind);
        if !uses.keys().map(type_of).chain(value).all(|kind| is_number(&kind)) {
            return Ok(None);
        }
        // Results: the value, which way control goes, the variables.
        let mut results: Vec<u8> = value.into_iter().collect();
        if exits.len() > 1 {
            results.push(0x7f);
        }
        results.extend(given.iter().map(type_of));
        let parameters: Vec<u8> = taken.iter().map(type_of).collect();

        let order: Vec<u32> = taken.iter().chain(&own).copied().collect();
        let numbers: BTreeMap<u32, u32> = order.iter().copied().zip(0..).collect();
        let mut body = Vec::new();
        put_number(&mut body, (own.len() + usize::from(value.is_some())) as u32);
        for kind in own.iter().map(type_of).chain(value) {
            body.extend_from_slice(&[1, kind]);
        }
        let maker =
            Maker { scope, inside, exits: &exits, value, numbers: &numbers, held: order.len() as u32 };
        maker.put(&mut body, walk, &given)?;

        let mut call = Vec::new();
        for local in &taken {
            call.push(0x20);
            put_number(&mut call, *local);
        }
        call.push(0x10);
        let behind = behind(scope, walk, &exits, value, &given);
        Ok(Some(Self { parameters, results, body, call, behind }))
    }

    /// Writes what stands in the part's place.
    pub(super) fn put_call(&self, out: &mut Vec<u8>, function: u32) {
        out.extend_from_slice(&self.call);
        put_number(out, function);
        out.extend_from_slice(&self.behind);
    }
}

fn range(inside: &[Operator]) -> Range<usize> {
    let start = inside.first().map_or(0, |operator| operator.place.start);
    start..inside.last().map_or(start, |operator| operator.place.end)
}

/// What the part does with each local variable; `None` where it does what only its own function can do.
fn uses(scope: &Scope<'_>, inside: &[Operator]) -> Option<BTreeMap<u32, Use>> {
    let mut uses: BTreeMap<u32, Use> = BTreeMap::new();
    let mut depth = 0_u32;
    let mut straight = true;
    for operator in inside {
        let (local, writes) = match &operator.act {
            Act::Get(local) => (*local, false),
            Act::Set(local) | Act::Tee(local) => (*local, true),
            Act::Block(_) | Act::Loop(_) | Act::If(_) => {
                depth += 1;
                continue;
            }
            Act::End => {
                depth = depth.checked_sub(1)?;
                continue;
            }
            Act::Branch(_) | Act::BranchIf(_) | Act::BranchTable(_) | Act::Return => {
                straight = false;
                continue;
            }
            Act::Tied(..) => return None,
            _ => continue,
        };
        if local as usize >= scope.types.len() {
            return None;
        }
        let known = uses.entry(local).or_default();
        if !known.touched {
            known.fresh = writes && depth == 0 && straight;
        }
        known.touched = true;
        known.written |= writes;
    }
    Some(uses)
}

/// The ways out of a part, and the type of the value that goes along; `None` where they cannot be followed.
fn exits(inside: &[Operator], walk: &Walk<'_, '_>) -> Result<Option<Ways>, Malformed> {
    let outer = walk.open.len();
    let mut inner = Vec::new();
    let mut exits: Vec<Exit> = Vec::new();
    let mut value = None;
    let mut dead = false;
    // Whether the way out can be taken by an operator that keeps its values where it is not taken.
    let mut leave = |label: u32, bare: bool, exits: &mut Vec<Exit>| {
        let Some((exit, carried)) = exit(walk, label) else { return false };
        if let Some(kind) = carried {
            if bare || value.is_some_and(|value| value != kind) {
                return false;
            }
            value = Some(kind);
        }
        if !exits.contains(&exit) {
            exits.push(exit);
        }
        true
    };
    for operator in inside {
        let n = inner.len() as u32;
        match &operator.act {
            Act::Block(_) | Act::Loop(_) | Act::If(_) => inner.push(dead),
            Act::Else => dead = inner.last().copied().ok_or(Malformed::Unknown("blocks"))?,
            Act::End => dead = inner.pop().ok_or(Malformed::Unknown("blocks"))?,
            Act::Branch(label) => {
                if *label >= n && !leave(label - n, false, &mut exits) {
                    return Ok(None);
                }
                dead = true;
            }
            Act::BranchIf(label) => {
                let followed = *label < n || leave(label - n, true, &mut exits);
                if !followed {
                    return Ok(None);
                }
            }
            Act::BranchTable(labels) => {
                for label in labels {
                    if *label >= n && !leave(label - n, true, &mut exits) {
                        return Ok(None);
                    }
                }
                dead = true;
            }
            Act::Return => {
                if !leave((outer - 1) as u32, false, &mut exits) {
                    return Ok(None);
                }
                dead = true;
            }
            Act::Unreachable => dead = true,
            _ => {}
        }
    }
    if !dead {
        let Some(open) = walk.open.last() else { return Ok(None) };
        if let Some(kind) = open.leaves {
            if value.is_some_and(|value| value != kind) {
                return Ok(None);
            }
            value = Some(kind);
        }
        if !exits.contains(&Exit::Through) {
            exits.push(Exit::Through);
        }
    }
    Ok((exits.len() <= MOST_EXITS).then_some((exits, value)))
}

/// Where a branch to the label of an open block leads, and what it carries along.
fn exit(walk: &Walk<'_, '_>, label: u32) -> Option<(Exit, Option<u8>)> {
    let index = walk.open.len().checked_sub(label as usize + 1)?;
    let open: &Open = walk.open.get(index)?;
    let carried = if open.is_loop { None } else { open.leaves };
    let exit = if label == 0 && !open.is_loop { Exit::Through } else { Exit::Label(label) };
    Some((exit, carried))
}

/// Whether a way out carries a value.
fn carries(walk: &Walk<'_, '_>, way: Exit) -> bool {
    match way {
        Exit::Through => walk.open.last().is_some_and(|open| open.leaves.is_some()),
        Exit::Label(label) => exit(walk, label).is_some_and(|(_, carried)| carried.is_some()),
    }
}

/// What stands behind the call: variables are taken back, and control goes where it would have gone.
fn behind(
    scope: &Scope<'_>,
    walk: &Walk<'_, '_>,
    exits: &[Exit],
    value: Option<u8>,
    given: &[u32],
) -> Vec<u8> {
    let mut out = Vec::new();
    for local in given.iter().rev() {
        out.push(0x21);
        put_number(&mut out, *local);
    }
    // The variable that put_locals adds.
    let which = scope.types.len() as u32;
    if exits.len() > 1 {
        out.push(0x21);
        put_number(&mut out, which);
    }
    let through = exits.contains(&Exit::Through);
    let labels: Vec<(usize, u32)> = exits
        .iter()
        .enumerate()
        .filter_map(|(index, exit)| match exit {
            Exit::Label(label) => Some((index, *label)),
            Exit::Through => None,
        })
        .collect();
    for (position, (index, label)) in labels.iter().enumerate() {
        if !through && position + 1 == labels.len() {
            out.push(0x0c);
            put_number(&mut out, *label);
            return out;
        }
        out.push(0x20);
        put_number(&mut out, which);
        // i32.const, i32.eq, br_if
        out.extend_from_slice(&[0x41, *index as u8, 0x46, 0x0d]);
        put_number(&mut out, *label);
    }
    if !through {
        out.push(0x00);
    } else if value.is_some() && !carries(walk, Exit::Through) {
        out.push(0x1a);
    }
    out
}

/// Writes the new function.
struct Maker<'a> {
    scope: &'a Scope<'a>,
    inside: &'a [Operator],
    exits: &'a [Exit],
    value: Option<u8>,
    numbers: &'a BTreeMap<u32, u32>,
    /// The variable that holds the value on its way out.
    held: u32,
}

impl Maker<'_> {
    /// A block around the part for each way out; behind each block's end, what is given back on that way.
    fn put(&self, out: &mut Vec<u8>, walk: &Walk<'_, '_>, given: &[u32]) -> Result<(), Malformed> {
        for _ in self.exits {
            out.extend_from_slice(&[0x02, 0x40]);
        }
        let dead = self.code(out, walk)?;
        if !dead {
            if self.exits.contains(&Exit::Through) && carries(walk, Exit::Through) {
                self.hold(out);
            }
            self.branch(out, 0x0c, Exit::Through, 0)?;
        }
        for (index, _) in self.exits.iter().enumerate() {
            out.push(0x0b);
            if self.value.is_some() {
                out.push(0x20);
                put_number(out, self.held);
            }
            if self.exits.len() > 1 {
                out.extend_from_slice(&[0x41, index as u8]);
            }
            for local in given {
                out.push(0x20);
                put_number(out, self.number(*local)?);
            }
            if index + 1 < self.exits.len() {
                out.push(0x0f);
            }
        }
        if self.exits.is_empty() {
            out.push(0x00);
        }
        out.push(0x0b);
        Ok(())
    }

    /// The part's own code. True where control does not come to its end.
    fn code(&self, out: &mut Vec<u8>, walk: &Walk<'_, '_>) -> Result<bool, Malformed> {
        let function = (walk.open.len() - 1) as u32;
        let mut inner = Vec::new();
        let mut dead = false;
        for operator in self.inside {
            let n = inner.len() as u32;
            let outer = |label: &u32| label.checked_sub(n);
            match &operator.act {
                Act::Block(_) | Act::Loop(_) | Act::If(_) => {
                    inner.push(dead);
                    self.same(out, operator)?;
                }
                Act::Else => {
                    dead = inner.last().copied().unwrap_or(false);
                    self.same(out, operator)?;
                }
                Act::End => {
                    dead = inner.pop().unwrap_or(false);
                    self.same(out, operator)?;
                }
                Act::Branch(label) => {
                    match outer(label) {
                        Some(label) => self.leave(out, walk, label, n)?,
                        None => self.same(out, operator)?,
                    }
                    dead = true;
                }
                Act::Return => {
                    self.leave(out, walk, function, n)?;
                    dead = true;
                }
                Act::BranchIf(label) => match outer(label) {
                    Some(label) => {
                        let (exit, _) = exit(walk, label).ok_or(Malformed::Unknown("labels"))?;
                        self.branch(out, 0x0d, exit, n)?;
                    }
                    None => self.same(out, operator)?,
                },
                Act::BranchTable(labels) => {
                    out.push(0x0e);
                    put_number(out, labels.len() as u32 - 1);
                    for label in labels {
                        match outer(label) {
                            Some(label) => {
                                let (exit, _) = exit(walk, label).ok_or(Malformed::Unknown("labels"))?;
                                put_number(out, n + self.position(exit)?);
                            }
                            None => put_number(out, *label),
                        }
                    }
                    dead = true;
                }
                Act::Unreachable => {
                    dead = true;
                    self.same(out, operator)?;
                }
                Act::Get(local) => self.local(out, 0x20, *local)?,
                Act::Set(local) => self.local(out, 0x21, *local)?,
                Act::Tee(local) => self.local(out, 0x22, *local)?,
                _ => self.same(out, operator)?,
            }
        }
        Ok(dead)
    }

    fn same(&self, out: &mut Vec<u8>, operator: &Operator) -> Result<(), Malformed> {
        out.extend_from_slice(self.scope.body.get(operator.place.clone()).ok_or(Malformed::Short)?);
        Ok(())
    }

    fn local(&self, out: &mut Vec<u8>, code: u8, local: u32) -> Result<(), Malformed> {
        out.push(code);
        put_number(out, self.number(local)?);
        Ok(())
    }

    fn number(&self, local: u32) -> Result<u32, Malformed> {
        self.numbers.get(&local).copied().ok_or(Malformed::Unknown("local variables"))
    }

    fn hold(&self, out: &mut Vec<u8>) {
        out.push(0x21);
        put_number(out, self.held);
    }

    /// An unconditional way out.
    fn leave(&self, out: &mut Vec<u8>, walk: &Walk<'_, '_>, label: u32, depth: u32) -> Result<(), Malformed> {
        let (exit, carried) = exit(walk, label).ok_or(Malformed::Unknown("labels"))?;
        if carried.is_some() {
            self.hold(out);
        }
        self.branch(out, 0x0c, exit, depth)
    }

    fn branch(&self, out: &mut Vec<u8>, code: u8, exit: Exit, depth: u32) -> Result<(), Malformed> {
        out.push(code);
        put_number(out, depth + self.position(exit)?);
        Ok(())
    }

    /// How many blocks lie around the part before that of a way out.
    fn position(&self, exit: Exit) -> Result<u32, Malformed> {
        let found = self.exits.iter().position(|known| *known == exit);
        found.map(|index| index as u32).ok_or(Malformed::Unknown("labels"))
    }
}
