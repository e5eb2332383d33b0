//! A file that holds a secret is copied into a layer.
//!
//! Deleting it later only hides it: whoever has the image has the layer. A secret mount leaves no trace.
//!
//! ```dockerfile
//! # bad
//! COPY id_rsa /root/.ssh/
//! RUN git clone … && rm /root/.ssh/id_rsa
//! # good
//! RUN --mount=type=ssh git clone …
//! ```

use super::super::Rule;
use super::{Note, View};
use stagecraft_dockerfile::{Command, Severity};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "SecretInLayer",
    description: "Secrets should be mounted, not copied",
    page: "",
    experimental: false,
};

pub(super) fn check(view: &View<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, stage) in view.plan.stages.iter().enumerate() {
        for (index, instruction) in view.instructions(stage) {
            let Some(Command::Copy(copy) | Command::Add(copy)) = &instruction.command else { continue };
            if copy.from.is_some() {
                continue;
            }
            for source in copy.sources.iter().filter(|source| is_secret(&source.text)) {
                let shipped = view.ends_in_image(at);
                let whose =
                    if shipped { "everyone who has the image" } else { "everyone who has the build cache" };
                notes.push(Note {
                    severity: if shipped { Severity::Warning } else { Severity::Info },
                    message: format!("{} stays in a layer, for {whose} to read", source.text),
                    help: "Deleting it in a later step does not take it out of the layer. Mount it where it is needed: \
                           RUN --mount=type=secret,id=NAME …"
                        .into(),
                    span: source.span,
                    fix: None,
                    instruction: Some(index),
                });
            }
        }
    }
    notes
}

/// Files that are secrets by their name.
pub(crate) fn is_secret(path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        ".env"
            | ".netrc"
            | ".npmrc"
            | ".pypirc"
            | ".git-credentials"
            | ".dockercfg"
            | "id_rsa"
            | "id_dsa"
            | "id_ecdsa"
            | "id_ed25519"
            | "credentials.json"
            | "service-account.json"
            | "kubeconfig"
            | ".htpasswd"
            | ".pgpass"
    ) || name.strip_suffix(".pem").is_some_and(|stem| stem.contains("key"))
        || path.ends_with(".aws/credentials")
        || path.ends_with(".docker/config.json")
        || name.starts_with(".env.")
            && !matches!(name, ".env.example" | ".env.sample" | ".env.template" | ".env.dist")
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn names_of_secrets() {
        for path in [".env", "conf/.env.production", "id_rsa", "server-key.pem", "./.aws/credentials"] {
            assert!(is_secret(path), "{path}");
        }
        for path in [".env.example", "id_rsa.pub", "cert.pem", "env", "."] {
            assert!(!is_secret(path), "{path}");
        }
    }
}
