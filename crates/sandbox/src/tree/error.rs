//! What can go wrong with a path, worded as the kernel's errors are.

use std::sync::Arc;

/// The kind of failure; shown as `strerror` words it, in Go's lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ErrorKind {
    /// ENOENT
    #[error("no such file or directory")]
    NotFound,
    /// ENOTDIR
    #[error("not a directory")]
    NotADirectory,
    /// EISDIR
    #[error("is a directory")]
    IsADirectory,
    /// EEXIST
    #[error("file exists")]
    AlreadyExists,
    /// ENOTEMPTY
    #[error("directory not empty")]
    NotEmpty,
    /// ELOOP
    #[error("too many levels of symbolic links")]
    TooManyLinks,
    /// ENAMETOOLONG
    #[error("file name too long")]
    NameTooLong,
    /// EINVAL
    #[error("invalid argument")]
    InvalidArgument,
    /// EPERM
    #[error("operation not permitted")]
    NotPermitted,
    /// EBUSY
    #[error("device or resource busy")]
    Busy,
    /// Nobody listed what is in the directory: the path may exist or not.
    #[error("unknown: the directory's content is not listed")]
    Unlisted,
}

/// A failure and the path that it concerns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct Error {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The path, as far as it was resolved.
    pub path: Arc<str>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, path: &str) -> Self {
        Self { kind, path: Arc::from(path) }
    }
}

/// Outcome of an operation on a tree.
pub type Result<T> = std::result::Result<T, Error>;
