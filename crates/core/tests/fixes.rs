//! A fix removes its warning and changes nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

use stagecraft_core::image::ImageConfig;
use stagecraft_core::plan::{Plan, plan};
use stagecraft_core::resolve::{BaseImage, Options, Platform};
use stagecraft_dockerfile::{Dialect, parse};
use std::sync::Arc;

fn planned(text: &str) -> Plan {
    let config = ImageConfig {
        env: vec!["PATH=/bin".to_owned()],
        working_dir: "/srv".to_owned(),
        ..ImageConfig::default()
    };
    let image = Arc::new(BaseImage { config: config.into(), ..BaseImage::default() });
    let images = |_: &str, _: &Platform| Some(Arc::clone(&image));
    plan(text, &parse(text, Dialect::BuildKit), &Options::default(), &images)
}

fn warnings(plan: &Plan) -> Vec<&str> {
    plan.findings.iter().map(|finding| &*finding.diagnostic.code).collect()
}

/// A file that has the warning once, and the same with the fix.
const FIXED: &[(&str, &str, &str)] = &[
    ("ConsistentInstructionCasing", "FROM a\nRUN b\ncopy c d\n", "FROM a\nRUN b\nCOPY c d\n"),
    ("ExposeInvalidFormat", "FROM a\nEXPOSE 127.0.0.1:8080:80/udp 81\n", "FROM a\nEXPOSE 80/udp 81\n"),
    ("ExposeProtoCasing", "FROM a\nEXPOSE 80/TCP 81\n", "FROM a\nEXPOSE 80/tcp 81\n"),
    ("FromAsCasing", "FROM a as b\n", "FROM a AS b\n"),
    ("FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 a AS b\n", "FROM a AS b\n"),
    (
        "InvalidDefinitionDescription",
        "# check=experimental=all\n# the version\nARG VERSION=1\nFROM a\n",
        "# check=experimental=all\n# the version\n#\nARG VERSION=1\nFROM a\n",
    ),
    ("JSONArgsRecommended", "FROM a\nCMD app --port 80\n", "FROM a\nCMD [\"app\", \"--port\", \"80\"]\n"),
    ("LegacyKeyValueFormat", "FROM a\nENV b c\n", "FROM a\nENV b=c\n"),
    (
        "MaintainerDeprecated",
        "FROM a\nMAINTAINER b\n",
        "FROM a\nLABEL org.opencontainers.image.authors=\"b\"\n",
    ),
    (
        "MultipleInstructionsDisallowed",
        "FROM a\nCMD [\"b\"]  \r\nRUN c\nCMD [\"d\"]\n",
        "FROM a\nRUN c\nCMD [\"d\"]\n",
    ),
    ("NoEmptyContinuation", "FROM a\nRUN b \\\n\n  c \\\n\n  d\n", "FROM a\nRUN b \\\n  c \\\n  d\n"),
    ("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM  a AS b\n", "FROM a AS b\n"),
    ("StageNameCasing", "FROM a AS Build\n", "FROM a AS build\n"),
    ("UndefinedArgInFrom", "ARG VERSION=1\nFROM a:1${VERSIO}\n", "ARG VERSION=1\nFROM a:1${VERSION}\n"),
    (
        "UndefinedVar",
        "FROM a\nARG VERSION=1\nWORKDIR /${VERSIO}/x\n",
        "FROM a\nARG VERSION=1\nWORKDIR /${VERSION}/x\n",
    ),
    ("WorkdirRelativePath", "FROM a\nWORKDIR app/bin\n", "FROM a\nWORKDIR /srv/app/bin\n"),
];

/// Rules whose fix changes what is built, because what was written was not what was meant.
const MEANT: &[&str] = &["JSONArgsRecommended", "MaintainerDeprecated", "UndefinedArgInFrom", "UndefinedVar"];

#[test]
fn a_fix_removes_its_warning_and_nothing_else() {
    for (rule, text, fixed) in FIXED {
        let before = planned(text);
        let found = before.findings.iter().find(|finding| finding.diagnostic.code == *rule);
        let fix = found.and_then(|finding| finding.diagnostic.fix.as_ref());
        let mut mended = (*text).to_owned();
        for (span, with) in fix.unwrap_or_else(|| panic!("{rule} has no fix")).edits.iter().rev() {
            mended.replace_range(span.start as usize..span.end as usize, with);
        }
        assert_eq!(mended, *fixed, "{rule}");
        let after = planned(&mended);
        let left: Vec<&str> = warnings(&before).into_iter().filter(|name| name != rule).collect();
        assert_eq!(warnings(&after), left, "{rule}");
        assert_eq!(after.ops.len(), before.ops.len(), "{rule}");
        if !MEANT.contains(rule) {
            for (after, before) in after.ops.iter().zip(&before.ops) {
                assert_eq!((&after.kind, &after.inputs), (&before.kind, &before.inputs), "{rule}");
            }
            assert_eq!(after.image.config, before.image.config, "{rule}");
        }
        assert!(after.error.is_none() && before.error.is_none(), "{rule}");
    }
}
