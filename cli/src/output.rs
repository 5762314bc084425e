//! Standard output.

use crate::commands::Done;
use crate::failure::{Failure, Message};
use owo_colors::{OwoColorize, Stream};
use proofhouse_reports::ExitCode;
use serde::Serialize;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

/// The first line that could not be written, because of what.
static LOST: OnceLock<String> = OnceLock::new();

/// One line. A reader that has gone (`| head`) is no error; a full disk is, and [`lost`] tells it.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        // The first one says it.
        let _later = LOST.set(error.to_string());
    }
}

/// Why standard output is not complete, if it is not.
pub fn lost() -> Option<Failure> {
    LOST.get().map(|why| {
        Failure::new(
            ExitCode::Environment,
            Message::new(format!("could not write standard output: {why}"))
                .help("free some space, or send the output elsewhere, then repeat the command"),
        )
    })
}

/// Bold, where the terminal can.
pub fn bold(text: &str) -> String {
    text.if_supports_color(Stream::Stdout, |text| text.bold()).to_string()
}

/// Dim, where the terminal can.
pub fn dim(text: &str) -> String {
    text.if_supports_color(Stream::Stdout, |text| text.dimmed()).to_string()
}

/// A value as JSON, as the whole output of a command.
pub fn json(value: &impl Serialize) -> Done {
    let text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::input(format!("could not write JSON: {error}"), "this is a defect: please report it")
    })?;
    line(&text);
    Ok(ExitCode::Passed)
}

/// Whether standard output shows colours.
pub fn coloured() -> bool {
    "x".if_supports_color(Stream::Stdout, |text| text.bold()).to_string() != "x"
}
