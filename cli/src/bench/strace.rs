//! What strace costs the same program, on this machine outside any container: the price of the obvious way to watch.

use super::lab::Lab;
use super::spawned::Spawned;
use super::statistics::median;
use crate::failure::{Failure, Message};
use proofhouse_reports::ExitCode;
use proofhouse_reports::bench::BenchEntry;
use std::process::Command;

const ROUNDS: usize = 3;
const PROGRAMS: &str = "100";

/// Measures it.
///
/// # Errors
/// When strace or the actor does not run.
pub async fn measure(lab: &Lab) -> Result<BenchEntry, Failure> {
    let actor = lab.asset("actor");
    let rounds = move || -> Result<(Vec<f64>, Vec<f64>), String> {
        let (mut traced, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bare.push(microseconds(Command::new(&actor).args(["spawn-bench", PROGRAMS]))?);
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null"]).arg(&actor).args(["spawn-bench", PROGRAMS]);
            traced.push(microseconds(&mut strace)?);
        }
        Ok((traced, bare))
    };
    let failed = |why: String| {
        let help = "install strace (`make setup` does), and let this user trace its own children";
        Failure::new(
            ExitCode::Environment,
            Message::new(format!("could not measure strace: {why}")).help(help),
        )
    };
    let (traced, bare) = tokio::task::spawn_blocking(rounds)
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(failed)?;
    Ok(BenchEntry::beside(
        "fork+exec of a static program under strace -f, on the host",
        median(&traced),
        "us",
        "bare, on the host",
        median(&bare),
        None,
    ))
}

fn microseconds(command: &mut Command) -> Result<f64, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("`{program}`: {error}"))?;
    let spawned: Spawned = serde_json::from_slice(&output.stdout).map_err(|_| {
        format!("`{program}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr))
    })?;
    Ok(spawned.fork_ns / 1e3)
}
