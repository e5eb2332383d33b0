//! Packs `images/*.toml` and `images/systems/*.toml` piece by piece, with an index, so that the catalogue unpacks only
//! what is asked for.

use std::path::Path;
use std::{env, error::Error, fs};

#[path = "src/catalogue/data.rs"]
#[allow(missing_docs, unreachable_pub, reason = "documented where the crate uses it")]
mod data;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=images");
    println!("cargo::rerun-if-changed=src/catalogue/data.rs");
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("images");
    let mut index = data::Index::default();
    let mut packs = [Vec::new(), Vec::new()];
    for (name, text) in read(&root.join("systems"))? {
        let system: data::System =
            toml::from_str(&text).map_err(|error| format!("images/systems/{name}.toml: {error}"))?;
        let place = put(&mut packs, is_first(&system.family), &postcard::to_stdvec(&system)?);
        index.systems.insert(name, place);
    }
    for (name, text) in read(&root)? {
        let entry: data::Entry =
            toml::from_str(&text).map_err(|error| format!("images/{name}.toml: {error}"))?;
        if !index.systems.contains_key(&entry.system) {
            return Err(format!("images/{name}.toml: no system {}", entry.system).into());
        }
        let place = put(&mut packs, is_first(&entry.reference), &postcard::to_stdvec(&entry)?);
        let data::Entry { reference, tag, also, system, date, .. } = entry;
        index.names.push(data::Name { reference, tag, also, system, date, place });
    }
    let folder = env::var("OUT_DIR")?;
    let [first, more] = packs;
    fs::write(Path::new(&folder).join("index.bin"), postcard::to_stdvec(&index)?)?;
    fs::write(Path::new(&folder).join("first.bin"), first)?;
    fs::write(Path::new(&folder).join("more.bin"), more)?;
    Ok(())
}

/// Whether it is the distribution, or the image of it, of the example that a first visit shows: what is loaded first.
fn is_first(name: &str) -> bool {
    name == "ubuntu"
}

/// Adds a piece to one of the packs.
fn put(packs: &mut [Vec<u8>; 2], first_visit: bool, bytes: &[u8]) -> data::Place {
    let [first, second] = packs;
    let pack = if first_visit { first } else { second };
    let start = pack.len() as u32;
    pack.extend_from_slice(bytes);
    data::Place { more: !first_visit, start, end: pack.len() as u32 }
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
