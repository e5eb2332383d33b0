//! `mvn`, `gradle`, `java`, `javac`.

use super::help::{MB, OTHER, digest_at, download, made, spent, text, there};
use super::manifest::xml;
use crate::shell::Why;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

fn home(p: &Process<'_, '_>) -> String {
    p.env.get("HOME").cloned().unwrap_or_else(|| "/root".to_owned())
}

pub(crate) fn mvn(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let value = |flags: &[&str]| {
        args.iter().position(|arg| flags.contains(&arg.as_str())).and_then(|at| args.get(at + 1)).cloned()
    };
    let pom = value(&["-f", "--file"]).unwrap_or_else(|| "pom.xml".to_owned());
    if args.iter().any(|arg| arg == "--version" || arg == "-v") {
        return p.option("--version");
    }
    let Some(project) = text(p, &pom)? else {
        p.line("[INFO] Scanning for projects...")?;
        p.line("[INFO] ------------------------------------------------------------------------")?;
        p.line("[INFO] BUILD FAILURE")?;
        p.line("[INFO] ------------------------------------------------------------------------")?;
        let cwd = p.cwd.clone();
        p.line(&format!("[ERROR] The goal you specified requires a project to execute but there is no POM in this directory ({cwd}). Please verify you invoked Maven from the correct directory. -> [Help 1]"))?;
        return Ok(1);
    };
    let dir = pom.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned();
    // The project's own coordinates stand outside of parent and dependencies.
    let own = match project.split_once("</parent>") {
        Some((_, rest)) => rest.to_owned(),
        None => project.clone(),
    };
    let own = own.split("<dependencies>").next().unwrap_or("").to_owned();
    let artifact = xml(&own, "artifactId").unwrap_or("app").to_owned();
    let version =
        xml(&own, "version").or_else(|| xml(&project, "version")).unwrap_or("0.0.1-SNAPSHOT").to_owned();
    let packaging = xml(&project, "packaging").unwrap_or("jar").to_owned();
    let final_name =
        xml(&project, "finalName").map_or_else(|| format!("{artifact}-{version}"), str::to_owned);
    let dependencies = project.matches("<dependency>").count() as u64;
    let spring = project.contains("spring-boot-maven-plugin");
    let repository = args
        .iter()
        .find_map(|arg| arg.strip_prefix("-Dmaven.repo.local="))
        .map_or_else(|| format!("{}/.m2/repository", home(p)), str::to_owned);
    let offline = args.iter().any(|arg| arg == "-o" || arg == "--offline");
    let digest = digest_at(p, &dir);
    let pom_digest = digest_at(p, &pom);
    let cached = format!("{repository}/{OTHER}");
    if !there(p, &cached) {
        if !p.m.network {
            p.line("[ERROR] Unknown host repo.maven.apache.org: Temporary failure in name resolution")?;
            return Ok(1);
        }
        if !offline {
            let size = 25 * MB + dependencies * if spring { 9 * MB } else { 4 * MB };
            made(p, &cached, size, 0o644, "maven repository", &[&pom_digest])?;
            download(p, size);
        }
    }
    let goals: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    let builds = goals.iter().any(|goal| matches!(*goal, "package" | "install" | "verify" | "deploy"));
    let compiles = builds || goals.iter().any(|goal| matches!(*goal, "compile" | "test" | "test-compile"));
    if goals.contains(&"clean") {
        let target = p.path(&format!("{dir}/target"));
        let _ = p.m.remove_all(&p.cred, &target)?;
    }
    p.line("[INFO] Scanning for projects...")?;
    if compiles {
        made(p, &format!("{dir}/target/classes/{OTHER}"), 200_000, 0o644, "javac", &[&digest])?;
        spent(p, 6000);
    }
    if builds && packaging != "pom" {
        let size = if spring || packaging == "war" { 18 * MB + dependencies * MB } else { 150_000 };
        let end = if packaging == "war" { "war" } else { "jar" };
        made(p, &format!("{dir}/target/{final_name}.{end}"), size, 0o644, "javac jar", &[&digest])?;
        if spring {
            made(
                p,
                &format!("{dir}/target/{final_name}.jar.original"),
                150_000,
                0o644,
                "javac jar",
                &[&digest],
            )?;
        }
    }
    p.line("[INFO] BUILD SUCCESS")?;
    Ok(0)
}

