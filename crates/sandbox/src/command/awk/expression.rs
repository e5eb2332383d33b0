//! Expressions, from the loosest operators to the tightest.

use super::lex::{Token, is_keyword};
use super::parse::{Bad, Parse, Parser};
use super::{Expr, Source};

const BUILTINS: &[&str] = &[
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "sin", "cos", "atan2", "exp",
    "log", "sqrt", "int", "rand", "srand", "tolower", "toupper", "system", "close", "fflush",
];

impl Parser {
    pub(super) fn exprs(&mut self) -> Parse<Vec<Expr>> {
        let mut all = Vec::new();
        if self.is(")") || self.is("]") {
            return Ok(all);
        }
        loop {
            all.push(self.expr()?);
            if !self.take(",")? {
                return Ok(all);
            }
            self.lines()?;
        }
    }

    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.deeper()?;
        let expr = self.ternary()?;
        self.depth -= 1;
        let place = matches!(expr, Expr::Name(_) | Expr::Field(_) | Expr::Item(..));
        let Token::Op(op) = self.token else { return Ok(expr) };
        let kind = match op {
            "=" => '=',
            "+=" => '+',
            "-=" => '-',
            "*=" => '*',
            "/=" => '/',
            "%=" => '%',
            "^=" => '^',
            _ => return Ok(expr),
        };
        if !place {
            return Err(Bad::Token);
        }
        self.next()?;
        self.lines()?;
        let value = self.expr()?;
        Ok(Expr::Assign(kind, Box::new(expr), Box::new(value)))
    }

    pub(super) fn ternary(&mut self) -> Parse<Expr> {
        let test = self.or()?;
        if !self.take("?")? {
            return Ok(test);
        }
        self.lines()?;
        let yes = self.expr()?;
        self.lines()?;
        self.expect(":")?;
        self.lines()?;
        let no = self.expr()?;
        Ok(Expr::Choice(Box::new(test), Box::new(yes), Box::new(no)))
    }

    pub(super) fn or(&mut self) -> Parse<Expr> {
        let mut left = self.and()?;
        while self.take("||")? {
            self.lines()?;
            left = Expr::Binary("||", Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    pub(super) fn and(&mut self) -> Parse<Expr> {
        let mut left = self.membership()?;
        while self.take("&&")? {
            self.lines()?;
            left = Expr::Binary("&&", Box::new(left), Box::new(self.membership()?));
        }
        Ok(left)
    }

    pub(super) fn membership(&mut self) -> Parse<Expr> {
        let mut left = self.matching()?;
        while self.word("in") && !self.no_in {
            self.next()?;
            let Token::Word(array) = self.token.clone() else { return Err(self.bad()) };
            self.next()?;
            left = Expr::In(vec![left], array);
        }
        Ok(left)
    }

    pub(super) fn matching(&mut self) -> Parse<Expr> {
        let mut left = self.comparison()?;
        loop {
            let op = if self.is("~") {
                "~"
            } else if self.is("!") && self.peek(0) == '~' {
                self.next()?;
                "!~"
            } else {
                return Ok(left);
            };
            self.next()?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.comparison()?));
        }
    }

    pub(super) fn comparison(&mut self) -> Parse<Expr> {
        let left = self.concat()?;
        for op in ["<=", ">=", "==", "!=", "<", ">"] {
            if self.is(op) && !(op == ">" && self.no_greater) {
                self.next()?;
                return Ok(Expr::Binary(op, Box::new(left), Box::new(self.concat()?)));
            }
        }
        if self.is("|") && !self.no_greater {
            let mut left = left;
            while self.is("|") && self.following_getline() {
                self.next()?;
                self.next()?;
                let into = self.place()?;
                left = Expr::Getline(Source::Command(Box::new(left)), into);
            }
            return Ok(left);
        }
        Ok(left)
    }

    pub(super) fn following_getline(&self) -> bool {
        let rest: String = self.chars.get(self.at..).unwrap_or(&[]).iter().take(16).collect();
        rest.trim_start().starts_with("getline")
    }

    /// A variable that `getline` may be followed by.
    pub(super) fn place(&mut self) -> Parse<Option<Box<Expr>>> {
        Ok(match &self.token {
            Token::Word(word) if !is_keyword(word) => Some(Box::new(self.primary()?)),
            Token::Op("$") => Some(Box::new(self.primary()?)),
            _ => None,
        })
    }

    pub(super) fn concat(&mut self) -> Parse<Expr> {
        let mut left = self.additive()?;
        loop {
            let begins = match &self.token {
                Token::Number(_)
                | Token::Text(_)
                | Token::Called(_)
                | Token::Op("$" | "(" | "-" | "+" | "++" | "--") => true,
                Token::Op("!") => self.peek(0) != '~',
                Token::Word(word) => !is_keyword(word),
                _ => false,
            };
            if !begins {
                return Ok(left);
            }
            left = Expr::Binary(" ", Box::new(left), Box::new(self.additive()?));
        }
    }

    pub(super) fn additive(&mut self) -> Parse<Expr> {
        let mut left = self.multiplicative()?;
        loop {
            let Token::Op(op @ ("+" | "-")) = self.token else { return Ok(left) };
            self.next()?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.multiplicative()?));
        }
    }

    pub(super) fn multiplicative(&mut self) -> Parse<Expr> {
        let mut left = self.unary()?;
        loop {
            let Token::Op(op @ ("*" | "/" | "%")) = self.token else { return Ok(left) };
            self.next()?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.unary()?));
        }
    }

    pub(super) fn unary(&mut self) -> Parse<Expr> {
        let op = match self.token {
            Token::Op("!") => '!',
            Token::Op("-") => '-',
            Token::Op("+") => '+',
            _ => return self.power(),
        };
        self.deeper()?;
        self.next()?;
        let inner = self.unary()?;
        self.depth -= 1;
        Ok(Expr::Unary(op, Box::new(inner)))
    }

    pub(super) fn power(&mut self) -> Parse<Expr> {
        let base = self.postfix()?;
        if !self.take("^")? {
            return Ok(base);
        }
        self.deeper()?;
        let exponent = self.unary()?;
        self.depth -= 1;
        Ok(Expr::Binary("^", Box::new(base), Box::new(exponent)))
    }

    pub(super) fn postfix(&mut self) -> Parse<Expr> {
        let inner = self.primary()?;
        if matches!(inner, Expr::Name(_) | Expr::Field(_) | Expr::Item(..)) {
            if self.take("++")? {
                return Ok(Expr::Step(true, 1.0, Box::new(inner)));
            }
            if self.take("--")? {
                return Ok(Expr::Step(true, -1.0, Box::new(inner)));
            }
        }
        Ok(inner)
    }

    pub(super) fn primary(&mut self) -> Parse<Expr> {
        self.deeper()?;
        let expr = self.primary_inner()?;
        self.depth -= 1;
        Ok(expr)
    }

    pub(super) fn primary_inner(&mut self) -> Parse<Expr> {
        let token = self.token.clone();
        self.next()?;
        Ok(match token {
            Token::Number(value) => Expr::Number(value),
            Token::Text(text) => Expr::Text(text),
            Token::Regex(text) => Expr::Regex(text),
            Token::Op("$") => {
                let index = match self.token {
                    Token::Op("++" | "--" | "-") => self.unary_step()?,
                    _ => self.primary()?,
                };
                Expr::Field(Box::new(index))
            }
            Token::Op(op @ ("++" | "--")) => {
                let place = self.primary()?;
                if !matches!(place, Expr::Name(_) | Expr::Field(_) | Expr::Item(..)) {
                    return Err(Bad::Token);
                }
                Expr::Step(false, if op == "++" { 1.0 } else { -1.0 }, Box::new(place))
            }
            Token::Op("(") => {
                let mut inner = self.free(Self::exprs)?;
                self.expect(")")?;
                if self.word("in") {
                    self.next()?;
                    let Token::Word(array) = self.token.clone() else { return Err(self.bad()) };
                    self.next()?;
                    return Ok(Expr::In(inner, array));
                }
                if inner.len() != 1 {
                    return Err(Bad::Token);
                }
                // A group is no place to assign to.
                Expr::Unary('(', Box::new(inner.remove(0)))
            }
            Token::Called(name) => {
                self.expect("(")?;
                let args = self.free(Self::exprs)?;
                self.expect(")")?;
                Expr::Call(name, args)
            }
            Token::Word(word) if word == "getline" => {
                let into = self.place()?;
                if self.take("<")? {
                    let from = self.primary()?;
                    return Ok(Expr::Getline(Source::File(Box::new(from)), into));
                }
                Expr::Getline(Source::Input, into)
            }
            Token::Word(word) if BUILTINS.contains(&word.as_str()) => {
                if self.is("(") {
                    self.next()?;
                    let args = self.free(Self::exprs)?;
                    self.expect(")")?;
                    return Ok(Expr::Call(word, args));
                }
                if word != "length" {
                    return Err(Bad::Token);
                }
                Expr::Call(word, Vec::new())
            }
            Token::Word(word) if !is_keyword(&word) => {
                if self.take("[")? {
                    let index = self.free(Self::exprs)?;
                    self.expect("]")?;
                    return Ok(Expr::Item(word, index));
                }
                Expr::Name(word)
            }
            Token::End => return Err(Bad::End),
            _ => return Err(Bad::Token),
        })
    }

    pub(super) fn unary_step(&mut self) -> Parse<Expr> {
        if self.is("-") { self.unary() } else { self.primary() }
    }
}
