//! The classic builder of Docker Engine 20.10.

use crate::Outcome;
use crate::image::{self, Base};
use serde_json::{Value, json};
use stagecraft_tests::oracle::text;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A client of Docker Engine 20.10.
pub(crate) struct Docker {
    pub program: String,
    pub host: String,
}

impl Docker {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).env("DOCKER_BUILDKIT", "0").stdin(Stdio::null());
        if !self.host.is_empty() {
            command.env("DOCKER_HOST", &self.host);
        }
        command
    }

    fn output(&self, args: &[&str]) -> Outcome<Output> {
        Ok(self.command(args).output()?)
    }

    pub(crate) fn text(&self, args: &[&str]) -> Outcome<String> {
        let output = self.output(args)?;
        if !output.status.success() {
            return Err(
                format!("docker {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr)).into()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Makes the base images from their files.
    pub(crate) fn import(&self, bases: &mut [Base]) -> Outcome<()> {
        for base in bases {
            let mut args = vec!["import".to_owned()];
            for change in changes(&base.config) {
                args.extend(["-c".to_owned(), change]);
            }
            args.extend(["-".to_owned(), base.reference.clone()]);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut child = self
                .command(&args)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                // Where it fails, docker has said why.
                let _ = stdin.write_all(&base.archive);
            }
            let output = child.wait_with_output()?;
            if !output.status.success() {
                return Err(format!("{}: {}", base.reference, String::from_utf8_lossy(&output.stderr)).into());
            }
            base.id = self.text(&["inspect", "--format", "{{.Id}}", &base.reference])?;
        }
        Ok(())
    }

    /// Removes all images but the base images.
    pub(crate) fn forget(&self, bases: &[Base]) -> Outcome<()> {
        let _ = self.output(&["container", "prune", "-f"])?;
        loop {
            let all = self.text(&["images", "-aq", "--no-trunc"])?;
            let extra: Vec<&str> = all.lines().filter(|id| bases.iter().all(|base| base.id != *id)).collect();
            if extra.is_empty() {
                return Ok(());
            }
            let mut args = vec!["rmi", "-f"];
            args.extend(&extra);
            let output = self.output(&args)?;
            let left = self.text(&["images", "-aq", "--no-trunc"])?;
            if left == all {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
        }
    }

    /// What the classic builder does with a step's context.
    pub(crate) fn build(&self, step: &Value, context: &Path, work: &Path, bases: &[Base]) -> Outcome<Value> {
        let id_file = work.join("id");
        let _ = fs::remove_file(&id_file);
        let text_of = |key: &str| step.get(key).and_then(Value::as_str);
        let mut command = self.command(&["build", "--network=host"]);
        command.arg("--iidfile").arg(&id_file);
        if let Some(name) = text_of("dockerfile") {
            command.arg("--file").arg(context.join(name));
        }
        if let Some(target) = text_of("target") {
            command.args(["--target", target]);
        }
        for (name, value) in step.get("args").and_then(Value::as_object).into_iter().flatten() {
            command.args(["--build-arg", &format!("{name}={}", value.as_str().unwrap_or_default())]);
        }
        if step.get("no_cache").and_then(Value::as_bool) == Some(true) {
            command.arg("--no-cache");
        }
        let output = command.arg(context).output()?;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let here = context.to_string_lossy();
        let ok = output.status.success();
        let log: Vec<String> = text::log(&format!("{out}\n{err}").replace(&*here, "<context>"));
        let image = if ok { self.image(&fs::read_to_string(&id_file)?, bases)? } else { Value::Null };
        let mut answer = json!({
            "ok": ok,
            "error": if ok { Value::Null } else { json!(text::error(&err, &here)) },
            "log": log.join("\n"),
            "image": image,
        });
        // It asked for an image that is not here.
        if !ok
            && err.contains("dial tcp")
            && let Some(map) = answer.as_object_mut()
        {
            map.insert("network_error".to_owned(), json!(true));
        }
        Ok(answer)
    }

    fn image(&self, id: &str, bases: &[Base]) -> Outcome<Value> {
        let inspected: Value = serde_json::from_str(&self.text(&["inspect", id])?)?;
        let config = inspected.pointer("/0/Config").cloned().unwrap_or_default();
        if inspected.pointer("/0/RootFS/Layers").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            // Docker cannot save an image without layers.
            let lines = self.text(&["history", "--no-trunc", "--format", "{{.CreatedBy}}", id])?;
            let history: Vec<Value> = lines
                .lines()
                .rev()
                .map(|text| json!({"created_by": text::created_by(text), "empty_layer": true}))
                .collect();
            return Ok(
                json!({"config": image::kept(&config), "history": history, "layers": [], "rootfs": []}),
            );
        }
        image::read(&self.output(&["save", id])?.stdout, bases)
    }
}

/// What `docker import -c` sets a config by.
fn changes(config: &Value) -> Vec<String> {
    let list = |key: &str| config.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let keys = |key: &str| {
        let map = config.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        map.into_iter().map(|(key, _)| key)
    };
    let mut out = Vec::new();
    for pair in list("Env") {
        let (name, value) = pair.as_str().unwrap_or_default().split_once('=').unwrap_or_default();
        out.push(format!("ENV {name}=\"{value}\""));
    }
    for (key, word) in [("WorkingDir", "WORKDIR"), ("User", "USER")] {
        if let Some(value) = config.get(key).and_then(Value::as_str) {
            out.push(format!("{word} {value}"));
        }
    }
    out.extend(keys("ExposedPorts").map(|port| format!("EXPOSE {port}")));
    out.extend(keys("Volumes").map(|path| format!("VOLUME [\"{path}\"]")));
    for (key, value) in config.get("Labels").and_then(Value::as_object).into_iter().flatten() {
        out.push(format!("LABEL {key}={value}"));
    }
    for trigger in list("OnBuild") {
        out.push(format!("ONBUILD {}", trigger.as_str().unwrap_or_default()));
    }
    if let Some(check) = config.get("Healthcheck") {
        let seconds = |key: &str| check.get(key).and_then(Value::as_i64).unwrap_or(0) / 1_000_000_000;
        let retries = check.get("Retries").and_then(Value::as_i64).unwrap_or(0);
        let test = check.pointer("/Test/1").and_then(Value::as_str).unwrap_or_default();
        out.push(format!(
            "HEALTHCHECK --interval={}s --timeout={}s --retries={retries} CMD {test}",
            seconds("Interval"),
            seconds("Timeout")
        ));
    }
    for (key, word) in [("Entrypoint", "ENTRYPOINT"), ("Cmd", "CMD")] {
        if let Some(words) = config.get(key) {
            out.push(format!("{word} {words}"));
        }
    }
    out
}
