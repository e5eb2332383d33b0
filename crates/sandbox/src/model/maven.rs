//! `mvn`: the local repository, and what the modules of a project build.

use super::help::{MB, OTHER, digest_at, download, home, made, spent, text, there};
use super::manifest::xml;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Modules that are looked into at most.
const MODULES: usize = 200;

/// One module: where it is, and what its `pom.xml` says.
struct Module {
    dir: String,
    pom: String,
    artifact: String,
}

/// What is asked for.
struct Asked<'a> {
    args: &'a [String],
    goals: Vec<&'a str>,
}

impl Asked<'_> {
    fn value(&self, flags: &[&str]) -> Option<&str> {
        let at = self.args.iter().position(|arg| flags.contains(&arg.as_str()))?;
        self.args.get(at + 1).map(String::as_str)
    }

    /// What `-Dname=value` says.
    fn property(&self, name: &str) -> Option<&str> {
        self.args.iter().find_map(|arg| arg.strip_prefix("-D")?.strip_prefix(name)?.strip_prefix('='))
    }

    fn has(&self, goals: &[&str]) -> bool {
        self.goals.iter().any(|goal| goals.contains(goal))
    }
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.iter().any(|arg| arg == "--version" || arg == "-v") {
        return p.only_reads("--version");
    }
    let goals = goals(&args);
    let asked = Asked { args: &args, goals };
    if let Some(other) = asked.goals.iter().find(|goal| !is_known(goal)) {
        return p.option(*other);
    }
    if asked.goals.iter().any(|goal| goal.starts_with("help:") || goal.ends_with(":evaluate")) {
        // What it prints is the answer.
        return p.only_reads("help");
    }
    let pom = asked.value(&["-f", "--file"]).unwrap_or("pom.xml").to_owned();
    let pom = if super::is_dir(p, &pom) { format!("{pom}/pom.xml") } else { pom };
    p.line("[INFO] Scanning for projects...")?;
    let dir = pom.rsplit_once('/').map_or(".", |(dir, _)| dir).to_owned();
    let Some(project) = text(p, &pom)? else {
        p.line("[INFO] ------------------------------------------------------------------------")?;
        p.line("[INFO] BUILD FAILURE")?;
        p.line("[INFO] ------------------------------------------------------------------------")?;
        let cwd = p.cwd.clone();
        p.line(&format!("[ERROR] The goal you specified requires a project to execute but there is no POM in this directory ({cwd}). Please verify you invoked Maven from the correct directory. -> [Help 1]"))?;
        return Ok(1);
    };
    let Some(modules) = modules(p, dir, project)? else { return Ok(1) };
    if !resolve(p, &asked, &modules)? {
        return Ok(1);
    }
    // `-pl` names modules by folder or by `:artifact`; `-am` adds those that they need, which is any.
    let chosen: Vec<&str> =
        asked.value(&["-pl", "--projects"]).map_or_else(Vec::new, |list| list.split(',').collect());
    let all = chosen.is_empty() || args.iter().any(|arg| arg == "-am" || arg == "--also-make");
    for module in &modules {
        let named = chosen.iter().any(|name| {
            name.rsplit_once(':').is_some_and(|(_, artifact)| artifact == module.artifact)
                || module.dir.trim_start_matches("./") == name.trim_start_matches("./").trim_end_matches('/')
        });
        if all || named {
            build(p, &asked, module, &modules)?;
        }
    }
    p.line("[INFO] BUILD SUCCESS")?;
    Ok(0)
}

/// The goals and phases: what is no option and no option's value.
fn goals(args: &[String]) -> Vec<&str> {
    let mut goals = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-f"
            | "--file"
            | "-pl"
            | "--projects"
            | "-P"
            | "--activate-profiles"
            | "-s"
            | "--settings"
            | "-gs"
            | "-T"
            | "--threads"
            | "-rf"
            | "--resume-from"
            | "-l"
            | "--log-file"
            | "-D"
            | "-t" => drop(rest.next()),
            option if option.starts_with('-') => {}
            goal => goals.push(goal),
        }
    }
    goals
}

fn is_known(goal: &str) -> bool {
    const PHASES: &[&str] = &[
        "validate",
        "clean",
        "compile",
        "test-compile",
        "test",
        "package",
        "verify",
        "install",
        "deploy",
        "process-resources",
        "prepare-package",
        "integration-test",
        "clean:clean",
        "compiler:compile",
        "spring-boot:repackage",
        "site",
    ];
    PHASES.contains(&goal)
        || ["dependency:", "help:", "versions:", "org.apache.maven.plugins:maven-dependency-plugin"]
            .iter()
            .any(|head| goal.starts_with(head))
}

/// The modules of a project, itself first; `None` once it was said that one is missing.
fn modules(p: &mut Process<'_, '_>, dir: String, pom: String) -> Result<Option<Vec<Module>>, Halt> {
    let mut found: Vec<Module> = Vec::new();
    let mut todo = vec![(dir, pom)];
    while let Some((dir, pom)) = todo.pop() {
        if found.len() >= MODULES {
            break;
        }
        for name in xml(&pom, "modules").unwrap_or("").split("<module>").skip(1) {
            let name = name.split('<').next().unwrap_or("").trim();
            let at = format!("{dir}/{name}");
            let Some(pom) = text(p, &format!("{at}/pom.xml"))? else {
                p.line("[ERROR] [ERROR] Some problems were encountered while processing the POMs:")?;
                p.line(&format!(
                    "[ERROR] Child module {} of {}/pom.xml does not exist @ ",
                    crate::tree::clean(&p.path(&at)),
                    crate::tree::clean(&p.path(&dir))
                ))?;
                return Ok(None);
            };
            todo.push((at, pom));
        }
        let artifact = xml(own(&pom), "artifactId").unwrap_or("app").to_owned();
        found.push(Module { dir, pom, artifact });
    }
    Ok(Some(found))
}

