//! The reducer, without a browser.

use super::*;
use edit::text_file;
use stagecraft_playground::Color;
use stagecraft_playground::view::{BuilderSummary, PerBuilder, Slice, StepsView, SummaryView};

fn project(text: &str) -> Project {
    Project {
        files: [("Dockerfile".to_owned(), text_file(text.to_owned()))].into(),
        dockerfile: "Dockerfile".into(),
        ..Project::default()
    }
}

fn with_ticks(n: u32) -> State {
    let mut state = State::new(project("FROM a\n"));
    let ticks = (0..n)
        .map(|step| Tick {
            time: u64::from(step),
            builder: Builder::BuildKit,
            step: StepId(step),
            current: PerBuilder { buildkit: Some(StepId(step)), legacy: None },
            label: "x".into(),
            color: Color::NEUTRAL,
        })
        .collect();
    state.apply(Action::Answer(
        1,
        None,
        vec![Slice::Steps(Rc::new(StepsView { ticks, ..StepsView::default() }))],
    ));
    state
}

fn step(state: &State) -> u32 {
    state.current().expect("a step").1.0
}

#[test]
fn begins_at_the_last_step_and_moves_within_bounds() {
    let mut state = with_ticks(4);
    assert_eq!(step(&state), 3);
    for (job, expect) in [
        (Job::Forward, 3),
        (Job::Back, 2),
        (Job::First, 0),
        (Job::Back, 0),
        (Job::Tick(9), 3),
        (Job::Tick(1), 1),
        (Job::Last, 3),
    ] {
        state.apply(Action::Job(job));
        assert_eq!(step(&state), expect, "{job:?}");
    }
}

#[test]
fn plays_from_the_start_when_at_the_end_and_stops_there() {
    let mut state = with_ticks(3);
    state.apply(Action::Job(Job::Play));
    assert!(state.playing);
    assert_eq!(step(&state), 0);
    state.apply(Action::Job(Job::Beat));
    assert!(state.playing);
    state.apply(Action::Job(Job::Beat));
    assert!(!state.playing);
    assert_eq!(step(&state), 2);
}

#[test]
fn a_step_that_an_edit_removed_gives_way_to_the_one_before_it() {
    let mut state = with_ticks(5);
    state.apply(Action::Go((Builder::BuildKit, StepId(4))));
    let fewer = with_ticks(2);
    state.view = fewer.view;
    assert_eq!(step(&state), 1);
}

#[test]
fn typing_keeps_the_editor_alone_and_undo_does_not() {
    let mut state = State::new(project("FROM a\n"));
    let epoch = state.epoch;
    state.apply(Action::Edit(Edit::Type { path: "Dockerfile".into(), text: "FROM b\n".into() }, 0.0));
    assert_eq!((state.epoch, state.text("Dockerfile")), (epoch, Some("FROM b\n")));
    state.apply(Action::Undo);
    assert!(state.epoch > epoch);
    assert_eq!(state.text("Dockerfile"), Some("FROM a\n"));
    state.apply(Action::Redo);
    assert_eq!(state.text("Dockerfile"), Some("FROM b\n"));
}

#[test]
fn the_open_file_follows_a_rename_and_closes_when_deleted() {
    let mut state = State::new(project("FROM a\n"));
    state.apply(Action::Edit(Edit::Put(vec![("src/a".into(), text_file("1".into()))]), 0.0));
    state.apply(Action::File("src/a".into()));
    state.apply(Action::Edit(Edit::Rename { from: "src".into(), to: "lib".into() }, 1.0));
    assert_eq!(state.file, "lib/a");
    state.apply(Action::Edit(Edit::Remove("lib/a".into()), 2.0));
    assert_eq!(state.file, "Dockerfile");
    state.apply(Action::Undo);
    assert!(state.project.files.contains_key("lib/a"));
}

#[test]
fn renaming_the_dockerfile_keeps_it_the_one_that_is_built() {
    let mut state = State::new(project("FROM a\n"));
    state.apply(Action::Edit(Edit::Rename { from: "Dockerfile".into(), to: "dev.Dockerfile".into() }, 0.0));
    assert_eq!((&*state.project.dockerfile, &*state.file), ("dev.Dockerfile", "dev.Dockerfile"));
    state.apply(Action::Undo);
    assert_eq!(&*state.project.dockerfile, "Dockerfile");
}

#[test]
fn opening_a_project_can_be_undone() {
    let mut state = State::new(project("FROM a\n"));
    state.apply(Action::Open(Box::new(Opened {
        project: Rc::new(project("FROM z\n")),
        view: None,
        now: 0.0,
    })));
    assert_eq!(state.text("Dockerfile"), Some("FROM z\n"));
    state.apply(Action::Undo);
    assert_eq!(state.text("Dockerfile"), Some("FROM a\n"));
}

#[test]
fn a_mend_replaces_what_it_names() {
    use stagecraft_playground::place::Range;
    use stagecraft_playground::view::Edit as TextEdit;
    let mut state = State::new(project("# é\nfrom a\n"));
    let edits = vec![TextEdit { range: Range { from: 4, to: 8 }, insert: "FROM".into() }];
    state.apply(Action::Fix("Dockerfile".into(), edits, 0.0));
    assert_eq!(state.text("Dockerfile"), Some("# é\nFROM a\n"));
}

#[test]
fn the_same_notice_is_there_once() {
    let mut state = State::new(project("FROM a\n"));
    for _ in 0..3 {
        state.apply(Action::Say("copied".into(), false));
    }
    assert_eq!(state.notices.len(), 1);
}

#[test]
fn half_a_line_leaves_the_graph_for_a_moment() {
    let answer = |state: &mut State, error: Option<&str>| {
        let builder = BuilderSummary {
            builder: Builder::BuildKit,
            name: "BuildKit".into(),
            error: error.map(Into::into),
            duration: 0,
            image_size: None,
            image_size_text: "".into(),
            stages_skipped: 0,
            stages_in_vain: 0,
            steps_cached: 0,
            steps_ran: 0,
            at_once: 0,
            saved_by_parallelism: 0,
            wasted: 0,
        };
        let summary = SummaryView { builders: vec![builder], ..SummaryView::default() };
        state.apply(Action::Answer(state.revision, None, vec![Slice::Summary(Rc::new(summary))]));
        state.upper().summary.builders.iter().any(|builder| builder.error.is_some())
    };
    let typed = |state: &mut State, text: &str| {
        state.apply(Action::Edit(Edit::Type { path: "Dockerfile".into(), text: text.into() }, 0.0));
    };
    let mut state = State::new(project("FROM a\n"));
    assert!(!answer(&mut state, None));
    typed(&mut state, "FROM a\nR");
    assert!(!answer(&mut state, Some("unknown instruction: R")));
    assert!(state.view.summary.builders.iter().any(|builder| builder.error.is_some()));
    typed(&mut state, "FROM a\nRU");
    assert!(!answer(&mut state, Some("unknown instruction: RU")));
    state.apply(Action::Release);
    typed(&mut state, "FROM a\nRUX");
    assert!(answer(&mut state, Some("unknown instruction: RUX")), "once shown, it stays");
    typed(&mut state, "FROM a\nRUN x");
    assert!(!answer(&mut state, None));
    state.apply(Action::Undo);
    assert!(answer(&mut state, Some("unknown instruction: RUX")), "what was not typed is meant");
}
