//! POSIX regular expressions, basic and extended, as `grep`, `sed` and `awk` use them: compiled to a small
//! program and run with a stack of its own, so that neither depth nor time depends on anything but the budget.

use crate::shell::machine::{Halt, Machine, UNKNOWN};
use crate::shell::pattern::class;

#[derive(Debug, Clone)]
enum Inst {
    Char(char),
    Any,
    Set {
        negated: bool,
        items: Vec<SetItem>,
    },
    Split(usize, usize),
    Jump(usize),
    Save(usize),
    /// Fails if nothing was matched since the slot was saved.
    Progress(usize),
    Start,
    End,
    WordEdge(bool),
    WordStart,
    WordEnd,
    Back(usize),
    Match,
}

#[derive(Debug, Clone)]
enum SetItem {
    Range(char, char),
    Class(String),
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub(crate) struct Regex {
    program: Vec<Inst>,
    groups: usize,
    slots: usize,
    ignore_case: bool,
}

/// A match: byte ranges of the whole and of each group.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) groups: Vec<Option<(usize, usize)>>,
}

impl Found {
    pub(crate) fn span(&self) -> (usize, usize) {
        self.groups.first().copied().flatten().unwrap_or((0, 0))
    }
}

struct Compiler {
    chars: Vec<char>,
    pos: usize,
    extended: bool,
    groups: usize,
    slots: usize,
    depth: u32,
}

type Code = Vec<Inst>;

/// Instructions that one expression may have.
const MAX_PROGRAM: usize = 20_000;

/// What glibc says is wrong with an expression, if anything is. `sed` is stricter than `grep`.
pub(crate) fn fault(text: &str, extended: bool, sed: bool) -> Option<&'static str> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut depth, mut groups, mut atom) = (0, 0_u32, 0, false);
    while let Some(c) = chars.get(at) {
        at += 1;
        let (letter, escaped) = if *c == '\\' {
            let Some(next) = chars.get(at) else { return Some("Trailing backslash") };
            at += 1;
            (*next, true)
        } else {
            (*c, false)
        };
        let special = escaped != extended;
        match letter {
            '[' if !escaped => match set_end(&chars, at) {
                Ok(end) => {
                    at = end;
                    atom = true;
                }
                Err(why) => return Some(why),
            },
            '(' if special => {
                depth += 1;
                groups += 1;
                atom = false;
            }
            ')' if special && depth > 0 => {
                depth -= 1;
                atom = true;
            }
            ')' if special && (!extended || sed) => return Some("Unmatched ) or \\)"),
            '{' if special && atom => {
                let close: &[char] = if extended { &['}'] } else { &['\\', '}'] };
                let rest = chars.get(at..).unwrap_or(&[]);
                let Some(end) = rest.windows(close.len()).position(|part| part == close) else {
                    if extended {
                        continue;
                    }
                    return Some("Unmatched \\{");
                };
                let inner: String = rest.iter().take(end).collect();
                let (low, high) = inner.split_once(',').unwrap_or((&inner, &inner));
                let number =
                    |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
                match (number(low), number(high)) {
                    (Some(low), Some(high)) if !inner.is_empty() => {
                        let (low, high): (Option<u32>, Option<u32>) = (low, high);
                        if low.unwrap_or(0) > high.unwrap_or(u32::MAX) {
                            return Some("Invalid content of \\{\\}");
                        }
                        if low.max(high).is_some_and(|most| most > 0x7fff) {
                            return Some("Regular expression too big");
                        }
                    }
                    _ if extended => continue,
                    _ => return Some("Invalid content of \\{\\}"),
                }
                at += end + close.len();
            }
            '|' if special => atom = false,
            '1'..='9' if escaped && letter.to_digit(10).is_some_and(|digit| digit > groups) => {
                return Some("Invalid back reference");
            }
            _ => atom = true,
        }
    }
    (depth > 0).then_some("Unmatched ( or \\(")
}

