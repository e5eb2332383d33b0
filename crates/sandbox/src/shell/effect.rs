//! `# effect:` comments: what a person states about a command that has no model. They are ordinary comments
//! to Docker.
//!
//! ```text
//! # effect: create /app/server 12MB
//! # effect: create /app/dist/
//! # effect: delete /app/node_modules
//! # effect: takes 40s
//! # effect: fails
//! ```

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A file appears or is replaced; the path is relative to the working directory unless absolute.
    Create {
        /// As written.
        path: String,
        /// Bytes.
        size: u64,
        /// Its mode is 0755 instead of 0644.
        executable: bool,
    },
    /// A directory appears.
    CreateDir {
        /// As written, without the slash that marks it.
        path: String,
    },
    /// A file or directory disappears.
    Delete {
        /// As written.
        path: String,
    },
    /// How long the whole `RUN` takes.
    Takes {
        /// Milliseconds.
        ms: u64,
    },
    /// The command fails.
    Fails {
        /// Exit code.
        code: u8,
    },
}

/// A statement that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EffectError {
    /// Which of the lines.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

/// Reads the statements among comment lines (with or without `#`); other comments are passed over.
pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> (Vec<Effect>, Vec<EffectError>) {
    let mut effects = Vec::new();
    let mut errors = Vec::new();
    for (line, text) in lines.into_iter().enumerate() {
        let text = text.trim().trim_start_matches('#').trim();
        let Some(statement) = text.strip_prefix("effect:") else { continue };
        match parse_one(statement) {
            Ok(effect) => effects.push(effect),
            Err(message) => errors.push(EffectError { line, message }),
        }
    }
    (effects, errors)
}

fn parse_one(statement: &str) -> Result<Effect, String> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    match words.as_slice() {
        ["create", path] if path.ends_with('/') => {
            Ok(Effect::CreateDir { path: path.trim_end_matches('/').to_owned() })
        }
        ["create", path] => Ok(Effect::Create { path: (*path).to_owned(), size: 0, executable: false }),
        ["create", path, rest @ ..] => {
            let (executable, size) = match rest {
                [size] => (false, size),
                [size, "executable"] | ["executable", size] => (true, size),
                _ => return Err(format!("effect: expected `create PATH SIZE`, not `{}`", statement.trim())),
            };
            let size = parse_size(size)
                .ok_or_else(|| format!("effect: `{size}` is not a size (12MB, 300kB, 42)"))?;
            Ok(Effect::Create { path: (*path).to_owned(), size, executable })
        }
        ["delete", path] => Ok(Effect::Delete { path: (*path).to_owned() }),
        ["takes", time] => parse_time(time)
            .map(|ms| Effect::Takes { ms })
            .ok_or_else(|| format!("effect: `{time}` is not a time (40s, 2m, 300ms)")),
        ["fails"] => Ok(Effect::Fails { code: 1 }),
        ["fails", code] => match code.parse() {
            Ok(code) if code > 0 => Ok(Effect::Fails { code }),
            _ => Err(format!("effect: `{code}` is not an exit code (1 to 255)")),
        },
        _ => Err(format!(
            "effect: expected `create PATH SIZE`, `delete PATH`, `takes TIME` or `fails`, not `{}`",
            statement.trim()
        )),
    }
}

/// `12MB`, `1.5 GB` without the space, `300kB`, `42`: powers of 1000 as `docker images` prints them; `KiB`,
/// `MiB`, `GiB` are powers of 1024.
fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let bytes = number * factor;
    (bytes <= 1e15).then_some(bytes.round() as u64)
}

/// `40s`, `2m`, `1h`, `300ms`; milliseconds.
fn parse_time(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text)?;
    let factor = match unit {
        "ms" => 1.0,
        "" | "s" => 1e3,
        "m" | "min" => 6e4,
        "h" => 3.6e6,
        _ => return None,
    };
    let ms = number * factor;
    (ms <= 1e12).then_some(ms.round() as u64)
}

fn split_unit(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(at)?;
    Some((number.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_and_other_comments_are_not() {
        let (effects, errors) = parse([
            "# effect: create /app/server 12MB",
            "# builds the server",
            "#effect: create dist/",
            "effect: create bin/run 1.5MiB executable",
            "# effect: delete /x",
            "# effect: takes 40s",
            "# effect: fails",
            "# effect: fails 3",
            "# effect: create /a lots",
            "# effect: explode",
        ]);
        assert_eq!(
            effects,
            [
                Effect::Create { path: "/app/server".into(), size: 12_000_000, executable: false },
                Effect::CreateDir { path: "dist".into() },
                Effect::Create { path: "bin/run".into(), size: 1_572_864, executable: true },
                Effect::Delete { path: "/x".into() },
                Effect::Takes { ms: 40_000 },
                Effect::Fails { code: 1 },
                Effect::Fails { code: 3 },
            ]
        );
        assert_eq!(errors.iter().map(|e| e.line).collect::<Vec<_>>(), [8, 9]);
    }
}
