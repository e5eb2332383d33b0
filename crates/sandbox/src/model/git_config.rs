//! `git config`: its files are written as git 2.47 writes them.

use super::help::home;
use super::text;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Runs `git config`; `words` are what follows it.
pub(super) fn run(p: &mut Process<'_, '_>, words: &[String]) -> Run {
    let mut file = None;
    let (mut adds, mut unsets, mut reads) = (false, false, false);
    let mut rest = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--global" => file = Some([&home(p), "/.gitconfig"].concat()),
            "--system" => file = Some("/etc/gitconfig".to_owned()),
            "--local" => file = None,
            "-f" | "--file" => file = words.next().cloned(),
            "--add" => adds = true,
            "--unset" | "--unset-all" => unsets = true,
            "--get" | "--get-all" | "-l" | "--list" | "list" | "get" | "--get-regexp" => reads = true,
            "set" | "--replace-all" | "--bool" | "--int" | "--path" => {}
            option if option.starts_with("--type") => {}
            option if option.starts_with('-') => return p.option(option),
            _ => rest.push(word.clone()),
        }
    }
    let file = match file {
        Some(file) => file,
        None if !super::there(p, ".git") && super::absent(p, ".git")? => {
            p.error("fatal: not in a git directory")?;
            return Ok(128);
        }
        None => ".git/config".to_owned(),
    };
    // No image comes with settings of git that are not listed.
    let known = if super::there(p, &file) { text(p, &file) } else { Some(String::new()) };
    let Some(known) = known else { return p.option("config") };
    let Some(key) = rest.first() else {
        return if reads { p.print(&known).map(|()| 0) } else { p.option("config") };
    };
    let Some((section, name)) = split(key) else {
        p.error(&["error: key does not contain a section: ", key].concat())?;
        return Ok(2);
    };
    let mut lines: Vec<String> = known.lines().map(str::to_owned).collect();
    match rest.get(1) {
        None if unsets => {
            let places = places(&lines, &section, name);
            let mut at = 0;
            lines.retain(|_| {
                at += 1;
                !places.contains(&(at - 1))
            });
        }
        None => {
            let Some(at) = places(&lines, &section, name).last().copied() else { return Ok(1) };
            let value = lines.get(at).and_then(|line| line.split_once(" = ")).map_or("", |(_, value)| value);
            let value = value.trim_matches('"').replace("\\\"", "\"");
            return p.line(&value).map(|()| 0);
        }
        Some(value) => put(&mut lines, &section, name, value, adds),
    }
    write(p, &file, &lines)
}

fn write(p: &mut Process<'_, '_>, file: &str, lines: &[String]) -> Run {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    match p.write_file(file, text.into_bytes())? {
        Ok(()) => Ok(0),
        Err(errno) => {
            p.error(&["error: could not lock config file ", file, ": ", errno.text()].concat())?;
            Ok(255)
        }
    }
}

/// The heading of a key's section, and its name in it: `url.https://a/.insteadOf` is of `[url "https://a/"]`.
fn split(key: &str) -> Option<(String, &str)> {
    let (section, name) = key.rsplit_once('.')?;
    let heading = match section.split_once('.') {
        Some((section, below)) => ["[", section, " \"", below, "\"]"].concat(),
        None => ["[", section, "]"].concat(),
    };
    Some((heading, name))
}

/// The lines that a key has in its section.
fn places(lines: &[String], section: &str, name: &str) -> Vec<usize> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with('[') {
            inside = line == section;
        } else if inside
            && line.trim_start().split_once(" = ").is_some_and(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            found.push(at);
        }
    }
    found
}

fn put(lines: &mut Vec<String>, section: &str, name: &str, value: &str, adds: bool) {
    let line = ["\t", name, " = ", &quoted(value)].concat();
    if let Some(known) =
        places(lines, section, name).last().filter(|_| !adds).and_then(|at| lines.get_mut(*at))
    {
        *known = line;
        return;
    }
    let Some(heading) = lines.iter().rposition(|line| line == section) else {
        lines.extend([section.to_owned(), line]);
        return;
    };
    let end = lines.iter().skip(heading + 1).position(|line| line.starts_with('['));
    let at = end.map_or(lines.len(), |end| heading + 1 + end);
    lines.insert(at, line);
}

/// A value as it stands in the file.
fn quoted(value: &str) -> String {
    let inside = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    if value.contains([';', '#']) || value.starts_with(' ') || value.ends_with(' ') {
        ["\"", &inside, "\""].concat()
    } else {
        inside
    }
}

/// The value of a key of the user's or the system's settings.
pub(super) fn value(p: &mut Process<'_, '_>, key: &str) -> Result<Option<String>, Halt> {
    let Some((section, name)) = split(key) else { return Ok(None) };
    for file in [[&home(p), "/.gitconfig"].concat(), "/etc/gitconfig".to_owned()] {
        let lines: Vec<String> = text(p, &file).unwrap_or_default().lines().map(str::to_owned).collect();
        let found = places(&lines, &section, name).last().and_then(|at| lines.get(*at)?.split_once(" = "));
        if let Some((_, value)) = found {
            return Ok(Some(value.to_owned()));
        }
    }
    Ok(None)
}
