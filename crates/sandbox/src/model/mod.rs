//! Models of what installs, builds and downloads: one file each. What they write and print is made up from
//! data and from the manifests in the tree, and is marked as such wherever it shows.

#![allow(
    clippy::single_match_else,
    clippy::match_same_arms,
    clippy::many_single_char_names,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::assigning_clones,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::struct_excessive_bools,
    clippy::too_many_arguments,
    clippy::type_complexity,
    clippy::unused_self,
    clippy::if_same_then_else,
    clippy::nonminimal_bool,
    clippy::unnested_or_patterns,
    clippy::doc_markdown,
    clippy::naive_bytecount,
    clippy::items_after_statements,
    reason = "tables of options and messages read best as they stand, one case per line"
)]

mod apk;
pub(crate) mod apt;
mod build;
mod cargo;
mod cc;
mod cmake;
mod composer;
mod cross;
mod curl;
mod dnf;
mod dotnet;
mod download;
mod dpkg;
mod git;
mod git_config;
mod go;
mod go_toolchain;
mod gradle;
mod help;
mod java;
mod js;
mod make;
mod manifest;
mod maven;
mod packages;
mod php;
mod pip;
mod programs;
mod python;
mod ruby;
mod rustup;
mod site;
mod wget;
mod wrapper;

pub(crate) use packages::may_have_brought;
pub(crate) use python::activation;
pub(crate) use wrapper::is_wrapper;

use crate::command::{Command, Kind};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use crate::tree::{Content, Node};
use std::sync::Arc;

const fn model(name: &'static str, run: fn(&mut Process<'_, '_>) -> Run) -> Command {
    Command { name, kind: Kind::Model, run }
}

/// Every model, by the name that it is called by.
pub(crate) static COMMANDS: &[Command] = &[
    model("add-apt-repository", apt::repository),
    model("apk", apk::run),
    model("apt", apt::run),
    model("apt-add-repository", apt::repository),
    model("apt-cache", apt::cache),
    model("apt-get", apt::run),
    model("apt-key", dpkg::quiet),
    model("apt-mark", apt::mark),
    model("ar", cc::archive),
    model("astro", js::bundler),
    model("bundle", ruby::run),
    model("bundler", ruby::run),
    model("c++", cc::run),
    model("cargo", cargo::run),
    model("cc", cc::run),
    model("clang", cc::run),
    model("clang++", cc::run),
    model("cmake", cmake::cmake),
    model("composer", composer::run),
    model("corepack", js::corepack),
    model("curl", curl::run),
    model("debconf-set-selections", dpkg::quiet),
    model("dnf", dnf::dnf),
    model("docker-php-ext-configure", php::extension),
    model("docker-php-ext-enable", php::extension),
    model("docker-php-ext-install", php::extension),
    model("docker-php-source", php::extension),
    model("dotnet", dotnet::run),
    model("dpkg", dpkg::dpkg),
    model("dpkg-architecture", dpkg::architecture),
    model("dpkg-query", dpkg::query),
    model("dpkg-reconfigure", dpkg::quiet),
    model("eslint", js::bundler),
    model("fc-cache", dpkg::quiet),
    model("g++", cc::run),
    model("gcc", cc::run),
    model("gem", ruby::run),
    model("git", git::run),
    model("gmake", make::run),
    model("go", go::run),
    model("gofmt", go::gofmt),
    model("gpg", dpkg::quiet),
    model("gpgconf", dpkg::quiet),
    model("gradle", gradle::run),
    model("gradlew", wrapper::gradle),
    model("java", java::java),
    model("javac", java::javac),
    model("jest", js::bundler),
    model("ldconfig", dpkg::quiet),
    model("locale-gen", dpkg::quiet),
    model("make", make::run),
    model("microdnf", dnf::dnf),
    model("mvn", maven::run),
    model("mvnw", wrapper::maven),
    model("nest", js::bundler),
    model("next", js::bundler),
    model("ng", js::bundler),
    model("ninja", cmake::ninja),
    model("node", js::node),
    model("nodejs", js::node),
    model("npm", js::npm),
    model("npm-cli.js", js::npm),
    model("npx", js::npx),
    model("nuxt", js::bundler),
    model("parcel", js::bundler),
    model("pecl", php::pecl),
    model("php", php::php),
    model("pip", pip::run),
    model("pip3", pip::run),
    model("pipenv", python::project),
    model("pipx", python::project),
    model("pnpm", js::pnpm),
    model("poetry", python::project),
    model("prettier", js::bundler),
    model("python", python::python),
    model("python3", python::python),
    model("react-scripts", js::bundler),
    model("rollup", js::bundler),
    model("rustup", rustup::rustup),
    model("setcap", dpkg::quiet),
    model("strip", build::strip),
    model("tdnf", dnf::dnf),
    model("tsc", js::bundler),
    model("tsup", js::bundler),
    model("update-alternatives", dpkg::quiet),
    model("update-ca-certificates", dpkg::quiet),
    model("update-locale", dpkg::quiet),
    model("uv", python::project),
    model("vite", js::bundler),
    model("vitest", js::bundler),
    model("vue-cli-service", js::bundler),
    model("vue-tsc", js::bundler),
    model("webpack", js::bundler),
    model("wget", wget::run),
    model("xx-apk", cross::run),
    model("xx-apt", cross::run),
    model("xx-apt-get", cross::run),
    model("xx-c++", cross::run),
    model("xx-cc", cross::run),
    model("xx-clang", cross::run),
    model("xx-clang++", cross::run),
    model("xx-go", cross::run),
    model("xx-info", cross::run),
    model("xx-verify", cross::run),
    model("yarn", js::yarn),
    model("yum", dnf::dnf),
];

