//! `dotnet`: packages, what projects build, and a runtime of their own where it is asked for.

use super::help::{MB, OTHER, digest_at, download, home, made, spent, text};
use super::manifest::xml;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use crate::tree::{base_name, clean, parent};

/// Options with a value.
const VALUES: &[&str] = &[
    "-c",
    "--configuration",
    "-o",
    "--output",
    "-r",
    "--runtime",
    "-f",
    "--framework",
    "-a",
    "--arch",
    "--os",
    "-v",
    "--verbosity",
    "--source",
    "-s",
    "--packages",
    "--configfile",
    "--version-suffix",
    "--logger",
    "--filter",
    "--results-directory",
    "--collect",
    "--settings",
];

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    match args.first().map_or("", String::as_str) {
        "restore" | "build" | "publish" | "test" | "pack" | "clean" => project(p, &args),
        "tool" => tool(p, &args),
        "--version" | "--info" | "--list-sdks" | "--list-runtimes" | "nuget" => p.only_reads("--version"),
        "dev-certs" | "workload" | "new" => p.option("dotnet"),
        other if other.ends_with(".dll") => {
            Err(Halt::Unknown(crate::shell::Why::Interpreter(".NET".to_owned())))
        }
        other => p.option(other),
    }
}

/// `dotnet tool install`: the program goes among the user's tools, or where it is said.
fn tool(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let ["tool", "install", rest @ ..] = words.as_slice() else { return p.option("tool") };
    let path = rest.iter().position(|word| *word == "--tool-path").and_then(|at| rest.get(at + 1));
    let dir = path.map_or_else(|| format!("{}/.dotnet/tools", home(p)), |dir| (*dir).to_owned());
    let mut names = rest.iter();
    while let Some(name) = names.next() {
        if matches!(*name, "--version" | "--tool-path" | "--add-source" | "--configfile") {
            names.next();
        } else if !name.starts_with('-') {
            made(p, &format!("{dir}/{name}"), 75_000, 0o755, "dotnet tool", &[name.as_bytes()])?;
            made(
                p,
                &format!("{dir}/.store/{name}/{OTHER}"),
                10 * MB,
                0o644,
                "dotnet tool",
                &[name.as_bytes()],
            )?;
            download(p, 4 * MB);
        }
    }
    Ok(0)
}

fn is_project(name: &str) -> bool {
    [".csproj", ".fsproj", ".vbproj"].iter().any(|end| name.ends_with(end))
}

fn is_solution(name: &str) -> bool {
    name.ends_with(".sln") || name.ends_with(".slnx")
}

/// What the options say.
struct Options<'a> {
    args: &'a [String],
}

impl Options<'_> {
    fn value(&self, flags: &[&str]) -> Option<String> {
        self.args.iter().enumerate().find_map(|(at, arg)| {
            flags.iter().find_map(|flag| {
                if arg == flag {
                    self.args.get(at + 1).cloned()
                } else {
                    arg.strip_prefix(flag)?.strip_prefix('=').map(str::to_owned)
                }
            })
        })
    }

    fn has(&self, flag: &str) -> bool {
        self.args.iter().any(|arg| arg == flag)
    }

    /// `-p:Name=value`, which may also be written `/p:` and `--property:`.
    fn property(&self, name: &str) -> Option<&str> {
        self.args.iter().find_map(|arg| {
            let rest =
                ["-p:", "/p:", "--property:", "-property:"].iter().find_map(|head| arg.strip_prefix(head))?;
            rest.split(';').find_map(|setting| setting.strip_prefix(name)?.strip_prefix('='))
        })
    }

    /// What the command line or else the project says of a property.
    fn says(&self, project: &str, name: &str, value: &str) -> bool {
        self.property(name)
            .or_else(|| xml(project, name))
            .is_some_and(|said| said.eq_ignore_ascii_case(value))
    }

    /// The project, solution or folder that is named.
    fn place(&self) -> Option<&str> {
        let mut skip = false;
        self.args.iter().skip(1).map(String::as_str).find(|arg| {
            if std::mem::take(&mut skip) {
                return false;
            }
            skip = VALUES.contains(arg);
            !skip
                && !arg.starts_with('-')
                && (!arg.starts_with('/') || is_project(arg) || is_solution(arg) || !arg.contains(':'))
        })
    }
}

