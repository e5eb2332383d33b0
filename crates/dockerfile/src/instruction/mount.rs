//! Options of `RUN --mount` (BuildKit `instructions/commands_runmount.go`).

use crate::go::{csv, parse_bool, parse_size, parse_uint, quote};
use crate::suggest;

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub enum MountType {
    /// Files of the context, a stage or an image.
    #[default]
    Bind,
    /// A directory that builds share.
    Cache,
    /// Memory.
    Tmpfs,
    /// A secret as a file.
    Secret,
    /// The agent's socket.
    Ssh,
}

impl MountType {
    const ALL: [(&'static str, Self); 5] = [
        ("bind", Self::Bind),
        ("cache", Self::Cache),
        ("tmpfs", Self::Tmpfs),
        ("secret", Self::Secret),
        ("ssh", Self::Ssh),
    ];

    /// As written in the option.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("bind", |(name, _)| name)
    }
}

/// How builds share a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sharing {
    /// At the same time.
    Shared,
    /// One directory per build that is under way.
    Private,
    /// One after the other.
    Locked,
}

impl Sharing {
    const ALL: [(&'static str, Self); 3] =
        [("shared", Self::Shared), ("private", Self::Private), ("locked", Self::Locked)];

    /// As written in the option.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, mode)| *mode == self).map_or("shared", |(name, _)| name)
    }
}

/// A mount with its options resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mount {
    /// `type`
    pub kind: MountType,
    /// `from`; empty for the context.
    pub from: String,
    /// `source`
    pub source: String,
    /// `target`
    pub target: String,
    /// `readonly`, or what the type implies.
    pub read_only: bool,
    /// `size` in bytes; 0 if not given.
    pub size_limit: i64,
    /// `id`
    pub id: String,
    /// `sharing`
    pub sharing: Option<Sharing>,
    /// `required`
    pub required: bool,
    /// `env`: the variable that holds the secret.
    pub env: Option<String>,
    /// `mode`
    pub mode: Option<u64>,
    /// `uid`
    pub uid: Option<u64>,
    /// `gid`
    pub gid: Option<u64>,
}

/// The keys that a mount has, with aliases; the order is the reference's.
const KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

/// What BuildKit checks while it reads the file, before variables are known; the error reads as BuildKit's.
pub(crate) fn check(value: &str) -> Result<(), String> {
    for field in fields(value)? {
        if let Some((key, value)) = field.split_once('=') {
            let key = crate::go::lower(key).into_owned();
            if key == "from" && value.find('$').is_some_and(|at| at + 1 != value.len()) {
                return Err(format!(
                    "'{key}' doesn't support variable expansion, define alias stage instead"
                ));
            }
        }
    }
    Ok(())
}

/// The legacy builder reads mounts before it refuses them; it expands no variables.
pub(crate) fn check_legacy(value: &str) -> Result<(), String> {
    read(value, true, &mut |value| Ok(value.to_owned())).map(drop)
}

fn fields(value: &str) -> Result<Vec<String>, String> {
    csv::fields(value).map_err(|e| format!("failed to parse csv mounts: {e}"))
}

impl Mount {
    /// Reads the flag's value; `expand` resolves variables in the values. The error reads as BuildKit's.
    pub fn parse(
        value: &str,
        expand: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        read(value, false, expand)
    }
}

