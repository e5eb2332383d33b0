//! Brace expansion of bash: `{a,b}` and `{1..5}`.

use super::machine::{Halt, Machine};
use super::syntax::{Part, Word};

/// A character outside quotes, or a part that is not looked into.
#[derive(Clone)]
enum Item {
    Char(char),
    Part(Part),
}

/// The words that one word stands for, in order.
pub(crate) fn expand(m: &mut Machine<'_>, word: &Word) -> Result<Vec<Word>, Halt> {
    let mut items = Vec::new();
    for part in &word.0 {
        match part {
            Part::Text(text) => items.extend(text.chars().map(Item::Char)),
            other => items.push(Item::Part(other.clone())),
        }
    }
    let mut out = Vec::new();
    expand_items(m, items, 0, &mut out)?;
    Ok(out.into_iter().map(to_word).collect())
}

fn to_word(items: Vec<Item>) -> Word {
    let mut parts = Vec::new();
    for item in items {
        match item {
            Item::Part(part) => parts.push(part),
            Item::Char(c) => match parts.last_mut() {
                Some(Part::Text(text)) => text.push(c),
                _ => parts.push(Part::Text(c.to_string())),
            },
        }
    }
    Word(parts)
}

fn expand_items(
    m: &mut Machine<'_>,
    items: Vec<Item>,
    depth: u32,
    out: &mut Vec<Vec<Item>>,
) -> Result<(), Halt> {
    m.spend(1 + items.len() as u64 / 4)?;
    if depth > 20 || out.len() > 100_000 {
        return Err(Halt::Fuel);
    }
    let Some((start, end, alternatives)) = find(&items) else {
        out.push(items);
        return Ok(());
    };
    for alternative in alternatives {
        let mut next: Vec<Item> = items.get(..start).unwrap_or(&[]).to_vec();
        next.extend(alternative);
        next.extend(items.get(end + 1..).unwrap_or(&[]).iter().cloned());
        expand_items(m, next, depth + 1, out)?;
    }
    Ok(())
}

type Span = (usize, usize, Vec<Vec<Item>>);

/// The first braces that hold a comma or a range, and what they stand for.
fn find(items: &[Item]) -> Option<Span> {
    for (start, item) in items.iter().enumerate() {
        if !matches!(item, Item::Char('{')) {
            continue;
        }
        let mut depth = 0;
        let mut pieces: Vec<Vec<Item>> = vec![Vec::new()];
        for (at, item) in items.iter().enumerate().skip(start) {
            match item {
                Item::Char('{') => {
                    depth += 1;
                    if depth == 1 {
                        continue;
                    }
                }
                Item::Char('}') => {
                    depth -= 1;
                    if depth == 0 {
                        if pieces.len() > 1 {
                            return Some((start, at, pieces));
                        }
                        if let Some(range) = pieces.first().and_then(|piece| range(piece)) {
                            return Some((start, at, range));
                        }
                        break;
                    }
                }
                Item::Char(',') if depth == 1 => {
                    pieces.push(Vec::new());
                    continue;
                }
                _ => {}
            }
            pieces.last_mut()?.push(item.clone());
        }
    }
    None
}

fn range(piece: &[Item]) -> Option<Vec<Vec<Item>>> {
    let mut text = String::new();
    for item in piece {
        match item {
            Item::Char(c) => text.push(*c),
            Item::Part(_) => return None,
        }
    }
    let mut ends = text.split("..");
    let (from, to) = (ends.next()?, ends.next()?);
    let step: i64 = ends.next().map_or(Some(1), |step| step.parse().ok())?;
    let chars = |text: String| text.chars().map(Item::Char).collect::<Vec<_>>();
    let count = |a: i64, b: i64| {
        let step = step.unsigned_abs().max(1) as i64;
        let n = (b.abs_diff(a) / step as u64).min(10_000) as i64;
        (0..=n).map(move |i| if a <= b { a + i * step } else { a - i * step })
    };
    if let (Ok(a), Ok(b)) = (from.parse::<i64>(), to.parse::<i64>()) {
        let padded = (from.len() > 1 && from.starts_with('0')) || (to.len() > 1 && to.starts_with('0'));
        let width = if padded { from.len().max(to.len()) } else { 0 };
        return Some(count(a, b).map(|n| chars(format!("{n:0width$}"))).collect());
    }
    let letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    let (a, b) = (letter(from)?, letter(to)?);
    let letters = count(i64::from(u32::from(a)), i64::from(u32::from(b)));
    Some(
        letters
            .filter_map(|n| u32::try_from(n).ok().and_then(char::from_u32))
            .map(|c| vec![Item::Char(c)])
            .collect(),
    )
}
