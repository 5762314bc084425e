//! The proofhouse command.

mod arguments;
mod bench;
mod ca_file;
mod commands;
mod exploration;
mod failure;
mod input;
mod live;
mod log;
mod output;
mod place;
mod policies;
mod progress;
mod selection;
mod soak;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    // Rustls has one provider here; the first to install it wins, and nobody else does.
    let _only_one = rustls::crypto::ring::default_provider().install_default();
    log::begin();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("could not start: {error}");
            return ExitCode::from(proofhouse_reports::ExitCode::Internal.code());
        }
    };
    let done = runtime.block_on(commands::carry_out(arguments.command));
    let exit = match output::lost().map_or(done, Err) {
        Ok(exit) => exit,
        Err(failure) => {
            failure.print();
            failure.exit
        }
    };
    ExitCode::from(exit.code())
}
