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

/// `dpkg-architecture`: names of the machine's own architecture.
pub(crate) fn architecture(p: &mut Process<'_, '_>) -> Run {
    let (arch, bits, gnu, abi) = match p.m.arch {
        "amd64" => ("amd64", "64", "x86_64", "linux-gnu"),
        "arm64" => ("arm64", "64", "aarch64", "linux-gnu"),
        "386" => ("i386", "32", "i686", "linux-gnu"),
        "arm" => ("armhf", "32", "arm", "linux-gnueabihf"),
        "ppc64le" => ("ppc64el", "64", "powerpc64le", "linux-gnu"),
        "s390x" => ("s390x", "64", "s390x", "linux-gnu"),
        "riscv64" => ("riscv64", "64", "riscv64", "linux-gnu"),
        other => return p.option(other.to_owned()),
    };
    let endian = if arch == "s390x" { "big" } else { "little" };
    let multiarch = if arch == "i386" { "i386" } else { gnu };
    let cpu = if arch == "armhf" { "arm" } else { arch };
    let base = if arch == "armhf" { "eabihf" } else { "base" };
    let rows = [
        ("ARCH", arch.to_owned()),
        ("ARCH_ABI", base.to_owned()),
        ("ARCH_BITS", bits.to_owned()),
        ("ARCH_CPU", cpu.to_owned()),
        ("ARCH_ENDIAN", endian.to_owned()),
        ("ARCH_LIBC", "gnu".to_owned()),
        ("ARCH_OS", "linux".to_owned()),
        ("GNU_CPU", gnu.to_owned()),
        ("GNU_SYSTEM", abi.to_owned()),
        ("GNU_TYPE", [gnu, "-", abi].concat()),
        ("MULTIARCH", [multiarch, "-", abi].concat()),
    ];
    let wanted = match p.args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["-l" | "--list"] => None,
        ["-q" | "--query", name] => Some((*name).to_owned()),
        [one] if one.starts_with("-qDEB") => one.get(2..).map(str::to_owned),
        [other, ..] => return p.option((*other).to_owned()),
    };
    for side in ["BUILD", "HOST", "TARGET"] {
        for (key, value) in &rows {
            let name = ["DEB_", side, "_", key].concat();
            match &wanted {
                None => p.line(&[&name, "=", value.as_str()].concat())?,
                Some(wanted) if *wanted == name => p.line(value)?,
                Some(_) => {}
            }
        }
    }
    Ok(0)
}