/// The project's own coordinates stand outside of parent and dependencies.
fn own(pom: &str) -> &str {
    let after = pom.split_once("</parent>").map_or(pom, |(_, rest)| rest);
    let end = ["<dependencies>", "<dependencyManagement>", "<build>", "<profiles>"]
        .iter()
        .filter_map(|tag| after.find(tag))
        .min();
    after.get(..end.unwrap_or(after.len())).unwrap_or(after)
}

/// Brings what the project needs into the local repository; `false` where that cannot be.
fn resolve(p: &mut Process<'_, '_>, asked: &Asked<'_>, modules: &[Module]) -> Result<bool, Halt> {
    let repository = asked
        .property("maven.repo.local")
        .map_or_else(|| format!("{}/.m2/repository", home(p)), str::to_owned);
    let cached = format!("{repository}/{OTHER}");
    if there(p, &cached) {
        return Ok(true);
    }
    let offline = asked.args.iter().any(|arg| arg == "-o" || arg == "--offline");
    if offline || !p.m.network {
        let why = if offline {
            "Cannot access central in offline mode"
        } else {
            "Unknown host repo.maven.apache.org: Temporary failure in name resolution"
        };
        p.line("[INFO] BUILD FAILURE")?;
        p.line(&format!("[ERROR] {why}"))?;
        return Ok(false);
    }
    let size = 25 * MB
        + modules
            .iter()
            .map(|module| {
                let each = if is_spring(&module.pom) { 9 } else { 4 };
                module.pom.matches("<dependency>").count() as u64 * each * MB
            })
            .sum::<u64>();
    let poms: Vec<[u8; 32]> =
        modules.iter().map(|module| digest_at(p, &format!("{}/pom.xml", module.dir))).collect();
    made(p, &cached, size, 0o644, "maven repository", &[&poms.concat()])?;
    download(p, size);
    Ok(true)
}

fn is_spring(pom: &str) -> bool {
    pom.contains("spring-boot-maven-plugin")
}

/// Puts in what `${…}` stands for, as far as the files say.
fn filled(asked: &Asked<'_>, module: &Module, modules: &[Module], value: &str) -> String {
    let mut out = value.to_owned();
    // A property may name another.
    for _ in 0..8 {
        let Some((head, rest)) = out.split_once("${") else { break };
        let Some((name, tail)) = rest.split_once('}') else { break };
        let found = match name {
            "project.artifactId" | "artifactId" | "project.name" => Some(module.artifact.as_str()),
            "project.version" | "version" => version(module),
            name => asked.property(name).or_else(|| {
                let poms = std::iter::once(module).chain(modules);
                poms.filter_map(|module| xml(&module.pom, "properties")).find_map(|text| xml(text, name))
            }),
        };
        out = format!("{head}{}{tail}", found.unwrap_or(name));
    }
    out
}

fn version(module: &Module) -> Option<&str> {
    xml(own(&module.pom), "version").or_else(|| xml(xml(&module.pom, "parent")?, "version"))
}

/// What the goals make of one module.
fn build(
    p: &mut Process<'_, '_>,
    asked: &Asked<'_>,
    module: &Module,
    modules: &[Module],
) -> Result<(), Halt> {
    let Module { dir, pom, artifact } = module;
    let target = format!("{dir}/target");
    if asked.has(&["clean", "clean:clean"]) {
        let path = p.path(&target);
        let _ = p.m.remove_all(&p.cred, &path)?;
    }
    let digest = digest_at(p, dir);
    let dependencies = pom.matches("<dependency>").count() as u64;
    let spring = is_spring(pom);
    if asked.goals.iter().any(|goal| goal.ends_with(":copy-dependencies")) {
        let to =
            asked.property("outputDirectory").map_or_else(|| format!("{target}/dependency"), str::to_owned);
        made(p, &format!("{to}/{OTHER}"), dependencies.max(1) * 2 * MB, 0o644, "maven", &[&digest])?;
    }
    let packaging = xml(own(pom), "packaging").unwrap_or("jar");
    if packaging == "pom" {
        return Ok(());
    }
    let builds =
        asked.has(&["package", "install", "verify", "deploy", "integration-test", "spring-boot:repackage"]);
    if !builds && !asked.has(&["compile", "test", "test-compile", "compiler:compile", "prepare-package"]) {
        return Ok(());
    }
    made(p, &format!("{target}/classes/{OTHER}"), 200_000, 0o644, "javac", &[&digest])?;
    spent(p, 6000);
    if !builds {
        return Ok(());
    }
    let name = xml(pom, "finalName")
        .map_or_else(|| format!("{artifact}-{}", version(module).unwrap_or("0.0.1-SNAPSHOT")), str::to_owned);
    let name = filled(asked, module, modules, &name);
    let end = if packaging == "war" { "war" } else { "jar" };
    let size = if spring || packaging == "war" { 18 * MB + dependencies * MB } else { 150_000 };
    made(p, &format!("{target}/{name}.{end}"), size, 0o644, "javac jar", &[&digest])?;
    if spring {
        made(p, &format!("{target}/{name}.{end}.original"), 150_000, 0o644, "javac jar", &[&digest])?;
    }
    Ok(())
}
