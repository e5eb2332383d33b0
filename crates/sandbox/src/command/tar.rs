//! `tar`

use super::gzip::gzip_bytes;
use crate::archive::{self, Archive, Entry, EntryKind};
use crate::shell::Why;
use crate::shell::machine::{Halt, UNKNOWN, is_unknown};
use crate::shell::process::{Process, Run};
use crate::tree::{Content, Node};
use std::sync::Arc;

/// Says that nobody knows what an archive laid into a directory.
pub(super) fn unknown_contents(p: &mut Process<'_, '_>, dir: &str, archive: &str) -> Run {
    let path = p.path(dir);
    if let Ok(found) = p.m.tree.resolve(&path, true) {
        let source: Arc<str> = Arc::from(format!("{} {archive}", p.name));
        let _ = p.m.tree.update(&found.path, |node| {
            if let Node::Dir(dir) = node {
                Arc::make_mut(dir).unlisted = Some(Arc::new(crate::tree::Unlisted { bytes: 0, source }));
            }
        });
    }
    let command = format!("{} {archive}", p.name).replace(UNKNOWN, "…");
    let code = p.m.note_unknown(command, Why::Content(archive.replace(UNKNOWN, "…")), true, "/");
    Ok(code)
}

fn header(name: &str, node: &Node, size: usize) -> Vec<u8> {
    let meta = node.meta();
    let mut block = vec![0u8; 512];
    let mut put = |at: usize, bytes: &[u8]| {
        for (to, from) in block.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
    };
    put(0, name.as_bytes().get(..100.min(name.len())).unwrap_or(&[]));
    put(100, format!("{:07o}\0", meta.mode).as_bytes());
    put(108, format!("{:07o}\0", meta.uid).as_bytes());
    put(116, format!("{:07o}\0", meta.gid).as_bytes());
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0        ");
    let (kind, target) = match node {
        Node::File(_) => (b'0', ""),
        Node::Dir(_) => (b'5', ""),
        Node::Symlink { target, .. } => (b'2', &**target),
    };
    put(156, &[kind]);
    put(157, target.as_bytes().get(..100.min(target.len())).unwrap_or(&[]));
    put(257, b"ustar  \0");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").as_bytes()) {
        *to = *from;
    }
    block
}

struct Writer {
    out: Vec<u8>,
    /// Content that nobody knows is inside.
    unknown: bool,
    size: u64,
    /// It was said that slashes are left out.
    told: bool,
}

fn pack(
    p: &mut Process<'_, '_>,
    writer: &mut Writer,
    path: &str,
    name: &str,
    node: &Node,
    exclude: &[String],
    names: &mut Vec<String>,
    depth: u32,
) -> Result<(), Halt> {
    p.m.spend(3)?;
    if depth > 200
        || exclude.iter().any(|pattern| {
            let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
            crate::shell::pattern::matches(pattern, name.trim_start_matches("./"))
                || crate::shell::pattern::matches(pattern, name.rsplit('/').next().unwrap_or(""))
        })
    {
        return Ok(());
    }
    let shown = if node.is_dir() { format!("{}/", name.trim_end_matches('/')) } else { name.to_owned() };
    let bare = shown.trim_start_matches('/').to_owned();
    if bare.len() < shown.len() && !writer.told {
        writer.told = true;
        let text = if p.busybox() {
            "removing leading '/' from member names"
        } else {
            "Removing leading `/' from member names"
        };
        p.complain(text)?;
    }
    let shown = bare;
    if !shown.is_empty() {
        names.push(shown.clone());
        if shown.len() > 100 {
            let long = Node::File(Arc::new(crate::tree::File::new(
                crate::tree::Meta::root(0o644),
                Content::bytes([]),
            )));
            let mut block = header("././@LongLink", &long, shown.len() + 1);
            if let Some(kind) = block.get_mut(156) {
                *kind = b'L';
            }
            fix_sum(&mut block);
            writer.out.extend(block);
            writer.out.extend_from_slice(shown.as_bytes());
            writer.out.resize((writer.out.len() + 1).next_multiple_of(512), 0);
        }
    }
    match node {
        Node::File(file) => {
            let bytes = file.content.known().unwrap_or(&[]);
            writer.unknown |= file.content.known().is_none();
            writer.size += 512 + file.content.size().next_multiple_of(512);
            p.m.spend(bytes.len() as u64 / 64)?;
            if writer.out.len() + bytes.len() > 16 << 20 {
                return Err(Halt::Fuel);
            }
            writer.out.extend(header(&shown, node, bytes.len()));
            writer.out.extend_from_slice(bytes);
            writer.out.resize(writer.out.len().next_multiple_of(512), 0);
        }
        Node::Symlink { .. } => {
            writer.size += 512;
            writer.out.extend(header(&shown, node, 0));
        }
        Node::Dir(dir) => {
            writer.size += 512;
            writer.unknown |= dir.unlisted.is_some();
            if !shown.is_empty() {
                writer.out.extend(header(&shown, node, 0));
            }
            for (entry, child) in dir.entries() {
                let below = format!("{}/{entry}", name.trim_end_matches('/'));
                let child_path = format!("{}/{entry}", path.trim_end_matches('/'));
                pack(p, writer, &child_path, &below, child, exclude, names, depth + 1)?;
            }
        }
    }
    Ok(())
}

