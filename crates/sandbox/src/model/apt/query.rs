//! `apt-cache`, `apt-mark` and `add-apt-repository`.

use super::installed::Has;
use super::{has_lists, plain, status, table};
use crate::shell::machine::UNKNOWN;
use crate::shell::process::{Process, Run};

/// `apt-cache` of apt 2.6: what versions there are is not known.
pub(in crate::model) fn cache(p: &mut Process<'_, '_>) -> Run {
    let words: Vec<String> = p.args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let names: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    match words.first().map(String::as_str) {
        None => p.only_reads("--help"),
        Some("show" | "depends" | "rdepends" | "showpkg") if !names.is_empty() && !has_lists(p) => {
            let (table, status) = (table(), status(p));
            for name in names {
                if status.has(p, &table, name) != Has::No {
                    return p.only_reads(name);
                }
            }
            p.error("E: No packages found")?;
            Ok(100)
        }
        Some("policy" | "search" | "madison") if !names.is_empty() && !has_lists(p) => {
            let (table, status) = (table(), status(p));
            let known = names.iter().all(|name| status.has(p, &table, name) == Has::No);
            if known { Ok(0) } else { p.only_reads(names.join(" ")) }
        }
        Some(
            verb @ ("show" | "depends" | "rdepends" | "showpkg" | "policy" | "search" | "madison"
            | "pkgnames" | "dump" | "stats" | "unmet" | "showsrc" | "dumpavail" | "dotty" | "xvcg"
            | "showauto" | "gencaches" | "add"),
        ) => p.only_reads(verb),
        Some(other) => {
            p.error(&["E: Invalid operation ", other].concat())?;
            Ok(100)
        }
    }
}

/// `apt-mark` of apt 2.6.
pub(in crate::model) fn mark(p: &mut Process<'_, '_>) -> Run {
    let words: Vec<String> = p.args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let (table, mut status) = (table(), status(p));
    let names: Vec<&str> = words.iter().skip(1).map(|name| plain(name)).collect();
    let lists = has_lists(p);
    match words.first().map(String::as_str) {
        Some(
            verb @ ("auto" | "manual" | "hold" | "unhold" | "minimize-manual" | "markauto" | "unmarkauto"),
        ) => {
            let mut found = 0;
            for name in &names {
                let has = status.has(p, &table, name);
                if name.contains(['*', '?', '[', UNKNOWN]) || has == Has::Unknown && !lists {
                    // `apt-mark auto '.*'`: all of them, the image's own too.
                    if *name == ".*" && verb == "auto" {
                        status.0.values_mut().for_each(|auto| *auto = true);
                        found += 1;
                        continue;
                    }
                    return p.option(*name);
                }
                if has == Has::No && !lists {
                    p.error(&["E: Unable to locate package ", name].concat())?;
                    continue;
                }
                found += 1;
                let said = match verb {
                    "auto" => [name, " set to automatically installed."].concat(),
                    "manual" => [name, " set to manually installed."].concat(),
                    "hold" => [name, " set on hold."].concat(),
                    "unhold" => ["Canceled hold on ", name, "."].concat(),
                    _ => continue,
                };
                if verb != "hold"
                    && verb != "unhold"
                    && let Some(auto) = status.0.get_mut(*name)
                {
                    *auto = verb == "auto";
                }
                p.line(&said)?;
            }
            if found == 0 && !names.is_empty() {
                p.error("E: No packages found")?;
                return Ok(100);
            }
            status.write(p)?;
            Ok(0)
        }
        Some("showmanual" | "showauto") => {
            let manual = words.first().is_some_and(|word| word == "showmanual");
            let known: Vec<String> = status
                .0
                .iter()
                .filter(|(name, auto)| {
                    **auto != manual && (names.is_empty() || names.contains(&name.as_str()))
                })
                .map(|(name, _)| name.clone())
                .collect();
            for name in &known {
                p.line(name)?;
            }
            // Those of the image.
            if names.is_empty() { p.only_reads(words.join(" ")) } else { Ok(0) }
        }
        Some("showhold" | "showheld" | "showheldbysystem") => Ok(0),
        Some("showinstall" | "showremove" | "showpurge" | "showdeinstall") => p.only_reads(words.join(" ")),
        Some(other) => {
            p.error(&["E: Invalid operation ", other].concat())?;
            Ok(100)
        }
        None => p.only_reads("--help"),
    }
}

/// `add-apt-repository` of software-properties: a file beside the others, and the lists again.
pub(in crate::model) fn repository(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|arg| !arg.starts_with('-')).collect();
    let yes = args
        .iter()
        .any(|arg| arg == "--yes" || arg.starts_with('-') && !arg.starts_with("--") && arg.contains('y'));
    let removes = args.iter().any(|arg| arg == "-r" || arg == "--remove");
    let [what] = words.as_slice() else { return p.option(words.join(" ")) };
    if p.cred.uid != 0 {
        p.error("Error: must run as root")?;
        return Ok(1);
    }
    if removes || !yes && !p.m.network {
        return p.option(*what);
    }
    // Without `-y` it waits for a key; at the end of its input it goes on too.
    let name: String = what
        .trim_start_matches("ppa:")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let path = ["/etc/apt/sources.list.d/", name.trim_matches('-'), ".list"].concat();
    if what.starts_with("deb ") {
        crate::model::folder(p, "/etc/apt/sources.list.d")?;
        let _ = p.write_file(&path, [what, "\n"].concat().into_bytes())?;
    } else {
        crate::model::made_up(p, &path, 130, 0o644, "add-apt-repository", &[])?;
        let key = ["/etc/apt/trusted.gpg.d/", name.trim_matches('-'), ".gpg"].concat();
        if what.starts_with("ppa:") {
            crate::model::made_up(p, &key, 1_200, 0o644, "add-apt-repository", &[])?;
        }
    }
    // It fetches the lists again, as it does since Debian 10 and Ubuntu 18.04.
    super::update(p, super::Options { quiet: 2, ..super::Options::default() })
}
