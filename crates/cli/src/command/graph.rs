//! `stagecraft graph`: the stages of a build and what flows between them, as a drawing or as data.

use super::Command;
use crate::args::{Args, Failure};
use stagecraft_playground::engine::{Format, export_project};
use stagecraft_playground::view::Look;
use std::io::Write;
use std::process::ExitCode;

pub(super) const COMMAND: Command = Command {
    name: "graph",
    summary: "print the graph of stages as SVG, Mermaid, DOT or JSON",
    usage: "[--format svg|svg-dark|mermaid|dot|json] [--builder legacy|buildkit] [options of build] CONTEXT",
    run,
};

fn run(mut args: Args, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    let format = match args.value(&["--format"])?.as_deref() {
        None | Some("svg") => Format::Svg,
        Some("svg-dark") => Format::SvgDark,
        Some("mermaid") => Format::Mermaid,
        Some("dot") => Format::Dot,
        Some("json") => Format::Json,
        Some(other) => return Err(Failure::Usage(format!("unknown format {other:?}"))),
    };
    let look = match args.value(&["--builder"])?.as_deref() {
        None => Look::SideBySide,
        Some("buildkit") => Look::BuildKit,
        Some("legacy") => Look::Legacy,
        Some(other) => return Err(Failure::Usage(format!("unknown builder {other:?}"))),
    };
    let catalogue = crate::images::read(&mut args)?;
    let (project, _) = super::build::read_project(args)?;
    let text = export_project(&project, &catalogue, look, format);
    write!(out, "{text}")?;
    Ok(ExitCode::SUCCESS)
}
