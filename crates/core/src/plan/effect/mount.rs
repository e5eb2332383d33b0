//! `RUN --mount` (BuildKit `dispatchRunMounts`, `dispatchSecret`, `dispatchSSH`).

use super::super::arena::VertexId;
use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::outline::Requirement;
use super::super::planner::Planner;
use super::super::state::State;
use super::super::{
    FileAction, FileActionKind, Mkdir, Mount, MountKind, Op, OpKind, Owner, SecretEnv, Sharing, SourcePoint,
    User,
};
use crate::resolve::path;
use smol_str::SmolStr;
use stagecraft_dockerfile::go::quote;
use stagecraft_dockerfile::instruction::mount::{Mount as Written, MountType, Sharing as WrittenSharing};

/// Everything that a command has mounted besides its root.
#[derive(Default)]
pub(super) struct Mounts {
    pub(super) files: Vec<(Mount, Option<VertexId>)>,
    /// Secrets, then agents.
    pub(super) points: Vec<Mount>,
    pub(super) secret_env: Vec<SecretEnv>,
}

impl Mounts {
    pub(super) fn add_all<'a>(
        &mut self,
        planner: &mut Planner<'a>,
        state: &mut State<'a>,
        scene: &Scene<'_>,
        written: &[Written],
    ) -> Result<(), Fault> {
        let mut agents = Vec::new();
        for (position, mount) in written.iter().enumerate() {
            if matches!(mount.kind, MountType::Secret | MountType::Ssh) && !mount.from.is_empty() {
                source(planner, state, scene, position, mount)?;
            }
            match mount.kind {
                MountType::Secret => self.add_secret(state, scene, mount)?,
                MountType::Ssh => agents.push(agent(state, scene, mount)?),
                _ => self.add_files(planner, state, scene, position, mount)?,
            }
        }
        self.points.extend(agents);
        Ok(())
    }

    fn add_files<'a>(
        &mut self,
        planner: &mut Planner<'a>,
        state: &mut State<'a>,
        scene: &Scene<'_>,
        position: usize,
        mount: &Written,
    ) -> Result<(), Fault> {
        let from_context = mount.from.is_empty() && mount.kind != MountType::Cache;
        let mut input = if from_context {
            (mount.kind != MountType::Tmpfs).then(|| planner.context(scene))
        } else {
            source(planner, state, scene, position, mount)?
        };
        if mount.kind == MountType::Tmpfs {
            input = None;
        }
        let kind = match mount.kind {
            MountType::Tmpfs => MountKind::Tmpfs { size: mount.size_limit },
            MountType::Cache => {
                let id =
                    if mount.id.is_empty() { path::clean(&mount.target) } else { mount.id.as_str().into() };
                let sharing = match mount.sharing {
                    Some(WrittenSharing::Private) => Sharing::Private,
                    Some(WrittenSharing::Locked) => Sharing::Locked,
                    _ => Sharing::Shared,
                };
                let namespace =
                    planner.build_args.get("BUILDKIT_CACHE_MOUNT_NS").map(AsRef::as_ref).unwrap_or_default();
                MountKind::Cache { id: format!("{namespace}/{id}").into(), sharing }
            }
            _ => MountKind::Bind,
        };
        let dest = if mount.target.starts_with('/') {
            mount.target.as_str().into()
        } else {
            SmolStr::from(path::clean(&format!("/{}/{}", state.value.dir, mount.target)))
        };
        if dest == "/" {
            return Err(Fault::new("invalid-mount", format!("invalid mount target {}", quote(&dest))));
        }
        let source = ["/", &mount.source].concat();
        let mut selector: SmolStr = path::clean(&source).into();
        if selector == "/" {
            selector = SmolStr::default();
            if mount.uid.is_some() || mount.gid.is_some() || mount.mode.is_some() {
                input = Some(owned_cache(planner, scene, input, mount));
                selector = SmolStr::new_static("/cache");
            }
        }
        if from_context {
            state.context_paths.push(path::in_action(&mount.source, false));
        }
        self.files.push((Mount { dest, kind, input: None, selector, readonly: mount.read_only }, input));
        Ok(())
    }

    fn add_secret(&mut self, state: &mut State<'_>, scene: &Scene<'_>, mount: &Written) -> Result<(), Fault> {
        let mut id = if mount.source.is_empty() { mount.id.as_str() } else { mount.source.as_str() };
        if id.is_empty() {
            if mount.target.is_empty() {
                return Err(Fault::new("invalid-mount", "one of source, target required"));
            }
            id = path::base(&mount.target);
        }
        let id = id.to_owned();
        require(&mut state.outline.secrets, &id, scene, mount.required);
        let target = if !mount.target.is_empty() {
            Some(mount.target.clone())
        } else if mount.env.is_none() {
            Some(format!("/run/secrets/{}", path::base(&id)))
        } else {
            None
        };
        if let Some(name) = &mount.env {
            self.secret_env.push(SecretEnv { id: id.clone(), name: name.clone(), optional: !mount.required });
        }
        if let Some(dest) = target {
            let point = point(id, mount, 0o400);
            self.points.push(Mount { kind: MountKind::Secret(point), ..Mount::bind(dest.into()) });
        }
        Ok(())
    }
}