fn read(
    value: &str,
    legacy: bool,
    expand: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Result<Mount, String> {
    let mut mount = Mount::default();
    let mut read_only = None;
    for field in fields(value)? {
        let typed = field.split_once('=');
        let key = typed.map_or(field.as_str(), |(key, _)| key).to_lowercase();
        let key = key.as_str();
        let Some((_, value)) = typed else {
            match key {
                "readonly" | "ro" => read_only = Some(true),
                "readwrite" | "rw" => read_only = Some(false),
                "required" => {
                    only(&mount, key, &[MountType::Secret, MountType::Ssh])?;
                    mount.required = true;
                }
                _ => return Err(format!("invalid field '{field}' must be a key=value pair")),
            }
            continue;
        };
        let value = expand(value)?;
        let boolean = || parse_bool(&value).ok_or_else(|| format!("invalid value for {key}: {value}"));
        let number =
            |radix| parse_uint(&value, radix, 32).map_err(|_| format!("invalid value {value} for {key}"));
        match key {
            "type" => {
                mount.kind = choose(&MountType::ALL, &value, "unsupported mount type", legacy)?;
            }
            "from" => mount.from = value,
            "source" | "src" => mount.source = value,
            "target" | "dst" | "destination" => mount.target = value,
            "readonly" | "ro" => read_only = Some(boolean()?),
            "readwrite" | "rw" => read_only = Some(!boolean()?),
            "required" => {
                only(&mount, key, &[MountType::Secret, MountType::Ssh])?;
                mount.required = boolean()?;
            }
            "size" if !legacy => {
                only(&mount, key, &[MountType::Tmpfs])?;
                mount.size_limit =
                    parse_size(&value).ok_or_else(|| format!("invalid value for {key}: {value}"))?;
            }
            "id" => mount.id = value,
            "sharing" => {
                mount.sharing = Some(choose(&Sharing::ALL, &value, "unsupported sharing value", legacy)?);
            }
            "mode" => mount.mode = Some(number(8)?),
            "uid" => mount.uid = Some(number(10)?),
            "gid" => mount.gid = Some(number(10)?),
            "env" if !legacy => mount.env = Some(value),
            _ => {
                let mut message = format!("unexpected key '{key}' in '{field}'");
                if !legacy {
                    suggest::append(&mut message, key, KEYS, true);
                }
                return Err(message);
            }
        }
    }
    mount.read_only = read_only.unwrap_or(!matches!(mount.kind, MountType::Cache | MountType::Tmpfs));
    consistent(&mount)?;
    Ok(mount)
}

fn only(mount: &Mount, key: &str, kinds: &[MountType]) -> Result<(), String> {
    if kinds.contains(&mount.kind) {
        return Ok(());
    }
    Err(format!("unexpected key '{key}' for mount type '{}'", mount.kind.name()))
}

fn choose<T: Copy>(all: &[(&'static str, T)], value: &str, what: &str, legacy: bool) -> Result<T, String> {
    let lower = crate::go::lower(value).into_owned();
    if let Some((_, chosen)) = all.iter().find(|(name, _)| *name == lower) {
        return Ok(*chosen);
    }
    let mut message = format!("{what} {}", quote(value));
    if !legacy {
        suggest::append(&mut message, value, all.iter().map(|(name, _)| *name), true);
    }
    Err(message)
}

/// What does not go together.
fn consistent(mount: &Mount) -> Result<(), String> {
    let kind = mount.kind;
    if matches!(kind, MountType::Bind | MountType::Tmpfs) {
        for (key, given) in [("mode", mount.mode), ("uid", mount.uid), ("gid", mount.gid)] {
            if given.is_some() {
                return Err(format!("{key} not allowed for {} type mounts", quote(kind.name())));
            }
        }
    }
    let refused = if kind == MountType::Secret {
        if !mount.from.is_empty() {
            Some("secret mount should not have a from")
        } else if mount.sharing.is_some() {
            Some("secret mount should not define sharing")
        } else if mount.source.is_empty() && mount.target.is_empty() && mount.id.is_empty() {
            Some("invalid secret mount. one of source, target required")
        } else if !mount.source.is_empty() && !mount.id.is_empty() {
            Some("both source and id can't be set")
        } else {
            None
        }
    } else {
        None
    };
    if let Some(refused) = refused {
        return Err(refused.to_owned());
    }
    if mount.sharing.is_some() && kind != MountType::Cache {
        return Err(format!("invalid cache sharing set for {} mount", kind.name()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<Mount, String> {
        Mount::parse(value, &mut |value| Ok(value.replace("$V", "v")))
    }

    #[test]
    fn reads_options() {
        let mount = parse("type=cache,target=/root/$V,id=x,sharing=locked,uid=1000,mode=0755").unwrap();
        assert_eq!(mount.kind, MountType::Cache);
        assert_eq!((mount.target.as_str(), mount.sharing), ("/root/v", Some(Sharing::Locked)));
        assert_eq!((mount.uid, mount.mode, mount.read_only), (Some(1000), Some(0o755), false));
        assert!(parse("target=/x").unwrap().read_only);
        assert!(!parse("target=/x,rw").unwrap().read_only);
        assert_eq!(parse("type=tmpfs,target=/x,size=64m").unwrap().size_limit, 64 << 20);
    }

    #[test]
    fn refuses_in_the_builders_words() {
        for (value, expected) in [
            ("type=cach", "unsupported mount type \"cach\" (did you mean cache?)"),
            ("type=cache,sharing=x", "unsupported sharing value \"x\""),
            ("foo", "invalid field 'foo' must be a key=value pair"),
            ("targe=/x", "unexpected key 'targe' in 'targe=/x' (did you mean target?)"),
            ("size=1m", "unexpected key 'size' for mount type 'bind'"),
            ("uid=1", "uid not allowed for \"bind\" type mounts"),
            ("type=secret", "invalid secret mount. one of source, target required"),
            ("type=cache,uid=-1", "invalid value -1 for uid"),
            ("ro=maybe", "invalid value for ro: maybe"),
            ("sharing=locked", "invalid cache sharing set for bind mount"),
        ] {
            assert_eq!(parse(value).unwrap_err(), expected);
        }
        assert_eq!(
            check("from=$x,target=/y").unwrap_err(),
            "'from' doesn't support variable expansion, define alias stage instead"
        );
        assert!(check("from=x$,type=bogus,nonsense").is_ok());
        assert_eq!(
            check("a\"b").unwrap_err(),
            "failed to parse csv mounts: parse error on line 1, column 2: bare \" in non-quoted-field"
        );
    }
}
