//! `gcc`, `g++`, `cc`, `clang`: objects and programs of an estimated size.

use super::{KIB, inputs, made_up, takes};
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let (mut output, mut compile_only, mut is_static) = (None, false, false);
    let mut sources = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-o" => output = rest.next().cloned(),
            "-c" => compile_only = true,
            "-static" => is_static = true,
            "-I" | "-L" | "-D" | "-x" | "-include" | "-isystem" | "-MF" | "-MT" | "-arch" | "-target" => {
                let _ = rest.next();
            }
            "--version" | "-v" | "-dumpversion" => return p.option(arg.clone()),
            "-E" | "-S" | "-M" | "-MM" => return p.option(arg.clone()),
            arg if arg.starts_with("-o") => output = arg.get(2..).map(str::to_owned),
            arg if arg.starts_with('-') => {}
            arg => sources.push(arg.to_owned()),
        }
    }
    let name = p.name.clone();
    let mut missing: Vec<&String> = Vec::new();
    for source in &sources {
        if super::absent(p, source)? {
            missing.push(source);
        }
    }
    if sources.is_empty() || !missing.is_empty() {
        for source in &missing {
            p.error(&format!("{name}: error: {source}: No such file or directory"))?;
        }
        if missing.len() == sources.len() {
            p.error(&format!("{name}: fatal error: no input files"))?;
        }
        p.error("compilation terminated.")?;
        return Ok(1);
    }
    let mut salt = Vec::new();
    for source in &sources {
        salt.extend(inputs(p, source));
    }
    takes(p, 250 + 350 * sources.len() as u64, 0);
    let plus = name.contains("++");
    if compile_only {
        for source in &sources {
            let stem =
                crate::tree::base_name(source).rsplit_once('.').map_or(source.as_str(), |(stem, _)| stem);
            let object = output.clone().unwrap_or_else(|| format!("{stem}.o"));
            made_up(p, &object, if plus { 12 * KIB } else { 4 * KIB }, 0o644, "gcc build", &salt)?;
        }
        return Ok(0);
    }
    let size = match (is_static, plus) {
        (true, true) => 2_300 * KIB,
        (true, false) => 780 * KIB,
        (false, true) => 17 * KIB,
        (false, false) => 16 * KIB,
    };
    let output = output.unwrap_or_else(|| "a.out".to_owned());
    made_up(p, &output, size + 4 * KIB * (sources.len() as u64 - 1), 0o755, "gcc build", &salt)?;
    Ok(0)
}

/// `ar`: a library of objects.
pub(super) fn archive(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let Some([mode, library, objects @ ..]) = Some(args.as_slice()) else {
        return p.option("ar");
    };
    if !mode.contains(['r', 'q']) || mode.starts_with("--") {
        return p.option(mode.clone());
    }
    let mut salt = Vec::new();
    let mut size = 100;
    for object in objects {
        if super::absent(p, object)? {
            p.error(&format!("ar: {object}: No such file or directory"))?;
            return Ok(1);
        }
        salt.extend(inputs(p, object));
        size += p.content(object)?.map_or(0, |content| content.size()) + 60;
    }
    made_up(p, library, size, 0o644, "gcc build", &salt)?;
    Ok(0)
}
