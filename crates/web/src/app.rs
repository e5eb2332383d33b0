//! The page: its frame, and the loops between state, engine, link and store.

use crate::bar::{Bar, Open, embed, measured, share};
use crate::build::Now;
use crate::build::graph::Graph;
use crate::build::timeline::Timeline;
use crate::build::transport::Transport;
use crate::components::live::Live;
use crate::components::tabs::Tab;
use crate::components::toasts::Toasts;
use crate::components::{Divider, Icon, IconButton, Tabs};
use crate::editor::Carried;
use crate::embed::Frame;
use crate::engine::Client;
use crate::examples::Example;
use crate::keep::use_persistence;
use crate::keys;
use crate::pane::{PANES, aside, cache, files, image, layers, log, problems};
use crate::source::Source;
use crate::state::{Action, Dispatch, Engine, Job, Pane, State};
use stagecraft_core::project::Project;
use stagecraft_playground::state::ViewState;
use stagecraft_playground::view::Level;
use std::rc::Rc;
use yew::prelude::*;

/// What the page begins with.
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// How it is shown.
    pub frame: Rc<Frame>,
    /// The work that is open first.
    pub project: Rc<Project>,
    /// What is looked at first.
    pub view: Option<ViewState>,
    /// The example that it is, if it is one, and what to look at in it.
    pub example: Option<(AttrValue, AttrValue)>,
    /// The examples, where they are there already.
    pub examples: Rc<Vec<Example>>,
    /// Something to be said at once.
    pub say: Option<AttrValue>,
}

/// The page.
#[component]
pub fn App(props: &AppProps) -> Html {
    let state = use_reducer(|| {
        let mut state = State::new(Project::clone(&props.project));
        if let Some(view) = props.view.clone() {
            state.apply_view(view);
        }
        if let Some((name, note)) = props.example.clone() {
            state.apply(Action::Example(name, note));
        }
        if let Some(say) = props.say.clone() {
            state.apply(Action::Say(say, true));
        }
        state.present = props.frame.present;
        if !props.frame.panes.contains(&state.pane)
            && let Some(first) = props.frame.panes.first()
        {
            state.pane = *first;
        }
        state
    });
    let dispatch: Dispatch = state.dispatcher();
    let client = use_memo((), {
        let dispatch = dispatch.clone();
        move |()| Client::new(dispatch)
    });
    let client = Client::clone(&client);
    let dialog = use_state(|| None::<Open>);
    let examples = use_examples(&props.examples);

    use_simulation(&state, &client);
    use_playing(state.playing, &dispatch);
    use_release(&state);
    use_persistence(&state, &props.frame, props.say.is_some());
    let shown: Rc<Vec<Pane>> = use_memo(props.frame.clone(), |frame| frame.panes.clone());
    keys::use_keys(&dispatch, shown);

    let tick = state.tick().map(|(index, tick)| (index, tick.current.clone(), (tick.builder, tick.step)));
    let now = tick.as_ref().map_or_else(Now::default, |(_, current, at)| Now {
        at: Some(*at),
        buildkit: current
            .buildkit
            .filter(|_| state.look.shows(stagecraft_core::simulation::Builder::BuildKit)),
        legacy: current.legacy.filter(|_| state.look.shows(stagecraft_core::simulation::Builder::Legacy)),
    });
    let (view, upper) = (&state.view, state.upper());
    let settings = use_memo(Rc::clone(&state.project), |project| crate::state::edit::settings(project));
    let settings = keep_equal(&settings);
    let frame = &props.frame;
    let example =
        state.example.as_ref().and_then(|name| examples.iter().find(|example| example.name == *name));
    let close = {
        let dialog = dialog.clone();
        Callback::from(move |()| dialog.set(None))
    };
    let onopen = {
        let dialog = dialog.clone();
        Callback::from(move |open| dialog.set(Some(open)))
    };
    html! {
        <ContextProvider<Dispatch> context={dispatch.clone()}>
        <ContextProvider<Client> context={client}>
            <div class={classes!("page", frame.embed.then_some("page--embed"), state.present.then_some("page--present"))} data-revision={state.revision.to_string()}
                data-answered={(!state.pane_waits()).then(|| state.answered.to_string())} data-engine={engine_name(state.engine)} data-held={state.held.is_some().then_some("")}>
                <Bar frame={frame.clone()} look={state.look} examples={examples.clone()} title={example.map(|example| example.title.clone()).unwrap_or_default()}
                    can_undo={state.history.can_undo()} can_redo={state.history.can_redo()} {onopen} />
                <main class={classes!("halves", (!frame.source || !frame.build()).then_some("halves--one"))}>
                    if frame.source {
                        <Source project={Carried(Rc::clone(&state.project))} {settings} file={state.file.clone()} epoch={state.epoch}
                            outline={view.outline.clone()} context={view.context.clone()} lines={view.lines.clone()} problems={view.problems.clone()}
                            current={state.current_lines()} place={state.place} compact={frame.embed} read_only={frame.read_only} />
                    }
                    if frame.source && frame.build() {
                        <Divider label="Source and build" property="--split" initial=38.0 />
                    }
                    if frame.build() {
                        <section class="half half--build" aria-label="Build">
                            if frame.graph {
                                <div class="stagebox">
                                    { note(&state.note, &dispatch) }
                                    { broken(state.engine) }
                                    <Graph graph={upper.graph.clone()} {now} playing={state.playing} present={state.present} />
                                </div>
                            }
                            if frame.graph && !frame.panes.is_empty() {
                                <Divider label="Graph and panes" property="--rise" across=true initial=42.0 />
                            }
                            if frame.timeline {
                                <div class="time">
                                    <Transport steps={upper.steps.clone()} summary={upper.summary.clone()} at={tick.as_ref().map(|(index, ..)| *index)} playing={state.playing} />
                                    <Timeline timeline={upper.timeline.clone()} {now} />
                                </div>
                            }
                            if !frame.panes.is_empty() {
                                { panes(&state, frame, now, &dispatch) }
                            }
                        </section>
                    }
                </main>
                <Live text={AttrValue::from(upper.summary.announce.clone())} />
                <Toasts notices={state.notices.clone()} />
                <div>{ match *dialog {
                    Some(Open::Share) => html! { <share::Share project={Rc::clone(&state.project)} view={state.view_state()} onclose={close} /> },
                    Some(Open::Embed) => html! { <embed::Embed project={Rc::clone(&state.project)} view={state.view_state()} onclose={close} /> },
                    Some(Open::Command) => html! { <share::Command project={Rc::clone(&state.project)} view={state.view_state()} onclose={close} /> },
                    Some(Open::Measured) => html! { <measured::Measured project={Rc::clone(&state.project)} onclose={close} /> },
                    Some(Open::Keys) => html! { <share::Keys onclose={close} /> },
                    None => html! {},
                } }</div>
            </div>
        </ContextProvider<Client>>
        </ContextProvider<Dispatch>>
    }
}

