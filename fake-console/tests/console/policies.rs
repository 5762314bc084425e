//! Policies and collections through the API: what is kept, what is refused, and what reaches a Defender.

use crate::support::{House, SOON, members};
use proofhouse_console::Role;
use proofhouse_protocol::{Observation, Semantics};
use serde_json::{Value, json};

const RUNTIME: &str = "/policies/runtime/app-embedded";
const WAAS: &str = "/policies/firewall/app/app-embedded";

fn rule(name: &str, collection: &str) -> Value {
    json!({"name": name, "collections": [{"name": collection}],
           "processes": {"effect": "prevent", "blacklist": ["mkdir"]}, "network": {"effect": "disable"},
           "dns": {"effect": "prevent", "whitelist": ["*.example.com"]}, "filesystem": {"effect": "disable"}})
}

#[tokio::test]
async fn a_fresh_console_ships_the_default_rule_of_its_profile() {
    let house = House::new().await;
    let policy = house.api().get(RUNTIME).await.json();
    assert_eq!(policy["_id"], "appEmbeddedRuntime");
    assert_eq!(members(&policy["rules"], "name"), ["Default - alert on suspicious runtime behavior"]);
    assert_eq!(policy["rules"][0]["collections"][0]["appIDs"], json!(["*"]));

    let legacy = House::with(|config| config.semantics = Semantics::legacy_20()).await;
    assert_eq!(legacy.api().get(RUNTIME).await.json()["rules"], json!([]));
    assert_eq!(
        house.api().get(WAAS).await.json(),
        json!({"_id": "appEmbeddedAppFirewall", "rules": [], "minPort": 30000, "maxPort": 31000})
    );
}

#[tokio::test]
async fn an_accepted_write_is_a_new_revision_that_reaches_the_defender() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    assert_eq!(defender.apply().await.revision, 1);

    let body = json!({"name": "worker", "containers": ["worker"], "color": "#112233", "x-unheard-of": 7});
    let reply = house.api().post("/collections", &body).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    assert_eq!(defender.apply().await.revision, 2);

    let reply =
        house.api().put(RUNTIME, &json!({"rules": [rule("r", "worker")], "unheardOf": {"a": 1}})).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    let policy = defender.apply().await;
    assert_eq!(policy.revision, 3);
    assert_eq!(policy.runtime.rules[0].collections[0].containers, ["worker"]);
    assert_eq!(policy.runtime.rules[0].processes.as_ref().unwrap().blacklist, ["mkdir"]);
    house.console.wait_applied(Some("shop:1"), 3, SOON).await.unwrap();
    house.console.wait_applied(None, 3, SOON).await.unwrap();

    let shown = house.api().get(RUNTIME).await.json();
    assert_eq!(shown["unheardOf"], json!({"a": 1}));
    assert_eq!(shown["rules"][0]["collections"][0]["x-unheard-of"], 7);
    assert_eq!(shown["rules"][0]["modified"], "2026-01-02T03:04:05Z");

    let told = house.kept.chosen(|seen| match seen {
        Observation::PolicyRevision { revision, .. } => Some(("made", *revision)),
        Observation::PolicyApplied { revision } => Some(("applied", *revision)),
        _ => None,
    });
    assert_eq!(told, [("made", 1), ("applied", 1), ("made", 2), ("applied", 2), ("made", 3), ("applied", 3)]);
}

#[tokio::test]
async fn an_export_written_back_is_the_same_policy() {
    let house = House::new().await;
    house
        .api()
        .put(RUNTIME, &json!({"rules": [rule("a", "All"), rule("b", "All")], "extra": [1, null]}))
        .await;
    let exported = house.api().get(RUNTIME).await;
    let other = House::new().await;
    assert_eq!(other.api().put(RUNTIME, &exported.json()).await.status, 200);
    assert_eq!(other.api().get(RUNTIME).await.json(), exported.json());
}

#[tokio::test]
async fn an_import_brings_its_collections_or_changes_nothing() {
    let house = House::new().await;
    let mut carried = rule("r", "mine");
    carried["collections"][0]["containers"] = json!(["worker"]);
    let mut broken = carried.clone();
    broken["dns"]["effect"] = json!("block");
    assert_eq!(house.console.import_runtime_policy(json!({"rules": [broken]})).unwrap_err().status, 400);
    assert_eq!(members(&house.api().get("/collections").await.json(), "name"), ["All"]);
    assert_eq!(house.console.import_runtime_policy(json!({"rules": [carried]})).unwrap(), 2);
    assert_eq!(members(&house.api().get("/collections").await.json(), "name"), ["All", "mine"]);
    assert_eq!(house.console.current_policy().runtime.rules[0].collections[0].containers, ["worker"]);
}

