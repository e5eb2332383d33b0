//! `python`, `poetry`, `uv`, `pipenv`.

use super::help::{MB, OTHER, digest_at, download, made, spent, text, there, version_of};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Installed sizes of packages with what they need, in kB; rounded, from their wheels for CPython 3.12.
static SIZES: &[(&str, u32)] = &[
    ("torch", 2_600_000),
    ("tensorflow", 1_700_000),
    ("numpy", 68_000),
    ("pandas", 150_000),
    ("scipy", 115_000),
    ("scikit-learn", 220_000),
    ("matplotlib", 110_000),
    ("opencv-python", 190_000),
    ("opencv-python-headless", 150_000),
    ("pillow", 17_000),
    ("django", 32_000),
    ("flask", 3_600),
    ("fastapi", 11_000),
    ("uvicorn", 1_700),
    ("gunicorn", 700),
    ("requests", 2_400),
    ("sqlalchemy", 18_000),
    ("psycopg2-binary", 9_500),
    ("psycopg2", 900),
    ("boto3", 27_000),
    ("celery", 9_000),
    ("pydantic", 9_000),
    ("cryptography", 13_000),
    ("transformers", 160_000),
    ("pytest", 3_500),
    ("black", 5_000),
    ("mypy", 32_000),
    ("poetry", 55_000),
    ("uv", 48_000),
    ("ansible", 500_000),
    ("jupyter", 190_000),
    ("grpcio", 16_000),
    ("setuptools", 5_000),
    ("wheel", 400),
    ("pip", 9_000),
    ("awscli", 130_000),
];

fn size_of(name: &str) -> u64 {
    SIZES.iter().find(|(known, _)| *known == name).map_or(2_500_000, |(_, kb)| u64::from(*kb) * 1024)
}

/// `Flask[async]>=2.0; python_version` → `flask`
fn bare(name: &str) -> String {
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(name.len());
    name.get(..end).unwrap_or("").to_lowercase().replace('_', "-")
}

fn python_dir(p: &Process<'_, '_>, tool: &str) -> String {
    let version = version_of(p, "PYTHON_VERSION", "3.11");
    let mut parts = version.split('.');
    let short = format!("{}.{}", parts.next().unwrap_or("3"), parts.next().unwrap_or("11"));
    if let Some(venv) = p.env.get("VIRTUAL_ENV") {
        return format!("{venv}/lib/python{short}/site-packages");
    }
    if let Some(venv) = tool
        .strip_suffix("/bin/pip")
        .or_else(|| tool.strip_suffix("/bin/pip3"))
        .or_else(|| tool.strip_suffix("/bin/python"))
        && venv.len() > 1
        && venv != "/usr"
        && venv != "/usr/local"
    {
        return format!("{venv}/lib/python{short}/site-packages");
    }
    if there(p, "/usr/local/bin/python3") || p.env.contains_key("PYTHON_VERSION") {
        return format!("/usr/local/lib/python{short}/site-packages");
    }
    if there(p, "/sbin/apk") {
        format!("/usr/lib/python{short}/site-packages")
    } else {
        format!("/usr/local/lib/python{short}/dist-packages")
    }
}

fn short(p: &Process<'_, '_>) -> String {
    let version = version_of(p, "PYTHON_VERSION", "3.11");
    let mut parts = version.split('.');
    format!("{}.{}", parts.next().unwrap_or("3"), parts.next().unwrap_or("11"))
}

