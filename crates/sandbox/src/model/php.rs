//! `php`, `pecl`, and the scripts of the image `php`: `docker-php-ext-install`, `-configure`, `-enable`, `docker-php-source`.

use super::help::{MB, OTHER, download, made, spent, there, version_of};
use crate::shell::Why;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};

/// Where the image keeps the source while extensions are built.
const SOURCE: &str = "/usr/src/php";
/// What the source takes once unpacked.
const UNPACKED: u64 = 130 * MB;

/// The directory of extensions, named by the day of the interface.
fn extensions(p: &Process<'_, '_>) -> String {
    let version = version_of(p, "PHP_VERSION", "8.4");
    let mut parts = version.split('.');
    let short = [parts.next().unwrap_or("8"), ".", parts.next().unwrap_or("4")].concat();
    let day = match short.as_str() {
        "5.6" => "20131226",
        "7.0" => "20151012",
        "7.1" => "20160303",
        "7.2" => "20170718",
        "7.3" => "20180731",
        "7.4" => "20190902",
        "8.0" => "20200930",
        "8.1" => "20210902",
        "8.2" => "20220829",
        "8.3" => "20230831",
        "8.5" => "20250925",
        _ => "20240924",
    };
    ["/usr/local/lib/php/extensions/no-debug-non-zts-", day].concat()
}

/// Bytes of an extension's library: rounded, from the Debian packages of PHP 8.
fn size_of(name: &str) -> u64 {
    match name {
        "intl" => 900_000,
        "gd" => 500_000,
        "opcache" => 900_000,
        "mbstring" => 1_500_000,
        "soap" => 600_000,
        "grpc" => 12 * MB,
        "swoole" | "openswoole" => 9 * MB,
        "mongodb" => 2 * MB,
        "redis" | "xdebug" | "imagick" => 900_000,
        _ => 150_000,
    }
}

fn enable(p: &mut Process<'_, '_>, name: &str) -> Result<(), Halt> {
    let path = ["/usr/local/etc/php/conf.d/docker-php-ext-", name, ".ini"].concat();
    made(p, &path, name.len() as u64 + 11, 0o644, "docker-php-ext-enable", &[name.as_bytes()])?;
    Ok(())
}

fn operands(args: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "-j" || arg == "--ini-name" {
            rest.next();
        } else if !arg.starts_with('-') && arg.parse::<u32>().is_err() {
            names.push(arg.clone());
        }
    }
    names
}

pub(super) fn extension(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let source = [SOURCE, "/", OTHER].concat();
    match p.name.as_str() {
        "docker-php-source" => match args.first().map(String::as_str) {
            Some("extract") => {
                made(p, &source, UNPACKED, 0o644, "docker-php-source", &[b"php"])?;
                spent(p, 4000);
            }
            Some("delete") => {
                let _ = p.m.tree.remove_all(SOURCE);
            }
            _ => return Ok(1),
        },
        "docker-php-ext-configure" => {
            // It leaves the source for the installation that follows.
            made(p, &source, UNPACKED, 0o644, "docker-php-source", &[b"php"])?;
            p.line(&UNKNOWN.to_string())?;
            spent(p, 8000);
        }
        "docker-php-ext-enable" => {
            for name in operands(&args) {
                let name = name.trim_end_matches(".so");
                let library = format!("{}/{name}.so", extensions(p));
                if super::absent(p, &library)? {
                    p.error(&format!("error: '{name}' does not exist"))?;
                    p.error("")?;
                    p.error(&UNKNOWN.to_string())?;
                    return Ok(1);
                }
                enable(p, name)?;
            }
        }
        _ => {
            for name in operands(&args) {
                let library = format!("{}/{name}.so", extensions(p));
                made(p, &library, size_of(&name), 0o755, "docker-php-ext-install", &[name.as_bytes()])?;
                enable(p, &name)?;
                p.line(&UNKNOWN.to_string())?;
                spent(p, 25_000);
            }
            let _ = p.m.tree.remove_all(SOURCE);
        }
    }
    Ok(0)
}

