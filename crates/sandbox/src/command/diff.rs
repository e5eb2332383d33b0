//! `diff`: GNU's and BusyBox's, whose hunks differ where more than one shortest script of changes exists.

use super::opts::{self, Opts};
use crate::shell::machine::{Errno, Halt, UNKNOWN, is_unknown};
use crate::shell::process::{Process, Run};
use crate::tree::Node;

/// A run of changed lines: where it begins in each file, and how many lines of each it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    old: usize,
    deleted: usize,
    new: usize,
    inserted: usize,
}

/// How it is to be shown.
struct Style {
    /// Lines of context; `None` for hunks without any.
    context: Option<usize>,
    brief: bool,
    identical: bool,
    absent: bool,
    labels: Vec<String>,
    /// For the line above the hunks of a file in a directory.
    command: String,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("brief", 'q'),
        ("unified=", 'U'),
        ("recursive", 'r'),
        ("new-file", 'N'),
        ("text", 'a'),
        ("ignore-case", 'i'),
        ("ignore-all-space", 'w'),
        ("ignore-space-change", 'b'),
        ("report-identical-files", 's'),
        ("label=", 'L'),
    ];
    let given: Vec<String> =
        p.args.iter().filter(|arg| arg.starts_with('-') && arg.len() > 1).cloned().collect();
    if let Some(arg) = p.args.iter_mut().find(|arg| *arg == "--unified") {
        "-u".clone_into(arg);
    }
    let opts = opts::parse(p, "qubwirNaU:sL:d", &longs)?;
    let [left, right] = opts.operands.as_slice() else {
        if p.busybox() {
            return super::usage(p);
        }
        match opts.operands.last() {
            Some(last) => p.complain(&format!("missing operand after ‘{last}’"))?,
            None => p.complain("missing operand after ‘diff’")?,
        }
        p.complain("Try 'diff --help' for more information.")?;
        return Ok(2);
    };
    let context = match opts.value('U').map(str::parse) {
        Some(Ok(context)) => Some(context),
        Some(Err(_)) => return p.option("-U"),
        None if opts.has('u') || p.busybox() => Some(3),
        None => None,
    };
    let style = Style {
        context,
        brief: opts.has('q'),
        identical: opts.has('s'),
        absent: opts.has('N'),
        labels: opts.flags.iter().filter(|(flag, _)| *flag == 'L').map(|(_, text)| text.clone()).collect(),
        command: ["diff ", &given.join(" ")].concat(),
    };
    let dir =
        |p: &Process<'_, '_>, name: &str| Ok::<_, Halt>(matches!(p.stat(name)?, Ok(node) if node.is_dir()));
    match (dir(p, left)?, dir(p, right)?) {
        (true, true) => directories(p, &opts, &style, left, right, 0),
        (true, false) => {
            let left = super::join_name(left, right);
            files(p, &opts, &style, &left, right, false)
        }
        (false, true) => {
            let right = super::join_name(right, left);
            files(p, &opts, &style, left, &right, false)
        }
        (false, false) => files(p, &opts, &style, left, right, false),
    }
}

