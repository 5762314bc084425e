//! Scenarios of the task.

use super::given::{policy, program, running};
use super::tape::{Tape, exited, meta};
use proofhouse_protocol::observation::{ContainerHappening, LogStream, Pipeline};
use proofhouse_protocol::task::ContainerStatus;
use proofhouse_protocol::{FidelityLabel, Observation, Source};
use proofhouse_reports::Level::Core;
use proofhouse_reports::checks::{Check, ProgramExpectation, TaskExpectation};
use proofhouse_reports::verdict::Fidelity;

pub fn task(tape: &mut Tape) {
    let feature = "The simulated task";
    for (number, title, requirements) in [
        (1, "Containers share one network namespace", &["T21", "T22"][..]),
        (2, "The instance metadata address fails at once", &["T30"]),
        (3, "Containers stop in reverse order", &["T61", "T62"]),
        (4, "The working directory survives the wrapper", &["T47", "P24"]),
        (5, "Nothing is left behind", &["T96"]),
    ] {
        let token = format!("k-{number}");
        let mut scene = tape.scene(&meta(&format!("task-{number:03}"), title, feature, requirements, Core));
        scene.task(policy()).stimulus(&token, "look around");
        scene.ran(&token, "worker", &["pwd"], 90 + number, exited(0), "/srv\n");
        for line in 0..if number == 3 { 900 } else { 12 } {
            let line = format!("2026-01-05T09:00:01Z GET /healthz 200 {line}");
            scene
                .add(Source::Container("nginx".into()), Observation::Log { stream: LogStream::Stdout, line });
        }
        scene.check("the program says so", &program(&token, ProgramExpectation::Output("/srv".into())));
        let events = Pipeline::EngineEvents { container: "worker".into() };
        let once = TaskExpectation::Started { container: "worker".into(), times: 1 };
        scene.fence(events, &format!("fe-{number}"));
        scene.check("the container lived", &Check::Task { expect: once }).end();
    }
    let mut seccomp = meta("task-006", "System calls are filtered as on Fargate", feature, &["T9"], Core);
    seccomp.relies_on = vec![Fidelity {
        property: "seccomp".into(),
        label: FidelityLabel::Assumed,
        how: "Docker's default profile".into(),
    }];
    let mut scene = tape.scene(&seccomp);
    scene.task(policy()).stimulus("k-6", "read the mode").ran(
        "k-6",
        "worker",
        &["grep", "Seccomp", "/proc/self/status"],
        96,
        exited(0),
        "Seccomp:\t2\n",
    );
    scene.check("it ran", &program("k-6", ProgramExpectation::Ran(Some(0)))).end();

    let mut cut = tape.scene(&meta("task-007", "A second start has a new App ID", feature, &["S5"], Core));
    cut.step("Given", "a protected task")
        .step("When", "the task is started again")
        .step("Then", "its App ID is a new one")
        .end();

    let mut wrong =
        tape.scene(&meta("task-008", "The exit code of a container is kept", feature, &["T66"], Core));
    wrong.task(policy()).stimulus("k-8", "\"worker\" exits with 7");
    wrong.happened("worker", ContainerHappening::Exited, Some(7));
    let mut record = running(&["TwistlockDefender", "nginx", "worker"]);
    if let Some(worker) = record.containers.get_mut("worker") {
        (worker.status, worker.exit_code) = (ContainerStatus::Stopped, Some(0));
    }
    wrong.record(record).step("When", "the container \"worker\" exits with 7");
    let kept = TaskExpectation::Exited { container: "worker".into(), code: 7 };
    wrong.check("its exit code is 7", &Check::Task { expect: kept }).end();
}
