//! What the embed makes of a definition.

use super::case::{Case, case, run};
use crate::sample::given::{embedded, original};
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, DefinitionRole};
use proofhouse_protocol::{EmbedNames, Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::EmbedExpectation;
use serde_json::{Value, json};

/// The embed, with one change to what it made.
fn with(change: fn(&mut Value)) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        let mut document = embedded();
        change(&mut document);
        s.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, document);
    }
}

/// An expectation that the right embed meets and a changed one does not.
fn both(name: &'static str, expect: EmbedExpectation, change: fn(&mut Value), words: &[&str]) -> [Case; 2] {
    let check = Check::Embedded { expect };
    let right = case(name, &check, with(|_| ())).holds(&[]);
    [right, case(name, &check, with(change)).broken(Blame::Console, words)]
}

pub fn cases() -> Vec<Case> {
    let (container, member) = (|| "nginx".to_owned(), |name: &str| name.to_owned());
    let added = || vec![("DEFENDER_TYPE".to_owned(), "appEmbedded".to_owned())];
    let names = || vec!["MODE".to_owned(), "DEFENDER_TYPE".to_owned()];
    let drop_last: fn(&mut Value) = |d| _ = d["containerDefinitions"].as_array_mut().map(Vec::pop);
    let mut all: Vec<Case> = [
        both(
            "last",
            EmbedExpectation::LastContainer("TwistlockDefender".into()),
            drop_last,
            &["it is \"worker\""],
        ),
        both("one more", EmbedExpectation::OneContainerMore, drop_last, &["expected 3 containers", "has 2"]),
        both(
            "a member",
            EmbedExpectation::Member {
                container: "TwistlockDefender".into(),
                member: member("essential"),
                is: json!(true),
            },
            |d| d["containerDefinitions"][2]["essential"] = json!(false),
            &["to be true, it is false"],
        ),
        both(
            "no member",
            EmbedExpectation::Member { container: container(), member: member("user"), is: Value::Null },
            |d| d["containerDefinitions"][0]["user"] = json!("root"),
            &["it is \"root\""],
        ),
        both(
            "the wrapper",
            EmbedExpectation::Wrapped { container: container(), member: member("entryPoint") },
            |d| d["containerDefinitions"][0]["entryPoint"][3] = json!("/bin/sh"),
            &["/docker-entrypoint.sh", "/bin/sh"],
        ),
        both(
            "a member as before",
            EmbedExpectation::MemberAsBefore { container: container(), member: member("command") },
            |d| d["containerDefinitions"][0]["command"] = json!(["nginx", "-g"]),
            &["as it was, [\"nginx\"]; it is [\"nginx\",\"-g\"]"],
        ),
        both(
            "a member of a container that is gone",
            EmbedExpectation::MemberAsBefore { container: container(), member: member("links") },
            |d| d["containerDefinitions"][0]["name"] = json!("other"),
            &["absent"],
        ),
        both(
            "a member of the task",
            EmbedExpectation::TaskMemberAsBefore("cpu".into()),
            |d| d["cpu"] = json!(256),
            &["as it was, \"256\"; it is 256"],
        ),
        both(
            "all members of the task",
            EmbedExpectation::TaskAsBeforeBut("containerDefinitions".into()),
            |d| d["pidMode"] = json!("task"),
            &["new is `pidMode: \"task\"`"],
        ),
        both(
            "their order",
            EmbedExpectation::TaskAsBeforeBut("containerDefinitions".into()),
            |d| {
                if let Some(members) = d.as_object_mut() {
                    let first = members.shift_remove("family").unwrap();
                    members.insert("family".into(), first);
                }
            },
            &["they stand as cpu: \"256\", memory: \"512\", family"],
        ),
        both(
            "all members of a container",
            EmbedExpectation::ContainerAsBeforeBut {
                container: container(),
                but: ["entryPoint", "environment"].map(str::to_owned).to_vec(),
            },
            |d| d["containerDefinitions"][0]["command"] = json!(["nginx", "-g"]),
            &["gone is `command: [\"nginx\"]`, new is `command: [\"nginx\",\"-g\"]`"],
        ),
        both(
            "the end of the environment",
            EmbedExpectation::EnvironmentEndsWith { container: container(), variables: added() },
            |d| d["containerDefinitions"][0]["environment"][1]["value"] = json!("host"),
            &["its end is [{\"name\":\"DEFENDER_TYPE\",\"value\":\"host\"}]"],
        ),
        both(
            "all variables",
            EmbedExpectation::EnvironmentNames { container: container(), names: names() },
            |d| d["containerDefinitions"][0]["environment"][0]["name"] = json!("MODUS"),
            &["it has [\"MODUS\", \"DEFENDER_TYPE\"]"],
        ),
        both(
            "the tag",
            EmbedExpectation::SidecarTag("34_04_145".into()),
            |d| d["containerDefinitions"][2]["image"] = json!("proofhouse/defender"),
            &["expected the tag `34_04_145`"],
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let more = Check::Embedded { expect: EmbedExpectation::OneContainerMore };
    all.push(
        case("as a describe call wraps it", &more, |s| {
            s.define(DefinitionRole::Original, json!({"taskDefinition": original()}));
            s.define(DefinitionRole::Embedded, json!({"taskDefinition": embedded()}));
        })
        .holds(&["expected 3 containers"]),
    );
    all.push(
        case("nothing was embedded", &more, |s| _ = s.define(DefinitionRole::Original, original()))
            .unproved(&["nothing was embedded"]),
    );
    all
}

impl Scene<'_> {
    /// The scenario began with a Console that calls what it embeds so.
    fn calls_it(&mut self, sidecar: &str, wrapper: &str) -> &mut Self {
        let embed = EmbedNames { sidecar: sidecar.into(), wrapper: vec![wrapper.into()] };
        self.add(Source::Runner, Observation::ScenarioBegan { attempt: 1, meta: json!({}), embed })
    }
}

/// Names are those of the scenario's Console, not the published ones.
pub fn of_names() -> Vec<Case> {
    let wrapped = || {
        let (container, member) = ("nginx".to_owned(), "entryPoint".to_owned());
        Check::Embedded { expect: EmbedExpectation::Wrapped { container, member } }
    };
    let tag = Check::Embedded { expect: EmbedExpectation::SidecarTag("defender_1".into()) };
    let guard = |s: &mut Scene<'_>| {
        let app = json!({"name": "nginx", "entryPoint": ["/guard", "nginx"]});
        let sidecar = json!({"name": "Guard", "image": "r/defender:defender_1", "essential": true});
        let before = json!({"containerDefinitions": [{"name": "nginx", "entryPoint": ["nginx"]}]});
        s.define(DefinitionRole::Original, before);
        s.define(DefinitionRole::Embedded, json!({"containerDefinitions": [app, sidecar]}));
    };
    vec![
        case("its wrapper", &wrapped(), |s| guard(s.calls_it("Guard", "/guard"))).holds(&[]),
        case("another wrapper", &wrapped(), |s| guard(s.calls_it("Guard", "/other")))
            .broken(Blame::Console, &["/other"]),
        case("the published wrapper", &wrapped(), guard).broken(Blame::Console, &["/var/lib/twistlock"]),
        case("its sidecar", &tag, |s| guard(s.calls_it("Guard", "/guard"))).holds(&[]),
        case("another sidecar", &tag, |s| guard(s.calls_it("Other", "/guard"))).broken(Blame::Console, &[]),
    ]
}

#[test]
fn embeds() {
    run(&cases());
    run(&of_names());
}
