//! `dpkg`, `gpg` and others that keep databases of their own.

mod version;

use super::help::{MB, made};
use crate::shell::machine::UNKNOWN;
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

/// `dpkg` 1.21.
pub(crate) fn dpkg(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let is_option =
        |arg: &&String| arg.starts_with("--force") || arg.starts_with("--no-") || *arg == "--refuse-all";
    let mut rest = args.iter().skip_while(is_option).map(String::as_str);
    let action = rest.next();
    let words: Vec<&str> = rest.filter(|arg| !arg.starts_with("--force") && *arg != "-R").collect();
    match action {
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
        Some("-i" | "--install" | "--unpack") if words.is_empty() => {
            usage(p, "--install needs at least one package archive file argument")
        }
        Some(action @ ("-i" | "--install" | "--unpack")) => {
            if p.cred.uid != 0 {
                p.error("dpkg: error: requested operation requires superuser privilege")?;
                return Ok(2);
            }
            for file in &words {
                if !file.contains('*') && super::absent(p, file)? {
                    p.error(&format!(
                        "dpkg: error: cannot access archive '{file}': No such file or directory"
                    ))?;
                    return Ok(2);
                }
            }
            p.option(action)
        }
        Some("--compare-versions") => match words.as_slice() {
            [one, relation, other] => match version::holds(one, relation, other) {
                Some(_) if one.contains(UNKNOWN) || other.contains(UNKNOWN) => {
                    p.only_reads("--compare-versions")
                }
                Some(holds) => Ok(u8::from(!holds)),
                None => usage(p, "--compare-versions bad relation"),
            },
            _ => usage(p, "--compare-versions takes three arguments: <version> <relation> <version>"),
        },
        Some("--add-architecture" | "--remove-architecture") if words.len() != 1 => {
            let action = action.unwrap_or_default().to_owned();
            usage(p, &[&action, " takes exactly one argument"].concat())
        }
        Some("--add-architecture" | "--remove-architecture") => Ok(0),
        Some("-r" | "--remove" | "-P" | "--purge") => {
            for name in words {
                match super::apt::has(p, name) {
                    Some(false) => p.error(&format!(
                        "dpkg: warning: ignoring request to remove {name} which isn't installed"
                    ))?,
                    _ => return p.option(format!("--remove {name}")),
                }
            }
            Ok(0)
        }
        Some("--configure") => p.option("--configure"),
        Some(
            "-s" | "--status" | "-l" | "--list" | "-L" | "--listfiles" | "-S" | "--search" | "-W" | "--show"
            | "-p" | "--print-avail",
        ) => {
            p.args = args;
            query(p)
        }
        Some(
            action @ ("--get-selections"
            | "--print-foreign-architectures"
            | "-V"
            | "--verify"
            | "-C"
            | "--audit"
            | "--version"
            | "--help"
            | "--assert-support-predepends"
            | "--assert-multi-arch"
            | "-I"
            | "--info"
            | "-c"
            | "--contents"
            | "-f"
            | "--field"),
        ) => p.only_reads(action),
        Some(other)
            if !other.starts_with("--") || KNOWN.split(' ').any(|known| other.get(2..) == Some(known)) =>
        {
            p.option(other)
        }
        Some(other) => usage(p, &["unknown option ", other].concat()),
        None => usage(p, "need an action option"),
    }
}

/// Actions and options of dpkg 1.21 that are not modelled.
const KNOWN: &str = "root admindir instdir set-selections clear-selections update-avail merge-avail clear-avail \
triggers-only yet-to-unpack predep-package build extract vextract raw-extract control fsys-tarfile abort-after debug \
recursive log path-exclude path-include status-fd status-logger pre-invoke post-invoke verify-format ignore-depends \
selected-only skip-same-version auto-deconfigure pending record-avail forget-old-unavail validate-pkgname \
validate-archname validate-trigname validate-version";

fn usage(p: &mut Process<'_, '_>, what: &str) -> Run {
    p.error(&["dpkg: error: ", what].concat())?;
    for line in [
        "",
        "Type dpkg --help for help about installing and deinstalling packages [*];",
        "Use 'apt' or 'aptitude' for user-friendly package management;",
        "Type dpkg -Dhelp for a list of dpkg debug flag values;",
        "Type dpkg --force-help for a list of forcing options;",
        "Type dpkg-deb --help for help about manipulating *.deb files;",
        "",
        "Options marked [*] produce a lot of output - pipe it through 'less' or 'more' !",
    ] {
        p.error(line)?;
    }
    Ok(2)
}

/// `dpkg-query` 1.21: what is not installed is known, and little of what is.
pub(crate) fn query(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut words = args
        .iter()
        .map(String::as_str)
        .filter(|arg| !arg.starts_with("-f") && !arg.starts_with("--showformat"));
    let Some(action) = words.next() else {
        p.error("dpkg-query: error: need an action option")?;
        p.error("")?;
        p.error("Use --help for help about querying packages.")?;
        return Ok(2);
    };
    let names: Vec<&str> = words.collect();
    let mut missing = Vec::new();
    for name in &names {
        if name.contains(['*', '?', '[', '/']) || super::apt::has(p, name) != Some(false) {
            return p.only_reads(args.join(" "));
        }
        missing.push(*name);
    }
    for name in &missing {
        match action {
            "-s" | "--status" => {
                p.error(&format!(
                    "dpkg-query: package '{name}' is not installed and no information is available"
                ))?;
                p.error("Use dpkg --info (= dpkg-deb --info) to examine archive files.")?;
            }
            "-L" | "--listfiles" => {
                p.error(&format!("dpkg-query: package '{name}' is not installed"))?;
                p.error("Use dpkg --contents (= dpkg-deb --contents) to list archive files contents.")?;
            }
            "-l" | "--list" | "-W" | "--show" => {
                p.error(&format!("dpkg-query: no packages found matching {name}"))?;
            }
            _ => return p.only_reads(args.join(" ")),
        }
    }
    if missing.is_empty() { p.only_reads(args.join(" ")) } else { Ok(1) }
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
