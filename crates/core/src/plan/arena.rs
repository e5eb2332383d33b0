//! Operations while a plan is made: before equal ones become one.

use super::{FileActionKind, Op, OpId, OpKind};
use smallvec::SmallVec;
use stagecraft_dockerfile::Dockerfile;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// The number of an operation in the [`Arena`], where each stands as one instruction asks for it. For files the first
/// input is the base, if there is one.
pub(super) type VertexId = OpId;

/// Which vertex became which op.
#[derive(Debug, Default)]
pub(super) struct Numbers(Vec<Option<OpId>>);

impl Numbers {
    pub(super) fn get(&self, vertex: VertexId) -> Option<OpId> {
        self.0.get(vertex.index()).copied().flatten()
    }

    fn set(&mut self, vertex: VertexId, op: OpId) {
        if let Some(slot) = self.0.get_mut(vertex.index()) {
            *slot = Some(op);
        }
    }
}

/// A hash that is quick to work out. Equality decides in the end, so that collisions only cost time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            for (to, from) in last.iter_mut().zip(rest) {
                *to = *from;
            }
            self.write_u64(u64::from_le_bytes(last));
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
#[derive(Debug)]
pub(super) struct Arena {
    vertices: Vec<Op>,
}

impl Arena {
    /// With room for about what a file needs.
    pub(super) fn for_file(file: &Dockerfile<'_>) -> Self {
        Self { vertices: Vec::with_capacity(file.instructions.len().min(64)) }
    }

    pub(super) fn add(&mut self, vertex: Op) -> VertexId {
        let id = OpId(self.vertices.len() as u32);
        self.vertices.push(vertex);
        id
    }

    pub(super) fn get_mut(&mut self, id: VertexId) -> Option<&mut Op> {
        self.vertices.get_mut(id.index())
    }

    /// The operations that `root` needs, every input before its users; and which vertex became which. Equal ones
    /// become one and keep the name of the last, as when BuildKit writes its definition (`llb.State.Marshal`).
    pub(super) fn marshal(self, root: Option<VertexId>) -> (Vec<Op>, Numbers) {
        let count = self.vertices.len();
        let mut out = Marshal {
            ops: Vec::with_capacity(count),
            of: Numbers(vec![None; count]),
            by_hash: HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default()),
        };
        let mut vertices: Vec<Option<Op>> = self.vertices.into_iter().map(Some).collect();
        // A vertex stays on the stack while its inputs are written; the number says how many of them were looked at.
        let mut stack: Vec<(VertexId, usize)> = Vec::with_capacity(count);
        stack.extend(root.map(|root| (root, 0)));
        while let Some((id, seen)) = stack.pop() {
            let slot = vertices.get_mut(id.index());
            let Some(vertex) = slot.as_ref().and_then(|slot| slot.as_ref()) else { continue };
            if let Some(input) = visited_input(vertex, seen) {
                stack.push((id, seen + 1));
                if out.of.get(input).is_none() {
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
fn visited_input(vertex: &Op, seen: usize) -> Option<VertexId> {
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
    fn write(&mut self, id: VertexId, mut op: Op) {
        self.number_inputs(&mut op);
        let mut hasher = Quick::default();
        (&op.kind, &*op.inputs, &op.platform).hash(&mut hasher);
        let hash = hasher.finish();
        let same = self.by_hash.get(&hash).into_iter();
        let equal =
            |other: &Op| other.kind == op.kind && other.inputs == op.inputs && other.platform == op.platform;
        let found = same
            .flat_map(|(first, others)| std::iter::once(first).chain(others))
            .copied()
            .find(|id| self.ops.get(id.index()).is_some_and(equal));
        if let Some(found) = found {
            self.of.set(id, found);
            if let Some(known) = self.ops.get_mut(found.index()) {
                known.name = op.name;
                known.ignore_cache |= op.ignore_cache;
                known.origins.extend(op.origins);
                known.group = op.group.or(known.group.take());
            }
            return;
        }
        let number = OpId(self.ops.len() as u32);
        match self.by_hash.entry(hash) {
            Entry::Vacant(free) => {
                free.insert((number, Vec::new()));
            }
            Entry::Occupied(taken) => taken.into_mut().1.push(number),
        }
        self.of.set(id, number);
        self.ops.push(op);
    }

    /// Gives inputs the numbers of the ops that they became; of those that became one, one stays.
    fn number_inputs(&self, op: &mut Op) {
        if let [only] = op.inputs.as_mut_slice()
            && let Some(number) = self.of.get(*only)
        {
            *only = number;
            return;
        }
        let merge = matches!(op.kind, OpKind::Merge);
        let mut unique: SmallVec<[OpId; 2]> = SmallVec::new();
        // Where each input went.
        let mut position: Vec<u32> = Vec::new();
        for input in &op.inputs {
            let Some(number) = self.of.get(*input) else { continue };
            let at = unique.iter().position(|&other| other == number && !merge);
            position.push(at.unwrap_or(unique.len()) as u32);
            if at.is_none() {
                unique.push(number);
            }
        }
        if unique.len() < op.inputs.len() {
            renumber(&mut op.kind, &position);
        }
        op.inputs = unique;
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