thread_local! {
    static SETTINGS: std::cell::RefCell<Option<Rc<Project>>> = const { std::cell::RefCell::new(None) };
}

/// The settings of before where they are still the same, so that typing redraws no option.
fn keep_equal(settings: &Rc<Project>) -> Rc<Project> {
    SETTINGS.with_borrow_mut(|kept| match kept {
        Some(kept) if **kept == **settings => Rc::clone(kept),
        _ => {
            *kept = Some(Rc::clone(settings));
            Rc::clone(settings)
        }
    })
}

const fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Starting => "starting",
        Engine::Ready => "ready",
        Engine::Failed => "failed",
    }
}

/// What to look at.
fn note(note: &AttrValue, dispatch: &Dispatch) -> Html {
    if note.is_empty() {
        return html! {};
    }
    let dispatch = dispatch.clone();
    let onclick = Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::CloseNote));
    html! {
        <div class="hint" data-hook="hint">
            <p class="grow">{ note }</p>
            <IconButton icon={Icon::Close} label="Close the hint" class="button--small" {onclick} />
        </div>
    }
}

/// What is said while the engine is broken.
fn broken(engine: Engine) -> Html {
    if engine != Engine::Failed {
        return html! {};
    }
    html! {
        <div class="hint hint--bad" role="alert">
            <p>{ "The simulation broke off on this input. What you typed is kept; the next change starts it again. Please report the file." }</p>
        </div>
    }
}

