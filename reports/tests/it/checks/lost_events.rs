//! Events of the engine that were lost: what they would have told nobody is blamed for.

use super::case::{Case, run};
use super::task::{of, over, worker};
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, ContainerHappening as Happening, Pipeline};
use proofhouse_protocol::task::{ContainerStatus, StopCode};
use proofhouse_reports::checks::{ContainerMoment, TaskExpectation as Expect};

fn events(container: &str) -> Pipeline {
    Pipeline::EngineEvents { container: container.into() }
}

/// The same with events of the container lost, and with those of another: the first is unproved.
fn both(name: &'static str, expect: Expect, by: Blame, write: fn(&mut Scene<'_>)) -> [Case; 2] {
    let lost = |container: &'static str| {
        move |s: &mut Scene<'_>| {
            write(s);
            s.lost(events(container));
        }
    };
    let unproved =
        of(name, expect.clone(), lost("worker")).unproved(&["evidence was lost: 3 in the engine's events"]);
    [unproved, of(name, expect, lost("db")).broken(by, &[])]
}

pub fn cases() -> Vec<Case> {
    let container = || "worker".to_owned();
    let then = ContainerMoment { container: container(), event: Happening::Exited };
    let first = ContainerMoment { container: "nginx".into(), event: Happening::Started };
    let restarted = |s: &mut Scene<'_>| {
        s.up().now(|t| worker(t, |one| one.restarts = 1));
        for name in super::task::ALL {
            s.fence(events(name), &format!("f-{name}"));
        }
    };
    let ended = |s: &mut Scene<'_>| _ = s.up().now(over);
    [
        both("an end that nobody saw", Expect::CameUp, Blame::Fargate, ended),
        both("an end of what ran", Expect::Running, Blame::Fargate, ended),
        both(
            "an end for another reason",
            Expect::Stopped { code: StopCode::UserInitiated, because: String::new() },
            Blame::Fargate,
            ended,
        ),
        both("a restart that only its record has", Expect::AllRunning, Blame::Fargate, restarted),
        both(
            "a count that only its record has",
            Expect::Started { container: container(), times: 1 },
            Blame::Fargate,
            restarted,
        ),
        both(
            "an exit that only its record has",
            Expect::Exited { container: container(), code: 7 },
            Blame::Fargate,
            |s| {
                s.up()
                    .now(|t| {
                        worker(t, |one| (one.status, one.exit_code) = (ContainerStatus::Stopped, Some(0)))
                    })
                    .fence(events("worker"), "f");
            },
        ),
        both("a moment that never came", Expect::Before { first, then }, Blame::Fargate, ended),
        both(
            "a kill that never came",
            Expect::KilledAfter { container: container(), seconds: 2 },
            Blame::Fargate,
            |s| _ = s.up().signalled("worker", "SIGTERM").now(over),
        ),
    ]
    .into_iter()
    .flatten()
    .chain([
        of("an exit that was seen, beside lost ones", Expect::CameUp, |s| {
            s.up().happened("nginx", Happening::Exited, Some(1)).now(over).lost(events("worker"));
        })
        .broken(Blame::Defender, &["\"nginx\" exited with 1"]),
        of(
            "a start may follow an exit behind the fence",
            Expect::Started { container: container(), times: 1 },
            |s| {
                s.up().fence(events("worker"), "f").happened("worker", Happening::Exited, Some(1));
            },
        )
        .unproved(&["not final"]),
    ])
    .collect()
}

#[test]
fn lost_events() {
    run(&cases());
}
