//! Running other programs: shown as they run, or quietly with a sign of life and the tail of their output on failure.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// How often a quiet program that is still running is reported, in seconds.
const SIGN_OF_LIFE: u64 = 15;
/// How many of its last lines are shown when a quiet program fails.
const TAIL: usize = 30;

/// The first of `names` that is an executable file in a folder of `$PATH`.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&path)
            .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
            .find(|file| file.is_file())
    })
}

/// `$PATH` with `first` before all else.
pub(crate) fn path_with(first: &[PathBuf]) -> std::ffi::OsString {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = first.iter().cloned().chain(std::env::split_paths(&old));
    std::env::join_paths(all).unwrap_or(old)
}

/// The cargo that started this program, or the one on the PATH.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::project::root());
    command
}

/// What a program prints on standard output, where it can be started and succeeds.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program with its output on the terminal. `what` is named in the failure.
pub(crate) fn show(command: &mut Command, what: &str) -> Result<(), Failure> {
    let status = command.stdin(Stdio::null()).status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("{what} failed ({status})"))) }
}

/// Runs a program with its standard output on the terminal and every line of it handed to `line` too.
///
/// True means that it succeeded.
pub(crate) fn tee(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool, Failure> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let text = String::from_utf8_lossy(&text);
            println!("{text}");
            line(&text);
        }
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    Ok(status.success())
}

/// Runs a program that would print much: the output goes to `log`, the terminal gets a sign of life now and
/// then, and the last lines where it fails.
pub(crate) fn quiet(command: &mut Command, what: &str, log: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    let mut file = File::create(log).map_err(|error| cannot_write(log, &error))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(command, &error))?;

    let (send, lines) = mpsc::channel::<String>();
    let mut readers = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        readers.push(forward(stdout, send.clone()));
    }
    if let Some(stderr) = child.stderr.take() {
        readers.push(forward(stderr, send.clone()));
    }
    drop(send);

    let mut tail = VecDeque::new();
    let mut compiled = 0_usize;
    let mut next = Duration::from_secs(SIGN_OF_LIFE);
    loop {
        match lines.recv_timeout(next.saturating_sub(started.elapsed())) {
            Ok(line) => {
                // A log that cannot be written is no reason to stop the work.
                let _ = writeln!(file, "{line}");
                compiled += usize::from(line.trim_start().starts_with("Compiling "));
                tail.push_back(line);
                if tail.len() > TAIL {
                    tail.pop_front();
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let crates =
                    if compiled > 0 { format!(", {compiled} crates compiled") } else { String::new() };
                println!("      … {what}: {}{crates}", seconds(started.elapsed()));
                next += Duration::from_secs(SIGN_OF_LIFE);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    for reader in readers {
        let _ = reader.join();
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    for line in tail {
        eprintln!("      | {line}");
    }
    Err(Failure::new(format!("{what} failed ({status}), with its output in {}", log.display())))
}

/// A duration as a person says it: `850 ms`, `12 s`, `3 min 04 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..=1 => format!("{} ms", duration.as_millis()),
        s @ 2..=119 => format!("{s} s"),
        s => format!("{} min {:02} s", s / 60, s % 60),
    }
}

/// The failure of not being able to write a file or folder of our own.
pub(crate) fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot write {} ({error})", path.display()))
        .remedy("make room on the disk or give the folder to your user, then run the command again")
}

fn forward(
    pipe: impl std::io::Read + Send + 'static,
    send: mpsc::Sender<String>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            if send.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    })
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let program = Path::new(command.get_program()).file_name().unwrap_or(OsStr::new("program"));
    Failure::new(format!("cannot start {} ({error})", program.to_string_lossy()))
        .remedy("install it or put it on the PATH, then run the command again")
}
