//! Set-up: everything a chore needs beyond Rust and Node, installed once and found again quickly.
//!
//! Tools go into the project's own folder (see [`project::tools`]), never over what a person has.

mod chromium;
mod debian;
mod node;
mod npm;
mod trunk;
mod wasm_bindgen;
mod wasm_target;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::failure::Failure;
use crate::process::{self, seconds};
use crate::project;

pub(crate) use self::node::command as node;

/// Counts the steps of a chore and says which one is under way, how far that is, and how long each took.
pub(crate) struct Progress {
    done: usize,
    total: usize,
    started: Instant,
}

impl Progress {
    /// Progress over `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { done: 0, total, started: Instant::now() }
    }

    /// Runs the next step; its answer is what was found or done, in a few words.
    pub(crate) fn step<T>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<(T, String), Failure>,
    ) -> Result<T, Failure> {
        self.done += 1;
        println!("[{}/{}] {name}", self.done, self.total);
        let started = Instant::now();
        let (value, note) = work()?;
        println!("      {note} ({}; {} in all)", seconds(started.elapsed()), seconds(self.started.elapsed()));
        Ok(value)
    }
}

/// How code for the browser is compiled on this machine.
#[derive(Debug, Clone)]
pub(crate) enum Toolchain {
    /// The toolchain in use has the wasm32 target.
    Own,
    /// Debian's compiler, linked into rustup, with a standard library that set-up built.
    Debian,
}

impl Toolchain {
    /// A cargo that can compile for `wasm32-unknown-unknown`.
    pub(crate) fn cargo(&self) -> Command {
        match self {
            Self::Own => process::cargo(),
            Self::Debian => {
                let mut command = Command::new("cargo");
                command.current_dir(project::root());
                self.apply(&mut command);
                command
            }
        }
    }

    /// Makes a program that calls cargo by itself (Trunk) use this toolchain.
    pub(crate) fn apply(&self, command: &mut Command) {
        if matches!(self, Self::Debian) {
            debian::environment(command);
        }
    }
}

/// What building the page takes.
#[derive(Debug)]
pub(crate) struct Page {
    toolchain: Toolchain,
    /// Folders whose programs go before those of the PATH.
    folders: Vec<PathBuf>,
}

impl Page {
    /// A cargo that can compile for the browser.
    pub(crate) fn cargo(&self) -> Command {
        self.toolchain.cargo()
    }

    /// A program that finds the project's own tools first.
    pub(crate) fn command(&self, program: &str) -> Command {
        // A command looks its program up in the PATH of this process, not in the one that it is given.
        let own = self.folders.iter().map(|folder| folder.join(program)).find(|file| file.is_file());
        let mut command = Command::new(own.unwrap_or_else(|| PathBuf::from(program)));
        command.current_dir(project::root()).env("PATH", process::path_with(&self.folders));
        self.toolchain.apply(&mut command);
        command
    }
}

/// What of WebAssembly the program uses, as index.html says it too; every browser has had it since 2022.
pub(crate) const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// How many steps [`page`] takes.
pub(crate) const PAGE_STEPS: usize = 5;

/// Only the wasm32 target, for chores that compile for the browser without making the page.
pub(crate) fn wasm_only() -> Result<Toolchain, Failure> {
    wasm_target::ensure().map(|(toolchain, _)| toolchain)
}

/// Everything that making the page takes, in [`PAGE_STEPS`] steps.
pub(crate) fn page(progress: &mut Progress) -> Result<Page, Failure> {
    let tools = project::tools();
    progress.step("Node", || node::ensure().map(|note| ((), note)))?;
    progress.step("npm packages: editor, bundler, wasm-opt", npm::ensure)?;
    let toolchain = progress.step("Rust's wasm32 target", wasm_target::ensure)?;
    progress.step("Trunk, which builds the page", || trunk::ensure(&tools))?;
    progress.step("wasm-bindgen, which joins Rust to JavaScript", || wasm_bindgen::ensure(&tools))?;
    let folders = vec![tools.join("bin"), project::www().join("node_modules").join(".bin")];
    Ok(Page { toolchain, folders })
}

/// A browser to drive, in one step.
pub(crate) fn browser(progress: &mut Progress) -> Result<PathBuf, Failure> {
    progress.step("Chromium, for the browser tests", chromium::ensure)
}

/// Installs a program from the crate registry into `tools` unless that version is there already.
///
/// `dependencies` is how much the program's dependencies are optimized: compiling them takes most of the time.
fn cargo_install(
    tools: &Path,
    name: &str,
    version: &str,
    binary: &str,
    options: &[&str],
    optimize: &str,
) -> Result<((), String), Failure> {
    let file = tools.join("bin").join(format!("{binary}{}", std::env::consts::EXE_SUFFIX));
    let installed = || process::output(Command::new(&file).arg("--version"));
    if installed().is_some_and(|answer| answer.split_whitespace().any(|word| word == version)) {
        return Ok(((), format!("{version} is there")));
    }
    println!("      installing {name} {version} into {}: some minutes, only this once", tools.display());
    let mut cargo = process::cargo();
    cargo
        .args(["install", "--locked", "--force", "--root"])
        .arg(tools)
        .arg("--target-dir")
        .arg(tools.join("build"))
        .arg(format!("{name}@{version}"))
        .args(options)
        // Built as released, they take three times as long and run hardly faster for what is asked of them.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimize)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    process::quiet(&mut cargo, &format!("installing {name}"), &project::scratch().join(format!("{name}.log")))
        .map_err(|failure| {
            failure.remedy("see whether the crate registry can be reached from here and run the command again: what is compiled stays")
        })?;
    if installed().is_none() {
        return Err(Failure::new(format!("{name} was installed but {} does not run", file.display()))
            .remedy("delete that file and run the command again"));
    }
    Ok(((), format!("{version} installed")))
}
