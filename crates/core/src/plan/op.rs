//! Operations, as in BuildKit's LLB (`solver/pb/ops.proto`).

use crate::resolve::{Env, Platform};
use crate::simulation::StageId;
use smallvec::SmallVec;
use smol_str::SmolStr;
use stagecraft_dockerfile::Span;
use std::sync::Arc;

/// Index into [`super::Plan::ops`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub u32);

impl OpId {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Op {
    /// The caption that progress shows: `[build 2/4] RUN make`.
    pub name: SmolStr,
    /// What it does.
    pub kind: OpKind,
    /// The ops whose output it takes; mounts and actions refer to them by position here.
    pub inputs: SmallVec<[OpId; 2]>,
    /// What it is run for; only sources that are images and execs have one.
    pub platform: Option<Arc<Platform>>,
    /// The cache is not looked at (`--no-cache`).
    pub ignore_cache: bool,
    /// The instructions that ask for it, in order of the plan. Internal ops (inline documents, the context) have
    /// those that use them first.
    pub origins: SmallVec<[Origin; 1]>,
    /// The files of a `COPY --link`: shown as one with the merge, under this caption.
    pub group: Option<SmolStr>,
}

impl Op {
    /// One that takes nothing and stands nowhere.
    pub(super) fn new(name: SmolStr, kind: OpKind) -> Self {
        Self {
            name,
            kind,
            inputs: SmallVec::new(),
            platform: None,
            ignore_cache: false,
            origins: SmallVec::new(),
            group: None,
        }
    }

    /// The `(first, last)` line pairs that BuildKit reports for it: one for each line.
    pub fn each_line(&self) -> Vec<(u32, u32)> {
        self.origins.iter().filter_map(|origin| origin.lines).flat_map(super::fault::each_line).collect()
    }
}

/// Where an op comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The stage of the file.
    pub stage: StageId,
    /// Index into the Dockerfile's instructions (of the `FROM` for base images and for `ONBUILD` triggers).
    pub instruction: usize,
    /// Where the instruction stands.
    pub span: Span,
    /// Its first and last line, if BuildKit names them for the op.
    pub lines: Option<(u32, u32)>,
    /// It is a trigger of the base image or stage.
    pub onbuild: bool,
}

/// What an op does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// Brings something in.
    Source(Source),
    /// Runs a command.
    Exec(Box<Exec>),
    /// Copies and makes files.
    File(Vec<FileAction>),
    /// Lays the inputs over each other (`COPY --link`).
    Merge,
}

/// Something brought in from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// An image.
    Image(Image),
    /// A directory of the client: the context or a named one.
    Local(Local),
    /// `ADD https://…`
    Http(Box<Http>),
    /// `ADD https://….git`
    Git(Box<Git>),
}

impl Source {
    /// The identifier in LLB: `docker-image://docker.io/library/alpine:3.19`.
    pub fn identifier(&self) -> String {
        match self {
            Self::Image(image) => format!("docker-image://{}", image.reference),
            Self::Local(local) => format!("local://{}", local.name),
            Self::Http(http) => http.url.clone(),
            Self::Git(git) => git.identifier.clone(),
        }
    }
}

/// A base image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    /// Normalized, with tag or digest: `docker.io/library/alpine:3.19`.
    pub reference: SmolStr,
}

/// A directory of the client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Local {
    /// `context`, or the name of a named context.
    pub name: SmolStr,
    /// Only these paths (with what links in them lead to) are sent; empty means all.
    pub follow_paths: Vec<String>,
}

/// A download.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Http {
    /// The address.
    pub url: String,
    /// What the file is called.
    pub filename: String,
    /// `algorithm:hex`; empty if none is demanded.
    pub checksum: String,
}

/// A clone of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Git {
    /// `git://github.com/moby/buildkit.git#v0.11.6`
    pub identifier: String,
    /// The address to clone from.
    pub remote: String,
    /// Commit, tag or branch.
    pub reference: String,
    /// Directory of the repository.
    pub subdir: String,
    /// Commit that is demanded.
    pub checksum: String,
    /// `.git` is kept.
    pub keep_git_dir: bool,
    /// Submodules are left out.
    pub skip_submodules: bool,
    /// The commit is fetched without comparing the branch or tag with it.
    pub fetch_by_commit: bool,
}

/// A command that is run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exec {
    /// Program and arguments.
    pub args: Vec<SmolStr>,
    /// Environment in order, the stage's arguments included.
    pub env: Env,
    /// Names in `env` that are arguments (`ARG`), not `ENV`.
    pub arguments: Vec<SmolStr>,
    /// Working directory.
    pub cwd: SmolStr,
    /// `USER` as written after expansion; empty if none.
    pub user: SmolStr,
    /// `--network`
    pub network: Network,
    /// `--security`
    pub security: Security,
    /// The root is the one at `/`. In the order of LLB: sorted by destination, secrets and agents last.
    pub mounts: Vec<Mount>,
    /// Secrets that become environment variables.
    pub secret_env: Vec<SecretEnv>,
    /// `HTTP_PROXY=…` of the build arguments; not part of the cache key.
    pub proxy: Vec<(SmolStr, SmolStr)>,
}

