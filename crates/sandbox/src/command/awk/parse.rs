//! From a program's text to its rules.

use super::{Expr, Function, Program, Sink, Source, Stmt, When};
use crate::command::echo::unescape;

/// Why there is no program.
pub(super) enum Bad {
    /// It ends too early.
    End,
    /// Something that is not read here, or an error.
    Token,
}

type Parse<T> = Result<T, Bad>;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Word(String),
    /// A name with `(` right after it.
    Called(String),
    Op(&'static str),
    Line,
    End,
}

const OPS: &[&str] = &[
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", ">>",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$",
    "=", "/",
];

const BUILTINS: &[&str] = &[
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "sin", "cos", "atan2", "exp",
    "log", "sqrt", "int", "rand", "srand", "tolower", "toupper", "system", "close", "fflush",
];

/// How deep expressions and statements may nest.
const MAX_DEPTH: u32 = 60;

struct Parser {
    chars: Vec<char>,
    at: usize,
    token: Token,
    /// What came before, to tell a division from an expression.
    value_before: bool,
    depth: u32,
    /// `>` and `in` belong to the statement around.
    no_greater: bool,
    no_in: bool,
}

pub(super) fn parse(text: &str) -> Parse<Program> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        token: Token::Line,
        value_before: false,
        depth: 0,
        no_greater: false,
        no_in: false,
    };
    parser.next()?;
    let mut program = Program::default();
    loop {
        while matches!(parser.token, Token::Line | Token::Op(";")) {
            parser.next()?;
        }
        if parser.token == Token::End {
            return Ok(program);
        }
        parser.rule(&mut program)?;
    }
}

impl Parser {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn next(&mut self) -> Parse<()> {
        self.token = self.lex()?;
        self.value_before = match &self.token {
            Token::Number(_)
            | Token::Text(_)
            | Token::Regex(_)
            | Token::Op(")" | "]" | "$" | "++" | "--") => true,
            Token::Word(word) => !matches!(
                word.as_str(),
                "print"
                    | "printf"
                    | "return"
                    | "in"
                    | "getline"
                    | "if"
                    | "while"
                    | "do"
                    | "else"
                    | "exit"
                    | "delete"
            ),
            _ => false,
        };
        Ok(())
    }

