//! Whole projects: opening archives, reading codes, the first one.

use crate::engine::Client;
use crate::js;
use crate::state::edit::text_file;
use crate::state::{Action, Dispatch, Opened, Pane};
use stagecraft_core::project::Project;
use stagecraft_playground::archive;
use stagecraft_playground::engine::Answer;
use stagecraft_playground::view::OpenedImage;
use std::rc::Rc;

/// The project that the page begins with if there are not even examples.
pub fn fallback() -> Project {
    let text = "FROM alpine:3.19 AS build\nRUN echo hello > /greeting\n\nFROM scratch\nCOPY --from=build /greeting /\n";
    Project {
        files: [("Dockerfile".to_owned(), text_file(text.to_owned()))].into(),
        dockerfile: "Dockerfile".into(),
        ..Project::default()
    }
}

/// Next to nothing to begin with, but nothing that a builder refuses.
pub fn empty() -> Project {
    Project {
        files: [("Dockerfile".to_owned(), text_file("FROM alpine:3.22\n".to_owned()))].into(),
        dockerfile: "Dockerfile".into(),
        ..Project::default()
    }
}

/// Whether a file's name says that it is an archive which can be opened.
pub fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".tar", ".tar.gz", ".tgz"].iter().any(|end| name.ends_with(end))
}

/// Opens an archive: a saved image for `FROM` to find, or anything else as the project.
pub fn open_archive(name: String, bytes: Vec<u8>, client: &Client, dispatch: &Dispatch) {
    let dispatch = dispatch.clone();
    client.image((name, bytes), move |answer, (name, bytes)| match answer {
        Answer::Image(Some(image)) => open_image(&image, &dispatch),
        Answer::Image(None) => open_files(name, bytes, &dispatch),
        Answer::Failed(why) => dispatch.dispatch(Action::Say(why.into(), true)),
        _ => {}
    });
}

/// An image that nothing names yet is looked into as the base of a new Dockerfile.
fn open_image(image: &OpenedImage, dispatch: &Dispatch) {
    let mut said = image.sentence.to_string();
    if image.used {
        said.push_str(" The Dockerfile starts from it now.");
    } else {
        let mut project = empty();
        let text = format!("FROM {}\n", image.reference);
        project.files.insert("Dockerfile".into(), text_file(text));
        open(project, dispatch);
        dispatch.dispatch(Action::Pane(Pane::Layers));
        said.push_str(" It is the base of a new Dockerfile; undo brings the one before back.");
    }
    dispatch.dispatch(Action::Say(said.into(), false));
}

fn open_files(name: &str, bytes: &[u8], dispatch: &Dispatch) {
    match archive::unpack(bytes) {
        Ok(project) => {
            let n = project.files.len();
            open(project, dispatch);
            dispatch.dispatch(Action::Say(
                format!("{name} is open: {n} {}.", if n == 1 { "file" } else { "files" }).into(),
                false,
            ));
        }
        Err(why) => dispatch.dispatch(Action::Say(format!("{name}: {why}").into(), true)),
    }
}

/// Opens a project in place of the one that is open.
pub fn open(project: Project, dispatch: &Dispatch) {
    dispatch.dispatch(Action::Open(Box::new(Opened {
        project: Rc::new(project),
        view: None,
        now: js::now(),
    })));
}
