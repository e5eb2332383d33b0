//! `expr`

use super::regex::Regex;
use crate::shell::Why;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};
use std::cmp::Ordering;

struct Expr<'w> {
    words: &'w [String],
    at: usize,
    depth: u32,
}

/// Why there is no value.
enum Bad {
    Halt(Halt),
    Syntax,
    Few,
    Number,
    Zero,
}

impl From<Halt> for Bad {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

type Value = Result<String, Bad>;

/// From the loosest to the tightest.
const LEVELS: [&[&str]; 6] =
    [&["|"], &["&"], &["=", "==", "!=", "<", "<=", ">", ">="], &["+", "-"], &["*", "/", "%"], &[":"]];

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let words = std::mem::take(&mut p.args);
    if words.iter().any(|word| word.contains(UNKNOWN)) {
        return Err(Halt::Unknown(Why::Content("an operand".to_owned())));
    }
    let busybox = p.busybox();
    let mut expr = Expr { words: &words, at: 0, depth: 0 };
    let value = if words.is_empty() {
        Err(Bad::Few)
    } else {
        expr.level(p, 0).and_then(|value| if expr.at < words.len() { Err(Bad::Syntax) } else { Ok(value) })
    };
    let last = words.last().map_or("", String::as_str);
    let text = match value {
        Ok(value) => {
            p.line(&value)?;
            return Ok(u8::from(
                value.is_empty() || value.trim_start_matches('-').bytes().all(|b| b == b'0'),
            ));
        }
        Err(Bad::Halt(halt)) => return Err(halt),
        Err(Bad::Few) if busybox && words.is_empty() => "too few arguments".to_owned(),
        Err(Bad::Few) if busybox => "syntax error".to_owned(),
        Err(Bad::Few) if words.is_empty() => {
            p.complain("missing operand")?;
            super::try_help(p)?;
            return Ok(2);
        }
        Err(Bad::Few) => ["syntax error: missing argument after '", last, "'"].concat(),
        Err(Bad::Syntax) if !busybox && last == "length" && words.len() == 1 => {
            "syntax error: missing argument after 'length'".to_owned()
        }
        Err(Bad::Syntax) if !busybox && expr.at < words.len() => {
            let odd = words.get(expr.at).map_or("", String::as_str);
            ["syntax error: unexpected argument '", odd, "'"].concat()
        }
        Err(Bad::Syntax) => "syntax error".to_owned(),
        Err(Bad::Number) => {
            (if busybox { "non-numeric argument" } else { "non-integer argument" }).to_owned()
        }
        Err(Bad::Zero) => "division by zero".to_owned(),
    };
    p.fail(2, &text)
}

impl Expr<'_> {
    fn next(&mut self) -> Result<String, Bad> {
        let word = self.words.get(self.at).cloned().ok_or(Bad::Few)?;
        self.at += 1;
        Ok(word)
    }

    fn level(&mut self, p: &mut Process<'_, '_>, level: usize) -> Value {
        p.m.spend(1)?;
        let Some(ops) = LEVELS.get(level) else { return self.primary(p) };
        let mut left = self.level(p, level + 1)?;
        while let Some(op) = self.words.get(self.at).filter(|word| ops.contains(&word.as_str())).cloned() {
            self.at += 1;
            let right = self.level(p, level + 1)?;
            left = apply(p, &op, left, right)?;
        }
        Ok(left)
    }

    fn primary(&mut self, p: &mut Process<'_, '_>) -> Value {
        self.depth += 1;
        if self.depth > 100 {
            return Err(Bad::Halt(Halt::Fuel));
        }
        let word = self.next()?;
        // With nothing behind it a keyword is a text.
        if self.at >= self.words.len() && word != "(" {
            return Ok(word);
        }
        match word.as_str() {
            "(" => {
                let inner = self.level(p, 0)?;
                if self.next().is_ok_and(|close| close == ")") { Ok(inner) } else { Err(Bad::Syntax) }
            }
            "length" => Ok(self.primary(p)?.chars().count().to_string()),
            "substr" => {
                let text = self.primary(p)?;
                let from = number(&self.primary(p)?).unwrap_or(0);
                let count = number(&self.primary(p)?).unwrap_or(0);
                if from < 1 {
                    return Ok(String::new());
                }
                Ok(text.chars().skip(from as usize - 1).take(usize::try_from(count).unwrap_or(0)).collect())
            }
            "index" => {
                let text = self.primary(p)?;
                let set = self.primary(p)?;
                Ok(text.chars().position(|c| set.contains(c)).map_or(0, |at| at + 1).to_string())
            }
            "match" => {
                let text = self.primary(p)?;
                let pattern = self.primary(p)?;
                matched(p, &text, &pattern)
            }
            _ => Ok(word),
        }
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn apply(p: &mut Process<'_, '_>, op: &str, left: String, right: String) -> Value {
    let null = |text: &str| text.is_empty() || text == "0";
    let order = || match (number(&left), number(&right)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => left.cmp(&right),
    };
    let truth = |value: bool| Ok((if value { "1" } else { "0" }).to_owned());
    match op {
        "|" => Ok(if !null(&left) {
            left
        } else if null(&right) {
            "0".to_owned()
        } else {
            right
        }),
        "&" => Ok(if null(&left) || null(&right) { "0".to_owned() } else { left }),
        "=" | "==" => truth(order() == Ordering::Equal),
        "!=" => truth(order() != Ordering::Equal),
        "<" => truth(order() == Ordering::Less),
        ">" => truth(order() == Ordering::Greater),
        "<=" => truth(order() != Ordering::Greater),
        ">=" => truth(order() != Ordering::Less),
        ":" => matched(p, &left, &right),
        op => {
            let (Some(a), Some(b)) = (number(&left), number(&right)) else { return Err(Bad::Number) };
            if b == 0 && matches!(op, "/" | "%") {
                return Err(Bad::Zero);
            }
            let value = match op {
                "+" => a.wrapping_add(b),
                "-" => a.wrapping_sub(b),
                "*" => a.wrapping_mul(b),
                "/" => a.wrapping_div(b),
                _ => a.wrapping_rem(b),
            };
            Ok(value.to_string())
        }
    }
}

fn matched(p: &mut Process<'_, '_>, text: &str, pattern: &str) -> Value {
    let Some(regex) = Regex::new(&["^", pattern.trim_start_matches('^')].concat(), false, false) else {
        return Err(Bad::Syntax);
    };
    Ok(match regex.find(p.m, text, 0)? {
        Some(found) => match found.groups.get(1) {
            Some(group) => group.and_then(|(from, to)| text.get(from..to)).unwrap_or("").to_owned(),
            None => {
                let (from, to) = found.span();
                text.get(from..to).unwrap_or("").chars().count().to_string()
            }
        },
        None if pattern.contains("\\(") => String::new(),
        None => "0".to_owned(),
    })
}
