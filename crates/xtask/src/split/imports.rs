//! Short names for what the program asks of the browser: wasm-bindgen's are long, and stand in the program and in its
//! glue.

use super::Malformed;
use super::bytes::{Reader, put_number, put_sized};
use super::module::{IMPORTS, Module};

/// A program whose imports have short names.
#[derive(Debug)]
pub(crate) struct Shortened {
    pub(crate) wasm: Vec<u8>,
    /// Each name that was long, and what it is now, the longest first: no name is cut out of a longer one.
    pub(crate) names: Vec<(String, String)>,
}

/// Gives every import a short name.
pub(crate) fn shorten(wasm: &[u8]) -> Result<Shortened, Malformed> {
    let module = Module::read(wasm)?;
    let mut names = Vec::new();
    let mut imports = Vec::new();
    let section =
        module.sections.iter().find(|(id, _)| *id == IMPORTS).map_or(&[0][..], |(_, content)| content);
    let mut reader = Reader::new(section);
    let n = reader.number()?;
    put_number(&mut imports, n);
    for number in 0..n {
        put_sized(&mut imports, reader.sized()?);
        let long = String::from_utf8_lossy(reader.sized()?).into_owned();
        let short = format!("$i{number:x}");
        put_sized(&mut imports, short.as_bytes());
        names.push((long, short));
        let start = reader.at();
        reader.byte()?;
        reader.number()?;
        imports.extend_from_slice(section.get(start..reader.at()).ok_or(Malformed::Short)?);
    }
    names.sort_by_key(|(long, _)| std::cmp::Reverse(long.len()));
    let wasm = module.with(|section| (section == IMPORTS).then(|| std::mem::take(&mut imports)));
    Ok(Shortened { wasm, names })
}
