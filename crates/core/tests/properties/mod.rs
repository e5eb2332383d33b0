//! What holds for the plan of every text. A property test asks it of texts that are put together, a target in `fuzz/` of
//! those that a fuzzer finds.
#![allow(missing_docs, unreachable_pub, clippy::missing_panics_doc)]

use stagecraft_core::plan::{Plan, plan};
use stagecraft_core::resolve::{BaseImage, Options, Platform};
use stagecraft_dockerfile::{Dialect, parse};
use std::sync::Arc;

/// Plans a text, with every image there or none.
pub fn planned(text: &str) {
    let image = Arc::new(BaseImage::default());
    check(
        text,
        &plan(text, &parse(text, Dialect::BuildKit), &Options::default(), &|_: &str, _: &Platform| {
            Some(Arc::clone(&image))
        }),
    );
    check(
        text,
        &plan(text, &parse(text, Dialect::BuildKit), &Options::default(), &|_: &str, _: &Platform| None),
    );
}

fn check(text: &str, plan: &Plan) {
    for finding in &plan.findings {
        let span = finding.diagnostic.span;
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{finding:?}");
        for (span, _) in finding.diagnostic.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{finding:?}");
        }
    }
    assert!(plan.error.is_none() || plan.ops.is_empty());
    for (at, op) in plan.ops.iter().enumerate() {
        assert!(op.inputs.iter().all(|input| input.index() < at), "an input comes after its user: {op:?}");
        assert!(
            op.origins.iter().all(|o| text.get(o.span.start as usize..o.span.end as usize).is_some()),
            "{op:?}"
        );
    }
    assert!(plan.result.is_none_or(|result| plan.op(result).is_some()));
}
