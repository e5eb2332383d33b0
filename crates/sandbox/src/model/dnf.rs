//! `dnf`, `yum`, `microdnf`, `tdnf`. Sizes are estimates: no index of these distributions could be read. What is refused
//! is as in dnf 4.

use super::help::{MB, OTHER, download, made, spent, there};
use super::{packages, programs};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Switches of dnf 4 and yum that change nothing here.
const SWITCHES: &str = " -y --assumeyes --assumeno -q --quiet -v --verbose --nodocs --noplugins --skip-broken \
--allowerasing -b --best --nobest -C --cacheonly --showduplicates --obsoletes --nogpgcheck --refresh --security \
--bugfix --noautoremove --nobest --enhancement --newpackage --debugsolver --minimal --with-optional --allmem \
--skip-unavailable --no-best --no-gpgchecks ";
/// Options with a value.
const VALUED: &str = " -c --config --enableplugin --disableplugin --releasever --setopt -R --randomwait -d --debuglevel \
-e --errorlevel --rpmverbosity --enablerepo --disablerepo --enable-repo --disable-repo --repo --repoid -x --exclude \
--excludepkgs --disableexcludes --disableexcludepkgs --color --comment --advisory --advisories --cve --forcearch ";
/// Commands that read.
const READERS: &str = " list info search provides whatprovides repoquery repolist repoinfo check check-update \
check-upgrade deplist history updateinfo help leaves ";
/// What the group of that name brings.
const TOOLS: &[&str] = &[
    "autoconf",
    "automake",
    "binutils",
    "bison",
    "flex",
    "gcc",
    "gcc-c++",
    "gdb",
    "glibc-devel",
    "libtool",
    "make",
    "pkgconf",
    "rpm-build",
    "strace",
];

pub(crate) fn dnf(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let (mut yes, mut no) = (false, false);
    let mut words = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let listed = |list: &str, arg: &str| list.contains(&[" ", arg, " "].concat());
        if arg == "--version" {
            return p.only_reads("--version");
        } else if listed(SWITCHES, arg) {
            yes |= matches!(arg.as_str(), "-y" | "--assumeyes");
            no |= arg == "--assumeno";
        } else if listed(VALUED, arg) {
            yes |= rest.next().is_some_and(|value| value == "assumeyes=1" || value == "assumeyes=True");
        } else if let Some((name, value)) = arg.split_once('=').filter(|_| arg.starts_with('-')) {
            if !listed(VALUED, name) {
                return p.option(arg.as_str());
            }
            yes |= value == "assumeyes=1" || value == "assumeyes=True";
        } else if let Some(letters) =
            arg.strip_prefix('-').filter(|rest| !rest.starts_with('-') && !rest.is_empty())
        {
            if !letters.chars().all(|letter| "yqvbC".contains(letter)) {
                return p.option(arg.as_str());
            }
            yes |= letters.contains('y');
        } else if arg.starts_with('-') {
            return p.option(arg.as_str());
        } else {
            words.push(arg.as_str());
        }
    }
    yes |= super::text(p, "/etc/dnf/dnf.conf").is_some_and(|text| text.contains("assumeyes=True"));
    let Some((verb, names)) = words.split_first() else { return p.only_reads("--help") };
    let verb = match (*verb, names.first()) {
        ("group" | "groups", Some(&("install" | "groupinstall"))) => "groupinstall",
        (verb, _) => verb,
    };
    if READERS.contains(&[" ", verb, " "].concat()) {
        return p.only_reads(words.join(" "));
    }
    let changes = matches!(
        verb,
        "install"
            | "reinstall"
            | "localinstall"
            | "groupinstall"
            | "remove"
            | "erase"
            | "autoremove"
            | "update"
            | "upgrade"
            | "upgrade-minimal"
            | "update-minimal"
            | "distro-sync"
            | "downgrade"
    );
    if changes && p.cred.uid != 0 {
        p.error("Error: This command has to be run with superuser privileges (under the root user on most systems).")?;
        return Ok(1);
    }
    let cache = format!("/var/cache/{}", if p.name == "microdnf" { "yum" } else { &p.name });
    match verb {
        "install" | "reinstall" | "localinstall" | "groupinstall" => {
            let names: Vec<&str> = names
                .iter()
                .flat_map(|name| match name.trim_start_matches('@') {
                    "Development Tools" | "development" | "development-tools" => TOOLS.to_vec(),
                    _ => vec![*name],
                })
                .filter(|name| verb != "groupinstall" || !matches!(*name, "install" | "groupinstall"))
                .collect();
            install(p, &cache, &names, yes, no)
        }
        "remove" | "erase" | "autoremove" => {
            // Of what the image came with nobody knows.
            let all: Vec<bool> = names.iter().map(|name| there(p, &note(name))).collect();
            if all.contains(&false) || names.is_empty() {
                return p.option(words.join(" "));
            }
            if !yes {
                p.line("Is this ok [y/N]: Operation aborted.")?;
                return Ok(1);
            }
            for name in names {
                packages::remove(p, name);
            }
            Ok(0)
        }
        "clean" => {
            let _ = p.m.tree.remove_all(&cache);
            Ok(0)
        }
        "makecache" => metadata(p, &cache).map(|ok| u8::from(!ok)),
        "update" | "upgrade" | "upgrade-minimal" | "update-minimal" | "distro-sync" => {
            if !metadata(p, &cache)? {
                return Ok(1);
            }
            // Whether there is something newer depends on the day, and without `-y` it would ask.
            if yes { Ok(0) } else { p.option([verb, " without -y"].concat()) }
        }
        other => p.option(other),
    }
}

