//! Icons, drawn as strokes so that they take the color of the text around them.

use yew::prelude::*;

/// Which icon; 16 × 16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Go to the first step.
    First,
    /// One step back.
    Back,
    /// Play.
    Play,
    /// Stop playing.
    Pause,
    /// One step forward.
    Forward,
    /// Go to the last step.
    Last,
    /// Something opens below.
    Down,
    /// Something new.
    Add,
    /// Smaller.
    Less,
    /// As large as there is room.
    Fit,
    /// Take away.
    Close,
    /// Take back.
    Undo,
    /// Make again.
    Redo,
    /// Dark or light.
    Theme,
    /// More to choose from.
    More,
    /// A directory, to be chosen from the disk.
    Upload,
    /// Give another name.
    Rename,
    /// A program.
    Program,
    /// Delete.
    Delete,
    /// To the full page.
    Open,
    /// Copy.
    Copy,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::First => "M12.5 3.5 8 8l4.5 4.5M8 3.5 3.5 8 8 12.5",
            Self::Back => "M10 3.5 5.5 8l4.5 4.5",
            Self::Play => "M5 3.2v9.6L12.6 8z",
            Self::Pause => "M5 3.5h2v9H5zM9.5 3.5h2v9h-2z",
            Self::Forward => "M6 3.5 10.5 8 6 12.5",
            Self::Last => "M3.5 3.5 8 8l-4.5 4.5M8 3.5 12.5 8 8 12.5",
            Self::Down => "m4.5 6.5 3.5 3.5 3.5-3.5",
            Self::Add => "M8 3.5v9M3.5 8h9",
            Self::Less => "M3.5 8h9",
            Self::Fit => "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
            Self::Close => "m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6",
            Self::Undo => "M5.5 3 2.8 5.8l2.7 2.7M3 5.8h6a3.6 3.6 0 0 1 0 7.2H6.5",
            Self::Redo => "m10.5 3 2.7 2.8-2.7 2.7M13 5.8H7a3.6 3.6 0 0 0 0 7.2h2.5",
            Self::Theme => "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
            Self::More => "M3.5 8h.01M8 8h.01M12.5 8h.01",
            Self::Upload => "M8 10.5v-7M5 6l3-3 3 3M3 10.5v2.5h10v-2.5",
            Self::Program => "M3 4l4 4-4 4M8.5 12H13",
            Self::Rename => "M3 13h2.2L13 5.2 10.8 3 3 10.8zM9.3 4.5l2.2 2.2",
            Self::Delete => "M3 4.5h10M6.2 4.5V3h3.6v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
            Self::Open => "M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5",
            Self::Copy => "M5.5 5.5h7v8h-7zM10 5.5v-3H3.5v8h2",
        }
    }

    /// The drawing; hidden from screen readers, which get the name of what it stands in.
    pub fn draw(self) -> Html {
        let solid = matches!(self, Self::Play | Self::Pause);
        html! {
            <svg class={classes!("icon", solid.then_some("icon--solid"))} viewBox="0 0 16 16" aria-hidden="true">
                <path d={self.path()} />
            </svg>
        }
    }
}

/// What [`IconButton`] needs.
#[derive(Properties, PartialEq)]
pub struct IconButtonProps {
    /// The drawing.
    pub icon: Icon,
    /// Its name, shown as a hint and said by screen readers.
    pub label: AttrValue,
    /// What it does.
    pub onclick: Callback<MouseEvent>,
    /// Nothing to do now.
    #[prop_or_default]
    pub disabled: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
    /// For tests to find it by.
    #[prop_or_default]
    pub hook: Option<AttrValue>,
}

/// A button that shows an icon alone.
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    html! {
        <button type="button" class={classes!("button", "button--quiet", "button--icon", props.class.clone())}
            title={props.label.clone()} aria-label={props.label.clone()} disabled={props.disabled}
            onclick={props.onclick.clone()} data-hook={props.hook.clone()}>
            { props.icon.draw() }
        </button>
    }
}
