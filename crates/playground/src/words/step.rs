//! What a step is called where there is little room.

use crate::view::Verdict;

/// At most `max` characters; what is left out of the middle becomes an ellipsis.
pub fn abridge(text: &str, max: usize) -> String {
    let n = text.chars().count();
    if n <= max {
        return text.to_owned();
    }
    let head = max.saturating_sub(1) * 2 / 3;
    let tail = max.saturating_sub(1) - head;
    let mut out: String = text.chars().take(head).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out.extend(text.chars().skip(n - tail));
    out
}

/// An instruction on one line: line feeds and runs of blanks become one blank.
pub fn title(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A few words for an instruction: `go build` for `RUN CGO_ENABLED=0 go build -o /out/shop .`, `COPY . .`.
pub fn short(keyword: &str, code: &str) -> String {
    let rest = code.split_whitespace().skip(1).filter(|w| !w.starts_with("--"));
    if keyword == "FROM" {
        let base: Vec<&str> = std::iter::once(keyword).chain(rest.take(1)).collect();
        return abridge(&base.join(" "), 24);
    }
    if keyword != "RUN" {
        let words: Vec<&str> = std::iter::once(keyword).chain(rest).collect();
        return abridge(&words.join(" "), 24);
    }
    let rest: Vec<&str> = rest.collect();
    let line = rest.join(" ");
    let words: Vec<String> = if line.starts_with('[') {
        line.split(['"', '[', ']', ',']).map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    } else {
        // What prepares (`cd`, `mkdir`) is not what the line is for.
        let mut commands = line.split("&&").flat_map(|part| part.split(';')).map(str::trim);
        let main = commands.find(|c| !c.is_empty() && !is_prelude(c)).unwrap_or(&line);
        main.split_whitespace().map(str::to_owned).collect()
    };
    let mut words = words.iter().map(String::as_str).skip_while(|w| is_assignment(w)).peekable();
    let Some(program) = words.next() else {
        return "RUN".to_owned();
    };
    let name = program.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or(program);
    let named = match words.find(|w| !w.starts_with('-')) {
        Some(second) if is_word(second) => format!("{name} {second}"),
        _ => name.to_owned(),
    };
    abridge(&named, 24)
}

/// Commands that only prepare for what the line is for.
fn is_prelude(command: &str) -> bool {
    let first = command.split_whitespace().next().unwrap_or_default();
    matches!(first, "cd" | "set" | "export" | "mkdir") && command.len() < 60
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn is_word(word: &str) -> bool {
    word.len() <= 16 && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
}

/// What happened, in a word or two.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ran => "ran",
        Verdict::InVain => "ran, for nothing",
        Verdict::Cached => "cached",
        Verdict::Skipped => "skipped",
        Verdict::Canceled => "canceled",
        Verdict::Failed => "failed",
        Verdict::NotReached => "not reached",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_told_in_a_few_words() {
        let cases = [
            ("RUN CGO_ENABLED=0 go build -o /out/shop .", "go build"),
            ("RUN --mount=type=cache,target=/c apk add --no-cache git", "apk add"),
            ("RUN [\"/bin/sh\", \"-c\", \"true\"]", "sh true"),
            ("RUN cd /src && make -j4", "make"),
            ("RUN apt-get update && apt-get install -y g++", "apt-get update"),
            ("RUN", "RUN"),
            ("COPY --from=build /out/shop /bin/", "COPY /out/shop /bin/"),
            ("WORKDIR /src", "WORKDIR /src"),
            ("FROM --platform=$BUILDPLATFORM alpine:3.19 AS build", "FROM alpine:3.19"),
        ];
        for (code, expected) in cases {
            let keyword = code.split(' ').next().unwrap();
            assert_eq!(short(keyword, code), expected, "{code}");
        }
    }

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(abridge("short", 10), "short");
        assert_eq!(abridge("RUN apk add --no-cache ca-certificates", 20), "RUN apk add…ficates");
        assert_eq!(abridge("éééééééééé", 4), "éé…é");
    }
}
