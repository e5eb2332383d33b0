//! What helps an attacker, in words.

use crate::text::Phrase;
use stagecraft_core::footprint::Risk;

/// A kind of program in words.
pub fn risky(risk: &Risk) -> Option<&'static str> {
    Some(match risk {
        Risk::Shell(_) => "a shell",
        Risk::PackageManager(_) => "a package manager",
        Risk::Compiler(_) => "a compiler",
        Risk::Root | Risk::SetUid { .. } | Risk::Secret { .. } => return None,
    })
}

/// What makes an attacker's life easier.
pub fn risk(risk: &Risk) -> Phrase {
    match risk {
        Risk::Root => Phrase::new()
            .plain("It runs as ")
            .strong("root")
            .plain(": no ")
            .code("USER")
            .plain(" says otherwise."),
        Risk::Shell(path) | Risk::PackageManager(path) | Risk::Compiler(path) => {
            Phrase::new().plain("There is ").plain(risky(risk).unwrap_or("a program")).plain(": ").code(path)
        }
        Risk::SetUid { count, example } => {
            let more = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            Phrase::new().plain("Runs with the rights of its owner: ").code(example).plain(&more)
        }
        Risk::Secret { path, hidden } => {
            let phrase = Phrase::new().plain("A secret is in a layer: ").code(path);
            if *hidden { phrase.plain(". It was deleted later and can still be read.") } else { phrase }
        }
    }
}