#[tokio::test]
async fn a_refused_write_changes_nothing() {
    let house = House::new().await;
    let before = house.api().get(RUNTIME).await.text;
    let mut block = rule("r", "All");
    block["processes"]["effect"] = json!("block");
    let mut no_filesystem = rule("r", "All");
    no_filesystem.as_object_mut().unwrap().shift_remove("filesystem");
    let mut container_style = rule("r", "All");
    container_style["processes"] = json!({"allowedList": [], "deniedList": {"effect": "alert", "paths": []}});
    for (body, words) in [
        (json!({"rules": [block]}), "'block'"),
        (json!({"rules": [no_filesystem]}), "invalid filesystem runtime rule effect"),
        (json!({"rules": [container_style]}), "schema of container policies"),
        (json!({"rules": [rule("r", "nope")]}), "collection 'nope' does not exist"),
        (json!({"rules": [rule("r", "All"), rule("r", "All")]}), "used twice"),
        (json!({"rules": [rule("fine", "All"), {"name": "broken"}]}), "rule 'broken'"),
    ] {
        let reply = house.api().put(RUNTIME, &body).await;
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.error().contains(words), "{}", reply.error());
    }
    assert_eq!(house.api().get(RUNTIME).await.text, before);
    assert_eq!(house.console.current_revision(), 1);
}

#[tokio::test]
async fn one_answer_tells_every_mistake_with_its_path() {
    let house = House::new().await;
    let mut bad = rule("r", "nope");
    bad["dns"]["effect"] = json!("block");
    bad["processes"]["blacklist"] = json!("mkdir");
    let unknown = "collections[0].name: rule 'r': collection 'nope' does not exist: create it first";
    let blacklist = "processes.blacklist: failed to unmarshal rule 'r': processes.blacklist is \"mkdir\": give a list of strings";
    let effect = "dns.effect: invalid dns runtime rule effect: rule 'r' has dns.effect 'block', which app-embedded \
                  defenders do not support: use 'prevent', 'alert' or 'disable'";

    let reply = house.api().put(RUNTIME, &json!({"rules": [rule("fine", "All"), bad]})).await;
    assert_eq!(reply.status, 400);
    let below = |place: &str| [unknown, blacklist, effect].map(|line| format!("{place}{line}")).join("\n");
    assert_eq!(reply.error(), below("rules[1]."));
    // One rule is a document of its own.
    assert_eq!(house.api().post(RUNTIME, &bad).await.error(), below(""));
    let told = house.kept.chosen(|seen| match seen {
        Observation::ConsoleCall { error, .. } => error.clone(),
        _ => None,
    });
    assert_eq!(told, [below("rules[1]."), below("")]);

    let reply = house.api().post("/collections", &json!({"name": "a b", "images": "x", "hosts": 7})).await;
    assert_eq!(
        reply.error().lines().map(|line| line.split(':').next().unwrap()).collect::<Vec<_>>(),
        ["name", "images", "hosts"]
    );
    assert_eq!(house.console.current_revision(), 1);
}

#[tokio::test]
async fn a_posted_rule_may_not_take_the_name_of_another() {
    let house = House::new().await;
    house.api().put(RUNTIME, &json!({"rules": [rule("a", "All"), rule("b", "All")]})).await;
    let mut renamed = rule("b", "All");
    for (previous, status) in [("a", 400), ("", 400), ("b", 200)] {
        renamed["previousName"] = json!(previous);
        let reply = house.api().post(RUNTIME, &renamed).await;
        assert_eq!(reply.status, status, "{previous}: {}", reply.text);
        assert!(
            status == 200 || reply.error().starts_with("name: rule name 'b' is used twice"),
            "{}",
            reply.text
        );
    }
}

#[tokio::test]
async fn post_appends_put_replaces_and_an_empty_object_clears() {
    let house = House::new().await;
    let names = async || members(&house.api().get(RUNTIME).await.json()["rules"], "name");
    house.api().put(RUNTIME, &json!({"rules": [rule("a", "All")]})).await;
    assert_eq!(house.api().post(RUNTIME, &rule("b", "All")).await.status, 200);
    assert_eq!(names().await, ["a", "b"]);
    let mut renamed = rule("c", "All");
    renamed["previousName"] = json!("a");
    assert_eq!(house.api().post(RUNTIME, &renamed).await.status, 200);
    assert_eq!(names().await, ["c", "b"]);
    assert_eq!(house.api().put(RUNTIME, &json!({})).await.status, 200);
    assert!(names().await.is_empty());
    assert_eq!(house.console.current_revision(), 5);
}

