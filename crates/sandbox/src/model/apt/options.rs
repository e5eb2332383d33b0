//! The command line of `apt-get` and `apt`, and what files in `apt.conf.d` say of the same.

use crate::model::text;
use crate::shell::process::{Process, Run};

/// What the options ask for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) yes: bool,
    pub(super) no: bool,
    pub(super) recommends: bool,
    pub(super) quiet: u8,
    pub(super) refresh: bool,
    pub(super) auto_remove: bool,
    pub(super) simulate: bool,
    pub(super) download_only: bool,
    pub(super) essential: bool,
    pub(super) only_upgrade: bool,
    /// What was downloaded stays.
    pub(super) keep: bool,
}

/// The letters of apt-get 2.6 and the options that they stand for; those with `=` take a value.
const LETTERS: &[(char, &str)] = &[
    ('a', "host-architecture="),
    ('b', "compile"),
    ('c', "config-file="),
    ('d', "download-only"),
    ('e', "error-on="),
    ('f', "fix-broken"),
    ('h', "help"),
    ('m', "ignore-missing"),
    ('o', "option="),
    ('P', "build-profiles="),
    ('q', "quiet"),
    ('s', "simulate"),
    ('S', "snapshot="),
    ('t', "target-release="),
    ('u', "show-upgraded"),
    ('U', "update"),
    ('v', "version"),
    ('V', "verbose-versions"),
    ('y', "yes"),
];

/// The other options of apt-get 2.6 to 3.0, without those of [`LETTERS`].
const LONG: &str = "allow-change-held-packages allow-downgrades allow-insecure-repositories allow-releaseinfo-change \
allow-releaseinfo-change-codename allow-releaseinfo-change-default-pin allow-releaseinfo-change-label \
allow-releaseinfo-change-origin allow-releaseinfo-change-suite allow-releaseinfo-change-version allow-remove-essential \
allow-unauthenticated allow-weak-repositories arch-only assume-no assume-yes audit auto-remove autoremove build color \
comment= default-release= diff-only dry-run dsc-only fix-missing fix-policy force-yes format= full ignore-hold \
indep-only install-recommends install-suggests just-print list-cleanup mark-auto no-act only-source only-upgrade \
planner= print-uris purge recon reinstall remove show-progress silent solver= strict-pinning tar-only trivial-only \
upgrade with-source=";

