//! `python`, `poetry`, `uv`, `pipenv`.

use super::help::{MB, OTHER, digest_at, download, made, spent, text, there, version_of};
use super::site::{self, Site};
use crate::shell::exec::{Found, find};
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
            let dirs: Vec<&str> = rest.iter().copied().filter(|word| !word.starts_with('-')).collect();
            if dirs.is_empty() {
                p.error(&format!(
                    "usage: {} [-h] ENV_DIR [ENV_DIR ...]",
                    args.get(1).map_or("venv", String::as_str)
                ))?;
                return Ok(2);
            }
            let pip = !rest.contains(&"--without-pip");
            dirs.into_iter().try_for_each(|dir| environment_in(p, dir, pip))?;
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

/// What the maker's mark of a virtual environment's scripts begins with; its place follows.
const ENVIRONMENT: &str = "python venv ";

/// What reading a virtual environment's `activate` does to a shell, by what is said of the file's making.
pub(crate) fn activation(source: &str) -> Option<String> {
    let root = source.strip_prefix(ENVIRONMENT)?.replace('\'', "'\\''");
    Some(format!(
        "VIRTUAL_ENV='{root}' _OLD_VIRTUAL_PATH=\"$PATH\" PATH='{root}'/bin:\"$PATH\"; export VIRTUAL_ENV PATH
deactivate() {{ PATH=\"$_OLD_VIRTUAL_PATH\"; export PATH; unset VIRTUAL_ENV _OLD_VIRTUAL_PATH; }}"
    ))
}

/// Makes a virtual environment as `venv` does: its interpreter is a link to the one that runs.
fn environment_in(p: &mut Process<'_, '_>, dir: &str, pip: bool) -> Result<(), Halt> {
    let version = site::version(p);
    let path = p.env.get("PATH").map_or("", String::as_str);
    let interpreter = match find(p.m, &p.given, path, &p.cwd, &p.cred) {
        Found::At(path) | Found::MayExist(path) => path,
        _ => "/usr/bin/python3".to_owned(),
    };
    let place = Site::under(p, dir);
    let called = crate::tree::base_name(&interpreter).to_owned();
    super::folder(p, &place.programs)?;
    let mut link = |target: &str, name: &str| {
        let path = p.path(&format!("{}/{name}", place.programs));
        p.m.symlink(&p.cred, target, &path).map(drop)
    };
    link(&interpreter, &called)?;
    for name in ["python", "python3", &format!("python{version}")] {
        if name != called {
            link(&called, name)?;
        }
    }
    let mark = format!("{ENVIRONMENT}{}", crate::tree::clean(&p.path(dir)));
    for (name, size) in
        [("activate", 2_000), ("activate.csh", 900), ("activate.fish", 2_200), ("Activate.ps1", 9_000)]
    {
        made(p, &format!("{}/{name}", place.programs), size, 0o644, &mark, &[dir.as_bytes()])?;
    }
    made(p, &format!("{dir}/pyvenv.cfg"), 200, 0o644, "python venv", &[dir.as_bytes()])?;
    super::folder(p, &format!("{dir}/include/python{version}"))?;
    super::folder(p, &place.packages)?;
    if pip {
        for name in ["pip", "pip3", &format!("pip{version}")] {
            made(p, &format!("{}/{name}", place.programs), 250, 0o755, "python venv", &[b"pip"])?;
        }
        made(p, &format!("{}/pip/{OTHER}", place.packages), 9 * MB, 0o644, "python venv", &[b"pip"])?;
    }
    spent(p, 2500);
    Ok(())
}

/// `python -m pip` is `pip`.
fn pip(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    p.name = "pip".to_owned();
    p.args = args.to_vec();
    super::pip::run(p)
}

/// `poetry`, `uv`, `pipenv`, `pipx`
pub(crate) fn project(p: &mut Process<'_, '_>) -> Run {
    let args = std::mem::take(&mut p.args);
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let exports = words.first() == Some(&"export") && has_export(p);
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
        (_, ["lock", ..]) => {
            let (file, lock) = match p.name.as_str() {
                "pipenv" => ("Pipfile", "Pipfile.lock"),
                "uv" => ("pyproject.toml", "uv.lock"),
                _ => ("pyproject.toml", "poetry.lock"),
            };
            if super::absent(p, file)? {
                return p.option("lock");
            }
            if args.iter().any(|arg| arg == "--check" || arg == "--locked") {
                return p.only_reads("lock");
            }
            let digest = digest_at(p, file);
            made(p, lock, 40_000, 0o644, &[&p.name, " lock"].concat(), &[&digest])?;
            download(p, 400_000);
            Ok(0)
        }
        // From Poetry 2 on a plugin has it.
        ("poetry", ["export", ..]) if exports => export(p, &args, "poetry.lock"),
        ("uv", ["export", ..]) => export(p, &args, "uv.lock"),
        ("pipenv", ["requirements", ..]) => export(p, &args, "Pipfile.lock"),
        ("poetry", ["self", "add", plugin, ..]) => {
            let place = Site::own(p);
            let path = [&place.packages, "/", &plugin.replace('-', "_"), "/", OTHER].concat();
            made(p, &path, 300_000, 0o644, "poetry self", &[plugin.as_bytes()])?;
            Ok(0)
        }
        ("uv", ["tool", "install", ..]) | ("pipx", ["install", ..]) => tools(p, &args),
        ("pipx", ["ensurepath" | "list" | "environment" | "completions", ..]) => Ok(0),
        ("uv", ["python", "install", ..]) => {
            let path = [&super::help::home(p), "/.local/share/uv/python/", OTHER].concat();
            made(p, &path, 90 * MB, 0o644, "uv python", &[words.join(" ").as_bytes()])?;
            download(p, 30 * MB);
            Ok(0)
        }
        ("poetry" | "pipenv", ["config" | "self" | "cache" | "check", ..]) | ("uv", ["cache", ..]) => Ok(0),
        ("uv", ["pip", ..]) => {
            p.args = args.iter().skip_while(|arg| *arg != "pip").skip(1).cloned().collect();
            super::pip::run(p)
        }
        ("uv", ["venv", ..]) => {
            let dir = words.get(1).copied().unwrap_or(".venv").to_owned();
            p.given = "python3".to_owned();
            environment_in(p, &dir, args.iter().any(|arg| arg == "--seed"))?;
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
            let Site { packages: dir, programs: bin, .. } = place_of(p, system);
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

/// Whether `poetry export` is there: as a plugin, or as in Poetry 1.
fn has_export(p: &mut Process<'_, '_>) -> bool {
    let place = Site::own(p);
    ["poetry_plugin_export", "poetry-plugin-export"]
        .iter()
        .any(|name| there(p, &[&place.packages, "/", *name].concat()))
}

/// A list of what a lock file pins, in a file or printed; what it says is not known.
fn export(p: &mut Process<'_, '_>, args: &[String], lock: &str) -> Run {
    if super::absent(p, lock)? {
        return p.option("export");
    }
    let digest = digest_at(p, lock);
    let given = args.iter().enumerate().find_map(|(at, arg)| match arg.as_str() {
        "-o" | "--output" | "--output-file" => args.get(at + 1).cloned(),
        arg => {
            ["--output=", "--output-file="].iter().find_map(|flag| arg.strip_prefix(flag)).map(str::to_owned)
        }
    });
    match given {
        Some(file) => {
            made(p, &file, 8_000, 0o644, &[&p.name, " export"].concat(), &[&digest])?;
        }
        None => p.line(&crate::shell::machine::UNKNOWN.to_string())?,
    }
    Ok(0)
}

/// Programs in environments of their own: `pipx install`, `uv tool install`.
fn tools(p: &mut Process<'_, '_>, args: &[String]) -> Run {
    const VALUED: [&str; 8] =
        ["--python", "-p", "--with", "--index", "--index-url", "--pip-args", "-i", "--default-index"];
    let home = super::help::home(p);
    let uv = p.name == "uv";
    let bin = p.env.get(if uv { "UV_TOOL_BIN_DIR" } else { "PIPX_BIN_DIR" }).cloned();
    let bin = bin.unwrap_or_else(|| {
        if args.iter().any(|arg| arg == "--global") {
            "/usr/local/bin".to_owned()
        } else {
            [&home, "/.local/bin"].concat()
        }
    });
    let mut rest = args.iter().skip_while(|arg| *arg != "install").skip(1);
    while let Some(arg) = rest.next() {
        if VALUED.contains(&arg.as_str()) {
            rest.next();
            continue;
        }
        if arg.starts_with('-') || arg.contains("://") || arg.starts_with('.') || arg.starts_with('/') {
            if arg.starts_with('-') {
                continue;
            }
            return p.option(arg.as_str());
        }
        let name = bare(arg);
        let venv = if uv { "/.local/share/uv/tools/" } else { "/.local/share/pipx/venvs/" };
        let size = size_of(&name);
        made(p, &[&home, venv, &name, "/", OTHER].concat(), size, 0o644, "pip", &[name.as_bytes()])?;
        match scripts(&name) {
            Some(programs) => {
                for program in programs.split_whitespace() {
                    made(p, &[&bin, "/", program].concat(), 250, 0o755, "pip", &[name.as_bytes()])?;
                }
            }
            None => {
                super::folder(p, &bin)?;
                super::help::mark_unlisted(p, &bin, "pip");
            }
        }
        download(p, size / 3);
    }
    Ok(0)
}

fn poetry_config(p: &Process<'_, '_>) -> String {
    format!("{}/.config/pypoetry/config.toml", super::help::home(p))
}

/// Where a project's packages and their programs go.
fn place_of(p: &mut Process<'_, '_>, system: bool) -> Site {
    let poetry = p.name == "poetry";
    let file = poetry_config(p);
    let config = if poetry { super::text(p, &file).unwrap_or_default() } else { String::new() };
    let said = |p: &Process<'_, '_>, name: &str, key: &str, value: &str| {
        let named = |word: &String| {
            word.eq_ignore_ascii_case(value)
                || (value == "true" && word == "1")
                || (value == "false" && word == "0")
        };
        p.env.get(name).is_some_and(named) || config.contains(&format!("virtualenvs.{key} = {value}"))
    };
    if system || (poetry && said(p, "POETRY_VIRTUALENVS_CREATE", "create", "false")) {
        return Site::own(p);
    }
    let named = if p.name == "uv" { "UV_PROJECT_ENVIRONMENT" } else { "VIRTUAL_ENV" };
    let root = if let Some(dir) = p.env.get(named) {
        dir.clone()
    } else if p.name == "uv" || said(p, "POETRY_VIRTUALENVS_IN_PROJECT", "in-project", "true") {
        ".venv".to_owned()
    } else {
        // Its name ends in a hash.
        let cache = if poetry { ".cache/pypoetry/virtualenvs" } else { ".local/share/virtualenvs" };
        format!("{}/{cache}/‹project›-py{}", super::help::home(p), site::version(p))
    };
    Site::under(p, &root)
}
