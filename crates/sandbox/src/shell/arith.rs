//! Arithmetic of `$(( … ))`, `expr`-less: C's operators over signed 64-bit integers, with variables.

/// Variables as arithmetic sees them.
pub(crate) trait Scope {
    /// The text of a variable, if it is set.
    fn get(&mut self, name: &str) -> Option<String>;
    /// Assigns.
    fn set(&mut self, name: &str, value: i64);
    /// Nothing but what POSIX asks for: no steps, powers or commas, and variables hold numbers.
    fn plain(&self) -> bool {
        false
    }
    /// Whether a branch that is not taken is not evaluated.
    fn lazy(&self) -> bool {
        true
    }
    /// A variable was read that is not set.
    fn unset(&mut self, _name: &str) {}
    /// What becomes of a number that may be too large.
    fn narrow(&self, value: u128) -> i64 {
        value as i64
    }
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArithError {
    Syntax,
    /// Something is left over behind an expression.
    Rest,
    DivideByZero,
    /// The value of a variable is none.
    Number(String),
    /// A digit that its base does not have.
    Digit,
    /// Variables that lead to each other.
    Loop,
}

/// An error, with the expression that it is in and the token that it is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: ArithError,
    pub(crate) text: String,
    pub(crate) token: String,
}

struct Eval<'s, S> {
    text: &'s [u8],
    pos: usize,
    depth: u32,
    /// Where an assignment may stand.
    start: usize,
    /// Nothing is assigned or divided in a branch that is not taken.
    dry: u32,
    /// Where the last token begins.
    last: usize,
    /// Of the value of a variable.
    inner: Option<Failure>,
    scope: &'s mut S,
}

/// The value of an expression; empty is 0.
pub(crate) fn evaluate(text: &str, scope: &mut impl Scope) -> Result<i64, Failure> {
    evaluate_deep(text, scope, 0)
}