/// `pecl install NAME…`: built from a download that stays in `/tmp/pear`.
pub(super) fn pecl(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    match words.split_first() {
        Some((verb, names)) if *verb == "install" => {
            for name in names {
                if super::offline(p, "No releases available for package \"pecl.php.net\"")? {
                    return Ok(1);
                }
                let name = name.rsplit('/').next().unwrap_or(name);
                let name = name.trim_end_matches(".tgz").split('-').next().unwrap_or(name);
                let library = format!("{}/{name}.so", extensions(p));
                made(p, &library, size_of(name), 0o755, "pecl install", &[name.as_bytes()])?;
                made(p, &format!("/tmp/pear/{OTHER}"), 3 * MB, 0o644, "pecl cache", &[name.as_bytes()])?;
                p.line(&UNKNOWN.to_string())?;
                download(p, 300_000);
                spent(p, 20_000);
            }
            Ok(0)
        }
        Some((verb, _))
            if matches!(
                verb.as_str(),
                "clear-cache" | "channel-update" | "update-channels" | "config-set"
            ) =>
        {
            Ok(0)
        }
        Some((verb, _)) => p.option((*verb).clone()),
        None => Ok(0),
    }
}

/// What of `php` needs no PHP: Composer's installer, and copying and removing a file.
pub(super) fn php(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if matches!(args.as_slice(), [flag] if matches!(flag.as_str(), "-v" | "-m" | "-i" | "--version" | "--ini"))
    {
        p.line(&UNKNOWN.to_string())?;
        return Ok(0);
    }
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["-r", code] => {
            let code = code.trim().trim_end_matches(';');
            let call = |name: &str| code.strip_prefix(name)?.strip_suffix(')').map(str::to_owned);
            let texts = |args: &str| -> Vec<String> {
                args.split(',').map(|arg| arg.trim().trim_matches(['\'', '"']).to_owned()).collect()
            };
            if let Some(args) = call("copy(") {
                let args = texts(&args);
                if let [from, to] = args.as_slice()
                    && from.starts_with("http")
                {
                    if super::offline(
                        p,
                        "PHP Warning:  copy(): php_network_getaddresses: getaddrinfo failed",
                    )? {
                        return Ok(0);
                    }
                    made(p, to, 60_000, 0o644, "download", &[from.as_bytes()])?;
                    download(p, 60_000);
                    return Ok(0);
                }
            }
            if let Some(args) = call("unlink(") {
                for name in texts(&args) {
                    let path = p.path(&name);
                    let _ = p.m.remove(&p.cred, &path)?;
                }
                return Ok(0);
            }
            // The check of the installer's hash, as Composer's page has it.
            if code.starts_with("if (hash_file(") && code.contains("composer-setup.php") {
                p.line("Installer verified")?;
                return Ok(0);
            }
            Err(Halt::Unknown(Why::Interpreter("php".to_owned())))
        }
        [script, rest @ ..]
            if *script == "--" || script.ends_with("composer-setup.php") || script.ends_with("installer") =>
        {
            if *script != "--" && super::absent(p, script)? {
                p.line(&format!("Could not open input file: {script}"))?;
                return Ok(1);
            }
            if *script == "--" {
                p.stdin();
            }
            let value = |flag: &str| {
                rest.iter().enumerate().find_map(|(at, arg)| {
                    let given = arg.strip_prefix(flag)?;
                    given
                        .strip_prefix('=')
                        .map(str::to_owned)
                        .or_else(|| Some((*rest.get(at + 1)?).to_owned()))
                })
            };
            let dir = value("--install-dir").unwrap_or_else(|| ".".to_owned());
            let name = value("--filename").unwrap_or_else(|| "composer.phar".to_owned());
            made(
                p,
                &format!("{}/{name}", dir.trim_end_matches('/')),
                3 * MB,
                0o755,
                "composer installer",
                &[b"composer"],
            )?;
            p.line(&UNKNOWN.to_string())?;
            download(p, 3 * MB);
            Ok(0)
        }
        [script, rest @ ..] if there(p, script) && script.ends_with("composer.phar") => {
            p.args = rest.iter().map(|word| (*word).to_owned()).collect();
            super::composer::run(p)
        }
        _ => Err(Halt::Unknown(Why::Interpreter("php".to_owned()))),
    }
}
