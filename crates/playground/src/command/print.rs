//! The command line that builds a project.

use stagecraft_core::project::{NamedContext, Project};
use stagecraft_core::simulation::Builder;
use std::borrow::Cow;

/// A word as a POSIX shell needs it: as it is, or in single quotes.
pub fn quote(word: &str) -> Cow<'_, str> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:=@,+%^".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

/// `docker build` with the project's options, for the folder that holds its files.
pub fn print(project: &Project, builder: Builder) -> String {
    let mut words: Vec<String> = Vec::new();
    match builder {
        Builder::Legacy => {
            words.extend(["DOCKER_BUILDKIT=0".to_owned(), "docker".to_owned(), "build".to_owned()]);
        }
        Builder::BuildKit => words.extend(["docker".to_owned(), "build".to_owned()]),
    }
    let mut option = |name: &str, value: &str| {
        words.push(name.to_owned());
        words.push(quote(value).into_owned());
    };
    if !matches!(project.dockerfile.as_str(), "" | "Dockerfile") {
        option("--file", &project.dockerfile);
    }
    if let Some(target) = project.target.as_deref().filter(|t| !t.is_empty()) {
        option("--target", target);
    }
    for (name, value) in &project.build_args {
        option("--build-arg", &format!("{name}={value}"));
    }
    if !matches!(project.platform.as_str(), "" | "linux/amd64") {
        option("--platform", &project.platform);
    }
    for tag in &project.tags {
        option("--tag", tag);
    }
    for (name, context) in &project.contexts {
        let value = match context {
            NamedContext::Files(_) => format!("{name}=./{name}"),
            NamedContext::Image(reference) => format!("{name}=docker-image://{reference}"),
        };
        option("--build-context", &value);
    }
    for id in project.secrets.keys() {
        option("--secret", &format!("id={id},src=./{id}"));
    }
    if project.no_cache {
        words.push("--no-cache".to_owned());
    }
    words.push(".".to_owned());
    words.join(" ")
}
