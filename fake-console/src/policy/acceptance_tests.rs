//! What is accepted can be sent to a Defender, whatever is done to a policy: the checks know all that the link reads.

use super::{PolicyStore, Writer};
use proofhouse_protocol::Semantics;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

const WRITER: Writer<'_> = Writer { user: "u", now: "2026-01-02T00:00:00Z" };

fn runtime() -> Value {
    json!({"rules": [{
        "name": "r", "disabled": false, "collections": [{"name": "All"}, {"name": "w", "images": ["x"], "hosts": []}],
        "processes": {"effect": "prevent", "blacklist": ["a"], "whitelist": [], "blockAllBinaries": false,
                      "checkCryptoMiners": true, "checkNewBinaries": true},
        "network": {"effect": "alert", "blacklistIPs": ["192.0.2.1"], "whitelistIPs": [],
                    "blacklistListeningPorts": [{"start": 1, "end": 2, "deny": true}], "whitelistListeningPorts": [],
                    "blacklistOutboundPorts": [], "whitelistOutboundPorts": [{"start": 3, "end": 4}]},
        "dns": {"effect": "disable", "whitelist": ["x.test"], "blacklist": []},
        "filesystem": {"effect": "disable", "whitelist": [], "blacklist": ["/x"]},
        "wildFireAnalysis": "alert", "customRules": [{"_id": 41, "action": "audit", "effect": "alert"}]}]})
}

fn waas() -> Value {
    let protection = json!({"effect": "alert", "exceptionFields": [{"location": "query", "key": "x"}]});
    let mut app = json!({
        "appID": "app-0001", "banDurationMinutes": 5, "disableEventIDHeader": false,
        "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080, "tls": false,
                    "http2": false, "grpc": false}], "effect": "disable", "fallbackEffect": "disable",
                    "queryParamFallbackEffect": "disable", "description": "d", "paths": [{"path": "/x/{id}", "methods": [
                        {"method": "GET", "parameters": [
                            {"name": "id", "location": "path", "type": "integer", "style": "simple", "required": true,
                             "allowEmptyValue": false, "array": false, "explode": false, "min": 1, "max": 9}]}]}]},
        "body": {"inspectionSizeBytes": 1000, "inspectionLimitExceededEffect": "disable", "skip": false},
        "customBlockResponse": {"enabled": true, "code": 403, "body": "<html></html>"},
        "intelGathering": {"infoLeakageEffect": "alert", "removeFingerprintsEnabled": true},
        "maliciousUpload": {"effect": "alert", "allowedFileTypes": ["pdf"], "allowedExtensions": [".abc"]},
        "dosConfig": {"enabled": true, "alert": {"burst": 1, "average": 1}, "ban": {"burst": 1, "average": 1},
            "matchConditions": [{"methods": ["GET"], "fileTypes": [".php"],
                "responseCodeRanges": [{"start": 400, "end": 499}]}],
            "excludedNetworkLists": [], "trackSession": false},
        "botProtectionSpec": {"knownBotProtectionsSpec": {"news": "alert"},
            "unknownBotProtectionSpec": {"generic": "alert", "requestAnomalies": {"effect": "alert", "threshold": 3}},
            "userDefinedBots": [{"name": "b", "headerName": "x", "headerValues": ["y"], "subnets": [], "effect": "allow"}],
            "sessionValidation": "alert", "interstitialPage": true,
            "reCAPTCHASpec": {"enabled": false, "siteKey": "k", "secretKey": {"encrypted": "", "plain": "p"}, "type": "invisible",
                "allSessions": true, "successExpirationHours": 24, "customPageSpec": {"enabled": true, "body": "<html></html>"}}},
        "sessionCookieEnabled": true, "sessionCookieBan": true, "sessionCookieSecure": true,
        "sessionCookieSameSite": "Lax",
        "csrfEnabled": true, "clickjackingEnabled": true,
        "responseHeaderSpecs": [{"name": "x", "values": ["y"], "override": true}],
        "certificate": {"encrypted": "", "plain": ""},
        "tlsConfig": {"minTLSVersion": "1.2", "HSTSConfig": {"enabled": true, "maxAgeSeconds": 1,
                      "includeSubdomains": true, "preload": true}},
        "networkControls": {"subnets": {"fallbackEffect": "alert"}, "countries": {"enabled": true, "allowMode": true,
            "allow": ["DE"], "alert": ["US"], "prevent": ["AU"], "fallbackEffect": "prevent"}}});
    for name in ["sqli", "xss", "cmdi", "codeInjection", "lfi", "attackTools", "shellshock", "malformedReq"] {
        app[name] = protection.clone();
    }
    json!({"rules": [{"name": "w", "disabled": false, "collections": [{"name": "All"}], "readTimeoutSeconds": 5,
                      "applicationsSpec": [app]}]})
}

/// Every place of a document, as a pointer.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    all.push(here.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| places(member, &format!("{here}/{name}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{here}/{index}"), all));
        }
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        prop_oneof![Just(json!(-1)), Just(json!(0)), Just(json!(1.5)), Just(json!(70_000)), Just(json!(443))],
        prop_oneof![Just(json!("")), Just(json!("x")), Just(json!("alert"))],
        prop_oneof![
            Just(json!([])),
            Just(json!([null])),
            Just(json!([1])),
            Just(json!(["x"])),
            Just(json!([{}]))
        ],
        prop_oneof![Just(json!({})), Just(json!({"name": "n"})), Just(json!({"effect": "alert"}))],
    ]
}

fn changed(mut policy: Value, changes: &[(Index, Value)]) -> Value {
    for (place, value) in changes {
        let mut all = Vec::new();
        places(&policy, "", &mut all);
        let place = place.get(&all);
        *policy.pointer_mut(place).expect("the place was just found") = value.clone();
    }
    policy
}

fn store(lenient: bool) -> PolicyStore {
    let mut store = PolicyStore::new(&Semantics::current(), lenient, "2026-01-01T00:00:00Z");
    store.create_collection(json!({"name": "w", "containers": ["worker"]}), WRITER).unwrap();
    let rule = json!({"name": "a program", "type": "processes", "script": "proc.name = \"a\""});
    store.put_custom_rule("41", rule, WRITER).unwrap();
    store
}

#[test]
fn the_policies_that_are_changed_below_are_right() {
    let mut store = store(false);
    store.put_runtime(runtime(), WRITER).unwrap();
    store.put_waas(waas(), WRITER).unwrap();
    store.revision(2, &Semantics::current()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_accepted_can_be_sent(
        changes in proptest::collection::vec((any::<Index>(), any_value()), 1..4),
        lenient in any::<bool>(),
        import in any::<bool>(),
    ) {
        type Write = fn(&mut PolicyStore, Value, Writer<'_>) -> Result<(), super::Refusal>;
        let writes: [(Value, Write); 2] = if import {
            [(runtime(), PolicyStore::import_runtime), (waas(), PolicyStore::import_waas)]
        } else {
            [(runtime(), PolicyStore::put_runtime), (waas(), PolicyStore::put_waas)]
        };
        for (policy, write) in writes {
            let policy = changed(policy, &changes);
            let mut store = store(lenient);
            match write(&mut store, policy.clone(), WRITER) {
                Ok(()) => {
                    let sent = store.revision(2, &Semantics::current());
                    prop_assert!(sent.is_ok(), "{}: {}", policy, sent.unwrap_err());
                }
                Err(refusal) => prop_assert_eq!(refusal.message.lines().count(), refusal.mistakes.len(), "{}", policy),
            }
        }
    }
}
