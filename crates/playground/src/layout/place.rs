//! Heights: each slot as near as may be to what it is joined to, in order and without overlaps.

use super::{GAP, Grid};

const ROUNDS: usize = 6;

/// The top of each slot.
pub(super) fn tops(grid: &Grid) -> Vec<i32> {
    let mut tops = vec![0; grid.slots.len()];
    for column in &grid.columns {
        let mut y = 0;
        for &slot in column {
            set(&mut tops, slot, y);
            y += height(grid, slot) + GAP;
        }
    }
    let mut left: Vec<Vec<(i32, usize, i32)>> = vec![Vec::new(); grid.slots.len()];
    let mut right: Vec<Vec<(i32, usize, i32)>> = vec![Vec::new(); grid.slots.len()];
    for &(a, from_y, b, to_y) in &grid.joints {
        if let Some(list) = right.get_mut(a) {
            list.push((from_y, b, to_y));
        }
        if let Some(list) = left.get_mut(b) {
            list.push((to_y, a, from_y));
        }
    }
    for round in 0..ROUNDS {
        let order: Vec<usize> = if round % 2 == 0 {
            (0..grid.columns.len()).collect()
        } else {
            (0..grid.columns.len()).rev().collect()
        };
        for column in order.into_iter().filter_map(|c| grid.columns.get(c)) {
            let wanted: Vec<i32> = column
                .iter()
                .map(|&slot| {
                    let sides = [left.get(slot), right.get(slot)];
                    let joints: Vec<_> = sides.into_iter().flatten().flatten().collect();
                    let sum: i64 =
                        joints.iter().map(|(own, other, y)| i64::from(get(&tops, *other) + y - own)).sum();
                    if joints.is_empty() { get(&tops, slot) } else { (sum / joints.len() as i64) as i32 }
                })
                .collect();
            for (&slot, top) in column.iter().zip(fit(grid, column, &wanted)) {
                set(&mut tops, slot, top);
            }
        }
    }
    let least = tops.iter().min().copied().unwrap_or(0);
    tops.iter().map(|top| top - least).collect()
}

fn get(tops: &[i32], slot: usize) -> i32 {
    tops.get(slot).copied().unwrap_or(0)
}

fn set(tops: &mut [i32], slot: usize, y: i32) {
    if let Some(top) = tops.get_mut(slot) {
        *top = y;
    }
}

fn height(grid: &Grid, slot: usize) -> i32 {
    grid.slots.get(slot).map_or(0, |s| s.height)
}

/// The tops nearest to the wanted ones (in the sense of least squares) that keep order and distance: slots
/// that would overlap are pooled and moved together.
fn fit(grid: &Grid, column: &[usize], wanted: &[i32]) -> Vec<i32> {
    // Each pool: sum of wanted positions less offsets, and how many slots.
    let mut pools: Vec<(i64, i64)> = Vec::new();
    let mut offset = 0_i64;
    let mut offsets = Vec::with_capacity(column.len());
    for (&slot, &want) in column.iter().zip(wanted) {
        offsets.push(offset);
        let mut pool = (i64::from(want) - offset, 1);
        while let Some(&(sum, n)) = pools.last() {
            if sum.div_euclid(n) <= pool.0.div_euclid(pool.1) {
                break;
            }
            pools.pop();
            pool = (pool.0 + sum, pool.1 + n);
        }
        pools.push(pool);
        offset += i64::from(height(grid, slot) + GAP);
    }
    let starts = pools.iter().flat_map(|&(sum, n)| std::iter::repeat_n(sum.div_euclid(n), n as usize));
    starts.zip(offsets).map(|(start, offset)| (start + offset) as i32).collect()
}
