//! `node`.

use crate::model::help::{there, version_of};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// `node`: what a script does is not known.
pub(in crate::model) fn node(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    match args.first().map(String::as_str) {
        Some("-v" | "--version") => {
            let version = version_of(p, "NODE_VERSION", "22.0.0");
            p.line(&format!("v{version}"))?;
            Ok(0)
        }
        Some(file)
            if !file.starts_with('-')
                && !there(p, file)
                && !there(p, &format!("{file}.js"))
                && !p.m.incomplete =>
        {
            let cwd = p.cwd.trim_end_matches('/').to_owned();
            p.error("node:internal/modules/cjs/loader:1215")?;
            p.error(&format!("Error: Cannot find module '{cwd}/{file}'"))?;
            Ok(1)
        }
        _ => Err(Halt::Unknown(crate::shell::Why::Interpreter("JavaScript".to_owned()))),
    }
}
