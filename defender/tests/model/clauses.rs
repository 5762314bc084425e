//! What is made up reaches every clause of the model about runtime policies; those about requests are reached by campaigns, which have a test of their own.

use crate::domains::name;
use crate::network::reach;
use crate::policies::{place, policy, semantics};
use crate::process::start;
use crate::programs::{LINKS, program};
use proofhouse_model::{CLAUSES, judge_listener, judge_question, judge_reach, judge_start};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

#[test]
fn every_clause_is_reached() {
    let mut runner = TestRunner::deterministic();
    let worlds = (policy(), place(), program(), name(), reach(), semantics());
    let mut reached = BTreeSet::new();
    for _ in 0..9000 {
        let (policy, place, program, name, (ip, port), semantics) =
            worlds.new_tree(&mut runner).unwrap().current();
        let verdict = judge_start(&policy, &place.container(), &start(&program), &LINKS, &semantics);
        let question = judge_question(&policy, &place.container(), &name, &semantics);
        reached.extend(question.trail.ids().iter().copied());
        let there = judge_reach(&policy, &place.container(), ip, port, &semantics);
        let here = judge_listener(&policy, &place.container(), ip, port.unwrap_or(80), &semantics);
        reached.extend(there.trail.ids().iter().chain(here.trail.ids()).copied());
        reached.extend(verdict.trail.ids().iter().copied());
    }
    let of_runtime = CLAUSES.iter().filter(|(id, ..)| !id.starts_with("request."));
    let missed: Vec<_> = of_runtime.filter(|(id, ..)| !reached.contains(id)).collect();
    assert!(missed.is_empty(), "not reached: {missed:#?}");
}
