//! Scenarios of the embed.

use super::given::{embedded, original};
use super::tape::{Tape, meta};
use proofhouse_protocol::observation::DefinitionRole;
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Level::{Core, Extended, Provisional};
use proofhouse_reports::checks::{Check, EmbedExpectation};

pub fn embedding(tape: &mut Tape) {
    let feature = "Embedding a Defender";
    for (id, title, requirements, level) in [
        ("embed-001", "A sidecar is added behind the app's containers", &["E1"][..], Core),
        ("embed-002", "The entry point runs under the wrapper", &["E3", "E4"], Core),
        ("embed-003", "The app waits for a healthy sidecar", &["E7", "S9"], Core),
        ("embed-004", "Intrinsic functions are refused with their path", &["E23"], Extended),
        ("embed-005", "Variables of the app come first", &["E9"], Core),
        ("embed-006", "A second embed changes nothing", &["E29"], Provisional),
        ("embed-007", "A missing entry point is refused by name", &["E15", "E19"], Core),
        ("embed-008", "Task-level members keep their types", &["E14"], Core),
    ] {
        let mut meta = meta(id, title, feature, requirements, level);
        meta.rule = Some("Embedding changes only what protection needs.".into());
        let mut scene = tape.scene(&meta);
        let call = Observation::ConsoleCall {
            method: "POST".into(),
            path: "/api/v34.04/defenders/fargate.json?consoleaddr=console.internal".into(),
            status: 200,
            user: Some("admin".into()),
            error: None,
        };
        scene.step("Given", "the task definition \"shop\"").stimulus("e-1", "embed \"shop\"");
        scene.add(Source::Console, call).define(DefinitionRole::Original, original());
        let mut made = embedded();
        if id == "embed-006" {
            let twice = made["containerDefinitions"][2].clone();
            made["containerDefinitions"].as_array_mut().into_iter().for_each(|all| all.push(twice.clone()));
        }
        scene.define(DefinitionRole::Embedded, made).step("When", "the Console embeds the Defender");
        let expect = EmbedExpectation::OneContainerMore;
        scene.check("the protected definition has one container more", &Check::Embedded { expect }).end();
    }
    let mut bundle = meta("embed-009", "The bundle comes from a secret", feature, &["E34"], Extended);
    bundle.not_applicable = Some("the Defender does not declare the feature `secret-bundle`".into());
    tape.scene(&bundle).end();
}
