//! `# check=skip=…;error=…;experimental=…`: which checks run (BuildKit `linter.Config`).

use super::Rule;
use stagecraft_dockerfile::Comments;
use stagecraft_dockerfile::go::quote;
use std::borrow::Cow;

/// What the `check` directive of a file and the comments of an instruction ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `skip=all`
    pub skip_all: bool,
    /// `skip=A,B`
    pub skip: Vec<String>,
    /// `experimental=all`
    pub experimental_all: bool,
    /// `experimental=A,B`
    pub experimental: Vec<String>,
    /// `error=true`: warnings end the build.
    pub error: bool,
}

impl Config {
    /// Reads the value of the directive. The error is BuildKit's.
    pub fn parse(value: &str) -> Result<Self, String> {
        let mut config = Self::default();
        let value = value.trim();
        if value.is_empty() {
            return Ok(config);
        }
        for part in value.splitn(3, ';') {
            let Some((key, value)) = part.split_once('=') else {
                return Err(format!("invalid check option {}", quote(part)));
            };
            let value = value.trim();
            let list = || value.split(',').map(|rule| rule.trim().to_owned()).collect();
            match key.trim() {
                "skip" if value == "all" => config.skip_all = true,
                "skip" => config.skip = list(),
                "experimental" if value == "all" => config.experimental_all = true,
                "experimental" => config.experimental = list(),
                "error" => {
                    config.error = match value {
                        "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
                        "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
                        _ => {
                            return Err(format!(
                                "failed to parse check option {}: strconv.ParseBool: parsing {}: invalid syntax",
                                quote(part),
                                quote(value)
                            ));
                        }
                    }
                }
                other => return Err(format!("invalid check option {}", quote(other))),
            }
        }
        Ok(config)
    }

    /// With what the comments above an instruction ask for on top: the first `check=…` among them counts.
    pub fn with_comments(&self, comments: Comments<'_>) -> Cow<'_, Self> {
        if !comments.has(b'=') {
            return Cow::Borrowed(self);
        }
        for comment in comments.iter() {
            let Some(value) = directive(comment) else { continue };
            let value = value.split(' ').next().unwrap_or_default();
            let Ok(more) = Self::parse(value) else { break };
            let mut merged = self.clone();
            merged.skip_all |= more.skip_all;
            merged.experimental_all |= more.experimental_all;
            merged.skip.extend(more.skip);
            merged.experimental.extend(more.experimental);
            return Cow::Owned(merged);
        }
        Cow::Borrowed(self)
    }

    /// Whether a rule is to be reported.
    pub fn allows(&self, rule: &Rule) -> bool {
        if rule.experimental {
            self.experimental_all || self.experimental.iter().any(|name| name == rule.name)
        } else {
            !self.skip_all && !self.skip.iter().any(|name| name == rule.name)
        }
    }
}

const NAME: &str = "check";

/// The value of a comment `check = VALUE`.
fn directive(comment: &str) -> Option<&str> {
    let comment = comment.trim_start();
    if !comment.get(..NAME.len())?.eq_ignore_ascii_case(NAME) {
        return None;
    }
    let (name, value) = comment.split_once('=')?;
    let value = value.trim();
    (name.trim_end().eq_ignore_ascii_case(NAME) && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_buildkit_reads_them() {
        let config = Config::parse("skip=A, B;error=true;experimental=all").unwrap();
        assert_eq!(config.skip, ["A", "B"]);
        assert!(config.error && config.experimental_all && !config.skip_all);
        for (value, error) in [
            ("what", "invalid check option \"what\""),
            ("x=1", "invalid check option \"x\""),
            (
                "error=",
                "failed to parse check option \"error=\": strconv.ParseBool: parsing \"\": invalid syntax",
            ),
        ] {
            assert_eq!(Config::parse(value).unwrap_err(), error);
        }
    }

    #[test]
    fn comments_add_to_the_file() {
        let config = Config::parse("skip=A").unwrap();
        let merged = config.with_comments(Comments::new("# about it\n#  check = skip=B rest\n")).into_owned();
        assert_eq!(merged.skip, ["A", "B"]);
    }
}
