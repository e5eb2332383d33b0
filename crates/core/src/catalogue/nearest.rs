//! Which known tag stands for one that is not known.

use super::data::Name;
use super::releases;

/// The image for a tag, and whether it is that very tag's.
pub(super) fn find<'a>(names: &'a [Name], repository: &str, tag: &str) -> Option<(&'a Name, bool)> {
    let mut candidates = names.iter().filter(|entry| same_repository(&entry.reference, repository));
    if let Some(exact) = candidates.clone().find(|entry| {
        entry.reference == repository && (entry.tag == tag || entry.also.iter().any(|also| also == tag))
    }) {
        return Some((exact, true));
    }
    let wanted = Tag::new(tag);
    let first = candidates.next()?;
    let best = candidates.fold((first, wanted.distance(&Tag::new(&first.tag), first)), |best, entry| {
        let distance = wanted.distance(&Tag::new(&entry.tag), entry);
        if distance < best.1 { (entry, distance) } else { best }
    });
    // Another kind of system is not near: it has another package manager, and other programs.
    let system = wanted.system().filter(|system| kind(system) != kind(&best.0.system));
    system.is_none().then_some((best.0, false))
}

/// Systems that have the same package manager are of one kind.
fn kind(system: &str) -> &str {
    match system {
        "ubuntu" | "chiseled" | "distroless" => "debian",
        other => other,
    }
}

/// Distroless names carry the release of Debian: `static-debian12` is near `static-debian13`, and plain
/// `static` too; `openjdk` and `adoptopenjdk` live on as `eclipse-temurin`.
fn same_repository(known: &str, wanted: &str) -> bool {
    if known == wanted {
        return true;
    }
    let stem = |name: &str| {
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
        name.strip_suffix("-debian").map(str::to_owned)
    };
    stem(known).is_some_and(|stem_known| {
        stem(wanted).is_some_and(|stem_wanted| {
            stem_known.trim_end_matches(|c: char| c.is_ascii_digit())
                == stem_wanted.trim_end_matches(|c: char| c.is_ascii_digit())
        }) || stem_known == wanted
    })
}

/// A tag taken apart: its version and the words that name a variant.
struct Tag<'a> {
    version: Vec<u64>,
    words: Vec<&'a str>,
}

/// The distribution that a name of a release is of.
fn distribution(word: &str) -> Option<&'static str> {
    let names = |table: &[(&str, &str)]| table.iter().any(|(_, name)| *name == word);
    if names(&releases::DEBIAN) || matches!(word, "sid" | "stable") {
        return Some("debian");
    }
    names(&releases::UBUNTU).then_some("ubuntu")
}

impl<'a> Tag<'a> {
    fn new(tag: &'a str) -> Self {
        let mut version = Vec::new();
        let mut words = Vec::new();
        for part in tag.split(['-', '_']) {
            if version.is_empty() && part.starts_with(|c: char| c.is_ascii_digit()) {
                version = part.split('.').map_while(|n| n.parse().ok()).collect();
                continue;
            }
            let word = part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            if !matches!(word, "" | "latest" | "lts" | "mainline" | "stable" | "current") {
                words.push(word);
            }
        }
        Self { version, words }
    }

    /// The system that a word names.
    fn system(&self) -> Option<&'static str> {
        self.words.iter().find_map(|word| match *word {
            "alpine" => Some("alpine"),
            "nanoserver" | "windowsservercore" | "windows" => Some("windows"),
            "azurelinux" | "mariner" | "cbl" => Some("azurelinux"),
            "ubi" | "almalinux" | "rockylinux" | "centos" | "fedora" | "oraclelinux" | "oracle"
            | "amazonlinux" | "rhel" => Some("rhel"),
            word => distribution(word),
        })
    }

    /// Small is near: first the kind of system, then the variant, then the version.
    fn distance(&self, known: &Tag<'_>, entry: &Name) -> (u32, u32, u64, std::cmp::Reverse<String>) {
        let mismatch = match self.system() {
            Some(system) => u32::from(entry.system != system),
            // Without a word the default variant is meant, which is not Alpine's for most images.
            None => u32::from(entry.system == "alpine" && entry.reference != "alpine"),
        };
        let variant = |word: &&&str| distribution(word).is_none() && **word != "alpine";
        let missing = self.words.iter().filter(variant).filter(|word| !known.words.contains(word)).count();
        let extra = known.words.iter().filter(variant).filter(|word| !self.words.contains(word)).count();
        let version = if self.version.is_empty() {
            0
        } else {
            (0..3).fold(0_u64, |sum, place| {
                let part = |version: &[u64]| version.get(place).copied().unwrap_or(0).min(99_999);
                sum * 100_000 + part(&self.version).abs_diff(part(&known.version))
            })
        };
        (mismatch, (missing * 2 + extra) as u32, version, std::cmp::Reverse(entry.date.clone()))
    }
}