/// Bytes in units of 1024.
const KIB: u64 = 1024;
/// Bytes in units of 1024².
const MIB: u64 = 1024 * KIB;

/// Adds to the time that the command takes: what is downloaded at 20 MB/s, and a start-up.
fn takes(p: &mut Process<'_, '_>, milliseconds: u64, downloaded: u64) {
    p.m.duration += milliseconds + downloaded / 20_000;
}

/// Writes a file that the model makes up. Its digest stands for all modelled commands of the step so far, the
/// path and `inputs`, so that equal inputs give an equal file.
fn made_up(
    p: &mut Process<'_, '_>,
    path: &str,
    size: u64,
    mode: u32,
    source: &str,
    inputs: &[u8],
) -> Result<(), Halt> {
    use sha2::Digest as _;
    let path = p.path(path);
    let words = p.m.history.clone().finalize();
    let digest = p.m.digest_of(&[&words, path.as_bytes(), inputs]);
    let content = Content::Modelled { size, digest, source: Arc::from(source) };
    folder(p, crate::tree::parent(&path))?;
    let cred = p.cred.clone();
    if let Err(errno) = p.m.write_content(&cred, &path, content, mode)? {
        p.complain(&format!("{path}: {}", errno.text()))?;
        return Err(Halt::Exit(1));
    }
    Ok(())
}

/// Makes a directory and what is missing above it.
fn folder(p: &mut Process<'_, '_>, path: &str) -> Result<(), Halt> {
    let cred = p.cred.clone();
    let path = p.path(path);
    if let Err(errno) = p.m.mkdir_all(&cred, &path, 0o755)? {
        p.complain(&format!("{path}: {}", errno.text()))?;
        return Err(Halt::Exit(1));
    }
    Ok(())
}

/// The digest of all that lies at a path: what a model's result depends on.
fn inputs(p: &Process<'_, '_>, path: &str) -> Vec<u8> {
    match p.m.tree.stat(&p.path(path)) {
        Ok(node) => node.digest().to_vec(),
        Err(_) => Vec::new(),
    }
}

/// The text of a file, if it is there and known.
fn text(p: &mut Process<'_, '_>, path: &str) -> Option<String> {
    let path = p.path(path);
    let file = p.m.tree.read(&path).ok()?;
    Some(String::from_utf8_lossy(file.content.known()?).into_owned())
}

/// Whether a file or directory is there for certain.
fn there(p: &Process<'_, '_>, path: &str) -> bool {
    p.m.tree.exists(&p.path(path))
}

/// Whether nothing is there for certain; where a command without a model may have made it, that is said instead.
fn absent(p: &Process<'_, '_>, path: &str) -> Result<bool, Halt> {
    Ok(p.stat(path)?.is_err())
}

/// Whether what is there is a directory.
fn is_dir(p: &Process<'_, '_>, path: &str) -> bool {
    p.m.tree.stat(&p.path(path)).is_ok_and(|node| matches!(node, Node::Dir(_)))
}

/// Names of the regular files of a directory, sorted.
fn files(p: &Process<'_, '_>, path: &str) -> Vec<String> {
    let Ok(dir) = p.m.tree.read_dir(&p.path(path)) else { return Vec::new() };
    let named = dir.entries().iter().filter(|(_, node)| !node.is_dir());
    named.map(|(name, _)| name.to_string()).collect()
}

/// Needs the network: says what a resolver says where there is none.
fn offline(p: &mut Process<'_, '_>, message: &str) -> Result<bool, Halt> {
    if p.m.network {
        return Ok(false);
    }
    p.error(message)?;
    Ok(true)
}

/// The number of a release of that distribution, if it is one; `3.8` is 3.08.
fn release(p: &mut Process<'_, '_>, distribution: &str) -> Option<f64> {
    let text = text(p, "/etc/os-release").or_else(|| text(p, "/usr/lib/os-release"))?;
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim_matches('"'))
    };
    if value("ID")? != distribution {
        return None;
    }
    // `3.9.1` is less than `3.19`, as releases go.
    let (major, minor) = value("VERSION_ID")?.split_once('.').unwrap_or((value("VERSION_ID")?, "0"));
    let minor: f64 = minor.split('.').next()?.parse().ok()?;
    Some(major.parse::<f64>().ok()? + minor / 100.0)
}
