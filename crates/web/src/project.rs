//! Whole projects: opening archives, reading codes, the first one.

use crate::js;
use crate::state::edit::text_file;
use crate::state::{Action, Dispatch, Opened};
use stagecraft_core::project::Project;
use stagecraft_playground::archive;
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

/// An empty project to begin with.
pub fn empty() -> Project {
    Project {
        files: [("Dockerfile".to_owned(), text_file("FROM ".to_owned()))].into(),
        dockerfile: "Dockerfile".into(),
        ..Project::default()
    }
}

/// Whether a file's name says that it is an archive which can be opened.
pub fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".tar", ".tar.gz", ".tgz"].iter().any(|end| name.ends_with(end))
}

/// Opens an archive as the project.
pub fn open_archive(name: &str, bytes: &[u8], dispatch: &Dispatch) {
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
