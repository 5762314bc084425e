//! The price of starting a program, for benchmarks: this program itself, which does nothing and exits.

use crate::kernel::{self, Ending, Program, Stdio};
use proofhouse_protocol::actor::Spawn;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io;
use std::time::Instant;

/// Starts `actor true` `iterations` times in each of three ways and waits for each. The answer has the median of the
/// nanoseconds by way, because a busy machine spoils a mean: `{"iterations": .., "fork_ns": .., "vfork_ns": .., "posix_spawn_ns": ..}`.
pub fn spawn_bench(iterations: u32) -> io::Result<Value> {
    let path = fs::read_link("/proc/self/exe")?;
    let argv = ["actor".to_owned(), "true".to_owned()];
    let program = Program::new(&path, &argv, std::env::vars_os(), None)?;
    let null = File::options().read(true).write(true).open("/dev/null")?;
    let measure = |way| -> io::Result<f64> {
        let mut times = Vec::new();
        for _ in 0..iterations {
            let start = Instant::now();
            let stdio = Stdio {
                stdin: null.try_clone()?.into(),
                stdout: null.try_clone()?.into(),
                stderr: null.try_clone()?.into(),
            };
            let mut started = kernel::spawn(&program, stdio, way)?;
            if let Some(error) = started.exec_error()? {
                return Err(error);
            }
            match started.process().wait() {
                Ending::Exited(0) => {}
                other => return Err(io::Error::other(format!("`actor true` ended with {other:?}"))),
            }
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times.get(times.len() / 2).map_or(0.0, |time| time.as_nanos() as f64))
    };
    Ok(json!({
        "iterations": iterations,
        "fork_ns": measure(Spawn::Fork)?,
        "vfork_ns": measure(Spawn::Vfork)?,
        "posix_spawn_ns": measure(Spawn::PosixSpawn)?,
    }))
}
