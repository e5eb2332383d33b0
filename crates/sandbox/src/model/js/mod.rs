//! JavaScript: its package managers, what they install, and the scripts of packages. What they do and say was seen
//! with npm 10.9, Yarn 1.22 and pnpm 9.15.

mod bundler;
mod install;
mod lock;
mod node;
mod npm;
mod npm_modules;
mod npm_settings;
mod npx;
mod options;
mod pnpm;
mod pnpm_lock;
mod pnpm_store;
mod project;
mod registry;
mod scripts;
mod yarn;
mod yarn_lock;

pub(super) use bundler::bundler;
pub(super) use node::node;
pub(super) use npm::npm;
pub(super) use npx::{corepack, npx};
pub(super) use pnpm::pnpm;
pub(super) use yarn::yarn;

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Npm,
    Yarn,
    Pnpm,
}

/// `name@version` without the version.
fn bare(name: &str) -> &str {
    split(name).0
}

/// `name@version` in two; the version is empty where there is none.
fn split(name: &str) -> (&str, &str) {
    match name.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (name.get(..at).unwrap_or(name), name.get(at + 1..).unwrap_or("")),
        None => (name, ""),
    }
}
