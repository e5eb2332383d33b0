//! The `docker build` command that does the same, and the other way round.

use stagecraft_core::project::{NamedContext, Project};
use stagecraft_playground::view::Look;
use std::fmt::Write as _;

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The command, for a shell.
pub fn write(project: &Project, look: Look) -> String {
    let mut line = String::new();
    if look == Look::Legacy {
        line.push_str("DOCKER_BUILDKIT=0 ");
    }
    line.push_str("docker build");
    let mut flag = |name: &str, value: &str| {
        let _ = write!(line, " {name} {}", quoted(value));
    };
    if project.dockerfile != "Dockerfile" {
        flag("--file", &project.dockerfile);
    }
    if let Some(target) = &project.target {
        flag("--target", target);
    }
    for (name, value) in &project.build_args {
        flag("--build-arg", &format!("{name}={value}"));
    }
    if !project.platform.is_empty() && project.platform != "linux/amd64" {
        flag("--platform", &project.platform);
    }
    for tag in &project.tags {
        flag("--tag", tag);
    }
    for (name, context) in &project.contexts {
        match context {
            NamedContext::Image(reference) => {
                flag("--build-context", &format!("{name}=docker-image://{reference}"))
            }
            NamedContext::Files(_) => flag("--build-context", &format!("{name}=./{name}")),
        }
    }
    for id in project.secrets.keys() {
        flag("--secret", &format!("id={id},src={id}"));
    }
    if project.no_cache {
        line.push_str(" --no-cache");
    }
    line.push_str(" .");
    line
}

/// Splits a command line into words as a POSIX shell does, without expanding anything.
fn words(text: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut word, mut in_word) = (Vec::new(), String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                in_word = true;
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("A single quote is not closed."),
                    }
                }
            }
            '"' => {
                in_word = true;
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some('\n') => {}
                            Some(c) => word.extend(['\\', c]),
                            None => return Err("A double quote is not closed."),
                        },
                        Some(c) => word.push(c),
                        None => return Err("A double quote is not closed."),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => {
                    in_word = true;
                    word.push(c);
                }
            },
            c if c.is_whitespace() => {
                if in_word {
                    words.push(std::mem::take(&mut word));
                    in_word = false;
                }
            }
            c => {
                in_word = true;
                word.push(c);
            }
        }
    }
    if in_word {
        words.push(word);
    }
    Ok(words)
}

/// What a pasted command sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The project with those settings; files are as they were.
    pub project: Project,
    /// The builder, where the command names one.
    pub look: Option<Look>,
    /// What was left out, a sentence each.
    pub ignored: Vec<String>,
}

/// Flags that take a value and do not change what is built.
const OTHER_VALUES: [&str; 26] = [
    "--add-host",
    "--allow",
    "--annotation",
    "--attest",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--cgroup-parent",
    "--iidfile",
    "--label",
    "--metadata-file",
    "--network",
    "--no-cache-filter",
    "--output",
    "-o",
    "--progress",
    "--provenance",
    "--sbom",
    "--shm-size",
    "--ssh",
    "--ulimit",
    "--memory",
    "-m",
    "--cpuset-cpus",
    "--isolation",
    "--call",
];

