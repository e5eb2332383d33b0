//! Files that a person drops or chooses: single ones, folders, archives.

use crate::engine::Client;
use crate::js;
use crate::state::{Action, Dispatch, Edit};
use js_sys::{Array, Function, Promise, Reflect};
use stagecraft_core::project::{ContextFile, FileContent};
use std::fmt::Write as _;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList};

/// Above this a file is only declared with its size: the page holds what fits into a browser's store and a link.
const MOST_BYTES: f64 = 2_000_000.0;
/// How many files are taken at once.
const MOST_FILES: usize = 5_000;

/// A file of the context from its bytes.
pub fn file_of(bytes: Vec<u8>) -> ContextFile {
    let content = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => FileContent::Text(text),
        Ok(text) => FileContent::Bytes(text.into_bytes()),
        Err(error) => FileContent::Bytes(error.into_bytes()),
    };
    ContextFile { content, mode: 0o644 }
}

/// The path below the chosen folder: browsers put the folder's own name in front.
fn below_folder(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, rest)| rest)
}

/// Takes what the file picker gave.
pub fn from_list(files: &FileList, client: Client, dispatch: Dispatch) {
    let files: Vec<(String, File)> = (0..files.length())
        .filter_map(|n| files.item(n))
        .map(|file| {
            let relative = Reflect::get(&file, &"webkitRelativePath".into())
                .ok()
                .and_then(|path| path.as_string())
                .unwrap_or_default();
            let path = if relative.is_empty() { file.name() } else { below_folder(&relative).to_owned() };
            (path, file)
        })
        .collect();
    wasm_bindgen_futures::spawn_local(put(files, client, dispatch));
}

/// Takes what was dropped: one folder alone stands for the context itself.
pub fn from_drop(data: &DataTransfer, client: Client, dispatch: Dispatch) {
    // Entries have to be taken before the event is over; reading them may take longer.
    let items = Reflect::get(data, &"items".into()).unwrap_or(JsValue::NULL);
    let length =
        Reflect::get(&items, &"length".into()).ok().and_then(|n| n.as_f64()).unwrap_or_default() as u32;
    let entries: Vec<JsValue> = (0..length)
        .filter_map(|n| Reflect::get_u32(&items, n).ok())
        .filter_map(|item| call(&item, "webkitGetAsEntry", &[]).filter(JsValue::is_object))
        .collect();
    wasm_bindgen_futures::spawn_local(async move {
        let mut found = Vec::new();
        let alone = entries.len() == 1 && entries.first().is_some_and(|entry| is(entry, "isDirectory"));
        let mut waiting: Vec<(String, JsValue)> =
            entries.into_iter().map(|entry| (String::new(), entry)).collect();
        while let Some((folder, entry)) = waiting.pop() {
            if found.len() >= MOST_FILES {
                break;
            }
            let name = Reflect::get(&entry, &"name".into())
                .ok()
                .and_then(|name| name.as_string())
                .unwrap_or_default();
            if is(&entry, "isDirectory") {
                let inside =
                    if alone && folder.is_empty() { String::new() } else { format!("{folder}{name}/") };
                for child in children(&entry).await {
                    waiting.push((inside.clone(), child));
                }
            } else if let Some(file) =
                promised(&entry, "file").await.and_then(|file| file.dyn_into::<File>().ok())
            {
                found.push((format!("{folder}{name}"), file));
            }
        }
        put(found, client, dispatch).await;
    });
}

fn call(on: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function: Function = Reflect::get(on, &name.into()).ok()?.dyn_into().ok()?;
    function.apply(on, &arguments.iter().collect::<Array>()).ok()
}

fn is(entry: &JsValue, name: &str) -> bool {
    Reflect::get(entry, &name.into()).ok().and_then(|value| value.as_bool()).unwrap_or_default()
}

/// What a method with two callbacks gives.
async fn promised(on: &JsValue, name: &str) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        call(on, name, &[resolve.into(), reject.into()]);
    });
    JsFuture::from(promise).await.ok()
}

/// A directory's entries; browsers hand them out in batches.
async fn children(directory: &JsValue) -> Vec<JsValue> {
    let mut all = Vec::new();
    let Some(reader) = call(directory, "createReader", &[]) else { return all };
    while let Some(batch) = promised(&reader, "readEntries").await {
        let batch: Vec<JsValue> = Array::from(&batch).iter().collect();
        if batch.is_empty() || all.len() > MOST_FILES {
            break;
        }
        all.extend(batch);
    }
    all
}

/// Reads the files and puts them into the context, all as one change.
async fn put(files: Vec<(String, File)>, client: Client, dispatch: Dispatch) {
    if let [(name, file)] = files.as_slice()
        && crate::project::is_archive(name)
    {
        match js::bytes_of(file).await {
            Some(bytes) => crate::project::open_archive(name.clone(), bytes, &client, &dispatch),
            None => dispatch.dispatch(Action::Say(format!("{name} could not be read.").into(), true)),
        }
        return;
    }
    let (mut taken, mut failed, mut declared) = (Vec::new(), 0, 0);
    let too_many = files.len().saturating_sub(MOST_FILES);
    for (path, file) in files.into_iter().take(MOST_FILES) {
        if file.size() > MOST_BYTES {
            declared += 1;
            taken.push((
                path,
                ContextFile { content: FileContent::Declared(file.size() as u64), mode: 0o644 },
            ));
            continue;
        }
        match js::bytes_of(&file).await {
            Some(bytes) => taken.push((path, file_of(bytes))),
            None => failed += 1,
        }
    }
    let n = taken.len();
    if n > 0 {
        dispatch.dispatch(Action::Edit(Edit::Put(taken), js::now()));
    }
    let mut said = format!("{n} {} added.", if n == 1 { "file" } else { "files" });
    if declared > 0 {
        let _ = write!(said, " Of {declared} big ones only the size is kept.");
    }
    if failed > 0 {
        let _ = write!(said, " {failed} could not be read.");
    }
    if too_many > 0 {
        let _ = write!(said, " {too_many} more were left out: {MOST_FILES} at once are the most.");
    }
    dispatch.dispatch(Action::Say(said.into(), failed > 0 || too_many > 0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_and_the_rest_stays_bytes() {
        assert_eq!(file_of(b"hi\n".to_vec()).content, FileContent::Text("hi\n".into()));
        assert_eq!(file_of(vec![0, 1]).content, FileContent::Bytes(vec![0, 1]));
        assert_eq!(file_of(vec![0xff]).content, FileContent::Bytes(vec![0xff]));
        assert_eq!(below_folder("shop/src/main.go"), "src/main.go");
    }
}
