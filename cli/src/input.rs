//! Files that the user names.

use crate::failure::Failure;
use std::io::Read;
use std::path::Path;

/// The text of a file, and the name by which messages call it; `-` is standard input.
pub fn read(path: &Path) -> Result<(String, String), Failure> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|error| {
            Failure::input(format!("could not read standard input: {error}"), "give it a text in UTF-8")
        })?;
        return Ok(("standard input".to_owned(), text));
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::input(
            format!("could not read \"{}\": {error}", path.display()),
            "name a file that exists and may be read",
        )
    })?;
    Ok((path.display().to_string(), text))
}
