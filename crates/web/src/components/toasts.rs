//! Short notices in the corner.

use crate::state::{Action, Dispatch, Notice};
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::prelude::*;

/// What [`Toasts`] needs.
#[derive(Properties, PartialEq)]
pub struct ToastsProps {
    /// The notices, oldest first.
    pub notices: Rc<Vec<Notice>>,
}

/// The notices; each goes by itself, bad news later than good.
#[component]
pub fn Toasts(props: &ToastsProps) -> Html {
    html! {
        <div class="toasts" role="status">
            for notice in props.notices.iter() {
                <Toast key={notice.id} notice={notice.clone()} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ToastProps {
    notice: Notice,
}

#[component]
fn Toast(props: &ToastProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let id = props.notice.id;
    let dismiss = Callback::from(move |()| {
        if let Some(dispatch) = &dispatch {
            dispatch.dispatch(Action::Dismiss(id));
        }
    });
    use_effect_with((), {
        let dismiss = dismiss.clone();
        let after = if props.notice.bad { 12_000 } else { 4_000 };
        move |()| {
            let timer = Timeout::new(after, move || dismiss.emit(()));
            move || drop(timer)
        }
    });
    html! {
        <div class={classes!("toast", props.notice.bad.then_some("toast--bad"))}>
            <span class="grow">{ &props.notice.text }</span>
            <button type="button" class="button" onclick={dismiss.reform(|_| ())}>{ "Close" }</button>
        </div>
    }
}
