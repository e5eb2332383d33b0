//! What all processes of one `RUN` share: the tree, what was printed, what is left to spend, and what is not
//! known.

use super::{Certainty, Effect, Exec, Line, MountPoint, Trace, Unknown, Why};
use crate::tree::{Content, Error, ErrorKind, Meta, Node, Origin, Tree};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Stands in texts and files for a piece that nobody knows; a noncharacter, so that no input contains it.
pub const UNKNOWN: char = '\u{10FFFE}';
/// [`UNKNOWN`] in UTF-8.
pub(crate) const UNKNOWN_BYTES: &[u8] = "\u{10FFFE}".as_bytes();
/// How deep shells, functions and compounds may call each other.
pub(crate) const MAX_DEPTH: u32 = 160;
/// Bytes that one pipe, variable or file may hold.
const MAX_BYTES: usize = 16 << 20;

/// Whether a piece of it is not known.
pub(crate) fn is_unknown(bytes: &[u8]) -> bool {
    bytes.windows(UNKNOWN_BYTES.len()).any(|window| window == UNKNOWN_BYTES)
}

/// Why a process cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Nothing left to spend.
    Fuel,
    /// What it would do is not known.
    Unknown(Why),
    /// An expansion failed: the shell that it happened in ends with this code.
    Exit(u8),
}

/// The kernel's errors, as `strerror` words them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errno {
    NoEntry,
    NotDir,
    IsDir,
    Exists,
    NotEmpty,
    Loop,
    NameTooLong,
    Invalid,
    NotPermitted,
    Busy,
    Access,
    ReadOnly,
    /// Another mount.
    Across,
}

impl Errno {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NoEntry => "No such file or directory",
            Self::NotDir => "Not a directory",
            Self::IsDir => "Is a directory",
            Self::Exists => "File exists",
            Self::NotEmpty => "Directory not empty",
            Self::Loop => "Too many levels of symbolic links",
            Self::NameTooLong => "File name too long",
            Self::Invalid => "Invalid argument",
            Self::NotPermitted => "Operation not permitted",
            Self::Busy => "Device or resource busy",
            Self::Access => "Permission denied",
            Self::ReadOnly => "Read-only file system",
            Self::Across => "Invalid cross-device link",
        }
    }
}

/// A result that may be an error of the kernel, or the end of the process.
pub(crate) type Sys<T> = Result<Result<T, Errno>, Halt>;

/// Who a process is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cred {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) groups: Vec<u32>,
}

impl Cred {
    /// Whether it has the permission (4 read, 2 write, 1 execute).
    pub(crate) fn may(&self, meta: Meta, bit: u32) -> bool {
        if self.uid == 0 {
            return bit != 1 || meta.mode & 0o111 != 0;
        }
        let shift = if meta.uid == self.uid {
            6
        } else if meta.gid == self.gid || self.groups.contains(&meta.gid) {
            3
        } else {
            0
        };
        (meta.mode >> shift) & bit == bit
    }
}

/// An open file.
#[derive(Debug)]
pub(crate) enum Stream {
    Terminal {
        stderr: bool,
    },
    /// A pipe, a here-document, or a file opened for reading.
    Data {
        bytes: Vec<u8>,
        pos: usize,
    },
    /// Opened for writing; the path has no links.
    File {
        path: String,
        append: bool,
        pos: usize,
    },
    Null,
}

/// A process's open files: descriptor → index into [`Machine::streams`].
pub(crate) type Fds = BTreeMap<u32, usize>;

