//! Columns: cards by longest path, pills just before what they lead to.

use super::{Block, Link};

/// The rank of each box: odd for cards, even for pills.
pub(super) fn ranks(blocks: &[Block], links: &[Link]) -> Vec<usize> {
    let is_pill = |i: usize| blocks.get(i).is_some_and(|b| b.pill);
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); blocks.len()];
    for link in links.iter().filter(|l| l.from < l.to && !is_pill(l.from) && !is_pill(l.to)) {
        if let Some(list) = into.get_mut(link.to) {
            list.push(link.from);
        }
    }
    let mut ranks = vec![1_usize; blocks.len()];
    // Links lead to higher indexes, so one pass finds the longest paths.
    for (i, from) in into.iter().enumerate() {
        let most = from.iter().filter_map(|&f| ranks.get(f)).max().map_or(1, |r| r + 2);
        if let Some(rank) = ranks.get_mut(i) {
            *rank = most;
        }
    }
    for i in (0..blocks.len()).filter(|&i| is_pill(i)) {
        let first =
            links.iter().filter(|l| l.from == i).filter_map(|l| ranks.get(l.to)).min().copied().unwrap_or(1);
        if let Some(rank) = ranks.get_mut(i) {
            *rank = first.saturating_sub(1);
        }
    }
    ranks
}
