//! `make`: rules with their prerequisites and recipes, simple variables. Times of files are not simulated, so
//! a target that is a file is made if it is missing, and left as it is otherwise.

use super::{takes, text, there};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
struct Makefile {
    variables: BTreeMap<String, String>,
    rules: BTreeMap<String, Rule>,
    first: Option<String>,
    phony: BTreeSet<String>,
}

#[derive(Default, Clone)]
struct Rule {
    needs: Vec<String>,
    recipe: Vec<String>,
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    if args.iter().any(|arg| matches!(arg.as_str(), "--version" | "-v" | "--help" | "-h")) {
        return p.only_reads("--version");
    }
    let mut goals = Vec::new();
    let mut overrides = BTreeMap::new();
    let mut file = None;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-f" => file = rest.next().cloned(),
            "-C" => {
                let dir = rest.next().cloned().unwrap_or_default();
                p.cwd = p.path(&dir);
            }
            "-j" => {
                if rest.as_slice().first().is_some_and(|next| next.parse::<u32>().is_ok()) {
                    rest.next();
                }
            }
            "-s" | "-k" | "-B" | "--silent" | "--quiet" => {}
            arg if arg.starts_with('-') => {}
            arg => match arg.split_once('=') {
                Some((name, value)) => {
                    overrides.insert(name.to_owned(), value.to_owned());
                }
                None => goals.push(arg.to_owned()),
            },
        }
    }
    let names = ["GNUmakefile", "makefile", "Makefile"];
    let found = file.or_else(|| names.iter().find(|name| there(p, name)).map(|name| (*name).to_owned()));
    let Some(found) = found else {
        if super::cmake::configured(p, ".") {
            return super::cmake::build(p, ".", goals.iter().any(|goal| goal == "install"), None);
        }
        if super::absent(p, "Makefile").is_err() {
            return p.option("an unknown Makefile");
        }
        p.error(&match goals.first() {
            Some(goal) => format!("make: *** No rule to make target '{goal}'.  Stop."),
            None => "make: *** No targets specified and no makefile found.  Stop.".to_owned(),
        })?;
        return Ok(2);
    };
    let Some(text) = text(p, &found) else { return p.option(found) };
    let Some(mut makefile) = parse(&text) else { return p.option(found) };
    makefile.variables.extend(overrides);
    if goals.is_empty() {
        goals.extend(makefile.first.clone());
    }
    takes(p, 20, 0);
    let mut made = BTreeSet::new();
    for goal in goals {
        let code = make(p, &makefile, &goal, &mut made, 0)?;
        if code != 0 {
            return Ok(code);
        }
    }
    Ok(0)
}

