//! The regular expressions that ignore patterns turn into: characters, classes, `.`, stars and counts of those,
//! `(.*/)?`, anchors, and (since the reference leaves `|` and `{2}` of a pattern as they are) alternatives. Matched
//! as a set of states that runs over the path once, so no pattern makes it slow.

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
    /// May be passed.
    Optional(Class),
    Star(Class),
    /// `(.*/)?`; [`Step::Inside`] follows.
    Directories,
    /// Within the group: only a slash leads out of it.
    Inside,
    /// `^`, `\A`: only at the start.
    Start,
    /// `$`, `\z`: only at the end.
    End,
    /// `\b`, or with `false` `\B`: between a word's character and another.
    Boundary(bool),
    /// The end of an alternative.
    Accept,
}

/// A compiled expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Regexp {
    steps: Vec<Step>,
    /// Where the alternatives start.
    starts: Vec<usize>,
    shortcut: Shortcut,
}

/// What can be told of a path without running over it: nearly all paths fit none of the patterns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Shortcut {
    /// What every path that fits begins with.
    prefix: String,
    /// What every path that fits ends in.
    suffix: String,
    /// What may stand between the two, where that is all there is to the expression.
    middle: Middle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Middle {
    /// Only a run tells.
    #[default]
    Run,
    /// Nothing.
    Nothing,
    /// Part of a name: `*`.
    Name,
    /// Directories: `**/`.
    Directories,
    /// Both: `**/*`.
    Both,
}

/// The most that a count may ask for, and the most steps that an expression may have (Go has the first bound).
const MAX_COUNT: usize = 1000;
const MAX_STEPS: usize = 1 << 16;

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];

