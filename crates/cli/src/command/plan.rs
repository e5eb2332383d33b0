//! `stagecraft plan`: the operations that BuildKit makes of a Dockerfile.

use super::{Command, read_dockerfile};
use crate::args::{Args, Failure};
use crate::images;
use serde_json::{Map, Value, json};
use stagecraft_core::plan::{
    Copy, Exec, FileAction, FileActionKind, Mkdir, Mode, Mount, MountKind, Network, Op, OpKind, Owner, Plan,
    Security, Sharing, SourcePoint, User, plan,
};
use stagecraft_core::resolve::{Options, Platform};
use stagecraft_dockerfile::{Dialect, parse};
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "plan",
    summary: "print the operations that BuildKit makes of a Dockerfile",
    usage: "[--format text|json] [--target STAGE] [--build-arg NAME=VALUE]… [--platform P] [--images FILE] [--image [NAME=]FILE]… FILE",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let json = super::json_format(&mut args)?;
    let catalogue = images::read(&mut args)?;
    let target = args.value(&["--target"])?;
    let build_args = args.values(&["--build-arg"])?;
    let platform = match args.value(&["--platform"])? {
        Some(platform) => Some(Platform::parse(&platform).map_err(Failure::Usage)?),
        None => None,
    };
    let no_cache = args.switch(&["--no-cache"]);
    let text = read_dockerfile(&args.operand("Dockerfile")?)?;
    let options = Options {
        target: target.as_deref(),
        build_args: super::pairs(&build_args),
        platform,
        no_cache,
        ..Options::default()
    };
    let plan = plan(&text, &parse(&text, Dialect::BuildKit), &options, &catalogue);
    if json {
        writeln!(out, "{}", told(&document(&plan).to_string()))?;
    } else if let Some(error) = &plan.error {
        writeln!(out, "error: {}", error.message)?;
    } else {
        for (at, op) in plan.ops.iter().enumerate() {
            let inputs: Vec<String> = op.inputs.iter().map(|input| input.index().to_string()).collect();
            let from = if inputs.is_empty() { String::new() } else { format!("  <- {}", inputs.join(" ")) };
            writeln!(out, "{at:3} {}{from}", told(&op.name))?;
        }
    }
    Ok(if plan.error.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A text with `…` for what nobody knows, such as the last part of a version.
fn told(text: &str) -> String {
    text.replace(stagecraft_sandbox::UNKNOWN, "…")
}

fn document(plan: &Plan) -> Value {
    let targets: Vec<Value> = plan
        .targets
        .iter()
        .map(|target| {
            json!({
                "name": target.name.as_str(),
                "base": target.base.as_str(),
                "default": target.default,
                "platform": target.platform.as_str(),
                "description": target.description.as_str(),
            })
        })
        .collect();
    let outline: Vec<Value> = plan
        .outline
        .args
        .iter()
        .map(|arg| json!({"name": arg.name, "value": arg.value, "description": arg.description}))
        .collect();
    if let Some(error) = &plan.error {
        let mut out = Map::new();
        out.insert("error".into(), json!({"message": error.message, "lines": error.lines}));
        if plan.parsed {
            out.insert("targets".into(), targets.into());
        }
        // Neither checks nor what is found at the very end keep BuildKit from listing what a target takes.
        if error.late {
            out.insert("outline".into(), outline.into());
        }
        return Value::Object(out);
    }
    let history: Vec<Value> = plan
        .image
        .history
        .iter()
        .map(|entry| json!({"created_by": entry.created_by.as_str(), "empty_layer": entry.empty_layer}))
        .collect();
    json!({
        "ops": plan.ops.iter().map(op).collect::<Vec<_>>(),
        "result": plan.result.map(stagecraft_core::plan::OpId::index),
        "config": &*plan.image.config,
        "history": history,
        "targets": targets,
        "outline": outline,
    })
}

fn op(op: &Op) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), op.name.as_str().into());
    out.insert("inputs".into(), op.inputs.iter().map(|input| input.index()).collect::<Vec<_>>().into());
    out.insert("lines".into(), json!(op.each_line()));
    if let Some(platform) = &op.platform {
        out.insert("platform".into(), platform.short().into());
    }
    let kind = match &op.kind {
        OpKind::Source(source) => {
            out.insert("source".into(), source.identifier().into());
            "source"
        }
        OpKind::Exec(run) => {
            out.insert("exec".into(), exec(run));
            "exec"
        }
        OpKind::File(actions) => {
            out.insert("actions".into(), actions.iter().map(action).collect());
            "file"
        }
        OpKind::Merge => "merge",
    };
    out.insert("kind".into(), kind.into());
    Value::Object(out)
}