impl Options {
    /// Reads `p.args`; gives the words too, or the exit code where a word is refused.
    pub(super) fn read(p: &mut Process<'_, '_>) -> Result<(Self, Vec<String>), Run> {
        let mut options = Self::configured(p);
        let mut words = Vec::new();
        let args = std::mem::take(&mut p.args);
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if arg == "--" {
                words.extend(rest.by_ref().cloned());
            } else if let Some(long) = arg.strip_prefix("--") {
                let (name, value) =
                    long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                let known = |name: &str| {
                    let takes = [name, "="].concat();
                    let named = |known: &str| known == name || known == takes;
                    let letters = LETTERS.iter().map(|(_, known)| *known);
                    letters
                        .chain(LONG.split(' '))
                        .find(|known| named(known))
                        .map(|known| known.ends_with('='))
                };
                let plain = name.strip_prefix("no-").filter(|_| known(name).is_none());
                let Some(takes) = known(plain.unwrap_or(name)) else { return Err(unknown(p, arg)) };
                let on = match value.filter(|_| !takes && name != "quiet") {
                    None => plain.is_none(),
                    Some("yes" | "true" | "with" | "on" | "enable" | "1") => plain.is_none(),
                    Some("no" | "false" | "without" | "off" | "disable" | "0") => plain.is_some(),
                    Some(other) => {
                        let text = ["E: Sense ", other, " is not understood, try true or false."].concat();
                        return Err(p.error(&text).map(|()| 100));
                    }
                };
                let value = if takes && value.is_none() { rest.next().map(String::as_str) } else { value };
                if takes && value.is_none() {
                    let text = ["E: Option ", arg, " requires an argument."].concat();
                    return Err(p.error(&text).map(|()| 100));
                }
                if let Some(code) = options.set(p, plain.unwrap_or(name), on, value) {
                    return Err(code);
                }
            } else if let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                options.letters(p, arg, letters, &mut rest)?;
            } else {
                words.push(arg.clone());
            }
        }
        Ok((options, words))
    }

    fn letters<'a>(
        &mut self,
        p: &mut Process<'_, '_>,
        arg: &str,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Run> {
        for (at, letter) in letters.char_indices() {
            let known = LETTERS.iter().find(|(known, _)| *known == letter);
            let Some((_, name)) = known.filter(|_| letter != 'U' || updates(p)) else {
                let text = ["E: Command line option '", &letter.to_string(), "' [from ", arg].concat()
                    + "] is not understood in combination with the other options.";
                return Err(p.error(&text).map(|()| 100));
            };
            let behind = letters.get(at + letter.len_utf8()..).unwrap_or("");
            if let Some(name) = name.strip_suffix('=') {
                let own = behind.strip_prefix('=').unwrap_or(behind);
                let value = if own.is_empty() { rest.next().map(String::as_str) } else { Some(own) };
                let Some(value) = value else {
                    let text = ["E: Option ", arg, " requires an argument."].concat();
                    return Err(p.error(&text).map(|()| 100));
                };
                return self.set(p, name, true, Some(value)).map_or(Ok(()), Err);
            }
            if let Some(level) = behind.strip_prefix('=').filter(|_| letter == 'q') {
                self.quiet = level.parse().unwrap_or(1);
                self.yes |= self.quiet > 1;
                return Ok(());
            }
            let _ = self.set(p, name, true, None);
        }
        Ok(())
    }

    fn set(&mut self, p: &mut Process<'_, '_>, name: &str, on: bool, value: Option<&str>) -> Option<Run> {
        match name {
            "yes" | "assume-yes" | "force-yes" => self.yes = on,
            "assume-no" => self.no = on,
            "install-recommends" => self.recommends = on,
            "quiet" | "silent" => {
                self.quiet = match value.map(str::parse) {
                    Some(Ok(level)) => level,
                    _ => self.quiet + 1,
                };
                // Its manual: a second one implies `-y`.
                self.yes |= self.quiet > 1;
            }
            "update" if on && !updates(p) => return Some(unknown(p, "--update")),
            "update" => self.refresh = on,
            "auto-remove" | "autoremove" => self.auto_remove = on,
            "simulate" | "just-print" | "dry-run" | "recon" | "no-act" | "print-uris" => self.simulate = on,
            "download-only" => self.download_only = on,
            "allow-remove-essential" => self.essential = on,
            "only-upgrade" => self.only_upgrade = on,
            "option" => {
                let Some((key, value)) = value.and_then(|item| item.split_once('=')) else {
                    let text = ["E: Option ", value.unwrap_or("")].concat()
                        + ": Configuration item specification must have an =<val>.";
                    return Some(p.error(&text).map(|()| 100));
                };
                self.item(key.trim_end_matches(':'), value);
            }
            _ => {}
        }
        None
    }

    /// One item of the configuration.
    fn item(&mut self, key: &str, value: &str) {
        let on = matches!(value, "yes" | "true" | "with" | "on" | "enable" | "1");
        match key.to_ascii_lowercase().as_str() {
            "apt::install-recommends" => self.recommends = on,
            "apt::get::assume-yes" => self.yes = on,
            "apt::get::automaticremove" => self.auto_remove = on,
            "apt::get::simulate" => self.simulate = on,
            "quiet" => self.quiet = value.parse().unwrap_or(0),
            "binary::apt::apt::keep-downloaded-packages" | "apt::keep-downloaded-packages" => self.keep = on,
            _ => {}
        }
    }

    /// What the files say that somebody wrote: `APT::Install-Recommends "false";`, one item a line.
    fn configured(p: &mut Process<'_, '_>) -> Self {
        let mut options = Self { recommends: true, ..Self::default() };
        let dir = "/etc/apt/apt.conf.d/";
        let mut paths: Vec<String> =
            crate::model::files(p, dir).iter().map(|name| [dir, name].concat()).collect();
        paths.push("/etc/apt/apt.conf".to_owned());
        for path in paths {
            let text = text(p, &path).unwrap_or_default();
            for statement in text.lines().flat_map(|line| line.split(';')) {
                if let Some((key, value)) = statement.trim().split_once([' ', '\t']) {
                    options.item(key, value.trim().trim_matches('"'));
                }
            }
        }
        options
    }
}

fn unknown(p: &mut Process<'_, '_>, option: &str) -> Run {
    let text = ["E: Command line option ", option].concat()
        + " is not understood in combination with the other options";
    p.error(&text).map(|()| 100)
}

/// Whether this apt knows `--update`, which came with 2.7.3; where nobody knows the release, it may.
fn updates(p: &mut Process<'_, '_>) -> bool {
    let debian = crate::model::release(p, "debian").map(|release| release >= 13.0);
    debian.or_else(|| crate::model::release(p, "ubuntu").map(|release| release >= 24.0)).unwrap_or(true)
}
