//! `ARG` or `ENV` whose name says that it holds a secret.
//!
//! Values of both stay readable in the image's history or config. A secret mount leaves no trace.
//!
//! ```dockerfile
//! # bad
//! ARG AWS_SECRET_ACCESS_KEY
//! # good
//! RUN --mount=type=secret,id=aws_key,env=AWS_SECRET_ACCESS_KEY make
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;
use stagecraft_dockerfile::go::quote;

/// The rule.
pub const RULE: Rule = Rule {
    name: "SecretsUsedInArgOrEnv",
    description: "Sensitive data should not be used in the ARG or ENV commands",
    page: "secrets-used-in-arg-or-env",
    experimental: false,
};

const DENIED: &[&str] =
    &["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

const ALLOWED: &[&str] = &["public", "file", "version"];

/// `instruction` is `ARG` or `ENV`.
pub fn check(instruction: &str, name: &str, span: Span) -> Option<Warning> {
    let has = |words: &[&str]| {
        if name.is_ascii() {
            let mut parts = name.as_bytes().split(|b| *b == b'_');
            return parts.any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word.as_bytes())));
        }
        name.split('_').any(|part| words.iter().any(|word| folds(part, word)))
    };
    (has(DENIED) && !has(ALLOWED)).then(|| {
        Warning::new(
            &RULE,
            format!("Do not use ARG or ENV instructions for sensitive data ({instruction} {})", quote(name)),
        )
        .at(span)
    })
}

/// Go's case folding also takes the Kelvin sign for a `k` and the long s for an `s`.
fn folds(part: &str, word: &str) -> bool {
    part.chars().count() == word.len()
        && part.chars().zip(word.chars()).all(|(a, b)| match a {
            '\u{212a}' => b == 'k',
            '\u{17f}' => b == 's',
            _ => a.eq_ignore_ascii_case(&b),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_count() {
        for name in ["api_key", "DATABASE_PASSWORD", "GITHUB_TOKEN", "secret_MESSAGE", "AUTH"] {
            assert!(check("ARG", name, Span::default()).is_some(), "{name}");
        }
        for name in ["MONKEY", "PUBLIC_KEY", "PASSWORD_FILE", "git_token_version", "author"] {
            assert_eq!(check("ENV", name, Span::default()), None, "{name}");
        }
        assert_eq!(
            check("ENV", "A_KEY", Span::default()).unwrap().message,
            "Do not use ARG or ENV instructions for sensitive data (ENV \"A_KEY\")"
        );
    }
}
