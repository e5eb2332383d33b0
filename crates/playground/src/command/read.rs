//! Options from a pasted `docker build` command.

use serde::{Deserialize, Serialize};
use stagecraft_core::project::{NamedContext, Project};
use stagecraft_core::simulation::Builder;
use std::collections::BTreeMap;
use std::fmt;

/// What a command line says. What it does not say goes back to the default when it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Options {
    /// From `DOCKER_BUILDKIT=0` or `1`, or `buildx`.
    pub builder: Option<Builder>,
    /// `--file`
    pub dockerfile: Option<String>,
    /// `--target`
    pub target: Option<String>,
    /// `--build-arg`
    pub build_args: Vec<(String, String)>,
    /// `--platform`
    pub platform: Option<String>,
    /// `--tag`
    pub tags: Vec<String>,
    /// `--no-cache`
    pub no_cache: bool,
    /// `--build-context NAME=docker-image://…`
    pub contexts: Vec<(String, String)>,
    /// Sentences about what was understood but means nothing here.
    pub notes: Vec<String>,
}

/// Why a command line is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandError {
    /// Nothing but blanks.
    Empty,
    /// A quote or backslash is open.
    Open(&'static str),
    /// It is another command.
    NotABuild(String),
    /// An option that `docker build` does not have.
    UnknownOption(String),
    /// An option without its value.
    NoValue(String),
    /// A value in a form that the option does not take.
    BadValue(String, String),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("There is no command to read."),
            Self::Open(what) => f.write_str(what),
            Self::NotABuild(words) => write!(f, "This is not “docker build”: it begins with “{words}”."),
            Self::UnknownOption(name) => write!(f, "“docker build” has no option {name}."),
            Self::NoValue(name) => write!(f, "The option {name} needs a value."),
            Self::BadValue(name, value) => write!(f, "The option {name} does not take “{value}”."),
        }
    }
}

impl std::error::Error for CommandError {}

/// Options that take a value and mean something here.
const KNOWN: [(&str, &str); 8] = [
    ("-f", "--file"),
    ("-t", "--tag"),
    ("", "--target"),
    ("", "--build-arg"),
    ("", "--platform"),
    ("", "--build-context"),
    ("", "--secret"),
    ("", "--progress"),
];
/// Options with a value that change nothing that is simulated.
const OTHER: [&str; 29] = [
    "--add-host",
    "--allow",
    "--annotation",
    "--attest",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--call",
    "--cgroup-parent",
    "--cpu-period",
    "--cpu-quota",
    "--cpu-shares",
    "--cpuset-cpus",
    "--cpuset-mems",
    "--iidfile",
    "--isolation",
    "--label",
    "--memory",
    "--memory-swap",
    "--metadata-file",
    "--network",
    "--no-cache-filter",
    "--output",
    "--provenance",
    "--sbom",
    "--security-opt",
    "--shm-size",
    "--ssh",
    "--ulimit",
];
/// Short names of them.
const OTHER_SHORT: [(&str, &str); 3] = [("-c", "--cpu-shares"), ("-m", "--memory"), ("-o", "--output")];
/// Options without a value that change nothing that is simulated.
const SWITCHES: [&str; 13] = [
    "--check",
    "--compress",
    "--disable-content-trust",
    "--force-rm",
    "--load",
    "--pull",
    "--push",
    "--quiet",
    "-q",
    "--rm",
    "--squash",
    "--debug",
    "-D",
];

