//! `gzip`, `gunzip`, `zcat`, `unzip`, and the other compressors.

use super::opts;
use super::tar::unknown_contents;
use crate::shell::machine::{UNKNOWN, is_unknown};
use crate::shell::process::{Process, Run};
use crate::tree::Content;

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A gzip stream with stored blocks: any reader reads it, only its size is not what a compressor would reach.
pub(super) fn gzip_bytes(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let mut chunks = bytes.chunks(0xffff).peekable();
    if chunks.peek().is_none() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(chunk) = chunks.next() {
        let len = chunk.len() as u16;
        out.push(u8::from(chunks.peek().is_none()));
        out.extend(len.to_le_bytes());
        out.extend((!len).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    out.extend(crc32(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

pub(super) fn gunzip_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
    let header = bytes.get(..10)?;
    if !header.starts_with(&[0x1f, 0x8b, 8]) {
        return None;
    }
    let flags = *header.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*bytes.get(at)?) + (usize::from(*bytes.get(at + 1)?) << 8);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    miniz_oxide::inflate::decompress_to_vec_with_limit(bytes.get(at..)?, 64 << 20).ok()
}

/// `gzip`, `gunzip`, `zcat`
pub(super) fn gzip(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("decompress", 'd'),
        ("keep", 'k'),
        ("force", 'f'),
        ("stdout", 'c'),
        ("to-stdout", 'c'),
        ("best", '9'),
        ("fast", '1'),
        ("quiet", 'q'),
        ("test", 't'),
    ];
    let opts = opts::parse(p, "dkfcqt123456789vn", &longs)?;
    if opts.has('t') {
        // A test changes nothing.
        for name in &opts.operands {
            let Some(bytes) = super::text::open(p, name)? else { return Ok(1) };
            if !is_unknown(&bytes) && gunzip_bytes(&bytes).is_none() {
                return wrong_format(p, name);
            }
        }
        return Ok(0);
    }
    if !p.busybox() {
        // `gunzip` and `zcat` are scripts around it.
        let zcat = p.name == "zcat";
        let undo = p.name != "gzip";
        "gzip".clone_into(&mut p.name);
        return compress(p, &opts, undo || opts.has('d'), zcat || opts.has('c'));
    }
    let undo = opts.has('d') || matches!(p.name.as_str(), "gunzip" | "zcat");
    let print = opts.has('c') || p.name == "zcat";
    compress(p, &opts, undo, print)
}

/// What is unpacked is not packed.
fn wrong_format(p: &mut Process<'_, '_>, name: &str) -> Run {
    if p.busybox() {
        return p.fail(1, "invalid magic");
    }
    p.error("")?;
    p.fail(1, &[name, ": not in gzip format"].concat())
}

fn compress(p: &mut Process<'_, '_>, opts: &opts::Opts, undo: bool, print: bool) -> Run {
    if opts.operands.is_empty() {
        let input = p.stdin();
        if is_unknown(&input) {
            return p.print(&format!("{UNKNOWN}\n")).map(|()| 0);
        }
        let out = if undo { gunzip_bytes(&input) } else { Some(gzip_bytes(&input)) };
        return match out {
            Some(out) => p.write(&out).map(|()| 0),
            None if p.busybox() && p.name == "zcat" => p.fail(1, "no gzip/bzip2/xz magic"),
            None => wrong_format(p, "stdin"),
        };
    }
    let mut code = 0;
    for name in &opts.operands {
        let mut name = name;
        let ended = [name, ".gz"].concat();
        if !p.busybox() {
            match p.stat(name)? {
                Ok(node) if node.is_dir() => {
                    code = p.fail(2, &[name, " is a directory -- ignored"].concat())?;
                    continue;
                }
                // It looks for the packed file too.
                Err(_) if undo && !name.ends_with(".gz") => name = &ended,
                _ => {}
            }
        }
        let Some(bytes) = super::text::open(p, name)? else {
            code = 1;
            continue;
        };
        let to = if undo {
            match name
                .strip_suffix(".gz")
                .map(str::to_owned)
                .or_else(|| name.strip_suffix(".tgz").map(|base| format!("{base}.tar")))
            {
                Some(to) => to,
                None if print => String::new(),
                None => {
                    let dash = if p.busybox() { "-" } else { "--" };
                    p.complain(&format!("{name}: unknown suffix {dash} ignored"))?;
                    code = if p.busybox() { 1 } else { 2 };
                    continue;
                }
            }
        } else {
            format!("{name}.gz")
        };
        let content = if is_unknown(&bytes) {
            let inner = p.content(name)?.map_or([0; 32], |content| content.digest());
            let digest = p.m.digest_of(&[p.name.as_bytes(), name.as_bytes(), &inner]);
            Content::Unknown { digest }
        } else {
            match if undo { gunzip_bytes(&bytes) } else { Some(gzip_bytes(&bytes)) } {
                Some(out) => Content::bytes(out),
                None => {
                    code = if p.busybox() && p.name == "zcat" {
                        p.fail(1, "no gzip/bzip2/xz magic")?
                    } else {
                        wrong_format(p, name)?
                    };
                    continue;
                }
            }
        };
        if print {
            match content.known() {
                Some(bytes) => p.write(bytes)?,
                None => p.print(&format!("{UNKNOWN}\n"))?,
            }
            continue;
        }
        let mode = p.stat(name)?.map_or(0o644, |node| node.meta().mode);
        let path = p.path(&to);
        if !opts.has('f') && p.m.tree.lstat(&path).is_ok() {
            if p.busybox() {
                code = p.fail(1, &format!("can't open '{to}': File exists"))?;
            } else {
                code = p.fail(2, &format!("{to} already exists;\tnot overwritten"))?;
            }
            continue;
        }
        if let Err(errno) = p.m.write_content(&p.cred, &path, content, mode)? {
            code = p.fail(1, &format!("can't open '{to}': {}", errno.text()))?;
            continue;
        }
        if !opts.has('k') {
            let old = p.path(name);
            let _ = p.m.remove(&p.cred, &old)?;
        }
    }
    Ok(code)
}

/// `unzip`, `xz`, `bzip2`, `zstd`, `7z`: what is inside is not known.
pub(super) fn other(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let dir = args
        .iter()
        .position(|arg| arg == "-d")
        .filter(|_| p.name == "unzip")
        .and_then(|at| args.get(at + 1))
        .cloned();
    let mut words = args.iter().filter(|arg| !arg.starts_with('-') && Some(*arg) != dir.as_ref());
    let Some(name) = words.next().cloned() else {
        if p.busybox() && p.name == "unzip" {
            return super::usage(p);
        }
        let _ = p.stdin();
        return p.print(&format!("{UNKNOWN}\n")).map(|()| 0);
    };
    if p.stat(&name)?.is_err() {
        let text = if p.name == "unzip" && p.busybox() {
            format!("unzip: can't open {name}[.zip]")
        } else if p.name == "unzip" {
            format!("unzip:  cannot find or open {name}, {name}.zip or {name}.ZIP.")
        } else {
            format!("{}: {name}: No such file or directory", p.name)
        };
        p.error(&text)?;
        return Ok(if p.name == "unzip" && !p.busybox() { 9 } else { 1 });
    }
    if p.name != "unzip" {
        let undo = p.name.starts_with("un")
            || p.name.starts_with("bun")
            || args.iter().any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains('d'));
        let end = [".xz", ".bz2", ".zst", ".lzma"].into_iter().find(|end| name.ends_with(end)).unwrap_or("");
        let to = if undo {
            name.strip_suffix(end).unwrap_or(&name).to_owned()
        } else {
            format!("{name}.{}", if p.name == "bzip2" { "bz2" } else { "xz" })
        };
        let digest = p.m.digest_of(&[p.name.as_bytes(), name.as_bytes()]);
        let _ = p.write_content(&to, Content::Unknown { digest })?;
        if !args.iter().any(|arg| arg.contains('k')) && to != name {
            let path = p.path(&name);
            let _ = p.m.remove(&p.cred, &path)?;
        }
        return Ok(0);
    }
    let dir = dir.unwrap_or_else(|| ".".to_owned());
    let path = p.path(&dir);
    let _ = p.m.mkdir_all(&p.cred, &path, 0o755)?;
    unknown_contents(p, &dir, &name)
}
