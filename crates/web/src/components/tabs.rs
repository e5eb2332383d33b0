//! Tabs after the ARIA pattern: one stop of the Tab key, arrows between them, Home and End.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// One tab.
#[derive(Debug, Clone, PartialEq)]
pub struct Tab {
    /// Stable name, part of its element's id.
    pub id: AttrValue,
    /// What it says.
    pub label: AttrValue,
    /// A number behind it with its tone (`warn`, `bad`, `plain`).
    pub badge: Option<(u32, &'static str)>,
}

/// What [`Tabs`] needs.
#[derive(Properties, PartialEq)]
pub struct TabsProps {
    /// What these tabs are of.
    pub label: AttrValue,
    /// Prefix of ids: `{prefix}-tab-{id}` of tabs, `{prefix}-panel` of their panel.
    pub prefix: AttrValue,
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// The open one.
    pub active: AttrValue,
    /// Told which was chosen.
    pub onselect: Callback<AttrValue>,
    /// What stands at the end of the row.
    #[prop_or_default]
    pub children: Html,
}

/// The row of tabs.
#[component]
pub fn Tabs(props: &TabsProps) -> Html {
    let onkeydown = {
        let (ids, active) =
            (props.tabs.iter().map(|tab| tab.id.clone()).collect::<Vec<_>>(), props.active.clone());
        let onselect = props.onselect.clone();
        Callback::from(move |event: KeyboardEvent| {
            let at = ids.iter().position(|id| *id == active).unwrap_or_default();
            let last = ids.len().saturating_sub(1);
            let next = match event.key().as_str() {
                "ArrowRight" => {
                    if at == last {
                        0
                    } else {
                        at + 1
                    }
                }
                "ArrowLeft" => {
                    if at == 0 {
                        last
                    } else {
                        at - 1
                    }
                }
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            if let Some(id) = ids.get(next) {
                onselect.emit(id.clone());
            }
            let row = crate::js::around(&event, "[role=tablist]");
            if let Some(tab) = row.and_then(|row| row.children().item(next as u32)) {
                let _ = tab.dyn_into::<HtmlElement>().map(|tab| tab.focus());
            }
        })
    };
    html! {
        <div class="tabs">
            <div class="tabs__list" role="tablist" aria-label={props.label.clone()} {onkeydown}>
                for tab in props.tabs.iter() {
                    <button type="button" role="tab" key={tab.id.to_string()} class="tab"
                        id={format!("{}-tab-{}", props.prefix, tab.id)} data-tab={tab.id.clone()}
                        aria-controls={format!("{}-panel", props.prefix)}
                        aria-selected={if tab.id == props.active { "true" } else { "false" }}
                        tabindex={if tab.id == props.active { "0" } else { "-1" }}
                        onclick={props.onselect.reform({ let id = tab.id.clone(); move |_| id.clone() })}>
                        <span class="cut">{ &tab.label }</span>
                        if let Some((n, tone)) = tab.badge {
                            <span class={classes!("badge", format!("tone-{tone}"))}>{ n }</span>
                        }
                    </button>
                }
            </div>
            <div class="tabs__rest">{ props.children.clone() }</div>
        </div>
    }
}
