//! `wget`, GNU's and BusyBox's: where their options put what they download. Seen with GNU Wget 1.21 and BusyBox 1.35.

use super::download::{Spec, Word, host, made, path, save, show};
use super::folder;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// The options of GNU Wget 1.21, from its help.
const GNU: Spec = Spec {
    plain: "VhbdqvFcNS46xErkKmpHL",
    valued: "eoaiBtOTwQPUlARDIXn",
    joined: "",
    long: "adjust-extension ask-password auth-no-challenge background backup-converted backups content-disposition \
    content-on-error continue convert-file-only convert-links debug delete-after follow-ftp \
    force-directories force-html ftps-clear-data-connection ftps-fallback-to-ftp ftps-implicit \
    ftps-resume-ssl help https-only ignore-case ignore-length inet4-only inet6-only keep-session-cookies \
    mirror no-cache no-check-certificate no-clobber no-config no-cookies no-directories no-dns-cache \
    no-glob no-host-directories no-hsts no-http-keep-alive no-if-modified-since no-iri no-netrc \
    no-parent no-passive-ftp no-proxy no-remove-listing no-use-server-timestamps no-verbose \
    no-warc-compression no-warc-digests no-warc-keep-log page-requisites preserve-permissions \
    protocol-directories quiet random-wait recursive relative retr-symlinks retry-connrefused \
    save-headers server-response show-progress span-hosts spider strict-comments timestamping \
    trust-server-names unlink verbose version warc-cdx xattr",
    long_valued: "accept accept-regex append-output base bind-address body-data body-file ca-certificate \
    ca-directory certificate certificate-type ciphers compression config connect-timeout crl-file \
    cut-dirs default-page directory-prefix dns-timeout domains exclude-directories exclude-domains \
    execute follow-tags ftp-password ftp-user header hsts-file http-password http-user ignore-tags \
    include-directories input-file level limit-rate load-cookies local-encoding max-redirect method \
    output-document output-file password pinnedpubkey post-data post-file prefer-family private-key \
    private-key-type progress proxy-password proxy-user quota read-timeout referer regex-type reject \
    reject-regex rejected-log remote-encoding report-speed restrict-file-names retry-on-http-error \
    save-cookies secure-protocol start-pos timeout tries use-askpass user user-agent wait waitretry \
    warc-dedup warc-file warc-header warc-max-size warc-tempdir",
    negates: false,
};

/// The options of BusyBox's applet, as Alpine builds it.
const BUSYBOX: Spec = Spec {
    plain: "cqS",
    valued: "OoPUYTt",
    joined: "n",
    long: "continue quiet server-response no-cache no-check-certificate no-clobber no-host-directories no-parent \
    no-verbose spider",
    long_valued: "directory-prefix header output-document output-file post-data post-file timeout tries user-agent",
    negates: false,
};

/// What a command line asks for.
#[derive(Default)]
struct Asked {
    urls: Vec<String>,
    /// `-O`
    output: Option<String>,
    /// `-P`
    prefix: Option<String>,
    /// `-o`, `-a`
    log: Option<String>,
    quiet: bool,
    /// Whether a file that is there is written anew (`-c`, `-N`), or left (`-nc`).
    anew: bool,
    leaves: bool,
    discards: bool,
    /// `-x`, with how much of the folders is left out.
    folders: bool,
    host_folder: bool,
    cut: usize,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut asked = Asked { host_folder: true, ..Asked::default() };
    let spec = if p.busybox() { &BUSYBOX } else { &GNU };
    for word in spec.read(&args) {
        match word {
            Word::Operand(url) => asked.urls.push(url),
            Word::Stranger(option) => return p.option(option),
            Word::Lacking(option) => return lacking(p, &option),
            Word::Option(option, value) => {
                if take(&mut asked, &option, value) {
                    continue;
                }
                let text = ["-", &option].concat();
                return if matches!(option.as_str(), "V" | "version" | "h" | "help") {
                    p.only_reads(text)
                } else {
                    p.option(text)
                };
            }
        }
    }
    if asked.urls.is_empty() {
        if p.busybox() {
            return crate::command::usage(p);
        }
        p.error("wget: missing URL")?;
        usage(p)?;
        return Ok(1);
    }
    if let Some(log) = asked.log.clone() {
        let _ = save(p, "log of wget", &log)?;
    }
    let mut failed = 0;
    for url in &asked.urls {
        let code = if p.m.network { fetch(p, &asked, url)? } else { unreachable(p, &asked, host(url))? };
        if code != 0 {
            failed = code;
            // GNU's goes on with the next one.
            if p.busybox() {
                break;
            }
        }
    }
    Ok(failed)
}

