//! The catalogue of base images against the figures that it was written from.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use serde_json::Value;
use stagecraft_core::catalogue::{Catalogue, Knowledge};
use stagecraft_sandbox::shell::{Exec, ExecError, Exit, run};
use stagecraft_tests::shared;
use std::fs;

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[test]
fn images_are_as_they_were_read() {
    let Some(shared) = shared("images_are_as_they_were_read") else { return };
    let text = fs::read_to_string(shared.join("images/images.json")).expect("the figures can be read");
    let figures: Value = serde_json::from_str(&text).expect("the figures are JSON");
    let catalogue = Catalogue::builtin();
    let names = catalogue.names();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for figure in figures["images"].as_array().unwrap() {
        let (Some(reference), Some(tag)) = (figure["reference"].as_str(), figure["tag"].as_str()) else {
            continue;
        };
        let name = format!("{reference}:{tag}");
        if !names.contains(&name) {
            continue;
        }
        compared += 1;
        let image = catalogue.resolve(&name).unwrap();
        assert!(matches!(image.knowledge, Knowledge::Known { .. }), "{name}");
        let mut differ = |what: &str, same: bool| {
            if !same {
                wrong.push(format!("{name}: {what}"));
            }
        };
        if let Some(size) = figure["total_uncompressed_bytes"].as_u64() {
            differ("size", image.size == size);
            // Layers share the whole by their compressed sizes.
            let sum: u64 = image.layers.iter().map(|layer| layer.size).sum();
            differ("sum of its layers", image.layers.is_empty() || sum.abs_diff(size) <= 1000);
        }
        let layers = figure["layers"].as_array().unwrap();
        // A layer of nothing but metadata weighs some dozen bytes and is left out of some.
        differ("layers", image.layers.len() == layers.len());
        let config = &figure["config"];
        let env: Vec<String> = image.config.env.clone();
        let mut wanted = texts(&config["Env"]);
        if !wanted.iter().any(|pair| pair.starts_with("PATH="))
            && env.iter().any(|pair| pair.starts_with("PATH="))
        {
            wanted.push("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        }
        differ(
            "Env",
            env.iter().all(|pair| wanted.contains(pair)) && wanted.iter().all(|pair| env.contains(pair)),
        );
        differ("Cmd", image.config.cmd.clone().unwrap_or_default() == texts(&config["Cmd"]));
        differ(
            "Entrypoint",
            image.config.entrypoint.clone().unwrap_or_default() == texts(&config["Entrypoint"]),
        );
        differ("WorkingDir", image.config.working_dir == config["WorkingDir"].as_str().unwrap_or(""));
        // Some of 2018 were written down with brackets around it.
        let user = config["User"].as_str().unwrap_or("").trim_matches(['[', ']']);
        differ("User", image.config.user == user);
        differ("StopSignal", image.config.stop_signal == config["StopSignal"].as_str().unwrap_or(""));
        // They are one program under several names.
        let system = match figure["package_manager"].as_str().unwrap_or("") {
            "yum" | "microdnf" => "dnf",
            other => other,
        };
        differ("package manager", system.is_empty() || image.package_manager == system);
        let shell = ["/bin/sh", "/busybox/sh"].iter().any(|path| image.tree.exists(path));
        differ("shell", figure["has_shell"].as_bool().is_none_or(|has| has == shell));
    }
    assert!(compared >= 45, "{compared} images");
    assert!(wrong.is_empty(), "{} of {compared} images: {wrong:#?}", wrong.len());
}

/// How a command ends in an image.
fn end(image: &str, user: &str, argv: &[&str]) -> (Exit, String) {
    let catalogue = Catalogue::builtin();
    let image = catalogue.resolve(image).unwrap();
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
    let env = stagecraft_tests::environment(&image.config.env);
    let done = run(Exec { user, env: &env, ..Exec::new(&argv, image.tree.clone()) });
    let text = done.output.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    (done.exit, text)
}

fn sh(script: &str) -> [&str; 3] {
    ["/bin/sh", "-c", script]
}

#[test]
fn commands_end_as_they_do_in_each_image() {
    let missing = || Exit::NotStarted(ExecError::NotFound { program: "/bin/sh".to_owned(), in_path: false });
    for image in ["gcr.io/distroless/static-debian13", "gcr.io/distroless/cc-debian13"] {
        assert_eq!(end(image, "", &sh("echo x")).0, missing(), "{image}");
    }
    let (exit, text) = end("debian", "", &sh("apk add curl"));
    assert_eq!((exit, text.as_str()), (Exit::Code(127), "/bin/sh: 1: apk: not found"));
    assert_eq!(end("alpine", "", &sh("apt-get update")).0, Exit::Code(127));
    assert_eq!(end("busybox", "", &sh("apk add curl")).0, Exit::Code(127));
    assert_eq!(end("node", "node", &sh("whoami")), (Exit::Code(0), "node".to_owned()));
    let nobody = Exit::NotStarted(ExecError::UnknownUser { user: "node".to_owned() });
    assert_eq!(end("alpine", "node", &sh("whoami")).0, nobody);
    for (image, program) in
        [("golang", "go"), ("node", "npm"), ("python", "pip"), ("rust", "cargo"), ("maven", "mvn")]
    {
        let script = format!("command -v {program} > /dev/null");
        assert_eq!(end(image, "", &sh(&script)).0, Exit::Code(0), "{image}");
        assert_eq!(end("alpine", "", &sh(&script)).0, Exit::Code(127), "{program}");
    }
}
