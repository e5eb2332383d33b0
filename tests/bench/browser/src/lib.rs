//! What the benchmark in the browser calls.

use std::cell::OnceCell;

use stagecraft_bench_runs::context;
use stagecraft_core::builder::{Cache, simulate};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::project::Project;
use stagecraft_core::simulation::Builder;
use stagecraft_dockerfile::{Dialect, parse};
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads a Dockerfile, every instruction understood and every problem found, and drops it again; gives the number of
/// instructions, as the other parser is asked for too.
#[wasm_bindgen]
pub fn instructions(text: &str) -> usize {
    parse(text, Dialect::BuildKit).instructions.len()
}

/// A project that is kept from one call to the next.
#[wasm_bindgen]
pub struct Context(Project);

#[wasm_bindgen]
impl Context {
    /// With so many files.
    #[wasm_bindgen(constructor)]
    pub fn new(files: usize) -> Self {
        Self(context::files(files))
    }

    /// Simulates a build without a cache; gives the number of steps, or nothing where the build fails.
    pub fn build(&self, legacy: bool) -> Option<usize> {
        let builder = if legacy { Builder::Legacy } else { Builder::BuildKit };
        CATALOGUE.with(|catalogue| {
            let catalogue = catalogue.get_or_init(Catalogue::builtin);
            let (build, _) = simulate(&self.0, builder, catalogue, &Cache::default());
            build.error.is_none().then_some(build.steps.len())
        })
    }
}

thread_local! {
    static CATALOGUE: OnceCell<Catalogue> = const { OnceCell::new() };
}

/// Executes every `RUN` of every target of a Dockerfile, over its base images, plans included; gives their number.
#[wasm_bindgen]
pub fn runs(text: &str) -> usize {
    let mut count = 0;
    CATALOGUE.with(|catalogue| {
        let catalogue = catalogue.get_or_init(Catalogue::builtin);
        stagecraft_bench_runs::each(text, catalogue, &mut |_, request| {
            count += 1;
            stagecraft_sandbox::shell::run(request)
        });
    });
    count
}
