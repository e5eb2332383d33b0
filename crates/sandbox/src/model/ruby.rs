//! `bundle` and `gem`.

use super::help::{MB, OTHER, digest_at, download, home, made, text, there};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// `bundle` and `gem`
pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.iter().any(|arg| matches!(arg.as_str(), "--version" | "--help"))
        || args.first().is_some_and(|arg| arg == "-v")
    {
        return p.only_reads("--version");
    }
    let command = args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    let base = p
        .env
        .get("BUNDLE_PATH")
        .or_else(|| p.env.get("GEM_HOME"))
        .cloned()
        .unwrap_or_else(|| "/usr/local/bundle".to_owned());
    match (p.name.as_str(), command.as_str()) {
        ("bundle" | "bundler", "install" | "") => {
            let Some(gemfile) = text(p, "Gemfile")? else {
                p.error("Could not locate Gemfile")?;
                return Ok(10);
            };
            let count = match text(p, "Gemfile.lock")? {
                Some(lock) => {
                    lock.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     ")).count()
                        as u64
                }
                None => gemfile.lines().filter(|line| line.trim().starts_with("gem ")).count() as u64 * 6,
            };
            let without = bundle_setting(p, &args, "without")?;
            let deployment = args.iter().any(|arg| arg == "--deployment")
                || bundle_setting(p, &[], "deployment")?
                    .is_some_and(|value| matches!(value.as_str(), "1" | "true"));
            if deployment && super::absent(p, "Gemfile.lock")? {
                p.error("The deployment setting requires a lockfile. Please make sure you have checked your Gemfile.lock into version control before deploying.")?;
                return Ok(16);
            }
            let base = match bundle_setting(p, &args, "path")? {
                Some(path) => path,
                None if deployment => "vendor/bundle".to_owned(),
                None => base,
            };
            let count = included(&gemfile, without.as_deref().unwrap_or(""), count);
            let digest = digest_at(p, if there(p, "Gemfile.lock") { "Gemfile.lock" } else { "Gemfile" });
            made(p, &format!("{base}/gems/{OTHER}"), count * 1_100_000, 0o644, "bundle", &[&digest])?;
            made(p, &format!("{base}/cache/{OTHER}"), count * 200_000, 0o644, "bundle", &[&digest])?;
            if super::absent(p, "Gemfile.lock")? {
                made(p, "Gemfile.lock", 300 + count * 60, 0o644, "bundle", &[&digest])?;
            }
            download(p, count * 200_000);
            p.line(&format!("Bundle complete! {count} gems now installed."))?;
            Ok(0)
        }
        ("bundle" | "bundler", "config") => {
            let words: Vec<&str> = args
                .iter()
                .map(String::as_str)
                .filter(|word| !matches!(*word, "config" | "set") && !word.starts_with("--"))
                .collect();
            if let Some((key, values)) = words.split_first() {
                let local = args.iter().any(|arg| arg == "--local");
                let file = if local { ".bundle/config".to_owned() } else { bundle_config(p) };
                let mut text = text(p, &file)?.unwrap_or_else(|| "---\n".to_owned());
                let key = key.to_uppercase().replace('.', "__").replace('-', "___");
                text.push_str(&format!("BUNDLE_{key}: \"{}\"\n", values.join(":").replace(' ', ":")));
                let up = crate::tree::parent(&p.path(&file)).to_owned();
                let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
                let _ = p.write_file(&file, text.into_bytes())?;
            }
            Ok(0)
        }
        ("bundle" | "bundler", "clean" | "check" | "lock") => Ok(0),
        ("gem", "install") => {
            let mut words = args.iter().skip_while(|arg| *arg != "install").skip(1);
            while let Some(word) = words.next() {
                if word == "-v" || word == "--version" {
                    words.next();
                } else if !word.starts_with('-') {
                    let name = word.split(':').next().unwrap_or(word);
                    made(
                        p,
                        &format!("{base}/gems/{name}/{OTHER}"),
                        2 * MB,
                        0o644,
                        "gem",
                        &[name.as_bytes()],
                    )?;
                    made(p, &format!("/usr/local/bin/{name}"), 500, 0o755, "gem", &[name.as_bytes()])?;
                    p.line(&format!("Successfully installed {name}"))?;
                    download(p, 500_000);
                }
            }
            Ok(0)
        }
        ("gem", "update" | "sources" | "cleanup") => Ok(0),
        (_, other) => p.option(other.to_owned()),
    }
}

/// Where `bundle config` writes what is not for the project alone.
fn bundle_config(p: &Process<'_, '_>) -> String {
    let app = p.env.get("BUNDLE_APP_CONFIG").cloned();
    app.map_or_else(|| [&home(p), "/.bundle/config"].concat(), |dir| [&dir, "/config"].concat())
}

/// What an option, the environment or `bundle config` says.
fn bundle_setting(p: &mut Process<'_, '_>, args: &[String], key: &str) -> Result<Option<String>, Halt> {
    let flag = ["--", key].concat();
    if let Some(at) = args.iter().position(|arg| *arg == flag) {
        let words: Vec<&str> =
            args.iter().skip(at + 1).map(String::as_str).take_while(|word| !word.starts_with('-')).collect();
        return Ok(Some(words.join(" ")));
    }
    let name = ["BUNDLE_", &key.to_uppercase()].concat();
    if let Some(value) = p.env.get(&name) {
        return Ok(Some(value.clone()));
    }
    for file in [".bundle/config".to_owned(), bundle_config(p)] {
        let Some(text) = text(p, &file)? else { continue };
        let head = [&name, ": "].concat();
        if let Some(line) = text.lines().rev().find_map(|line| line.strip_prefix(&head)) {
            return Ok(Some(line.trim_matches('"').to_owned()));
        }
    }
    Ok(None)
}

/// How many gems stay without some groups: of those that the Gemfile names, the others bring their share.
fn included(gemfile: &str, without: &str, count: u64) -> u64 {
    let left_out: Vec<&str> = without.split([' ', ':', ',']).filter(|name| !name.is_empty()).collect();
    let named = |line: &str| left_out.iter().any(|group| line.contains(&[":", group].concat()));
    let (mut all, mut kept) = (0, 0);
    let mut open: Vec<bool> = Vec::new();
    for line in gemfile.lines().map(str::trim) {
        if line.ends_with(" do") {
            open.push(line.starts_with("group") && named(line));
        } else if line == "end" {
            open.pop();
        } else if line.starts_with("gem ") {
            all += 1;
            let own = line.contains("group") && named(line);
            kept += u64::from(!own && !open.contains(&true));
        }
    }
    if all == 0 { count } else { (count * kept).div_ceil(all) }
}
