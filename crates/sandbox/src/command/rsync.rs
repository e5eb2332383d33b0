//! `rsync` from one directory to another of the same machine.

use super::opts;
use crate::shell::process::{Process, Run};
use crate::tree::{Meta, Node};
use std::sync::Arc;

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("archive", 'a'),
        ("recursive", 'r'),
        ("verbose", 'v'),
        ("delete", 'X'),
        ("exclude=", 'e'),
        ("quiet", 'q'),
        ("compress", 'z'),
        ("links", 'l'),
        ("perms", 'p'),
        ("times", 't'),
        ("owner", 'o'),
        ("group", 'g'),
        ("mkpath", 'm'),
    ];
    let opts = opts::parse(p, "arvqzlptogDhPHW", &longs)?;
    let mut operands = opts.operands.clone();
    let (Some(dest), false) = (operands.pop(), operands.is_empty()) else { return p.option("") };
    let remote = |name: &String| name.split_once(':').is_some_and(|(host, _)| !host.contains('/'));
    if operands.iter().any(remote) || remote(&dest) {
        return p.option("another machine");
    }
    if !opts.any("ar") {
        return p.option("without -r");
    }
    let excluded: Vec<String> =
        opts.flags.iter().filter(|(flag, _)| *flag == 'e').map(|(_, pattern)| pattern.clone()).collect();
    if excluded.iter().any(|pattern| pattern.trim_matches('/').contains('/')) {
        return p.option("--exclude with a directory");
    }
    let skip = |rest: &str| {
        let mut names = rest.split('/').filter(|name| !name.is_empty());
        names.any(|name| {
            excluded.iter().any(|glob| crate::shell::pattern::matches(glob.trim_matches('/'), name))
        })
    };
    let mut code = 0;
    let keep = opts.has('a');
    let to = p.path(dest.trim_end_matches('/'));
    let mut wanted = std::collections::BTreeSet::new();
    for source in &operands {
        if p.stat(source)?.is_err() {
            let full = p.path(source);
            p.error(&format!("rsync: [sender] link_stat \"{full}\" failed: No such file or directory (2)"))?;
            code = 23;
            continue;
        }
        let path = p.path(source.trim_end_matches('/'));
        let inside = source.ends_with('/') || source == "." || source.ends_with("/.");
        let name = crate::tree::base_name(&crate::tree::clean(&path)).to_owned();
        let base = if inside { to.clone() } else { format!("{}/{name}", to.trim_end_matches('/')) };
        for (from, shown) in super::below::all(p, &path, "")? {
            p.m.spend(2)?;
            if skip(&shown) {
                continue;
            }
            let at = format!("{}{shown}", base.trim_end_matches('/'));
            wanted.insert(crate::tree::clean(&at));
            let Ok(node) = p.m.stat(&from, false)? else { continue };
            let meta = node.meta();
            let mode = if keep { meta.mode } else { meta.mode & !p.umask };
            let owner = if keep && p.cred.uid == 0 { (meta.uid, meta.gid) } else { (p.cred.uid, p.cred.gid) };
            let meta = Meta { mode, uid: owner.0, gid: owner.1 };
            if let Node::Dir(dir) = &node {
                let _ = p.m.mkdir_all(&p.cred, &at, 0o755)?;
                let _ = p.m.tree.chmod(&at, mode);
                let _ = p.m.tree.chown(&at, Some(meta.uid), Some(meta.gid), true);
                if let Some(unlisted) = dir.unlisted.clone() {
                    let _ = p.m.tree.update(&at, |node| {
                        if let Node::Dir(dir) = node {
                            Arc::make_mut(dir).unlisted = Some(unlisted);
                        }
                    });
                }
            } else {
                let mut copy = node;
                copy.set_meta(meta);
                copy.set_origin(Some(Arc::clone(&p.m.origin)));
                let up = crate::tree::parent(&at).to_owned();
                let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
                let _ = p.m.tree.put(&at, copy);
            }
        }
    }
    if opts.has('X') {
        for (path, _) in super::below::all(p, &to, "")? {
            let clean = crate::tree::clean(&path);
            let rest = clean.strip_prefix(&crate::tree::clean(&to)).unwrap_or("").to_owned();
            if !rest.is_empty() && !wanted.contains(&clean) && !skip(&rest) {
                let _ = p.m.tree.remove_all(&clean);
            }
        }
    }
    if opts.has('v') {
        p.line(&crate::shell::machine::UNKNOWN.to_string())?;
    }
    Ok(code)
}
