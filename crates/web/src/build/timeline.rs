//! Both builders on one scale of time.

use super::{Now, verdict_class};
use crate::js;
use crate::state::{Action, Dispatch};
use stagecraft_core::simulation::Builder;
use stagecraft_playground::view::{Bar, TimelineView, Verdict};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Timeline`] needs.
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// The lanes.
    pub timeline: Rc<TimelineView>,
    /// Where the builders are.
    pub now: Now,
}

/// The lanes.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let dispatch = use_context::<Dispatch>();
    let TimelineView { scale, lanes, alternative } = &*props.timeline;
    let percent = |time: u64| js::percent(time, *scale);
    // Bars are drawn a little apart from their times, so the head stands where the current one is drawn.
    let head = props.now.at.and_then(|(builder, step)| {
        let bars = lanes.iter().filter(|lane| lane.builder == builder).flat_map(|lane| &lane.bars);
        bars.filter(|bar| bar.step == step).map(|bar| bar.start).next()
    });
    if lanes.is_empty() {
        return html! { <div class="lanes" /> };
    }
    html! {
        <div class="lanes" role="group" aria-label="Timeline" data-hook="timeline">
            <div class="lanes__rows" aria-hidden="true">
                <div class="lanes__field" key="field" style={format!("grid-row:1 / span {}", lanes.len())}>
                    <div class="lanes__marks" key="marks">
                        for (time, label) in marks(*scale) {
                            <span key={time} style={format!("left:{}", percent(time))}>{ label }</span>
                        }
                    </div>
                    if let Some(head) = head {
                        <div class="lanes__head" key="head" style={format!("left:{}", percent(head))} />
                    }
                </div>
                for (n, lane) in lanes.iter().enumerate() {
                    <div class="lane" key={n} style={format!("grid-row:{}", n + 1)}>
                        <span class="lane__name cut">{ AttrValue::from(lane.label.clone()) }</span>
                        <div class="lane__bars">
                            for bar in lane.bars.iter() { { bar_box(bar, lane.builder, &props.now, &percent, dispatch.as_ref()) } }
                        </div>
                        <span class="lane__total num">{ AttrValue::from(lane.total.clone()) }</span>
                    </div>
                }
            </div>
            <ul class="aside-reader">
                for sentence in alternative.iter() { <li>{ AttrValue::from(sentence.clone()) }</li> }
            </ul>
        </div>
    }
}

/// Round times along the axis, about five of them.
fn marks(scale: u64) -> Vec<(u64, String)> {
    let rough = (scale / 5).max(1);
    let unit = 10_u64.pow(rough.ilog10());
    let step = [1, 2, 5, 10].into_iter().map(|n| n * unit).find(|step| *step >= rough).unwrap_or(unit);
    (0..10)
        .map(|n| n * step)
        .take_while(|time| *time * 100 <= scale * 96)
        .map(|time| (time, seconds(time)))
        .collect()
}

fn seconds(microseconds: u64) -> String {
    let (whole, rest) = (microseconds / 1_000_000, microseconds % 1_000_000);
    if rest == 0 {
        return format!("{whole} s");
    }
    let digits = format!("{rest:06}");
    format!("{whole}.{} s", digits.trim_end_matches('0'))
}

fn bar_box(
    bar: &Bar,
    builder: Builder,
    now: &Now,
    percent: &impl Fn(u64) -> String,
    dispatch: Option<&Dispatch>,
) -> Html {
    let at = (builder, bar.step);
    let beside = !now.is(builder, bar.step)
        && match builder {
            Builder::BuildKit => now.buildkit == Some(bar.step),
            Builder::Legacy => now.legacy == Some(bar.step),
        };
    let class = classes!(
        "bar",
        format!("stage-{}", bar.color.0),
        verdict_class(bar.verdict),
        bar.critical.then_some("is-critical"),
        now.is(builder, bar.step).then_some("is-current"),
        beside.then_some("is-beside"),
    );
    let onclick = dispatch
        .cloned()
        .map(|dispatch| Callback::from(move |_: MouseEvent| dispatch.dispatch(Action::Go(at))));
    let verdict = if bar.verdict == Verdict::Cached { Some("cached") } else { None };
    html! {
        // Reached by keyboard through the scrubber; here for the pointer.
        <span key={bar.step.0} {class} {onclick} title={AttrValue::from(bar.title.clone())} data-verdict={verdict}
            style={format!("left:{};width:{}", percent(bar.start), percent(bar.duration))}>
            { AttrValue::from(bar.label.clone()) }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_few() {
        for (scale, expect) in [
            (24_000_000, vec!["0 s", "5 s", "10 s", "15 s", "20 s"]),
            (1_000_000, vec!["0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s"]),
            (17_000, vec!["0 s", "0.005 s", "0.01 s", "0.015 s"]),
            (1, vec!["0 s"]),
        ] {
            assert_eq!(marks(scale).into_iter().map(|(_, label)| label).collect::<Vec<_>>(), expect);
        }
        assert!((1..5_000).all(|scale| marks(scale * 37).len() <= 6));
    }
}