pub(crate) fn gradle(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let build = ["build.gradle", "build.gradle.kts"].into_iter().find(|file| there(p, file));
    let settings = ["settings.gradle", "settings.gradle.kts"].into_iter().find(|file| there(p, file));
    let Some(file) = build.or(settings) else {
        super::absent(p, "build.gradle")?;
        let cwd = p.cwd.clone();
        p.error("FAILURE: Build failed with an exception.")?;
        p.error(&format!("\n* What went wrong:\nDirectory '{cwd}' does not contain a Gradle build.\n"))?;
        return Ok(1);
    };
    let project = text(p, file)?.unwrap_or_default();
    let setting = match settings {
        Some(file) => text(p, file)?.unwrap_or_default(),
        None => String::new(),
    };
    let quoted = |text: &str, key: &str| {
        text.lines()
            .find(|line| line.trim().starts_with(key))
            .and_then(|line| line.split(['\'', '"']).nth(1))
            .map(str::to_owned)
    };
    let cwd = crate::tree::clean(&p.cwd);
    let name =
        quoted(&setting, "rootProject.name").unwrap_or_else(|| crate::tree::base_name(&cwd).to_owned());
    let version = quoted(&project, "version").map(|version| format!("-{version}")).unwrap_or_default();
    let spring = project.contains("org.springframework.boot");
    let dependencies =
        project.lines().filter(|line| line.trim().starts_with("implementation")).count() as u64;
    let user = p.env.get("GRADLE_USER_HOME").cloned().unwrap_or_else(|| format!("{}/.gradle", home(p)));
    if !p.m.network {
        p.error("FAILURE: Build failed with an exception.")?;
        return Ok(1);
    }
    let digest = digest_at(p, file);
    made(
        p,
        &format!("{user}/caches/{OTHER}"),
        60 * MB + dependencies * 6 * MB,
        0o644,
        "gradle cache",
        &[&digest],
    )?;
    download(p, 40 * MB);
    let tasks: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    let sources = digest_at(p, ".");
    for task in &tasks {
        let task = task.rsplit(':').next().unwrap_or("");
        let jar = match task {
            "build" | "assemble" | "bootJar" | "jar" => Some(format!("{name}{version}.jar")),
            "shadowJar" => Some(format!("{name}{version}-all.jar")),
            "clean" | "dependencies" | "test" | "check" | "classes" | "compileJava" | "help" | "tasks" => {
                None
            }
            "installDist" => {
                made(p, &format!("build/install/{name}/bin/{name}"), 8_000, 0o755, "gradle", &[&sources])?;
                made(p, &format!("build/install/{name}/lib/{OTHER}"), 12 * MB, 0o644, "gradle", &[&sources])?;
                None
            }
            other => return p.option(other.to_owned()),
        };
        if let Some(jar) = jar {
            let size = if spring || jar.ends_with("-all.jar") { 20 * MB } else { 150_000 };
            made(p, &format!("build/libs/{jar}"), size, 0o644, "javac jar", &[&sources])?;
        }
    }
    spent(p, 15_000);
    p.line("BUILD SUCCESSFUL in 15s")?;
    Ok(0)
}

/// `java -version` aside, what a program does is not known.
pub(crate) fn java(p: &mut Process<'_, '_>) -> Run {
    if p.args.first().is_some_and(|arg| arg == "-version" || arg == "--version") {
        return p.option("-version");
    }
    Err(Halt::Unknown(Why::Interpreter("Java".to_owned())))
}

pub(crate) fn javac(p: &mut Process<'_, '_>) -> Run {
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
