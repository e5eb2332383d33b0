//! `java` and `javac`. What a program does is not known, but for taking a Spring Boot archive apart.

use super::help::{OTHER, digest_at, made, spent};
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

pub(super) fn java(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.first().is_some_and(|arg| matches!(arg.as_str(), "-version" | "--version" | "-fullversion")) {
        return p.only_reads("-version");
    }
    let mode = args.iter().find_map(|arg| arg.strip_prefix("-Djarmode="));
    let jar = args.iter().position(|arg| arg == "-jar").and_then(|at| args.get(at + 1));
    match (mode, jar) {
        (Some("layertools" | "tools"), Some(jar)) if args.iter().any(|arg| arg == "extract") => {
            let jar = jar.clone();
            extract(p, &args, &jar)
        }
        _ => Err(Halt::Unknown(Why::Interpreter("Java".to_owned()))),
    }
}

/// `extract` of Spring Boot's own modes: the archive in layers, for one `COPY` each.
fn extract(p: &mut Process<'_, '_>, args: &[String], jar: &str) -> Run {
    if super::absent(p, jar)? {
        p.error(&format!("Error: Unable to access jarfile {jar}"))?;
        return Ok(1);
    }
    let size = p.content(jar)?.map_or(0, |content| content.size());
    let layers = args.iter().any(|arg| arg == "-Djarmode=layertools" || arg == "--layers");
    let launcher = args.iter().any(|arg| arg == "-Djarmode=layertools" || arg == "--launcher");
    let given = args.iter().enumerate().find_map(|(at, arg)| {
        if arg == "--destination" {
            args.get(at + 1).map(String::as_str)
        } else {
            arg.strip_prefix("--destination=")
        }
    });
    let name = crate::tree::base_name(jar);
    let into = match given {
        Some(dir) => dir.to_owned(),
        None if args.iter().any(|arg| arg == "-Djarmode=layertools") => ".".to_owned(),
        None => name.strip_suffix(".jar").unwrap_or(name).to_owned(),
    };
    let digest = digest_at(p, jar);
    let own = size / 50;
    let place = |layer: &str, path: &str| {
        if layers { format!("{into}/{layer}/{path}") } else { format!("{into}/{path}") }
    };
    if layers {
        for empty in ["snapshot-dependencies", "spring-boot-loader"] {
            super::folder(p, &format!("{into}/{empty}"))?;
        }
    }
    let mut parts = Vec::new();
    if launcher {
        parts.push((place("dependencies", "BOOT-INF/lib"), size - own - own));
        parts.push((place("spring-boot-loader", "org/springframework/boot/loader"), own));
        parts.push((place("application", "BOOT-INF/classes"), own));
        parts.push((place("application", "META-INF"), 200));
    } else {
        parts.push((place("dependencies", "lib"), size - own));
        made(p, &place("application", name), own, 0o644, "javac jar", &[&digest])?;
    }
    for (folder, size) in parts {
        made(p, &format!("{folder}/{OTHER}"), size, 0o644, "jar of Spring Boot", &[&digest])?;
    }
    spent(p, 1500);
    Ok(0)
}

pub(super) fn javac(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let dir = args.iter().position(|arg| arg == "-d").and_then(|at| args.get(at + 1)).cloned();
    let mut any = false;
    for file in args.iter().filter(|arg| arg.ends_with(".java")) {
        if super::absent(p, file)? {
            p.error(&format!("error: file not found: {file}"))?;
            return Ok(2);
        }
        any = true;
        let digest = digest_at(p, file);
        let class = file.trim_end_matches(".java");
        let path = match &dir {
            Some(dir) => format!("{dir}/{}.class", crate::tree::base_name(class)),
            None => format!("{class}.class"),
        };
        made(p, &path, 1_200, 0o644, "javac", &[&digest])?;
    }
    spent(p, 900);
    if any { Ok(0) } else { p.option("no source files") }
}
