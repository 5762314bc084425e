//! The run as a whole: its end, its problems, its exit code.

use crate::sample;
use crate::sample::tape::Tape;
use crate::verdict::{about, done};
use proofhouse_protocol::observation::ProblemKind;
use proofhouse_protocol::{Observation, Recorder, Source};
use proofhouse_reports::report::assemble;
use proofhouse_reports::{History, RunHeader, RunReport};

/// A run of one scenario that passes, with these records before its end.
fn run(header: &RunHeader, more: &[Observation]) -> RunReport {
    let mut tape = Tape::default();
    tape.run(Source::Runner, header.to_observation());
    let mut scene = tape.scene(&about());
    done(&mut scene);
    scene.end();
    for observation in more {
        tape.run(Source::Engine, observation.clone());
    }
    tape.run(Source::Runner, Observation::RunEnded { interrupted: false });
    assemble(&tape.records).unwrap()
}

fn problem(problem: ProblemKind, text: &str) -> Observation {
    Observation::Problem { problem, text: text.to_owned() }
}

#[test]
fn a_history_without_its_end_is_an_interrupted_run() {
    let mut records = sample::history();
    let report = assemble(&records).unwrap();
    assert!(!report.interrupted);
    assert_eq!(report.exit.code, 3);
    records.pop();
    let report = assemble(&records).unwrap();
    assert!(report.interrupted);
    assert_eq!(report.exit.code, 130);
    records.remove(0);
    let error = assemble(&records).unwrap_err().to_string();
    assert!(error.contains("run_began"), "{error}");
}

#[test]
fn a_run_without_problems_passes() {
    assert_eq!(run(&sample::header(), &[]).exit.code, 0);
}

#[test]
fn a_history_that_could_not_be_written_closes_the_gate() {
    let full = History::to_file(std::path::Path::new("/dev/full")).unwrap();
    full.for_run().record(proofhouse_protocol::Recording {
        source: Source::Runner,
        token: None,
        observation: Observation::Note { text: "x".into() },
    });
    let error = full.finish().unwrap_err();
    let report = run(&sample::header(), &[problem(ProblemKind::History, &error.to_string())]);
    assert_eq!(report.exit.code, 5);
    assert!(report.problems[0].text.contains("/dev/full"), "{:?}", report.problems);
}

#[test]
fn leaks_and_dry_runs_are_problems_of_the_run() {
    let leak = problem(ProblemKind::Leak, "container `x` was left behind");
    let header = RunHeader { dry_run: true, ..sample::header() };
    let report = run(&header, &[leak]);
    let kinds: Vec<_> = report.problems.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProblemKind::Leak, ProblemKind::Environment]);
    assert_eq!(report.exit.code, 5, "a dry run is never a pass");
}
