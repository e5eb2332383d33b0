//! Where a file came from.

use std::sync::Arc;

/// Where a file came from: who wrote it, and what it was copied from, back to its beginning. `writer` is a
/// number that the caller hands out (the sandbox does not know what a step is).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who wrote it.
    pub writer: u32,
    /// The path it had there and its own origin, if it was copied. A slash at the end says that this is the
    /// directory that it was in, under the name that it still has: what is copied together shares this value.
    pub from: Option<(Arc<str>, Arc<Origin>)>,
}

impl Origin {
    /// Written by `writer`, copied from nowhere.
    pub fn by(writer: u32) -> Arc<Self> {
        Arc::new(Self { writer, from: None })
    }

    /// A copy made by `writer` of what stood at `path`. Without an origin of its own the trail begins here.
    pub fn copied(writer: u32, path: &str, origin: Option<&Arc<Self>>) -> Arc<Self> {
        Arc::new(Self { writer, from: origin.map(|origin| (Arc::from(path), Arc::clone(origin))) })
    }

    /// Where what is called `name` here was copied from: its path there and its origin there.
    pub fn source(&self, name: &str) -> Option<(String, &Arc<Self>)> {
        let (path, origin) = self.from.as_ref()?;
        Some((if path.ends_with('/') { format!("{path}{name}") } else { path.to_string() }, origin))
    }
}

/// The origins of what one copy takes out of one directory: mostly one and the same.
pub struct Siblings {
    writer: u32,
    dir: Arc<str>,
    last: Option<(Option<Arc<Origin>>, Arc<Origin>)>,
}

impl Siblings {
    /// For the entries of the directory at `dir`, which keep their names.
    pub fn new(writer: u32, dir: &str) -> Self {
        Self { writer, dir: Arc::from(super::child(dir, "")), last: None }
    }

    /// The origin of a copy of an entry that has this one.
    pub fn copied(&mut self, origin: Option<&Arc<Origin>>) -> Arc<Origin> {
        if let Some((before, made)) = &self.last
            && before.as_ref().map(Arc::as_ptr) == origin.map(Arc::as_ptr)
        {
            return Arc::clone(made);
        }
        let from = origin.map(|origin| (Arc::clone(&self.dir), Arc::clone(origin)));
        let made = Arc::new(Origin { writer: self.writer, from });
        self.last = Some((origin.cloned(), Arc::clone(&made)));
        made
    }
}
