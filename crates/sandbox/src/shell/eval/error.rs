//! Syntax errors in the words of each shell.

use super::Shell;
use crate::shell::machine::{Halt, Machine};
use crate::shell::parse::{Dialect, SyntaxError, SyntaxErrorKind};

impl Shell {
    pub(super) fn syntax_error(
        &mut self,
        m: &mut Machine<'_>,
        error: &SyntaxError,
        script: &str,
    ) -> Result<(), Halt> {
        let quote = |token: &str| {
            if token == "end of file"
                || token == "newline"
                || (self.dialect == Dialect::Dash && token == "word")
            {
                token.to_owned()
            } else {
                format!("\"{token}\"")
            }
        };
        if self.dialect == Dialect::Bash {
            let head = match &self.source {
                _ if self.evals.is_some() => format!("{}: eval", self.name0),
                Some(file) => file.clone(),
                None if self.file => self.name0.clone(),
                None => format!("{}: -c", self.name0),
            };
            let line = error.line;
            let text = match &error.kind {
                SyntaxErrorKind::Unexpected { token, .. } if token == "end of file" => {
                    let last = script.lines().count() + 1;
                    format!("{head}: line {last}: syntax error: unexpected end of file\n")
                }
                SyntaxErrorKind::Unexpected { token, .. } => {
                    let source = script.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
                    format!(
                        "{head}: line {line}: syntax error near unexpected token `{token}'\n{head}: line {line}: `{source}'\n"
                    )
                }
                SyntaxErrorKind::UnterminatedQuote(quote) => {
                    format!("{head}: line {line}: unexpected EOF while looking for matching `{quote}'\n")
                }
                SyntaxErrorKind::BadSubstitution | SyntaxErrorKind::MissingParens => {
                    format!("{head}: line {line}: bad substitution\n")
                }
                SyntaxErrorKind::TooDeep => format!("{head}: line {line}: maximum nesting exceeded\n"),
                SyntaxErrorKind::BadForName => format!("{head}: line {line}: not a valid identifier\n"),
            };
            return self.write_error(m, &text);
        }
        let ash = self.dialect == Dialect::Ash;
        let text = match &error.kind {
            SyntaxErrorKind::Unexpected { token, expecting } => {
                let expecting = match expecting {
                    Some("word") => " (expecting word)".to_owned(),
                    Some(token) => format!(" (expecting \"{token}\")"),
                    None => String::new(),
                };
                let known = matches!(
                    token.as_str(),
                    "end of file"
                        | "newline"
                        | "&&"
                        | "||"
                        | ";;"
                        | ";"
                        | "&"
                        | "|"
                        | "("
                        | ")"
                        | "then"
                        | "else"
                        | "elif"
                        | "fi"
                        | "do"
                        | "done"
                        | "esac"
                        | "}"
                        | "{"
                        | "in"
                        | "!"
                );
                let shown = if known {
                    quote(token)
                } else if token.starts_with(['<', '>']) {
                    "redirection".to_owned()
                } else {
                    "word".to_owned()
                };
                if ash {
                    format!("unexpected {shown}{expecting}")
                } else {
                    format!("{shown} unexpected{expecting}")
                }
            }
            SyntaxErrorKind::UnterminatedQuote('`') => "EOF in backquote substitution".to_owned(),
            SyntaxErrorKind::UnterminatedQuote(_) if ash => "unterminated quoted string".to_owned(),
            SyntaxErrorKind::UnterminatedQuote(_) => "Unterminated quoted string".to_owned(),
            SyntaxErrorKind::BadSubstitution if ash => "bad substitution".to_owned(),
            SyntaxErrorKind::BadSubstitution => "Missing '}'".to_owned(),
            SyntaxErrorKind::MissingParens => "missing '))'".to_owned(),
            SyntaxErrorKind::TooDeep => "too many levels of nesting".to_owned(),
            SyntaxErrorKind::BadForName if ash => "bad for loop variable".to_owned(),
            SyntaxErrorKind::BadForName => "Bad for loop variable".to_owned(),
        };
        let word = if ash { "syntax error" } else { "Syntax error" };
        self.complain(m, &format!("{word}: {text}"))
    }
}