fn project(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    let o = Options { args };
    let place = o.place().unwrap_or(".").to_owned();
    let file = if is_project(&place) || is_solution(&place) {
        if super::absent(p, &place)? {
            p.line(&format!("MSBUILD : error MSB1009: Project file does not exist.\nSwitch: {place}"))?;
            return Ok(1);
        }
        p.path(&place)
    } else {
        let path = p.path(&place);
        let names = super::files(p, &place);
        match names.iter().find(|name| is_project(name) || is_solution(name)) {
            Some(name) => format!("{path}/{name}"),
            None => {
                super::absent(p, &["./", &place, "/‹a project›"].concat())?;
                p.line("MSBUILD : error MSB1003: Specify a project or solution file. The current working directory does not contain a project or solution file.")?;
                return Ok(1);
            }
        }
    };
    let file = clean(&file);
    if !is_solution(&file) {
        return one(p, &o, &file);
    }
    let solution = text(p, &file)?.unwrap_or_default();
    let quoted = solution.split('"').filter(|word| is_project(word)).map(|word| word.replace('\\', "/"));
    for project in quoted.collect::<Vec<_>>() {
        let project = clean(&format!("{}/{project}", parent(&file)));
        if super::absent(p, &project)? {
            p.line(&format!("{file} : error MSB3202: The project file \"{project}\" was not found."))?;
            return Ok(1);
        }
        let code = one(p, &o, &project)?;
        if code != 0 {
            return Ok(code);
        }
    }
    Ok(0)
}

/// The projects that a project refers to, itself last; each with its text.
fn needed(p: &mut Process<'_, '_>, file: &str) -> Result<Vec<(String, String)>, Halt> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut todo = vec![file.to_owned()];
    while let Some(file) = todo.pop() {
        if found.len() >= 200 || found.iter().any(|(known, _)| *known == file) {
            continue;
        }
        let Some(source) = text(p, &file)? else { continue };
        for reference in source.split("<ProjectReference").skip(1) {
            let Some(path) = reference.split('"').nth(1) else { continue };
            todo.push(clean(&format!("{}/{}", parent(&file), path.replace('\\', "/"))));
        }
        found.insert(0, (file, source));
    }
    Ok(found)
}

