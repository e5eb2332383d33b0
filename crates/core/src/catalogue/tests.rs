use super::*;

fn resolve(reference: &str) -> Arc<BaseImage> {
    Catalogue::builtin().resolve(reference).expect("the built-in catalogue knows or guesses every image")
}

fn stands_for(reference: &str) -> String {
    match &resolve(reference).knowledge {
        Knowledge::Nearest { reference, .. } => format!("nearest {reference}"),
        Knowledge::Known { .. } => "known".to_owned(),
        Knowledge::Unknown => "unknown".to_owned(),
        Knowledge::Defined | Knowledge::Saved { .. } => "defined".to_owned(),
    }
}

#[test]
fn the_pack_is_read_back_whole() {
    assert!(index().names.len() >= 45, "{} images", index().names.len());
    for name in &index().names {
        let entry: data::Entry = unpacked(name.place);
        assert_eq!((&entry.reference, &entry.tag), (&name.reference, &name.tag));
        assert!(entry.size > 0, "{}:{} has a size", entry.reference, entry.tag);
        assert!(
            !entry.date.is_empty() && !entry.source.is_empty(),
            "{} says where it is from",
            entry.reference
        );
    }
}

#[test]
fn tags_resolve_to_the_nearest_known() {
    let cases = [
        ("alpine", "known"),
        ("docker.io/library/alpine:latest", "known"),
        ("alpine:3.19", "nearest alpine:3.24.2"),
        ("alpine:3.6", "nearest alpine:3.7"),
        ("golang:1.22.4-alpine", "nearest golang:1.27-alpine3.24"),
        ("golang:alpine", "known"),
        ("golang:1.9.2", "nearest golang:1.9"),
        ("golang:1.9.2-alpine", "nearest golang:1.9-alpine"),
        ("golang:1.25-bookworm", "nearest golang:1.27-trixie"),
        ("ubuntu", "nearest ubuntu:24.04"),
        ("debian:bookworm-slim", "nearest debian:trixie-slim"),
        ("debian", "known"),
        ("node:18-alpine", "nearest node:24-alpine3.24"),
        ("node", "known"),
        ("node:22", "nearest node:24-trixie"),
        ("node:8.10", "nearest node:8"),
        ("rust:1.80", "nearest rust:1.98-trixie"),
        ("node:22-bookworm-slim", "nearest node:24-trixie-slim"),
        ("nginx:alpine", "known"),
        ("python:3.12-slim", "nearest python:3.14-slim-trixie"),
        ("gcr.io/distroless/static-debian12:nonroot", "nearest gcr.io/distroless/static-debian13:nonroot"),
        ("gcr.io/distroless/static", "nearest gcr.io/distroless/static-debian13:latest"),
        ("nobody/knows:1", "unknown"),
    ];
    for (reference, expected) in cases {
        assert_eq!(stands_for(reference), expected, "{reference}");
    }
}

#[test]
fn trees_weigh_what_the_image_weighs() {
    for entry in &index().names {
        let image = resolve(&format!("{}:{}", entry.reference, entry.tag));
        let size = image.tree.size();
        assert!(size >= image.size && size <= image.size + image.size / 4, "{}: {size}", image.reference);
    }
}

#[test]
fn shells_package_managers_and_users_are_where_they_are_in_life() {
    assert!(resolve("alpine").tree.lstat("/bin/sh").is_ok_and(|node| node.is_symlink()));
    assert!(resolve("alpine").tree.exists("/sbin/apk"));
    assert!(resolve("debian").tree.exists("/usr/bin/apt-get"));
    assert!(!resolve("debian").tree.exists("/sbin/apk"));
    assert!(resolve("golang").tree.exists("/usr/local/go/bin/go"));
    assert!(!resolve("gcr.io/distroless/static").tree.exists("/bin/sh"));
    assert!(resolve("node:24-alpine").tree.exists("/home/node"));
    assert!(!resolve("alpine").tree.exists("/home/node"));
}

#[test]
fn only_what_is_defined_exists_with_a_file_of_images() {
    let definition = ImageDefinition { reference: "svc:1".to_owned(), ..ImageDefinition::default() };
    let catalogue = Catalogue::only(None, &[definition]);
    assert!(catalogue.resolve("docker.io/library/svc:1").is_some());
    assert!(catalogue.resolve("alpine").is_none());
    assert!(Catalogue::only(Some(ImageConfig::default()), &[]).resolve("alpine").is_some());
}
