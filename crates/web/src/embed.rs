//! What an embed shows: read from the address, `?embed&panes=graph,log&readonly`, or the same behind the `#`.

use crate::pane::PANES;
use stagecraft_playground::state::Pane;

/// How the page is shown.
#[allow(clippy::struct_excessive_bools, reason = "each is a word of the address")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The compact form for a frame in somebody's page.
    pub embed: bool,
    /// Large, for a room.
    pub present: bool,
    /// Nothing may be changed.
    pub read_only: bool,
    /// The source is shown.
    pub source: bool,
    /// The graph is shown.
    pub graph: bool,
    /// The timeline is shown.
    pub timeline: bool,
    /// The panes that are shown, in the order of the tabs.
    pub panes: Vec<Pane>,
    /// The work of a link, encoded.
    pub code: Option<String>,
    /// The example to open.
    pub example: Option<String>,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            embed: false,
            present: false,
            read_only: false,
            source: true,
            graph: true,
            timeline: true,
            panes: PANES.iter().map(|(pane, _, _)| *pane).collect(),
            code: None,
            example: None,
        }
    }
}

impl Frame {
    /// What the address says: its query, then its fragment.
    pub fn read(search: &str, hash: &str) -> Self {
        let mut frame = Self::default();
        let mut chosen = None;
        let pairs = search.trim_start_matches('?').split('&').chain(hash.trim_start_matches('#').split('&'));
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let on = !matches!(value, "0" | "false" | "no");
            match name {
                "embed" => frame.embed = on,
                "present" => frame.present = on,
                "readonly" | "read-only" => frame.read_only = on,
                "panes" => chosen = Some(value.replace("%2C", ",")),
                "p" if !value.is_empty() => frame.code = Some(value.to_owned()),
                "example" if !value.is_empty() => frame.example = Some(value.to_owned()),
                _ => {}
            }
        }
        if let Some(chosen) = chosen {
            let has = |name: &str| chosen.split(',').any(|other| other.trim() == name);
            (frame.source, frame.graph, frame.timeline) = (has("source"), has("graph"), has("timeline"));
            frame.panes = PANES.iter().filter(|(_, id, _)| has(id)).map(|(pane, _, _)| *pane).collect();
            // A frame that shows nothing helps nobody.
            if !(frame.source || frame.graph || frame.timeline) && frame.panes.is_empty() {
                frame.graph = true;
            }
        }
        frame
    }

    /// Whether anything of the build's half is shown.
    pub fn build(&self) -> bool {
        self.graph || self.timeline || !self.panes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_query_and_the_fragment() {
        let frame = Frame::read("?embed&panes=graph,log&readonly", "#p=abc");
        assert!(frame.embed && frame.read_only && frame.graph && !frame.source && !frame.timeline);
        assert_eq!(frame.panes, [Pane::Log]);
        assert_eq!(frame.code.as_deref(), Some("abc"));
        assert!(Frame::read("", "#embed&p=x").embed);
        assert!(Frame::read("?embed&panes=nothing", "").graph);
        assert_eq!(Frame::read("?embed=0", ""), Frame::default());
    }
}