impl Regexp {
    /// Compiles; `None` where Go's `regexp.Compile` refuses.
    pub(super) fn new(source: &str) -> Option<Self> {
        let mut regexp = Self { steps: Vec::new(), starts: vec![0], shortcut: Shortcut::default() };
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            if regexp.steps.len() > MAX_STEPS {
                return None;
            }
            if let Some(after) = rest.strip_prefix("(.*/)?") {
                // Go takes no count of what is counted already.
                if count(after)?.is_some() {
                    return None;
                }
                regexp.steps.extend([Step::Directories, Step::Inside]);
                rest = after;
                continue;
            }
            let after = rest.get(c.len_utf8()..)?;
            rest = match (c, after.chars().next()) {
                ('|', _) => {
                    regexp.steps.push(Step::Accept);
                    regexp.starts.push(regexp.steps.len());
                    // Nothing to count at the start of an alternative.
                    if count(after)?.is_some() {
                        return None;
                    }
                    after
                }
                ('^', _) => regexp.assertion(Step::Start, after)?,
                ('$', _) => regexp.assertion(Step::End, after)?,
                ('\\', Some('A')) => regexp.assertion(Step::Start, after.get(1..)?)?,
                ('\\', Some('z')) => regexp.assertion(Step::End, after.get(1..)?)?,
                ('\\', Some('b')) => regexp.assertion(Step::Boundary(true), after.get(1..)?)?,
                ('\\', Some('B')) => regexp.assertion(Step::Boundary(false), after.get(1..)?)?,
                ('.', _) => regexp.class(Class::NotNewline, after)?,
                ('[', _) => {
                    let (class, after) = class(after)?;
                    regexp.class(class, after)?
                }
                ('\\', _) => {
                    let (class, after) = escape(after)?;
                    regexp.class(class, after)?
                }
                (c, _) => regexp.class(Class::One(c), after)?,
            };
        }
        regexp.steps.push(Step::Accept);
        if regexp.starts.len() == 1 {
            regexp.shortcut = Shortcut::of(&regexp.steps);
        }
        Some(regexp)
    }

    /// Adds an assertion; a count of it only says whether it is there.
    fn assertion<'s>(&mut self, step: Step, after: &'s str) -> Option<&'s str> {
        let Some(((least, _), rest)) = count(after)? else {
            self.steps.push(step);
            return Some(after);
        };
        if least > 0 {
            self.steps.push(step);
        }
        Some(rest)
    }

    /// Adds a class with the star or the count behind it.
    fn class<'s>(&mut self, class: Class, after: &'s str) -> Option<&'s str> {
        let repeated =
            [('*', 0), ('+', 1)].into_iter().find_map(|(c, least)| Some((least, after.strip_prefix(c)?)));
        let ((least, most), rest) = match repeated {
            Some((least, rest)) => ((least, None), rest),
            None => {
                if let Some(counted) = count(after)? {
                    counted
                } else {
                    self.steps.push(Step::Once(class));
                    return Some(after);
                }
            }
        };
        if rest.starts_with(['*', '+']) || count(rest)?.is_some() {
            return None;
        }
        self.steps.extend(std::iter::repeat_n(Step::Once(class.clone()), least));
        match most {
            Some(most) => self.steps.extend(std::iter::repeat_n(Step::Optional(class), most - least)),
            None => self.steps.push(Step::Star(class)),
        }
        Some(rest)
    }

    /// Whether the expression fits anywhere in the text.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.shortcut.tells(text).unwrap_or_else(|| self.run(text))
    }

    fn run(&self, text: &str) -> bool {
        let mut now = vec![false; self.steps.len()];
        let mut next = now.clone();
        let mut chars = text.chars();
        let mut around = (None, chars.clone().next());
        loop {
            // A match may start at any place.
            if self.starts.iter().any(|start| self.enter(&mut now, *start, around)) {
                return true;
            }
            let Some(c) = chars.next() else { return false };
            around = (Some(c), chars.clone().next());
            next.fill(false);
            for (i, step) in self.steps.iter().enumerate() {
                if !now.get(i).copied().unwrap_or(false) {
                    continue;
                }
                let accepted = match step {
                    Step::Once(class) | Step::Optional(class) if class.takes(c) => {
                        self.enter(&mut next, i + 1, around)
                    }
                    Step::Star(class) if class.takes(c) => self.enter(&mut next, i, around),
                    Step::Inside if c != '\n' => {
                        if let Some(slot) = next.get_mut(i) {
                            *slot = true;
                        }
                        c == '/' && self.enter(&mut next, i + 1, around)
                    }
                    _ => false,
                };
                if accepted {
                    return true;
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
    }

    /// Marks a state and those reached from it without a character; true if the expression ends there.
    fn enter(&self, states: &mut [bool], mut at: usize, around: (Option<char>, Option<char>)) -> bool {
        loop {
            match states.get_mut(at) {
                Some(slot) if !*slot => *slot = true,
                _ => return false,
            }
            let passes = match self.steps.get(at) {
                Some(Step::Accept) => return true,
                Some(Step::Star(_) | Step::Optional(_)) => true,
                Some(Step::Directories) => {
                    if let Some(inside) = states.get_mut(at + 1) {
                        *inside = true;
                    }
                    at += 1;
                    true
                }
                Some(Step::Start) => around.0.is_none(),
                Some(Step::End) => around.1.is_none(),
                Some(Step::Boundary(between)) => (is_word(around.0) != is_word(around.1)) == *between,
                Some(Step::Once(_) | Step::Inside) | None => false,
            };
            if !passes {
                return false;
            }
            at += 1;
        }
    }
}

impl Shortcut {
    /// Of the one alternative of an expression.
    fn of(steps: &[Step]) -> Self {
        let [Step::Start, steps @ .., Step::End, Step::Accept] = steps else { return Self::default() };
        let literal = |step: &Step| match step {
            Step::Once(Class::One(c)) => Some(*c),
            _ => None,
        };
        let prefix: String = steps.iter().map_while(literal).collect();
        let rest = steps.get(prefix.chars().count()..).unwrap_or_default();
        let mut suffix: Vec<char> = rest.iter().rev().map_while(literal).collect();
        suffix.reverse();
        let name = |class: &Class| *class == Class::Ranges { negated: true, ranges: vec![('/', '/')] };
        let middle = match rest.get(..rest.len() - suffix.len()).unwrap_or_default() {
            [] => Middle::Nothing,
            [Step::Star(class)] if name(class) => Middle::Name,
            [Step::Directories, Step::Inside] => Middle::Directories,
            [Step::Directories, Step::Inside, Step::Star(class)] if name(class) => Middle::Both,
            _ => Middle::Run,
        };
        Self { prefix, suffix: suffix.into_iter().collect(), middle }
    }

    /// Whether the text fits; `None` if only a run tells.
    fn tells(&self, text: &str) -> Option<bool> {
        let between = text.strip_prefix(&*self.prefix).and_then(|rest| rest.strip_suffix(&*self.suffix));
        let Some(between) = between else { return Some(false) };
        match self.middle {
            Middle::Run => None,
            Middle::Nothing => Some(between.is_empty()),
            Middle::Name => Some(!between.contains('/')),
            // A dot takes no line break.
            Middle::Directories | Middle::Both if between.contains('\n') => None,
            Middle::Directories => Some(between.is_empty() || between.ends_with('/')),
            Middle::Both => Some(true),
        }
    }
}

/// The least and the most that a count asks for.
type Count = (usize, Option<usize>);

/// `{2}`, `{2,}`, `{2,3}` at the start of a text, and what is behind it; `None` where Go refuses the numbers. Any
/// other brace stands for itself.
#[allow(clippy::option_option, reason = "refused, or there is none, or this one")]
fn count(text: &str) -> Option<Option<(Count, &str)>> {
    let Some((inner, rest)) = text.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
        return Some(None);
    };
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        // Go refuses leading zeros, and takes what is too large for too large.
        (plain && (digits.len() == 1 || !digits.starts_with('0')))
            .then(|| digits.parse().unwrap_or(usize::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner), number(inner).map(Some)),
        Some((least, "")) => (number(least), Some(None)),
        Some((least, most)) => (number(least), number(most).map(Some)),
    };
    let (Some(least), Some(most)) = (least, most) else { return Some(None) };
    let fits = least <= MAX_COUNT && most.is_none_or(|most| most <= MAX_COUNT && least <= most);
    fits.then_some(Some(((least, most), rest)))
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
            ("x(.*/)?[^/]*y", "x/a\nb/y", false),
            ("x(.*/)?[^/]*y", "x/ab/cy", true),
            ("x[^/]*x", "x", false),
            ("é[^/]*\\.é", "éa.é", true),
            (".*", "x/y", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[[:digit:]x-]", "-", true),
            ("[\\d]\\w", "7_", true),
            ("[a-c-e]x", "-x", true),
            ("[a-c-e]x", "dx", false),
            ("a^b", "a^b", false),
            ("^a", "a", true),
            ("\\*\\x41\\101", "*AA", true),
            ("[a[^/]*]", "aaa]", true),
            ("a|b", "xb", true),
            ("a|b", "xa", false),
            ("x{2}y{0,1}", "xx", true),
            ("x{2,}", "x", false),
            ("a+b", "aab", true),
            ("a+b", "b", false),
            ("x{a}", "x{a}", true),
            ("a\\b", "a", true),
            ("a\\bb", "ab", false),
            ("a\\Bb\\z", "ab", true),
        ] {
            let regexp = Regexp::new(&format!("^{source}$")).unwrap();
            assert_eq!(regexp.matches(text), expected, "{source} {text}");
            assert_eq!(regexp.run(text), expected, "{source} {text}");
        }
        for source in
            ["[a", "\\y", "[b-a]", "\\", "[a-\\]", "[[:nope:]]", "x{2,1}", "x{1001}", "a|{2}", "[a]*{2}"]
        {
            assert_eq!(Regexp::new(source), None, "{source}");
        }
    }

    #[test]
    fn long_patterns_stay_cheap() {
        let regexp = Regexp::new(&format!("^{}$", "(.*/)?[^/]*a".repeat(200))).unwrap();
        assert!(!regexp.matches(&"a/".repeat(2_000)));
    }
}
