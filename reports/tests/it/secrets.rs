//! No secret that was announced stands in what is recorded after.

use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::{Body, DefinitionRole};
use proofhouse_protocol::{Observation, Recorder, Recording, Secret, Source};
use proofhouse_reports::History;
use proofhouse_reports::checks::{AnswerExpectation, Check, ConsoleAnswer};
use proofhouse_reports::history::{ScenarioRecorder, read};
use serde_json::{Value, json};

const SECRET: &str = "s3cret/word & more";
const MARK: &str = "[redacted: password of admin #1]";

/// Everything by which it can be told. The base64 texts were made by another program.
const FORMS: [&str; 6] = [
    SECRET,
    "czNjcmV0L3dvcmQgJiBtb3Jl",
    // What is certain of it inside a longer text, one and two bytes behind a multiple of three.
    "MzY3JldC93b3JkICYgbW9yZ",
    "zM2NyZXQvd29yZCAmIG1vcm",
    "s3cret%2Fword%20%26%20more",
    "s3cret%2fword%20%26%20more",
];

fn kept(history: &History) -> ScenarioRecorder {
    let recorder = history.for_scenario("a-001");
    recorder.keep_secret("password of admin", &Secret::new(SECRET));
    recorder
}

fn record(recorder: &dyn Recorder, token: Option<&str>, observation: Observation) {
    recorder.record(Recording { source: Source::Console, token: token.map(str::to_owned), observation });
}

fn note(text: &str) -> Observation {
    Observation::Note { text: text.to_owned() }
}

fn written(history: &History) -> String {
    history.snapshot().iter().map(|r| serde_json::to_string(r).unwrap() + "\n").collect()
}

#[test]
fn in_no_place_and_in_no_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let history = History::to_file(&path).unwrap();
    let recorder = kept(&history);
    for form in FORMS {
        record(&recorder, None, note(&format!("before {form} behind")));
        record(
            &recorder,
            None,
            Observation::Definition {
                role: DefinitionRole::Embedded,
                document: json!({"list": [{"value": form}], form: 1}),
            },
        );
        let (method, path, user) = ("POST".to_owned(), format!("/x?password={form}"), "admin".to_owned());
        let sent = Some(json!({"password": form}));
        let body = Body::of(format!("{{\"token\": \"{form}\"}}").as_bytes());
        record(&recorder, None, Observation::ConsoleAnswer { user, method, path, sent, status: 200, body });
        let request = Request::Write { path: "/x".into(), text: form.into(), mode: 0o600 };
        let result = Reply::Failed { errno: 1, error: form.into() };
        record(&recorder, None, Observation::Act { request: Box::new(request), result: Box::new(result) });
        record(&recorder, Some(form), note("a token"));
        recorder.record(Recording {
            source: Source::Outside(form.into()),
            token: None,
            observation: note("a source"),
        });
    }
    assert_eq!(history.finish(), Ok(()));
    let text = std::fs::read_to_string(&path).unwrap();
    for form in FORMS {
        assert!(!text.contains(form), "{form}");
    }
    assert_eq!(text.lines().count(), 6 * FORMS.len());
    assert!(text.lines().all(|line| line.contains(MARK)), "every record had one");
    assert!(!text.contains("was left out"), "every record could be written without it");
    assert_eq!(read(&path).unwrap(), history.snapshot());
}

#[test]
fn inside_a_longer_base64() {
    let history = History::in_memory();
    let recorder = kept(&history);
    // `{"user":"a","password":"s3cret/word & more"}` and the same with one and two letters more before it.
    for text in [
        "eyJ1c2VyIjoiYSIsInBhc3N3b3JkIjoiczNjcmV0L3dvcmQgJiBtb3JlIn0=",
        "eyJ1c2VyIjoiYWEiLCJwYXNzd29yZCI6InMzY3JldC93b3JkICYgbW9yZSJ9",
        "eyJ1c2VyIjoiYWFhIiwicGFzc3dvcmQiOiJzM2NyZXQvd29yZCAmIG1vcmUifQ==",
    ] {
        record(&recorder, None, note(text));
    }
    let text = written(&history);
    assert_eq!(text.matches(MARK).count(), 3, "{text}");
    assert!(FORMS.iter().all(|form| !text.contains(form)), "{text}");
}

#[test]
fn it_has_one_mark_wherever_it_stands_so_that_a_check_can_still_compare() {
    let history = History::in_memory();
    let recorder = kept(&history);
    recorder.keep_secret("key", &Secret::new("another secret"));
    // Announced twice, it is still one.
    recorder.keep_secret("password again", &Secret::new(SECRET));
    let answer = |token: &str, body: String| {
        let (user, method, path) = ("admin".to_owned(), "GET".to_owned(), "/x".to_owned());
        let body = Body::of(body.as_bytes());
        let answer = Observation::ConsoleAnswer { user, method, path, sent: None, status: 200, body };
        record(&recorder, Some(token), answer);
    };
    answer("c-1", json!({"password": SECRET}).to_string());
    answer("c-2", json!({"password": SECRET}).to_string());
    answer("c-3", json!({"password": "another secret"}).to_string());
    let same = |token: &str, other: &str| {
        let expect = AnswerExpectation::SameAs(other.to_owned());
        Check::ConsoleAnswer(ConsoleAnswer { token: token.to_owned(), expect }).judge(&recorder.records())
    };
    assert!(same("c-1", "c-2").is_held());
    assert!(!same("c-1", "c-3").is_held(), "two secrets are two");
    assert!(!same("c-1", "c-3").said.contains("secret"), "{}", same("c-1", "c-3").said);
    let marks: Vec<Value> = history
        .snapshot()
        .iter()
        .map(|r| {
            serde_json::from_str(serde_json::to_value(r).unwrap()["body"]["text"].as_str().unwrap()).unwrap()
        })
        .collect();
    let other = "[redacted: key #2]";
    assert_eq!(marks, [json!({"password": MARK}), json!({"password": MARK}), json!({"password": other})]);
}

#[test]
fn a_scenario_keeps_its_own_and_the_run_another() {
    let history = History::in_memory();
    let recorder = kept(&history);
    let heard = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let ear = heard.clone();
    history.listen(move |r| ear.lock().unwrap().push_str(&serde_json::to_string(r).unwrap()));
    record(&history.for_scenario("a-001"), None, note(SECRET));
    assert!(!heard.lock().unwrap().contains(SECRET), "who listens hears no secret either");
    history.for_run().keep_secret("licence", &Secret::new("run-wide-secret"));
    record(&history.for_run(), None, note("run-wide-secret"));
    assert!(!written(&history).contains("run-wide-secret"));
    assert_eq!(recorder.records().len(), 1);
    let forms = history.secret_forms();
    for secret in [SECRET, "run-wide-secret"] {
        assert!(forms.iter().any(|(_, form)| form == secret), "whoever searches the files is told of it");
    }
}

#[test]
fn what_was_recorded_before_it_was_announced_is_not_changed() {
    let history = History::in_memory();
    record(&history.for_scenario("a-001"), None, note(SECRET));
    let before = history.snapshot();
    record(&kept(&history), None, note("x"));
    assert_eq!(history.snapshot()[..1], before, "a history is only appended to");
}
