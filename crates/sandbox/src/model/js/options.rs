//! The command lines of the package managers.

use std::collections::BTreeMap;

/// Words and options of a command line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// What is no option.
    pub(super) words: Vec<String>,
    options: BTreeMap<String, Vec<String>>,
    /// What stands behind `--`.
    pub(super) rest: Vec<String>,
}

/// How a package manager writes its options.
pub(super) struct Spec {
    /// Letters and other names for options.
    pub(super) short: &'static [(&'static str, &'static str)],
    /// Options with a value behind them, between blanks.
    pub(super) valued: &'static str,
}

impl Spec {
    /// Reads a command line. `stops` ends the options in front of the word that it holds for, which is then the last one: all
    /// behind it is kept as it is.
    pub(super) fn read(&self, args: &[String], stops: impl Fn(&[String]) -> bool) -> Line {
        let mut line = Line::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "--" {
                line.rest.extend(args.cloned());
                break;
            }
            let Some(name) = arg.strip_prefix('-').filter(|name| !name.is_empty()) else {
                line.words.push(arg.clone());
                if stops(&line.words) {
                    line.rest.extend(args.cloned());
                    break;
                }
                continue;
            };
            let long = name.strip_prefix('-');
            let (name, value) = long
                .unwrap_or(name)
                .split_once('=')
                .map_or((long.unwrap_or(name), None), |(name, value)| (name, Some(value.to_owned())));
            let name = self.short.iter().find(|(short, _)| *short == name).map_or(name, |(_, name)| name);
            let takes = self.valued.split(' ').any(|valued| valued == name);
            let (name, negative) = match name.strip_prefix("no-") {
                Some(positive) if !takes => (positive, true),
                _ => (name, false),
            };
            let value = match value {
                Some(value) => value,
                None if takes => args.next().cloned().unwrap_or_default(),
                None if negative => "false".to_owned(),
                None => {
                    // A switch may have its value behind it.
                    let spelled =
                        args.as_slice().first().filter(|next| matches!(next.as_str(), "true" | "false"));
                    match spelled.cloned() {
                        Some(value) => {
                            args.next();
                            value
                        }
                        None => "true".to_owned(),
                    }
                }
            };
            // Both `--omit=dev,optional` and `--omit dev --omit optional`.
            line.options.entry(name.to_owned()).or_default().push(value);
        }
        line
    }
}

impl Line {
    /// Whether a switch is on.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value != "false")
    }

    /// Whether a switch is off in so many words.
    pub(super) fn off(&self, name: &str) -> bool {
        self.value(name) == Some("false")
    }

    /// The last value of an option.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.options.get(name)?.last().map(String::as_str)
    }

    /// All values of an option.
    pub(super) fn values(&self, name: &str) -> &[String] {
        self.options.get(name).map_or(&[], Vec::as_slice)
    }
}
