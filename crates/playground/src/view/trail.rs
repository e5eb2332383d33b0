//! Where does this file come from?

use crate::color::Color;
use crate::text::{Goto, Phrase, Text};
use serde::{Deserialize, Serialize};

/// A file and its way here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrailView {
    /// `Where does /usr/local/bin/shop come from?`
    pub title: Phrase,
    /// From its beginning to here.
    pub rows: Vec<TrailRow>,
    /// Mode, owner, size, link target: name and value.
    pub facts: Vec<(Text, Text)>,
    /// Its text, if it is known and text, cut at 64 KiB.
    pub content: Option<Text>,
}

/// A station of the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailRow {
    /// Of the stage.
    pub color: Color,
    /// `build, line 11 /out/shop`.
    pub text: Phrase,
    /// Where a click goes.
    pub goto: Option<Goto>,
}
