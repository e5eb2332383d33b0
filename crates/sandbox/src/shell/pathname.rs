//! Pathname expansion.

use super::eval::Shell;
use super::machine::{Halt, Machine};
use super::pattern;
use super::process::absolute;
use crate::tree::Node;

impl Shell {
    /// The existing paths that match, sorted.
    pub(super) fn glob(&mut self, m: &mut Machine<'_>, pattern: &str) -> Result<Vec<String>, Halt> {
        let mut found: Vec<String> = Vec::new();
        let mut todo: Vec<(String, &str)> = vec![(String::new(), pattern)];
        while let Some((base, rest)) = todo.pop() {
            m.spend(2)?;
            let slashes = rest.len() - rest.trim_start_matches('/').len();
            let base = format!("{base}{}", rest.get(..slashes).unwrap_or(""));
            let rest = rest.get(slashes..).unwrap_or("");
            if rest.is_empty() {
                found.push(base);
                continue;
            }
            let end = rest.find('/').unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let at = absolute(&self.cwd, if base.is_empty() { "." } else { &base });
            if !has_magic(name) {
                let name = unescape(name);
                let path = format!("{base}{name}");
                if m.tree
                    .resolve(&absolute(&self.cwd, &path), !after.is_empty())
                    .is_ok_and(|f| f.node.is_some())
                {
                    todo.push((path, after));
                }
                continue;
            }
            let Ok(dir) = m.tree.read_dir(&at) else { continue };
            if !self.cred.may(dir.meta, 4) {
                continue;
            }
            let chars: Vec<char> = name.chars().collect();
            for (entry, node) in dir.entries() {
                m.spend(1)?;
                let hidden = entry.starts_with('.') && !name.starts_with('.') && !name.starts_with("\\.");
                let entry_chars: Vec<char> = entry.chars().collect();
                if hidden || !pattern::matches_chars(&chars, &entry_chars) {
                    continue;
                }
                let path = format!("{base}{entry}");
                let leads = after.is_empty()
                    || match node {
                        Node::Dir(_) => true,
                        Node::File(_) => false,
                        Node::Symlink { .. } => m.tree.read_dir(&absolute(&self.cwd, &path)).is_ok(),
                    };
                if leads {
                    todo.push((path, after));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

fn has_magic(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

fn unescape(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}
