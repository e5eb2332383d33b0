//! The regular expressions that ignore patterns turn into: characters, classes, `.`, stars of those, `(.*/)?`,
//! and anchors. Matched as a set of states that runs over the path once, so no pattern makes it slow.

/// What a step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Class {
    One(char),
    /// `.`
    NotNewline,
    /// Any of the ranges, or none of them.
    Ranges {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Class {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::One(own) => *own == c,
            Self::NotNewline => c != '\n',
            Self::Ranges { negated, ranges } => {
                ranges.iter().any(|(lo, hi)| (*lo..=*hi).contains(&c)) != *negated
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Once(Class),
    Star(Class),
    /// `(.*/)?`
    Directories,
    /// `^`, `\A`: only at the start.
    Start,
    /// `\z`: only at the end.
    End,
    /// `\b`, or with `false` `\B`: between a word's character and another.
    Boundary(bool),
}

/// A compiled expression, anchored at both ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Regexp {
    steps: Vec<Step>,
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];

impl Regexp {
    /// Compiles; `None` where Go's `regexp.Compile` refuses.
    pub(super) fn new(source: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("(.*/)?") {
                steps.push(Step::Directories);
                rest = after;
                continue;
            }
            let after = rest.get(c.len_utf8()..)?;
            let assertion = match (c, after.chars().next()) {
                ('^', _) => Some((Step::Start, 0)),
                ('\\', Some('A')) => Some((Step::Start, 1)),
                ('\\', Some('z')) => Some((Step::End, 1)),
                ('\\', Some('b')) => Some((Step::Boundary(true), 1)),
                ('\\', Some('B')) => Some((Step::Boundary(false), 1)),
                _ => None,
            };
            if let Some((step, taken)) = assertion {
                steps.push(step);
                rest = after.get(taken..)?;
                continue;
            }
            let (class, after) = match c {
                '.' => (Class::NotNewline, after),
                '[' => class(after)?,
                '\\' => escape(after)?,
                c => (Class::One(c), after),
            };
            rest = if let Some(after) = after.strip_prefix('*') {
                steps.push(Step::Star(class));
                after
            } else {
                steps.push(Step::Once(class));
                after
            };
        }
        Some(Self { steps })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let mut now = vec![false; self.steps.len() + 1];
        let mut next = now.clone();
        let mut chars = text.chars();
        self.enter(&mut now, 0, (None, chars.clone().next()));
        while let Some(c) = chars.next() {
            next.fill(false);
            let mut alive = false;
            let around = (Some(c), chars.clone().next());
            for (i, step) in self.steps.iter().enumerate() {
                if !now.get(i).copied().unwrap_or(false) {
                    continue;
                }
                match step {
                    Step::Once(class) if class.takes(c) => self.enter(&mut next, i + 1, around),
                    Step::Star(class) if class.takes(c) => self.enter(&mut next, i, around),
                    Step::Directories if c != '\n' => {
                        // Inside of the group: only a slash leads out of it. (What enters it anew comes from a
                        // step before it, so that was marked already.)
                        if let Some(slot) = next.get_mut(i) {
                            *slot = true;
                        }
                        if c == '/' {
                            self.enter(&mut next, i + 1, around);
                        }
                    }
                    _ => continue,
                }
                alive = true;
            }
            if !alive {
                return false;
            }
            std::mem::swap(&mut now, &mut next);
        }
        now.last().copied().unwrap_or(false)
    }

    /// Marks a state and those reached from it without a character.
    fn enter(&self, states: &mut [bool], mut at: usize, around: (Option<char>, Option<char>)) {
        loop {
            match states.get_mut(at) {
                Some(slot) if !*slot => *slot = true,
                _ => return,
            }
            let passes = match self.steps.get(at) {
                Some(Step::Star(_) | Step::Directories) => true,
                Some(Step::Start) => around.0.is_none(),
                Some(Step::End) => around.1.is_none(),
                Some(Step::Boundary(between)) => (is_word(around.0) != is_word(around.1)) == *between,
                Some(Step::Once(_)) | None => false,
            };
            if !passes {
                return;
            }
            at += 1;
        }
    }
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric())
}

fn perl(c: char) -> Option<(bool, &'static [(char, char)])> {
    Some(match c {
        'd' => (false, DIGIT),
        'D' => (true, DIGIT),
        'w' => (false, WORD),
        'W' => (true, WORD),
        's' => (false, SPACE),
        'S' => (true, SPACE),
        _ => return None,
    })
}

