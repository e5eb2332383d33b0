//! `strip` and `cmake`.

use super::help::{OTHER, digest_at, made, mark_unlisted, spent};
use crate::shell::process::{Process, Run};

/// `strip` makes a third of a binary go away.
pub(crate) fn strip(p: &mut Process<'_, '_>) -> Run {
    for name in p.args.clone().iter().filter(|arg| !arg.starts_with('-')) {
        let path = p.path(name);
        let Ok(file) = p.m.tree.read(&path) else {
            return p.fail(1, &format!("'{name}': No such file"));
        };
        let digest = file.digest();
        let size = file.content.size() * 2 / 3;
        let source = match &file.content {
            crate::tree::Content::Modelled { source, .. } => source.to_string(),
            _ => "gcc".to_owned(),
        };
        made(p, name, size, file.meta.mode, &source, &[&digest, b"strip"])?;
    }
    Ok(0)
}

/// `cmake`: configuring and building make files that nobody can name.
pub(crate) fn cmake(p: &mut Process<'_, '_>) -> Run {
    let args = p.args.clone();
    let building = args.iter().any(|arg| arg == "--build");
    let value = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1)).cloned();
    if building || args.iter().any(|arg| arg == "--install") {
        return p.option("--build");
    }
    let source = value("-S")
        .or_else(|| args.iter().rev().find(|arg| !arg.starts_with('-')).cloned())
        .unwrap_or_else(|| ".".to_owned());
    if super::absent(p, &format!("{source}/CMakeLists.txt"))? {
        let path = p.path(&source);
        p.error(&format!(
            "CMake Error: The source directory \"{}\" does not appear to contain CMakeLists.txt.",
            crate::tree::clean(&path)
        ))?;
        return Ok(1);
    }
    let build = value("-B").unwrap_or_else(|| ".".to_owned());
    let digest = digest_at(p, &source);
    made(p, &format!("{build}/CMakeCache.txt"), 15_000, 0o644, "cmake", &[&digest])?;
    made(p, &format!("{build}/CMakeFiles/{OTHER}"), 400_000, 0o644, "cmake", &[&digest])?;
    mark_unlisted(p, &build, "cmake");
    spent(p, 2000);
    p.line("-- Configuring done")?;
    p.line("-- Generating done")?;
    Ok(0)
}
