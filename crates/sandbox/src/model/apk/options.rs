//! The command line of `apk`: options of apk-tools 2.14 and 3.0.

use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};

/// Options of all commands; those with `=` take a value.
const GLOBAL: &str = "allow-untrusted arch= cache cache-dir= cache-max-age= cache-packages cache-predownload \
check-certificate force force-binary-stdout force-broken-world force-missing-repositories force-no-chroot \
force-non-repository force-old-apk force-overwrite force-refresh help interactive keys-dir= legacy-info logfile network \
preserve-env pretty-print= preupgrade-depends= print-arch progress progress-fd= purge quiet repositories-file= \
repository= repository-config= root= root-tmpfs sync timeout= update-cache verbose version wait= \
clean-protected commit-hooks initramfs-diskless-boot overlay-from-stdin scripts simulate";
/// Their letters.
const LETTERS: &[(char, &str)] = &[
    ('f', "force"),
    ('h', "help"),
    ('i', "interactive"),
    ('p', "root="),
    ('q', "quiet"),
    ('s', "simulate"),
    ('U', "update-cache"),
    ('v', "verbose"),
    ('V', "version"),
    ('X', "repository="),
];
/// Options of one command, its letters in front.
const OWN: &[(&str, &str)] = &[
    ("add", "initdb l:latest no-chown u:upgrade usermode t:virtual="),
    ("del", "r:rdepends"),
    ("fix", "d:depends directory-permissions r:reinstall u:upgrade x:xattr"),
    ("upgrade", "a:available ignore l:latest no-self-upgrade prune self-upgrade-only"),
    (
        "info",
        "a:all L:contents R:depends d:description install-if e:installed license P:provides r:rdepends replaces \
rinstall-if s:size t:triggers w:webpage W:who-owns",
    ),
];

/// A command line, read.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) words: Vec<String>,
    options: Vec<(String, String)>,
}

impl Line {
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(known, _)| known == name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads `p.args`; the exit code where a word is refused.
    pub(super) fn read(p: &mut Process<'_, '_>) -> Result<Self, Run> {
        let args = std::mem::take(&mut p.args);
        let command = args.iter().find_map(|arg| OWN.iter().find(|(name, _)| name == arg));
        let own = command.map_or("", |(_, own)| own);
        // Of commands that only read, the options are not looked at.
        let strict = command.is_some()
            || args.iter().any(|arg| matches!(arg.as_str(), "update" | "policy" | "stats" | "verify"));
        let mut line = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if let Some(long) = arg.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (name, value) =
                    long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                let Some(found) = find(own, name) else {
                    if strict {
                        return Err(refuse(p, &["unrecognized option: ", name].concat()));
                    }
                    line.options.push((name.to_owned(), value.unwrap_or("").to_owned()));
                    continue;
                };
                let value = if found.ends_with('=') && value.is_none() {
                    rest.next().map(String::as_str)
                } else {
                    value
                };
                line.options.push((found.trim_end_matches('=').to_owned(), value.unwrap_or("").to_owned()));
            } else if let Some(letters) =
                arg.strip_prefix('-').filter(|letters| !letters.is_empty() && arg != "--")
            {
                for (at, letter) in letters.char_indices() {
                    let own =
                        own.split(' ').find_map(|option| option.strip_prefix(letter)?.strip_prefix(':'));
                    let all = LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, name)| *name);
                    let Some(name) = own.or(all) else {
                        if strict {
                            return Err(refuse(p, &["unrecognized option: ", &letter.to_string()].concat()));
                        }
                        line.options.push((letter.to_string(), String::new()));
                        continue;
                    };
                    let Some(name) = name.strip_suffix('=') else {
                        line.options.push((name.to_owned(), String::new()));
                        continue;
                    };
                    let behind = letters.get(at + letter.len_utf8()..).unwrap_or("");
                    let value =
                        if behind.is_empty() { rest.next().cloned() } else { Some(behind.to_owned()) };
                    let Some(value) = value else {
                        return Err(refuse(
                            p,
                            &["option requires an argument: ", &letter.to_string()].concat(),
                        ));
                    };
                    line.options.push((name.to_owned(), value));
                    break;
                }
            } else if arg != "--" {
                line.words.push(arg.clone());
            }
        }
        Ok(line)
    }
}

/// The option of a name, which may be cut short, and may be taken back with `no-`.
fn find(own: &str, name: &str) -> Option<String> {
    let own = own.split(' ').map(|option| option.split_once(':').map_or(option, |(_, name)| name));
    let all: Vec<&str> = own.chain(GLOBAL.split(' ')).filter(|known| !known.is_empty()).collect();
    let exact = all.iter().find(|known| known.trim_end_matches('=') == name);
    let cut = || all.iter().find(|known| known.starts_with(name) && name.len() > 2);
    let negative = || {
        let positive = name.strip_prefix("no-")?;
        all.iter().find(|known| **known == positive).map(|known| ["no-", known].concat())
    };
    exact
        .map(|known| (*known).to_owned())
        .or_else(negative)
        .or_else(|| cut().map(|known| (*known).to_owned()))
}

/// What musl says of a wrong option, and the usage.
fn refuse(p: &mut Process<'_, '_>, what: &str) -> Run {
    p.error(&["apk: ", what].concat())?;
    p.error(&UNKNOWN.to_string())?;
    Ok(1)
}