/// Reads a `docker build` command and sets what it says; what the command does not say goes back to its default.
pub fn read(text: &str, before: &Project) -> Result<Read, String> {
    let mut words = words(text.trim_start_matches(['$', '#', ' ']))?.into_iter().peekable();
    let mut look = None;
    while let Some(word) = words.peek() {
        match word.as_str() {
            "DOCKER_BUILDKIT=0" => look = Some(Look::Legacy),
            "DOCKER_BUILDKIT=1" => look = Some(Look::BuildKit),
            "sudo" => {}
            word if word.contains('=') && !word.starts_with('-') => {}
            _ => break,
        }
        words.next();
    }
    let program = words.next().unwrap_or_default();
    if !["docker", "podman", "nerdctl"].contains(&program.as_str()) {
        return Err(format!("This is no docker build command: it begins with “{program}”."));
    }
    match words.next().as_deref() {
        Some("build") => {}
        Some("buildx" | "image" | "builder") if words.next_if(|word| word == "build").is_some() => {}
        other => {
            return Err(format!(
                "This is no docker build command: it says docker {}.",
                other.unwrap_or("nothing")
            ));
        }
    }
    let mut project = Project {
        dockerfile: "Dockerfile".into(),
        target: None,
        build_args: Vec::new(),
        platform: String::new(),
        tags: Vec::new(),
        no_cache: false,
        ..before.clone()
    };
    let (mut ignored, mut paths, mut file) = (Vec::new(), Vec::new(), None);
    while let Some(word) = words.next() {
        if !word.starts_with('-') || word == "-" {
            paths.push(word);
            continue;
        }
        let (name, inline) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
            _ => (word.clone(), None),
        };
        let mut value =
            || inline.clone().or_else(|| words.next()).ok_or_else(|| format!("{name} needs a value."));
        match name.as_str() {
            "--file" | "-f" => file = Some(value()?),
            "--target" => project.target = Some(value()?),
            "--tag" | "-t" => project.tags.push(value()?),
            "--platform" => project.platform = value()?,
            "--no-cache" => project.no_cache = inline.as_deref() != Some("false"),
            "--build-arg" => {
                let given = value()?;
                match given.split_once('=') {
                    Some((name, value)) => project.build_args.push((name.to_owned(), value.to_owned())),
                    None => ignored.push(format!(
                        "--build-arg {given} takes its value from the environment, which is not known here."
                    )),
                }
            }
            "--build-context" => {
                let given = value()?;
                match given
                    .split_once('=')
                    .map(|(name, from)| (name.to_owned(), from.strip_prefix("docker-image://")))
                {
                    Some((name, Some(image))) => {
                        drop(project.contexts.insert(name, NamedContext::Image(image.to_owned())))
                    }
                    Some((name, None)) if project.contexts.contains_key(&name) => {}
                    _ => ignored.push(format!("--build-context {given}: its files are not here.")),
                }
            }
            "--secret" => {
                let given = value()?;
                let id =
                    given.split(',').find_map(|part| part.strip_prefix("id=")).unwrap_or_default().to_owned();
                if !id.is_empty() && !project.secrets.contains_key(&id) {
                    project.secrets.insert(id.clone(), Vec::new());
                    ignored.push(format!("The secret {id} is empty: its content is not known here."));
                }
            }
            other if OTHER_VALUES.contains(&other) => {
                value()?;
                ignored.push(format!("{other} was left out: it does not change what is shown."));
            }
            other if other.starts_with("-t") && !other.starts_with("--") => {
                project.tags.push(other.get(2..).unwrap_or_default().to_owned());
            }
            other => ignored.push(format!("{other} was left out.")),
        }
    }
    if paths.is_empty() {
        return Err("docker build needs a context: the command ends without one, for example a dot.".into());
    }
    if let [path, ..] = paths.as_slice() {
        let context = path.trim_start_matches("./").trim_end_matches('/').trim_end_matches('.');
        if let Some(file) = file {
            // `--file` is relative to the working directory, the project's paths are to the context.
            let file = file.trim_start_matches("./");
            project.dockerfile =
                file.strip_prefix(context).map_or(file, |rest| rest.trim_start_matches('/')).to_owned();
        }
        if path.contains("://") || path == "-" {
            ignored.push(format!("The context {path} is not fetched: the files here stay."));
        }
    }
    Ok(Read { project, look, ignored })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: impl FnOnce(&mut Project)) {
        let mut project = Project { dockerfile: "Dockerfile".into(), ..Project::default() };
        expect(&mut project);
        assert_eq!(read(text, &Project::default()).expect("readable").project, project, "{text}");
    }

    #[test]
    fn sets_what_the_command_says() {
        check("docker build .", |_| {});
        check("docker build -t shop:1 --target=test .", |project| {
            project.tags = vec!["shop:1".into()];
            project.target = Some("test".into());
        });
        check(
            "$ docker buildx build --build-arg A=1 --build-arg 'B=two words' \\\n  --platform linux/arm64 --no-cache -f ./dev.Dockerfile .",
            |project| {
                project.build_args = vec![("A".into(), "1".into()), ("B".into(), "two words".into())];
                project.platform = "linux/arm64".into();
                project.no_cache = true;
                project.dockerfile = "dev.Dockerfile".into();
            },
        );
        check("docker build -f shop/Dockerfile.dev shop", |project| {
            project.dockerfile = "Dockerfile.dev".into()
        });
    }

    #[test]
    fn what_was_written_is_read_back() {
        let project = Project {
            dockerfile: "a/Docker file".into(),
            target: Some("it's".into()),
            build_args: vec![("A".into(), "$x \"y\"".into()), ("B".into(), String::new())],
            platform: "linux/arm64".into(),
            tags: vec!["shop".into()],
            no_cache: true,
            ..Project::default()
        };
        let read = read(&write(&project, Look::Legacy), &Project::default()).expect("readable");
        assert_eq!((read.project, read.look), (project, Some(Look::Legacy)));
    }

    #[test]
    fn says_why_it_cannot_be_read() {
        for (text, part) in [
            ("ls", "no docker build"),
            ("docker run x", "docker run"),
            ("docker build", "context"),
            ("docker build 'x", "quote"),
            ("docker build --target", "value"),
        ] {
            let error = read(text, &Project::default()).expect_err("not readable");
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
