//! The order within columns: barycenter sweeps, the one with the fewest crossings wins.

use super::Grid;

/// Graphs with more slots get a single sweep.
const LARGE: usize = 400;
const SWEEPS: usize = 6;

/// Sorts the columns.
pub(super) fn order(grid: &mut Grid) {
    let n = grid.slots.len();
    let mut left: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut right: Vec<Vec<usize>> = vec![Vec::new(); n];
    for &(a, _, b, _) in &grid.joints {
        if let Some(list) = right.get_mut(a) {
            list.push(b);
        }
        if let Some(list) = left.get_mut(b) {
            list.push(a);
        }
    }
    let mut best = (crossings(grid), grid.columns.clone());
    let sweeps = if n > LARGE { 1 } else { SWEEPS };
    for _ in 0..sweeps {
        if best.0 == 0 {
            break;
        }
        for column in 1..grid.columns.len() {
            sort(grid, column, &left);
        }
        keep_better(grid, &mut best);
        for column in (0..grid.columns.len().saturating_sub(1)).rev() {
            sort(grid, column, &right);
        }
        keep_better(grid, &mut best);
    }
    grid.columns = best.1;
}

fn keep_better(grid: &Grid, best: &mut (usize, Vec<Vec<usize>>)) {
    let now = crossings(grid);
    if now < best.0 {
        *best = (now, grid.columns.clone());
    }
}

fn positions(grid: &Grid) -> Vec<usize> {
    let mut at = vec![0; grid.slots.len()];
    for column in &grid.columns {
        for (i, &slot) in column.iter().enumerate() {
            if let Some(place) = at.get_mut(slot) {
                *place = i;
            }
        }
    }
    at
}

/// Sorts one column by the mean position of its slots' neighbors; those without neighbors stay where they are.
fn sort(grid: &mut Grid, column: usize, neighbors: &[Vec<usize>]) {
    let at = positions(grid);
    let Some(slots) = grid.columns.get_mut(column) else { return };
    let mean = |slot: usize| {
        let list = neighbors.get(slot).filter(|l| !l.is_empty())?;
        let sum: usize = list.iter().filter_map(|&n| at.get(n)).sum();
        Some(sum * 1000 / list.len())
    };
    let mut movable: Vec<(usize, usize)> = slots.iter().filter_map(|&s| Some((mean(s)?, s))).collect();
    movable.sort_by_key(|&(mean, _)| mean);
    let mut movable = movable.into_iter().map(|(_, slot)| slot);
    for slot in slots.iter_mut() {
        if mean(*slot).is_some() {
            *slot = movable.next().unwrap_or(*slot);
        }
    }
}

/// How many pairs of joints cross. Joints at different heights of one box are told apart.
fn crossings(grid: &Grid) -> usize {
    let at = positions(grid);
    let place = |slot: usize, y: i32| (at.get(slot).copied().unwrap_or(0), y);
    let mut by_column: Vec<Vec<_>> = vec![Vec::new(); grid.columns.len()];
    for &(a, from_y, b, to_y) in &grid.joints {
        let list = grid.column_of.get(a).and_then(|&c| by_column.get_mut(c));
        if let Some(list) = list {
            list.push((place(a, from_y), place(b, to_y)));
        }
    }
    let mut n = 0;
    for mut list in by_column {
        if list.len() > LARGE {
            continue;
        }
        list.sort_unstable();
        for (i, (a, b)) in list.iter().enumerate() {
            n += list.iter().skip(i + 1).filter(|(c, d)| a < c && d < b).count();
        }
    }
    n
}
