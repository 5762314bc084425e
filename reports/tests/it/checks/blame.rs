//! Who is to blame, by evidence: what the Console gave wrongly, nobody behind it is blamed for.

use super::case::{Case, case, run};
use super::task::over;
use crate::sample::given::{embedded, original};
use crate::sample::tape::{Scene, denied, exited};
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{Blame, ContainerHappening, DefinitionRole};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{Program, ProgramExpectation, TaskExpectation};
use serde_json::{Value, json};

fn never_ran() -> Check {
    Check::Program(Program { token: "t-1".into(), expect: ProgramExpectation::NeverRan })
}

/// A program that was to be prevented ran, in a task made of an embed with this change.
fn ran(change: fn(&mut Value)) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        let mut document = embedded();
        change(&mut document);
        s.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, document);
        s.protected().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, exited(0), "");
    }
}

pub fn of_embeds() -> Vec<Case> {
    let check = never_ran();
    let stopped = Check::Task { expect: TaskExpectation::CameUp };
    vec![
        case("a right embed", &check, ran(|_| ())).broken(Blame::Defender, &["it exited with 0"]),
        case(
            "a sidecar that is not essential",
            &check,
            ran(|d| d["containerDefinitions"][2]["essential"] = json!(false)),
        )
        .broken(
            Blame::Console,
            &["it exited with 0", "; the sidecar that the Console embedded is not essential"],
        ),
        case("no sidecar", &check, ran(|d| _ = d["containerDefinitions"].as_array_mut().map(Vec::pop)))
            .broken(Blame::Console, &["has no \"TwistlockDefender\""]),
        case("no wrapper", &check, ran(|d| d["containerDefinitions"][1]["entryPoint"] = json!(["/actor"])))
            .broken(Blame::Console, &["did not put the Defender before the entry point of \"worker\""]),
        case(
            "a container less",
            &check,
            ran(|d| _ = d["containerDefinitions"].as_array_mut().map(|all| all.remove(1))),
        )
        .broken(Blame::Console, &["has no \"worker\""]),
        case(
            "the bundle in an app",
            &check,
            ran(|d| {
                d["containerDefinitions"][0]["environment"][0]["name"] = json!("INSTALL_BUNDLE");
            }),
        )
        .broken(Blame::Console, &["gave the install bundle to \"nginx\""]),
        case("the last embed counts", &check, |s| {
            ran(|d| d["containerDefinitions"][2]["essential"] = json!(false))(s);
            s.define(DefinitionRole::Embedded, embedded());
        })
        .broken(Blame::Defender, &[]),
        case("what Fargate makes of a wrong one", &stopped, |s| {
            ran(|d| d["containerDefinitions"][2]["essential"] = json!(false))(s);
            s.happened("nginx", ContainerHappening::Failed, None).now(over);
        })
        .broken(Blame::Console, &["could not be started", "is not essential"]),
        case("what holds in spite of it", &check, |s| {
            ran(|d| d["containerDefinitions"][2]["essential"] = json!(false))(s);
            s.ran("t-1", "worker", &["mkdir"], 41, denied(), "");
        })
        .holds(&[]),
        case("what is unproved in spite of it", &never_ran(), |s| {
            s.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, json!({}));
        })
        .unproved(&[]),
    ]
}

/// A program that was to be prevented ran, under a Console that was given one policy and gave another.
fn under(given: Value, kept: Value, status: u16) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        let path = "/policies/runtime/app-embedded";
        s.answer("p-1", "PUT", path, Some(json!({"rules": given})), status, "");
        s.console(Observation::PolicyRevision { revision: 3, policy: json!({"runtime": {"rules": kept}}) });
        s.console(Observation::PolicyApplied { revision: 3 });
        s.protected().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, exited(0), "");
    }
}

