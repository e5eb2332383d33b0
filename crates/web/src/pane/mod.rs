//! The panes below the timeline: one file each. All follow the current step.

pub mod aside;
pub mod cache;
pub mod files;
pub mod image;
pub mod layers;
pub mod log;
pub mod problems;

use crate::components::Choices;
use stagecraft_core::simulation::Builder;
use stagecraft_playground::state::Pane;
use stagecraft_playground::view::Look;
use yew::prelude::*;

/// A builder's name.
pub const fn builder_name(builder: Builder) -> &'static str {
    match builder {
        Builder::BuildKit => "BuildKit",
        Builder::Legacy => "Legacy",
    }
}

/// What [`OfBuilder`] needs.
#[derive(Properties, PartialEq)]
pub struct OfBuilderProps {
    /// The builder that is shown.
    pub builder: Builder,
    /// Told which to show.
    pub onchange: Callback<Builder>,
}

/// Chooses whose answer a pane shows, while both are looked at.
#[component]
pub fn OfBuilder(props: &OfBuilderProps) -> Html {
    let options = vec![("buildkit".into(), "BuildKit".into()), ("legacy".into(), "Legacy".into())];
    let value = if props.builder == Builder::BuildKit { "buildkit" } else { "legacy" };
    let onchange = props
        .onchange
        .reform(|value: AttrValue| if value == "legacy" { Builder::Legacy } else { Builder::BuildKit });
    html! { <Choices label="Builder shown here" {options} {value} {onchange} /> }
}

/// The builder that a pane shows: the one of the current step until a person chooses, and then that one until the
/// current step is another builder's.
#[hook]
pub fn use_shown(look: Look, current: Builder) -> (Builder, Callback<Builder>) {
    let chosen = use_state(|| None::<Builder>);
    use_effect_with(current, {
        let chosen = chosen.clone();
        move |_| chosen.set(None)
    });
    let builder = chosen.filter(|builder| look.shows(*builder)).unwrap_or(current);
    (builder, Callback::from(move |builder| chosen.set(Some(builder))))
}

/// The panes in the order of their tabs, with the names that embeds spell and those that tabs say.
pub const PANES: [(Pane, &str, &str); 6] = [
    (Pane::Files, "files", "Files"),
    (Pane::Layers, "layers", "Layers"),
    (Pane::Log, "log", "Log"),
    (Pane::Problems, "problems", "Problems"),
    (Pane::Image, "image", "Image"),
    (Pane::Cache, "cache", "Cache"),
];
