//! Whatever a Dockerfile says, a plan comes, and its parts fit together.
#![allow(missing_docs)]

mod properties;

use proptest::prelude::*;

const LINES: &[&str] = &[
    "ARG A=1\n",
    "ARG A=${A:-$B}\n",
    "FROM alpine AS a\n",
    "FROM a AS b\n",
    "FROM --platform=$BUILDPLATFORM b\n",
    "FROM $A\n",
    "FROM scratch\n",
    "COPY --from=a /x /y\n",
    "COPY --from=0 --link . .\n",
    "COPY --from=nowhere / /\n",
    "COPY <<E /f\n$A\nE\n",
    "ADD --chmod=u+x https://example.com/a /b\n",
    "ENV a=$a$a b=${A%1}\n",
    "ENV a b $c\n",
    "RUN --mount=type=cache,target=/c,from=b true\n",
    "RUN --mount=type=secret,id=s,env=S <<E\necho $a\nE\n",
    "RUN [\"a\"]\n",
    "RUN\n",
    "WORKDIR ../$A\n",
    "USER $A:1\n",
    "EXPOSE 80-90/udp $A\n",
    "HEALTHCHECK --interval=1s CMD x\n",
    "ONBUILD COPY . /o\n",
    "SHELL [\"bash\", \"-c\"]\n",
    "LABEL a=$A \\\n\n b=c\n",
    "VOLUME [\"/v\"]\n",
    "STOPSIGNAL $A\n",
    "# check=error=true\n",
    "CMD a \\\n",
    "${",
    "é\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_plans(lines in prop::collection::vec(prop::sample::select(LINES), 0..24)) {
        properties::planned(&lines.concat());
    }
}

/// A value that doubles in every line would fill all memory; the plan ends with a diagnostic instead.
#[test]
fn explosions_are_said() {
    let doubling: String = (0..64).map(|i| format!("ENV a{}=$a{i}$a{i}\n", i + 1)).collect();
    let text = format!("FROM scratch\nENV a0=xxxxxxxx\n{doubling}");
    let file = stagecraft_dockerfile::parse(&text, stagecraft_dockerfile::Dialect::BuildKit);
    let plan = stagecraft_core::plan::plan(
        &text,
        &file,
        &stagecraft_core::resolve::Options::default(),
        &stagecraft_core::resolve::NoImages,
    );
    let error = plan.error.as_ref().map(|error| error.message.as_str());
    assert_eq!(error, Some("failed to process \"$a19$a19\": the result is larger than 4 MiB"));
}
