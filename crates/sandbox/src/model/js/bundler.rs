//! The build tools that package scripts call: what they make of sources.

use crate::model::help::{MB, OTHER, digest_at, made, mark_unlisted, spent, text};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Where Vite's configuration has its output go; frameworks on top of it have places of their own.
fn vite_out(p: &mut Process<'_, '_>) -> Result<String, Halt> {
    for name in ["vite.config.js", "vite.config.mjs", "vite.config.ts", "vite.config.mts"] {
        let Some(config) = text(p, name)? else { continue };
        if config.contains("laravel") {
            return Ok("public/build".to_owned());
        }
        let frameworks =
            ["sveltekit", "remix", "react-router/dev", "tanstack", "qwik", "nitro", "vike", "solid-start"];
        if frameworks.iter().any(|framework| config.contains(framework)) {
            return p.option("build");
        }
        let given = config.split_once("outDir").and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
        let Some(given) = given else { continue };
        let given = given.trim_start();
        // Anything but a text is worked out when it is run.
        let mark = given.chars().next().filter(|mark| matches!(mark, '"' | '\'' | '`'));
        return match mark.and_then(|mark| given.get(1..)?.split_once(mark)) {
            Some((dir, _)) if !dir.contains('$') => Ok(dir.to_owned()),
            _ => p.option("outDir"),
        };
    }
    Ok("dist".to_owned())
}

/// Tools that make a directory of files from sources: `tsc`, `vite`, `next`, …
pub(in crate::model) fn bundler(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let has = |word: &str| args.iter().any(|arg| arg == word);
    let value = |flags: &[&str]| {
        args.iter().enumerate().find_map(|(at, arg)| {
            flags.iter().find_map(|flag| {
                if arg == flag {
                    args.get(at + 1).cloned()
                } else {
                    arg.strip_prefix(&format!("{flag}=")).map(str::to_owned)
                }
            })
        })
    };
    let digest = digest_at(p, ".");
    let (dir, size, ms) = match p.name.as_str() {
        "tsc" | "vue-tsc" => {
            if has("--noEmit") || has("--version") || has("-v") || p.name == "vue-tsc" {
                return Ok(0);
            }
            let out = match value(&["--outDir"]) {
                Some(out) => Some(out),
                None => match text(p, "tsconfig.json")? {
                    Some(config) => config
                        .split_once("\"outDir\"")
                        .and_then(|(_, rest)| rest.split('"').nth(1))
                        .map(str::to_owned),
                    None if has("-p") || has("--project") => return p.option("-p"),
                    None => {
                        p.line("error TS5057: Cannot find a tsconfig.json file at the current directory.")?;
                        return Ok(1);
                    }
                },
            };
            (out.unwrap_or_else(|| ".".to_owned()), 400_000, 4000)
        }
        "vite" | "vue-cli-service" | "parcel" | "rollup" | "webpack" | "astro" | "ng" | "nest" | "tsup" => {
            let acts = has("build") || matches!(p.name.as_str(), "rollup" | "webpack" | "tsup");
            if !acts {
                return p.option(args.first().cloned().unwrap_or_default());
            }
            let out = match value(&["--outDir", "--dest", "--output-path", "-d"]) {
                Some(out) => out,
                None if p.name == "vite" => vite_out(p)?,
                None => "dist".to_owned(),
            };
            (out, 700_000, 7000)
        }
        "react-scripts" if has("build") => ("build".to_owned(), 1_600_000, 15_000),
        "react-scripts" if has("test") => return Ok(0),
        "next" if has("build") => (".next".to_owned(), 14 * MB, 25_000),
        "nuxt" if has("build") || has("generate") => (".output".to_owned(), 6 * MB, 20_000),
        "eslint" | "prettier" | "jest" | "vitest" => {
            spent(p, 3000);
            return Ok(0);
        }
        _ => return p.option(args.first().cloned().unwrap_or_default()),
    };
    let page = matches!(p.name.as_str(), "vite" | "vue-cli-service" | "react-scripts" | "parcel" | "astro")
        && !dir.contains("public/");
    if page {
        made(p, &format!("{dir}/index.html"), 900, 0o644, "bundle", &[&digest])?;
    }
    made(p, &format!("{dir}/{OTHER}"), size, 0o644, "bundle", &[&digest])?;
    if p.name == "next" {
        let standalone = ["next.config.js", "next.config.mjs", "next.config.ts"].iter().any(|file| {
            let path = p.path(file);
            p.m.tree.read(&path).is_ok_and(|file| {
                file.content.known().is_some_and(|b| String::from_utf8_lossy(b).contains("standalone"))
            })
        });
        made(p, &format!("{dir}/static/{OTHER}"), 900_000, 0o644, "bundle", &[&digest])?;
        if standalone {
            made(p, &format!("{dir}/standalone/server.js"), 5_000, 0o644, "bundle", &[&digest])?;
            made(p, &format!("{dir}/standalone/{OTHER}"), 25 * MB, 0o644, "bundle", &[&digest])?;
        }
    }
    // The files of a bundle have names that nobody knows before it is built.
    mark_unlisted(p, &dir, "bundle");
    spent(p, ms);
    Ok(0)
}