pub fn of_policies() -> Vec<Case> {
    let check = never_ran();
    let rule = |name: &str, effect: &str| json!({"name": name, "processes": {"effect": effect, "blacklist": ["mkdir"]}});
    let other = &["revision 3 of the Console has other runtime rules than it was given"];
    let filled = json!([{"name": "a", "disabled": false, "owner": "admin", "collections": [{"name": "All"}],
        "processes": {"effect": "prevent", "blacklist": ["mkdir"], "whitelist": []}}]);
    let bare = json!([{"name": "a", "disabled": false, "processes": {"effect": "prevent", "blacklist": ["mkdir"],
        "whitelist": [], "skip": null}}]);
    let given = || json!([rule("a", "prevent")]);
    let exits =
        Check::Task { expect: TaskExpectation::TaskHealth(proofhouse_protocol::task::Health::Healthy) };
    vec![
        case("what it was given", &check, under(given(), given(), 200)).broken(Blame::Defender, &[]),
        case("what it was given, filled in", &check, under(given(), filled, 200))
            .broken(Blame::Defender, &[]),
        case("less what means nothing", &check, under(bare, given(), 200)).broken(Blame::Defender, &[]),
        case("another effect", &check, under(given(), json!([rule("a", "alert")]), 200))
            .broken(Blame::Console, other),
        case("a rule less", &check, under(given(), json!([]), 200)).broken(Blame::Console, other),
        case("a rule more", &check, under(given(), json!([rule("a", "prevent"), rule("b", "alert")]), 200))
            .broken(Blame::Console, other),
        case(
            "another order",
            &check,
            under(
                json!([rule("a", "prevent"), rule("b", "alert")]),
                json!([rule("b", "alert"), rule("a", "prevent")]),
                200,
            ),
        )
        .broken(Blame::Console, other),
        case(
            "a list that lost an entry",
            &check,
            under(given(), json!([{"name": "a", "processes": {"effect": "prevent", "blacklist": []}}]), 200),
        )
        .broken(Blame::Console, other),
        case("another scope", &check, |s| {
            let scoped = |container: &str| {
                json!([{"name": "a", "processes": {"effect": "prevent", "blacklist": ["mkdir"]},
                "collections": [{"name": "c", "containers": [container], "images": ["*"]}]}])
            };
            let sent = json!({"name": "c", "containers": ["worker"]});
            s.answer(
                "p-0",
                "POST",
                "/collections",
                Some(json!({"name": "c", "containers": ["nginx"]})),
                200,
                "",
            );
            s.answer("p-0", "PUT", "/collections/c", Some(sent), 200, "");
            under(scoped("worker"), scoped("nginx"), 200)(s);
        })
        .broken(Blame::Console, &["has another collection \"c\" than it was given"]),
        case("the scope that it was given", &check, |s| {
            let scoped = json!([{"name": "a", "processes": {"effect": "prevent", "blacklist": ["mkdir"]},
                "collections": [{"name": "c", "containers": ["worker"], "images": ["*"]}]}]);
            let sent = json!({"name": "c", "containers": ["worker"]});
            s.answer("p-0", "POST", "/collections", Some(sent), 200, "");
            under(scoped.clone(), scoped, 200)(s);
        })
        .broken(Blame::Defender, &[]),
        case("what it did not take", &check, under(given(), json!([]), 400)).broken(Blame::Defender, &[]),
        case("the last that it took", &check, |s| {
            s.answer("p-0", "PUT", "/policies/runtime/app-embedded", Some(json!({"rules": []})), 200, "");
            under(given(), given(), 200)(s);
        })
        .broken(Blame::Defender, &[]),
        case("rules of the firewall", &check, |s| {
            let sent =
                json!({"rules": [{"name": "w", "applicationsSpec": [{"sqli": {"effect": "prevent"}}]}]});
            s.answer("p-0", "PUT", "/policies/firewall/app/app-embedded", Some(sent), 200, "");
            under(given(), given(), 200)(s);
        })
        .broken(Blame::Console, &["has other waas rules than it was given"]),
        case("what is Fargate's own", &exits, |s| {
            under(given(), json!([]), 200)(s);
            s.now(|_| ());
        })
        .broken(Blame::Fargate, &["it is UNKNOWN"]),
    ]
}

#[test]
fn blame_goes_by_evidence() {
    run(&of_embeds());
    run(&of_policies());
}
