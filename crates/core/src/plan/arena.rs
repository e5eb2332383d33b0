//! Operations while a plan is made: before equal ones become one.

use super::{FileActionKind, Op, OpId, OpKind, Origin};
use crate::resolve::Platform;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

/// Index of a [`Vertex`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct VertexId(u32);

/// An operation as one instruction asks for it. Positions in `kind` point into `inputs`; for files the first input
/// is the base, if there is one.
#[derive(Debug, Clone)]
pub(super) struct Vertex {
    pub(super) name: String,
    pub(super) kind: OpKind,
    pub(super) inputs: Vec<VertexId>,
    pub(super) platform: Option<Platform>,
    pub(super) ignore_cache: bool,
    pub(super) origin: Option<Origin>,
    pub(super) lines: Vec<(u32, u32)>,
    pub(super) group: Option<Arc<str>>,
}

/// Which vertex became which op.
pub(super) type Numbers = HashMap<VertexId, OpId, BuildHasherDefault<Quick>>;

/// A hash that is quick to work out. Equality decides in the end, so that collisions only cost time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        // The low bits know least of what was put in.
        self.0 ^ self.0 >> 32
    }
}

/// All operations of all stages.
#[derive(Debug, Default)]
pub(super) struct Arena {
    vertices: Vec<Vertex>,
}

impl Arena {
    pub(super) fn add(&mut self, vertex: Vertex) -> VertexId {
        let id = VertexId(self.vertices.len() as u32);
        self.vertices.push(vertex);
        id
    }

    pub(super) fn get_mut(&mut self, id: VertexId) -> Option<&mut Vertex> {
        self.vertices.get_mut(id.0 as usize)
    }

    /// The operations that `root` needs, every input before its users; and which vertex became which. Equal ones
    /// become one and keep the name of the last, as when BuildKit writes its definition (`llb.State.Marshal`).
    pub(super) fn marshal(self, root: Option<VertexId>) -> (Vec<Op>, Numbers) {
        let mut out = Marshal { ops: Vec::new(), of: Numbers::default(), by_hash: HashMap::default() };
        let mut vertices: Vec<Option<Vertex>> = self.vertices.into_iter().map(Some).collect();
        // A vertex stays on the stack while its inputs are written; the number says how many of them were looked at.
        let mut stack: Vec<(VertexId, usize)> = root.map(|root| (root, 0)).into_iter().collect();
        while let Some((id, seen)) = stack.pop() {
            let slot = vertices.get_mut(id.0 as usize);
            let Some(vertex) = slot.as_ref().and_then(|slot| slot.as_ref()) else { continue };
            if let Some(input) = visited_input(vertex, seen) {
                stack.push((id, seen + 1));
                if !out.of.contains_key(&input) {
                    stack.push((input, 0));
                }
            } else if let Some(vertex) = slot.and_then(Option::take) {
                out.write(id, vertex);
            }
        }
        (out.ops, out.of)
    }
}

/// The inputs in the order in which BuildKit descends into them: of files, the base and then the sources from last
/// to first.
fn visited_input(vertex: &Vertex, seen: usize) -> Option<VertexId> {
    let count = vertex.inputs.len();
    if seen >= count {
        return None;
    }
    let at = match &vertex.kind {
        OpKind::File(actions) => {
            let base = usize::from(actions.first().is_some_and(|action| action.input.is_some()));
            if seen < base { seen } else { count - 1 - (seen - base) }
        }
        _ => seen,
    };
    vertex.inputs.get(at).copied()
}

struct Marshal {
    ops: Vec<Op>,
    of: Numbers,
    /// The first op of a hash, and others.
    by_hash: HashMap<u64, (OpId, Vec<OpId>), BuildHasherDefault<Quick>>,
}

impl Marshal {
    fn write(&mut self, id: VertexId, vertex: Vertex) {
        let Vertex { name, mut kind, inputs, platform, ignore_cache, origin, lines, group } = vertex;
        let mut unique: Vec<OpId> = Vec::with_capacity(inputs.len());
        // Where each input went, which only those with several have to be told.
        let mut position: Vec<u32> = Vec::with_capacity(if inputs.len() > 1 { inputs.len() } else { 0 });
        for input in &inputs {
            let Some(&op) = self.of.get(input) else { continue };
            let at = if matches!(kind, OpKind::Merge) {
                None
            } else {
                unique.iter().position(|&other| other == op)
            };
            if inputs.len() > 1 {
                position.push(at.unwrap_or(unique.len()) as u32);
            }
            if at.is_none() {
                unique.push(op);
            }
        }
        if unique.len() < inputs.len() {
            renumber(&mut kind, &position);
        }
        let mut hasher = Quick::default();
        (&kind, &unique, &platform).hash(&mut hasher);
        let hash = hasher.finish();
        let same = self.by_hash.get(&hash).into_iter();
        let found =
            same.flat_map(|(first, others)| std::iter::once(first).chain(others)).copied().find(|op| {
                self.ops
                    .get(op.index())
                    .is_some_and(|op| op.kind == kind && op.inputs == unique && op.platform == platform)
            });
        if let Some(op) = found {
            self.of.insert(id, op);
            if let Some(op) = self.ops.get_mut(op.index()) {
                op.name = name;
                op.ignore_cache |= ignore_cache;
                op.origins.extend(origin);
                op.lines.extend(lines);
                op.group = group.or(op.group.take());
            }
            return;
        }
        let op = OpId(self.ops.len() as u32);
        match self.by_hash.entry(hash) {
            Entry::Vacant(free) => {
                free.insert((op, Vec::new()));
            }
            Entry::Occupied(taken) => taken.into_mut().1.push(op),
        }
        self.of.insert(id, op);
        let origins = origin.into_iter().collect();
        self.ops.push(Op { name, kind, inputs: unique, platform, ignore_cache, origins, lines, group });
    }
}

fn renumber(kind: &mut OpKind, position: &[u32]) {
    let moved = |at: &mut Option<u32>| {
        if let Some(at) = at {
            *at = position.get(*at as usize).copied().unwrap_or(*at);
        }
    };
    match kind {
        OpKind::Exec(exec) => exec.mounts.iter_mut().for_each(|mount| moved(&mut mount.input)),
        OpKind::File(actions) => {
            for action in actions {
                moved(&mut action.input);
                if let FileActionKind::Copy(copy) = &mut action.kind {
                    moved(&mut copy.from);
                }
            }
        }
        OpKind::Source(_) | OpKind::Merge => {}
    }
}
