//! `curl` and `wget`: what is downloaded is not known, neither its content nor its size.

use super::{folder, takes};
use crate::shell::machine::{Halt, UNKNOWN_BYTES};
use crate::shell::process::{Process, Run};
use crate::tree::Content;

pub(super) fn curl(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut urls = Vec::new();
    let (mut output, mut remote, mut discard) = (None, false, false);
    let mut dir = None;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-o" | "--output" => output = rest.next().cloned(),
            "--output-dir" => dir = rest.next().cloned(),
            "--remote-name" => remote = true,
            "-V" | "--version" => return p.option(arg.clone()),
            "--url" => urls.extend(rest.next().cloned()),
            "--head" => discard = true,
            "-H" | "--header" | "-d" | "--data" | "-X" | "--request" | "-u" | "--user" | "-A"
            | "--user-agent" | "--retry" | "--retry-delay" | "--connect-timeout" | "-m" | "--max-time"
            | "-e" | "--cacert" | "--proto" | "-w" | "-b" | "-c" | "-T" | "-F" | "-x" => {
                let _ = rest.next();
            }
            arg if arg.starts_with("--") => {}
            arg if arg.starts_with('-') && arg.len() > 1 => {
                remote |= arg.contains('O');
                discard |= arg.contains('I');
                if arg.ends_with('o') {
                    output = rest.next().cloned();
                } else if let Some((_, name)) = arg.split_once('o').filter(|(_, name)| name.starts_with('/'))
                {
                    output = Some(name.to_owned());
                }
            }
            arg => urls.push(arg.to_owned()),
        }
    }
    if urls.is_empty() {
        p.error("curl: (2) no URL specified")?;
        return Ok(2);
    }
    if !p.m.network {
        p.error("curl: (6) Could not resolve host")?;
        return Ok(6);
    }
    for url in &urls {
        let name = output.clone().or_else(|| remote.then(|| file_name(url, "index.html")));
        if discard {
            continue;
        }
        fetch(p, url, name.filter(|name| name != "-"), dir.as_deref())?;
    }
    Ok(0)
}

pub(super) fn wget(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut urls = Vec::new();
    let (mut output, mut prefix) = (None, None);
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-O" | "--output-document" => output = rest.next().cloned(),
            "-P" | "--directory-prefix" => prefix = rest.next().cloned(),
            "-i" | "--version" => return p.option(arg.clone()),
            "--spider" => return p.option("--spider"),
            "-T" | "--timeout" | "-t" | "--tries" | "--header" | "-U" | "--user-agent" => {
                let _ = rest.next();
            }
            arg if arg.starts_with("--output-document=") => {
                output = arg.split_once('=').map(|(_, name)| name.to_owned());
            }
            arg if arg.starts_with("--directory-prefix=") => {
                prefix = arg.split_once('=').map(|(_, name)| name.to_owned());
            }
            arg if arg.starts_with('-') && !arg.starts_with("--") && arg.len() > 1 => {
                if let Some((_, name)) = arg.split_once('O') {
                    output = if name.is_empty() { rest.next().cloned() } else { Some(name.to_owned()) };
                } else if let Some((_, name)) = arg.split_once('P') {
                    prefix = if name.is_empty() { rest.next().cloned() } else { Some(name.to_owned()) };
                }
            }
            arg if arg.starts_with('-') => {}
            arg => urls.push(arg.to_owned()),
        }
    }
    if urls.is_empty() {
        if p.busybox() {
            return crate::command::usage(p);
        }
        p.error("wget: missing URL")?;
        return Ok(1);
    }
    if !p.m.network {
        p.error("wget: bad address")?;
        return Ok(1);
    }
    for url in &urls {
        let name = output.clone().unwrap_or_else(|| file_name(url, "index.html"));
        fetch(p, url, Some(name).filter(|name| name != "-"), prefix.as_deref())?;
    }
    Ok(0)
}

/// The last piece of an address.
fn file_name(url: &str, default: &str) -> String {
    let path = url.split("://").last().unwrap_or(url).split(['?', '#']).next().unwrap_or("");
    let name = path.split_once('/').map_or("", |(_, path)| path.rsplit('/').next().unwrap_or(""));
    if name.is_empty() { default.to_owned() } else { name.to_owned() }
}

/// Writes what an address gives to a file, or to standard output.
fn fetch(p: &mut Process<'_, '_>, url: &str, name: Option<String>, dir: Option<&str>) -> Result<(), Halt> {
    takes(p, 1200, 0);
    let Some(name) = name else {
        return p.write(&[UNKNOWN_BYTES, b"\n"].concat());
    };
    if name == "/dev/null" {
        return Ok(());
    }
    let path = match dir {
        Some(dir) => {
            folder(p, dir)?;
            format!("{}/{name}", dir.trim_end_matches('/'))
        }
        None => name,
    };
    let digest = p.m.digest_of(&[b"download", url.as_bytes()]);
    if let Err(errno) = p.write_content(&path, Content::Unknown { digest })? {
        let text = errno.text();
        if p.name == "curl" {
            p.error(&format!("curl: (23) Failure writing output to destination: {text}"))?;
            return Err(Halt::Exit(23));
        }
        p.error(&format!("{path}: {text}"))?;
        return Err(Halt::Exit(1));
    }
    Ok(())
}
