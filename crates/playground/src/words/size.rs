//! Sizes, with how far they are known.

use super::bytes;
use stagecraft_core::simulation::{EntryKind, Layer};
use stagecraft_sandbox::tree::{Content, Node};

/// How far a size is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// To the byte.
    Exactly,
    /// A model made some of it up.
    About,
    /// There is more that nobody knows.
    AtLeast,
}

impl Known {
    /// `686 kB`, `≈ 686 kB`, `≥ 686 kB`; `?` where nothing is known.
    pub fn size(self, n: u64) -> String {
        match self {
            Self::Exactly => bytes(n),
            Self::About => format!("≈ {}", bytes(n)),
            Self::AtLeast if n == 0 => "?".to_owned(),
            Self::AtLeast => format!("≥ {}", bytes(n)),
        }
    }

    /// Of a file. What a person said of it counts as known.
    pub fn content(content: &Content) -> Self {
        match content {
            Content::Modelled { source, .. } if !matches!(&**source, "declared" | "stated") => Self::About,
            Content::Bytes(_) | Content::Modelled { .. } => Self::Exactly,
            Content::Unknown { .. } => Self::AtLeast,
        }
    }

    /// Of all that a layer holds.
    pub fn layer(layer: &Layer) -> Self {
        let files = layer.entries.iter().filter_map(|entry| match &entry.kind {
            EntryKind::Node(Node::File(file)) => Some(Self::content(&file.content)),
            _ => None,
        });
        files.max().unwrap_or(Self::Exactly)
    }
}

/// A file's size.
pub fn content_size(content: &Content) -> String {
    Known::content(content).size(content.size())
}

/// A layer's size.
pub fn layer_size(layer: &Layer) -> String {
    Known::layer(layer).size(layer.size)
}
