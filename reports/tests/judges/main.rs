//! The judges are judged: recordings of scenarios that passed are mutated, and each check is made again on every mutant.
//!
//! Each record before a check is dropped, doubled and moved before its cause, and each member of the records on which it stands is
//! altered. A mutant of what the subject did may not pass; one of the evidence may neither pass nor blame the Defender. What a
//! check does not speak of stands in `indifferent.txt`, with the reason; an entry that no mutant needs is wrong, too.

#![expect(clippy::unwrap_used, reason = "a test that cannot read what it needs fails")]

mod indifferent;
mod mutant;
mod recording;
mod spoken;

use indifferent::Indifferent;
use mutant::{Mutant, Of, mutants};
use proofhouse_protocol::observation::Blame;
use proofhouse_reports::Outcome;
use recording::recordings;
use spoken::spoken_of;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

/// How the mutants of one kind of check fared.
#[derive(Default)]
struct Tally {
    checks: usize,
    mutants: usize,
    indifferent: usize,
    survivors: usize,
}

/// Why a mutant is a survivor; none when it is not.
fn survived(mutant: &Mutant, outcome: Outcome) -> Option<&'static str> {
    match (mutant.of, outcome) {
        (_, Outcome::Holds) => Some("passes"),
        (Of::Evidence, Outcome::Broken(Blame::Defender)) => Some("blames the Defender"),
        _ => None,
    }
}

fn main() -> ExitCode {
    let mut indifferent = Indifferent::load();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut survivors: BTreeSet<String> = BTreeSet::new();
    let mut broken_fixtures = Vec::new();
    for recording in recordings() {
        for (place, check) in recording.checks() {
            let before = &recording.records[..place];
            let conclusion = check.judge(before);
            let name = check.name();
            if !conclusion.is_held() {
                broken_fixtures.push(format!("{} {name}: {}", recording.name, conclusion.said));
                continue;
            }
            let json = serde_json::to_value(&check).unwrap();
            let tally = tallies.entry(name.clone()).or_default();
            tally.checks += 1;
            for mutant in mutants(before, &conclusion.on) {
                tally.mutants += 1;
                let outcome = check.judge(&mutant.records).outcome;
                let Some(how) = survived(&mutant, outcome) else { continue };
                if !spoken_of(&json, &mutant) && indifferent.covers(&name, &mutant) {
                    tally.indifferent += 1;
                } else {
                    tally.survivors += 1;
                    survivors.insert(format!("{name} {}: {how} ({})", mutant.key(), recording.name));
                }
            }
        }
    }
    report(&tallies, &survivors, &broken_fixtures, &indifferent)
}

fn report(
    tallies: &BTreeMap<String, Tally>,
    survivors: &BTreeSet<String>,
    broken_fixtures: &[String],
    indifferent: &Indifferent,
) -> ExitCode {
    println!("\nmutants of recordings, by check");
    println!("{:<24} {:>7} {:>8} {:>12} {:>10}", "check", "checks", "mutants", "indifferent", "survivors");
    let mut all = Tally::default();
    for (name, tally) in tallies {
        println!(
            "{name:<24} {:>7} {:>8} {:>12} {:>10}",
            tally.checks, tally.mutants, tally.indifferent, tally.survivors
        );
        all.checks += tally.checks;
        all.mutants += tally.mutants;
        all.indifferent += tally.indifferent;
        all.survivors += tally.survivors;
    }
    println!(
        "{:<24} {:>7} {:>8} {:>12} {:>10}",
        "all", all.checks, all.mutants, all.indifferent, all.survivors
    );
    for survivor in survivors {
        println!("survivor: {survivor}");
    }
    for fixture in broken_fixtures {
        println!("does not hold without a mutation: {fixture}");
    }
    let unused = indifferent.unused();
    for entry in &unused {
        println!("indifferent.txt: no mutant needs `{entry}`");
    }
    let missing = recording::unrecorded(tallies.keys());
    for name in &missing {
        println!("no recording has the check `{name}`");
    }
    let good = survivors.is_empty() && broken_fixtures.is_empty() && unused.is_empty() && missing.is_empty();
    let failed = usize::from(!good);
    println!("test no_mutant_survives ... {}", if good { "ok" } else { "FAILED" });
    println!(
        "test result: {}. {} passed; {failed} failed;\n",
        if good { "ok" } else { "FAILED" },
        1 - failed
    );
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
