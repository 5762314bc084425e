//! Files that the user names.

use crate::failure::Failure;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// What to do with bytes that are no text: redirected output of PowerShell is UTF-16, for one.
const UTF_8: &str = "save it as text in UTF-8";

/// The text of a file, and the name by which messages call it; `-` is standard input.
pub fn read(path: &Path) -> Result<(String, String), Failure> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::input(format!("could not read standard input: {error}"), UTF_8))?;
        return Ok(("standard input".to_owned(), text));
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        let help = match error.kind() {
            ErrorKind::InvalidData => UTF_8,
            _ => "name a file that exists and may be read",
        };
        Failure::input(format!("could not read \"{}\": {error}", path.display()), help)
    })?;
    Ok((path.display().to_string(), text))
}
