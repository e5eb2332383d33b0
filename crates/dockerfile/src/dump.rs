//! The syntax tree as BuildKit's `Node.Dump` prints it.

use crate::go::text::{lower, quote_into};
use crate::line::Line;
use crate::split::{Node, split};
use crate::{Dialect, Dockerfile};

/// The S-expressions of a file, one instruction per line, as `AST.Dump()` gives them. Instructions that the line
/// parser refuses are left out (BuildKit gives no tree at all then).
pub fn dump(dockerfile: &Dockerfile<'_>) -> String {
    let mut out = String::new();
    for instruction in &dockerfile.instructions {
        let start = out.len();
        out.push('(');
        if node(&mut out, &instruction.original.text(), dockerfile.escape, dockerfile.dialect) {
            out.push_str(")\n");
        } else {
            out.truncate(start);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn node(out: &mut String, original: &str, escape: char, dialect: Dialect) -> bool {
    let line = Line::whole(original, escape, dialect);
    let mut range = 0..original.len();
    let mut open = 0;
    loop {
        let mut node = Node::default();
        if split(&line, range, escape, dialect, &mut node).is_err() {
            return false;
        }
        let start = out.len();
        out.push_str(&lower(line.get(&node.keyword)));
        if !node.flags.is_empty() {
            out.push_str(" [");
            for (i, flag) in node.flags.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                quote_into(out, &flag.text);
            }
            out.push(']');
        }
        let mut word = |text: &str| {
            // An empty keyword has nothing before its first argument: the reference trims.
            if out.len() > start {
                out.push(' ');
            }
            quote_into(out, text);
        };
        if node.spec.is_none() {
            word("");
        }
        if let Some(phrase) = node.phrase {
            word(&phrase.text());
        }
        for arg in &node.args {
            word(&arg.text);
        }
        for pair in &node.pairs {
            word(&pair.key.text);
            word(&pair.value.text);
            // The older parser keeps no delimiter.
            if dialect == Dialect::BuildKit {
                word(if pair.no_delimiter { "" } else { "=" });
            }
        }
        let Some(trigger) = node.trigger else { break };
        out.push_str(" (");
        open += 1;
        range = trigger;
    }
    out.extend(std::iter::repeat_n(')', open));
    true
}