fn agent(state: &mut State<'_>, scene: &Scene<'_>, mount: &Written) -> Result<Mount, Fault> {
    if !mount.source.is_empty() {
        return Err(Fault::new("invalid-mount", "ssh does not support source"));
    }
    let name = if mount.id.is_empty() { "default" } else { mount.id.as_str() };
    require(&mut state.outline.ssh, name, scene, mount.required);
    let kind = MountKind::Ssh(point(mount.id.clone(), mount, 0o600));
    Ok(Mount { kind, ..Mount::bind(mount.target.as_str().into()) })
}

fn point(id: String, mount: &Written, mode: u32) -> SourcePoint {
    SourcePoint {
        id,
        uid: mount.uid.unwrap_or_default() as u32,
        gid: mount.gid.unwrap_or_default() as u32,
        mode: mount.mode.map_or(mode, |mode| mode as u32),
        optional: !mount.required,
    }
}

fn require(list: &mut Vec<Requirement>, name: &str, scene: &Scene<'_>, required: bool) {
    if !list.iter().any(|other| other.name == name) {
        list.push(Requirement { name: name.to_owned(), required, lines: scene.site.lines });
    }
}

/// The file system of the stage or image that a mount takes from.
fn source(
    planner: &Planner<'_>,
    own: &State<'_>,
    scene: &Scene<'_>,
    position: usize,
    mount: &Written,
) -> Result<Option<VertexId>, Fault> {
    // A trigger may name the stage that it runs in, as it is up to there.
    let state = scene
        .sources
        .get(position)
        .and_then(|&at| if at == scene.at { Some(own) } else { planner.states.get(at) });
    match state {
        Some(state) if state.dispatched => Ok(state.value.out),
        _ => Err(Fault::new(
            "mount-before-definition",
            format!(
                "cannot mount from stage {} to {}, stage needs to be defined before current command",
                quote(&mount.from),
                quote(&mount.target)
            ),
        )),
    }
}

/// A directory of its own for a cache that has owner or mode (BuildKit `setCacheUIDGID`).
fn owned_cache(
    planner: &mut Planner<'_>,
    scene: &Scene<'_>,
    base: Option<VertexId>,
    mount: &Written,
) -> VertexId {
    let id = |number: Option<u64>| User::Id(number.unwrap_or_default() as u32);
    let mkdir = Mkdir {
        path: SmolStr::new_static("/cache"),
        mode: mount.mode.map_or(0o755, |mode| mode as u32 & 0o777),
        parents: false,
        owner: Some(Owner { user: id(mount.uid), group: Some(id(mount.gid)) }),
    };
    let action = FileAction { input: base.map(|_| 0), kind: FileActionKind::Mkdir(Box::new(mkdir)) };
    let name = SmolStr::new_static("[internal] setting cache mount permissions");
    let mut op = Op::new(name, OpKind::File(vec![action]));
    op.inputs.extend(base);
    op.origins.push(scene.origin());
    planner.arena.add(op)
}
