//! The reference Defender: one static binary with the wrapper, the sidecar and the health check.

use proofhouse_defender::command::{self, Command, USAGE};
use proofhouse_defender::{VERSION, hub, sidecar, wrapper};
use std::fmt::Display;
use std::process::exit;
use std::time::Duration;

/// The health check of the embed may take five seconds [CFT30].
const HEALTH: Duration = Duration::from_secs(3);

fn main() {
    match command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Version) => println!("defender {VERSION} (proofhouse {})", env!("CARGO_PKG_VERSION")),
        Ok(Command::Help) => println!("{USAGE}"),
        Ok(Command::Entrypoint(argv)) => match wrapper::run(argv) {
            Ok(code) => exit(code),
            Err(error) => fail(&error, error.code()),
        },
        Ok(Command::Sidecar { data_folder, crs_directory }) => {
            if let Err(error) = sidecar::run(&data_folder, crs_directory) {
                fail(&error, 1);
            }
        }
        Ok(Command::Healthcheck { data_folder }) => {
            match hub::await_health(&hub::socket(&data_folder), HEALTH) {
                Ok((healthy, detail)) => {
                    println!("{detail}");
                    exit(i32::from(!healthy));
                }
                Err(error) => fail(&format!("no sidecar: {error}"), 1),
            }
        }
        Err(error) => fail(&format!("{error}\n{USAGE}"), 2),
    }
}

fn fail(error: &dyn Display, code: i32) -> ! {
    eprintln!("defender: {error}");
    exit(code)
}
