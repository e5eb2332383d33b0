//! What the packages that people ask for most are: version, size, dependencies, programs.

use crate::model::KIB;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../npm.txt");

/// What is known of a package.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) version: &'static str,
    /// Bytes when unpacked.
    pub(super) size: u64,
    pub(super) needs: Vec<&'static str>,
    /// Its programs, each with the file that it is.
    pub(super) bins: Vec<(&'static str, &'static str)>,
}

/// Bytes that a package weighs of which nothing is known: the mean of those that are known, large ones aside.
pub(super) const GUESS: u64 = 118 * KIB;

/// Looks a package up.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    static KNOWN: OnceLock<BTreeMap<&'static str, Known>> = OnceLock::new();
    KNOWN.get_or_init(read).get(name)
}

/// `name version KiB dependency… =program:file…` in each line, `#` for comments.
fn read() -> BTreeMap<&'static str, Known> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut words = line.split(' ');
            let name = words.next()?;
            let mut known = Known { version: words.next()?, ..Known::default() };
            known.size = words.next()?.parse::<u64>().ok()? * KIB;
            for word in words {
                match word.strip_prefix('=') {
                    Some(program) => known.bins.extend(program.split_once(':')),
                    None => known.needs.push(word),
                }
            }
            Some((name, known))
        })
        .collect()
}
