//! `paste`: lines beside each other.

use super::opts;
use super::text::open;
use crate::shell::process::{Process, Run};

/// Cells with the delimiters between them in turn.
fn joined(cells: &[&str], delimiters: &[char]) -> String {
    let mut out = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.extend(delimiters.get((at - 1) % delimiters.len().max(1)).filter(|c| **c != '\0'));
        }
        out.push_str(cell);
    }
    out
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "sd:", &[("serial", 's'), ("delimiters=", 'd')])?;
    let (bytes, _) = super::echo::unescape(opts.value('d').unwrap_or("\t"), false);
    let delimiters: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
    if delimiters.is_empty() && p.busybox() {
        return p.fail(1, "-d '' is not supported");
    }
    let files = if opts.operands.is_empty() { vec!["-".to_owned()] } else { opts.operands.clone() };
    let mut columns: Vec<Vec<String>> = Vec::new();
    let shares = files.iter().filter(|file| *file == "-").count().max(1);
    let input = if files.iter().any(|file| file == "-") { super::lines(&p.stdin()) } else { Vec::new() };
    let mut share = 0;
    for file in &files {
        if file == "-" {
            // Columns of standard input take its lines in turn.
            columns.push(input.iter().skip(share).step_by(shares).cloned().collect());
            share += 1;
            continue;
        }
        let Some(bytes) = open(p, file)? else { return Ok(1) };
        columns.push(super::lines(&bytes));
    }
    if opts.has('s') {
        for column in columns {
            let cells: Vec<&str> = column.iter().map(String::as_str).collect();
            p.line(&joined(&cells, &delimiters))?;
        }
        return Ok(0);
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        if p.busybox() {
            // What has ended prints nothing, not even what stands behind it.
            let mut nth = 0;
            for (at, column) in columns.iter().enumerate() {
                let Some(cell) = column.get(row) else { continue };
                p.print(cell)?;
                if at + 1 == columns.len() {
                    p.print("\n")?;
                } else if let Some(delimiter) = delimiters.get(nth % delimiters.len().max(1)) {
                    nth += 1;
                    if *delimiter != '\0' {
                        p.print(delimiter.encode_utf8(&mut [0; 4]))?;
                    }
                }
            }
            continue;
        }
        let cells: Vec<&str> =
            columns.iter().map(|column| column.get(row).map_or("", String::as_str)).collect();
        p.line(&joined(&cells, &delimiters))?;
    }
    Ok(0)
}
