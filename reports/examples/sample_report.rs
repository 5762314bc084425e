//! Writes the reports of an invented run into a folder, to be looked at.
//!
//! `cargo run -p proofhouse-reports --example sample_report -- target/sample-report`

#[path = "../tests/it/sample/mod.rs"]
mod sample;

use proofhouse_reports::report::assemble;
use proofhouse_reports::write::{to_summary, write_folder};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: sample_report FOLDER");
        return ExitCode::from(2);
    };
    let records = sample::history();
    let report = match assemble(&records) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("failed to assemble the report: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = write_folder(&folder, &report, &records) {
        eprintln!("failed to {error}");
        return ExitCode::FAILURE;
    }
    print!("{}", to_summary(&report, true));
    println!("written to {}", folder.display());
    ExitCode::SUCCESS
}
