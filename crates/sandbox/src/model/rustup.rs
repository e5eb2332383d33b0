//! `rustup`: toolchains, targets and components.

use super::help::{MB, OTHER, download, home, made};
use crate::shell::process::{Process, Run};

pub(crate) fn rustup(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["target" | "component" | "toolchain", "add" | "install", rest @ ..] = words.as_slice() {
        let base = p.env.get("RUSTUP_HOME").cloned().unwrap_or_else(|| format!("{}/.rustup", home(p)));
        for name in rest.iter().filter(|word| !word.starts_with('-')) {
            made(
                p,
                &format!("{base}/toolchains/{name}/{OTHER}"),
                120 * MB,
                0o644,
                "rustup",
                &[name.as_bytes()],
            )?;
            p.error(&format!("info: downloading component 'rust-std' for '{name}'"))?;
            download(p, 30 * MB);
        }
    }
    Ok(0)
}