fn directories(
    p: &mut Process<'_, '_>,
    opts: &Opts,
    style: &Style,
    left: &str,
    right: &str,
    depth: u32,
) -> Run {
    if depth > 60 {
        return Err(Halt::Fuel);
    }
    let mut names: Vec<String> = Vec::new();
    for dir in [left, right] {
        if let Ok(found) = p.list(dir)? {
            names.extend(found.entries().keys().map(ToString::to_string));
        }
    }
    names.sort_unstable();
    names.dedup();
    let mut code = 0;
    for name in names {
        p.m.spend(2)?;
        let (a, b) = (super::join_name(left, &name), super::join_name(right, &name));
        let (one, other) = (p.stat(&a)?, p.stat(&b)?);
        let found = match (&one, &other) {
            (Ok(Node::Dir(_)), Ok(Node::Dir(_))) if opts.has('r') => {
                directories(p, opts, style, &a, &b, depth + 1)?
            }
            (Ok(Node::Dir(_)), Ok(Node::Dir(_))) => {
                p.line(&format!("Common subdirectories: {a} and {b}"))?;
                0
            }
            (Ok(Node::Dir(_)), Ok(_)) | (Ok(_), Ok(Node::Dir(_))) => {
                let kind = |node: &Result<Node, Errno>| match node {
                    Ok(Node::Dir(_)) => "directory",
                    Ok(Node::File(file)) if file.content.size() == 0 => "regular empty file",
                    _ => "regular file",
                };
                p.line(&format!("File {a} is a {} while file {b} is a {}", kind(&one), kind(&other)))?;
                1
            }
            (Ok(node), Err(_)) | (Err(_), Ok(node)) if !style.absent || node.is_dir() => {
                let dir = if one.is_ok() { left } else { right };
                p.line(&format!("Only in {}: {name}", dir.trim_end_matches('/')))?;
                1
            }
            _ => files(p, opts, style, &a, &b, true)?,
        };
        code = code.max(found);
    }
    Ok(code)
}

fn files(p: &mut Process<'_, '_>, opts: &Opts, style: &Style, left: &str, right: &str, inside: bool) -> Run {
    let mut read = |name: &str| match p.read(name)? {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Errno::NoEntry) if style.absent => Ok(Some(Vec::new())),
        Err(errno) => {
            let text = if p.busybox() {
                format!("can't stat '{name}': {}", errno.text())
            } else {
                format!("{name}: {}", errno.text())
            };
            p.complain(&text)?;
            Ok::<_, Halt>(None)
        }
    };
    let (old, new) = (read(left)?, read(right)?);
    let (Some(old), Some(new)) = (old, new) else { return Ok(2) };
    if is_unknown(&old) || is_unknown(&new) {
        return Err(Halt::Unknown(crate::shell::Why::Content(left.to_owned())));
    }
    let (a, b) = (split(&old), split(&new));
    let key = |line: &str| key(line, opts);
    let (mut classes, mut numbers) = (Vec::new(), std::collections::BTreeMap::new());
    for lines in [&a, &b] {
        let mut class = Vec::with_capacity(lines.len());
        for line in lines {
            let next = numbers.len();
            class.push(*numbers.entry(key(line)).or_insert(next));
        }
        classes.push(class);
    }
    let (x, y) =
        (classes.first().map_or(&[][..], Vec::as_slice), classes.get(1).map_or(&[][..], Vec::as_slice));
    if x == y {
        if style.identical {
            p.line(&format!("Files {left} and {right} are identical"))?;
        }
        return Ok(0);
    }
    if style.brief {
        p.line(&format!("Files {left} and {right} differ"))?;
        return Ok(1);
    }
    if old.contains(&0) || new.contains(&0) {
        let head = if p.busybox() { "Files" } else { "Binary files" };
        p.line(&format!("{head} {left} and {right} differ"))?;
        return Ok(1);
    }
    p.m.spend((x.len() + y.len()) as u64)?;
    let changes = if p.busybox() {
        stone(p, x, y)?
    } else {
        let mut marks = Marks::new(x, y, style.context.unwrap_or(0));
        marks.compare(p)?;
        marks.changes()
    };
    if inside && !p.busybox() {
        p.line(&format!("{} {left} {right}", style.command))?;
    }
    match style.context {
        Some(context) => {
            for (at, (mark, name)) in [("---", left), ("+++", right)].into_iter().enumerate() {
                // The time of the file stands behind its name.
                let text = match style.labels.get(at) {
                    Some(label) => label.clone(),
                    None if p.busybox() => name.to_owned(),
                    None => {
                        p.m.at_least(crate::shell::Certainty::Modelled);
                        format!("{name}\t{UNKNOWN}")
                    }
                };
                p.line(&format!("{mark} {text}"))?;
            }
            unified(p, &a, &b, &changes, context)?;
        }
        None => normal(p, &a, &b, &changes)?,
    }
    Ok(1)
}

