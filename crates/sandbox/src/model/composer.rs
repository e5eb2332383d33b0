//! `composer`: what `composer.json` asks for, in `vendor`.

use super::help::{MB, OTHER, digest_at, download, home, made, text, there};
use super::manifest::Json;
use crate::shell::process::{Process, Run};

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let command = args.iter().find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    match command.as_str() {
        "install" | "update" => {
            let Some(text) = text(p, "composer.json")? else {
                let cwd = p.cwd.clone();
                p.error(&format!("Composer could not find a composer.json file in {cwd}"))?;
                return Ok(1);
            };
            let json = Json::parse(&text).unwrap_or(Json::Null);
            let mut packages = json
                .get("require")
                .map(Json::keys)
                .unwrap_or_default()
                .into_iter()
                .filter(|name| name.contains('/'))
                .count() as u64;
            if !args.iter().any(|arg| arg == "--no-dev") {
                packages += json.get("require-dev").map(Json::keys).unwrap_or_default().len() as u64;
            }
            let digest =
                digest_at(p, if there(p, "composer.lock") { "composer.lock" } else { "composer.json" });
            made(p, "vendor/autoload.php", 800, 0o644, "composer", &[&digest])?;
            made(p, &format!("vendor/{OTHER}"), packages * 6 * MB + 400_000, 0o644, "composer", &[&digest])?;
            if !there(p, "composer.lock") {
                made(p, "composer.lock", packages * 20_000 + 500, 0o644, "composer", &[&digest])?;
            }
            let cache = format!("{}/.composer/cache/{OTHER}", home(p));
            made(p, &cache, packages * 900_000, 0o644, "composer cache", &[&digest])?;
            download(p, packages * 900_000);
            p.error("Generating optimized autoload files")?;
            Ok(0)
        }
        "dump-autoload"
        | "dumpautoload"
        | "config"
        | "clear-cache"
        | "clearcache"
        | "self-update"
        | "check-platform-reqs" => Ok(0),
        other => p.option(other.to_owned()),
    }
}
