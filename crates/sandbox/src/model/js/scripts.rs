//! Scripts of packages: what is printed around them, and the environment that they run in.

use super::Tool;
use super::project::Project;
use crate::model::takes;
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// How a script is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) tool: Tool,
    /// Whether nothing is printed around it.
    pub(super) silent: bool,
    /// What is put behind its text.
    pub(super) more: &'a [String],
}

/// Runs a script with those before and after it. `None` if there is none.
pub(super) fn run(
    p: &mut Process<'_, '_>,
    project: &Project,
    name: &str,
    how: How<'_>,
) -> Result<Option<u8>, Halt> {
    let Some(own) = project.script(name) else { return Ok(None) };
    let mut own = own.to_owned();
    for word in how.more {
        own.push(' ');
        own.push_str(&crate::shell::quote(word));
    }
    let hook = |head: &str| [head, name].concat();
    for (event, text) in [
        (hook("pre"), project.script(&hook("pre")).map(str::to_owned)),
        (name.to_owned(), Some(own)),
        (hook("post"), project.script(&hook("post")).map(str::to_owned)),
    ] {
        let Some(text) = text else { continue };
        let code = one(p, project, &event, &text, how)?;
        if code != 0 {
            return Ok(Some(code));
        }
    }
    Ok(Some(0))
}

/// Runs the scripts of events in the life of a package, those that there are.
pub(super) fn life(
    p: &mut Process<'_, '_>,
    project: &Project,
    events: &[&str],
    tool: Tool,
    silent: bool,
) -> Run {
    for event in events {
        let Some(text) = project.script(event).map(str::to_owned) else { continue };
        let code = one(p, project, event, &text, How { tool, silent, more: &[] })?;
        if code != 0 {
            if tool == Tool::Npm {
                for line in [
                    &["code ", &code.to_string()].concat(),
                    &["path ", &project.dir].concat(),
                    "command failed",
                    &["command sh -c ", &text].concat(),
                ] {
                    super::npm::complain(p, line)?;
                }
            }
            return Ok(code);
        }
    }
    Ok(0)
}

fn one(p: &mut Process<'_, '_>, project: &Project, event: &str, text: &str, how: How<'_>) -> Run {
    let id = project.id();
    match how.tool {
        _ if how.silent => {}
        Tool::Yarn => p.line(&["$ ", text].concat())?,
        Tool::Npm | Tool::Pnpm => {
            p.line("")?;
            let mut head = vec![">"];
            head.extend(Some(id.as_str()).filter(|id| !id.is_empty()));
            head.push(event);
            // pnpm says where, too.
            head.extend(Some(project.dir.as_str()).filter(|_| how.tool == Tool::Pnpm));
            p.line(&head.join(" "))?;
            p.line(&["> ", text].concat())?;
            p.line("")?;
        }
    }
    takes(p, 300, 0);
    let code = shell(p, &project.dir, text, Some((project, event)))?;
    if code != 0 && !how.silent {
        match how.tool {
            Tool::Npm => {}
            Tool::Yarn => {
                p.error(&["error Command failed with exit code ", &code.to_string(), "."].concat())?;
            }
            Tool::Pnpm => {
                p.line(&[" ELIFECYCLE  Command failed with exit code ", &code.to_string(), "."].concat())?;
            }
        }
    }
    Ok(code)
}

/// Runs words through the shell as a script of a package in that folder, the programs of its packages first in `PATH`.
pub(super) fn shell(p: &mut Process<'_, '_>, dir: &str, text: &str, of: Option<(&Project, &str)>) -> Run {
    let mut spec = p.spec(vec!["/bin/sh".to_owned(), "-c".to_owned(), text.to_owned()]);
    let mut path = String::new();
    let mut above = dir;
    loop {
        path.push_str(&[above.trim_end_matches('/'), "/node_modules/.bin:"].concat());
        if above.is_empty() || above == "/" {
            break;
        }
        above = crate::tree::parent(above);
    }
    path.push_str(spec.env.get("PATH").map_or("", String::as_str));
    let mut set = |name: &str, value: &str| spec.env.insert(name.to_owned(), value.to_owned());
    set("PATH", &path);
    set("INIT_CWD", &p.cwd);
    if let Some((project, event)) = of {
        set("npm_lifecycle_event", event);
        set("npm_lifecycle_script", text);
        set("npm_package_name", project.get("name"));
        set("npm_package_version", project.get("version"));
        set("npm_package_json", &[dir, "/package.json"].concat());
    }
    dir.clone_into(&mut spec.cwd);
    if spec.cwd.is_empty() {
        spec.cwd.push('/');
    }
    p.spawn_spec(spec)
}
