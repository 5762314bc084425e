//! A run as it could be: every verdict, real checkers, fixed times. Tests and the example read it.

mod embedding;
mod firewall;
pub mod given;
mod names;
mod processes;
pub mod tape;
mod task;

use tape::Tape;

use proofhouse_protocol::{FidelityLabel, Observation, Semantics, Source};
use proofhouse_reports::HistoryRecord;
use proofhouse_reports::report::{Choice, Environment, Implementation, RunHeader};
use proofhouse_reports::verdict::{Expectations, Fidelity};

/// The header of the sample.
pub fn header() -> RunHeader {
    let fidelity =
        |property: &str, label, how: &str| Fidelity { property: property.into(), label, how: how.into() };
    RunHeader {
        run_id: "run-20260105-090000".into(),
        started: "2026-01-05T09:00:00Z".parse().expect("a time"),
        suite_version: "0.1.0".into(),
        implementation: Implementation {
            name: "reference".into(),
            version: "34.04.145".into(),
            image: "proofhouse/defender:34_04_145".into(),
            image_digest: "sha256:5f8e6c2b0b7d4d0c9f1f6f3ad1b5f0f3e2f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5".into(),
        },
        environment: Environment {
            docker: "20.10.24".into(),
            engine_api: "1.41".into(),
            kernel: "6.18.5".into(),
            cgroup: "v2, cgroupfs".into(),
            storage_driver: "overlay2".into(),
            architecture: "x86_64".into(),
            cpus: 2,
            memory_bytes: 24 << 30,
            more: [("Open files".to_owned(), "1048576".to_owned())].into(),
        },
        semantics: Semantics::current(),
        choices: vec![Choice { question: "A name on both lists".into(), choice: "is denied".into() }],
        fidelity: vec![
            fidelity("network namespace", FidelityLabel::Enforced, "one for the task, owned by the world container"),
            fidelity("capabilities", FidelityLabel::Enforced, "Docker's fourteen, and SYS_PTRACE on request"),
            fidelity("instance metadata", FidelityLabel::Enforced, "blackhole route"),
            fidelity("task memory", FidelityLabel::Approximated, "limits of containers, no common group"),
            fidelity("seccomp", FidelityLabel::Assumed, "Docker's default profile"),
            fidelity("EFS", FidelityLabel::NotSimulated, ""),
        ],
        not_simulated: vec![
            "Kernel: the host's, and shared; Fargate's isolation, build and configuration are not simulated".into(),
            "Timing: nothing is claimed about the time that starting, pulling or stopping takes on Fargate".into(),
        ],
        selection: String::new(),
        dry_run: false,
        suite: Vec::new(),
        expectations: Expectations::parse(
            r#"{"known_failures": [{"id": "dns-009", "reason": "raw queries are answered by the resolver first",
                "issue": "issue 41", "owner": "network team", "expires": "2026-03-31"},
                {"id": "embed-004", "reason": "intrinsic functions were flattened", "issue": "issue 17",
                "owner": "embed team", "expires": "2026-02-28"}]}"#,
        )
        .expect("a file as it must be"),
        labelled: [("T44".to_owned(), "EFS needs AWS".to_owned()), ("P16".to_owned(), "out of reach by design".to_owned())]
            .into(),
    }
}

/// The history of the sample.
pub fn history() -> Vec<HistoryRecord> {
    let mut tape = Tape::default();
    tape.run(Source::Runner, header().to_observation());
    embedding::embedding(&mut tape);
    processes::processes(&mut tape);
    names::names(&mut tape);
    firewall::firewall(&mut tape);
    task::task(&mut tape);
    tape.run(Source::Runner, Observation::RunEnded { interrupted: false });
    tape.records
}
