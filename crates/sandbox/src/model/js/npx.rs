//! `npx` and its kin, which run a program of a package that may not be installed; `corepack`.

use super::options::Line;
use super::{npm, scripts};
use crate::model::absent;
use crate::shell::process::{Flavor, Process, Run};

pub(in crate::model) fn npx(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    // What follows the first word is for the program.
    let line = npm::OPTIONS.read(&args, |words| !words.is_empty());
    words(p, &line.words, &line)
}

/// Runs words as a program of an installed package, or of one that is fetched for the moment.
pub(super) fn words(p: &mut Process<'_, '_>, words: &[String], line: &Line) -> Run {
    let dir = p.cwd.trim_end_matches('/').to_owned();
    if let Some(call) = line.value("call") {
        let call = call.to_owned();
        return scripts::shell(p, &dir, &call, None);
    }
    let mut argv: Vec<String> = words.iter().chain(&line.rest).cloned().collect();
    let Some(first) = argv.first_mut() else { return Ok(0) };
    let name = super::bare(first).to_owned();
    name.clone_into(first);
    let installed = !absent(p, &[&dir, "/node_modules/.bin/", &name].concat())?;
    if !installed {
        // A package has a program of its own name, or one only.
        let program = super::install::bins_of(&name)
            .and_then(|bins| bins.into_iter().next())
            .map_or(name, |(program, _)| program);
        if let Some(command) = crate::command::find(&program) {
            if let Some(first) = argv.first_mut() {
                *first = program;
            }
            let spec = p.spec(argv);
            p.flush()?;
            return crate::shell::exec::run_command(p.m, spec, command, Flavor::Gnu, None);
        }
        return p.option(argv.join(" "));
    }
    let text: Vec<String> = argv.iter().map(|word| crate::shell::quote(word)).collect();
    scripts::shell(p, &dir, &text.join(" "), None)
}

/// `corepack`: from then on `yarn` and `pnpm` are there.
pub(in crate::model) fn corepack(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.first().is_some_and(|arg| arg == "enable") {
        let named: Vec<&String> = args.iter().skip(1).filter(|arg| !arg.starts_with('-')).collect();
        for name in ["pnpm", "pnpx", "yarn", "yarnpkg"] {
            let wanted = named.is_empty()
                || named.iter().any(|one| name.starts_with(one.as_str()) || one.starts_with(name));
            let at = ["/usr/local/bin/", name].concat();
            if wanted && !crate::model::there(p, &at) {
                crate::model::made_up(p, &at, 300, 0o755, "corepack", &[])?;
            }
        }
    }
    Ok(0)
}