/// `None` where it uses what is not modelled (conditionals, includes, functions, pattern rules).
fn parse(text: &str) -> Option<Makefile> {
    let joined = text.replace("\\\n", " ");
    let mut makefile = Makefile::default();
    let mut current: Vec<String> = Vec::new();
    for line in joined.lines() {
        if let Some(command) = line.strip_prefix('\t') {
            for target in &current {
                makefile.rules.entry(target.clone()).or_default().recipe.push(command.to_owned());
            }
            continue;
        }
        let line = line.split('#').next().unwrap_or("").trim_end();
        if line.trim().is_empty() {
            continue;
        }
        let word = line.split_whitespace().next().unwrap_or("");
        if matches!(
            word,
            "ifeq" | "ifneq" | "ifdef" | "ifndef" | "include" | "-include" | "define" | "endif" | "else"
        ) {
            return None;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        if let Some((name, value)) = line.split_once('=')
            && !name.trim_end_matches([':', '?', '+']).contains(':')
        {
            let key = name.trim_end_matches([':', '?', '+']).trim().to_owned();
            let value = value.trim().to_owned();
            if name.ends_with('+') {
                let old = makefile.variables.entry(key).or_default();
                old.push(' ');
                old.push_str(&value);
            } else if !(name.ends_with('?') && makefile.variables.contains_key(&key)) {
                makefile.variables.insert(key, value);
            }
            current.clear();
            continue;
        }
        let (targets, needs) = line.split_once(':')?;
        let targets = expand(&makefile.variables, targets, "", "", "")?;
        let needs = expand(&makefile.variables, needs, "", "", "")?;
        if targets.contains('%') {
            return None;
        }
        current = targets.split_whitespace().map(str::to_owned).collect();
        for target in &current {
            let needs = needs.split_whitespace().map(str::to_owned);
            if target == ".PHONY" {
                makefile.phony.extend(needs);
                continue;
            }
            makefile.rules.entry(target.clone()).or_default().needs.extend(needs);
            if !target.starts_with('.') && makefile.first.is_none() {
                makefile.first = Some(target.clone());
            }
        }
    }
    Some(makefile)
}

/// `$(NAME)`, `${NAME}`, `$@`, `$<`, `$^` and `$$`; `None` for functions.
fn expand(
    variables: &BTreeMap<String, String>,
    text: &str,
    target: &str,
    first: &str,
    all: &str,
) -> Option<String> {
    expand_deep(variables, text, (target, first, all), 0)
}

fn expand_deep(
    variables: &BTreeMap<String, String>,
    text: &str,
    automatic: (&str, &str, &str),
    depth: u32,
) -> Option<String> {
    if depth > 12 || text.len() > 1 << 16 {
        return None;
    }
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '$' {
            out.push(c);
            continue;
        }
        let name = match chars.next() {
            Some('$') => {
                out.push('$');
                continue;
            }
            Some('@') => {
                out.push_str(automatic.0);
                continue;
            }
            Some('<') => {
                out.push_str(automatic.1);
                continue;
            }
            Some('^' | '+') => {
                out.push_str(automatic.2);
                continue;
            }
            Some(open @ ('(' | '{')) => {
                let close = if open == '(' { ')' } else { '}' };
                let name: String = chars.by_ref().take_while(|c| *c != close).collect();
                if name.contains([' ', ':', '$']) {
                    return None;
                }
                name
            }
            Some(c) => c.to_string(),
            None => break,
        };
        let builtin = match name.as_str() {
            "CC" => "cc",
            "CXX" => "g++",
            "MAKE" => "make",
            "RM" => "rm -f",
            _ => "",
        };
        let value = variables.get(&name).map_or(builtin, String::as_str);
        out.push_str(&expand_deep(variables, value, automatic, depth + 1)?);
    }
    Some(out)
}

fn make(
    p: &mut Process<'_, '_>,
    makefile: &Makefile,
    goal: &str,
    made: &mut BTreeSet<String>,
    depth: u32,
) -> Result<u8, Halt> {
    p.m.spend(20)?;
    if depth > 60 || !made.insert(goal.to_owned()) {
        return Ok(0);
    }
    let Some(rule) = makefile.rules.get(goal).cloned() else {
        if !super::absent(p, goal)? {
            return Ok(0);
        }
        p.error(&format!("make: *** No rule to make target '{goal}'.  Stop."))?;
        return Ok(2);
    };
    let exists = !makefile.phony.contains(goal) && there(p, goal);
    for need in &rule.needs {
        let code = make(p, makefile, need, made, depth + 1)?;
        if code != 0 {
            return Ok(code);
        }
    }
    if exists {
        return Ok(0);
    }
    let first = rule.needs.first().map_or("", String::as_str);
    for line in &rule.recipe {
        let Some(command) = expand(&makefile.variables, line, goal, first, &rule.needs.join(" ")) else {
            return p.option(line.clone());
        };
        let command = command.trim();
        let quiet = command.starts_with(['@', '-']) && command.contains('@');
        let ignore = command.starts_with('-') || command.starts_with("@-");
        let command = command.trim_start_matches(['@', '-', '+']);
        if !quiet && !command.starts_with('@') {
            p.line(command)?;
        }
        let code = p.spawn(vec!["/bin/sh".to_owned(), "-c".to_owned(), command.to_owned()])?;
        if code != 0 && !ignore {
            p.error(&format!("make: *** [Makefile: {goal}] Error {code}"))?;
            return Ok(2);
        }
    }
    Ok(0)
}