/// What stands for itself behind a backslash, or for a control character, or is given by its number.
fn escaped_char(text: &str) -> Option<(char, &str)> {
    let c = text.chars().next()?;
    let rest = text.get(c.len_utf8()..)?;
    let control = match c {
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => {
            let (digits, rest) = match rest.strip_prefix('{') {
                Some(inner) => inner.split_once('}')?,
                None => rest.split_at_checked(2)?,
            };
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            return Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, rest));
        }
        '0'..='7' => {
            let octal = |b: &u8| matches!(b, b'0'..=b'7');
            let digits = text.bytes().take(3).take_while(octal).count();
            if c != '0' && digits < 2 {
                return None;
            }
            let (digits, rest) = text.split_at_checked(digits)?;
            return Some((char::from_u32(u32::from_str_radix(digits, 8).ok()?)?, rest));
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        _ => return None,
    };
    Some((control, rest))
}

fn escape(text: &str) -> Option<(Class, &str)> {
    let c = text.chars().next()?;
    if let Some((negated, ranges)) = perl(c) {
        return Some((Class::Ranges { negated, ranges: ranges.to_vec() }, text.get(1..)?));
    }
    let (c, rest) = escaped_char(text)?;
    Some((Class::One(c), rest))
}

/// The inside of `[…]`, up to and with the bracket that closes it.
fn class(text: &str) -> Option<(Class, &str)> {
    let (negated, mut rest) = match text.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut first = true;
    loop {
        if !first && let Some(after) = rest.strip_prefix(']') {
            return Some((Class::Ranges { negated, ranges }, after));
        }
        // Go takes a dash only at the ends.
        if !first
            && let Some(after) = rest.strip_prefix('-')
            && !after.starts_with(']')
        {
            return None;
        }
        first = false;
        if let Some((name, after)) = rest.strip_prefix("[:").and_then(|inner| inner.split_once(":]")) {
            let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
            add(&mut ranges, negated, posix(name)?);
            rest = after;
            continue;
        }
        if let Some(inner) = rest.strip_prefix('\\')
            && let Some((negated, set)) = inner.chars().next().and_then(perl)
        {
            add(&mut ranges, negated, set);
            rest = inner.get(1..)?;
            continue;
        }
        let (low, after) = member(rest)?;
        rest = after;
        let mut high = low;
        if let Some(after) = rest.strip_prefix('-')
            && !after.starts_with(']')
        {
            (high, rest) = member(after)?;
            if high < low {
                return None;
            }
        }
        ranges.push((low, high));
    }
}

fn member(text: &str) -> Option<(char, &str)> {
    if let Some(escaped) = text.strip_prefix('\\') {
        escaped_char(escaped)
    } else {
        let c = text.chars().next()?;
        Some((c, text.get(c.len_utf8()..)?))
    }
}

/// Adds the ranges, or all that lies between them.
fn add(ranges: &mut Vec<(char, char)>, negated: bool, set: &[(char, char)]) {
    if !negated {
        ranges.extend_from_slice(set);
        return;
    }
    let mut low = '\0';
    for (lo, hi) in set {
        if let Some(below) = (low..*lo).next_back() {
            ranges.push((low, below));
        }
        low = char::from_u32(u32::from(*hi) + 1).unwrap_or(char::MAX);
    }
    ranges.push((low, char::MAX));
}

fn posix(name: &str) -> Option<&'static [(char, char)]> {
    Some(match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7f')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        "digit" => DIGIT,
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => WORD,
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Regexp;

    #[test]
    fn matches_what_it_should() {
        for (source, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("[^/]*\\.log", "x.log", true),
            ("[^/]*\\.log", "a/x.log", false),
            ("(.*/)?a", "a", true),
            ("(.*/)?a", "x/y/a", true),
            ("(.*/)?a", "xa", false),
            ("(.*/)?", "x", false),
            (".*", "x/y", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[[:digit:]x-]", "-", true),
            ("[\\d]\\w", "7_", true),
            ("a^b", "a^b", false),
            ("^a", "a", true),
            ("\\*\\x41\\101", "*AA", true),
            ("[a[^/]*]", "aaa]", true),
            ("a\\b", "a", true),
            ("a\\bb", "ab", false),
            ("a\\Bb\\z", "ab", true),
        ] {
            assert_eq!(Regexp::new(source).unwrap().matches(text), expected, "{source} {text}");
        }
        for source in ["[a", "\\y", "[b-a]", "\\", "[a-\\]", "[[:nope:]]"] {
            assert_eq!(Regexp::new(source), None, "{source}");
        }
    }

    #[test]
    fn long_patterns_stay_cheap() {
        let regexp = Regexp::new(&"(.*/)?[^/]*a".repeat(200)).unwrap();
        assert!(!regexp.matches(&"a/".repeat(2_000)));
    }
}
