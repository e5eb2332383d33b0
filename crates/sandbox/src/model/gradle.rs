//! `gradle`: its caches, and the archives that the projects of a build make.

use super::help::{MB, OTHER, digest_at, download, home, made, spent, text, there};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// One project of a build: `:app`, the root being `:`.
struct Project {
    path: String,
    dir: String,
    name: String,
    script: String,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.iter().any(|arg| matches!(arg.as_str(), "--version" | "-v" | "--help" | "-h")) {
        return p.only_reads("--version");
    }
    let value = |flags: &[&str]| {
        args.iter().position(|arg| flags.contains(&arg.as_str())).and_then(|at| args.get(at + 1)).cloned()
    };
    let dir = value(&["-p", "--project-dir"]).unwrap_or_else(|| ".".to_owned());
    let Some(projects) = projects(p, &dir)? else {
        p.error("FAILURE: Build failed with an exception.")?;
        let at = crate::tree::clean(&p.path(&dir));
        p.error(&format!("\n* What went wrong:\nDirectory '{at}' does not contain a Gradle build.\n"))?;
        return Ok(1);
    };
    if !fetch(p, &args, &projects)? {
        return Ok(1);
    }
    for task in tasks(&args) {
        let (path, task) = match task.rsplit_once(':') {
            Some(("", task)) => (Some(":".to_owned()), task),
            Some((path, task)) => (Some(format!(":{}", path.trim_start_matches(':'))), task),
            None => (None, task),
        };
        for project in &projects {
            if path.as_ref().is_none_or(|path| *path == project.path) {
                perform(p, project, task)?;
            }
        }
    }
    spent(p, 15_000);
    p.line("BUILD SUCCESSFUL in 15s")?;
    Ok(0)
}

/// What is to be done: what is no option, no option's value, and not left out by `-x`.
fn tasks(args: &[String]) -> Vec<&str> {
    let mut tasks = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-x" | "--exclude-task" | "-p" | "--project-dir" | "-b" | "--build-file" | "-c" | "-I"
            | "--init-script" | "-g" | "--gradle-user-home" | "--max-workers" | "--console" | "--tests"
            | "-PMAIN" => drop(rest.next()),
            option if option.starts_with('-') => {}
            task => tasks.push(task),
        }
    }
    tasks
}

/// The first quoted word of the first line that begins so.
fn quoted(text: &str, key: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| line.starts_with(key))?;
    line.split(['\'', '"']).nth(1).map(str::to_owned)
}

/// The build script of a directory, and whether there is one.
fn script(p: &mut Process<'_, '_>, dir: &str, stem: &str) -> Result<Option<String>, Halt> {
    for end in ["gradle", "gradle.kts"] {
        if let Some(script) = text(p, &format!("{dir}/{stem}.{end}"))? {
            return Ok(Some(script));
        }
    }
    Ok(None)
}

/// All projects of a build, the root first; `None` where there is no build.
fn projects(p: &mut Process<'_, '_>, dir: &str) -> Result<Option<Vec<Project>>, Halt> {
    let (build, settings) = (script(p, dir, "build")?, script(p, dir, "settings")?);
    if build.is_none() && settings.is_none() {
        return Ok(None);
    }
    let settings = settings.unwrap_or_default();
    let at = crate::tree::clean(&p.path(dir));
    let name =
        quoted(&settings, "rootProject.name").unwrap_or_else(|| crate::tree::base_name(&at).to_owned());
    let mut found =
        vec![Project { path: ":".to_owned(), dir: dir.to_owned(), name, script: build.unwrap_or_default() }];
    for line in settings.lines().map(str::trim).filter(|line| line.starts_with("include")) {
        for name in line.split(['\'', '"']).skip(1).step_by(2) {
            let name = name.trim_start_matches(':');
            let dir = format!("{dir}/{}", name.replace(':', "/"));
            let Some(script) = script(p, &dir, "build")? else { continue };
            let last = name.rsplit(':').next().unwrap_or(name).to_owned();
            found.push(Project { path: format!(":{name}"), dir, name: last, script });
        }
    }
    Ok(Some(found))
}

/// Brings what the build needs into Gradle's caches; `false` where that cannot be.
fn fetch(p: &mut Process<'_, '_>, args: &[String], projects: &[Project]) -> Result<bool, Halt> {
    let user = p.env.get("GRADLE_USER_HOME").cloned().unwrap_or_else(|| format!("{}/.gradle", home(p)));
    let caches = format!("{user}/caches/{OTHER}");
    if there(p, &caches) {
        return Ok(true);
    }
    if !p.m.network || args.iter().any(|arg| arg == "--offline") {
        p.error("FAILURE: Build failed with an exception.")?;
        return Ok(false);
    }
    let lines = projects.iter().flat_map(|project| project.script.lines());
    let dependencies = lines.filter(|line| line.trim().starts_with("implementation")).count() as u64;
    let scripts: Vec<u8> = projects.iter().flat_map(|project| project.script.bytes()).collect();
    made(p, &caches, 60 * MB + dependencies * 6 * MB, 0o644, "gradle cache", &[&scripts])?;
    download(p, 40 * MB);
    Ok(true)
}

/// Does one task in one project.
fn perform(p: &mut Process<'_, '_>, project: &Project, task: &str) -> Result<(), Halt> {
    let Project { dir, name, script, .. } = project;
    let sources = digest_at(p, dir);
    // A root that only holds others together makes nothing.
    let makes = script.contains("plugin") || there(p, &format!("{dir}/src"));
    let spring = script.contains("org.springframework.boot") && !script.contains("apply false");
    let version = quoted(script, "version").map(|version| format!("-{version}")).unwrap_or_default();
    let base = quoted(script, "archiveBaseName").unwrap_or_else(|| name.clone());
    let named = quoted(script, "archiveFileName").unwrap_or_else(|| format!("{base}{version}.jar"));
    let mut archives: Vec<(String, u64)> = Vec::new();
    match task {
        "build" | "assemble" | "bootJar" | "jar" | "bootWar" | "war" if !makes => {}
        "build" | "assemble" if spring => {
            archives.push((named, 20 * MB));
            // `jar { enabled = false }` leaves it away.
            if !script.contains("enabled = false") {
                archives.push((format!("{base}{version}-plain.jar"), 150_000));
            }
        }
        "build" | "assemble" | "jar" => archives.push((named, 150_000)),
        "bootJar" => archives.push((named, 20 * MB)),
        "war" | "bootWar" => archives.push((format!("{base}{version}.war"), 20 * MB)),
        "shadowJar" => archives.push((format!("{base}{version}-all.jar"), 20 * MB)),
        "installDist" => {
            made(p, &format!("{dir}/build/install/{name}/bin/{name}"), 8_000, 0o755, "gradle", &[&sources])?;
            let lib = format!("{dir}/build/install/{name}/lib/{OTHER}");
            made(p, &lib, 12 * MB, 0o644, "gradle", &[&sources])?;
        }
        "clean" => {
            let path = p.path(&format!("{dir}/build"));
            let _ = p.m.remove_all(&p.cred, &path)?;
        }
        "dependencies"
        | "test"
        | "check"
        | "classes"
        | "testClasses"
        | "compileJava"
        | "compileKotlin"
        | "help"
        | "tasks"
        | "projects"
        | "properties"
        | "wrapper"
        | "resolveDependencies"
        | "downloadDependencies" => {}
        other => return p.option(other),
    }
    for (archive, size) in archives {
        made(p, &format!("{dir}/build/libs/{archive}"), size, 0o644, "javac jar", &[&sources])?;
    }
    Ok(())
}