pub(crate) fn python(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--version" | "-V"] => {
            let version = version_of(p, "PYTHON_VERSION", "3.11.2");
            p.line(&format!("Python {version}"))?;
            Ok(0)
        }
        ["-m", "pip" | "pip3", ..] => pip(p, args.get(2..).unwrap_or(&[])),
        ["-m", "venv" | "virtualenv", rest @ ..] => {
            let Some(dir) = rest.iter().rev().find(|word| !word.starts_with('-')) else { return Ok(2) };
            let short = short(p);
            for (name, size) in [("python", 16_000), ("python3", 16_000), ("pip", 250), ("pip3", 250)] {
                made(p, &format!("{dir}/bin/{name}"), size, 0o755, "python venv", &[name.as_bytes()])?;
            }
            made(p, &format!("{dir}/bin/activate"), 2_000, 0o644, "python venv", &[dir.as_bytes()])?;
            made(p, &format!("{dir}/pyvenv.cfg"), 200, 0o644, "python venv", &[dir.as_bytes()])?;
            made(
                p,
                &format!("{dir}/lib/python{short}/site-packages/pip/{OTHER}"),
                9 * MB,
                0o644,
                "python venv",
                &[b"pip"],
            )?;
            spent(p, 2500);
            Ok(0)
        }
        ["-m", "compileall", ..] => Ok(0),
        [file, ..] if !file.starts_with('-') && !there(p, file) && !p.m.incomplete => {
            let cwd = p.cwd.trim_end_matches('/').to_owned();
            let shown = if file.starts_with('/') { (*file).to_owned() } else { format!("{cwd}/{file}") };
            p.error(&format!(
                "{}: can't open file '{shown}': [Errno 2] No such file or directory",
                p.name.clone()
            ))?;
            Ok(2)
        }
        _ => Err(Halt::Unknown(crate::shell::Why::Interpreter("Python".to_owned()))),
    }
}

/// `python -m pip` is `pip`.
fn pip(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    p.name = "pip".to_owned();
    p.args = args.to_vec();
    super::pip::run(p)
}

/// `poetry`, `uv`, `pipenv`
pub(crate) fn project(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    match (p.name.as_str(), words.as_slice()) {
        (_, ["config" | "self" | "cache" | "lock" | "check", ..]) => Ok(0),
        ("uv", ["pip", ..]) => {
            let rest: Vec<String> = args.iter().skip_while(|arg| *arg != "pip").skip(1).cloned().collect();
            pip(p, &rest)
        }
        ("uv", ["venv", ..]) => {
            let dir = words.get(1).copied().unwrap_or(".venv").to_owned();
            made(p, &format!("{dir}/bin/python"), 16_000, 0o755, "python venv", &[b"uv"])?;
            Ok(0)
        }
        ("poetry", ["install" | "sync", ..])
        | ("uv", ["sync", ..])
        | ("pipenv", ["install" | "sync", ..]) => {
            let file = if p.name == "pipenv" { "Pipfile" } else { "pyproject.toml" };
            let Some(text) = text(p, file)? else {
                let cwd = p.cwd.clone();
                match p.name.as_str() {
                    "poetry" => p.error(&format!(
                        "\nPoetry could not find a pyproject.toml file in {cwd} or its parents"
                    ))?,
                    "uv" => p.error(
                        "error: No `pyproject.toml` found in current directory or any parent directory",
                    )?,
                    _ => p.error("No Pipfile present at project home!")?,
                }
                return Ok(if p.name == "uv" { 2 } else { 1 });
            };
            let mut total = 0;
            let mut in_list = false;
            for line in text.lines() {
                let line = line.trim();
                in_list = (in_list
                    || line.starts_with("dependencies = [")
                    || line.contains("dependencies]")
                    || line == "[packages]")
                    && !(line.starts_with('[') && !line.contains("dependencies]") && line != "[packages]");
                let name = bare(line.trim_matches(['"', ',', ' ', '\'']));
                if in_list
                    && !name.is_empty()
                    && name != "python"
                    && name != "dependencies"
                    && !line.starts_with('[')
                {
                    total += size_of(&name);
                }
            }
            let dir = if p.env.get("POETRY_VIRTUALENVS_CREATE").is_some_and(|v| v == "false") {
                python_dir(p, "")
            } else {
                format!(".venv/lib/python{}/site-packages", short(p))
            };
            let digest = digest_at(p, file);
            let name = p.name.clone();
            made(
                p,
                &format!("{dir}/{OTHER}"),
                total.max(500_000),
                0o644,
                "pip",
                &[&digest, name.as_bytes()],
            )?;
            download(p, total / 3);
            Ok(0)
        }
        (_, [other, ..]) => p.option((*other).to_owned()),
        (_, []) => Ok(0),
    }
}
