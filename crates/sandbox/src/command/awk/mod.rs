//! `awk`: the language of POSIX over a budget. What is not read here is not modelled.

mod array;
mod call;
mod eval;
mod expression;
mod input;
mod lex;
mod output;
mod parse;
mod value;

use crate::shell::Why;
use crate::shell::machine::{Halt, UNKNOWN, UNKNOWN_BYTES, is_unknown};
use crate::shell::process::{Process, Run};

/// An expression.
#[derive(Debug, Clone)]
enum Expr {
    Number(f64),
    Text(String),
    /// Matched against `$0` where it stands alone.
    Regex(String),
    Name(String),
    Field(Box<Expr>),
    Item(String, Vec<Expr>),
    In(Vec<Expr>, String),
    Unary(char, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `=` or one of the letters of `+=` and the like.
    Assign(char, Box<Expr>, Box<Expr>),
    /// Whether the old value counts, and by how much it changes.
    Step(bool, f64, Box<Expr>),
    Call(String, Vec<Expr>),
    /// Where from, and what it is put into.
    Getline(Source, Option<Box<Expr>>),
}

/// Where `getline` reads.
#[derive(Debug, Clone)]
enum Source {
    Input,
    File(Box<Expr>),
    Command(Box<Expr>),
}

/// Where `print` goes: `>`, `a` for `>>`, or `|`.
type Sink = Option<(char, Expr)>;

/// A statement.
#[derive(Debug, Clone)]
enum Stmt {
    Expr(Expr),
    Print(Vec<Expr>, Sink),
    Printf(Vec<Expr>, Sink),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    /// Whether the test comes after the body.
    While(Expr, Box<Stmt>, bool),
    For(Option<Box<Stmt>>, Option<Expr>, Option<Box<Stmt>>, Box<Stmt>),
    ForIn(String, String, Box<Stmt>),
    Block(Vec<Stmt>),
    Next,
    Exit(Option<Expr>),
    Return(Option<Expr>),
    Break,
    Continue,
    Delete(String, Option<Vec<Expr>>),
}

/// When a rule is looked at.
#[derive(Debug, Clone)]
enum When {
    Begin,
    End,
    Always,
    Test(Expr),
    Range(Expr, Expr),
}

#[derive(Debug, Clone)]
struct Function {
    name: String,
    params: Vec<String>,
    body: Vec<Stmt>,
}

#[derive(Debug, Clone, Default)]
struct Program {
    rules: Vec<(When, Option<Vec<Stmt>>)>,
    functions: Vec<Function>,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let mut words = args.iter().cloned().peekable();
    let (mut separator, mut assigns, mut source) = (None, Vec::new(), None::<String>);
    while let Some(arg) = words.next_if(|arg| arg.starts_with('-') && arg.len() > 1) {
        if arg == "--" {
            break;
        }
        let (letter, rest) = arg.split_at_checked(2).unwrap_or((&arg, ""));
        if !matches!(letter, "-F" | "-v" | "-f") {
            return p.option(arg);
        }
        let value = if rest.is_empty() { words.next().unwrap_or_default() } else { rest.to_owned() };
        match letter {
            "-F" => separator = Some(value),
            "-v" => assigns.push(value),
            _ => match p.read(&value)? {
                Ok(bytes) if is_unknown(&bytes) => return Err(Halt::Unknown(Why::Content(value))),
                Ok(bytes) => {
                    let mut text = source.take().unwrap_or_default();
                    text.push_str(&String::from_utf8_lossy(&bytes));
                    text.push('\n');
                    source = Some(text);
                }
                Err(errno) => {
                    let text = if p.busybox() {
                        ["can't open '", &value, "': ", errno.text()].concat()
                    } else {
                        ["cannot open ", &value, " (", errno.text(), ")"].concat()
                    };
                    return p.fail(if p.busybox() { 1 } else { 2 }, &text);
                }
            },
        }
    }
    let source = match source.or_else(|| words.next()) {
        Some(source) => source,
        None if p.busybox() => return super::usage(p),
        None => return p.option("without a program"),
    };
    if source.contains(UNKNOWN) {
        return Err(Halt::Unknown(Why::Content(source)));
    }
    p.m.spend(1 + source.len() as u64 / 8)?;
    let program = match parse::parse(&source) {
        Ok(program) => program,
        Err(parse::Bad::End) if p.busybox() => return p.fail(1, "cmd. line:1: Unexpected token"),
        Err(_) => return p.option("a part of its program"),
    };
    let files: Vec<String> = words.collect();
    match eval::execute(p, &program, separator, &assigns, files) {
        // Only what is printed depends on the text, unless the program itself writes.
        Err(Halt::Unknown(why @ Why::Content(_))) if !source.contains('>') && !source.contains("system") => {
            let cwd = p.cwd.clone();
            let mut command = p.name.clone();
            for arg in &args {
                command.push(' ');
                command.push_str(arg);
            }
            p.m.note_unknown(command.replace(UNKNOWN, "…"), why, true, &cwd);
            p.write(UNKNOWN_BYTES)?;
            p.write(b"\n")?;
            Ok(0)
        }
        done => done,
    }
}