/// The panes with their tabs.
fn panes(state: &UseReducerHandle<State>, frame: &Frame, now: Now, dispatch: &Dispatch) -> Html {
    let view = &state.view;
    let n = view.problems.problems.iter().filter(|problem| problem.level != Level::Info).count() as u32;
    let tone = if view.problems.problems.iter().any(|problem| problem.level == Level::Error) {
        "bad"
    } else {
        "warn"
    };
    let tabs: Vec<Tab> = PANES
        .iter()
        .filter(|(pane, _, _)| frame.panes.contains(pane))
        .map(|(pane, id, title)| Tab {
            id: (*id).into(),
            label: (*title).into(),
            badge: (*pane == Pane::Problems && n > 0).then_some((n, tone)),
        })
        .collect();
    let active = PANES.iter().find(|(pane, _, _)| *pane == state.pane).map_or("files", |(_, id, _)| id);
    let onselect = {
        let dispatch = dispatch.clone();
        Callback::from(move |id: AttrValue| {
            if let Some((pane, _, _)) = PANES.iter().find(|(_, name, _)| *name == id.as_str()) {
                dispatch.dispatch(Action::Pane(*pane));
            }
        })
    };
    let (look, at, answered) = (state.look, state.current(), state.answers);
    let builder = at.map_or_else(|| look.first(), |(builder, _)| builder);
    let pane = match state.pane {
        _ if state.pane_waits() => html! { <div aria-busy="true" /> },
        Pane::Files => {
            html! { <files::FilesPane {at} query={state.files.clone()} selected={state.selected.clone()} {answered} /> }
        }
        Pane::Layers => {
            html! { <layers::LayersPane layers={view.layers.clone()} {look} {now} current={builder} {answered} /> }
        }
        Pane::Log => html! { <log::LogPane log={view.log.clone()} {look} {now} /> },
        Pane::Problems => {
            html! { <problems::ProblemsPane problems={view.problems.clone()} read_only={frame.read_only} /> }
        }
        Pane::Image => html! { <image::ImagePane image={view.image.clone()} {look} current={builder} /> },
        Pane::Cache => {
            html! { <cache::CachePane cache={view.cache.clone()} {look} {now} current={builder} /> }
        }
    };
    html! {
        <div class="low">
            <Tabs label="Panes" prefix="pane" {tabs} {active} {onselect} />
            <div class="low__row">
                <div class="low__pane" id="pane-panel" role="tabpanel" aria-labelledby={format!("pane-tab-{active}")} data-pane={active}>{ pane }</div>
                if !frame.embed && matches!(state.pane, Pane::Files | Pane::Cache | Pane::Layers) {
                    <aside::Aside {at} selected={state.selected.clone()} {answered} />
                }
            </div>
        </div>
    }
}

/// Those that the page opened with, and all of them once somebody uses it.
#[hook]
fn use_examples(first: &Rc<Vec<Example>>) -> Rc<Vec<Example>> {
    let all = use_state(|| Rc::clone(first));
    use_effect_with((), {
        let all = all.clone();
        move |()| {
            wasm_bindgen_futures::spawn_local(async move {
                let loaded = crate::load_examples("menu").await;
                if !loaded.is_empty() {
                    all.set(Rc::new(loaded));
                }
            });
        }
    });
    Rc::clone(&all)
}

/// Sends every new revision to the engine, and every new look.
#[hook]
fn use_simulation(state: &UseReducerHandle<State>, client: &Client) {
    use_effect_with((state.look, state.pane), {
        let client = client.clone();
        move |(look, pane)| client.look(*look, *pane)
    });
    use_effect_with(state.openings, {
        let (client, project, warm) = (client.clone(), Rc::clone(&state.project), state.warm);
        move |_| client.begin(project, warm)
    });
    use_effect_with(state.revision, {
        let (client, project) = (client.clone(), Rc::clone(&state.project));
        move |revision| client.simulate(*revision, project)
    });
}

/// One step per beat while it plays.
#[hook]
fn use_playing(playing: bool, dispatch: &Dispatch) {
    let dispatch = dispatch.clone();
    use_effect_with(playing, move |playing| {
        let beat = playing.then(|| {
            gloo::timers::callback::Interval::new(850, move || dispatch.dispatch(Action::Job(Job::Beat)))
        });
        move || drop(beat)
    });
}

/// Shows what stops the build once nobody types any more.
#[hook]
fn use_release(state: &UseReducerHandle<State>) {
    let dispatch = state.dispatcher();
    use_effect_with((state.held.is_some(), state.revision), move |(held, _)| {
        let timer = held
            .then(|| gloo::timers::callback::Timeout::new(900, move || dispatch.dispatch(Action::Release)));
        move || drop(timer)
    });
}