    fn lex(&mut self) -> Parse<Token> {
        loop {
            match self.peek(0) {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.peek(1) == '\n' => self.at += 2,
                '#' => {
                    while self.at < self.chars.len() && self.peek(0) != '\n' {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        if self.at >= self.chars.len() {
            return Ok(Token::End);
        }
        let c = self.peek(0);
        if c == '\n' {
            self.at += 1;
            return Ok(Token::Line);
        }
        if c == '"' {
            self.at += 1;
            return self.quoted('"').map(|raw| Token::Text(plain(&raw)));
        }
        if c == '/' && !self.value_before {
            self.at += 1;
            return self.quoted('/').map(|raw| Token::Regex(raw.replace("\\/", "/").replace("\\\"", "\"")));
        }
        if c.is_ascii_digit() || (c == '.' && self.peek(1).is_ascii_digit()) {
            let start = self.at;
            while self.peek(0).is_ascii_digit() || self.peek(0) == '.' {
                self.at += 1;
            }
            if matches!(self.peek(0), 'e' | 'E')
                && (self.peek(1).is_ascii_digit()
                    || (matches!(self.peek(1), '+' | '-') && self.peek(2).is_ascii_digit()))
            {
                self.at += 2;
                while self.peek(0).is_ascii_digit() {
                    self.at += 1;
                }
            }
            let text: String = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
            return text.parse().map(Token::Number).map_err(|_| Bad::Token);
        }
        if c.is_ascii_alphabetic() || c == '_' {
            let mut word = String::new();
            while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == '_' {
                word.push(self.peek(0));
                self.at += 1;
            }
            let called = self.peek(0) == '(' && !is_keyword(&word);
            return Ok(if called { Token::Called(word) } else { Token::Word(word) });
        }
        for op in OPS {
            if op.chars().enumerate().all(|(ahead, c)| self.peek(ahead) == c) {
                self.at += op.len();
                return Ok(Token::Op(match *op {
                    "**" => "^",
                    "**=" => "^=",
                    op => op,
                }));
            }
        }
        Err(Bad::Token)
    }

    fn quoted(&mut self, close: char) -> Parse<String> {
        let mut raw = String::new();
        let mut in_set = false;
        loop {
            if self.at >= self.chars.len() {
                return Err(Bad::End);
            }
            let c = self.peek(0);
            self.at += 1;
            match c {
                '\\' => {
                    raw.push('\\');
                    raw.push(self.peek(0));
                    self.at += 1;
                }
                '[' if close == '/' => {
                    in_set = true;
                    raw.push(c);
                }
                ']' => {
                    in_set = false;
                    raw.push(c);
                }
                '\n' => return Err(Bad::Token),
                _ if c == close && !in_set => return Ok(raw),
                _ => raw.push(c),
            }
        }
    }

    fn is(&self, op: &str) -> bool {
        matches!(&self.token, Token::Op(found) if *found == op)
    }

    fn take(&mut self, op: &str) -> Parse<bool> {
        let found = self.is(op);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn expect(&mut self, op: &str) -> Parse<()> {
        if self.take(op)? { Ok(()) } else { Err(self.bad()) }
    }

    fn bad(&self) -> Bad {
        if self.token == Token::End { Bad::End } else { Bad::Token }
    }

    fn word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(found) if found == word)
    }

    fn lines(&mut self) -> Parse<()> {
        while self.token == Token::Line {
            self.next()?;
        }
        Ok(())
    }

    fn deeper(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Bad::Token) } else { Ok(()) }
    }

    fn rule(&mut self, program: &mut Program) -> Parse<()> {
        if self.word("function") || self.word("func") {
            self.next()?;
            let (Token::Called(name) | Token::Word(name)) = self.token.clone() else {
                return Err(self.bad());
            };
            self.next()?;
            self.expect("(")?;
            let mut params = Vec::new();
            while let Token::Word(param) = self.token.clone() {
                params.push(param);
                self.next()?;
                if !self.take(",")? {
                    break;
                }
                self.lines()?;
            }
            self.expect(")")?;
            self.lines()?;
            let body = self.block()?;
            program.functions.push(Function { name, params, body });
            return Ok(());
        }
        let when = if self.word("BEGIN") {
            self.next()?;
            When::Begin
        } else if self.word("END") {
            self.next()?;
            When::End
        } else if self.is("{") {
            When::Always
        } else {
            let test = self.expr()?;
            if self.take(",")? {
                self.lines()?;
                When::Range(test, self.expr()?)
            } else {
                When::Test(test)
            }
        };
        let body = if self.is("{") { Some(self.block()?) } else { None };
        if body.is_none() && matches!(when, When::Begin | When::End) {
            return Err(self.bad());
        }
        program.rules.push((when, body));
        Ok(())
    }

    fn block(&mut self) -> Parse<Vec<Stmt>> {
        self.expect("{")?;
        let mut body = Vec::new();
        loop {
            while matches!(self.token, Token::Line | Token::Op(";")) {
                self.next()?;
            }
            if self.take("}")? {
                return Ok(body);
            }
            body.push(self.stmt()?);
        }
    }

    /// The end of a simple statement.
    fn end(&mut self) -> Parse<()> {
        match self.token {
            Token::Line | Token::Op(";") => self.next(),
            Token::Op("}") => Ok(()),
            _ => Err(self.bad()),
        }
    }

    fn body(&mut self) -> Parse<Box<Stmt>> {
        self.lines()?;
        if self.take(";")? {
            return Ok(Box::new(Stmt::Block(Vec::new())));
        }
        self.stmt().map(Box::new)
    }

    fn stmt(&mut self) -> Parse<Stmt> {
        self.deeper()?;
        let stmt = self.stmt_inner()?;
        self.depth -= 1;
        Ok(stmt)
    }

    fn stmt_inner(&mut self) -> Parse<Stmt> {
        if self.is("{") {
            return self.block().map(Stmt::Block);
        }
        let word = match &self.token {
            Token::Word(word) => word.clone(),
            _ => String::new(),
        };
        match word.as_str() {
            "if" => {
                self.next()?;
                let test = self.parens()?;
                let yes = self.body()?;
                // `; else` and an `else` on the next line belong to it.
                let (at, token, before) = (self.at, self.token.clone(), self.value_before);
                while matches!(self.token, Token::Line | Token::Op(";")) {
                    self.next()?;
                }
                if self.word("else") {
                    self.next()?;
                    return Ok(Stmt::If(test, yes, Some(self.body()?)));
                }
                (self.at, self.token, self.value_before) = (at, token, before);
                Ok(Stmt::If(test, yes, None))
            }
            "while" => {
                self.next()?;
                let test = self.parens()?;
                Ok(Stmt::While(test, self.body()?, false))
            }
            "do" => {
                self.next()?;
                let body = self.body()?;
                while matches!(self.token, Token::Line | Token::Op(";")) {
                    self.next()?;
                }
                if !self.word("while") {
                    return Err(self.bad());
                }
                self.next()?;
                let test = self.parens()?;
                self.end()?;
                Ok(Stmt::While(test, body, true))
            }
            "for" => self.for_stmt(),
            _ => {
                let stmt = self.simple()?;
                self.end()?;
                Ok(stmt)
            }
        }
    }

    fn parens(&mut self) -> Parse<Expr> {
        self.expect("(")?;
        let inner = self.free(Self::expr)?;
        self.expect(")")?;
        Ok(inner)
    }

    /// Parses with `>` and `in` meaning what they mean inside of parentheses.
    fn free<T>(&mut self, parse: fn(&mut Self) -> Parse<T>) -> Parse<T> {
        let outer = (self.no_greater, self.no_in);
        (self.no_greater, self.no_in) = (false, false);
        let inner = parse(self);
        (self.no_greater, self.no_in) = outer;
        inner
    }

    fn for_stmt(&mut self) -> Parse<Stmt> {
        self.next()?;
        self.expect("(")?;
        let init = if self.is(";") {
            None
        } else {
            self.no_in = true;
            let init = self.simple()?;
            self.no_in = false;
            if self.word("in") {
                let Stmt::Expr(Expr::Name(name)) = init else { return Err(Bad::Token) };
                self.next()?;
                let Token::Word(array) = self.token.clone() else { return Err(self.bad()) };
                self.next()?;
                self.expect(")")?;
                return Ok(Stmt::ForIn(name, array, self.body()?));
            }
            Some(Box::new(init))
        };
        self.expect(";")?;
        self.lines()?;
        let test = if self.is(";") { None } else { Some(self.expr()?) };
        self.expect(";")?;
        self.lines()?;
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Stmt::For(init, test, step, self.body()?))
    }

