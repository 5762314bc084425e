//! What becomes of requests, by examples.

use super::super::{Attack, Planted, Spot};
use super::*;
use serde_json::{Value, json};

const APP: &str = "shop:1";

fn attack(attack: Attack) -> Planted {
    let place = Place { spot: Spot::Query, key: "id".to_owned(), value: "x".to_owned(), sure: true };
    Planted { attack, place }
}

fn sent(attacks: Vec<Planted>) -> Sent {
    Sent {
        peer: "203.0.113.7".parse().unwrap(),
        port: 80,
        method: "GET".to_owned(),
        target: "/?id=x".to_owned(),
        headers: vec![("Host".to_owned(), "shop.example.com".to_owned())],
        body: String::new(),
        coded_sha256: None,
        fields: Vec::new(),
        document: None,
        app_status: 200,
        bot: None,
        attacks,
    }
}

fn rule(name: &str, app_ids: &[&str], app: &Value) -> Value {
    let mut app = app.clone();
    app["appID"] = json!(format!("app-{name}"));
    app["apiSpec"] =
        json!({"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001}]});
    json!({"name": name, "collections": [{"name": "c", "appIDs": app_ids}], "applicationsSpec": [app]})
}

fn judged(rules: Vec<Value>, sent: &Sent, banned: &[&str]) -> Vec<Judged> {
    let policy = serde_json::from_value(json!({"rules": rules})).unwrap();
    let standing = Standing::banned_from(banned.iter().map(|one| (*one).to_owned()));
    judge_request(&policy, &Meanings::new(), APP, (sent, Moment::default()), &standing)
}

/// Status, types of the audits, and whether there is a ban.
fn seen(one: &Judged) -> (u16, Vec<&'static str>, bool) {
    let status = match &one.answer {
        Answer::OfApp => 200,
        Answer::Page { status, .. } => *status,
        Answer::Nothing => 0,
    };
    (status, one.audits.iter().map(|told| told.kind).collect(), one.bans.is_some())
}

/// W12, W21, W22, W23.
#[test]
fn effects() {
    for (effect, expected) in [
        ("disable", (200, vec![], false)),
        ("alert", (200, vec!["sqli"], false)),
        ("prevent", (403, vec!["sqli"], false)),
        ("ban", (403, vec!["sqli"], true)),
    ] {
        let app = json!({"sqli": {"effect": effect}});
        let all = judged(vec![rule("r", &["*"], &app)], &sent(vec![attack(Attack::Sqli)]), &[]);
        assert_eq!(all.iter().map(seen).collect::<Vec<_>>(), [expected], "{effect}");
    }
}

/// W3, W5, W6.
#[test]
fn the_first_rule_in_scope_decides() {
    let (alert, prevent) = (json!({"sqli": {"effect": "alert"}}), json!({"sqli": {"effect": "prevent"}}));
    let mut off = rule("off", &["*"], &prevent);
    off["disabled"] = json!(true);
    let rules = vec![
        off.clone(),
        rule("other", &["other*"], &prevent),
        rule("mine", &["sho*"], &alert),
        rule("late", &["*"], &prevent),
    ];
    let all = judged(rules, &sent(vec![attack(Attack::Sqli)]), &[]);
    assert_eq!(all[0].audits[0].rule, "mine");
    assert_eq!(all[0].audits[0].app, "app-mine");
    assert_eq!(seen(&judged(vec![off], &sent(vec![]), &[])[0]).0, 0);
}

/// W108, W16: what is told of two attacks may depend on an order that nobody has documented.
#[test]
fn two_attacks() {
    let both = sent(vec![attack(Attack::Sqli), attack(Attack::Xss)]);
    let of = |sqli: &str, xss: &str| {
        let app = json!({"sqli": {"effect": sqli}, "xss": {"effect": xss}});
        let mut all: Vec<_> = judged(vec![rule("r", &["*"], &app)], &both, &[]).iter().map(seen).collect();
        all.sort();
        all
    };
    assert_eq!(of("disable", "alert"), [(200, vec!["xss"], false)]);
    assert_eq!(of("alert", "prevent"), [(403, vec!["sqli", "xss"], false), (403, vec!["xss"], false)]);
    assert_eq!(of("ban", "prevent"), [(403, vec!["sqli"], true), (403, vec!["xss"], false)]);
    let app = json!({"lfi": {"effect": "prevent"}, "cmdi": {"effect": "prevent"}});
    let traversal = sent(vec![attack(Attack::Cmdi), attack(Attack::Lfi)]);
    let all = judged(vec![rule("r", &["*"], &app)], &traversal, &[]);
    assert_eq!(all.iter().map(seen).collect::<Vec<_>>(), [(403, vec!["lfi"], false)]);
}

/// W23, W25, W26.
#[test]
fn bans_are_of_an_app() {
    let rules = || vec![rule("r", &["*"], &json!({"sqli": {"effect": "ban"}}))];
    assert_eq!(seen(&judged(rules(), &sent(vec![]), &["app-r"])[0]), (403, vec!["violationsExceeded"], true));
    assert_eq!(seen(&judged(rules(), &sent(vec![]), &["app-other"])[0]), (200, vec![], false));
}

/// W55, W56, W61, W88.
#[test]
fn settings() {
    let body = Planted {
        attack: Attack::Sqli,
        place: Place { spot: Spot::RawBody, key: String::new(), value: "x".to_owned(), sure: true },
    };
    let page = json!({"sqli": {"effect": "prevent"}, "disableEventIDHeader": true,
        "customBlockResponse": {"enabled": true, "code": 418, "body": "<html></html>"}});
    let refused = judged(vec![rule("r", &["*"], &page)], &sent(vec![attack(Attack::Sqli)]), &[]);
    assert_eq!((seen(&refused[0]).0, refused[0].event_id), (418, Some(false)));
    let skips = json!({"sqli": {"effect": "prevent"}, "body": {"skip": true}});
    assert_eq!(seen(&judged(vec![rule("r", &["*"], &skips)], &sent(vec![body]), &[])[0]).0, 200);
    let mut policy = json!({"rules": [rule("r", &["*"], &json!({"sqli": {"effect": "prevent"},
        "networkControls": {"exceptionSubnets": ["office"]}}))]});
    policy["networkLists"] = json!([{"name": "office", "subnets": ["203.0.113.0/24"]}]);
    let policy = serde_json::from_value(policy).unwrap();
    let exempt = judge_request(
        &policy,
        &Meanings::new(),
        APP,
        (&sent(vec![attack(Attack::Sqli)]), Moment::default()),
        &Standing::default(),
    );
    assert_eq!((seen(&exempt[0]).0, exempt[0].event_id), (200, None));
}

/// W8, W7, W11.
#[test]
fn the_first_app_that_the_request_belongs_to_decides() {
    let endpoint =
        |host: &str, base: &str, port: u16| json!({"host": host, "basePath": base, "exposedPort": port});
    let app = |id: &str, endpoints: Vec<Value>, effect: &str| json!({"appID": id, "apiSpec": {"endpoints": endpoints}, "sqli": {"effect": effect}});
    let apps = [
        app("a", vec![endpoint("a.example.site", "*", 80)], "prevent"),
        app("b", vec![endpoint("*", "/admin/*", 80), endpoint("*", "*", 81)], "alert"),
    ];
    let rules =
        vec![json!({"name": "r", "collections": [{"name": "c", "appIDs": ["*"]}], "applicationsSpec": apps})];
    let ask = |host: &str, target: &str, port: u16| {
        let asked = Sent {
            headers: vec![("Host".to_owned(), host.to_owned())],
            target: target.to_owned(),
            port,
            ..sent(vec![attack(Attack::Sqli)])
        };
        judged(rules.clone(), &asked, &[])[0].audits.first().map(|told| told.app.clone())
    };
    assert_eq!(ask("a.example.site", "/admin/x", 80).as_deref(), Some("a"));
    assert_eq!(ask("b.example.site", "/admin/x", 80).as_deref(), Some("b"));
    assert_eq!(ask("b.example.site", "/", 81).as_deref(), Some("b"));
    assert_eq!(ask("b.example.site", "/", 80), None);
}

/// W58 to W60.
#[test]
fn a_body_beyond_the_limit() {
    let body = Planted {
        attack: Attack::Sqli,
        place: Place { spot: Spot::RawBody, key: String::new(), value: "x".to_owned(), sure: true },
    };
    let asked = Sent { body: "twelve bytes".to_owned(), ..sent(vec![body]) };
    let of = |bytes: usize, effect: &str| {
        let app = json!({"sqli": {"effect": "alert"},
            "body": {"inspectionSizeBytes": bytes, "inspectionLimitExceededEffect": effect}});
        let mut all: Vec<_> = judged(vec![rule("r", &["*"], &app)], &asked, &[]).iter().map(seen).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(of(12, "prevent"), [(200, vec!["sqli"], false)]);
    assert_eq!(of(11, "disable"), [(200, vec![], false), (200, vec!["sqli"], false)]);
    let exceeded = "inspectionLimitExceeded";
    let prevented = of(11, "prevent");
    assert!(prevented.contains(&(403, vec![exceeded], false)));
    assert!(prevented.iter().all(|(status, told, _)| *status == 403 && told.contains(&exceeded)));
    assert!(of(11, "ban").iter().all(|(status, _, bans)| *status == 403 && *bans));
}

/// W11: where no endpoint exposes a port nobody listens.
#[test]
fn a_port_that_nobody_exposes() {
    let of = |port| {
        let asked = Sent { port, ..sent(Vec::new()) };
        judged(vec![rule("r", &["*"], &json!({}))], &asked, &[]).remove(0).answer
    };
    assert_eq!((of(80), of(81)), (Answer::OfApp, Answer::Nothing));
}

/// W60: the beginning of an attack may be another one.
#[test]
fn an_attack_that_is_cut_off() {
    let body = Planted {
        attack: Attack::CodeInjection,
        place: Place { spot: Spot::RawBody, key: String::new(), value: "phpinfo()".to_owned(), sure: true },
    };
    let asked = Sent { body: "phpinfo()".to_owned(), ..sent(vec![body]) };
    let app = json!({"cmdi": {"effect": "prevent"}, "sqli": {"effect": "disable"},
        "body": {"inspectionSizeBytes": 4, "inspectionLimitExceededEffect": "disable"}});
    let mut all: Vec<_> = judged(vec![rule("r", &["*"], &app)], &asked, &[]).iter().map(seen).collect();
    all.sort();
    assert_eq!(all, [(200, vec![], false), (403, vec!["cmdi"], false)]);
}

/// W37.
#[test]
fn a_coded_body_is_looked_at() {
    let body = Planted {
        attack: Attack::Sqli,
        place: Place { spot: Spot::FormBody, key: "id".to_owned(), value: "x".to_owned(), sure: true },
    };
    let coded = Sent { body: "id=x".to_owned(), coded_sha256: Some("00".to_owned()), ..sent(vec![body]) };
    let all = judged(vec![rule("r", &["*"], &json!({"sqli": {"effect": "prevent"}}))], &coded, &[]);
    assert_eq!(all.iter().map(seen).collect::<Vec<_>>(), [(403, vec!["sqli"], false)]);
    assert!(all[0].trail.ids().contains(&"request.coded-body"));
}

/// W64, W108: the API is asked behind the app firewall.
#[test]
fn an_api_is_asked_behind_the_app_firewall() {
    for (sqli, effect, expected) in [
        ("alert", "prevent", (403, vec!["sqli", "unexpectedAPI"], false)),
        ("prevent", "ban", (403, vec!["sqli"], false)),
        ("disable", "alert", (200, vec!["unexpectedAPI"], false)),
        ("disable", "ban", (403, vec!["unexpectedAPI"], true)),
        ("alert", "disable", (200, vec!["sqli"], false)),
    ] {
        let mut rule = rule("r", &["*"], &json!({"sqli": {"effect": sqli}}));
        let spec = &mut rule["applicationsSpec"][0]["apiSpec"];
        spec["fallbackEffect"] = json!(effect);
        spec["paths"] = json!([{"path": "/other"}]);
        let all = judged(vec![rule], &sent(vec![attack(Attack::Sqli)]), &[]);
        assert_eq!(all.iter().map(seen).collect::<Vec<_>>(), [expected], "{sqli} {effect}");
    }
}
