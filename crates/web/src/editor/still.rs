//! The source without an editor: where nothing may be changed, so that an embed loads less, and until somebody turns
//! to the text, so that the page is there sooner.

use super::{Carried, marks, text_of};
use crate::engine::use_asked;
use crate::js;
use crate::state::{Action, Dispatch};
use stagecraft_core::project::Project;
use stagecraft_playground::edit::{Language, Token, TokenKind};
use stagecraft_playground::engine::{Answer, Ask};
use stagecraft_playground::place::Index;
use stagecraft_playground::view::{Level, LinesView, ProblemsView};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Still`] needs.
#[derive(Properties, PartialEq)]
pub struct StillProps {
    /// Where the text is.
    pub project: Carried<Rc<Project>>,
    /// The file that is open.
    pub file: String,
    /// Grows when its text changed.
    pub epoch: u32,
    /// It is the file that is built.
    pub is_built: bool,
    /// Notes, stages and steps of its lines.
    pub lines: Rc<LinesView>,
    /// The lines of the current step.
    pub current: Option<(u32, u32)>,
    /// It stands where the editor will, once somebody turns to it, and marks these problems as the editor will.
    #[prop_or_default]
    pub waits: Option<Rc<ProblemsView>>,
}

/// The class of a token.
const fn token_class(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Keyword => "tok-keyword",
        TokenKind::Comment => "tok-comment",
        TokenKind::Directive => "tok-directive",
        TokenKind::Flag => "tok-flag",
        TokenKind::Variable => "tok-variable",
        TokenKind::Stage => "tok-stage",
        TokenKind::String => "tok-string",
        TokenKind::Heredoc => "tok-heredoc",
        TokenKind::HeredocBody => "tok-body",
        TokenKind::Invalid => "tok-invalid",
    }
}

/// A line's pieces: text and class.
fn pieces<'a>(text: &'a str, index: &Index<'_>, tokens: &[Token], from: u32) -> Vec<(&'a str, &'static str)> {
    let (mut out, mut at) = (Vec::new(), 0_usize);
    for token in tokens {
        let start = (index.byte(token.range.from).saturating_sub(from) as usize).clamp(at, text.len());
        let end = (index.byte(token.range.to).saturating_sub(from) as usize).min(text.len());
        if let (Some(before), Some(word)) = (text.get(at..start), text.get(start..end.max(start)))
            && !word.is_empty()
        {
            out.push((before, ""));
            out.push((word, token_class(token.kind)));
            at = end;
        }
    }
    out.push((text.get(at..).unwrap_or_default(), ""));
    out.retain(|(text, _)| !text.is_empty());
    out
}

/// The class of the worst problem that begins in a line.
fn marked(problems: &ProblemsView, file: &str, line: u32) -> Option<&'static str> {
    // The worst stand first.
    let worst =
        problems.problems.iter().find(|problem| problem.place.line == line && *problem.file == *file)?;
    Some(match worst.level {
        Level::Error => "has-error",
        Level::Warning => "has-warning",
        Level::Info => "has-info",
    })
}

/// The lines.
#[component]
pub fn Still(props: &StillProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let pane = use_node_ref();
    let text = text_of(&props.project.0, &props.file).unwrap_or_default().to_owned();
    let tokens = use_asked(
        (props.file.clone(), props.epoch, text.clone()),
        |(file, _, text)| Language::of(file).map(|language| Ask::Highlight(language, text.clone())),
        |answer| if let Answer::Tokens(tokens) = answer { Some(tokens) } else { None },
    );
    use_effect_with(props.current, {
        let pane = pane.clone();
        move |_| js::reveal_within(pane.cast(), ".is-current")
    });
    let index = Index::new(&text);
    let none = Vec::new();
    let tokens = tokens.as_deref().unwrap_or(&none);
    let mut from = 0_u32;
    let lines = text.split('\n').enumerate().map(|(n, line)| {
        let number = n as u32 + 1;
        let (start, end) = (from, from + line.len() as u32);
        from = end + 1;
        let here: Vec<Token> = tokens
            .iter()
            .filter(|token| index.byte(token.range.from) < end && index.byte(token.range.to) > start)
            .copied()
            .collect();
        let stage = props.lines.stages.iter().find(|stage| props.is_built && (stage.first..=stage.last).contains(&number));
        let note = props.lines.notes.iter().find(|note| props.is_built && note.line == number);
        let current = props.is_built && props.current.is_some_and(|(first, last)| (first..=last).contains(&number));
        let problem = props.waits.as_ref().and_then(|problems| marked(problems, &props.file, number));
        let file = props.file.clone();
        let onclick = dispatch.clone().map(|dispatch| Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Cursor(file.clone(), number))));
        let class = classes!(
            "still__line",
            stage.map(|stage| format!("stage-{}", stage.color.0)),
            stage.filter(|stage| stage.dim).map(|_| "is-skipped"),
            current.then_some("is-current"),
        );
        html! {
            <div key={n} {class} {onclick} data-line={number.to_string()}>
                <span class={classes!("still__number", problem)} aria-hidden="true">{ number }</span>
                <code class="still__text">
                    { for pieces(line.trim_end_matches('\r'), &index, &here, start).into_iter().map(|(text, class)| html! { <span {class}>{ text.to_owned() }</span> }) }
                </code>
                if let Some(note) = note {
                    <span class={format!("cm-note tone-{}", marks::tone(note.tone))} title={AttrValue::from(note.title.clone())}>{ AttrValue::from(note.text.clone()) }</span>
                }
            </div>
        }
    }).collect::<Html>();
    let hook = if props.waits.is_some() { "editor-waits" } else { "editor" };
    html! {
        <div ref={pane} class="still mono" tabindex="0" aria-label={props.file.clone()} data-hook={hook} data-file={props.file.clone()}
            data-ready={props.waits.is_none().then_some("true")}>{ lines }</div>
    }
}