/// Where the model notes a package.
fn note(name: &str) -> String {
    format!("/usr/lib/‹other files of {name}›")
}

/// The repositories' lists; where they cannot be had, that is said.
fn metadata(p: &mut Process<'_, '_>, cache: &str) -> Result<bool, Halt> {
    if !p.m.network {
        p.error("Error: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist: Curl error (6): Couldn't resolve host name")?;
        return Ok(false);
    }
    // Its mirrors were switched off in 2024, and what an image's files say instead is not known.
    if super::release(p, "centos").is_some_and(|release| release < 9.0) {
        return p.option("repositories of a release whose mirrors are gone");
    }
    made(p, &format!("{cache}/{OTHER}"), 85 * MB, 0o644, "dnf: metadata", &[b"dnf metadata"])?;
    download(p, 20 * MB);
    Ok(true)
}

fn install(p: &mut Process<'_, '_>, cache: &str, names: &[&str], yes: bool, no: bool) -> Run {
    for name in names {
        let local = name.ends_with(".rpm") && !name.contains("://") && !name.contains('*');
        if local && super::absent(p, name)? {
            p.error(&["Can not load RPM file: ", name, "."].concat())?;
            p.error(&["Could not open: ", name].concat())?;
            return Ok(1);
        }
    }
    if !metadata(p, cache)? {
        return Ok(1);
    }
    let plain = |name: &str| {
        let name = name.trim_start_matches('@').rsplit('/').next().unwrap_or(name).to_owned();
        // `name-1.2.rpm`, `name:stream`
        let end = name.find(".rpm").and_then(|_| {
            let digit = |(at, _): &(usize, &str)| {
                name.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            };
            name.match_indices('-').find(digit).map(|(at, _)| at)
        });
        let name = end.and_then(|at| name.get(..at)).unwrap_or(&name);
        name.split(':').next().unwrap_or(name).trim_end_matches(".rpm").to_owned()
    };
    let wanted: Vec<String> = names
        .iter()
        .map(|name| plain(name))
        .filter(|name| {
            let programs = programs::paths(name);
            let first = programs.first().cloned().unwrap_or_else(|| ["/usr/bin/", name].concat());
            !there(p, &first) && !there(p, &note(name))
        })
        .collect();
    if wanted.is_empty() {
        p.line("Nothing to do.")?;
        return Ok(0);
    }
    if p.name == "microdnf" && !yes {
        // Older ones do not ask.
        return p.option("install without -y");
    }
    if no || !yes {
        p.line("Is this ok [y/N]: Operation aborted.")?;
        return Ok(1);
    }
    for name in &wanted {
        let size = if name.ends_with("-devel") { 4 * MB } else { 6 * MB };
        download(p, size * 3 / 10);
        spent(p, 150);
        let package = packages::Package { name, size, guessed: true, asked: true, ..Default::default() };
        packages::install(p, &package, "dnf")?;
        if name.starts_with("java-") && name.contains("openjdk") {
            for program in if name.ends_with("-devel") { &["java", "javac", "jar"][..] } else { &["java"] } {
                made(p, &["/usr/bin/", program].concat(), 17_000, 0o755, "dnf: java", &[])?;
            }
        }
        p.line(&format!("  Installing       : {name}"))?;
    }
    p.line("Complete!")?;
    Ok(0)
}
