//! Images as files: base images on the way in, built images on the way out.

use crate::Outcome;
use serde_json::{Map, Value, json};
use sha2::Digest as _;
use stagecraft_sandbox::archive::{self, Archive, Entry, EntryKind};
use stagecraft_sandbox::tree::clean;
use stagecraft_tests::oracle::compare::CONFIG;
use stagecraft_tests::oracle::{case, text};
use std::collections::BTreeMap;
use std::path::Path;

/// A base image.
pub(crate) struct Base {
    /// As a Dockerfile names it.
    pub reference: String,
    /// Docker's id of it, where it has one.
    pub id: String,
    /// The digest of its only layer.
    pub layer: String,
    /// Its config as `docker inspect` shows it.
    pub config: Value,
    /// The layer's archive.
    pub archive: Vec<u8>,
    /// Its files by path.
    pub files: BTreeMap<String, Value>,
}

/// The base images that `images.json` describes; `busybox` is the content of every file of its size.
pub(crate) fn bases(images: &Path, busybox: &[u8]) -> Vec<Base> {
    let document = case::json(images);
    let images = document.get("images").and_then(Value::as_array).cloned().unwrap_or_default();
    let base = |image: &Value| {
        let archive = tar(image, busybox);
        let files = image.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
        let path = |file: &Value| file.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
        Base {
            reference: image.get("reference").and_then(Value::as_str).unwrap_or_default().to_owned(),
            id: String::new(),
            layer: digest(&archive),
            config: image.get("config").cloned().unwrap_or_else(|| json!({})),
            archive,
            files: files.iter().map(|file| (path(file), file.clone())).collect(),
        }
    };
    images.iter().map(base).collect()
}

/// `sha256:…` of bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hex: String = sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Reads what `docker save` and the exporter `docker` write: config, history and layers above the base image, whose
/// diff ids are among `bases`.
pub(crate) fn read(saved: &[u8], bases: &[Base]) -> Outcome<Value> {
    let Archive::Entries(entries) = archive::read(saved)? else {
        return Err("this is no archive".into());
    };
    let member = |name: &str| find(&entries, name, 0).ok_or_else(|| format!("the image leaves {name} out"));
    let manifest: Value = serde_json::from_slice(member("manifest.json")?)?;
    let name = manifest.pointer("/0/Config").and_then(Value::as_str).unwrap_or_default();
    let whole: Value = serde_json::from_slice(member(name)?)?;
    let first = whole.pointer("/rootfs/diff_ids/0").and_then(Value::as_str).unwrap_or_default();
    let base = bases.iter().find(|base| base.layer == first);
    let skip = usize::from(base.is_some());
    let empty = |line: &Value| line.get("empty_layer").and_then(Value::as_bool) == Some(true);
    let lines = whole.get("history").and_then(Value::as_array).cloned().unwrap_or_default();
    let history: Vec<Value> = lines
        .iter()
        .skip(skip)
        .map(|line| {
            let text = line.get("created_by").and_then(Value::as_str).unwrap_or_default();
            json!({"created_by": text::created_by(text), "empty_layer": empty(line)})
        })
        .collect();
    let mut layers = Vec::new();
    for name in manifest.pointer("/0/Layers").and_then(Value::as_array).into_iter().flatten().skip(skip) {
        let bytes = member(name.as_str().unwrap_or_default())?;
        // An empty archive does not look like one.
        let Archive::Entries(entries) = archive::read(bytes)? else {
            layers.push(Vec::new());
            continue;
        };
        let listed = entries.iter().filter(|entry| clean(&format!("/{}", entry.name)) != "/");
        layers.push(listed.map(layer_entry).collect::<Vec<_>>());
    }
    let nothing = BTreeMap::new();
    let rootfs = rootfs(base.map_or(&nothing, |base| &base.files), &layers);
    let layers: Vec<Value> = layers.into_iter().map(|entries| json!({ "entries": entries })).collect();
    let config = whole.get("config").cloned().unwrap_or_default();
    Ok(json!({"config": kept(&config), "history": history, "layers": layers, "rootfs": rootfs}))
}

/// The parts of a config that are compared.
pub(crate) fn kept(config: &Value) -> Map<String, Value> {
    CONFIG
        .iter()
        .filter_map(|key| {
            Some(((*key).to_owned(), config.get(*key).filter(|value| !value.is_null())?.clone()))
        })
        .collect()
}