/// Reads a command line.
pub fn read(line: &str) -> Result<Options, CommandError> {
    let words = super::words::split(line).map_err(CommandError::Open)?;
    let mut options = Options::default();
    let mut words = words.into_iter().peekable();
    // A prompt that was copied along.
    words.next_if(|w| w == "$" || w == "#" || w == ">");
    words.next_if(|w| w == "env");
    while let Some(word) = words.next_if(|w| is_assignment(w)) {
        match word.as_str() {
            "DOCKER_BUILDKIT=0" => options.builder = Some(Builder::Legacy),
            "DOCKER_BUILDKIT=1" => options.builder = Some(Builder::BuildKit),
            _ => {}
        }
    }
    words.next_if(|w| w == "sudo");
    head(&mut words, &mut options)?;
    let mut operands = Vec::new();
    let mut only_operands = false;
    while let Some(word) = words.next() {
        if only_operands || word == "-" || !word.starts_with('-') {
            // What comes behind is another command.
            if matches!(word.as_str(), "&&" | "||" | ";" | "|") {
                options.notes.push(format!("What follows “{word}” was left out."));
                break;
            }
            // A redirection and its file.
            if word.starts_with(['<', '>']) {
                if word.len() == 1 {
                    words.next();
                }
                continue;
            }
            operands.push(word);
        } else if word == "--" {
            only_operands = true;
        } else {
            option(&word, &mut words, &mut options)?;
        }
    }
    if operands.len() > 1 {
        return Err(CommandError::BadValue("PATH".to_owned(), operands.join(" ")));
    }
    if let Some(path) = operands.first().filter(|p| !matches!(p.as_str(), "." | "./")) {
        options.notes.push(format!("The context “{path}” stands for the files here."));
    }
    Ok(options)
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `docker build`, `docker image build`, `docker builder build`, `docker buildx build`.
fn head(words: &mut impl Iterator<Item = String>, options: &mut Options) -> Result<(), CommandError> {
    let program = words.next().ok_or(CommandError::Empty)?;
    let name = program.rsplit('/').next().unwrap_or_default().to_owned();
    if !matches!(name.as_str(), "docker" | "podman" | "nerdctl" | "buildah") {
        return Err(CommandError::NotABuild(program));
    }
    let mut said = program;
    let mut next = words.next().unwrap_or_default();
    if matches!(next.as_str(), "buildx" | "image" | "builder") {
        if next == "buildx" {
            options.builder = Some(Builder::BuildKit);
        }
        said = format!("{said} {next}");
        next = words.next().unwrap_or_default();
    }
    if matches!(next.as_str(), "build" | "b" | "bud") {
        return Ok(());
    }
    Err(CommandError::NotABuild(format!("{said} {next}").trim_end().to_owned()))
}

fn option(
    word: &str,
    rest: &mut impl Iterator<Item = String>,
    options: &mut Options,
) -> Result<(), CommandError> {
    let (name, attached) = match word.split_once('=') {
        Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
        _ if word.starts_with("--") => (word, None),
        // `-fFILE`
        _ => match (word.get(..2), word.get(2..)) {
            (Some(name), Some(value)) if !value.is_empty() => {
                (name, Some(value.trim_start_matches('=').to_owned()))
            }
            _ => (word, None),
        },
    };
    let long = KNOWN
        .iter()
        .chain(&OTHER_SHORT)
        .find(|(short, long)| *long == name || (*short == name && !short.is_empty()));
    let known = long.map(|(_, long)| *long).or_else(|| OTHER.into_iter().find(|o| *o == name));
    if name == "--no-cache" {
        options.no_cache = switched(name, attached.as_deref())?;
        return Ok(());
    }
    let Some(known) = known else {
        if SWITCHES.contains(&name) {
            switched(name, attached.as_deref())?;
            return Ok(());
        }
        return Err(CommandError::UnknownOption(name.to_owned()));
    };
    let value = attached.or_else(|| rest.next()).ok_or_else(|| CommandError::NoValue(name.to_owned()))?;
    let bad = || CommandError::BadValue(name.to_owned(), value.clone());
    match known {
        "--file" => options.dockerfile = Some(clean(&value)),
        "--target" => options.target = Some(value),
        "--tag" => options.tags.push(value),
        "--platform" => options.platform = Some(value.split(',').next().unwrap_or_default().to_owned()),
        "--build-arg" => match value.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                options.build_args.push((name.to_owned(), value.to_owned()));
            }
            Some(_) => return Err(bad()),
            None => {
                options
                    .notes
                    .push(format!("{value} is taken from the environment, which is not known here."));
            }
        },
        "--build-context" => {
            let (context, place) =
                value.split_once('=').filter(|(n, p)| !n.is_empty() && !p.is_empty()).ok_or_else(bad)?;
            match place.strip_prefix("docker-image://") {
                Some(reference) => options.contexts.push((context.to_owned(), reference.to_owned())),
                None => {
                    options.notes.push(format!("The files of the context {context} have to be added here."));
                }
            }
        }
        "--secret" => options.notes.push("Secrets have to be given here.".to_owned()),
        other => options.notes.push(format!("{other} changes nothing that is shown here.")),
    }
    Ok(())
}

/// `true` unless it says otherwise, as Go's flags read it.
fn switched(name: &str, value: Option<&str>) -> Result<bool, CommandError> {
    match value {
        None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some(_) if name == "--pull" => Ok(true),
        Some(other) => Err(CommandError::BadValue(name.to_owned(), other.to_owned())),
    }
}

/// A path relative to the context, without `./`.
fn clean(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

impl Options {
    /// The project with these options in place of its own. Files stay; so do contexts made of files.
    #[must_use]
    pub fn apply(&self, project: &Project) -> Project {
        let dockerfile = self.dockerfile.clone().unwrap_or_else(|| "Dockerfile".to_owned());
        let mut contexts: BTreeMap<String, NamedContext> = project.contexts.clone();
        contexts.retain(|_, c| matches!(c, NamedContext::Files(_)));
        contexts.extend(self.contexts.iter().map(|(n, r)| (n.clone(), NamedContext::Image(r.clone()))));
        Project {
            // A path outside of the context stays as it is: the project's own file is meant.
            dockerfile: if project.files.contains_key(&dockerfile) {
                dockerfile
            } else {
                project.dockerfile.clone()
            },
            target: self.target.clone(),
            build_args: self.build_args.clone(),
            platform: self.platform.clone().unwrap_or_default(),
            tags: self.tags.clone(),
            no_cache: self.no_cache,
            contexts,
            ..project.clone()
        }
    }
}
