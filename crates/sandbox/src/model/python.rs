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

pub(super) fn size_of(name: &str) -> u64 {
    SIZES.iter().find(|(known, _)| *known == name).map_or(2_500_000, |(_, kb)| u64::from(*kb) * 1024)
}

/// Programs that a distribution brings with those it needs; `None` where it is not known.
pub(super) fn scripts(name: &str) -> Option<&'static str> {
    const PROGRAMS: &[(&str, &str)] = &[
        ("alembic", "alembic"),
        ("ansible", "ansible ansible-playbook ansible-galaxy ansible-vault"),
        ("awscli", "aws"),
        ("black", "black"),
        ("build", "pyproject-build"),
        ("celery", "celery"),
        ("conan", "conan"),
        ("django", "django-admin"),
        ("fastapi", "fastapi"),
        ("flake8", "flake8"),
        ("flask", "flask"),
        ("gunicorn", "gunicorn"),
        ("hatch", "hatch"),
        ("httpie", "http https"),
        ("isort", "isort"),
        ("jupyter", "jupyter jupyter-lab jupyter-notebook"),
        ("jupyterlab", "jupyter jupyter-lab"),
        ("meson", "meson"),
        ("mkdocs", "mkdocs"),
        ("mypy", "mypy dmypy stubgen"),
        ("ninja", "ninja"),
        ("nox", "nox"),
        ("numpy", "f2py"),
        ("pdm", "pdm"),
        ("pip", "pip pip3"),
        ("pip-tools", "pip-compile pip-sync"),
        ("pipenv", "pipenv"),
        ("poetry", "poetry"),
        ("pre-commit", "pre-commit"),
        ("pylint", "pylint"),
        ("pytest", "pytest py.test"),
        ("ruff", "ruff"),
        ("scrapy", "scrapy"),
        ("sphinx", "sphinx-build sphinx-quickstart"),
        ("streamlit", "streamlit"),
        ("supervisor", "supervisord supervisorctl"),
        ("tox", "tox"),
        ("twine", "twine"),
        ("uv", "uv uvx"),
        ("uvicorn", "uvicorn"),
        ("uwsgi", "uwsgi"),
        ("virtualenv", "virtualenv"),
        ("wheel", "wheel"),
        // None.
        ("boto3", ""),
        ("cryptography", ""),
        ("opencv-python", ""),
        ("opencv-python-headless", ""),
        ("pandas", ""),
        ("pillow", ""),
        ("psycopg2", ""),
        ("psycopg2-binary", ""),
        ("pydantic", ""),
        ("pyyaml", ""),
        ("redis", ""),
        ("requests", "normalizer"),
        ("scikit-learn", ""),
        ("scipy", ""),
        ("setuptools", ""),
        ("six", ""),
        ("sqlalchemy", ""),
    ];
    PROGRAMS.iter().find(|(known, _)| *known == name).map(|(_, programs)| *programs)
}

/// What a `pyproject.toml` or a `Pipfile` asks for; what development needs as well if `dev` is set.
pub(super) fn declared(text: &str, dev: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut section = String::new();
    // The key whose list goes on.
    let mut list = String::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if list.is_empty() && line.starts_with('[') {
            line.trim_matches(['[', ']', ' ']).clone_into(&mut section);
            continue;
        }
        let is_dev = matches!(
            section.as_str(),
            "dependency-groups" | "tool.uv" | "tool.poetry.dev-dependencies" | "dev-packages"
        ) || (section.starts_with("tool.poetry.group.") && section.ends_with(".dependencies"));
        let table = matches!(section.as_str(), "tool.poetry.dependencies" | "packages")
            || (is_dev && !matches!(section.as_str(), "dependency-groups" | "tool.uv"));
        let mut value = line;
        if list.is_empty() {
            let Some((key, rest)) = line.split_once('=') else { continue };
            let key = key.trim().trim_matches('"');
            if table {
                if key != "python" && (dev || !is_dev) {
                    names.push(bare(key));
                }
                continue;
            }
            let wanted = (section == "project" && key == "dependencies")
                || section == "dependency-groups"
                || (section == "tool.uv" && key == "dev-dependencies");
            let rest = rest.trim();
            if !wanted || !rest.starts_with('[') {
                continue;
            }
            key.clone_into(&mut list);
            value = rest.get(1..).unwrap_or("");
        }
        // What stands in quotes does not close the list.
        let ends = value.split(['"', '\'']).step_by(2).any(|piece| piece.contains(']'));
        if dev || !is_dev {
            for (at, piece) in value.split(['"', '\'']).enumerate() {
                let name = bare(piece);
                if at % 2 == 1 && !name.is_empty() {
                    names.push(name);
                }
            }
        }
        if ends {
            list.clear();
        }
    }
    names
}

