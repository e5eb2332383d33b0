//! Packs `images/*.toml` and `images/systems/*.toml` into one blob that the catalogue unpacks lazily.

use std::path::Path;
use std::{env, error::Error, fs};

#[path = "src/catalogue/data.rs"]
#[allow(missing_docs, unreachable_pub, reason = "documented where the crate uses it")]
mod data;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=images");
    println!("cargo::rerun-if-changed=src/catalogue/data.rs");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("images");
    let mut pack = data::Pack::default();
    for (name, text) in read(&root.join("systems"))? {
        let system = toml::from_str(&text).map_err(|error| format!("images/systems/{name}.toml: {error}"))?;
        pack.systems.insert(name, system);
    }
    for (name, text) in read(&root)? {
        let entry: data::Entry =
            toml::from_str(&text).map_err(|error| format!("images/{name}.toml: {error}"))?;
        if !pack.systems.contains_key(&entry.system) {
            return Err(format!("images/{name}.toml: no system {}", entry.system).into());
        }
        pack.entries.push(entry);
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.bin"), postcard::to_stdvec(&pack)?)?;
    Ok(())
}

/// The TOML files of a folder, by name, sorted.
fn read(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
