//! Platforms: `linux/arm64/v8`, as containerd's `platforms` package reads and prints them.

use stagecraft_dockerfile::go::quote;
use std::borrow::Cow;
use std::fmt;

/// An operating system and an architecture.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// `linux`
    pub os: Cow<'static, str>,
    /// `amd64`
    pub architecture: Cow<'static, str>,
    /// `v7`, or empty.
    pub variant: Cow<'static, str>,
    /// `10.0.17763`, or empty.
    pub os_version: String,
    /// `win32k`
    pub os_features: Vec<String>,
}

impl Default for Platform {
    /// The builder's own: linux/amd64.
    fn default() -> Self {
        Self::new("linux", "amd64", "")
    }
}

impl Platform {
    /// A platform from its parts, as they are.
    pub fn new(os: &str, architecture: &str, variant: &str) -> Self {
        Self {
            os: name(os),
            architecture: name(architecture),
            variant: name(variant),
            os_version: String::new(),
            os_features: Vec::new(),
        }
    }

    /// Reads `os`, `arch`, `os/arch` or `os/arch/variant`. The error is containerd's.
    pub fn parse(specifier: &str) -> Result<Self, String> {
        let all = quote(specifier);
        if specifier.contains('*') {
            return Err(format!("{all}: wildcards not yet supported: invalid argument"));
        }
        let parts: Vec<&str> = specifier.splitn(4, '/').collect();
        let first = parts.first().copied().unwrap_or_default();
        let (os, version, features) = split_os(first).ok_or_else(|| {
            format!(
                "{} is an invalid OS component of {all}: OSAndVersion specifier component must match {}: \
                 invalid argument",
                quote(first),
                quote(OS_PATTERN)
            )
        })?;
        let os_version = decode(version)
            .map_err(|reason| format!("{all} has an invalid OS version {}: {reason}", quote(version)))?;
        let mut os_features = Vec::new();
        for raw in features {
            if raw.is_empty() {
                return Err(format!("{all} has invalid OS features: empty os feature: invalid argument"));
            }
            let feature = decode(raw).map_err(|reason| {
                format!("{all} has invalid OS features: invalid os feature {}: {reason}", quote(raw))
            })?;
            os_features.push(feature);
        }
        for part in parts.iter().skip(1) {
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b)) {
                return Err(format!(
                    "{} is an invalid component of {all}: platform specifier component must match {}: invalid \
                     argument",
                    quote(part),
                    quote(PART_PATTERN)
                ));
            }
        }
        let os = normalize_os(os);
        let with = |os: &str, (architecture, variant): (Cow<'static, str>, Cow<'static, str>)| Self {
            os: name(os),
            architecture,
            variant,
            os_version: os_version.clone(),
            os_features: os_features.clone(),
        };
        match parts.as_slice() {
            [_] if KNOWN_OS.contains(&&*os) => Ok(with(&os, ("amd64".into(), "".into()))),
            [only] => {
                let (architecture, mut variant) = normalize_arch(only, "");
                if architecture == "arm" && variant == "v7" {
                    variant = Cow::Borrowed("");
                }
                if KNOWN_ARCH.contains(&&*architecture) {
                    return Ok(with("linux", (architecture, variant)));
                }
                Err(format!("{all}: unknown operating system or architecture: invalid argument"))
            }
            [_, architecture] => {
                let (architecture, mut variant) = normalize_arch(architecture, "");
                if architecture == "arm" && variant == "v7" {
                    variant = Cow::Borrowed("");
                }
                Ok(with(&os, (architecture, variant)))
            }
            [_, architecture, variant] => {
                let (architecture, mut variant) = normalize_arch(architecture, variant);
                if architecture == "arm64" && variant.is_empty() {
                    variant = "v8".into();
                }
                Ok(with(&os, (architecture, variant)))
            }
            _ => Err(format!("{all}: cannot parse platform specifier: invalid argument")),
        }
    }

    /// With the names of systems and architectures that containerd prefers.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let (architecture, variant) = normalize_arch(&self.architecture, &self.variant);
        let mut os_features = self.os_features.clone();
        os_features.sort();
        os_features.dedup();
        Self {
            os: normalize_os(&self.os),
            architecture,
            variant,
            os_version: self.os_version.clone(),
            os_features,
        }
    }

    /// Whether [`Self::normalized`] is the same, for what is common.
    pub(crate) fn is_normalized(&self) -> bool {
        matches!((&*self.os, &*self.architecture, &*self.variant), ("linux", "amd64" | "arm64", ""))
            && self.os_features.is_empty()
    }

    /// Without version and features of the operating system: `linux/arm/v7`.
    pub fn short(&self) -> String {
        if self.os.is_empty() {
            return "unknown".into();
        }
        join([&self.os, &self.architecture, &self.variant])
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.os.is_empty() || (self.os_version.is_empty() && self.os_features.is_empty()) {
            return f.write_str(&self.short());
        }
        let mut options = encode(&self.os_version);
        let mut features = self.os_features.clone();
        features.sort();
        features.dedup();
        for feature in features.iter().filter(|feature| !feature.is_empty()) {
            options.push('+');
            options.push_str(&encode(feature));
        }
        let os = if options.is_empty() { self.os.clone() } else { format!("{}({options})", self.os).into() };
        f.write_str(&join([&os, &self.architecture, &self.variant]))
    }
}

