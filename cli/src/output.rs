//! Standard output.

use crate::commands::Done;
use crate::failure::Failure;
use owo_colors::{OwoColorize, Stream};
use proofhouse_reports::ExitCode;
use serde::Serialize;
use std::io::Write;

/// One line. A reader that has gone (`| head`) is no error.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _gone = writeln!(out, "{text}");
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
