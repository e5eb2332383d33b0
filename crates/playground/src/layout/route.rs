//! Columns' places from left to right, the ways of the links, and room for their labels.

use super::{Block, Grid, Layout, Link, MARGIN, Route};
use crate::view::Point;

/// The least and the most space between two columns.
const NARROW: i32 = 52;
const WIDE: i32 = 210;
/// Lines of labels keep this distance.
const LINE: i32 = 15;

/// Puts all together.
pub(super) fn layout(blocks: &[Block], links: &[Link], grid: &Grid, tops: &[i32]) -> Layout {
    let n = grid.columns.len();
    let widths: Vec<i32> = grid
        .columns
        .iter()
        .map(|column| column.iter().filter_map(|&s| grid.slots.get(s)).map(|s| s.width).max().unwrap_or(0))
        .collect();
    // The space in front of a column is as wide as the widest label that ends there.
    let mut gaps = vec![NARROW; n];
    for link in links.iter().filter(|l| l.label > 0) {
        if let Some(gap) = grid.column_of.get(link.to).and_then(|&c| gaps.get_mut(c)) {
            *gap = (*gap).max((link.label as i32 + 20).min(WIDE));
        }
    }
    let mut lefts = Vec::with_capacity(n);
    let mut x = MARGIN;
    for (i, (width, gap)) in widths.iter().zip(&gaps).enumerate() {
        if i > 0 {
            x += gap;
        }
        lefts.push(x);
        x += width;
    }
    let column = |slot: usize| grid.column_of.get(slot).copied().unwrap_or(0);
    let left = |c: usize| lefts.get(c).copied().unwrap_or(MARGIN);
    let width = |c: usize| widths.get(c).copied().unwrap_or(0);
    let top = |slot: usize| tops.get(slot).copied().unwrap_or(0) + MARGIN;
    let places: Vec<Point> = blocks
        .iter()
        .enumerate()
        .map(|(i, block)| {
            // Pills stand at the right of their column, next to what they lead to.
            let spare = if block.pill { width(column(i)) - block.width as i32 } else { 0 };
            Point { x: left(column(i)) + spare, y: top(i) }
        })
        .collect();
    let height = grid.slots.iter().enumerate().map(|(i, slot)| top(i) + slot.height).max().unwrap_or(0);
    let mut routes: Vec<Route> = Vec::with_capacity(links.len());
    for (link, way) in links.iter().zip(&grid.ways) {
        let (Some(from), Some(to)) = (places.get(link.from), places.get(link.to)) else {
            routes.push(Route::default());
            continue;
        };
        let out = blocks.get(link.from).map_or(0, |b| b.width as i32);
        let mut points = vec![Point { x: from.x + out, y: from.y + link.from_y }];
        for &slot in way.iter().skip(1).take(way.len().saturating_sub(2)) {
            let (x, y) = (left(column(slot)), top(slot) + 4);
            points.push(Point { x, y });
            points.push(Point { x: x + width(column(slot)), y });
        }
        let end = Point { x: to.x, y: to.y + link.to_y };
        points.push(end);
        // Just before the box that the link enters, above the line.
        let label_at = Point { x: end.x - link.label as i32 / 2 - 10, y: end.y - 11 };
        routes.push(Route { points, label_at });
    }
    part_labels(links, grid, &mut routes);
    let lowest = routes.iter().map(|r| r.label_at.y + LINE / 2).max().unwrap_or(0);
    Layout { width: (x + MARGIN) as u32, height: (height.max(lowest) + MARGIN) as u32, places, routes }
}

/// Moves labels that end at the same column apart.
fn part_labels(links: &[Link], grid: &Grid, routes: &mut [Route]) {
    let mut labels: Vec<(usize, i32, usize)> = links
        .iter()
        .enumerate()
        .filter(|(_, l)| l.label > 0)
        .filter_map(|(i, l)| Some((*grid.column_of.get(l.to)?, routes.get(i)?.label_at.y, i)))
        .collect();
    labels.sort_unstable();
    let mut before: Option<(usize, i32)> = None;
    for (column, y, i) in labels {
        let y = match before {
            Some((same, above)) if same == column => y.max(above + LINE),
            _ => y.max(LINE),
        };
        if let Some(route) = routes.get_mut(i) {
            route.label_at.y = y;
        }
        before = Some((column, y));
    }
}