/// Lines with their line feeds.
fn split(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).split_inclusive('\n').map(str::to_owned).collect()
}

/// What of a line is compared.
fn key(line: &str, opts: &Opts) -> String {
    let mut text = if opts.has('w') {
        line.chars().filter(|c| !c.is_whitespace()).collect()
    } else if opts.has('b') {
        let mut text = String::new();
        for c in line.trim_end().chars() {
            if !c.is_whitespace() {
                text.push(c);
            } else if !text.ends_with(' ') {
                text.push(' ');
            }
        }
        text
    } else {
        line.to_owned()
    };
    if opts.has('i') {
        text = text.to_lowercase();
    }
    text
}

fn show(p: &mut Process<'_, '_>, mark: &str, line: &str) -> Result<(), Halt> {
    p.print(mark)?;
    p.print(line)?;
    if !line.ends_with('\n') {
        p.print("\n\\ No newline at end of file\n")?;
    }
    Ok(())
}

fn normal(p: &mut Process<'_, '_>, a: &[String], b: &[String], changes: &[Change]) -> Result<(), Halt> {
    let range = |from: usize, count: usize| match count {
        0 => from.to_string(),
        1 => (from + 1).to_string(),
        _ => format!("{},{}", from + 1, from + count),
    };
    for change in changes {
        let letter = match (change.deleted, change.inserted) {
            (0, _) => 'a',
            (_, 0) => 'd',
            _ => 'c',
        };
        let (left, right) = (range(change.old, change.deleted), range(change.new, change.inserted));
        p.line(&format!("{left}{letter}{right}"))?;
        for line in a.iter().skip(change.old).take(change.deleted) {
            show(p, "< ", line)?;
        }
        if letter == 'c' {
            p.line("---")?;
        }
        for line in b.iter().skip(change.new).take(change.inserted) {
            show(p, "> ", line)?;
        }
    }
    Ok(())
}

fn unified(
    p: &mut Process<'_, '_>,
    a: &[String],
    b: &[String],
    changes: &[Change],
    context: usize,
) -> Result<(), Halt> {
    let range = |from: usize, count: usize| match count {
        0 => format!("{from},0"),
        1 => (from + 1).to_string(),
        _ => format!("{},{count}", from + 1),
    };
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let near = |pair: &[Change]| match pair {
            [one, next] => next.old - (one.old + one.deleted) <= 2 * context,
            _ => false,
        };
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (hunk, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = after;
        let Some(last) = hunk.last() else { return Ok(()) };
        let before = context.min(first.old);
        let (old, new) = (first.old - before, first.new - before);
        let old_end = (last.old + last.deleted + context).min(a.len());
        let new_end = (last.new + last.inserted + context).min(b.len());
        p.line(&format!("@@ -{} +{} @@", range(old, old_end - old), range(new, new_end - new)))?;
        let mut at = old;
        for change in hunk {
            for line in a.iter().take(change.old).skip(at) {
                show(p, " ", line)?;
            }
            for line in a.iter().skip(change.old).take(change.deleted) {
                show(p, "-", line)?;
            }
            for line in b.iter().skip(change.new).take(change.inserted) {
                show(p, "+", line)?;
            }
            at = change.old + change.deleted;
        }
        for line in a.iter().take(old_end).skip(at) {
            show(p, " ", line)?;
        }
    }
    Ok(())
}

