//! `find`

use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::pattern;
use crate::shell::process::{Process, Run};
use crate::tree::Node;
use crate::user;

#[derive(Debug, Clone)]
enum Expr {
    True,
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Name(String, bool),
    Path(String, bool),
    Kind(String),
    Empty,
    Perm(u32, char),
    Size(char, u64, u64),
    User(Option<u32>),
    Group(Option<u32>),
    Executable,
    Links(char, u64),
    LinkName(String),
    /// Times are no part of the tree.
    Unknown(String),
    Prune,
    Quit,
    Print,
    Print0,
    Delete,
    Exec {
        words: Vec<String>,
        many: bool,
    },
    Printf(String),
    Regex(super::regex::Regex),
}

struct Parser<'t> {
    words: &'t [String],
    at: usize,
    acts: bool,
    deepest: usize,
    shallowest: usize,
    depth_first: bool,
    nested: u32,
    busybox: bool,
    standalone: bool,
}

enum Bad {
    /// Not an expression, in the words of the program.
    Message(String),
    Unmodelled(String),
    Unrecognized(String),
}

impl Parser<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn or(&mut self) -> Result<Expr, Bad> {
        self.nested += 1;
        if self.nested > 50 {
            return Err(Bad::Unmodelled("(".to_owned()));
        }
        let mut left = self.and()?;
        while matches!(self.peek(), Some("-o" | "-or" | ",")) {
            self.at += 1;
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        self.nested -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Bad> {
        let mut left = self.one()?;
        loop {
            match self.peek() {
                None | Some(")" | "-o" | "-or" | ",") => return Ok(left),
                Some("-a" | "-and") => self.at += 1,
                Some(_) => {}
            }
            left = Expr::And(Box::new(left), Box::new(self.one()?));
        }
    }

    fn value(&mut self, of: &str) -> Result<String, Bad> {
        let text = if self.busybox { [of, " requires an argument"] } else { ["missing argument to `", of] };
        let end = if self.busybox { "" } else { "'" };
        self.next().ok_or_else(|| Bad::Message([text.concat().as_str(), end].concat()))
    }

    fn one(&mut self) -> Result<Expr, Bad> {
        let Some(word) = self.next() else { return Ok(Expr::True) };
        Ok(match word.as_str() {
            "!" | "-not" => {
                self.nested += 1;
                if self.nested > 50 {
                    return Err(Bad::Unmodelled(word));
                }
                let inner = self.one()?;
                self.nested -= 1;
                Expr::Not(Box::new(inner))
            }
            "(" => {
                let inner = self.or()?;
                self.at += 1;
                inner
            }
            "-name" | "-iname" => Expr::Name(self.value(&word)?, word == "-iname"),
            "-path" | "-ipath" | "-wholename" => Expr::Path(self.value(&word)?, word == "-ipath"),
            "-type" => {
                let kinds = self.value(&word)?;
                let known = |kind: &str| matches!(kind, "f" | "d" | "l" | "b" | "c" | "p" | "s");
                let good = if self.busybox { known(&kinds) } else { kinds.split(',').all(known) };
                if !good {
                    return Err(Bad::Message(if self.busybox {
                        ["invalid argument '", &kinds, "' to '-type'"].concat()
                    } else {
                        ["Unknown argument to -type: ", &kinds].concat()
                    }));
                }
                Expr::Kind(kinds)
            }
            "-regex" => {
                let text = self.value(&word)?;
                match super::regex::Regex::new(&text, false, false) {
                    Some(regex) => Expr::Regex(regex.whole_line()),
                    None => return Err(Bad::Unmodelled(word)),
                }
            }
            "-empty" => Expr::Empty,
            "-maxdepth" => {
                self.deepest = self.value(&word)?.parse().unwrap_or(usize::MAX);
                Expr::True
            }
            "-mindepth" => {
                self.shallowest = self.value(&word)?.parse().unwrap_or(0);
                Expr::True
            }
            "-depth" | "-d" => {
                self.depth_first = true;
                Expr::True
            }
            "-xdev" | "-mount" | "-noleaf" | "-follow" | "-ignore_readdir_race" | "-true" => Expr::True,
            "-false" => Expr::Not(Box::new(Expr::True)),
            "-perm" => {
                let text = self.value(&word)?;
                let (how, rest) = match text.chars().next() {
                    Some(c @ ('-' | '/' | '+')) => (c, text.get(1..).unwrap_or("")),
                    _ => ('=', text.as_str()),
                };
                match super::mode::parse(rest, 0, false, 0) {
                    Some(mode) => Expr::Perm(mode, how),
                    None => return Err(Bad::Message(format!("invalid mode '{text}'"))),
                }
            }
            "-size" => {
                let text = self.value(&word)?;
                let (sign, rest) = match text.chars().next() {
                    Some(c @ ('+' | '-')) => (c, text.get(1..).unwrap_or("").to_owned()),
                    _ => ('=', text.clone()),
                };
                let (digits, unit) = match rest.chars().next_back() {
                    Some('c') => (rest.trim_end_matches('c'), 1),
                    Some('k') => (rest.trim_end_matches('k'), 1024),
                    Some('M') => (rest.trim_end_matches('M'), 1 << 20),
                    Some('G') => (rest.trim_end_matches('G'), 1 << 30),
                    _ => (rest.trim_end_matches('b'), 512),
                };
                Expr::Size(sign, digits.parse().unwrap_or(0), unit)
            }
            "-user" | "-group" => Expr::Unknown(format!("{word} {}", self.value(&word)?)),
            "-uid" => Expr::User(self.value(&word)?.parse().ok()),
            "-gid" => Expr::Group(self.value(&word)?.parse().ok()),
            "-executable" => Expr::Executable,
            "-lname" => Expr::LinkName(self.value(&word)?),
            "-newer" | "-mtime" | "-atime" | "-ctime" | "-mmin" | "-amin" | "-cmin" | "-anewer"
            | "-cnewer" => {
                let value = self.value(&word)?;
                Expr::Unknown(format!("{word} {value}"))
            }
            "-prune" => Expr::Prune,
            "-quit" => {
                self.acts = true;
                Expr::Quit
            }
            "-links" => {
                let text = self.value(&word)?;
                let sign = text.chars().next().filter(|c| matches!(c, '+' | '-')).unwrap_or('=');
                Expr::Links(sign, text.trim_start_matches(['+', '-']).parse().unwrap_or(0))
            }
            "-print" => {
                self.acts = true;
                Expr::Print
            }
            "-print0" => {
                self.acts = true;
                Expr::Print0
            }
            "-printf" => {
                self.acts = true;
                Expr::Printf(self.value(&word)?)
            }
            "-delete" if !self.standalone => {
                self.acts = true;
                self.depth_first = true;
                Expr::Delete
            }
            "-exec" | "-execdir" | "-ok" => {
                self.acts = true;
                let mut words = Vec::new();
                loop {
                    let Some(next) = self.next() else {
                        return Err(Bad::Message(if self.busybox {
                            format!("{word}: missing ';'")
                        } else {
                            format!("missing argument to `{word}'")
                        }));
                    };
                    if next == ";" {
                        break Expr::Exec { words, many: false };
                    }
                    if next == "+" && words.last().is_some_and(|last: &String| last == "{}") {
                        words.pop();
                        break Expr::Exec { words, many: true };
                    }
                    words.push(next);
                }
            }
            _ if self.busybox => return Err(Bad::Unrecognized(word)),
            _ if word.starts_with('-') && predicate(&word) => return Err(Bad::Unmodelled(word)),
            _ if word.starts_with('-') => {
                return Err(Bad::Message(["unknown predicate `", &word, "'"].concat()));
            }
            _ => return Err(Bad::Message(["paths must precede expression: `", &word, "'"].concat())),
        })
    }
}

/// Whether GNU's `find` has it; numbers and names of users are among what is not modelled.
fn predicate(word: &str) -> bool {
    const OTHERS: &str = " -context -daystart -false -files0-from -fls -follow -fprint -fprint0 -fprintf -fstype -ignore_readdir_race \
         -ilname -inum -iregex -iwholename -ls -mount -nogroup -noignore_readdir_race -noleaf -nouser -nowarn -okdir \
         -readable -regextype -samefile -true -used -warn -writable -xdev -xtype -version --version -help --help -D -d ";
    word.starts_with("-newer") || OTHERS.contains(&[" ", word, " "].concat())
}

struct Walk {
    expr: Expr,
    acts: bool,
    deepest: usize,
    shallowest: usize,
    depth_first: bool,
    prune: bool,
    quit: bool,
    collected: Vec<(Vec<String>, Vec<String>)>,
    code: u8,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut at = 0;
    let mut follow = false;
    while let Some(arg) =
        args.get(at).filter(|arg| matches!(arg.as_str(), "-L" | "-H" | "-P" | "-O1" | "-O2" | "-O3"))
    {
        follow |= arg == "-L";
        at += 1;
    }
    let mut starts = Vec::new();
    while let Some(arg) =
        args.get(at).filter(|arg| !arg.starts_with('-') && !matches!(arg.as_str(), "!" | "("))
    {
        starts.push(arg.clone());
        at += 1;
    }
    if starts.is_empty() {
        starts.push(".".to_owned());
    }
    let words = args.get(at..).unwrap_or(&[]);
    let mut parser = Parser {
        words,
        at: 0,
        acts: false,
        deepest: usize::MAX,
        shallowest: 0,
        depth_first: false,
        nested: 0,
        busybox: p.busybox(),
        standalone: p.busybox() && p.m.standalone(),
    };
    let expr = match parser.or() {
        Ok(expr) => expr,
        Err(Bad::Message(text)) => return p.fail(1, &text),
        Err(Bad::Unmodelled(word)) => return p.option(word),
        Err(Bad::Unrecognized(word)) => {
            p.complain(&["unrecognized: ", &word].concat())?;
            return super::usage(p);
        }
    };
    let mut walk = Walk {
        expr,
        acts: parser.acts,
        deepest: parser.deepest,
        shallowest: parser.shallowest,
        depth_first: parser.depth_first,
        prune: false,
        quit: false,
        collected: Vec::new(),
        code: 0,
    };
    for start in starts {
        let node = if follow { p.stat(&start)? } else { p.lstat(&start)? };
        match node {
            Ok(node) => visit(p, &mut walk, &start, &node, 0, follow)?,
            Err(errno) => {
                walk.code = 1;
                let text = if p.busybox() {
                    format!("{start}: {}", errno.text())
                } else {
                    format!("‘{start}’: {}", errno.text())
                };
                p.complain(&text)?;
            }
        }
    }
    for (mut words, paths) in std::mem::take(&mut walk.collected) {
        words.extend(paths);
        if p.spawn(words)? != 0 {
            walk.code = 1;
        }
    }
    Ok(walk.code)
}

fn visit(
    p: &mut Process<'_, '_>,
    walk: &mut Walk,
    path: &str,
    node: &Node,
    depth: usize,
    follow: bool,
) -> Result<(), Halt> {
    p.m.spend(1)?;
    if walk.quit || depth > 200 {
        return Ok(());
    }
    let expr = walk.expr.clone();
    walk.prune = false;
    let looked = depth >= walk.shallowest;
    let apply = |p: &mut Process<'_, '_>, walk: &mut Walk| -> Result<(), Halt> {
        if looked && test(p, walk, &expr, path, node)? && !walk.acts {
            p.line(path)?;
        }
        Ok(())
    };
    if !walk.depth_first {
        apply(p, walk)?;
    }
    if let Node::Dir(dir) = node
        && depth < walk.deepest
        && !walk.prune
    {
        if dir.unlisted.is_some() || p.m.incomplete {
            let why = crate::shell::Why::MayExist(path.to_owned());
            p.m.note_unknown(format!("find {path}"), why, true, "/");
        }
        for (name, child) in dir.entries() {
            let below = if path.ends_with('/') { format!("{path}{name}") } else { format!("{path}/{name}") };
            let followed = if follow && child.is_symlink() { p.stat(&below)?.ok() } else { None };
            visit(p, walk, &below, followed.as_ref().unwrap_or(child), depth + 1, follow)?;
        }
    }
    if walk.depth_first {
        apply(p, walk)?;
    }
    Ok(())
}

fn test(
    p: &mut Process<'_, '_>,
    walk: &mut Walk,
    expr: &Expr,
    path: &str,
    node: &Node,
) -> Result<bool, Halt> {
    let fold = |text: &str, fold: bool| if fold { text.to_lowercase() } else { text.to_owned() };
    let name = || {
        let trimmed = path.trim_end_matches('/');
        if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or("") }
    };
    let meta = node.meta();
    Ok(match expr {
        Expr::True => true,
        Expr::Not(inner) => !test(p, walk, inner, path, node)?,
        Expr::And(a, b) => test(p, walk, a, path, node)? && test(p, walk, b, path, node)?,
        Expr::Or(a, b) => test(p, walk, a, path, node)? || test(p, walk, b, path, node)?,
        Expr::Name(pattern, i) => pattern::matches(&fold(pattern, *i), &fold(name(), *i)),
        Expr::Path(pattern, i) => pattern::matches(&fold(pattern, *i), &fold(path, *i)),
        Expr::Regex(regex) => regex.is_match(p.m, path)?,
        Expr::Kind(kinds) => kinds.split(',').any(|kind| match node {
            Node::File(_) => kind == "f",
            Node::Dir(_) => kind == "d",
            Node::Symlink { .. } => kind == "l",
        }),
        Expr::Empty => match node {
            Node::File(file) => file.content.known().is_some_and(<[u8]>::is_empty),
            Node::Dir(dir) => dir.is_empty() && dir.unlisted.is_none(),
            Node::Symlink { .. } => false,
        },
        Expr::Perm(mode, how) => match how {
            '-' => meta.mode & mode == *mode,
            '/' | '+' => *mode == 0 || meta.mode & mode != 0,
            _ => meta.mode == *mode,
        },
        Expr::Size(sign, n, unit) => {
            let size = node.as_file().map_or(4096, |file| file.content.size());
            // BusyBox compares bytes, others count the units that are begun.
            let (size, n) =
                if p.busybox() { (size, n.saturating_mul(*unit)) } else { (size.div_ceil(*unit), *n) };
            match sign {
                '+' => size > n,
                '-' => size < n,
                _ => size == n,
            }
        }
        Expr::User(uid) => Some(meta.uid) == *uid,
        Expr::Group(gid) => Some(meta.gid) == *gid,
        Expr::Executable => p.cred.may(meta, 1) || node.is_dir(),
        Expr::Links(sign, n) => {
            let links = match node {
                Node::Dir(dir) => 2 + dir.entries().values().filter(|child| child.is_dir()).count() as u64,
                _ => super::ls::links(p, node),
            };
            match sign {
                '+' => links > *n,
                '-' => links < *n,
                _ => links == *n,
            }
        }
        Expr::LinkName(pattern) => match node {
            Node::Symlink { target, .. } => pattern::matches(pattern, target),
            _ => false,
        },
        Expr::Unknown(words) => {
            if let Some(name) = words.strip_prefix("-user ") {
                user::find_user(&p.m.tree, name).is_some_and(|user| user.uid == meta.uid)
            } else if let Some(name) = words.strip_prefix("-group ") {
                user::find_group(&p.m.tree, name).is_some_and(|group| group.gid == meta.gid)
            } else {
                return Err(Halt::Unknown(crate::shell::Why::Option(words.clone())));
            }
        }
        Expr::Prune => {
            walk.prune = true;
            true
        }
        Expr::Quit => {
            walk.quit = true;
            true
        }
        Expr::Print => {
            p.line(path)?;
            true
        }
        Expr::Print0 => {
            p.write(path.as_bytes())?;
            p.write(b"\0")?;
            true
        }
        Expr::Printf(format) => {
            let mut out = String::new();
            let (bytes, _) = super::echo::unescape(format, false);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut chars = text.chars();
            while let Some(c) = chars.next() {
                if c != '%' {
                    out.push(c);
                    continue;
                }
                match chars.next() {
                    Some('p') => out.push_str(path),
                    Some('f') => out.push_str(name()),
                    Some('h') => out.push_str(path.rsplit_once('/').map_or(".", |(dir, _)| dir)),
                    Some('s') => {
                        out.push_str(&node.as_file().map_or(4096, |file| file.content.size()).to_string());
                    }
                    Some('m') => out.push_str(&format!("{:o}", meta.mode)),
                    Some('y') => out.push(match node {
                        Node::File(_) => 'f',
                        Node::Dir(_) => 'd',
                        Node::Symlink { .. } => 'l',
                    }),
                    Some('u') => {
                        let found = user::users(&p.m.tree).into_iter().find(|user| user.uid == meta.uid);
                        out.push_str(&found.map_or_else(|| meta.uid.to_string(), |user| user.name));
                    }
                    Some('g') => {
                        let found = user::groups(&p.m.tree).into_iter().find(|group| group.gid == meta.gid);
                        out.push_str(&found.map_or_else(|| meta.gid.to_string(), |group| group.name));
                    }
                    Some('U') => out.push_str(&meta.uid.to_string()),
                    Some('G') => out.push_str(&meta.gid.to_string()),
                    Some('l') => {
                        if let Node::Symlink { target, .. } = node {
                            out.push_str(target);
                        }
                    }
                    Some('P') => out.push_str(path.split_once('/').map_or("", |(_, rest)| rest)),
                    Some('%') => out.push('%'),
                    _ => out.push(UNKNOWN),
                }
            }
            p.print(&out)?;
            true
        }
        Expr::Delete => {
            if path == "." {
                return Ok(true);
            }
            let full = p.path(path);
            match p.m.remove(&p.cred, &full)? {
                Ok(()) => true,
                Err(errno) => {
                    walk.code = 1;
                    let text = if p.busybox() {
                        format!("{path}: {}", errno.text())
                    } else {
                        format!("cannot delete ‘{path}’: {}", errno.text())
                    };
                    p.complain(&text)?;
                    false
                }
            }
        }
        Expr::Exec { words, many: true } => {
            match walk.collected.iter_mut().find(|(known, _)| known == words) {
                Some((_, paths)) => paths.push(path.to_owned()),
                None => walk.collected.push((words.clone(), vec![path.to_owned()])),
            }
            true
        }
        Expr::Exec { words, many: false } => {
            let argv = words.iter().map(|word| word.replace("{}", path)).collect();
            p.spawn(argv)? == 0
        }
    })
}
