//! What each instruction does to its stage, one file per instruction.

pub(super) mod arg;
pub(super) mod cmd;
pub(super) mod copy;
pub(super) mod entrypoint;
pub(super) mod env;
pub(super) mod expose;
pub(super) mod healthcheck;
pub(super) mod label;
pub(super) mod maintainer;
pub(super) mod onbuild;
pub(super) mod run;
pub(super) mod shell;
pub(super) mod stopsignal;
pub(super) mod user;
pub(super) mod volume;
pub(super) mod workdir;

pub(super) mod git;
mod mount;
mod owner;