/// BusyBox's algorithm, that of Hunt and McIlroy: the longest common subsequence by candidates.
fn stone(p: &mut Process<'_, '_>, x: &[usize], y: &[usize]) -> Result<Vec<Change>, Halt> {
    let prefix = x.iter().zip(y).take_while(|(a, b)| a == b).count();
    let most = x.len().min(y.len()) - prefix;
    let suffix = x.iter().rev().zip(y.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let (inner_x, inner_y) = (x.len() - suffix, y.len() - suffix);
    // Of each candidate: its lines, counted from one, and the candidate before it.
    let mut list: Vec<(usize, usize, usize)> = vec![(0, 0, 0)];
    let mut best: Vec<usize> = vec![0];
    let mut places: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    for (at, class) in y.iter().enumerate().take(inner_y).skip(prefix) {
        places.entry(*class).or_default().push(at + 1);
    }
    let line = |list: &[(usize, usize, usize)], at: usize| list.get(at).map_or(0, |found| found.1);
    for (i, class) in x.iter().enumerate().take(inner_x).skip(prefix) {
        let Some(rows) = places.get(class) else { continue };
        let mut old_length = 0;
        let mut old = best.first().copied().unwrap_or(0);
        for row in rows {
            p.m.spend(1)?;
            if *row <= line(&list, old) {
                continue;
            }
            let length = best.partition_point(|at| line(&list, *at) < *row);
            if length != old_length + 1 {
                old = best.get(length.saturating_sub(1)).copied().unwrap_or(0);
            }
            if let Some(slot) = best.get_mut(length) {
                if line(&list, *slot) <= *row {
                    continue;
                }
                let was = *slot;
                *slot = list.len();
                list.push((i + 1, *row, old));
                old = was;
                old_length = length;
            } else {
                best.push(list.len());
                list.push((i + 1, *row, old));
                break;
            }
        }
    }
    // Which line of the second file each of the first became.
    let mut pairs: Vec<Option<usize>> = vec![None; x.len()];
    for (at, pair) in pairs.iter_mut().enumerate() {
        if at < prefix {
            *pair = Some(at);
        } else if at >= inner_x {
            *pair = Some(at + y.len() - x.len());
        }
    }
    let mut at = best.last().copied().unwrap_or(0);
    while let Some((i, j, before)) = list.get(at).copied().filter(|found| found.0 > 0) {
        if let Some(pair) = pairs.get_mut(i - 1) {
            *pair = Some(j - 1);
        }
        at = before;
    }
    let mut changes = Vec::new();
    let (mut old, mut new) = (0, 0);
    for (i, j) in pairs.iter().enumerate().filter_map(|(i, j)| Some((i, (*j)?))).chain([(x.len(), y.len())]) {
        if i > old || j > new {
            changes.push(Change { old, deleted: i - old, new, inserted: j - new });
        }
        (old, new) = (i + 1, j + 1);
    }
    Ok(changes)
}

/// GNU's algorithm, that of Myers from both ends, with what it does before and after.
struct Marks<'l> {
    x: &'l [usize],
    y: &'l [usize],
    /// Lines at the beginning of both that it does not look at.
    skipped: usize,
    /// Whether a line is changed; an unchanged one lies at each end.
    changed: [Vec<bool>; 2],
    /// Lines that may have a counterpart.
    kept: [Vec<usize>; 2],
    forward: Vec<isize>,
    backward: Vec<isize>,
}

impl<'l> Marks<'l> {
    fn new(x: &'l [usize], y: &'l [usize], context: usize) -> Self {
        let prefix = x.iter().zip(y).take_while(|(a, b)| a == b).count();
        let most = x.len().min(y.len()) - prefix;
        let suffix = x.iter().rev().zip(y.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let skipped = prefix.saturating_sub(context);
        let kept = |lines: &'l [usize]| {
            lines.get(skipped..lines.len() - suffix.saturating_sub(context)).unwrap_or_default()
        };
        let (x, y) = (kept(x), kept(y));
        let changed = [vec![false; x.len() + 2], vec![false; y.len() + 2]];
        let size = x.len() + y.len() + 3;
        Self {
            x,
            y,
            skipped,
            changed,
            kept: [Vec::new(), Vec::new()],
            forward: vec![0; size],
            backward: vec![0; size],
        }
    }

