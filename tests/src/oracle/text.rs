//! Texts without what differs from one recording to the next.

/// A line without colours, carriage returns and white space at its end.
fn clean(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // To the letter that ends the sequence.
            let _ = chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            out.push(c);
        }
    }
    let out = out.trim_end_matches('\r');
    out.rsplit('\r').next().unwrap_or(out).trim_end().to_owned()
}

/// Ids numbered by their first appearance.
#[derive(Debug, Default)]
pub struct Ids(Vec<String>);

impl Ids {
    /// The text with `<idN>` in the place of ids of 12 or 64 hexadecimal digits.
    pub fn replace(&mut self, text: &str) -> String {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut out = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let hex = word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            if hex && matches!(word.len(), 12 | 64) {
                if let Some(before) = out.strip_suffix("sha256:") {
                    out = before.to_owned();
                }
                let key: String = word.chars().take(12).collect();
                let number = self.0.iter().position(|id| *id == key).unwrap_or_else(|| {
                    self.0.push(key);
                    self.0.len() - 1
                });
                out.push_str(&format!("<id{}>", number + 1));
            } else {
                out.push_str(word);
            }
            let mut chars = after.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
        out
    }
}

/// The engine's own directories, whatever its data root.
fn paths(line: &str) -> String {
    if let Some((before, after)) = line.split_once("/snapshots/snapshots/") {
        // BuildKit's own directory of a snapshot.
        let start = before.rfind(' ').map_or(0, |at| at + 1);
        let end = after.find("/fs").map_or(0, |at| at + 3);
        let (head, tail) = (before.get(..start).unwrap_or(""), after.get(end..).unwrap_or(""));
        return format!("{head}<mount>{tail}");
    }
    for mark in ["/tmp/buildkit-mount", "/cachemounts/buildkit"] {
        if let Some((before, after)) = line.split_once(mark) {
            let start = before.rfind(' ').map_or(0, |at| at + 1);
            let head = before.get(..start).unwrap_or("");
            return format!("{head}<mount>{}", after.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
    }
    let Some(at) = line.find("/overlay2/") else { return line.to_owned() };
    let (before, after) = line.split_at(at);
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || "_./-".contains(c))).map_or(0, |at| at + 1);
    let rest = after.trim_start_matches("/overlay2/");
    let id: usize = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if id < 25 {
        return line.to_owned();
    }
    let (head, _) = before.split_at(start);
    let (_, tail) = rest.split_at(id);
    format!("{head}/var/lib/docker/overlay2/<id>{}", paths(tail))
}

/// A log of the legacy builder: ids numbered, sizes masked, empty lines dropped.
pub fn log(text: &str) -> Vec<String> {
    let mut ids = Ids::default();
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let mut line = clean(line);
        if line.is_empty() || line.contains("[Warning] IPv4 forwarding is disabled") {
            continue;
        }
        if line.starts_with("Sending build context") {
            let before = line.rfind(' ').map_or(0, |at| at + 1);
            line.truncate(before);
            line.push_str("<size>");
            if lines.last().is_some_and(|last| last.starts_with("Sending build context")) {
                lines.pop();
            }
        }
        lines.push(ids.replace(&paths(&line)));
    }
    lines
}

/// An error with ids and paths replaced; `context` is the context's own path.
pub fn error(text: &str, context: &str) -> String {
    let lines: Vec<String> = text.trim().lines().map(|line| paths(&clean(line))).collect();
    let text = lines.join("\n");
    let text = if context.is_empty() { text } else { text.replace(context, "<context>") };
    Ids::default().replace(&text)
}

/// An error as two are compared: without the client's prefix, white space folded, in lower case.
pub fn comparable(text: &str) -> String {
    let lines = text.lines().map(|line| {
        line.strip_prefix("Error response from daemon: ")
            .or_else(|| line.strip_prefix("Error: "))
            .unwrap_or(line)
    });
    let text: Vec<&str> = lines.collect();
    text.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// `created_by` without digests of content.
pub fn created_by(text: &str) -> String {
    let mut out = String::new();
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let masked = ["file:", "dir:", "multi:"].iter().find_map(|kind| {
            let (before, digest) = word.rsplit_once(*kind)?;
            // Behind `--chown` the digest stays: there the common comparison keeps it too.
            let apart = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            (apart && digest.len() == 64).then(|| format!("{before}{kind}<sha>"))
        });
        out.push_str(masked.as_deref().unwrap_or(word));
    }
    out.trim_end().to_owned()
}

/// A vertex of BuildKit's progress without the digest of a base image, the kind of exporter, and the place of `FROM`:
/// stages on one base share its step, and which of them names it is a race.
pub fn vertex(name: &str) -> String {
    if name.starts_with("exporting to ") {
        return "exporting to image".to_owned();
    }
    let Some((place, rest)) = name.split_once("] FROM ").filter(|(place, _)| place.starts_with('[')) else {
        return name.split_once("@sha256:").map_or(name, |(name, _)| name).to_owned();
    };
    let _ = place;
    format!("FROM {}", rest.split_once("@sha256:").map_or(rest, |(name, _)| name))
}

/// BuildKit's error without the prefixes that say where in it something failed.
pub fn reason(text: &str) -> String {
    let prefixes = ["failed to solve", "failed to compute cache key", "failed to read dockerfile", "error"];
    let mut text = comparable(text);
    loop {
        let after = prefixes.iter().find_map(|prefix| text.strip_prefix(*prefix)?.strip_prefix(": "));
        let after = after.or_else(|| {
            let (_, rest) = text.strip_prefix("failed to calculate checksum of ref ")?.split_once(": ")?;
            Some(rest)
        });
        match after {
            Some(rest) => text = rest.to_owned(),
            None => return text,
        }
    }
}

/// A log with the output of each `RUN` sorted: its two streams race.
pub fn settled(lines: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut block: Option<Vec<String>> = None;
    for line in lines {
        let marks = [" ---> ", "Removing intermediate ", "Step ", "Successfully built"];
        if marks.iter().any(|mark| line.starts_with(mark)) {
            let mut printed = block.take().unwrap_or_default();
            printed.sort();
            out.extend(printed);
            block = line.starts_with(" ---> Running in ").then(Vec::new);
            out.push(line.clone());
        } else if let Some(block) = &mut block {
            block.push(line.clone());
        } else {
            out.push(line.clone());
        }
    }
    let mut printed = block.unwrap_or_default();
    printed.sort();
    out.extend(printed);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sizes_and_colours() {
        let text = "Sending build context to Docker daemon  2.048kB\r\r\nStep 1/1 : X\n ---> 0123456789ab\n\u{1b}[91mred\n\u{1b}[0m ---> 0123456789ab\n";
        assert_eq!(
            log(text),
            [
                "Sending build context to Docker daemon  <size>",
                "Step 1/1 : X",
                " ---> <id1>",
                "red",
                " ---> <id1>"
            ]
        );
        let id = "a".repeat(64);
        assert_eq!(
            paths(&format!("lstat /x/overlay2/{id}/merged/a: no")),
            "lstat /var/lib/docker/overlay2/<id>/merged/a: no"
        );
        assert_eq!(created_by(&format!("COPY dir:{id} in /y ")), "COPY dir:<sha> in /y");
        assert_eq!(
            created_by(&format!("COPY --chown=xdir:{id} in /y ")),
            format!("COPY --chown=xdir:{id} in /y")
        );
    }
}