#[tokio::test]
async fn a_firewall_policy_is_checked_kept_and_pushed() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.apply().await;
    let app = json!({"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080}]},
                     "sqli": {"effect": "prevent", "exceptionFields": []}, "unheardOf": true});
    let policy = |app: &Value| json!({"rules": [{"name": "w", "collections": [{"name": "All"}], "applicationsSpec": [app]}]});
    assert_eq!(house.api().put(WAAS, &policy(&app)).await.status, 200);
    let pushed = defender.apply().await;
    let spec = &pushed.waas.rules[0].applications_spec[0];
    assert_eq!((spec.api_spec.endpoints[0].exposed_port, spec.app_id.len()), (80, 8));
    let shown = house.api().get(WAAS).await.json();
    assert_eq!(shown["rules"][0]["applicationsSpec"][0]["unheardOf"], true);
    assert_eq!(shown["minPort"], 30000);

    let mut wrong = app;
    wrong["xss"] = json!({"effect": "reCAPTCHA"});
    let reply = house.api().put(WAAS, &policy(&wrong)).await;
    assert_eq!(reply.status, 400);
    assert!(reply.error().contains("xss.effect"), "{}", reply.error());
    assert_eq!(house.api().post(WAAS, &json!({})).await.status, 405);
    assert_eq!(house.console.current_revision(), 2);
}

#[tokio::test]
async fn collections_live_and_their_rules_follow_them() {
    let house = House::new().await;
    let api = house.api();
    assert_eq!(members(&api.get("/collections").await.json(), "name"), ["All"]);
    assert_eq!(api.post("/collections", &json!({"name": "w", "containers": ["worker"]})).await.status, 200);
    assert_eq!(api.post("/collections", &json!({"name": "w"})).await.status, 409);
    assert_eq!(api.post("/collections", &json!({"name": "no spaces"})).await.status, 400);
    assert_eq!(api.put("/collections/All", &json!({"images": ["x"]})).await.status, 400);
    assert_eq!(api.delete("/collections/All").await.status, 400);
    assert_eq!(api.delete("/collections/nope").await.status, 404);

    api.put(RUNTIME, &json!({"rules": [rule("r", "w")]})).await;
    assert_eq!(
        api.get("/collections/w/usages").await.json(),
        json!([{"type": "policyRuntimeAppEmbedded", "name": "r"}])
    );
    assert_eq!(api.delete("/collections/w").await.status, 400);

    let mut defender = house.defender("shop:1").await;
    defender.apply().await;
    assert_eq!(api.put("/collections/w", &json!({"name": "v", "containers": ["web"]})).await.status, 200);
    let pushed = defender.apply().await;
    assert_eq!(pushed.runtime.rules[0].collections[0].name, "v");
    assert_eq!(pushed.runtime.rules[0].collections[0].containers, ["web"]);
    api.put(RUNTIME, &json!({})).await;
    assert_eq!(api.delete("/collections/v").await.status, 200);
}

#[tokio::test]
async fn a_lenient_console_takes_what_a_strict_one_refuses() {
    let house = House::with(|config| config.lenient = true).await;
    assert!(house.console.config().users.iter().any(|user| user.role == Role::Administrator));
    let body = json!({"rules": [{"name": "r", "collections": [{"name": "nope"}], "processes": {}}]});
    assert_eq!(house.api().put(RUNTIME, &body).await.status, 200);
    assert_eq!(house.console.current_policy().runtime.rules[0].collections[0].name, "nope");
}

#[tokio::test]
async fn what_audits_must_not_tell_reaches_the_defender_with_the_policy() {
    let path = "/policies/firewall/app/log-scrubbing";
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    assert!(defender.apply().await.waas.sensitive_data.is_empty());
    let shown = async || {
        let answer = house.api().get(path).await.json();
        let (shipped, own) = answer.as_array().unwrap().split_at(13);
        assert!(shipped.iter().all(|spec| spec["skipLogScrubbing"] == true), "{shipped:?}");
        Value::from(own)
    };
    assert_eq!(shown().await, json!([]));
    let list =
        json!([{"name": "pw", "location": "query", "key": "^pw$", "placeholder": "[pw]", "unheardOf": 7}]);
    let reply = house.api().put(path, &list).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    assert_eq!(shown().await, list);
    let sent = defender.apply().await.waas.sensitive_data;
    assert_eq!((sent[0].key.as_str(), &sent[0].extra["unheardOf"]), ("^pw$", &json!(7)));
    let refused =
        house.api().put(path, &json!([{"name": "pw", "placeholder": "x", "valuePattern": "["}])).await;
    assert!(
        refused.status == 400 && refused.error().starts_with("[0].valuePattern: "),
        "{}",
        refused.error()
    );
    assert_eq!(shown().await, list);
    // It is no part of the policy that the API shows.
    assert!(house.api().get(WAAS).await.json().get("sensitiveData").is_none());
}
