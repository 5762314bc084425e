//! Features that cannot be used: nothing runs, and the line is underlined.

use crate::support::Place;

const GOOD: &str = "Feature: A feature\n\n  Rule: A rule\n\n    @process-900 @P3 @core\n    Scenario: A scenario\n      \
                    Given the task definition \"plain\"\n      Then container \"app\" never ran\n";

fn run(text: &str) -> String {
    let place = Place::with("features/process/mine.feature", text);
    let ended = place.run(&["run", "--features", "features", "--report", "report"]);
    place.assert_nothing_left(ended.pid);
    assert!(!place.path("report").exists(), "a report of nothing");
    ended.seen()
}

#[test]
fn a_good_feature_is_listed() {
    let place = Place::with("features/process/mine.feature", GOOD);
    let ended = place.run(&["list", "--features", "features"]);
    assert!(ended.stdout.contains("process-900"), "{}", ended.seen());
}

#[test]
fn a_scenario_carries_the_labels_of_what_it_leans_on() {
    let place = Place::with("features/process/mine.feature", &GOOD.replace("@P3", "@T30 @T92"));
    let listed = place.run(&["list", "--features", "features", "--json"]);
    let cases: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let leans = |index: usize| {
        let fidelity = &cases[0]["relies_on"][index];
        (fidelity["property"].as_str().unwrap(), fidelity["label"].as_str().unwrap())
    };
    assert_eq!(leans(0), ("instance metadata", "enforced"));
    assert_eq!(leans(1), ("a full log", "approximated"));
}

#[test]
fn a_broken_feature_file() {
    insta::assert_snapshot!(run("Feature: A feature\n\n  Rule: A rule\n\n    Scenario A scenario\n"));
}

#[test]
fn an_undefined_step() {
    insta::assert_snapshot!(
        run(&GOOD.replace("Given the task definition", "Given a task definition called"))
    );
}

#[test]
fn a_scenario_that_checks_nothing() {
    insta::assert_snapshot!(run(&GOOD.replace("      Then container \"app\" never ran\n", "")));
}

#[test]
fn a_tag_that_the_catalogue_does_not_have() {
    insta::assert_snapshot!(run(&GOOD.replace("@P3", "@P999")));
}

#[test]
fn no_features_at_all() {
    insta::assert_snapshot!(Place::new().run(&["run", "--features", "nowhere"]).seen());
}

#[test]
fn an_image_that_cannot_be_pulled_is_no_fault_of_the_defender() {
    let text = "Feature: A feature\n\n  Rule: A rule\n\n    @process-900 @P3 @core\n    Scenario: A scenario\n      Given the \
                task definition \"lost\"\n      And the protected task is running\n      Then every container is still running\n";
    // A registry of this machine that does not exist: no packet leaves it.
    let definition =
        crate::support::definition("plain.json").replace("proofhouse/userland", "127.0.0.1:1/shop:1.2");
    let place = Place::with("features/process/mine.feature", text)
        .and("features/task-definitions/lost.json", &definition);
    let assets = crate::support::assets();
    let ended = place.run(&["run", "--features", "features", "--assets", &assets, "--report", "report"]);
    assert!([Some(4), Some(5)].contains(&ended.code), "{}", ended.seen());
    assert!(
        ended.stdout.contains("`127.0.0.1:1/shop:1.2`") && ended.stdout.contains("docker load"),
        "{}",
        ended.seen()
    );
    place.assert_nothing_left(ended.pid);
}
