//! Whether a Go is new enough for a module, as `go.mod` asks.

use super::text;
use crate::shell::machine::Halt;
use crate::shell::process::Process;

/// A version; what of it nobody knows is none.
fn parts(version: &str) -> (u32, u32, Option<u32>) {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let mut next = || parts.next().flatten();
    (next().unwrap_or(1), next().unwrap_or(0), next())
}

/// Says that this Go is too old for the module in `root`, and answers with its code, if it is.
pub(super) fn refuses(p: &mut Process<'_, '_>, root: &str, running: &str) -> Result<Option<u8>, Halt> {
    let path = [root.trim_end_matches('/'), "/go.mod"].concat();
    let Some(module) = text(p, &path) else { return Ok(None) };
    let found = module
        .lines()
        .enumerate()
        .find_map(|(at, line)| Some((at + 1, line.trim().strip_prefix("go ")?.trim())));
    let Some((line, wanted)) = found else { return Ok(None) };
    let (own, asked) = (parts(running), parts(wanted));
    if (own.0, own.1) < (1, 21) {
        // What has three parts was not a version yet.
        if asked.2.is_none() {
            return Ok(None);
        }
        p.error("go: errors parsing go.mod:")?;
        p.error(
            &[&path, ":", &line.to_string(), ": invalid go version '", wanted, "': must match format 1.23"]
                .concat(),
        )?;
        return Ok(Some(1));
    }
    let is_older = match (own.0, own.1).cmp(&(asked.0, asked.1)) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => matches!((own.2, asked.2), (Some(own), Some(asked)) if own < asked),
        std::cmp::Ordering::Greater => false,
    };
    // Told otherwise, it fetches the one that is asked for.
    if !is_older || p.env.get("GOTOOLCHAIN").is_none_or(|chain| chain != "local") {
        return Ok(None);
    }
    let shown = if root.trim_end_matches('/') == p.cwd.trim_end_matches('/') { "go.mod" } else { &path };
    p.error(
        &["go: ", shown, " requires go >= ", wanted, " (running go ", running, "; GOTOOLCHAIN=local)"]
            .concat(),
    )?;
    Ok(Some(1))
}