    fn ends(&self) -> bool {
        matches!(self.token, Token::Line | Token::End | Token::Op(";" | "}" | ")"))
    }

    fn simple(&mut self) -> Parse<Stmt> {
        let word = match &self.token {
            Token::Word(word) => word.clone(),
            _ => String::new(),
        };
        if matches!(
            word.as_str(),
            "print" | "printf" | "next" | "nextfile" | "exit" | "return" | "break" | "continue" | "delete"
        ) {
            self.next()?;
        }
        Ok(match word.as_str() {
            "next" => Stmt::Next,
            "nextfile" => return Err(Bad::Token),
            "break" => Stmt::Break,
            "continue" => Stmt::Continue,
            "exit" => Stmt::Exit(if self.ends() { None } else { Some(self.expr()?) }),
            "return" => Stmt::Return(if self.ends() { None } else { Some(self.expr()?) }),
            "delete" => {
                let Token::Word(name) = self.token.clone() else { return Err(self.bad()) };
                self.next()?;
                let index = if self.take("[")? {
                    let index = self.free(Self::exprs)?;
                    self.expect("]")?;
                    Some(index)
                } else {
                    None
                };
                Stmt::Delete(name, index)
            }
            "print" | "printf" => {
                let (args, sink) = self.print_args()?;
                if word == "print" { Stmt::Print(args, sink) } else { Stmt::Printf(args, sink) }
            }
            _ => Stmt::Expr(self.expr()?),
        })
    }

