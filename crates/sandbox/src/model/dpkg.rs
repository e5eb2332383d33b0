//! `dpkg`, `apt-mark`, `gpg` and others that keep databases of their own.

use super::help::{MB, made};
use crate::shell::Why;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};

/// `gpg`, `apt-key`, `update-ca-certificates` and others that only touch their own databases.
pub(crate) fn quiet(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if p.name == "gpg" {
        let value =
            |flag: &str| args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1)).cloned();
        let output = value("-o").or_else(|| value("--output"));
        if let Some(output) = output {
            let size = 3_000;
            let digest = p.stdin();
            made(p, &output, size, 0o644, "gpg", &[&digest])?;
        } else if args.iter().any(|arg| arg == "--dearmor" || arg == "--export") {
            p.print(&format!("{UNKNOWN}\n"))?;
        }
        if !p.m.network && args.iter().any(|arg| arg.starts_with("--recv") || arg.starts_with("--keyserver"))
        {
            p.error("gpg: keyserver receive failed: No name")?;
            return Ok(2);
        }
        return Ok(0);
    }
    if p.name == "update-ca-certificates" {
        made(p, "/etc/ssl/certs/ca-certificates.crt", 220_000, 0o644, "apt: ca-certificates", &[b"ca"])?;
        p.line("Updating certificates in /etc/ssl/certs...")?;
    }
    if p.name == "locale-gen" {
        made(p, "/usr/lib/locale/locale-archive", 3 * MB, 0o644, "apt: locales", &[b"locale"])?;
    }
    Ok(0)
}

pub(crate) fn dpkg(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    match args.first().map(String::as_str) {
        Some("--print-architecture") => {
            let arch = match p.m.arch {
                "386" => "i386",
                "arm" => "armhf",
                "ppc64le" => "ppc64el",
                other => other,
            }
            .to_owned();
            p.line(&arch)?;
            Ok(0)
        }
        Some("-i" | "--install") => p.option("-i"),
        Some("--add-architecture" | "--configure" | "--purge" | "-r" | "--remove") => Ok(0),
        Some("-s" | "-l" | "-L" | "-S" | "--get-selections" | "--compare-versions") => {
            Err(Halt::Unknown(Why::Content("/var/lib/dpkg/status".to_owned())))
        }
        Some(other) => p.option(other.to_owned()),
        None => Ok(2),
    }
}

/// `apt-mark`: which packages are kept is not modelled; `showmanual` prints what nobody knows.
pub(crate) fn apt_mark(p: &mut Process<'_, '_>) -> Run {
    if p.args.first().is_some_and(|arg| arg.starts_with("show")) {
        return Err(Halt::Unknown(Why::Content("/var/lib/dpkg/status".to_owned())));
    }
    Ok(0)
}