fn one(p: &mut Process<'_, '_>, o: &Options<'_>, project: &str) -> Run {
    let command = o.args.first().map_or("", String::as_str);
    let projects = needed(p, project)?;
    let references: u64 =
        projects.iter().map(|(_, source)| source.matches("<PackageReference").count() as u64).sum();
    let texts: Vec<u8> = projects.iter().flat_map(|(_, source)| source.bytes()).collect();
    if !o.has("--no-restore")
        && !o.has("--no-build")
        && command != "clean"
        && !restore(p, o, &projects, references, &texts)?
    {
        return Ok(1);
    }
    if command == "restore" {
        return Ok(0);
    }
    let Some((_, source)) = projects.last() else { return Ok(0) };
    let (dir, stem) = (parent(project).to_owned(), base_name(project));
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    if command == "clean" {
        for folder in ["bin", "obj"] {
            let path = format!("{dir}/{folder}");
            let _ = p.m.remove_all(&p.cred, &path)?;
        }
        return Ok(0);
    }
    let name = xml(source, "AssemblyName").unwrap_or(stem).to_owned();
    let releases = matches!(command, "publish" | "pack");
    let configuration = o.value(&["-c", "--configuration"]);
    let configuration =
        configuration.unwrap_or_else(|| if releases { "Release" } else { "Debug" }.to_owned());
    let framework =
        o.value(&["-f", "--framework"]).or_else(|| xml(source, "TargetFramework").map(str::to_owned));
    let framework = framework.unwrap_or_else(|| "net8.0".to_owned());
    let runtime =
        o.value(&["-r", "--runtime"]).or_else(|| xml(source, "RuntimeIdentifier").map(str::to_owned));
    let built = match &runtime {
        Some(runtime) => format!("{dir}/bin/{configuration}/{framework}/{runtime}"),
        None => format!("{dir}/bin/{configuration}/{framework}"),
    };
    // All that the project is made of, but for what was made of it.
    let sources: Vec<[u8; 32]> = projects.iter().map(|(file, _)| digest_at(p, parent(file))).collect();
    let sources = sources.concat();
    spent(p, 7000);
    if command == "pack" {
        let out = o.value(&["-o", "--output"]).unwrap_or_else(|| format!("{dir}/bin/{configuration}"));
        let version = xml(source, "Version").unwrap_or("1.0.0");
        made(p, &format!("{out}/{name}.{version}.nupkg"), 12_000, 0o644, "dotnet build", &[&sources])?;
        return Ok(0);
    }
    // A program, not a library: the SDK for the web makes one in any case.
    let program = ["Exe", "WinExe"].iter().any(|kind| o.says(source, "OutputType", kind))
        || source.contains("Sdk=\"Microsoft.NET.Sdk.Web\"")
        || source.contains("Sdk=\"Microsoft.NET.Sdk.Worker\"");
    let contained = o.property("SelfContained").is_some_and(|value| value == "true")
        || o.args.iter().enumerate().any(|(at, arg)| match arg.as_str() {
            "--self-contained" | "--sc" => o.args.get(at + 1).is_none_or(|value| value != "false"),
            arg => arg == "--self-contained=true",
        })
        || xml(source, "SelfContained").is_some_and(|value| value == "true");
    let single = o.says(source, "PublishSingleFile", "true");
    let native = o.says(source, "PublishAot", "true");
    let trimmed = o.says(source, "PublishTrimmed", "true");
    let host = program && !o.says(source, "UseAppHost", "false");
    let given = o.value(&["-o", "--output"]);
    let make = |p: &mut Process<'_, '_>, path: String, size: u64, mode: u32| {
        made(p, &path, size, mode, "dotnet build", &[&sources, &texts]).map(drop)
    };
    if command != "publish" || !o.has("--no-build") {
        let out = given.clone().filter(|_| command != "publish").unwrap_or_else(|| built.clone());
        make(p, format!("{dir}/obj/{configuration}/{framework}/{name}.dll"), 12_000, 0o644)?;
        make(p, format!("{out}/{name}.dll"), 12_000, 0o644)?;
        make(p, format!("{out}/{name}.pdb"), 20_000, 0o644)?;
        if host {
            make(p, format!("{out}/{name}"), 78_000, 0o755)?;
        }
    }
    if command != "publish" {
        p.line(&format!("  {name} -> {built}/{name}.dll"))?;
        return Ok(0);
    }
    let out = given.unwrap_or_else(|| format!("{built}/publish"));
    // The shared runtime, about what trimming leaves of it, and what is compiled ahead of time.
    let runtime = match (contained, trimmed) {
        _ if native => 0,
        (true, true) => 20 * MB,
        (true, false) => 72 * MB,
        (false, _) => 0,
    };
    let packages = references * 900_000;
    make(p, format!("{out}/{name}.pdb"), 20_000, 0o644)?;
    if native {
        make(p, format!("{out}/{name}"), 9 * MB + packages / 4, 0o755)?;
    } else if single {
        make(p, format!("{out}/{name}"), 90_000 + runtime + packages, 0o755)?;
    } else {
        make(p, format!("{out}/{name}.dll"), 12_000, 0o644)?;
        make(p, format!("{out}/{name}.runtimeconfig.json"), 500, 0o644)?;
        make(p, format!("{out}/{name}.deps.json"), 1_000, 0o644)?;
        if host {
            make(p, format!("{out}/{name}"), 78_000, 0o755)?;
        }
        if runtime + packages > 0 {
            make(p, format!("{out}/{OTHER}"), runtime + packages, 0o644)?;
        }
    }
    for settings in super::files(p, &dir) {
        if settings.starts_with("appsettings") && settings.ends_with(".json") {
            let from = format!("{dir}/{settings}");
            if let Ok(content) = p.content(&from)? {
                let _ = p.write_content(&format!("{out}/{settings}"), content)?;
            }
        }
    }
    p.line(&format!("  {name} -> {out}/"))?;
    Ok(0)
}

/// Brings the packages into NuGet's folder; `false` where that cannot be.
fn restore(
    p: &mut Process<'_, '_>,
    o: &Options<'_>,
    projects: &[(String, String)],
    references: u64,
    texts: &[u8],
) -> Result<bool, Halt> {
    let folder = o.value(&["--packages"]).or_else(|| p.env.get("NUGET_PACKAGES").cloned());
    let folder = folder.unwrap_or_else(|| format!("{}/.nuget/packages", home(p)));
    p.line("  Determining projects to restore...")?;
    if references > 0 && !super::there(p, &format!("{folder}/{OTHER}")) {
        if !p.m.network {
            p.line("error NU1301: Unable to load the service index for the source.")?;
            return Ok(false);
        }
        made(p, &format!("{folder}/{OTHER}"), references * 4 * MB, 0o644, "dotnet restore", &[texts])?;
        download(p, references * MB);
    }
    for (file, source) in projects {
        let size = 5_000 + source.matches("<PackageReference").count() as u64 * 8_000;
        let assets = format!("{}/obj/project.assets.json", parent(file));
        made(p, &assets, size, 0o644, "dotnet restore", &[source.as_bytes()])?;
        p.line(&format!("  Restored {file} (in 2 sec)."))?;
    }
    spent(p, 2500);
    Ok(true)
}