fn exec(exec: &Exec) -> Value {
    let mut mounts: Vec<&Mount> = exec.mounts.iter().collect();
    mounts.sort_by(|a, b| a.dest.cmp(&b.dest));
    json!({
        "args": exec.args.iter().map(AsRef::<str>::as_ref).collect::<Vec<_>>(),
        "env": exec.env.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
        "cwd": &*exec.cwd,
        "user": &*exec.user,
        "network": match exec.network {
            Network::Unset => "UNSET",
            Network::Host => "HOST",
            Network::None => "NONE",
        },
        "security": match exec.security {
            Security::Sandbox => "SANDBOX",
            Security::Insecure => "INSECURE",
        },
        "mounts": mounts.into_iter().map(mount).collect::<Vec<_>>(),
    })
}

fn mount(mount: &Mount) -> Value {
    let (kind, more) = match &mount.kind {
        MountKind::Bind => ("BIND", None),
        MountKind::Cache { id, sharing } => {
            let sharing = match sharing {
                Sharing::Shared => "SHARED",
                Sharing::Private => "PRIVATE",
                Sharing::Locked => "LOCKED",
            };
            ("CACHE", Some(("cache", json!({"id": id.as_str(), "sharing": sharing}))))
        }
        MountKind::Tmpfs { size } => ("TMPFS", Some(("tmpfs", json!({"size": size})))),
        MountKind::Secret(secret) => ("SECRET", Some(("secret", point(secret)))),
        MountKind::Ssh(agent) => ("SSH", Some(("ssh", point(agent)))),
    };
    let mut out = Lean::default();
    out.text("dest", &mount.dest);
    out.text("type", kind);
    out.position("input", mount.input);
    out.text("selector", &mount.selector);
    out.flag("readonly", mount.readonly);
    if let Some((key, value)) = more {
        out.0.insert(key.into(), value);
    }
    out.value()
}

fn point(point: &SourcePoint) -> Value {
    json!({
        "id": point.id,
        "uid": point.uid,
        "gid": point.gid,
        "mode": format!("{:04o}", point.mode),
        "optional": point.optional,
    })
}

fn action(action: &FileAction) -> Value {
    match &action.kind {
        FileActionKind::Copy(copied) => json!({"copy": copy(copied)}),
        FileActionKind::Mkdir(made) => json!({"mkdir": mkdir(made)}),
        FileActionKind::Mkfile(made) => {
            let mut out = Lean::default();
            out.text("path", &made.path);
            out.text("data", &made.data);
            out.text("mode", &format!("{:04o}", made.mode));
            json!({"mkfile": out.value()})
        }
    }
}

fn copy(copy: &Copy) -> Value {
    let mut out = Lean::default();
    out.text("src", &copy.src);
    out.text("dest", &copy.dest);
    out.position("from", copy.from);
    match &copy.mode {
        Some(Mode::Bits(bits)) => out.text("mode", &format!("{bits:04o}")),
        Some(Mode::Symbolic(mode)) => out.text("mode", mode),
        None => {}
    }
    out.text("owner", &owner(copy.owner.as_ref()));
    out.flag("unpack", copy.unpack);
    out.flag("wildcard", copy.wildcard);
    out.list("include", &copy.include);
    out.list("exclude", &copy.exclude);
    out.list("required", &copy.required);
    out.value()
}

fn mkdir(mkdir: &Mkdir) -> Value {
    let mut out = Lean::default();
    out.text("path", &mkdir.path);
    out.text("owner", &owner(mkdir.owner.as_ref()));
    out.value()
}

fn owner(owner: Option<&Owner>) -> String {
    let name = |user: &User| match user {
        User::Id(id) => id.to_string(),
        User::Name(name) => name.clone(),
    };
    match owner {
        None => String::new(),
        Some(Owner { user, group: None }) => name(user),
        Some(Owner { user, group: Some(group) }) => format!("{}:{}", name(user), name(group)),
    }
}

/// An object without what is empty.
#[derive(Default)]
struct Lean(Map<String, Value>);

impl Lean {
    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.0.insert(key.into(), value.into());
        }
    }

    fn flag(&mut self, key: &str, value: bool) {
        if value {
            self.0.insert(key.into(), true.into());
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.0.insert(key.into(), values.into());
        }
    }

    /// An index, -1 for none; 0 is left out.
    fn position(&mut self, key: &str, value: Option<u32>) {
        match value {
            Some(0) => {}
            Some(value) => drop(self.0.insert(key.into(), value.into())),
            None => drop(self.0.insert(key.into(), (-1).into())),
        }
    }

    fn value(self) -> Value {
        Value::Object(self.0)
    }
}