fn fix_sum(block: &mut [u8]) {
    for byte in block.iter_mut().skip(148).take(8) {
        *byte = b' ';
    }
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").as_bytes()) {
        *to = *from;
    }
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    // The first word may hold letters without a minus sign.
    if let Some(first) = p.args.first_mut()
        && !first.starts_with('-')
    {
        *first = format!("-{first}");
    }
    let mut mode = ' ';
    let mut file: Option<String> = None;
    let mut dir: Option<String> = None;
    let mut words: Vec<(String, Option<String>)> = Vec::new();
    let mut exclude = Vec::new();
    let (mut gzip, mut verbose, mut strip, mut keep_owner, mut no_owner) = (false, false, 0, false, false);
    let mut print = false;
    let mut args = std::mem::take(&mut p.args).into_iter();
    while let Some(arg) = args.next() {
        if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (long.to_owned(), None),
            };
            match name.as_str() {
                "extract" | "get" => mode = 'x',
                "create" => mode = 'c',
                "list" => mode = 't',
                "file" => file = value.or_else(|| args.next()),
                "directory" => dir = value.or_else(|| args.next()),
                "strip-components" | "strip" => {
                    strip = value.or_else(|| args.next()).and_then(|n| n.parse().ok()).unwrap_or(0);
                }
                "exclude" if p.busybox() && p.m.standalone() => {
                    p.complain(&["unrecognized option '", &arg, "'"].concat())?;
                    return super::usage(p);
                }
                "to-stdout" => print = true,
                "exclude" => exclude.extend(value.or_else(|| args.next())),
                "gzip" | "gunzip" => gzip = true,
                "verbose" => verbose = true,
                "no-same-owner" => no_owner = true,
                "same-owner" | "preserve-permissions" | "same-permissions" => keep_owner = true,
                "wildcards"
                | "auto-compress"
                | "xz"
                | "bzip2"
                | "zstd"
                | "no-same-permissions"
                | "overwrite"
                | "no-xattrs"
                | "no-overwrite-dir"
                | "keep-old-files"
                | "numeric-owner"
                | "warning"
                | "touch"
                | "dereference"
                | "one-file-system" => {}
                "transform" | "xform" | "owner" | "group" | "mtime" | "sort" | "exclude-vcs" | "anchored" => {
                    return p.option(arg);
                }
                _ => return p.option(arg),
            }
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            words.push((arg, dir.clone()));
            continue;
        };
        let letters: Vec<char> = letters.chars().collect();
        for (at, letter) in letters.iter().enumerate() {
            let rest: String = letters.iter().skip(at + 1).collect();
            match letter {
                'x' | 'c' | 't' => mode = *letter,
                'f' | 'C' => {
                    // In a joined word the value is the next word, unless the letter is its last.
                    let value = if rest.is_empty() || rest.chars().all(|c| "xctzvjJpkmo".contains(c)) {
                        match args.next() {
                            Some(value) => value,
                            None => return super::opts::lacks_value(p, *letter),
                        }
                    } else {
                        rest.clone()
                    };
                    if *letter == 'f' {
                        file = Some(value);
                    } else {
                        dir = Some(value);
                    }
                    if !rest.is_empty() && !rest.chars().all(|c| "xctzvjJpkmo".contains(c)) {
                        break;
                    }
                }
                'z' => gzip = true,
                'v' => verbose = true,
                'X' | 'T' => return p.option(format!("-{letter}")),
                'o' => no_owner = true,
                'O' => print = true,
                letter if super::letters::lacks("tar", p.flavor, *letter) => {
                    return super::opts::refuse(p, *letter);
                }
                'j' | 'J' | 'a' | 'p' | 'k' | 'm' | 'h' | 'P' | 'S' | 'l' | 'w' => {}
                other => return p.option(format!("-{other}")),
            }
        }
    }
    let _ = keep_owner;
    match mode {
        'c' => create(p, file, words, &exclude, gzip, verbose),
        'x' | 't' => {
            let name = file.clone().unwrap_or_else(|| "-".to_owned());
            let bytes = match p.read(&name)? {
                Ok(bytes) => bytes,
                Err(errno) => {
                    if p.busybox() {
                        return p.fail(1, &format!("can't open '{name}': {}", errno.text()));
                    }
                    p.complain(&format!("{name}: Cannot open: {}", errno.text()))?;
                    p.complain("Error is not recoverable: exiting now")?;
                    return Ok(2);
                }
            };
            let target = dir.clone().unwrap_or_else(|| ".".to_owned());
            let target_path = p.path(&target);
            if p.m.stat(&target_path, true)?.is_err() && mode == 'x' {
                let text = if p.busybox() {
                    format!("can't change directory to '{target}': No such file or directory")
                } else {
                    p.complain(&format!("{target}: Cannot open: No such file or directory"))?;
                    "Error is not recoverable: exiting now".to_owned()
                };
                return p.fail(if p.busybox() { 1 } else { 2 }, &text);
            }
            if is_unknown(&bytes) {
                if mode == 't' {
                    return p.line(&UNKNOWN.to_string()).map(|()| 0);
                }
                return unknown_contents(p, &target, &name);
            }
            if p.busybox() && p.m.standalone() && !gzip && bytes.starts_with(&[0x1f, 0x8b]) {
                // Debian's does not look for compression.
                return p.fail(1, if bytes.len() < 512 { "short read" } else { "invalid tar magic" });
            }
            let entries = match archive::read(&bytes) {
                Ok(Archive::Entries(entries)) => entries,
                Ok(Archive::No) | Err(_) => {
                    if p.busybox() {
                        return p.fail(1, if bytes.len() < 512 { "short read" } else { "invalid tar magic" });
                    }
                    p.complain("This does not look like a tar archive")?;
                    return p.fail(2, "Exiting with failure status due to previous errors");
                }
                Ok(_) => return unknown_contents(p, &target, &name),
            };
            let wanted: Vec<String> =
                words.into_iter().map(|(word, _)| word.trim_end_matches('/').to_owned()).collect();
            extract(
                p,
                &entries,
                mode == 't',
                &target_path,
                &wanted,
                &exclude,
                strip,
                verbose,
                no_owner,
                print,
            )
        }
        _ => {
            if p.busybox() {
                return super::usage(p);
            }
            p.complain("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options")?;
            let name = p.called().to_owned();
            p.error(&format!("Try '{name} --help' or '{name} --usage' for more information."))?;
            Ok(2)
        }
    }
}

