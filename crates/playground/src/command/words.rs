//! A pasted command line into words, as a POSIX shell splits them. Nothing is expanded.

/// Words, or a sentence about what is open at the end.
pub(super) fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // A continued line; a carriage return before the line feed comes from Windows.
                Some('\n') => {}
                Some('\r') if chars.peek() == Some(&'\n') => {
                    chars.next();
                }
                Some(next) => word.get_or_insert_default().push(next),
                None => return Err("The command ends with a backslash."),
            },
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(next) => word.push(next),
                        None => return Err("A single quote is not closed."),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                            Some('\n') => {}
                            Some(next) => word.extend(['\\', next]),
                            None => return Err("A double quote is not closed."),
                        },
                        Some(next) => word.push(next),
                        None => return Err("A double quote is not closed."),
                    }
                }
            }
            c if c.is_whitespace() => words.extend(word.take()),
            '#' if word.is_none() => while chars.next_if(|&c| c != '\n').is_some() {},
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}
