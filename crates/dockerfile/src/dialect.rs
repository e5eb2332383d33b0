//! Which builder's reading of the grammar applies. There is one grammar; a dialect switches parts of it.

/// A builder's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// BuildKit's built-in Dockerfile front end, 1.26 (moby/buildkit 73ed6825c4b7).
    #[default]
    BuildKit,
    /// The classic builder of Docker Engine 20.10.24: no here-documents, fewer flags, its own words.
    Legacy,
}