pub(crate) struct Machine<'a> {
    pub(crate) tree: Tree,
    pub(crate) origin: Arc<Origin>,
    pub(crate) writer: u32,
    pub(crate) fuel: u64,
    pub(crate) depth: u32,
    pub(crate) streams: Vec<Stream>,
    /// Of the streams that are read, the sizes of those that are files.
    pub(crate) sizes: BTreeMap<usize, u64>,
    pub(crate) lines: Vec<Line>,
    partial: [Vec<u8>; 2],
    partial_modelled: [bool; 2],
    pub(crate) network: bool,
    pub(crate) arch: &'a str,
    pub(crate) hostname: &'a str,
    pub(crate) incomplete: bool,
    pub(crate) mounts: &'a [MountPoint],
    effects: &'a [Effect],
    pub(crate) effects_applied: bool,
    /// What a person stated that the command does wrong.
    pub(crate) stated_failure: Option<u8>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) traces: Vec<Trace>,
    pub(crate) certainty: Certainty,
    pub(crate) duration: u64,
    /// Distinct numbers for `mktemp`, process ids and the like.
    pub(crate) counter: u32,
    /// Whether what a command prints now was made up.
    pub(crate) modelled: bool,
    /// For the digests of what models make: all words run so far.
    pub(crate) history: Sha256,
    /// How many shells run within each other.
    pub(crate) shells: u32,
    /// The signal that a shell has just sent itself to its end.
    pub(crate) killed: Option<&'static str>,
    /// Who looks up paths now.
    pub(crate) actor: Cred,
    standalone: bool,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(exec: &Exec<'a>) -> Self {
        Self {
            tree: exec.tree.clone(),
            origin: Origin::by(exec.writer),
            writer: exec.writer,
            fuel: exec.fuel,
            depth: 0,
            streams: vec![
                Stream::Data { bytes: exec.stdin.to_vec(), pos: 0 },
                Stream::Terminal { stderr: false },
                Stream::Terminal { stderr: true },
            ],
            sizes: BTreeMap::new(),
            lines: Vec::new(),
            partial: [Vec::new(), Vec::new()],
            partial_modelled: [false; 2],
            network: exec.network,
            arch: exec.arch,
            hostname: exec.hostname,
            incomplete: exec.incomplete,
            mounts: exec.mounts,
            effects: exec.effects,
            effects_applied: false,
            stated_failure: None,
            unknown: Vec::new(),
            shells: 0,
            killed: None,
            actor: Cred::default(),
            traces: Vec::new(),
            certainty: Certainty::Exact,
            duration: 0,
            counter: 0,
            modelled: false,
            history: Sha256::new(),
            standalone: exec.tree.resolve("/bin/dpkg", true).is_ok_and(|dpkg| dpkg.path == "/bin/busybox"),
        }
    }

    /// Whether BusyBox is built as Debian builds it: its shell runs applets wherever `PATH` leads, there are no
    /// mathematics in `awk`, and some options are missing. It is told by an applet that no other has.
    pub(crate) fn standalone(&self) -> bool {
        self.standalone
    }

    pub(crate) fn spend(&mut self, units: u64) -> Result<(), Halt> {
        if self.fuel < units {
            self.fuel = 0;
            return Err(Halt::Fuel);
        }
        self.fuel -= units;
        Ok(())
    }

    pub(crate) fn number(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    /// Notes what a script decides by: where that is not known, nobody knows how it goes on.
    pub(crate) fn decides_by(&mut self, text: &str) {
        if text.contains(UNKNOWN) {
            self.at_least(Certainty::Unknown);
        }
    }

    pub(crate) fn at_least(&mut self, certainty: Certainty) {
        self.certainty = self.certainty.max(certainty);
    }

    pub(crate) fn open(&mut self, stream: Stream) -> usize {
        self.streams.push(stream);
        self.streams.len() - 1
    }

    pub(crate) fn pipe(&mut self) -> usize {
        self.open(Stream::Data { bytes: Vec::new(), pos: 0 })
    }

    /// What was written into a pipe and not read.
    pub(crate) fn drain(&mut self, stream: usize) -> Vec<u8> {
        match self.streams.get_mut(stream) {
            Some(Stream::Data { bytes, pos }) => {
                let from = (*pos).min(bytes.len());
                let rest = bytes.split_off(from);
                *pos = bytes.len();
                rest
            }
            _ => Vec::new(),
        }
    }

    /// One line with its line feed; `None` at the end.
    pub(crate) fn read_line(&mut self, stream: usize) -> Option<Vec<u8>> {
        let Some(Stream::Data { bytes, pos }) = self.streams.get_mut(stream) else { return None };
        let rest = bytes.get(*pos..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
        let line = rest.get(..end)?.to_vec();
        *pos += end;
        Some(line)
    }

    pub(crate) fn write(&mut self, stream: usize, data: &[u8]) -> Result<(), Halt> {
        if data.is_empty() {
            return Ok(());
        }
        self.spend(1 + data.len() as u64 / 64)?;
        match self.streams.get_mut(stream) {
            None | Some(Stream::Null) => {}
            Some(Stream::Data { bytes, .. }) => {
                if bytes.len() + data.len() > MAX_BYTES {
                    return Err(Halt::Fuel);
                }
                bytes.extend_from_slice(data);
            }
            Some(Stream::Terminal { stderr }) => {
                let stderr = *stderr;
                self.terminal(stderr, data);
            }
            Some(Stream::File { .. }) => return self.write_file(stream, data),
        }
        Ok(())
    }

    fn write_file(&mut self, stream: usize, data: &[u8]) -> Result<(), Halt> {
        let Some(Stream::File { path, append, pos }) = self.streams.get_mut(stream) else { return Ok(()) };
        let (path, append, at) = (path.clone(), *append, *pos);
        *pos += data.len();
        // A file that was removed meanwhile takes the rest of the writing with it.
        let Some(Node::File(file)) = self.tree.get(&path) else { return Ok(()) };
        let old = file.content.clone();
        let content = match &old {
            Content::Bytes(bytes) => {
                let mut all = bytes.to_vec();
                let at = if append { all.len() } else { at };
                if at + data.len() > MAX_BYTES {
                    return Err(Halt::Fuel);
                }
                self.spend(all.len() as u64 / 256)?;
                all.resize(all.len().max(at + data.len()), 0);
                for (to, from) in all.iter_mut().skip(at).zip(data) {
                    *to = *from;
                }
                self.content(all)
            }
            Content::Modelled { size, source, .. } => Content::Modelled {
                size: size + data.len() as u64,
                digest: self.digest_of(&[&old.digest(), data]),
                source: Arc::clone(source),
            },
            Content::Unknown { .. } => Content::Unknown { digest: self.digest_of(&[&old.digest(), data]) },
        };
        self.put_content(&path, content);
        Ok(())
    }

    fn put_content(&mut self, path: &str, content: Content) {
        let origin = Arc::clone(&self.origin);
        let _ = self.tree.write(path, content, Meta::root(0o644), Some(origin));
    }

    /// Bytes as content: unknown if a piece of them is.
    pub(crate) fn content(&self, bytes: Vec<u8>) -> Content {
        if is_unknown(&bytes) {
            Content::Unknown { digest: self.digest_of(&[&bytes]) }
        } else {
            Content::Bytes(Arc::from(bytes))
        }
    }

    pub(crate) fn digest_of(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    fn terminal(&mut self, stderr: bool, data: &[u8]) {
        let modelled = self.modelled;
        let which = usize::from(stderr);
        for piece in data.split_inclusive(|b| *b == b'\n') {
            let Some(partial) = self.partial.get_mut(which) else { return };
            partial.extend_from_slice(piece);
            if let Some(flag) = self.partial_modelled.get_mut(which) {
                *flag |= modelled;
            }
            if piece.ends_with(b"\n") {
                self.flush(stderr);
            }
        }
    }

    fn flush(&mut self, stderr: bool) {
        let which = usize::from(stderr);
        let Some(partial) = self.partial.get_mut(which) else { return };
        let mut bytes = std::mem::take(partial);
        let modelled = self.partial_modelled.get_mut(which).is_some_and(std::mem::take);
        if bytes.ends_with(b"\n") {
            bytes.pop();
        }
        let text = String::from_utf8_lossy(&bytes);
        let unknown = text.contains(UNKNOWN);
        let text = if unknown { text.replace(UNKNOWN, "…") } else { text.into_owned() };
        self.lines.push(Line { text, stderr, modelled: modelled || unknown });
    }

    /// Prints lines that have not ended.
    pub(crate) fn finish(&mut self) {
        for stderr in [false, true] {
            if self.partial.get(usize::from(stderr)).is_some_and(|partial| !partial.is_empty()) {
                self.flush(stderr);
            }
        }
    }

    /// Turns the tree's error into the kernel's, or into not knowing.
    pub(crate) fn errno<T>(&self, error: &Error, path: &str) -> Sys<T> {
        Ok(Err(match error.kind {
            ErrorKind::Unlisted => return Err(Halt::Unknown(Why::MayExist(path.to_owned()))),
            ErrorKind::NotFound if self.incomplete => {
                return Err(Halt::Unknown(Why::MayExist(path.to_owned())));
            }
            ErrorKind::NotFound => Errno::NoEntry,
            ErrorKind::NotADirectory => Errno::NotDir,
            ErrorKind::IsADirectory => Errno::IsDir,
            ErrorKind::AlreadyExists => Errno::Exists,
            ErrorKind::NotEmpty => Errno::NotEmpty,
            ErrorKind::TooManyLinks => Errno::Loop,
            ErrorKind::NameTooLong => Errno::NameTooLong,
            ErrorKind::InvalidArgument => Errno::Invalid,
            ErrorKind::NotPermitted => Errno::NotPermitted,
            ErrorKind::Busy => Errno::Busy,
        }))
    }

    /// Notes a command whose effect is not known, and puts in its place what the person stated. `pure`
    /// commands only read and print. Gives its exit code.
    pub(crate) fn note_unknown(&mut self, command: String, why: Why, pure: bool, cwd: &str) -> u8 {
        if !self.effects.is_empty() && !pure {
            self.apply_effects(cwd);
            self.at_least(Certainty::Modelled);
            return self.stated_failure.unwrap_or(0);
        }
        self.at_least(Certainty::Unknown);
        if !pure {
            self.incomplete = true;
        }
        if self.unknown.len() < 1000 {
            self.unknown.push(Unknown { command, why });
        }
        0
    }

    /// Applies the person's statements, once.
    pub(crate) fn apply_effects(&mut self, cwd: &str) {
        if self.effects_applied {
            return;
        }
        self.effects_applied = true;
        let inputs = self.history.clone().finalize();
        for effect in self.effects {
            let absolute = |path: &str| crate::tree::absolute(cwd, path);
            match effect {
                Effect::Create { path, size, executable } => {
                    let path = absolute(path);
                    let origin = Arc::clone(&self.origin);
                    let _ = self.tree.mkdir_all(crate::tree::parent(&path), Meta::root(0o755), Some(&origin));
                    let digest = self.digest_of(&[&inputs, path.as_bytes()]);
                    let content = Content::Modelled { size: *size, digest, source: Arc::from("stated") };
                    let mode = if *executable { 0o755 } else { 0o644 };
                    let _ = self.tree.write(&path, content, Meta::root(mode), Some(origin));
                }
                Effect::CreateDir { path } => {
                    let origin = Arc::clone(&self.origin);
                    let _ = self.tree.mkdir_all(&absolute(path), Meta::root(0o755), Some(&origin));
                }
                Effect::Delete { path } => {
                    let _ = self.tree.remove_all(&absolute(path));
                }
                Effect::Takes { .. } => {}
                Effect::Fails { code } => self.stated_failure = Some(*code),
            }
        }
    }

    /// The stated duration, or the estimate.
    pub(crate) fn total_duration(&self) -> u64 {
        let stated = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Takes { ms } => Some(*ms),
            _ => None,
        });
        stated.unwrap_or(self.duration)
    }
}
