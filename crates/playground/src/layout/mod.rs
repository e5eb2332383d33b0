//! A small layered layout for graphs of stages: cards in columns from left to right by longest path, pills
//! (images, contexts) in the columns between, few crossings, no overlaps. Integers only, so that the same
//! graph looks the same everywhere.

mod order;
mod place;
mod rank;
mod route;
#[cfg(test)]
mod tests;

use crate::view::Point;

/// Space around the drawing.
pub const MARGIN: i32 = 24;
/// Space between boxes of one column.
pub const GAP: i32 = 26;
/// Chains of stand-ins for long links are made up to this number; links beyond it take the straight way.
const MOST_STAND_INS: usize = 2000;

/// A box to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// A pill stands in the column before the first box that it leads to.
    pub pill: bool,
}

/// A link from one box to another. Links between cards lead from a lower index to a higher one; others are
/// drawn, but do not decide where boxes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Index of the box that it leaves at its right edge.
    pub from: usize,
    /// Index of the box that it enters at its left edge.
    pub to: usize,
    /// Where it leaves, from the box's top.
    pub from_y: i32,
    /// Where it enters, from the box's top.
    pub to_y: i32,
    /// Width of its label; 0 without one.
    pub label: u32,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Width of the drawing.
    pub width: u32,
    /// Height of the drawing.
    pub height: u32,
    /// Top left corners, by box.
    pub places: Vec<Point>,
    /// By link.
    pub routes: Vec<Route>,
}

/// The way of a link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// Pairs of points: the first and last are the ends, between them the link crosses columns straight.
    pub points: Vec<Point>,
    /// The middle of its label.
    pub label_at: Point,
}

impl Route {
    /// The `d` of an SVG path: curves with level ends between columns, straight lines across them.
    pub fn path(&self) -> String {
        use std::fmt::Write;
        let mut d = String::new();
        let Some(first) = self.points.first() else { return d };
        let mut at = *first;
        let _ = write!(d, "M{} {}", at.x, at.y);
        for (i, point) in self.points.iter().enumerate().skip(1) {
            if i % 2 == 0 || at.y == point.y {
                let _ = write!(d, "L{} {}", point.x, point.y);
            } else {
                // Backward links get a wide bow.
                let reach = ((point.x - at.x) / 2).max(if point.x < at.x { 60 } else { 0 });
                let _ = write!(
                    d,
                    "C{} {} {} {} {} {}",
                    at.x + reach,
                    at.y,
                    point.x - reach,
                    point.y,
                    point.x,
                    point.y
                );
            }
            at = *point;
        }
        d
    }
}

/// A box or a stand-in that keeps room for a long link in a column that it crosses.
#[derive(Debug, Clone, Copy)]
struct Slot {
    width: i32,
    height: i32,
}

/// Boxes and stand-ins by column, and what connects neighboring columns.
#[derive(Debug, Default)]
struct Grid {
    slots: Vec<Slot>,
    /// Indexes into `slots`, from top to bottom.
    columns: Vec<Vec<usize>>,
    /// `(slot, y in it, slot, y in it)` between neighbors on a link's way.
    joints: Vec<(usize, i32, usize, i32)>,
    /// By link: the slots on its way, both ends included.
    ways: Vec<Vec<usize>>,
    /// By slot: its column.
    column_of: Vec<usize>,
}

/// Lays a graph out.
pub fn layout(blocks: &[Block], links: &[Link]) -> Layout {
    let ranks = rank::ranks(blocks, links);
    let mut grid = Grid::new(blocks, links, &ranks);
    order::order(&mut grid);
    let tops = place::tops(&grid);
    route::layout(blocks, links, &grid, &tops)
}

impl Grid {
    fn new(blocks: &[Block], links: &[Link], ranks: &[usize]) -> Self {
        // Columns that hold nothing are left out.
        let mut used: Vec<usize> = ranks.to_vec();
        used.sort_unstable();
        used.dedup();
        let column = |rank: usize| used.binary_search(&rank).unwrap_or(0);
        let mut grid = Self { columns: vec![Vec::new(); used.len()], ..Self::default() };
        for (block, &rank) in blocks.iter().zip(ranks) {
            let slot = Slot { width: block.width as i32, height: block.height as i32 };
            grid.add(slot, column(rank));
        }
        let mut stand_ins = 0;
        for link in links {
            let ends = (grid.column_of.get(link.from).copied(), grid.column_of.get(link.to).copied());
            let (Some(first), Some(last)) = ends else {
                grid.ways.push(Vec::new());
                continue;
            };
            let between = last.saturating_sub(first).saturating_sub(1);
            let mut way = vec![link.from];
            if stand_ins + between <= MOST_STAND_INS {
                stand_ins += between;
                for column in first + 1..last {
                    way.push(grid.add(Slot { width: 0, height: 8 }, column));
                }
            }
            way.push(link.to);
            if first < last {
                for (i, pair) in way.windows(2).enumerate() {
                    let [a, b] = pair else { continue };
                    let from_y = if i == 0 { link.from_y } else { 4 };
                    let to_y = if i + 2 == way.len() { link.to_y } else { 4 };
                    // A link that takes the straight way does not join neighbors.
                    if grid.are_neighbors(*a, *b) {
                        grid.joints.push((*a, from_y, *b, to_y));
                    }
                }
            }
            grid.ways.push(way);
        }
        grid
    }

    fn add(&mut self, slot: Slot, column: usize) -> usize {
        let id = self.slots.len();
        self.slots.push(slot);
        self.column_of.push(column);
        if let Some(column) = self.columns.get_mut(column) {
            column.push(id);
        }
        id
    }

    fn are_neighbors(&self, a: usize, b: usize) -> bool {
        matches!((self.column_of.get(a), self.column_of.get(b)), (Some(a), Some(b)) if a + 1 == *b)
    }
}