/// Notes an option. Answers whether what it does is known.
fn take(asked: &mut Asked, option: &str, value: String) -> bool {
    match option {
        "O" | "output-document" => asked.output = Some(value),
        "P" | "directory-prefix" => asked.prefix = Some(value),
        "o" | "output-file" | "a" | "append-output" => asked.log = Some(value),
        "q" | "quiet" => asked.quiet = true,
        "c" | "continue" | "N" | "timestamping" => asked.anew = true,
        "no-clobber" => asked.leaves = true,
        "spider" | "delete-after" => asked.discards = true,
        "x" | "force-directories" => asked.folders = true,
        "no-directories" => asked.folders = false,
        "no-host-directories" => asked.host_folder = false,
        "cut-dirs" => asked.cut = value.parse().unwrap_or(0),
        // GNU's letters behind `-n`.
        "n" => {
            asked.leaves |= value.contains('c');
            asked.host_folder &= !value.contains('H');
            asked.folders &= !value.contains('d');
        }
        "e" | "execute" => {
            let name = value.split('=').next().unwrap_or("").trim();
            return matches!(
                name,
                "robots" | "use_proxy" | "http_proxy" | "https_proxy" | "check_certificate"
            );
        }
        "V"
        | "version"
        | "h"
        | "help"
        | "b"
        | "background"
        | "i"
        | "input-file"
        | "r"
        | "recursive"
        | "m"
        | "mirror"
        | "p"
        | "page-requisites"
        | "E"
        | "adjust-extension"
        | "k"
        | "convert-links"
        | "K"
        | "backup-converted"
        | "backups"
        | "config"
        | "content-disposition"
        | "trust-server-names"
        | "warc-file"
        | "warc-cdx"
        | "save-cookies"
        | "rejected-log"
        | "protocol-directories"
        | "F"
        | "force-html" => {
            return false;
        }
        _ => {}
    }
    true
}

fn lacking(p: &mut Process<'_, '_>, option: &str) -> Run {
    let letter = option.trim_start_matches('-');
    let text = if p.busybox() && !p.m.standalone() {
        ["option requires an argument: ", letter].concat()
    } else if option.starts_with("--") {
        ["option '", option, "' requires an argument"].concat()
    } else {
        ["option requires an argument -- '", letter, "'"].concat()
    };
    p.error(&["wget: ", &text].concat())?;
    if p.busybox() {
        return crate::command::usage(p);
    }
    usage(p)?;
    Ok(2)
}

fn usage(p: &mut Process<'_, '_>) -> Result<(), Halt> {
    p.error("Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.")
}

/// What is said where there is no network.
fn unreachable(p: &mut Process<'_, '_>, asked: &Asked, host: &str) -> Run {
    if p.busybox() {
        p.error(&["wget: bad address '", host, "'"].concat())?;
        return Ok(1);
    }
    if !asked.quiet {
        p.complain(&["unable to resolve host address ‘", host, "’"].concat())?;
    }
    Ok(4)
}

/// Downloads from one address.
fn fetch(p: &mut Process<'_, '_>, asked: &Asked, url: &str) -> Run {
    if asked.discards {
        return Ok(0);
    }
    if let Some(output) = &asked.output {
        if output == "-" {
            show(p)?;
            return Ok(0);
        }
        // All that is downloaded goes to this one file.
        let all = asked.urls.concat();
        return match save(p, &all, output)? {
            Ok(()) => Ok(0),
            Err(errno) => cannot_open(p, output, errno.text()),
        };
    }
    let mut name = place(p, asked, url);
    let exists = p.lstat(&name)?.is_ok();
    // BusyBox takes the option, and refuses all the same.
    if exists && asked.leaves && !p.busybox() {
        return Ok(0);
    }
    if p.busybox() {
        if exists && !asked.anew {
            return cannot_open(p, &name, "File exists");
        }
    } else {
        if let Some(prefix) = &asked.prefix {
            folder(p, prefix)?;
        }
        made(p, &name)?;
        let mut number = 1;
        let first = name.clone();
        while !asked.anew && p.lstat(&name)?.is_ok() {
            name = [first.as_str(), ".", &number.to_string()].concat();
            number += 1;
        }
    }
    match save(p, url, &name)? {
        Ok(()) => Ok(0),
        Err(errno) => cannot_open(p, &name, errno.text()),
    }
}

/// Where a download goes that has no name of its own. What is asked of the address is part of it.
fn place(p: &Process<'_, '_>, asked: &Asked, url: &str) -> String {
    let path = path(url).split('#').next().unwrap_or("");
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut parts: Vec<&str> = asked.prefix.iter().map(|prefix| prefix.trim_end_matches('/')).collect();
    if asked.folders && !p.busybox() {
        parts.extend(asked.host_folder.then(|| host(url)));
        parts.extend(folders.split('/').filter(|folder| !folder.is_empty()).skip(asked.cut));
    }
    parts.push(if name.is_empty() { "index.html" } else { name });
    parts.join("/")
}

fn cannot_open(p: &mut Process<'_, '_>, path: &str, why: &str) -> Run {
    if p.busybox() {
        p.error(&["wget: can't open '", path, "': ", why].concat())?;
    } else {
        p.error(&[path, ": ", why].concat())?;
    }
    Ok(1)
}
