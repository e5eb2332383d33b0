//! `cmake`, and `make` and `ninja` where it configured: the targets that `CMakeLists.txt` names.

use super::help::{OTHER, digest_at, made, mark_unlisted, spent, text};
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// The model's own note of what was configured, beside what CMake keeps there: source and prefix.
const NOTE: &str = "CMakeFiles/‹configured›";

/// What a `CMakeLists.txt` makes.
#[derive(Default)]
struct Project {
    name: String,
    /// File, and how many sources.
    targets: Vec<(String, String, u64)>,
    /// Target, directory below the prefix.
    installed: Vec<(String, String)>,
    files: Vec<(String, String)>,
    /// It brings in what cannot be read here.
    more: bool,
}

pub(crate) fn cmake(p: &mut Process<'_, '_>) -> Run {
    let args = p.args.clone();
    let value = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1)).cloned();
    if args.iter().any(|arg| matches!(arg.as_str(), "--version" | "-version" | "--help" | "-h")) {
        return p.only_reads("--version");
    }
    if let Some(dir) = value("--build") {
        let install = value("--target").or_else(|| value("-t")).is_some_and(|target| target == "install");
        return build(p, &dir, install, None);
    }
    if let Some(dir) = value("--install") {
        return build(p, &dir, true, value("--prefix"));
    }
    if args.iter().any(|arg| arg == "-E" || arg == "-P") {
        return p.option("-E");
    }
    let joined = |flag: &str| args.iter().find_map(|arg| arg.strip_prefix(flag)).map(str::to_owned);
    let source = value("-S")
        .or_else(|| joined("-S").filter(|dir| !dir.is_empty()))
        .or_else(|| {
            let takes = ["-S", "-B", "-G", "-D", "-C", "-T", "-A"];
            let mut before = "";
            let mut found = None;
            for arg in &args {
                if !arg.starts_with('-') && !takes.contains(&before) {
                    found = Some(arg.clone());
                }
                before = arg;
            }
            found
        })
        .unwrap_or_else(|| ".".to_owned());
    if super::absent(p, &format!("{source}/CMakeLists.txt"))? {
        let path = p.path(&source);
        p.error(&format!(
            "CMake Error: The source directory \"{}\" does not appear to contain CMakeLists.txt.",
            crate::tree::clean(&path)
        ))?;
        return Ok(1);
    }
    let dir =
        value("-B").or_else(|| joined("-B").filter(|dir| !dir.is_empty())).unwrap_or_else(|| ".".to_owned());
    let prefix = joined("-DCMAKE_INSTALL_PREFIX=")
        .or_else(|| joined("-DCMAKE_INSTALL_PREFIX:PATH="))
        .unwrap_or_else(|| "/usr/local".to_owned());
    let digest = digest_at(p, &source);
    made(p, &format!("{dir}/CMakeCache.txt"), 15_000, 0o644, "cmake", &[&digest])?;
    made(p, &format!("{dir}/CMakeFiles/{OTHER}"), 400_000, 0o644, "cmake", &[&digest])?;
    let source = crate::tree::clean(&p.path(&source));
    let _ = p.write_file(&format!("{dir}/{NOTE}"), format!("{source}\n{prefix}\n").into_bytes())?;
    mark_unlisted(p, &dir, "cmake");
    spent(p, 2000);
    p.line("-- Configuring done")?;
    p.line("-- Generating done")?;
    Ok(0)
}

/// Whether a directory was configured.
pub(super) fn configured(p: &Process<'_, '_>, dir: &str) -> bool {
    super::help::there(p, &format!("{dir}/{NOTE}"))
}

/// Builds what was configured, and installs it.
pub(super) fn build(p: &mut Process<'_, '_>, dir: &str, install: bool, prefix: Option<String>) -> Run {
    let note = super::text(p, &format!("{dir}/{NOTE}")).unwrap_or_default();
    let mut lines = note.lines();
    let (Some(source), Some(configured)) = (lines.next(), lines.next()) else {
        return p.option("--build of what was not configured here");
    };
    let mut project = Project::default();
    read(p, source, "", &mut project, 0)?;
    let digest = digest_at(p, source);
    for (name, file, sources) in &project.targets {
        let archive = file.ends_with(".a") || file.contains(".so");
        let size = 16_000 + 12_000 * sources;
        let path = format!("{dir}/{file}");
        let label = if archive { "cmake library" } else { "gcc build" };
        made(p, &path, size, 0o755, label, &[&digest, name.as_bytes()])?;
        p.line(&format!("Built target {name}"))?;
        spent(p, 500 * sources + 300);
    }
    if project.more {
        mark_unlisted(p, dir, "cmake");
    }
    if !install {
        return Ok(0);
    }
    let prefix = prefix.unwrap_or_else(|| configured.to_owned());
    let root = [p.env.get("DESTDIR").map_or("", String::as_str), &prefix].concat();
    let mut copies = Vec::new();
    for (target, to) in &project.installed {
        let found = project.targets.iter().find(|(name, _, _)| name == target);
        let Some((_, file, _)) = found else { return p.option("a target that is not known") };
        let default = if file.ends_with(".a") || file.contains(".so") { "lib" } else { "bin" };
        let to = if to.is_empty() { default } else { to };
        copies.push((
            format!("{dir}/{file}"),
            format!("{root}/{to}/{}", crate::tree::base_name(file)),
            0o755,
        ));
    }
    for (file, to) in &project.files {
        copies.push((
            format!("{source}/{file}"),
            format!("{root}/{to}/{}", crate::tree::base_name(file)),
            0o644,
        ));
    }
    p.line("-- Install configuration: \"\"")?;
    for (from, to, mode) in copies {
        let content = match p.content(&from)? {
            Ok(content) => content,
            Err(errno) => return p.fail(1, &format!("{from}: {}", errno.text())),
        };
        let up = crate::tree::parent(&p.path(&to)).to_owned();
        let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
        let path = p.path(&to);
        let _ = p.m.write_content(&p.cred, &path, content, mode)?;
        let _ = p.m.chmod(&p.cred, &path, mode)?;
        p.line(&format!("-- Installing: {}", crate::tree::clean(&path)))?;
    }
    Ok(0)
}