/// `RUN --network`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Network {
    /// The builder's.
    #[default]
    Unset,
    /// The host's.
    Host,
    /// None.
    None,
}

/// `RUN --security`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// In a sandbox.
    #[default]
    Sandbox,
    /// With all rights.
    Insecure,
}

/// Something mounted while a command runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Where; absolute. The root is at `/`.
    pub dest: SmolStr,
    /// What it is.
    pub kind: MountKind,
    /// Position in [`Op::inputs`]; `None` is an empty directory.
    pub input: Option<u32>,
    /// Directory of the input; empty is its root.
    pub selector: SmolStr,
    /// Not writable.
    pub readonly: bool,
}

impl Mount {
    /// A directory of an input that is not said yet, or an empty one.
    pub(super) const fn bind(dest: SmolStr) -> Self {
        Self { dest, kind: MountKind::Bind, input: None, selector: SmolStr::new_static(""), readonly: false }
    }
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MountKind {
    /// Files of the input; what is written into them is thrown away, except for the root.
    Bind,
    /// A directory that outlives the build.
    Cache {
        /// Key.
        id: SmolStr,
        /// Whether builds share it.
        sharing: Sharing,
    },
    /// A directory in memory.
    Tmpfs {
        /// Bytes; 0 is no bound.
        size: i64,
    },
    /// A secret as a file.
    Secret(SourcePoint),
    /// The socket of an agent.
    Ssh(SourcePoint),
}

/// A secret or an agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourcePoint {
    /// Its id.
    pub id: String,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
    /// Left out where it is missing; otherwise the build fails.
    pub optional: bool,
}

/// Whether builds share a cache directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sharing {
    /// At the same time.
    #[default]
    Shared,
    /// Each has its own.
    Private,
    /// One after the other.
    Locked,
}

/// A secret that becomes an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretEnv {
    /// Its id.
    pub id: String,
    /// The variable.
    pub name: String,
    /// Left out where it is missing.
    pub optional: bool,
}

/// One action on files. The first works on `input`, each other one on what the one before left; the last one's
/// result is the op's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileAction {
    /// Position in [`Op::inputs`] of what the chain starts from, the same in all actions; `None` is empty. Names of
    /// owners are looked up there.
    pub input: Option<u32>,
    /// What it does.
    pub kind: FileActionKind,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileActionKind {
    /// Copies.
    Copy(Box<Copy>),
    /// Makes a directory.
    Mkdir(Box<Mkdir>),
    /// Makes a file.
    Mkfile(Box<Mkfile>),
}

/// Copies files.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[allow(clippy::struct_excessive_bools, reason = "LLB's own flags")]
pub struct Copy {
    /// Absolute path in the source, maybe with wildcards.
    pub src: SmolStr,
    /// Absolute path; a slash at its end is kept.
    pub dest: SmolStr,
    /// Position in [`Op::inputs`] of the source; `None` is empty.
    pub from: Option<u32>,
    /// `--chmod`
    pub mode: Option<Mode>,
    /// `--chown`
    pub owner: Option<Owner>,
    /// Local archives are unpacked.
    pub unpack: bool,
    /// `src` may hold wildcards, and they may match nothing.
    pub wildcard: bool,
    /// Links in `src` are followed.
    pub follow_symlinks: bool,
    /// Of a directory, only what is in it is copied.
    pub dir_contents_only: bool,
    /// The directories of `dest` are made where they are missing.
    pub create_dest_path: bool,
    /// Only what matches (`--parents`).
    pub include: Vec<String>,
    /// Not what matches (`--exclude`).
    pub exclude: Vec<String>,
    /// Must be there (`--parents`).
    pub required: Vec<String>,
}

/// `--chmod`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Permission bits.
    Bits(u32),
    /// `u=rwX,go=rX`
    Symbolic(String),
}

/// `user[:group]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    /// User.
    pub user: User,
    /// Group; without one it is the user's.
    pub group: Option<User>,
}

/// A user or group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum User {
    /// By number.
    Id(u32),
    /// By name, to be looked up in the image's own files.
    Name(String),
}

/// Makes a directory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mkdir {
    /// Absolute.
    pub path: SmolStr,
    /// Permission bits.
    pub mode: u32,
    /// Missing directories above it are made, and one that is there is left.
    pub parents: bool,
    /// Owner; `None` is root.
    pub owner: Option<Owner>,
}

/// Makes a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mkfile {
    /// Absolute.
    pub path: SmolStr,
    /// Permission bits.
    pub mode: u32,
    /// Content.
    pub data: Arc<str>,
}
