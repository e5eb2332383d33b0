//! The way out of a problem, in our words, by the problem's code.

/// A sentence or two for whoever wrote the line; `None` where the builder's message says it all.
pub(crate) fn help(code: &str) -> Option<&'static str> {
    Some(match code {
        "unknown-instruction" => {
            "A line starts with an instruction such as RUN. If it belongs to the line above, that one needs the \
             escape character at its very end."
        }
        "no-build-stage" => "Before the first FROM only ARG and comments may stand.",
        "no-instructions" => "A Dockerfile starts with FROM and a base image, or FROM scratch.",
        "unterminated-heredoc" => {
            "The here-document needs a line that holds its delimiter and nothing else; only with <<- may tabs stand \
             before it."
        }
        "heredoc-destination" => "The here-document is the source; the path to write comes last.",
        "missing-value" => "Write NAME=value.",
        "missing-equals" => {
            "Once one pair has an equals sign, all need one. A value with spaces needs quotes."
        }
        "json-strings-only" => "Put every element of the array in double quotes.",
        "json-required" => "Write a JSON array: SHELL [\"/bin/sh\", \"-c\"]",
        "invalid-escape" => "The escape character is a backslash or, for Windows paths, a backtick.",
        "duplicate-directive" => "Remove one of the two lines.",
        "line-too-long" => "Break the line, or copy the content from a file.",
        "invalid-stage-name" => {
            "A stage's name starts with a letter and has letters, digits, '-', '_' and '.' only."
        }
        "trigger-not-allowed" => {
            "The trigger runs inside of the next image's stage, so it can be neither of these."
        }
        "unknown-healthcheck" => "Write HEALTHCHECK CMD command, or HEALTHCHECK NONE.",
        "duplicate-flag" => "Keep one of the two.",
        "missing-flag-value" => "Write --flag=value; with a space the value is taken for an argument.",
        "NoEmptyContinuation" => "Remove the empty line, or make it a comment.",
        _ => return None,
    })
}