fn evaluate_deep<S: Scope>(text: &str, scope: &mut S, depth: u32) -> Result<i64, Failure> {
    let mut eval =
        Eval { text: text.as_bytes(), pos: 0, depth, start: 0, dry: 0, last: 0, inner: None, scope };
    let error = match eval.whole() {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let token = text.get(eval.last..).unwrap_or("").to_owned();
    Err(eval.inner.unwrap_or_else(|| Failure { error, text: text.trim_start().to_owned(), token }))
}

const BINARY: &[(&str, u8)] = &[
    ("||", 1),
    ("&&", 2),
    ("|", 3),
    ("^", 4),
    ("&", 5),
    ("==", 6),
    ("!=", 6),
    ("<=", 7),
    (">=", 7),
    ("<<", 8),
    (">>", 8),
    ("<", 7),
    (">", 7),
    ("+", 9),
    ("-", 9),
    ("**", 11),
    ("*", 10),
    ("/", 10),
    ("%", 10),
];

impl<S: Scope> Eval<'_, S> {
    fn blanks(&mut self) {
        while self.text.get(self.pos).is_some_and(u8::is_ascii_whitespace) {
            self.pos += 1;
        }
    }

    fn whole(&mut self) -> Result<i64, ArithError> {
        self.blanks();
        if self.depth > 20 {
            return Err(ArithError::Loop);
        }
        if self.pos >= self.text.len() {
            return Ok(0);
        }
        let value = self.comma()?;
        if self.pos >= self.text.len() {
            return Ok(value);
        }
        self.last = self.pos;
        Err(ArithError::Rest)
    }

    fn at(&self, op: &str) -> bool {
        self.text.get(self.pos..).is_some_and(|rest| rest.starts_with(op.as_bytes()))
    }

    fn take(&mut self, op: &str) -> bool {
        self.blanks();
        let found = self.at(op);
        if found {
            self.last = self.pos;
            self.pos += op.len();
            self.blanks();
        }
        found
    }

    fn comma(&mut self) -> Result<i64, ArithError> {
        let mut value = self.ternary()?;
        while !self.scope.plain() && self.take(",") {
            value = self.ternary()?;
        }
        Ok(value)
    }

    fn ternary(&mut self) -> Result<i64, ArithError> {
        self.depth += 1;
        if self.depth > 60 {
            return Err(ArithError::Syntax);
        }
        self.blanks();
        let start = std::mem::replace(&mut self.start, self.pos);
        let test = self.binary(1)?;
        self.start = start;
        let value = if self.take("?") {
            self.dry += u32::from(test == 0 && self.scope.lazy());
            let yes = self.ternary()?;
            self.dry -= u32::from(test == 0 && self.scope.lazy());
            if !self.take(":") {
                return Err(ArithError::Syntax);
            }
            self.dry += u32::from(test != 0 && self.scope.lazy());
            let no = self.ternary()?;
            self.dry -= u32::from(test != 0 && self.scope.lazy());
            if test != 0 { yes } else { no }
        } else {
            test
        };
        self.depth -= 1;
        Ok(value)
    }

    fn operator(&mut self) -> Option<(&'static str, u8)> {
        self.blanks();
        let found = BINARY.iter().copied().find(|(op, _)| self.at(op));
        // `a = b`, `a += b` are not binary operators.
        found.filter(|(op, level)| {
            let next = self.text.get(self.pos + op.len());
            *level == 6 || *level == 7 && op.len() == 2 || next != Some(&b'=') || matches!(*op, "<" | ">")
        })
    }

    fn binary(&mut self, least: u8) -> Result<i64, ArithError> {
        let mut left = self.unary()?;
        while let Some((op, level)) = self.operator() {
            if level < least {
                break;
            }
            self.last = self.pos;
            self.pos += op.len();
            let skip = (op == "&&" && left == 0) || (op == "||" && left != 0);
            self.dry += u32::from(skip && self.scope.lazy());
            if op == "**" && self.scope.plain() {
                return Err(ArithError::Syntax);
            }
            self.blanks();
            let operand = self.pos;
            let right = self.binary(if op == "**" { level } else { level + 1 });
            self.dry -= u32::from(skip && self.scope.lazy());
            let right = right?;
            left = match self.apply(op, left, right) {
                Ok(value) => value,
                Err(error) => {
                    self.last = operand;
                    return Err(error);
                }
            };
        }
        Ok(left)
    }

    fn apply(&self, op: &str, a: i64, b: i64) -> Result<i64, ArithError> {
        Ok(match op {
            "||" => i64::from(a != 0 || b != 0),
            "&&" => i64::from(a != 0 && b != 0),
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => i64::from(a == b),
            "!=" => i64::from(a != b),
            "<=" => i64::from(a <= b),
            ">=" => i64::from(a >= b),
            "<" => i64::from(a < b),
            ">" => i64::from(a > b),
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            "**" => a.wrapping_pow(b.clamp(0, 64) as u32),
            "/" | "%" if b == 0 => {
                if self.dry > 0 {
                    return Ok(0);
                }
                return Err(ArithError::DivideByZero);
            }
            "/" => a.wrapping_div(b),
            "%" => a.wrapping_rem(b),
            _ => return Err(ArithError::Syntax),
        })
    }

    fn unary(&mut self) -> Result<i64, ArithError> {
        self.depth += 1;
        if self.depth > 60 {
            return Err(ArithError::Syntax);
        }
        self.blanks();
        let value = if !self.scope.plain() && (self.at("++") || self.at("--")) {
            let by = if self.at("++") { 1 } else { -1 };
            self.pos += 2;
            self.blanks();
            let name = self.name();
            if name.is_empty() {
                return Err(ArithError::Syntax);
            }
            let value = self.variable(&name)?.wrapping_add(by);
            self.assign(&name, value)
        } else if self.take("!") {
            i64::from(self.unary()? == 0)
        } else if self.take("~") {
            !self.unary()?
        } else if self.take("-") {
            self.unary()?.wrapping_neg()
        } else if self.take("+") {
            self.unary()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn name(&mut self) -> String {
        let start = self.pos;
        while self.text.get(self.pos).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_') {
            self.pos += 1;
        }
        String::from_utf8_lossy(self.text.get(start..self.pos).unwrap_or(&[])).into_owned()
    }

    fn variable(&mut self, name: &str) -> Result<i64, ArithError> {
        match self.scope.get(name) {
            // What is not evaluated is not looked at.
            _ if self.dry > 0 => Ok(0),
            None => {
                self.scope.unset(name);
                Ok(0)
            }
            Some(text) => match self.number(text.trim()) {
                Some(value) => Ok(value),
                None if text.trim().is_empty() => Ok(0),
                None if self.scope.plain() => Err(ArithError::Number(text)),
                None => evaluate_deep(&text, self.scope, self.depth + 1).map_err(|failure| {
                    let error = failure.error.clone();
                    self.inner = Some(failure);
                    error
                }),
            },
        }
    }

    /// A C literal: decimal, `0x…`, `0…`.
    fn number(&self, text: &str) -> Option<i64> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if !digits.bytes().next()?.is_ascii_digit() {
            return None;
        }
        let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hex) => (hex, 16),
            None if digits.len() > 1 && digits.starts_with('0') => (digits, 8),
            None => (digits, 10),
        };
        let mut value = 0_u128;
        for digit in digits.chars() {
            value = value.saturating_mul(radix.into()).saturating_add(digit.to_digit(radix)?.into());
        }
        let value = self.scope.narrow(value);
        Some(if negative { value.wrapping_neg() } else { value })
    }

    fn assign(&mut self, name: &str, value: i64) -> i64 {
        if self.dry == 0 {
            self.scope.set(name, value);
        }
        value
    }

    fn primary(&mut self) -> Result<i64, ArithError> {
        self.blanks();
        if self.pos < self.text.len() {
            self.last = self.pos;
        }
        match self.text.get(self.pos) {
            Some(b'(') => {
                self.pos += 1;
                let value = self.comma()?;
                if self.take(")") { Ok(value) } else { Err(ArithError::Syntax) }
            }
            Some(c) if c.is_ascii_digit() => {
                let mut digits = self.name();
                if self.text.get(self.pos) == Some(&b'#') {
                    self.pos += 1;
                    let base: u32 = digits.parse().map_err(|_| ArithError::Syntax)?;
                    digits = self.name();
                    if !(2..=36).contains(&base) {
                        return Err(ArithError::Syntax);
                    }
                    return i64::from_str_radix(&digits, base).map_err(|_| ArithError::Syntax);
                }
                // `08` is a zero and something left over.
                self.number(&digits).ok_or(if self.scope.plain() {
                    ArithError::Rest
                } else {
                    ArithError::Digit
                })
            }
            Some(c) if c.is_ascii_alphabetic() || *c == b'_' => {
                let assigns = self.pos == self.start;
                let name = self.name();
                self.blanks();
                if !self.scope.plain() && (self.at("++") || self.at("--")) {
                    let by = if self.at("++") { 1 } else { -1 };
                    self.pos += 2;
                    let value = self.variable(&name)?;
                    self.assign(&name, value.wrapping_add(by));
                    return Ok(value);
                }
                for op in ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="] {
                    if assigns && self.at(op) && !(op == "=" && self.at("==")) {
                        self.pos += op.len();
                        let right = self.ternary()?;
                        let value = match op.strip_suffix('=') {
                            Some("") | None => right,
                            Some(op) => {
                                let left = self.variable(&name)?;
                                self.apply(op, left, right)?
                            }
                        };
                        return Ok(self.assign(&name, value));
                    }
                }
                self.variable(&name)
            }
            _ => Err(ArithError::Syntax),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    impl Scope for BTreeMap<String, String> {
        fn get(&mut self, name: &str) -> Option<String> {
            BTreeMap::get(self, name).cloned()
        }
        fn set(&mut self, name: &str, value: i64) {
            self.insert(name.to_owned(), value.to_string());
        }
    }

    #[test]
    fn expressions_have_the_values_of_c() {
        let mut scope = BTreeMap::from([("x".to_owned(), "5".to_owned())]);
        for (text, value) in [
            ("1+2*3", Ok(7)),
            ("(1+2)*3", Ok(9)),
            ("x*2", Ok(10)),
            ("x==5 && 1", Ok(1)),
            ("0 ? 1/0 : 3", Ok(3)),
            ("1/0", Err(ArithError::DivideByZero)),
            ("7%4-1", Ok(2)),
            ("0x10+010", Ok(24)),
            ("-3+ +4", Ok(1)),
            ("!0", Ok(1)),
            ("1<<4|1", Ok(17)),
            ("y=3, y+=2, y++", Ok(5)),
            ("y", Ok(6)),
            ("2**10", Ok(1024)),
            ("1 +", Err(ArithError::Syntax)),
            ("3 > 2", Ok(1)),
            ("a b", Err(ArithError::Rest)),
            ("", Ok(0)),
        ] {
            assert_eq!(evaluate(text, &mut scope).map_err(|failure| failure.error), value, "{text}");
        }
    }
}
