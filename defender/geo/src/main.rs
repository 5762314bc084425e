//! Writes the database of countries to the file that is named: `geo FILE`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: geo FILE");
        return ExitCode::from(2);
    };
    match std::fs::write(&path, proofhouse_geo::database(&proofhouse_geo::BLOCKS)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("write {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
