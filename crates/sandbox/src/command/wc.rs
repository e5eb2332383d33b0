//! `wc`: lines, words, bytes, characters, columns.

use super::opts;
use super::text::open;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};

/// Columns of a line, tabs up to the next eighth.
fn line_width(line: &str) -> u64 {
    line.chars().fold(0, |at, c| if c == '\t' { (at / 8 + 1) * 8 } else { at + 1 })
}

/// Columns that GNU's `wc` takes for a number: those of the size of all files, seven where one is none.
fn gnu_width(p: &mut Process<'_, '_>, files: &[String]) -> Result<usize, Halt> {
    let (mut total, mut least) = (0, 1);
    for file in files {
        let size = if file.is_empty() || file == "-" {
            let stdin = p.fds.get(&0).copied();
            stdin.and_then(|stream| p.m.sizes.get(&stream).copied())
        } else {
            match p.stat(file)? {
                Ok(node) => node.as_file().map(|file| file.content.size()),
                Err(_) => Some(0),
            }
        };
        match size {
            Some(size) => total += size,
            None => least = 7,
        }
    }
    Ok(total.to_string().len().max(least))
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')];
    let opts = opts::parse(p, "lwcmL", &longs)?;
    let columns: Vec<char> =
        "lwmcL".chars().filter(|c| opts.has(*c) || (opts.flags.is_empty() && "lwc".contains(*c))).collect();
    let mut code = 0;
    let mut rows: Vec<(Vec<Option<u64>>, String)> = Vec::new();
    let files = if opts.operands.is_empty() { vec![String::new()] } else { opts.operands.clone() };
    for file in &files {
        let size = match (file.is_empty(), p.stat(file)) {
            (false, Ok(Ok(node))) => node.as_file().map(|file| file.content.clone()),
            _ => None,
        };
        let dir = !file.is_empty() && matches!(p.stat(file), Ok(Ok(node)) if node.is_dir());
        let bytes = if file.is_empty() { Some(p.stdin()) } else { open(p, file)? };
        let Some(bytes) = bytes else {
            code = 1;
            if dir {
                rows.push((columns.iter().map(|_| Some(0)).collect(), file.clone()));
            }
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let unknown = text.contains(UNKNOWN);
        let row = columns
            .iter()
            .map(|column| match (column, &size) {
                ('c', Some(content)) if content.known().is_none() && content.size() > 0 => {
                    Some(content.size())
                }
                _ if unknown => None,
                ('l', _) => Some(bytes.iter().filter(|b| **b == b'\n').count() as u64),
                ('w', _) => Some(text.split_ascii_whitespace().count() as u64),
                ('m', _) => Some(text.chars().count() as u64),
                ('L', _) => text.lines().map(line_width).max().or(Some(0)),
                _ => Some(bytes.len() as u64),
            })
            .collect();
        rows.push((row, file.clone()));
    }
    if files.len() > 1 {
        let mut total: Vec<Option<u64>> = vec![Some(0); columns.len()];
        for (row, _) in &rows {
            for ((sum, value), column) in total.iter_mut().zip(row).zip(&columns) {
                *sum = match (column, *sum, *value) {
                    ('L', Some(a), Some(b)) => Some(a.max(b)),
                    (_, Some(a), Some(b)) => Some(a + b),
                    _ => None,
                };
            }
        }
        rows.push((total, "total".to_owned()));
    }
    let shown = |value: &Option<u64>| value.map_or_else(|| UNKNOWN.to_string(), |value| value.to_string());
    let gnu_width = if columns.len() == 1 && files.len() == 1 { 1 } else { gnu_width(p, &files)? };
    for (row, file) in rows {
        let alone = columns.len() == 1;
        let mut text = String::new();
        for (at, value) in row.iter().enumerate() {
            let value = shown(value);
            if p.busybox() {
                // One number of standard input or of one file stands alone; more are set in columns of nine.
                if alone && files.len() == 1 {
                    text.push_str(&value);
                } else {
                    if at > 0 {
                        text.push(' ');
                    }
                    text.push_str(&format!("{value:>9}"));
                }
            } else {
                let width = gnu_width;
                if at > 0 {
                    text.push(' ');
                }
                text.push_str(&format!("{value:>width$}"));
            }
        }
        if !file.is_empty() {
            text.push(' ');
            text.push_str(&file);
        }
        p.line(&text)?;
    }
    Ok(code)
}