/// Reads a `CMakeLists.txt` and those of its subdirectories.
fn read(
    p: &mut Process<'_, '_>,
    source: &str,
    below: &str,
    project: &mut Project,
    depth: u32,
) -> Result<(), Halt> {
    if depth > 20 {
        return Err(Halt::Fuel);
    }
    let file = format!("{source}/{below}CMakeLists.txt");
    let Some(text) = text(p, &file)? else { return Err(Halt::Unknown(Why::MayExist(file))) };
    p.m.spend(1 + text.len() as u64 / 16)?;
    let plain: String =
        text.lines().map(|line| line.split('#').next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    for call in plain.split(')') {
        let Some((head, body)) = call.rsplit_once('(') else { continue };
        let name = head.split_whitespace().next_back().unwrap_or("").to_lowercase();
        let body =
            body.replace("${PROJECT_NAME}", &project.name).replace("${CMAKE_PROJECT_NAME}", &project.name);
        let words: Vec<&str> = body.split_whitespace().map(|word| word.trim_matches('"')).collect();
        let Some(first) = words.first().copied() else { continue };
        let sources = words.iter().skip(1).filter(|word| word.contains('.')).count().max(1) as u64;
        let after = |word: &str| {
            words
                .iter()
                .position(|found| *found == word)
                .and_then(|at| words.get(at + 1))
                .copied()
                .unwrap_or("")
        };
        match name.as_str() {
            "project" if project.name.is_empty() => first.clone_into(&mut project.name),
            "add_subdirectory" if !first.contains('$') => {
                read(p, source, &format!("{below}{first}/"), project, depth + 1)?;
            }
            "add_executable" | "add_library" if first.contains('$') => {
                return Err(Halt::Unknown(Why::Option(first.to_owned())));
            }
            "add_executable" => project.targets.push((first.to_owned(), format!("{below}{first}"), sources)),
            "add_library"
                if words
                    .iter()
                    .any(|word| matches!(*word, "INTERFACE" | "IMPORTED" | "ALIAS" | "OBJECT")) => {}
            "add_library" => {
                let end = if words.contains(&"SHARED") { "so" } else { "a" };
                project.targets.push((first.to_owned(), format!("{below}lib{first}.{end}"), sources));
            }
            "install" if first == "TARGETS" => {
                let keys = ["RUNTIME", "LIBRARY", "ARCHIVE", "DESTINATION", "EXPORT", "COMPONENT"];
                let names = words.iter().skip(1).take_while(|word| !keys.contains(word));
                let to = if body.contains('$') { "" } else { after("DESTINATION") };
                project.installed.extend(names.map(|name| ((*name).to_owned(), to.to_owned())));
            }
            "install" if matches!(first, "FILES" | "PROGRAMS") && !body.contains('$') => {
                let names = words.iter().skip(1).take_while(|word| **word != "DESTINATION");
                let to = after("DESTINATION").to_owned();
                project.files.extend(names.map(|name| (format!("{below}{name}"), to.clone())));
            }
            "add_subdirectory"
            | "install"
            | "include"
            | "fetchcontent_makeavailable"
            | "externalproject_add"
            | "add_custom_target"
            | "add_custom_command" => project.more = true,
            _ => {}
        }
    }
    Ok(())
}

/// `ninja`, where CMake configured.
pub(crate) fn ninja(p: &mut Process<'_, '_>) -> Run {
    let args = p.args.clone();
    let dir = args.iter().position(|arg| arg == "-C").and_then(|at| args.get(at + 1)).cloned();
    let dir = dir.unwrap_or_else(|| ".".to_owned());
    if !configured(p, &dir) {
        return p.option("a directory that CMake did not configure");
    }
    build(p, &dir, args.iter().any(|arg| arg == "install"), None)
}