fn join(parts: [&str; 3]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts {
        if !part.is_empty() {
            if !out.is_empty() {
                out.push('/');
            }
            out.push_str(part);
        }
    }
    out
}

const OS_PATTERN: &str = r"^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$";
const PART_PATTERN: &str = "^[A-Za-z0-9_.-]+$";

/// `windows(10.0+win32k)` into `windows`, `10.0` and `[win32k]`.
fn split_os(part: &str) -> Option<(&str, &str, Vec<&str>)> {
    let (name, options) = match part.strip_suffix(')') {
        Some(rest) => rest.split_once('(').map(|(name, options)| (name, Some(options)))?,
        None => (part, None),
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)) {
        return None;
    }
    let Some(options) = options else { return Some((name, "", Vec::new())) };
    let allowed = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.%-".contains(&b));
    let mut pieces = options.split('+');
    let version = pieces.next().unwrap_or_default();
    let features: Vec<&str> = pieces.collect();
    (allowed(version) && features.iter().all(|f| !f.is_empty() && allowed(f)))
        .then_some((name, version, features))
}

/// Undoes percent encoding.
fn decode(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
            let Some(value) = hex else {
                let shown = text.get(at..(at + 3).min(text.len())).unwrap_or_default();
                return Err(format!("invalid URL escape {}", quote(shown)));
            };
            out.push(value);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '/' => out.push_str("%2F"),
            '+' => out.push_str("%2B"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            _ => out.push(c),
        }
    }
    out
}

/// A name, without room of its own if it is one of those that nearly all platforms have.
fn name(text: &str) -> Cow<'static, str> {
    const COMMON: [&str; 9] = ["linux", "amd64", "", "arm64", "arm", "v7", "v8", "v6", "windows"];
    match COMMON.iter().find(|common| **common == text) {
        Some(common) => Cow::Borrowed(common),
        None => Cow::Owned(text.to_owned()),
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

fn normalize_os(os: &str) -> Cow<'static, str> {
    match &*lower(os) {
        "" => "linux".into(),
        "macos" => "darwin".into(),
        other => name(other),
    }
}

fn normalize_arch(architecture: &str, variant: &str) -> (Cow<'static, str>, Cow<'static, str>) {
    let (architecture, variant) = (lower(architecture), lower(variant));
    let (architecture, variant) = match (&*architecture, &*variant) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", other) => ("amd64", other),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64", other) => ("arm64", other),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (name(architecture), name(variant))
}

const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];