/// A member of an archive, links between members followed.
fn find<'e>(entries: &'e [Entry<'_>], name: &str, depth: u32) -> Option<&'e [u8]> {
    let entry = entries.iter().find(|entry| clean(&entry.name) == clean(name))?;
    match &entry.kind {
        EntryKind::File(bytes) => Some(bytes),
        EntryKind::Symlink(target) if depth < 4 => {
            let dir = name.rsplit_once('/').map_or("", |(dir, _)| dir);
            find(entries, &clean(&format!("{dir}/{target}")), depth + 1)
        }
        _ => None,
    }
}

/// A base image's files as a tar.
fn tar(image: &Value, busybox: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for file in image.get("files").and_then(Value::as_array).into_iter().flatten() {
        let text_of = |key: &str| file.get(key).and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| file.get(key).and_then(Value::as_u64).unwrap_or(0);
        let mode = u64::from_str_radix(text_of("mode"), 8).unwrap_or(0o644);
        let (kind, content) = match text_of("kind") {
            "dir" => (b'5', &[][..]),
            "symlink" => (b'2', &[][..]),
            _ if file.get("content").is_some() => (b'0', text_of("content").as_bytes()),
            _ if number("size") > 0 => (b'0', busybox),
            _ => (b'0', &[][..]),
        };
        let path = text_of("path").trim_start_matches('/');
        let mut header = [0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| {
            for (to, from) in header.iter_mut().skip(at).zip(bytes) {
                *to = *from;
            }
        };
        put(0, path.as_bytes());
        for (at, value) in [(100, mode), (108, number("uid")), (116, number("gid"))] {
            put(at, format!("{value:07o}\0").as_bytes());
        }
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(136, format!("{:011o}\0", 1_700_000_000).as_bytes());
        put(148, b"        ");
        put(156, &[kind]);
        put(157, text_of("target").as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        for (to, from) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").as_bytes()) {
            *to = *from;
        }
        out.extend(header);
        out.extend(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend([0; 1024]);
    out
}

/// A member of a layer, whiteouts told by their names.
fn layer_entry(entry: &Entry) -> Value {
    let path = clean(&format!("/{}", entry.name));
    let (dir, name) = path.rsplit_once('/').unwrap_or_default();
    if name == ".wh..wh..opq" {
        return json!({"path": dir, "kind": "opaque"});
    }
    if let Some(name) = name.strip_prefix(".wh.") {
        return json!({"path": format!("{dir}/{name}"), "kind": "whiteout"});
    }
    let (kind, size, target) = match &entry.kind {
        EntryKind::File(bytes) => ("file", bytes.len(), None),
        EntryKind::Dir => ("dir", 0, None),
        EntryKind::Symlink(target) => ("symlink", 0, Some(target.clone())),
        EntryKind::Hardlink(target) => ("hardlink", 0, Some(clean(&format!("/{target}")))),
        EntryKind::Special | EntryKind::Other(_) => ("special", 0, None),
    };
    let mode = format!("{:04o}", entry.mode & 0o7777);
    let mut value =
        json!({"path": path, "kind": kind, "mode": mode, "uid": entry.uid, "gid": entry.gid, "size": size});
    if let (Some(target), Some(map)) = (target, value.as_object_mut()) {
        map.insert("target".to_owned(), json!(target));
    }
    value
}

/// Layers laid over a base: what stands above it, and the topmost paths of it that are gone.
fn rootfs(base: &BTreeMap<String, Value>, layers: &[Vec<Value>]) -> Vec<Value> {
    let of = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all: BTreeMap<String, Value> = base.clone();
    let mut touched: Vec<String> = Vec::new();
    for entries in layers {
        for entry in entries {
            let (path, kind) = (of(entry, "path"), of(entry, "kind"));
            let below = format!("{path}/");
            if matches!(kind.as_str(), "whiteout" | "opaque") {
                touched
                    .extend(all.keys().filter(|other| **other == path || other.starts_with(&below)).cloned());
                all.retain(|other, _| !(other.starts_with(&below) || (kind == "whiteout" && *other == path)));
            }
        }
        for entry in entries {
            let (path, kind) = (of(entry, "path"), of(entry, "kind"));
            match kind.as_str() {
                "whiteout" | "opaque" => {}
                "hardlink" => {
                    if let Some(Value::Object(file)) = all.get(&of(entry, "target")).cloned() {
                        let mut file = file;
                        file.insert("path".to_owned(), json!(path));
                        all.insert(path.clone(), Value::Object(file));
                    }
                    touched.push(path);
                }
                _ => {
                    if kind != "dir" {
                        let below = format!("{path}/");
                        touched.extend(all.keys().filter(|other| other.starts_with(&below)).cloned());
                        all.retain(|other, _| !other.starts_with(&below));
                    }
                    all.insert(path.clone(), entry.clone());
                    touched.push(path);
                }
            }
        }
    }
    touched.sort();
    touched.dedup();
    let mut out = Vec::new();
    for path in touched {
        let same = |key: &str, a: &Value, b: &Value| a.get(key) == b.get(key);
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        match (all.get(&path), base.get(&path)) {
            (Some(now), Some(old))
                if of(now, "kind") == "dir"
                    && ["kind", "mode", "uid", "gid"].iter().all(|key| same(key, now, old)) => {}
            (Some(now), _) => out.push(now.clone()),
            (None, Some(_))
                if above.is_empty() || all.get(above).is_some_and(|dir| of(dir, "kind") == "dir") =>
            {
                out.push(json!({"path": path, "kind": "deleted"}));
            }
            (None, _) => {}
        }
    }
    out
}
