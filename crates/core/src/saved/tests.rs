use super::*;
use crate::catalogue::{Catalogue, Knowledge};
use crate::simulation::EntryKind;
use proptest::prelude::*;
use serde_json::json;

/// A member: name, type byte, content or link target.
type Member<'m> = (&'m str, u8, &'m [u8]);

fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, kind, data) in members {
        let is_link = matches!(kind, b'1' | b'2');
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        let size = if is_link { 0 } else { data.len() };
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        header[156] = *kind;
        if is_link {
            header[157..157 + data.len()].copy_from_slice(data);
        }
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        if !is_link {
            out.extend(*data);
            out.resize(out.len().next_multiple_of(512), 0);
        }
    }
    out.extend([0; 1024]);
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    blobs::digest(bytes).trim_start_matches("sha256:").to_owned()
}

fn config(layers: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers.iter().map(|layer| blobs::digest(layer)).collect();
    let history: Vec<_> = (1..=layers.len()).map(|n| json!({"created_by": format!("step {n}")})).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z",
        "config": {"Env": ["A=1"], "Cmd": null, "WorkingDir": "/w", "OnBuild": null},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    });
    serde_json::to_vec(&config).unwrap()
}

/// As `docker save` writes an image.
fn saved(layers: &[Vec<u8>]) -> Vec<u8> {
    let config = config(layers);
    let config_name = format!("{}.json", hexadecimal(&config));
    let names: Vec<String> = (0..layers.len()).map(|n| format!("{n}/layer.tar")).collect();
    let manifest = json!([{"Config": config_name, "RepoTags": ["me/it:1"], "Layers": names}]);
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let mut members: Vec<Member<'_>> =
        vec![(&config_name, b'0', &config), ("manifest.json", b'0', &manifest)];
    members.extend(names.iter().zip(layers).map(|(name, layer)| (name.as_str(), b'0', layer.as_slice())));
    tar(&members)
}

/// An OCI layout; `extra` goes into the index.
fn layout(layers: &[Vec<u8>], annotations: &serde_json::Value, extra: &[serde_json::Value]) -> Vec<u8> {
    let config = config(layers);
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", hexadecimal(bytes));
    let descriptors: Vec<_> = layers.iter().map(|layer| json!({"digest": blobs::digest(layer)})).collect();
    let manifest = json!({"config": {"digest": blobs::digest(&config)}, "layers": descriptors});
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let mut manifests = vec![json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": blobs::digest(&manifest), "annotations": annotations,
    })];
    manifests.extend(extra.iter().cloned());
    let index = serde_json::to_vec(&json!({"schemaVersion": 2, "manifests": manifests})).unwrap();
    let mut all =
        vec![(blob(&config), config), (blob(&manifest), manifest), ("index.json".to_owned(), index)];
    all.extend(layers.iter().map(|layer| (blob(layer), layer.clone())));
    let members: Vec<Member<'_>> =
        all.iter().map(|(name, bytes)| (name.as_str(), b'0', bytes.as_slice())).collect();
    tar(&members)
}

fn words(image: &SavedImage, layer: usize) -> Vec<String> {
    let word = |entry: &crate::simulation::LayerEntry| match &entry.kind {
        EntryKind::Node(node) if node.is_dir() => format!("{}/", entry.path),
        EntryKind::Node(_) => entry.path.to_string(),
        EntryKind::Hardlink(target) => format!("{}={target}", entry.path),
        EntryKind::Whiteout => format!("-{}", entry.path),
        EntryKind::Opaque => format!("!{}", entry.path),
    };
    image.layers[layer].layer.entries.iter().map(word).collect()
}

fn two_layers() -> Vec<Vec<u8>> {
    vec![
        tar(&[
            ("etc/", b'5', b""),
            ("etc/z", b'0', b"name"),
            ("etc/a", b'1', b"etc/z"),
            ("etc/l", b'2', b"/../../z"),
            ("d/x", b'0', b"old"),
            ("dev/tty", b'3', b""),
        ]),
        tar(&[
            ("d/.wh..wh..opq", b'0', b""),
            ("d/y", b'0', b"new"),
            ("etc/.wh.l", b'0', b""),
            (".wh..wh.aufs", b'0', b""),
        ]),
    ]
}

#[test]
fn layers_are_read_with_links_and_whiteouts() {
    for bytes in [
        saved(&two_layers()),
        layout(&two_layers(), &json!({"io.containerd.image.name": "docker.io/me/it:1"}), &[]),
    ] {
        let images = read(&bytes).unwrap();
        let [image] = images.as_slice() else { panic!("{} images", images.len()) };
        assert_eq!(
            (image.names.as_slice(), image.platform.as_str()),
            (["me/it:1".to_owned()].as_slice(), "linux/amd64")
        );
        assert_eq!((image.config.env.as_slice(), &image.config.cmd), (["A=1".to_owned()].as_slice(), &None));
        assert_eq!(words(image, 0), ["/d/x", "/etc/", "/etc/a", "/etc/l", "/etc/z=/etc/a"]);
        assert_eq!(words(image, 1), ["!/d", "/d/y", "-/etc/l"]);
        let paths: Vec<String> = image.tree.walk().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/d", "/d/y", "/etc", "/etc/a", "/etc/z"]);
        assert_eq!((image.size(), image.waste()), (10, 3));
        assert_eq!(image.layers[1].layer.created_by, "step 2");
        assert_eq!(image.notes.len(), 1);
        let base = Catalogue::builtin().with_saved(&images).resolve("docker.io/me/it:1").unwrap();
        assert_eq!(base.knowledge, Knowledge::Saved { id: image.id.clone() });
        assert_eq!(base.layers.len(), 2);
    }
}

