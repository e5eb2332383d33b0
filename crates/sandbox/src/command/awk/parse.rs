//! From a program's text to its rules.

use super::lex::Token;
use super::{Expr, Function, Program, Sink, Stmt, When};

/// Why there is no program.
pub(super) enum Bad {
    /// It ends too early.
    End,
    /// Something that is not read here, or an error.
    Token,
}

pub(super) type Parse<T> = Result<T, Bad>;

/// How deep expressions and statements may nest.
const MAX_DEPTH: u32 = 60;

pub(super) struct Parser {
    pub(super) chars: Vec<char>,
    pub(super) at: usize,
    pub(super) token: Token,
    /// What came before, to tell a division from an expression.
    pub(super) value_before: bool,
    pub(super) depth: u32,
    /// `>` and `in` belong to the statement around.
    pub(super) no_greater: bool,
    pub(super) no_in: bool,
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
    pub(super) fn is(&self, op: &str) -> bool {
        matches!(&self.token, Token::Op(found) if *found == op)
    }

    pub(super) fn take(&mut self, op: &str) -> Parse<bool> {
        let found = self.is(op);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, op: &str) -> Parse<()> {
        if self.take(op)? { Ok(()) } else { Err(self.bad()) }
    }

    pub(super) fn bad(&self) -> Bad {
        if self.token == Token::End { Bad::End } else { Bad::Token }
    }

    pub(super) fn word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(found) if found == word)
    }

    pub(super) fn lines(&mut self) -> Parse<()> {
        while self.token == Token::Line {
            self.next()?;
        }
        Ok(())
    }

    pub(super) fn deeper(&mut self) -> Parse<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Bad::Token) } else { Ok(()) }
    }

    pub(super) fn rule(&mut self, program: &mut Program) -> Parse<()> {
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

    pub(super) fn block(&mut self) -> Parse<Vec<Stmt>> {
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
    pub(super) fn end(&mut self) -> Parse<()> {
        match self.token {
            Token::Line | Token::Op(";") => self.next(),
            Token::Op("}") => Ok(()),
            _ => Err(self.bad()),
        }
    }

    pub(super) fn body(&mut self) -> Parse<Box<Stmt>> {
        self.lines()?;
        if self.take(";")? {
            return Ok(Box::new(Stmt::Block(Vec::new())));
        }
        self.stmt().map(Box::new)
    }

    pub(super) fn stmt(&mut self) -> Parse<Stmt> {
        self.deeper()?;
        let stmt = self.stmt_inner()?;
        self.depth -= 1;
        Ok(stmt)
    }

    pub(super) fn stmt_inner(&mut self) -> Parse<Stmt> {
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

    pub(super) fn parens(&mut self) -> Parse<Expr> {
        self.expect("(")?;
        let inner = self.free(Self::expr)?;
        self.expect(")")?;
        Ok(inner)
    }

    /// Parses with `>` and `in` meaning what they mean inside of parentheses.
    pub(super) fn free<T>(&mut self, parse: fn(&mut Self) -> Parse<T>) -> Parse<T> {
        let outer = (self.no_greater, self.no_in);
        (self.no_greater, self.no_in) = (false, false);
        let inner = parse(self);
        (self.no_greater, self.no_in) = outer;
        inner
    }

    pub(super) fn for_stmt(&mut self) -> Parse<Stmt> {
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

    pub(super) fn ends(&self) -> bool {
        matches!(self.token, Token::Line | Token::End | Token::Op(";" | "}" | ")"))
    }

    pub(super) fn simple(&mut self) -> Parse<Stmt> {
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

    pub(super) fn print_args(&mut self) -> Parse<(Vec<Expr>, Sink)> {
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
}