/// `Flask[async]>=2.0; python_version` → `flask`
pub(super) fn bare(name: &str) -> String {
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
        ("poetry", ["config", key, value, ..]) => {
            let file = poetry_config(p);
            let mut text = super::text(p, &file).unwrap_or_default();
            text.push_str(&format!("{key} = {value}\n"));
            let up = crate::tree::parent(&file).to_owned();
            let _ = p.m.mkdir_all(&p.cred, &up, 0o755)?;
            let _ = p.write_file(&file, text.into_bytes())?;
            Ok(0)
        }
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
            if p.name == "uv"
                && args.iter().any(|arg| arg == "--frozen")
                && !there(p, "uv.lock")
                && !p.m.incomplete
            {
                p.error("error: Unable to find lockfile at `uv.lock`. To create a lockfile, run `uv lock` or `uv sync`.")?;
                return Ok(2);
            }
            let after = |flag: &str| args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1));
            let no_dev = args.iter().any(|arg| {
                matches!(
                    arg.as_str(),
                    "--no-dev"
                        | "--only=main"
                        | "--without=dev"
                        | "--no-default-groups"
                        | "--deploy"
                        | "--only-main"
                )
            }) || after("--only").is_some_and(|groups| groups == "main")
                || after("--without").is_some_and(|groups| groups.contains("dev"));
            // pipenv takes what development needs only where it is asked to.
            let dev = if p.name == "pipenv" {
                args.iter().any(|arg| arg == "--dev" || arg == "-d")
            } else {
                !no_dev
            };
            let names = declared(&text, dev);
            let total: u64 = names.iter().map(|name| size_of(name)).sum();
            let system = args.iter().any(|arg| arg == "--system");
            let (dir, bin) = environment(p, system)?;
            for name in &names {
                for program in scripts(name).unwrap_or("").split_whitespace() {
                    made(p, &format!("{bin}/{program}"), 250, 0o755, "pip", &[name.as_bytes()])?;
                }
            }
            if names.iter().any(|name| scripts(name).is_none()) {
                let path = p.path(&bin);
                let _ = p.m.mkdir_all(&p.cred, &path, 0o755)?;
                super::help::mark_unlisted(p, &bin, "pip");
            }
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

fn poetry_config(p: &Process<'_, '_>) -> String {
    let home = p.env.get("HOME").map_or("/root", String::as_str);
    format!("{}/.config/pypoetry/config.toml", home.trim_end_matches('/'))
}

/// Where a project's packages and their programs go.
fn environment(p: &mut Process<'_, '_>, system: bool) -> Result<(String, String), Halt> {
    let config = if p.name == "poetry" {
        let file = poetry_config(p);
        super::text(p, &file).unwrap_or_default()
    } else {
        String::new()
    };
    let poetry = p.name == "poetry";
    let said = |p: &Process<'_, '_>, name: &str, key: &str, value: &str| {
        let named = |word: &String| {
            word.eq_ignore_ascii_case(value)
                || (value == "true" && word == "1")
                || (value == "false" && word == "0")
        };
        p.env.get(name).is_some_and(named) || config.contains(&format!("virtualenvs.{key} = {value}"))
    };
    let short = short(p);
    let system = system
        || (poetry && said(p, "POETRY_VIRTUALENVS_CREATE", "create", "false"))
        || p.env.contains_key("VIRTUAL_ENV");
    if system {
        let dir = python_dir(p, "");
        let root = dir.split_once("/lib/python").map_or("/usr/local", |(root, _)| root).to_owned();
        return Ok((dir, format!("{root}/bin")));
    }
    let root = if let Some(dir) = p.env.get("UV_PROJECT_ENVIRONMENT").filter(|_| p.name == "uv") {
        dir.clone()
    } else if p.name == "uv" || said(p, "POETRY_VIRTUALENVS_IN_PROJECT", "in-project", "true") {
        ".venv".to_owned()
    } else {
        // Its name ends in a hash.
        let home = p.env.get("HOME").map_or("/root", String::as_str).trim_end_matches('/').to_owned();
        let cache = if poetry { ".cache/pypoetry/virtualenvs" } else { ".local/share/virtualenvs" };
        format!("{home}/{cache}/‹project›-py{short}")
    };
    Ok((format!("{root}/lib/python{short}/site-packages"), format!("{root}/bin")))
}