    fn mark(&mut self, file: usize, line: usize, value: bool) {
        if let Some(mark) = self.changed.get_mut(file).and_then(|marks| marks.get_mut(line + 1)) {
            *mark = value;
        }
    }

    /// Whether line `at - 1` is changed.
    fn is(&self, file: usize, at: usize) -> bool {
        self.changed.get(file).and_then(|marks| marks.get(at)).copied().unwrap_or(false)
    }

    fn compare(&mut self, p: &mut Process<'_, '_>) -> Result<(), Halt> {
        for file in 0..2 {
            let (own, other) = if file == 0 { (self.x, self.y) } else { (self.y, self.x) };
            let there: std::collections::BTreeSet<usize> = other.iter().copied().collect();
            let mut kept = Vec::new();
            for (line, class) in own.iter().enumerate() {
                if there.contains(class) {
                    kept.push(line);
                } else {
                    self.mark(file, line, true);
                }
            }
            if let Some(slot) = self.kept.get_mut(file) {
                *slot = kept;
            }
        }
        let (m, n) = (self.kept[0].len(), self.kept[1].len());
        let mut todo = vec![(0, m, 0, n)];
        while let Some((mut x0, mut x1, mut y0, mut y1)) = todo.pop() {
            while x0 < x1 && y0 < y1 && self.same(x0, y0) {
                (x0, y0) = (x0 + 1, y0 + 1);
            }
            while x0 < x1 && y0 < y1 && self.same(x1 - 1, y1 - 1) {
                (x1, y1) = (x1 - 1, y1 - 1);
            }
            if x0 == x1 || y0 == y1 {
                for (file, range) in [(0, x0..x1), (1, y0..y1)] {
                    for at in range {
                        let line = self.kept.get(file).and_then(|kept| kept.get(at)).copied();
                        if let Some(line) = line {
                            self.mark(file, line, true);
                        }
                    }
                }
                continue;
            }
            let (x, y) = self.middle(p, x0, x1, y0, y1)?;
            todo.push((x0, x, y0, y));
            todo.push((x, x1, y, y1));
        }
        for file in 0..2 {
            self.shift(p, file)?;
        }
        Ok(())
    }

    fn same(&self, x: usize, y: usize) -> bool {
        let class =
            |file: usize, lines: &[usize], at: usize| lines.get(*self.kept.get(file)?.get(at)?).copied();
        class(0, self.x, x) == class(1, self.y, y)
    }

    /// Where the furthest paths from both ends meet.
    fn middle(
        &mut self,
        p: &mut Process<'_, '_>,
        x0: usize,
        x1: usize,
        y0: usize,
        y1: usize,
    ) -> Result<(usize, usize), Halt> {
        let [x0, x1, y0, y1] = [x0, x1, y0, y1].map(usize::cast_signed);
        let shift = self.kept[1].len().cast_signed() + 1;
        let slot = |d: isize| usize::try_from(d + shift).unwrap_or(0);
        let read = |row: &[isize], d: isize| row.get(slot(d)).copied().unwrap_or(-1);
        let write = |row: &mut [isize], d: isize, value: isize| {
            if let Some(cell) = row.get_mut(slot(d)) {
                *cell = value;
            }
        };
        let (lowest, highest) = (x0 - y1, x1 - y0);
        let (from, back) = (x0 - y0, x1 - y1);
        let odd = (from - back) & 1 != 0;
        let (mut f0, mut f1, mut b0, mut b1) = (from, from, back, back);
        write(&mut self.forward, from, x0);
        write(&mut self.backward, back, x1);
        loop {
            if f0 > lowest {
                f0 -= 1;
                write(&mut self.forward, f0 - 1, -1);
            } else {
                f0 += 1;
            }
            if f1 < highest {
                f1 += 1;
                write(&mut self.forward, f1 + 1, -1);
            } else {
                f1 -= 1;
            }
            let mut d = f1;
            while d >= f0 {
                p.m.spend(1)?;
                let (low, high) = (read(&self.forward, d - 1), read(&self.forward, d + 1));
                let mut x = if low < high { high } else { low + 1 };
                while x < x1 && x - d < y1 && self.same(x.cast_unsigned(), (x - d).cast_unsigned()) {
                    x += 1;
                }
                write(&mut self.forward, d, x);
                if odd && (b0..=b1).contains(&d) && read(&self.backward, d) <= x {
                    return Ok((x.cast_unsigned(), (x - d).cast_unsigned()));
                }
                d -= 2;
            }
            if b0 > lowest {
                b0 -= 1;
                write(&mut self.backward, b0 - 1, isize::MAX);
            } else {
                b0 += 1;
            }
            if b1 < highest {
                b1 += 1;
                write(&mut self.backward, b1 + 1, isize::MAX);
            } else {
                b1 -= 1;
            }
            let mut d = b1;
            while d >= b0 {
                p.m.spend(1)?;
                let (low, high) = (read(&self.backward, d - 1), read(&self.backward, d + 1));
                let mut x = if low < high { low } else { high - 1 };
                while x > x0 && x - d > y0 && self.same((x - 1).cast_unsigned(), (x - d - 1).cast_unsigned())
                {
                    x -= 1;
                }
                write(&mut self.backward, d, x);
                if !odd && (f0..=f1).contains(&d) && x <= read(&self.forward, d) {
                    return Ok((x.cast_unsigned(), (x - d).cast_unsigned()));
                }
                d -= 2;
            }
        }
    }

