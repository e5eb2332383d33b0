//! `cargo xtask serve`: builds the page, serves it, and builds it again when a source changes.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::process::seconds;
use crate::setup::{self, Page, Progress};
use crate::{build, project, server};

/// What the chore does, for the help text.
pub(crate) const ABOUT: &str = "build the page and serve it: serve [--port N] [--host ADDRESS] [--once]";

/// Where the page is served unless a person says otherwise.
const PORT: u16 = 8080;
/// How many ports after a taken one are tried.
const NEIGHBORS: u16 = 20;
/// How often sources are looked at for changes.
const GLANCE: Duration = Duration::from_millis(1500);

/// What a person asked for.
struct Options {
    host: String,
    port: u16,
    /// Whether changes of the sources are left alone.
    once: bool,
}

/// Sets up, builds, serves; ends only with the process.
pub(crate) fn run(args: &[String]) -> Result<(), Failure> {
    let started = Instant::now();
    let options = options(args)?;
    let mut progress = Progress::new(setup::PAGE_STEPS + 1);
    let page = setup::page(&mut progress)?;
    progress.step("the page", || build::make(&page))?;
    let listener = listen(&options.host, options.port)?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(format!("the server has no address ({error})")))?;
    println!("\nStagecraft is served at http://{address}/ (ready after {}).", seconds(started.elapsed()));
    if options.once {
        println!("Ctrl-C ends it.");
    } else {
        println!("Ctrl-C ends it. Save a source and it is built again; then reload the page.");
        std::thread::spawn(move || watch(&page));
    }
    server::serve(&listener, &project::dist());
    Ok(())
}

/// A listener on `port`, on one of the next ports where that is taken, or on any that is free.
fn listen(host: &str, port: u16) -> Result<TcpListener, Failure> {
    (port..=port.saturating_add(NEIGHBORS))
        .chain(std::iter::once(0))
        .find_map(|port| TcpListener::bind((host, port)).ok())
        .ok_or_else(|| {
            Failure::new(format!("no port of {host} can be listened on"))
                .remedy("name another address with `--host 127.0.0.1`")
        })
}

fn options(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options { host: "127.0.0.1".to_owned(), port: PORT, once: false };
    let wrong = |what: String| Failure::new(what).remedy("run `cargo xtask serve --port 8080`");
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (name, inline) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        let mut value = || {
            inline
                .clone()
                .or_else(|| args.next().cloned())
                .ok_or_else(|| wrong(format!("{name} needs a value")))
        };
        match name {
            "--port" | "-p" => {
                let text = value()?;
                options.port = text.parse().map_err(|_| wrong(format!("\"{text}\" is not a port")))?;
            }
            "--host" => options.host = value()?,
            "--once" => options.once = true,
            _ => return Err(wrong(format!("serve has no option {name}"))),
        }
    }
    Ok(options)
}

/// Builds again whenever the sources have changed and then rested for a glance.
fn watch(page: &Page) {
    let mut built = build::sources();
    let mut seen = built;
    loop {
        std::thread::sleep(GLANCE);
        let now = build::sources();
        if now != built && now == seen {
            built = now;
            let started = Instant::now();
            println!("something changed: building the page again");
            match build::make(page) {
                Ok(_) => println!("built in {}: reload the page", seconds(started.elapsed())),
                Err(failure) => eprintln!("{failure} The page from before is still served."),
            }
        }
        seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::{listen, options};

    #[test]
    fn a_taken_port_gives_way_to_another() {
        let first = listen("127.0.0.1", 38_080).expect("a port");
        let taken = first.local_addr().expect("an address").port();
        let second = listen("127.0.0.1", taken).expect("another port");
        assert_ne!(second.local_addr().expect("an address").port(), taken);
    }

    #[test]
    fn options_are_read_in_both_forms() {
        let read = |args: &[&str]| options(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert_eq!(read(&["--port", "9"]).expect("options").port, 9);
        assert_eq!(read(&["--port=9", "--host=::1"]).expect("options").host, "::1");
        assert!(read(&["--port"]).is_err());
        assert!(read(&["--port", "x"]).is_err());
        assert!(read(&["--prot", "9"]).is_err());
    }
}
