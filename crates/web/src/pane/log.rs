//! Log: what `docker build` prints.

use super::builder_name;
use crate::build::Now;
use crate::js;
use crate::state::{Action, Dispatch};
use stagecraft_core::simulation::{Builder, StepId};
use stagecraft_playground::view::{LogView, Look, PerBuilder};
use std::rc::Rc;
use yew::prelude::*;

/// What [`LogPane`] needs.
#[derive(Properties, PartialEq)]
pub struct LogProps {
    /// Both logs.
    pub log: Rc<PerBuilder<LogView>>,
    /// Which builders are looked at.
    pub look: Look,
    /// Where the builders are.
    pub now: Now,
}

/// The log, or both beside each other.
#[component]
pub fn LogPane(props: &LogProps) -> Html {
    html! {
        <div class="logs">
            for builder in [Builder::BuildKit, Builder::Legacy].into_iter().filter(|builder| props.look.shows(*builder)) {
                <OneLog key={builder_name(builder)} log={props.log.clone()} {builder} now={props.now} titled={props.look == Look::SideBySide} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OneProps {
    log: Rc<PerBuilder<LogView>>,
    builder: Builder,
    now: Now,
    titled: bool,
}

#[component]
fn OneLog(props: &OneProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let scroll = use_node_ref();
    let builder = props.builder;
    let step = match builder {
        Builder::BuildKit => props.now.buildkit,
        Builder::Legacy => props.now.legacy,
    };
    use_effect_with((step, props.log.clone()), {
        let scroll = scroll.clone();
        move |_| js::reveal_within(scroll.cast(), ".is-current, .is-beside")
    });
    // One for all lines: they are many, and each keystroke makes them anew.
    let onclick = Callback::from(move |event: MouseEvent| {
        let line = js::around(&event, "[data-step]");
        let step = line.and_then(|line| line.get_attribute("data-step")).and_then(|step| step.parse().ok());
        if let (Some(step), Some(dispatch)) = (step, &dispatch) {
            dispatch.dispatch(Action::Go((builder, StepId(step))));
        }
    });
    let lines = &props.log.of(builder).lines;
    let name = builder_name(builder);
    html! {
        <section class="log" aria-label={format!("Log of {name}")} data-builder={name}>
            if props.titled {
                <h3 class="log__title">{ name }</h3>
            }
            <div class="log__lines" ref={scroll} tabindex="0" role="log" aria-live="off" {onclick}>
                if lines.is_empty() {
                    <p class="empty">{ "Nothing was printed: the file did not get as far as a build. See Problems." }</p>
                }
                for (n, line) in lines.iter().enumerate() {
                    <div key={n} class={classes!(
                            "log__line",
                            format!("stage-{}", line.color.0),
                            line.modelled.then_some("is-modelled"),
                            line.step.filter(|step| props.now.is(builder, *step)).map(|_| "is-current"),
                            line.step.filter(|of| step == Some(*of) && !props.now.is(builder, *of)).map(|_| "is-beside"),
                        )}
                        title={line.modelled.then_some("Made up by a model: real output differs in detail")}
                        data-step={line.step.map(|step| step.0.to_string())}>
                        { if line.text.is_empty() { AttrValue::from("\u{200b}") } else { AttrValue::from(line.text.clone()) } }
                    </div>
                }
            </div>
        </section>
    }
}