    /// Moves runs of changes as far down as they go, and together where they meet.
    fn shift(&mut self, p: &mut Process<'_, '_>, file: usize) -> Result<(), Halt> {
        let lines = if file == 0 { self.x } else { self.y };
        let other = 1 - file;
        let class = |at: usize| lines.get(at).copied();
        let end = lines.len();
        // Marks are kept one further on than lines: `is(file, i + 1)` is line `i`.
        let (mut i, mut j) = (0, 0);
        loop {
            while i < end && !self.is(file, i + 1) {
                while self.is(other, j + 1) {
                    j += 1;
                }
                j += 1;
                i += 1;
            }
            if i == end {
                return Ok(());
            }
            let mut start = i;
            while self.is(file, i + 1) {
                i += 1;
            }
            while self.is(other, j + 1) {
                j += 1;
            }
            let mut corresponding;
            loop {
                p.m.spend(1)?;
                let length = i - start;
                while start > 0 && class(start - 1) == class(i - 1) {
                    start -= 1;
                    self.mark(file, start, true);
                    i -= 1;
                    self.mark(file, i, false);
                    while self.is(file, start) {
                        start -= 1;
                    }
                    j -= 1;
                    while self.is(other, j + 1) {
                        j -= 1;
                    }
                }
                corresponding = if self.is(other, j) { i } else { end };
                while i < end && class(start) == class(i) {
                    self.mark(file, start, false);
                    start += 1;
                    self.mark(file, i, true);
                    i += 1;
                    while self.is(file, i + 1) {
                        i += 1;
                    }
                    j += 1;
                    while self.is(other, j + 1) {
                        corresponding = i;
                        j += 1;
                    }
                }
                if length == i - start {
                    break;
                }
            }
            while corresponding < i {
                start -= 1;
                self.mark(file, start, true);
                i -= 1;
                self.mark(file, i, false);
                j -= 1;
                while self.is(other, j + 1) {
                    j -= 1;
                }
            }
        }
    }

    fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < self.x.len() || j < self.y.len() {
            let (old, new) = (i, j);
            while self.is(0, i + 1) {
                i += 1;
            }
            while self.is(1, j + 1) {
                j += 1;
            }
            if i > old || j > new {
                changes.push(Change {
                    old: old + self.skipped,
                    deleted: i - old,
                    new: new + self.skipped,
                    inserted: j - new,
                });
            }
            i += 1;
            j += 1;
        }
        changes
    }
}
