//! What the wrapper costs a program that starts programs.

use super::lab::Lab;
use super::rounds::Rounds;
use super::spawned::Spawned;
use super::statistics::median;
use super::{Results, policies, strace, told};
use crate::failure::Failure;
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_scenarios::rig::Internet;

/// Name.
pub const NAME: &str = "fork+exec of a static program";

const ROUNDS: usize = 7;
const PROGRAMS: &str = "200";
const GOAL: Goal = Goal::AtMost(1.5);
const FLAT: Goal = Goal::AtMost(1.1);

/// Names on a long list.
const MANY: usize = 10_000;

/// Measures it.
///
/// # Errors
/// When a task does not end as it should, or strace does not run.
pub async fn measure(lab: &Lab) -> Result<Results, Failure> {
    let command = ["spawn-bench", PROGRAMS];
    let definition = policies::one_container(lab, "spawn-bench", "proofhouse/actor", &["/actor"], &command);
    let many: Vec<String> = (0..MANY).map(|number| format!("denied-{number}")).collect();
    let [mut bare, mut wrapped, mut listed] = [const { Vec::new() }; 3];
    let mut rounds = Rounds::new(ROUNDS);
    for round in &mut rounds {
        for turn in 0..3 {
            let (spawned, policy) = match (round + turn) % 3 {
                0 => (&mut bare, None),
                1 => (&mut wrapped, Some(policies::runtime(&policies::FEW, false))),
                _ => (&mut listed, Some(policies::runtime(&many, false))),
            };
            let internet = Internet::default();
            spawned.push(told::by_a_task::<Spawned>(lab, "spawn", &definition, &internet, policy).await?);
        }
    }
    let beside =
        |name: &str, ours: &[Spawned], pick: fn(&Spawned) -> f64, peer: &str, theirs: &[Spawned], goal| {
            let microseconds = |all: &[Spawned]| median(&all.iter().map(pick).collect::<Vec<_>>()) / 1e3;
            BenchEntry::beside(name, microseconds(ours), "us", peer, microseconds(theirs), goal)
        };
    let fork: fn(&Spawned) -> f64 = |spawned| spawned.fork_ns;
    let mut entries = vec![
        beside(NAME, &wrapped, fork, "bare", &bare, Some(GOAL)),
        beside("vfork+exec of a static program", &wrapped, |spawned| spawned.vfork_ns, "bare", &bare, None),
        beside(
            "posix_spawn of a static program",
            &wrapped,
            |spawned| spawned.posix_spawn_ns,
            "bare",
            &bare,
            None,
        ),
        beside(
            &format!("{NAME}, {MANY} denied names"),
            &listed,
            fork,
            "three denied names",
            &wrapped,
            Some(FLAT),
        ),
    ];
    entries.push(strace::measure(lab).await?);
    Ok(Results { entries, remarks: rounds.remark(NAME).into_iter().collect() })
}
