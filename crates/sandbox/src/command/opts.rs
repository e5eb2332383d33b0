//! Reading options as `getopt` does: short ones may be joined, operands may stand between.

use crate::shell::machine::Halt;
use crate::shell::process::Process;

/// The options and operands of a command.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opts {
    pub(crate) flags: Vec<(char, String)>,
    pub(crate) operands: Vec<String>,
}

impl Opts {
    pub(crate) fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(found, _)| *found == flag)
    }

    pub(crate) fn any(&self, flags: &str) -> bool {
        self.flags.iter().any(|(found, _)| flags.contains(*found))
    }

    /// The value of the last such option.
    pub(crate) fn value(&self, flag: char) -> Option<&str> {
        self.flags.iter().rev().find(|(found, _)| *found == flag).map(|(_, value)| value.as_str())
    }
}

/// Reads `p.args`. In `spec` a colon after a letter says that it takes a value. Long options stand for a
/// letter; one with `=` at its end takes a value. An option that is not listed is not modelled.
pub(crate) fn parse(p: &mut Process<'_, '_>, spec: &str, longs: &[(&str, char)]) -> Result<Opts, Halt> {
    parse_until(p, spec, longs, false)
}

/// As [`parse`], but the first operand ends the options.
pub(crate) fn parse_leading(
    p: &mut Process<'_, '_>,
    spec: &str,
    longs: &[(&str, char)],
) -> Result<Opts, Halt> {
    parse_until(p, spec, longs, true)
}

/// Whether an applet of BusyBox has that long option: most have none.
fn has_longs(p: &Process<'_, '_>, name: &str) -> bool {
    let debian = p.m.standalone();
    match p.name.as_str() {
        "cp" if debian => matches!(
            name,
            "archive"
                | "force"
                | "interactive"
                | "no-clobber"
                | "link"
                | "dereference"
                | "no-dereference"
                | "recursive"
                | "symbolic-link"
                | "no-target-directory"
                | "target-directory"
                | "verbose"
                | "update"
                | "remove-destination"
                | "parents"
                | "reflink"
        ),
        "mkdir" => matches!(name, "mode" | "parents" | "verbose"),
        "rmdir" => matches!(name, "ignore-fail-on-non-empty" | "parents" | "verbose"),
        "touch" => matches!(name, "no-create" | "date" | "reference"),
        "mv" => matches!(
            name,
            "force" | "interactive" | "no-clobber" | "target-directory" | "no-target-directory" | "verbose"
        ),
        "chown" | "chgrp" => {
            matches!(
                name,
                "recursive" | "changes" | "dereference" | "no-dereference" | "quiet" | "silent" | "verbose"
            )
        }
        "cp" | "sed" | "ls" | "env" | "date" | "diff" | "mktemp" | "nproc" | "tar" | "wget" | "adduser"
        | "addgroup" | "deluser" | "delgroup" | "install" | "paste" | "tac" => true,
        "gzip" | "gunzip" | "zcat" => !debian,
        _ => false,
    }
}

fn parse_until(
    p: &mut Process<'_, '_>,
    spec: &str,
    longs: &[(&str, char)],
    leading: bool,
) -> Result<Opts, Halt> {
    let mut opts = Opts::default();
    let words = p.args.clone();
    let mut args = words.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            opts.operands.extend(args.cloned());
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            let found = longs.iter().find(|(known, _)| known.trim_end_matches('=') == name);
            if p.busybox() && !has_longs(p, name) {
                return refuse_long(p, long);
            }
            let Some((known, letter)) = found else { return p.option(arg.clone()) };
            let value = match value {
                Some(value) => value,
                None if known.ends_with('=') => args.next().cloned().unwrap_or_default(),
                None => String::new(),
            };
            opts.flags.push((*letter, value));
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            opts.operands.push(arg.clone());
            if leading {
                opts.operands.extend(args.cloned());
                break;
            }
            continue;
        };
        let chars = letters.char_indices();
        for (at, letter) in chars {
            if super::letters::lacks(&p.name, p.flavor, letter) {
                return refuse(p, letter);
            }
            let Some(known) = spec.find(letter).filter(|_| letter != ':') else {
                return p.option(format!("-{letter}"));
            };
            let takes = spec.get(known + letter.len_utf8()..).is_some_and(|rest| rest.starts_with(':'));
            if !takes {
                opts.flags.push((letter, String::new()));
                continue;
            }
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or("");
            let value = if rest.is_empty() { args.next().cloned() } else { Some(rest.to_owned()) };
            let Some(value) = value else { return lacks_value(p, letter) };
            opts.flags.push((letter, value));
            break;
        }
    }
    Ok(opts)
}

/// What `getopt` says of an option without its value.
pub(super) fn lacks_value<T>(p: &mut Process<'_, '_>, letter: char) -> Result<T, Halt> {
    if p.busybox() && !p.m.standalone() {
        // musl words it in its own way.
        p.complain(&["option requires an argument: ", &letter.to_string()].concat())?;
    } else {
        p.complain(&["option requires an argument -- '", &letter.to_string(), "'"].concat())?;
    }
    give_up(p)
}

/// What `getopt` says of an option that there is not.
pub(super) fn refuse<T>(p: &mut Process<'_, '_>, letter: char) -> Result<T, Halt> {
    if p.busybox() && !p.m.standalone() {
        p.complain(&["unrecognized option: ", &letter.to_string()].concat())?;
    } else {
        p.complain(&["invalid option -- '", &letter.to_string(), "'"].concat())?;
    }
    give_up(p)
}

/// As [`refuse`], for a long one.
pub(super) fn refuse_long<T>(p: &mut Process<'_, '_>, long: &str) -> Result<T, Halt> {
    if p.name == "head" {
        return refuse(p, '-');
    }
    let long = long.to_owned();
    if !p.busybox() || p.m.standalone() {
        p.complain(&["unrecognized option '--", &long, "'"].concat())?;
    } else {
        let name = long.split('=').next().unwrap_or("");
        p.complain(&["unrecognized option: ", name].concat())?;
    }
    give_up(p)
}

/// Where to find help, and the end.
pub(super) fn give_up<T>(p: &mut Process<'_, '_>) -> Result<T, Halt> {
    if p.busybox() {
        super::usage(p)?;
    } else {
        match p.name.as_str() {
            "tar" => p.error("Try 'tar --help' or 'tar --usage' for more information.")?,
            "gzip" | "gunzip" | "zcat" => p.error("Try `gzip --help' for more information.")?,
            "diff" | "cmp" => {
                let text = ["Try '", &p.name, " --help' for more information."].concat();
                p.complain(&text)?;
            }
            "grep" | "egrep" | "fgrep" => {
                p.error("Usage: grep [OPTION]... PATTERNS [FILE]...")?;
                p.error("Try 'grep --help' for more information.")?;
            }
            _ => {
                super::try_help(p)?;
            }
        }
    }
    p.flush()?;
    Err(Halt::Exit(match p.name.as_str() {
        "grep" | "egrep" | "fgrep" | "sort" | "diff" | "cmp" => 2,
        "ls" if !p.busybox() => 2,
        "tar" if !p.busybox() => 64,
        "env" | "timeout" | "nice" | "nohup" if !p.busybox() => 125,
        _ => 1,
    }))
}
