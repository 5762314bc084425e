//! What the wrapper costs a program that starts programs.

use super::lab::{self, Lab};
use super::rounds::Rounds;
use super::spawned::Spawned;
use super::statistics::median;
use super::{Results, policies, strace};
use crate::failure::{Failure, Message};
use proofhouse_protocol::observation::{LogStream, Observation};
use proofhouse_reports::ExitCode;
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::Internet;
use serde_json::Value;
use std::time::Duration;

/// Name.
pub const NAME: &str = "fork+exec of a static program";

const ROUNDS: usize = 7;
const PROGRAMS: &str = "200";
const GOAL: Goal = Goal::AtMost(1.5);

/// How long a task may take that starts some hundred programs.
const END_LIMIT: Duration = Duration::from_secs(30);

/// Measures it.
///
/// # Errors
/// When a task does not end as it should, or strace does not run.
pub async fn measure(lab: &Lab) -> Result<Results, Failure> {
    let command = ["spawn-bench", PROGRAMS];
    let definition = policies::one_container(lab, "spawn-bench", "proofhouse/actor", &["/actor"], &command);
    let (mut wrapped, mut bare) = (Vec::new(), Vec::new());
    let mut rounds = Rounds::new(ROUNDS);
    for round in &mut rounds {
        for protect in [round % 2 == 0, round % 2 == 1] {
            let spawned = in_a_task(lab, &definition, protect).await?;
            if protect { wrapped.push(spawned) } else { bare.push(spawned) }
        }
    }
    let beside = |name: &str, pick: fn(&Spawned) -> f64, goal| {
        let microseconds = |all: &[Spawned]| median(&all.iter().map(pick).collect::<Vec<_>>()) / 1e3;
        BenchEntry::beside(name, microseconds(&wrapped), "us", "bare", microseconds(&bare), goal)
    };
    let mut entries = vec![
        beside(NAME, |spawned| spawned.fork_ns, Some(GOAL)),
        beside("vfork+exec of a static program", |spawned| spawned.vfork_ns, None),
        beside("posix_spawn of a static program", |spawned| spawned.posix_spawn_ns, None),
    ];
    entries.push(strace::measure(lab).await?);
    Ok(Results { entries, remarks: rounds.remark(NAME).into_iter().collect() })
}

/// The entry point of a task of its own, protected or not.
async fn in_a_task(lab: &Lab, definition: &Value, protect: bool) -> Result<Spawned, Failure> {
    let mut setup = lab.setup(if protect { "bench-spawn-wrapped" } else { "bench-spawn-bare" }).await?;
    let rig = &mut setup.rig;
    let definition = if protect {
        policies::put_runtime(rig).await?;
        rig.embed(definition).await.map_err(lab::failed)?
    } else {
        definition.clone()
    };
    let ended = async { rig.start(&definition, &Internet::default(), None).await?.over(END_LIMIT).await };
    let ended = ended.await;
    rig.remove_task().await;
    let spawned = printed(&setup.watch);
    setup.rig.take_down().await;
    let record = ended.map_err(lab::failed)?;
    spawned.ok_or_else(|| {
        let codes = record.exit_codes();
        let text = format!("`actor spawn-bench` printed no times; exit codes: {codes:?}");
        Failure::new(ExitCode::Environment, Message::new(text).help("`make assets` builds the actor anew"))
    })
}

fn printed(watch: &Watch) -> Option<Spawned> {
    watch.records().iter().find_map(|record| match record.observation() {
        Observation::Log { stream: LogStream::Stdout, line } => serde_json::from_str(line).ok(),
        _ => None,
    })
}
