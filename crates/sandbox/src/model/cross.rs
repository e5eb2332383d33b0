//! The tools of `tonistiigi/xx`, which compile for the platform that is asked for.

use super::{apk, apt, cc, go};
use crate::shell::process::{Process, Run};

/// The architecture that is built for, and whether it is the machine's own.
fn target(p: &Process<'_, '_>) -> (String, bool) {
    let own = p.m.arch.to_owned();
    let platform = p.env.get("TARGETPLATFORM").and_then(|platform| platform.split('/').nth(1));
    let arch = p.env.get("TARGETARCH").map(String::as_str).or(platform).unwrap_or(&own).to_owned();
    let native = arch == own;
    (arch, native)
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let (arch, native) = target(p);
    match p.name.as_str() {
        // The sysroot of another platform is not modelled.
        "xx-apk" if native => apk::run(p),
        "xx-apt" | "xx-apt-get" if native => apt::run(p),
        "xx-go" if p.args.iter().any(|arg| arg == "--wrap" || arg == "--unwrap") => Ok(0),
        "xx-go" => go::run(p),
        "xx-clang" | "xx-clang++" | "xx-cc" | "xx-c++" if native => cc::run(p),
        "xx-verify" => Ok(0),
        "xx-info" => {
            let answer = match p.args.first().map_or("", String::as_str) {
                "arch" => arch,
                "os" => "linux".to_owned(),
                "march" | "rhel-arch" => machine(&arch).to_owned(),
                "alpine-arch" | "pkg-arch" if arch == "amd64" => "x86_64".to_owned(),
                other => return p.option(other.to_owned()),
            };
            p.line(&answer)?;
            Ok(0)
        }
        _ => p.option("a platform that is not the machine's own"),
    }
}

fn machine(arch: &str) -> &str {
    match arch {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i386",
        other => other,
    }
}
