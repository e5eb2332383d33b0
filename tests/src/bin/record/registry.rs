//! A registry on this machine that has the base images, for a BuildKit that takes it for a mirror.

use crate::image::{Base, digest};
use crate::{Outcome, reference_parts};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Where it answers, by plain HTTP.
pub(crate) const ADDRESS: &str = "127.0.0.1:5999";

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

#[derive(Default)]
struct Store {
    /// By digest.
    blobs: BTreeMap<String, Vec<u8>>,
    /// Digests of manifests by `NAME:TAG`.
    tags: BTreeMap<String, String>,
}

/// Answers in a thread of its own until the program ends.
pub(crate) fn serve(bases: &[Base]) -> Outcome<()> {
    let store = Arc::new(fill(bases)?);
    let listener = TcpListener::bind(ADDRESS)?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let store = Arc::clone(&store);
            // A client that hangs up in the middle is its own concern.
            std::thread::spawn(move || answer(stream, &store).ok());
        }
    });
    Ok(())
}

fn fill(bases: &[Base]) -> Outcome<Store> {
    let mut store = Store::default();
    let mut put = |bytes: Vec<u8>| {
        let name = digest(&bytes);
        let size = bytes.len();
        store.blobs.insert(name.clone(), bytes);
        (name, size)
    };
    let mut tags = BTreeMap::new();
    for base in bases {
        let config = json!({
            "architecture": "amd64", "os": "linux", "created": "2023-11-14T22:13:20Z", "config": base.config,
            "rootfs": {"type": "layers", "diff_ids": [base.layer]},
            "history": [{"created": "2023-11-14T22:13:20Z", "created_by": "", "comment": base.reference}],
        });
        let (config, config_size) = put(serde_json::to_vec(&config)?);
        let (layer, layer_size) = put(base.archive.clone());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json",
                "size": config_size, "digest": config},
            "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar",
                "size": layer_size, "digest": layer}],
        });
        let (name, tag) = reference_parts(base);
        tags.insert(format!("{name}:{tag}"), put(serde_json::to_vec(&manifest)?).0);
    }
    store.tags = tags;
    Ok(store)
}

fn answer(mut stream: TcpStream, store: &Store) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default().trim_matches('/');
    let (name, kind, wanted) = match path.rsplitn(3, '/').collect::<Vec<_>>().as_slice() {
        [wanted, kind, name] => (name.trim_start_matches("v2/"), *kind, *wanted),
        _ => ("", "", ""),
    };
    let name = name.trim_start_matches("library/");
    let found = if wanted.starts_with("sha256:") {
        Some(wanted)
    } else {
        store.tags.get(&format!("{name}:{wanted}")).map(String::as_str)
    };
    let content = found.and_then(|digest| Some((digest, store.blobs.get(digest)?)));
    let (status, kind, digest, body) = match content {
        Some((digest, body)) if kind == "manifests" => ("200 OK", MANIFEST, digest, body.as_slice()),
        Some((digest, body)) => ("200 OK", "application/octet-stream", digest, body.as_slice()),
        None if path == "v2" => ("200 OK", "application/json", "", &b"{}"[..]),
        None => (
            "404 Not Found",
            "application/json",
            "",
            &br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#[..],
        ),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: {digest}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    )?;
    if method != "HEAD" {
        stream.write_all(body)?;
    }
    stream.flush()
}
