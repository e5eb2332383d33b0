//! `ls`

use super::{mode, opts};
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use crate::tree::{Content, Node};
use crate::user;

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("all", 'a'),
        ("almost-all", 'A'),
        ("recursive", 'R'),
        ("directory", 'd'),
        ("human-readable", 'h'),
        ("color", 'G'),
        ("inode", 'i'),
        ("reverse", 'r'),
    ];
    let opts = opts::parse(p, "1aAlRdhFrSntpgoLHkscCxXvqbGuZTiQm", &longs)?;
    if opts.any("iZs") {
        return p.option("-i");
    }
    let names = if opts.operands.is_empty() { vec![".".to_owned()] } else { opts.operands.clone() };
    let mut code = 0;
    let mut files = Vec::new();
    let mut dirs = Vec::new();
    for name in &names {
        let follow = !opts.has('l') || name.ends_with('/') || opts.any("LH");
        let node = if follow { p.stat(name)? } else { p.lstat(name)? };
        // A dangling link is listed as itself.
        // Without the long form, only a link to a directory is followed.
        let node = match node {
            Ok(found) if !found.is_dir() && !opts.any("LH") => p.lstat(name)?,
            other => other,
        };
        let dangling = matches!(node, Err(crate::shell::machine::Errno::NoEntry));
        let node = if dangling && !p.busybox() { p.lstat(name)? } else { node };
        match node {
            Ok(node) if node.is_dir() && !opts.has('d') => dirs.push(name.clone()),
            Ok(node) => files.push((name.clone(), node)),
            Err(errno) => {
                code = if p.busybox() { 1 } else { 2 };
                let text = if p.busybox() {
                    format!("{name}: {}", errno.text())
                } else {
                    format!("cannot access '{name}': {}", errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    dirs.sort();
    let titles = names.len() > 1 || opts.has('R');
    let any_files = !files.is_empty();
    print(p, &opts, files, None)?;
    let mut todo: Vec<String> = dirs;
    todo.reverse();
    let mut first = !any_files;
    while let Some(name) = todo.pop() {
        let dir = match p.list(&name)? {
            Ok(dir) => dir,
            Err(errno) => {
                code = if p.busybox() { 1 } else { 2 };
                let text = if p.busybox() {
                    format!("can't open '{name}': {}", errno.text())
                } else {
                    format!("cannot open directory '{name}': {}", errno.text())
                };
                p.complain(&text)?;
                continue;
            }
        };
        if titles {
            if !first {
                p.line("")?;
            }
            p.line(&format!("{name}:"))?;
        }
        first = false;
        let mut rows: Vec<(String, Node)> = Vec::new();
        if opts.has('a') {
            rows.push((".".to_owned(), Node::Dir(dir.clone())));
            let up = p
                .stat(&format!("{}/..", name.trim_end_matches('/')))?
                .unwrap_or_else(|_| Node::Dir(dir.clone()));
            rows.push(("..".to_owned(), up));
        }
        rows.extend(
            dir.entries()
                .iter()
                .filter(|(entry, _)| opts.any("aA") || !entry.starts_with('.'))
                .map(|(entry, node)| (entry.to_string(), node.clone())),
        );
        let below: Vec<String> = rows
            .iter()
            .filter(|(entry, node)| node.is_dir() && entry != "." && entry != "..")
            .map(|(entry, _)| format!("{}/{entry}", name.trim_end_matches('/')))
            .collect();
        let is_open = dir.unlisted.is_some() || p.m.incomplete;
        if is_open {
            p.m.note_unknown(format!("ls {name}"), crate::shell::Why::MayExist(name.clone()), true, "/");
        }
        print(p, &opts, rows, Some(&name))?;
        if is_open {
            // What else there may be.
            p.write(&[crate::shell::machine::UNKNOWN_BYTES, b"\n"].concat())?;
        }
        if opts.has('R') {
            p.m.spend(below.len() as u64)?;
            todo.extend(below.into_iter().rev());
        }
    }
    Ok(code)
}

fn blocks(node: &Node) -> u64 {
    match node {
        Node::File(file) => file.content.size().div_ceil(4096) * 4,
        Node::Dir(_) => 4,
        Node::Symlink { .. } => 0,
    }
}

fn print(
    p: &mut Process<'_, '_>,
    opts: &opts::Opts,
    mut rows: Vec<(String, Node)>,
    dir: Option<&str>,
) -> Result<(), Halt> {
    p.m.spend(rows.len() as u64)?;
    if opts.has('S') {
        rows.sort_by_key(|(_, node)| {
            std::cmp::Reverse(match node {
                Node::File(file) => file.content.size(),
                Node::Symlink { target, .. } => target.len() as u64,
                Node::Dir(_) => 4096,
            })
        });
    }
    if opts.has('r') {
        rows.reverse();
    }
    let mark = |node: &Node| match node {
        Node::Dir(_) if opts.any("Fp") => "/",
        Node::Symlink { .. } if opts.has('F') && !opts.has('l') => "@",
        Node::File(file) if opts.has('F') && file.meta.mode & 0o111 != 0 => "*",
        _ => "",
    };
    if !opts.any("lngo") {
        let rows: Vec<(String, Node)> = if opts.has('Q') {
            let quoted =
                |name: String| ["\"", &name.replace('\\', "\\\\").replace('"', "\\\""), "\""].concat();
            rows.into_iter().map(|(name, node)| (quoted(name), node)).collect()
        } else {
            rows
        };
        if opts.any("mxC") && rows.len() > 1 {
            // As many as there is room for in eighty columns.
            let names: Vec<String> = rows.iter().map(|(name, node)| [name, mark(node)].concat()).collect();
            if names.iter().map(|name| name.chars().count() + 2).sum::<usize>() > 80 {
                return p.option("-C");
            }
            let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
            let line = if opts.has('m') {
                names.join(", ")
            } else if p.busybox() {
                let cells = names.iter().map(|name| format!("{name:<widest$}"));
                cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
            } else {
                names.join("  ")
            };
            if p.busybox() && (widest + 2) * names.len() > 80 {
                return p.option("-C");
            }
            return p.line(&line);
        }
        for (name, node) in rows {
            let name = format!("{name}{}", mark(&node));
            p.line(&name)?;
        }
        return Ok(());
    }
    // Times are no part of the tree; the rest of a long line is as in life.
    p.m.at_least(crate::shell::Certainty::Modelled);
    let was = std::mem::replace(&mut p.m.modelled, true);
    let users = user::users(&p.m.tree);
    let groups = user::groups(&p.m.tree);
    if dir.is_some() {
        let total: u64 = rows.iter().map(|(_, node)| blocks(node)).sum();
        p.line(&format!("total {total}"))?;
    }
    let mut cells = Vec::new();
    for (name, node) in &rows {
        let meta = node.meta();
        let (kind, size, links) = match node {
            Node::File(file) => ('-', file.content.size(), links(p, node)),
            Node::Dir(dir) => {
                ('d', 4096, 2 + dir.entries().values().filter(|node| node.is_dir()).count() as u64)
            }
            Node::Symlink { target, .. } => ('l', target.len() as u64, 1),
        };
        let owner = users
            .iter()
            .find(|user| user.uid == meta.uid && !opts.has('n'))
            .map_or_else(|| meta.uid.to_string(), |user| user.name.clone());
        let group = groups
            .iter()
            .find(|group| group.gid == meta.gid && !opts.has('n'))
            .map_or_else(|| meta.gid.to_string(), |group| group.name.clone());
        let size = match node {
            Node::File(file) if matches!(file.content, Content::Unknown { .. }) => UNKNOWN.to_string(),
            _ if opts.has('h') => human(size, p.busybox()),
            _ => size.to_string(),
        };
        let arrow = match node {
            Node::Symlink { target, .. } => format!(" -> {target}"),
            _ => mark(node).to_owned(),
        };
        cells.push((
            mode::letters(kind, meta.mode),
            links.to_string(),
            owner,
            group,
            size,
            format!("{name}{arrow}"),
        ));
    }
    let busybox = p.busybox();
    let width = |pick: fn(&(String, String, String, String, String, String)) -> usize, least: usize| {
        cells.iter().map(pick).max().unwrap_or(0).max(if busybox { least } else { 0 })
    };
    let (l, o, g, s) =
        (width(|c| c.1.len(), 4), width(|c| c.2.len(), 8), width(|c| c.3.len(), 8), width(|c| c.4.len(), 9));
    for (mode, links, owner, group, size, name) in cells.clone() {
        let text = format!("{mode} {links:>l$} {owner:<o$} {group:<g$} {size:>s$} Jan  1 00:00 {name}");
        p.line(&text)?;
    }
    p.flush()?;
    p.m.modelled = was;
    Ok(())
}

/// How many names a file has.
pub(super) fn links(p: &Process<'_, '_>, node: &Node) -> u64 {
    let id = match node {
        Node::File(file) if file.hardlink != 0 => file.hardlink,
        _ => return 1,
    };
    let names =
        p.m.tree.walk().filter(|(_, other)| other.as_file().is_some_and(|file| file.hardlink == id)).count();
    names.max(1) as u64
}

/// `1.5K` as `-h` shows it.
pub(super) fn human(size: u64, busybox: bool) -> String {
    let mut value = size as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit < 5 {
        value /= 1024.0;
        unit += 1;
    }
    let letter = ["", "K", "M", "G", "T", "P"].get(unit).copied().unwrap_or("");
    if unit == 0 {
        size.to_string()
    } else if value < 10.0 || busybox {
        let value = if busybox { (value * 10.0).round() / 10.0 } else { (value * 10.0).ceil() / 10.0 };
        format!("{value:.1}{letter}")
    } else {
        format!("{:.0}{letter}", value.ceil())
    }
}

/// `stat`
/// The escapes that `stat --printf` knows.
fn escapes(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
}

pub(super) fn stat(p: &mut Process<'_, '_>) -> Run {
    let longs = [("format=", 'c'), ("printf=", 'P'), ("dereference", 'L'), ("file-system", 'f')];
    let opts = opts::parse(p, "c:Lft", &longs)?;
    let format = opts.value('c').or_else(|| opts.value('P')).map(str::to_owned);
    let full = format.is_none() || opts.has('f');
    let format = format.unwrap_or_default();
    let format = if opts.has('P') { escapes(&format) } else { format };
    if opts.operands.is_empty() {
        if p.busybox() {
            return super::usage(p);
        }
        p.complain("missing operand")?;
        return super::try_help(p);
    }
    let mut code = 0;
    for name in &opts.operands {
        let device = crate::shell::fs::is_device(&p.path(name));
        let node = if opts.has('L') { p.stat(name)? } else { p.lstat(name)? };
        if full && node.is_ok() {
            return p.option("without -c");
        }
        let node = match node {
            Ok(node) => node,
            Err(errno) => {
                code = 1;
                let text = if p.busybox() {
                    format!("can't stat '{name}': {}", errno.text())
                } else {
                    format!("cannot statx '{name}': {}", errno.text())
                };
                p.complain(&text)?;
                continue;
            }
        };
        let meta = node.meta();
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let kind = match &node {
                Node::File(_) => '-',
                Node::Dir(_) => 'd',
                Node::Symlink { .. } => 'l',
            };
            let size = match &node {
                Node::File(file) if matches!(file.content, Content::Unknown { .. }) => UNKNOWN.to_string(),
                Node::File(file) => file.content.size().to_string(),
                Node::Dir(_) => "4096".to_owned(),
                Node::Symlink { target, .. } => target.len().to_string(),
            };
            match chars.next() {
                Some('a') => out.push_str(&format!("{:o}", meta.mode)),
                Some('A') => out.push_str(&mode::letters(kind, meta.mode)),
                Some('u') => out.push_str(&meta.uid.to_string()),
                Some('g') => out.push_str(&meta.gid.to_string()),
                Some('U') => {
                    let found = user::users(&p.m.tree).into_iter().find(|user| user.uid == meta.uid);
                    out.push_str(&found.map_or_else(|| "UNKNOWN".to_owned(), |user| user.name));
                }
                Some('G') => {
                    let found = user::groups(&p.m.tree).into_iter().find(|group| group.gid == meta.gid);
                    out.push_str(&found.map_or_else(|| "UNKNOWN".to_owned(), |group| group.name));
                }
                Some('s') => out.push_str(&size),
                Some('n') => out.push_str(name),
                Some('N') => match &node {
                    Node::Symlink { target, .. } => out.push_str(&format!("'{name}' -> '{target}'")),
                    _ if p.busybox() => out.push_str(name),
                    _ => out.push_str(&format!("'{name}'")),
                },
                Some('F') => out.push_str(match &node {
                    _ if device && name.starts_with("/dev/std") => "symbolic link",
                    _ if device => "character special file",
                    Node::File(file) if file.content.size() == 0 => "regular empty file",
                    Node::File(_) => "regular file",
                    Node::Dir(_) => "directory",
                    Node::Symlink { .. } => "symbolic link",
                }),
                Some('f') => {
                    let kind = match kind {
                        '-' => 0o100_000,
                        'd' => 0o040_000,
                        _ => 0o120_000,
                    };
                    out.push_str(&format!("{:x}", kind | meta.mode));
                }
                Some('h') => {
                    let count = match &node {
                        Node::Dir(dir) => {
                            2 + dir.entries().values().filter(|child| child.is_dir()).count() as u64
                        }
                        node => links(p, node),
                    };
                    out.push_str(&count.to_string());
                }
                Some('%') => out.push('%'),
                Some(_) => {
                    // Times, inodes and devices.
                    out.push(UNKNOWN);
                    p.m.at_least(crate::shell::Certainty::Modelled);
                }
                None => out.push('%'),
            }
        }
        if opts.has('P') { p.print(&out)? } else { p.line(&out)? }
    }
    Ok(code)
}

/// `du`
pub(super) fn du(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("summarize", 's'),
        ("human-readable", 'h'),
        ("all", 'a'),
        ("max-depth=", 'd'),
        ("total", 'c'),
        ("bytes", 'b'),
        ("apparent-size", 'A'),
        ("block-size=", 'B'),
    ];
    let opts = opts::parse(p, "shacd:bkmxHLlB:", &longs)?;
    p.modelled();
    let names = if opts.operands.is_empty() { vec![".".to_owned()] } else { opts.operands.clone() };
    let deepest =
        if opts.has('s') { 0 } else { opts.value('d').and_then(|d| d.parse().ok()).unwrap_or(usize::MAX) };
    let mut code = 0;
    for name in &names {
        let node = match p.lstat(name)? {
            Ok(node) => node,
            Err(errno) => {
                code = 1;
                let text = if p.busybox() {
                    format!("{name}: {}", errno.text())
                } else {
                    format!("cannot access '{name}': {}", errno.text())
                };
                p.complain(&text)?;
                continue;
            }
        };
        let mut rows = Vec::new();
        measure(p, name, &node, 0, deepest, opts.has('a'), opts.has('b'), &mut rows)?;
        for (size, path) in rows {
            let shown = if opts.has('h') {
                human(size, p.busybox())
            } else if opts.has('b') {
                size.to_string()
            } else if opts.has('m') {
                size.div_ceil(1 << 20).to_string()
            } else {
                size.div_ceil(1024).to_string()
            };
            p.line(&format!("{shown}\t{path}"))?;
        }
    }
    Ok(code)
}

#[allow(clippy::too_many_arguments, reason = "a recursion that carries its options")]
fn measure(
    p: &mut Process<'_, '_>,
    path: &str,
    node: &Node,
    depth: usize,
    deepest: usize,
    all: bool,
    apparent: bool,
    rows: &mut Vec<(u64, String)>,
) -> Result<u64, Halt> {
    p.m.spend(1)?;
    if depth > 200 {
        return Err(Halt::Fuel);
    }
    let own = if apparent {
        match node {
            Node::File(file) => file.content.size(),
            Node::Dir(_) => 4096,
            Node::Symlink { target, .. } => target.len() as u64,
        }
    } else {
        blocks(node) * 1024
    };
    let mut sum = own;
    if let Node::Dir(dir) = node {
        sum += dir.unlisted.as_ref().map_or(0, |unlisted| unlisted.bytes);
        for (name, child) in dir.entries() {
            let child_path = format!("{}/{name}", path.trim_end_matches('/'));
            sum += measure(p, &child_path, child, depth + 1, deepest, all, apparent, rows)?;
        }
    }
    if depth == 0 || (depth <= deepest && (all || node.is_dir())) {
        rows.push((sum, path.to_owned()));
    }
    Ok(sum)
}
