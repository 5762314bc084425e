//! Scenarios of programs.

use super::given::{no_audit, policy, program};
use super::tape::{Tape, denied, exited, meta};
use proofhouse_protocol::observation::{Pipeline, Plane};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Level::{Core, Extended};
use proofhouse_reports::checks::{AuditCount, Check, ProgramExpectation};

fn denied_once(token: &str) -> Check {
    let audits = AuditCount::exactly(1, Plane::Runtime)
        .of(token)
        .select("attackType", "explicitlyDeniedProcess")
        .field("effect", "prevent")
        .field("ruleName", "worker makes no folders")
        .field("containerName", "worker")
        .field("processPath", "/usr/bin/mkdir");
    Check::Audits(audits)
}

pub fn processes(tape: &mut Tape) {
    let feature = "Process policy";
    let rule = "A denied program never runs, its parent goes on, and exactly one audit says so.";
    for (number, title, requirements, level) in [
        (1, "A denied program has no effect", &["P1", "F7", "A3"][..], Core),
        (2, "The program is found by its base name", &["P7"], Core),
        (3, "A daemon is governed like a child", &["P11"], Core),
        (4, "A program started by posix_spawn is governed", &["P13"], Extended),
        (5, "A static program is governed", &["P14"], Extended),
        (6, "A denied program under a non-root user has no effect", &["X11"], Extended),
        (7, "A shell that replaces itself is governed", &["P12"], Extended),
        (8, "The rule of the first match is named", &["C8"], Core),
    ] {
        let id = format!("process-{number:03}");
        let token = format!("t-{number}");
        let mut meta = meta(&id, title, feature, requirements, level);
        meta.rule = Some(rule.into());
        let mut scene = tape.scene(&meta);
        scene.task(policy()).stimulus(&token, "run `mkdir /tmp/x` in worker");
        scene.ran(&token, "worker", &["mkdir", "/tmp/x"], 40 + number, denied(), "");
        scene.step("When", "the container \"worker\" runs \"mkdir /tmp/x\"");
        match number {
            4 => scene.process_audit(
                44,
                "/usr/bin/mkdir",
                "alert",
                "Default - alert on suspicious runtime behavior",
            ),
            5 => &mut scene,
            _ => scene.process_audit(40 + number, "/usr/bin/mkdir", "prevent", "worker makes no folders"),
        };
        if number == 6 {
            scene.add(Source::Console, Observation::AuditGap { after: 1, before: 4 });
        }
        if number != 7 {
            scene.fence(Pipeline::Audits, &format!("f-{number}"));
        }
        scene.check("the program never ran", &program(&token, ProgramExpectation::NeverRan));
        scene.check("exactly one audit tells of it", &denied_once(&token));
        if number == 4 {
            let text = "worker\n  1 /opt/twistlock/defender fargate entrypoint actor\n  7 actor\n".to_owned();
            scene
                .add(Source::Engine, Observation::Capture { what: "process tree".into(), text, left_out: 0 });
        }
        scene.end();
    }
    let mut allowed =
        meta("process-009", "Another container may run the program", feature, &["C1", "C4"], Core);
    allowed.rule = Some("A rule holds for the containers in its scope only.".into());
    let mut scene = tape.scene(&allowed);
    scene.task(policy()).stimulus("t-9", "run `mkdir /tmp/x` in nginx");
    scene
        .ran("t-9", "nginx", &["mkdir", "/tmp/x"], 61, exited(0), "")
        .step("When", "the container \"nginx\" runs mkdir");
    scene.fence(Pipeline::Audits, "f-9");
    scene.check("the program ran", &program("t-9", ProgramExpectation::Ran(Some(0))));
    scene.check("no audit", &no_audit("t-9")).end();

    let mut stray =
        tape.scene(&meta("process-010", "Builtins of the shell raise no audit", feature, &["P15"], Extended));
    stray.task(policy()).stimulus("t-10", "run `cd /` in a shell of worker");
    stray.ran("t-10", "worker", &["sh", "-c", "cd /"], 71, exited(0), "");
    stray
        .process_audit(5, "/usr/bin/id", "prevent", "worker makes no folders")
        .fence(Pipeline::Audits, "f-10");
    stray.check("no audit", &no_audit("t-10")).end();
}