    fn print_args(&mut self) -> Parse<(Vec<Expr>, Sink)> {
        let mut args = Vec::new();
        if !self.ends() && !self.is(">") && !self.is(">>") && !self.is("|") {
            self.no_greater = true;
            // `print (a, b) > "f"` has its arguments in parentheses; `print (a)(b)` has not.
            if self.is("(") {
                let start = (self.at, self.token.clone(), self.value_before, self.depth);
                self.next()?;
                let inner = self.free(Self::exprs)?;
                self.expect(")")?;
                if self.ends() || self.is(">") || self.is(">>") || self.is("|") {
                    args = inner;
                } else {
                    (self.at, self.token, self.value_before, self.depth) = start;
                }
            }
            if args.is_empty() {
                args = self.exprs()?;
            }
            self.no_greater = false;
        }
        for (op, kind) in [(">", '>'), (">>", 'a'), ("|", '|')] {
            if self.take(op)? {
                self.no_greater = true;
                let to = self.concat()?;
                self.no_greater = false;
                return Ok((args, Some((kind, to))));
            }
        }
        Ok((args, None))
    }

    fn exprs(&mut self) -> Parse<Vec<Expr>> {
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

    fn expr(&mut self) -> Parse<Expr> {
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

    fn ternary(&mut self) -> Parse<Expr> {
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

    fn or(&mut self) -> Parse<Expr> {
        let mut left = self.and()?;
        while self.take("||")? {
            self.lines()?;
            left = Expr::Binary("||", Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parse<Expr> {
        let mut left = self.membership()?;
        while self.take("&&")? {
            self.lines()?;
            left = Expr::Binary("&&", Box::new(left), Box::new(self.membership()?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Parse<Expr> {
        let mut left = self.matching()?;
        while self.word("in") && !self.no_in {
            self.next()?;
            let Token::Word(array) = self.token.clone() else { return Err(self.bad()) };
            self.next()?;
            left = Expr::In(vec![left], array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parse<Expr> {
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

    fn comparison(&mut self) -> Parse<Expr> {
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

    fn following_getline(&self) -> bool {
        let rest: String = self.chars.get(self.at..).unwrap_or(&[]).iter().take(16).collect();
        rest.trim_start().starts_with("getline")
    }

    /// A variable that `getline` may be followed by.
    fn place(&mut self) -> Parse<Option<Box<Expr>>> {
        Ok(match &self.token {
            Token::Word(word) if !is_keyword(word) => Some(Box::new(self.primary()?)),
            Token::Op("$") => Some(Box::new(self.primary()?)),
            _ => None,
        })
    }

    fn concat(&mut self) -> Parse<Expr> {
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

    fn additive(&mut self) -> Parse<Expr> {
        let mut left = self.multiplicative()?;
        loop {
            let Token::Op(op @ ("+" | "-")) = self.token else { return Ok(left) };
            self.next()?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.multiplicative()?));
        }
    }

    fn multiplicative(&mut self) -> Parse<Expr> {
        let mut left = self.unary()?;
        loop {
            let Token::Op(op @ ("*" | "/" | "%")) = self.token else { return Ok(left) };
            self.next()?;
            left = Expr::Binary(op, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Parse<Expr> {
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

    fn power(&mut self) -> Parse<Expr> {
        let base = self.postfix()?;
        if !self.take("^")? {
            return Ok(base);
        }
        self.deeper()?;
        let exponent = self.unary()?;
        self.depth -= 1;
        Ok(Expr::Binary("^", Box::new(base), Box::new(exponent)))
    }

    fn postfix(&mut self) -> Parse<Expr> {
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

    fn primary(&mut self) -> Parse<Expr> {
        self.deeper()?;
        let expr = self.primary_inner()?;
        self.depth -= 1;
        Ok(expr)
    }

    fn primary_inner(&mut self) -> Parse<Expr> {
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

    fn unary_step(&mut self) -> Parse<Expr> {
        if self.is("-") { self.unary() } else { self.primary() }
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "BEGIN"
            | "END"
            | "function"
            | "func"
            | "if"
            | "else"
            | "while"
            | "for"
            | "do"
            | "break"
            | "continue"
            | "next"
            | "nextfile"
            | "exit"
            | "return"
            | "delete"
            | "in"
            | "getline"
            | "print"
            | "printf"
    )
}

/// A text in double quotes without its escapes.
fn plain(raw: &str) -> String {
    let raw = raw.replace("\\/", "/");
    let (bytes, _) = unescape(&raw, false);
    String::from_utf8_lossy(&bytes).into_owned()
}
