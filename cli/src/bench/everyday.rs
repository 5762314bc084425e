//! What the wrapper costs an app that starts few programs: a compile, names that resolve, traffic on its sockets; and what it takes itself.

use super::lab::Lab;
use super::rounds::Rounds;
use super::statistics::median;
use super::{Results, policies};
use crate::failure::Failure;
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_scenarios::rig::Internet;
use serde::Deserialize;

/// Name, with which its entries begin.
pub const NAME: &str = "everyday";

const ROUNDS: usize = 5;

/// What the script prints: medians of one task.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Everyday {
    compile_ms: f64,
    lookup_us: f64,
    exchange_us: f64,
    first_process_kib: f64,
    first_process_own_kib: f64,
}

/// Measures it.
///
/// # Errors
/// When a task does not end as it should.
pub async fn measure(lab: &Lab) -> Result<Results, Failure> {
    let script = ["/srv/real/everyday.py"];
    let definition = policies::one_container(lab, "everyday", "proofhouse/userland", &script, &[]);
    let address = "198.51.100.80".parse().expect("an address");
    let internet = Internet { names: vec![("api.example.com".to_owned(), address)], ..Internet::default() };
    let (mut wrapped, mut bare) = (Vec::new(), Vec::new());
    let mut rounds = Rounds::new(ROUNDS);
    for round in &mut rounds {
        for protect in [round % 2 == 0, round % 2 == 1] {
            let policy = protect.then(|| policies::runtime(&policies::FEW, true));
            let told: Everyday = super::told::by_a_task(lab, NAME, &definition, &internet, policy).await?;
            if protect { wrapped.push(told) } else { bare.push(told) }
        }
    }
    let of = |all: &[Everyday], pick: fn(&Everyday) -> f64| median(&all.iter().map(pick).collect::<Vec<_>>());
    let beside = |what: &str, unit: &str, pick: fn(&Everyday) -> f64, goal: f64| {
        let name = format!("{NAME}: {what}");
        BenchEntry::beside(&name, of(&wrapped, pick), unit, "bare", of(&bare, pick), Some(Goal::AtMost(goal)))
    };
    let entries = vec![
        beside("compile of a small C program", "ms", |told| told.compile_ms, 1.1),
        beside("name that resolves", "us", |told| told.lookup_us, 1.5),
        beside("kilobyte there and back over TCP", "us", |told| told.exchange_us, 1.02),
        BenchEntry::alone(
            &format!("{NAME}: memory of the wrapper, its own"),
            of(&wrapped, |told| told.first_process_own_kib) / 1024.0,
            "MiB",
            Some(Goal::ValueAtMost(8.0)),
        ),
        // The pages of its program are there once for all wrappers and the sidecar.
        BenchEntry::alone(
            &format!("{NAME}: the same, with the pages of its program"),
            of(&wrapped, |told| told.first_process_kib) / 1024.0,
            "MiB",
            None,
        ),
    ];
    Ok(Results { entries, remarks: rounds.remark(NAME).into_iter().collect() })
}