#[allow(clippy::too_many_arguments, clippy::fn_params_excessive_bools, reason = "the options of tar")]
fn extract(
    p: &mut Process<'_, '_>,
    entries: &[Entry],
    list: bool,
    dir: &str,
    wanted: &[String],
    exclude: &[String],
    strip: usize,
    verbose: bool,
    no_owner: bool,
    print: bool,
) -> Run {
    let mut missing = false;
    let mut kept = Vec::new();
    for want in wanted {
        let there = entries.iter().any(|entry| {
            let name = entry.name.trim_end_matches('/');
            name == want
                || name.strip_prefix(want.as_str()).is_some_and(|rest| rest.starts_with('/'))
                || crate::shell::pattern::matches(want, name)
        });
        if !there && p.busybox() {
            return p.fail(1, &[want, ": not found in archive"].concat());
        }
        if !there {
            p.complain(&[want, ": Not found in archive"].concat())?;
            missing = true;
        }
    }
    for entry in entries {
        p.m.spend(3)?;
        let name = entry.name.trim_end_matches('/');
        let hit = wanted.is_empty()
            || wanted.iter().any(|want| {
                name == want
                    || name.strip_prefix(want.as_str()).is_some_and(|rest| rest.starts_with('/'))
                    || crate::shell::pattern::matches(want, name)
            });
        let out = exclude.iter().any(|pattern| {
            crate::shell::pattern::matches(pattern, name)
                || crate::shell::pattern::matches(pattern, name.rsplit('/').next().unwrap_or(""))
        });
        if !hit || out {
            continue;
        }
        if list && verbose {
            long(p, entry)?;
        } else if list || (verbose && !print) {
            p.line(&entry.name)?;
        }
        if let EntryKind::File(bytes) = &entry.kind
            && print
        {
            p.write(bytes)?;
        }
        let mut entry = entry.clone();
        if strip > 0 {
            let slash = entry.name.ends_with('/');
            // Each piece before a slash counts, a dot too.
            let parts: Vec<&str> =
                entry.name.split('/').filter(|part| !part.is_empty()).skip(strip).collect();
            if parts.is_empty() {
                continue;
            }
            entry.name = format!("{}{}", parts.join("/"), if slash { "/" } else { "" });
        }
        kept.push(entry);
    }
    let end = |p: &mut Process<'_, '_>| {
        if missing { p.fail(2, "Exiting with failure status due to previous errors") } else { Ok(0) }
    };
    if list || print {
        return end(p);
    }
    for entry in &kept {
        let path = crate::tree::clean(&format!(
            "{}/{}",
            dir.trim_end_matches('/'),
            crate::tree::clean(&format!("/{}", entry.name))
        ));
        let up = crate::tree::parent(&path).to_owned();
        if let Err(errno) = p.m.mkdir_all(&p.cred, &up, 0o755)? {
            return p.fail(2, &format!("{}: Cannot mkdir: {}", entry.name, errno.text()));
        }
        let owner =
            if p.cred.uid == 0 && !no_owner { (entry.uid, entry.gid) } else { (p.cred.uid, p.cred.gid) };
        let done = match &entry.kind {
            EntryKind::Dir => match p.m.stat(&path, true)? {
                Ok(node) if node.is_dir() => Ok(()),
                _ => p.m.mkdir(&p.cred, &path, entry.mode)?,
            },
            EntryKind::File(bytes) => {
                if p.m.stat(&path, false)?.is_ok() {
                    let _ = p.m.remove(&p.cred, &path)?;
                }
                p.m.write_content(&p.cred, &path, Content::bytes(bytes), entry.mode)?
            }
            EntryKind::Symlink(target) => {
                if p.m.stat(&path, false)?.is_ok() {
                    let _ = p.m.remove(&p.cred, &path)?;
                }
                p.m.symlink(&p.cred, target, &path)?
            }
            EntryKind::Hardlink(target) => {
                let from = crate::tree::clean(&format!("{}/{target}", dir.trim_end_matches('/')));
                p.m.hardlink(&p.cred, &from, &path)?
            }
            EntryKind::Special | EntryKind::Other(_) => continue,
        };
        if let Err(errno) = done {
            let text = if p.busybox() {
                format!("can't open '{}': {}", entry.name, errno.text())
            } else {
                format!("{}: Cannot open: {}", entry.name, errno.text())
            };
            return p.fail(if p.busybox() { 1 } else { 2 }, &text);
        }
        if p.cred.uid == 0 {
            let _ = p.m.chown(&p.cred, &path, (Some(owner.0), Some(owner.1)), false)?;
        }
        if matches!(entry.kind, EntryKind::Dir | EntryKind::File(_)) {
            let mode = if p.cred.uid == 0 { entry.mode } else { entry.mode & !p.umask };
            let _ = p.m.chmod(&p.cred, &path, mode)?;
        }
    }
    end(p)
}