#[test]
fn attestations_and_platforms_that_were_not_saved_are_passed_over() {
    let absent = json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": format!("sha256:{}", "0".repeat(64))});
    let attestation =
        json!({"digest": "nothing", "annotations": {"vnd.docker.reference.type": "attestation-manifest"}});
    let bytes = layout(
        &two_layers(),
        &json!({"org.opencontainers.image.ref.name": "latest"}),
        &[absent, attestation],
    );
    let images = read(&bytes).unwrap();
    // A tag alone is no name.
    assert_eq!((images.len(), images[0].names.len()), (1, 0));
}

#[test]
fn hostile_layers_are_refused_by_name() {
    let refused = |members: &[Member<'_>]| read(&saved(&[tar(members)])).unwrap_err();
    let cases: &[(&[Member<'_>], &str)] = &[
        (
            &[("../../etc/passwd", b'0', b"x")],
            "layer 1: the path \"../../etc/passwd\" leads out of the image",
        ),
        (&[("/etc/passwd", b'0', b"x")], "layer 1: the path \"/etc/passwd\" is absolute"),
        (
            &[("h", b'1', b"../../etc/passwd")],
            "layer 1: the path \"../../etc/passwd\" leads out of the image",
        ),
        (&[("h", b'1', b"none")], "layer 1: \"/h\" is another name of \"/none\", which is not in the layer"),
        (
            &[("l", b'2', b"/etc"), ("l/passwd", b'0', b"x")],
            "layer 1: \"/l/passwd\" lies behind the link \"/l\"",
        ),
        (&[("f", b'0', b"x"), ("f/g", b'0', b"x")], "layer 1: \"/f/g\" lies in \"/f\", which is a file"),
        (&[("s", b'S', b"")], "layer 1: \"s\" is a sparse file, which is not read here"),
        (&[("v", b'V', b"")], "layer 1: \"v\" is of the unknown type 86"),
    ];
    for (members, message) in cases {
        assert_eq!(refused(members), *message);
    }
}

#[test]
fn archives_that_are_no_images_say_so() {
    let refused = |bytes: &[u8]| read(bytes).unwrap_err();
    let whole = saved(&two_layers());
    assert_eq!(refused(b"FROM alpine\n"), "it is no tar archive");
    assert_eq!(refused(&whole[..whole.len() - 3000]), "it is cut off");
    assert!(refused(&tar(&[("etc/passwd", b'0', b"x")])).starts_with("it holds no image"));
    assert_eq!(
        refused(&tar(&[("repositories", b'0', b"{}")])),
        "it was saved by a Docker older than 1.10, whose format is not read here"
    );
    assert_eq!(refused(b"\x28\xb5\x2f\xfdrest"), "it is compressed with zstd, which is not read here");
    assert_eq!(
        refused(&tar(&[("a/b", b'2', b"../../../etc/passwd")])),
        "the link \"a/b\" leads out of the archive"
    );
    let manifest = br#"[{"Config": "c.json", "Layers": ["a"]}]"#;
    assert_eq!(refused(&tar(&[("manifest.json", b'0', manifest)])), "\"c.json\" is missing");
    let manifest = br#"[{"Config": "a", "Layers": []}]"#;
    let round = tar(&[("manifest.json", b'0', manifest), ("a", b'2', b"b"), ("b", b'2', b"a")]);
    assert_eq!(refused(&round), "\"a\" leads through too many links");
}

#[test]
fn content_that_was_changed_is_noticed() {
    let whole = saved(&two_layers());
    let at = whole.windows(4).position(|bytes| bytes == b"name").unwrap();
    let mut changed = whole;
    changed[at] = b'N';
    let error = read(&changed).unwrap_err();
    assert!(error.starts_with("layer 1: it has the digest sha256:"), "{error}");
}

#[test]
fn an_index_that_names_itself_ends() {
    // No index can hold its own digest; one that claims to is found out.
    let digest = format!("sha256:{}", "1".repeat(64));
    let index = serde_json::to_vec(
        &json!({"manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest}]}),
    )
    .unwrap();
    let blob = format!("blobs/sha256/{}", "1".repeat(64));
    let error = read(&tar(&[("index.json", b'0', &index), (&blob, b'0', &index)])).unwrap_err();
    assert!(error.contains("instead of sha256:1111"), "{error}");
}

proptest! {
    /// Whatever is broken, there is an answer.
    #[test]
    fn damaged_archives_are_no_panic(at in 0_usize..12_000, byte in any::<u8>(), cut in 0_usize..12_000) {
        let mut bytes = saved(&two_layers());
        let length = bytes.len();
        bytes[at % length] = byte;
        let _ = read(&bytes);
        bytes.truncate(cut % length);
        let _ = read(&bytes);
    }
}