/// Where a set ends that opens before `at`.
fn set_end(chars: &[char], mut at: usize) -> Result<usize, &'static str> {
    const CLASSES: &str = "alpha digit alnum upper lower space blank punct print graph cntrl xdigit";
    if chars.get(at) == Some(&'^') {
        at += 1;
    }
    let mut first = true;
    loop {
        let Some(c) = chars.get(at) else { return Err("Invalid regular expression") };
        at += 1;
        if *c == ']' && !first {
            return Ok(at);
        }
        first = false;
        if let ('[', Some(kind @ (':' | '.' | '='))) = (*c, chars.get(at)) {
            let rest = chars.get(at + 1..).unwrap_or(&[]);
            let Some(end) = rest.windows(2).position(|pair| pair == [*kind, ']']) else {
                return Err("Invalid regular expression");
            };
            let name: String = rest.iter().take(end).collect();
            if *kind == ':' && !CLASSES.split(' ').any(|class| class == name) {
                return Err("Invalid character class name");
            }
            at += end + 3;
            continue;
        }
        if let (Some('-'), Some(high)) = (chars.get(at), chars.get(at + 1))
            && *high != ']'
        {
            if high < c && *high != '[' {
                return Err("Invalid range end");
            }
            at += 2;
        }
    }
}

impl Regex {
    /// How many groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.groups.saturating_sub(1)
    }

    /// Compiles; `None` if it is not an expression.
    pub(crate) fn new(text: &str, extended: bool, ignore_case: bool) -> Option<Self> {
        let mut compiler =
            Compiler { chars: text.chars().collect(), pos: 0, extended, groups: 0, slots: 0, depth: 0 };
        let body = compiler.alternatives()?;
        if compiler.pos < compiler.chars.len() {
            return None;
        }
        let groups = compiler.groups + 1;
        let base = groups * 2;
        let mut program = vec![Inst::Save(0)];
        append(&mut program, body);
        program.push(Inst::Save(1));
        program.push(Inst::Match);
        if program.len() > MAX_PROGRAM {
            return None;
        }
        for inst in &mut program {
            if let Inst::Progress(slot) = inst {
                *slot += base;
            }
        }
        // Loop marks are saves above the groups' slots.
        for inst in &mut program {
            if let Inst::Save(slot) = inst
                && *slot >= MARK
            {
                *slot = *slot - MARK + base;
            }
        }
        Some(Self { program, groups, slots: base + compiler.slots, ignore_case })
    }

    /// A text taken literally.
    pub(crate) fn literal(text: &str, ignore_case: bool) -> Self {
        let mut program = vec![Inst::Save(0)];
        program.extend(text.chars().map(Inst::Char));
        program.push(Inst::Save(1));
        program.push(Inst::Match);
        Self { program, groups: 1, slots: 2, ignore_case }
    }

    /// Makes it match whole lines only.
    pub(crate) fn whole_line(mut self) -> Self {
        self.wrap(Inst::Start, Inst::End);
        self
    }

    /// Makes it match whole words only.
    pub(crate) fn whole_word(mut self) -> Self {
        self.wrap(Inst::WordStart, Inst::WordEnd);
        self
    }

    fn wrap(&mut self, first: Inst, last: Inst) {
        for inst in &mut self.program {
            match inst {
                Inst::Split(a, b) => {
                    *a += 1;
                    *b += 1;
                }
                Inst::Jump(to) => *to += 1,
                _ => {}
            }
        }
        self.program.insert(0, first);
        let at = self.program.len() - 1;
        self.program.insert(at, last);
    }

    pub(crate) fn is_match(&self, m: &mut Machine<'_>, text: &str) -> Result<bool, Halt> {
        Ok(self.find(m, text, 0)?.is_some())
    }

    /// The first match at or after a byte offset.
    pub(crate) fn find(&self, m: &mut Machine<'_>, text: &str, from: usize) -> Result<Option<Found>, Halt> {
        let starts = text.get(from..).unwrap_or("").char_indices().map(|(at, _)| from + at);
        for start in starts.chain([text.len()]) {
            if let Some(found) = self.run(m, text, start)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn same(&self, a: char, b: char) -> bool {
        a == b || (self.ignore_case && a.to_lowercase().eq(b.to_lowercase()))
    }

    fn in_set(&self, items: &[SetItem], c: char) -> bool {
        let one = |c: char| {
            items.iter().any(|item| match item {
                SetItem::Range(low, high) => *low <= c && c <= *high,
                SetItem::Class(name) => class(name, c),
            })
        };
        one(c) || (self.ignore_case && (one(c.to_ascii_lowercase()) || one(c.to_ascii_uppercase())))
    }

    /// All ways are tried in order of preference; among them the longest wins, as POSIX wants it.
    fn run(&self, m: &mut Machine<'_>, text: &str, start: usize) -> Result<Option<Found>, Halt> {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let mut stack: Vec<(usize, usize, Vec<Option<usize>>)> = vec![(0, start, vec![None; self.slots])];
        let mut best: Option<(usize, Vec<Option<usize>>)> = None;
        let mut tries = 0;
        while let Some((mut pc, mut at, mut saved)) = stack.pop() {
            loop {
                m.spend(u64::from(tries % 8 == 0))?;
                tries += 1;
                let next = || text.get(at..).and_then(|rest| rest.chars().next());
                let before = || text.get(..at).and_then(|head| head.chars().next_back());
                let ok = match self.program.get(pc) {
                    Some(Inst::Char(c)) => match next() {
                        Some(found) if self.same(*c, found) || found == UNKNOWN => {
                            at += found.len_utf8();
                            true
                        }
                        _ => false,
                    },
                    Some(Inst::Any) => match next() {
                        Some(found) => {
                            at += found.len_utf8();
                            true
                        }
                        None => false,
                    },
                    Some(Inst::Set { negated, items }) => match next() {
                        Some(found) if self.in_set(items, found) != *negated || found == UNKNOWN => {
                            at += found.len_utf8();
                            true
                        }
                        _ => false,
                    },
                    Some(Inst::Split(first, second)) => {
                        if stack.len() > 100_000 {
                            return Err(Halt::Fuel);
                        }
                        stack.push((*second, at, saved.clone()));
                        pc = *first;
                        continue;
                    }
                    Some(Inst::Jump(to)) => {
                        pc = *to;
                        continue;
                    }
                    Some(Inst::Save(slot)) => {
                        if let Some(slot) = saved.get_mut(*slot) {
                            *slot = Some(at);
                        }
                        true
                    }
                    Some(Inst::Progress(slot)) => saved.get(*slot).copied().flatten() != Some(at),
                    Some(Inst::Start) => at == 0 || before() == Some('\n'),
                    Some(Inst::End) => at == text.len() || next() == Some('\n'),
                    Some(Inst::WordEdge(edge)) => (word(before()) != word(next())) == *edge,
                    Some(Inst::WordStart) => !word(before()),
                    Some(Inst::WordEnd) => !word(next()),
                    Some(Inst::Back(group)) => {
                        let from = saved.get(group * 2).copied().flatten();
                        let to = saved.get(group * 2 + 1).copied().flatten();
                        match from.zip(to).and_then(|(from, to)| text.get(from..to)) {
                            Some(piece) if text.get(at..).is_some_and(|rest| rest.starts_with(piece)) => {
                                at += piece.len();
                                true
                            }
                            _ => false,
                        }
                    }
                    Some(Inst::Match) => {
                        if best.as_ref().is_none_or(|(end, _)| at > *end) {
                            best = Some((at, saved));
                        }
                        break;
                    }
                    None => false,
                };
                if !ok {
                    break;
                }
                pc += 1;
            }
            // The longest possible match needs no more looking.
            if best.as_ref().is_some_and(|(end, _)| *end == text.len()) || (best.is_some() && tries > 2000) {
                break;
            }
        }
        Ok(best.map(|(_, saved)| Found {
            groups: (0..self.groups)
                .map(|group| {
                    let from = saved.get(group * 2).copied().flatten();
                    from.zip(saved.get(group * 2 + 1).copied().flatten())
                })
                .collect(),
        }))
    }
}

/// Slots of loops while compiling, told apart from those of groups.
const MARK: usize = 1 << 20;

fn append(code: &mut Code, more: Code) {
    let base = code.len();
    code.extend(more.into_iter().map(|inst| match inst {
        Inst::Split(a, b) => Inst::Split(a + base, b + base),
        Inst::Jump(to) => Inst::Jump(to + base),
        other => other,
    }));
}

impl Compiler {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.pos).copied()
    }

    fn at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.pos + i) == Some(&c))
    }

    fn at_bar(&self) -> bool {
        if self.extended { self.peek() == Some('|') } else { self.at("\\|") }
    }

    fn at_close(&self) -> bool {
        if self.extended { self.depth > 0 && self.peek() == Some(')') } else { self.at("\\)") }
    }

    fn alternatives(&mut self) -> Option<Code> {
        if self.depth > 40 {
            return None;
        }
        let mut all = self.sequence()?;
        while self.at_bar() {
            self.pos += if self.extended { 1 } else { 2 };
            let right = self.sequence()?;
            let mut code = vec![Inst::Split(1, all.len() + 2)];
            append(&mut code, all);
            code.push(Inst::Jump(code.len() + 1 + right.len()));
            append(&mut code, right);
            all = code;
        }
        Some(all)
    }

    fn sequence(&mut self) -> Option<Code> {
        let mut code = Vec::new();
        let mut first = true;
        while self.pos < self.chars.len() && !self.at_bar() && !self.at_close() {
            let atom = self.atom(first)?;
            first = matches!(atom.as_slice(), [Inst::Start]);
            let atom = self.repeats(atom, first)?;
            append(&mut code, atom);
            if code.len() > MAX_PROGRAM {
                return None;
            }
        }
        Some(code)
    }

    fn repeats(&mut self, mut atom: Code, anchor: bool) -> Option<Code> {
        loop {
            let (low, high) = match self.peek() {
                Some('*') if !(anchor && !self.extended) => {
                    self.pos += 1;
                    (0, None)
                }
                Some('+') if self.extended => {
                    self.pos += 1;
                    (1, None)
                }
                Some('?') if self.extended => {
                    self.pos += 1;
                    (0, Some(1))
                }
                Some('{')
                    if self.extended && self.chars.get(self.pos + 1).is_some_and(char::is_ascii_digit) =>
                {
                    let start = self.pos;
                    self.pos += 1;
                    match self.bounds("}") {
                        Some(bounds) => bounds,
                        // What is no interval is text to glibc.
                        None if !self.chars.iter().skip(start).any(|c| *c == '}') => {
                            self.pos = start;
                            return Some(atom);
                        }
                        None => return None,
                    }
                }
                Some('\\') if !self.extended && self.at("\\{") => {
                    self.pos += 2;
                    self.bounds("\\}")?
                }
                Some('\\') if !self.extended && self.at("\\+") => {
                    self.pos += 2;
                    (1, None)
                }
                Some('\\') if !self.extended && self.at("\\?") => {
                    self.pos += 2;
                    (0, Some(1))
                }
                _ => return Some(atom),
            };
            atom = self.repeat(&atom, low, high)?;
        }
    }

    fn bounds(&mut self, close: &str) -> Option<(usize, Option<usize>)> {
        let low = self.number().unwrap_or(0);
        let high = if self.peek() == Some(',') {
            self.pos += 1;
            self.number()
        } else {
            Some(low)
        };
        if !self.at(close) {
            return None;
        }
        self.pos += close.len();
        (low <= 255 && high.is_none_or(|high| high <= 255)).then_some((low, high))
    }

    fn number(&mut self) -> Option<usize> {
        let digits: String = self.chars.get(self.pos..)?.iter().take_while(|c| c.is_ascii_digit()).collect();
        self.pos += digits.len();
        digits.parse().ok()
    }

    fn repeat(&mut self, atom: &Code, low: usize, high: Option<usize>) -> Option<Code> {
        let mut code = Vec::new();
        for _ in 0..low {
            append(&mut code, atom.clone());
            if code.len() > MAX_PROGRAM {
                return None;
            }
        }
        match high {
            None => {
                let slot = self.slots;
                self.slots += 1;
                let mut star = vec![Inst::Split(1, atom.len() + 4), Inst::Save(MARK + slot)];
                append(&mut star, atom.clone());
                star.push(Inst::Progress(slot));
                star.push(Inst::Jump(0));
                append(&mut code, star);
            }
            Some(high) => {
                for _ in low..high {
                    let mut maybe = vec![Inst::Split(1, atom.len() + 1)];
                    append(&mut maybe, atom.clone());
                    append(&mut code, maybe);
                    if code.len() > MAX_PROGRAM {
                        return None;
                    }
                }
            }
        }
        Some(code)
    }

    fn atom(&mut self, first: bool) -> Option<Code> {
        let c = self.peek()?;
        self.pos += 1;
        Some(vec![match c {
            '.' => Inst::Any,
            '[' => return self.set(),
            '^' if self.extended || first => Inst::Start,
            '$' if self.extended || self.pos >= self.chars.len() || self.at("\\)") || self.at("\\|") => {
                Inst::End
            }
            '(' if self.extended => return self.group(),
            // With nothing before it, it says nothing.
            '*' | '+' | '?' if self.extended && first => return Some(Vec::new()),
            '\\' => {
                let next = self.peek()?;
                self.pos += 1;
                match next {
                    '(' if !self.extended => return self.group(),
                    '1'..='9' => Inst::Back(next as usize - '0' as usize),
                    'b' => Inst::WordEdge(true),
                    'B' => Inst::WordEdge(false),
                    '<' => Inst::WordStart,
                    '>' => Inst::WordEnd,
                    'w' | 'W' => Inst::Set {
                        negated: next == 'W',
                        items: vec![SetItem::Class("alnum".to_owned()), SetItem::Range('_', '_')],
                    },
                    's' | 'S' => {
                        Inst::Set { negated: next == 'S', items: vec![SetItem::Class("space".to_owned())] }
                    }
                    'n' => Inst::Char('\n'),
                    't' => Inst::Char('\t'),
                    other => Inst::Char(other),
                }
            }
            c => Inst::Char(c),
        }])
    }

    fn group(&mut self) -> Option<Code> {
        self.groups += 1;
        let group = self.groups;
        self.depth += 1;
        let inner = self.alternatives()?;
        if !self.at_close() {
            return None;
        }
        self.pos += if self.extended { 1 } else { 2 };
        self.depth -= 1;
        let mut code = vec![Inst::Save(group * 2)];
        append(&mut code, inner);
        code.push(Inst::Save(group * 2 + 1));
        Some(code)
    }

    fn set(&mut self) -> Option<Code> {
        let negated = self.peek() == Some('^');
        if negated {
            self.pos += 1;
        }
        let mut items = Vec::new();
        let mut first = true;
        loop {
            let c = self.peek()?;
            if c == ']' && !first {
                self.pos += 1;
                return Some(vec![Inst::Set { negated, items }]);
            }
            first = false;
            if c == '[' && matches!(self.chars.get(self.pos + 1), Some(':' | '.' | '=')) {
                let kind = *self.chars.get(self.pos + 1)?;
                let rest = self.chars.get(self.pos + 2..)?;
                let end = rest.windows(2).position(|pair| pair == [kind, ']'])?;
                let name: String = rest.get(..end)?.iter().collect();
                self.pos += end + 4;
                match kind {
                    ':' => items.push(SetItem::Class(name)),
                    _ => items.extend(name.chars().map(|c| SetItem::Range(c, c))),
                }
                continue;
            }
            self.pos += 1;
            let mut low = c;
            if c == '\\' && matches!(self.peek(), Some('n' | 't' | ']' | '\\')) {
                // GNU and BusyBox both read `\n` in a set, and a backslash before a bracket as itself.
                match self.peek() {
                    Some('n') => low = '\n',
                    Some('t') => low = '\t',
                    Some('\\') => low = '\\',
                    _ => self.pos -= 1,
                }
                self.pos += 1;
            }
            if self.peek() == Some('-') && self.chars.get(self.pos + 1).is_some_and(|c| *c != ']') {
                let high = *self.chars.get(self.pos + 1)?;
                self.pos += 2;
                items.push(SetItem::Range(low, high));
            } else {
                items.push(SetItem::Range(low, low));
            }
        }
    }
}