/// A line of `tar tv`; times are no part of the tree.
fn long(p: &mut Process<'_, '_>, entry: &Entry) -> Result<(), Halt> {
    let (kind, size, end) = match &entry.kind {
        EntryKind::Dir => ('d', 0, String::new()),
        EntryKind::File(bytes) => ('-', bytes.len(), String::new()),
        EntryKind::Symlink(target) => ('l', 0, [" -> ", target].concat()),
        EntryKind::Hardlink(target) => ('h', 0, [" link to ", target].concat()),
        _ => ('?', 0, String::new()),
    };
    let user = crate::user::users(&p.m.tree).into_iter().find(|user| user.uid == entry.uid);
    let group = crate::user::groups(&p.m.tree).into_iter().find(|group| group.gid == entry.gid);
    let owner = [
        user.map_or_else(|| entry.uid.to_string(), |user| user.name),
        group.map_or_else(|| entry.gid.to_string(), |group| group.name),
    ];
    let letters = super::mode::letters(kind, entry.mode);
    p.modelled();
    p.line(&format!("{letters} {} {size:9} 1970-01-01 00:00:00 {}{end}", owner.join("/"), entry.name))
}

fn create(
    p: &mut Process<'_, '_>,
    file: Option<String>,
    words: Vec<(String, Option<String>)>,
    exclude: &[String],
    gzip: bool,
    verbose: bool,
) -> Run {
    if words.is_empty() {
        if p.busybox() {
            return p.fail(1, "empty archive");
        }
        p.complain("Cowardly refusing to create an empty archive")?;
        p.error("Try 'tar --help' or 'tar --usage' for more information.")?;
        return Ok(2);
    }
    let mut missing = false;
    let mut writer = Writer { out: Vec::new(), unknown: false, size: 1024, told: false };
    let mut names = Vec::new();
    for (word, dir) in words {
        let base = dir.map_or_else(|| p.cwd.clone(), |dir| p.path(&dir));
        let path = crate::shell::process::absolute(&base, &word);
        if word.starts_with('/') && word.len() > 1 && !p.busybox() && !writer.told {
            writer.told = true;
            p.complain("Removing leading `/' from member names")?;
        }
        let node = match p.m.stat(&path, false)? {
            Ok(node) => node,
            Err(errno) => {
                let text = if p.busybox() {
                    format!("{word}: {}", errno.text())
                } else {
                    format!("{word}: Cannot stat: {}", errno.text())
                };
                p.complain(&text)?;
                missing = true;
                continue;
            }
        };
        pack(p, &mut writer, &path, &word, &node, exclude, &mut names, 0)?;
    }
    if verbose {
        for name in names {
            p.line(&name)?;
        }
    }
    let target = file.unwrap_or_else(|| "-".to_owned());
    writer.out.resize(writer.out.len() + 1024, 0);
    if writer.unknown {
        p.m.at_least(crate::shell::Certainty::Modelled);
        if target == "-" {
            p.print(&format!("{UNKNOWN}\n"))?;
            return Ok(0);
        }
        let size = if gzip { writer.size * 2 / 5 } else { writer.size };
        let digest = p.m.digest_of(&[&writer.out]);
        let content = Content::Modelled { size, digest, source: Arc::from("tar") };
        return match p.write_content(&target, content)? {
            Ok(()) => Ok(0),
            Err(errno) => p.fail(1, &format!("can't open '{target}': {}", errno.text())),
        };
    }
    let bytes = if gzip {
        p.m.at_least(crate::shell::Certainty::Modelled);
        gzip_bytes(&writer.out)
    } else {
        writer.out
    };
    if target == "-" {
        p.write(&bytes)?;
    }
    let done = if target == "-" { Ok(()) } else { p.write_file(&target, bytes)? };
    match done {
        Ok(()) if missing && p.busybox() => p.fail(1, "error exit delayed from previous errors"),
        Ok(()) if missing => p.fail(2, "Exiting with failure status due to previous errors"),
        Ok(()) => Ok(0),
        Err(errno) => p.fail(1, &format!("can't open '{target}': {}", errno.text())),
    }
}
