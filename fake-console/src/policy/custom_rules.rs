//! Custom rules: expressions under a number, which apps of firewall rules and rules of the runtime policy attach (sections 1.1, 1.6 and 2.14 of
//! `waas.md`, 3.6 of `runtime-and-embed.md`).
//!
//! Those that are shipped cannot be changed, and are attached to nothing until a user does it.

use super::mistake::Mistakes;
use super::refusal::Refusal;
use super::shape::{Shape, check_shapes, told};
use super::spot::Spot;
use super::walk::rules;
use super::writer::Writer;
use jiff::Timestamp;
use proofhouse_custom_rules::{Phase, Script, SystemRule, system_rules};
use proofhouse_protocol::CustomRule;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Kinds of the schema; scripts of files and of Kubernetes are for other planes, and not read here.
const KINDS: [&str; 6] =
    ["waas-request", "waas-response", "processes", "filesystem", "network-outgoing", "kubernetes-audit"];

/// Where an app attaches them, and where a rule of the runtime policy does.
const PLACES: [&str; 2] = ["applicationsSpec.*.customRules.*", "customRules.*"];

/// Kinds that a rule of the runtime policy of App-Embedded Defenders may attach [CUST].
const OF_RUNTIME: [&str; 3] = ["processes", "network-outgoing", "filesystem"];

/// Those of users, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomRules(BTreeMap<u64, Map<String, Value>>);

impl CustomRules {
    /// As the API shows them: the shipped ones first.
    pub(crate) fn to_json(&self) -> Value {
        let shipped = system_rules().map(shipped);
        Value::Array(shipped.chain(self.0.values().cloned().map(Value::Object)).collect())
    }

    /// Makes or replaces the rule of that number.
    pub(crate) fn put(&mut self, id: &str, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let id = number(id)?;
        if let Some(rule) = system_rules().find(|rule| u64::from(rule.id) == id) {
            return Err(Refusal::bad(format!(
                "custom rule {id} ('{}') is shipped and cannot be changed: put a copy of it under another number",
                rule.name
            )));
        }
        check(&body, id, self.names().filter(|(other, _)| *other != id).map(|(_, name)| name))
            .refuse(&body)?;
        let Value::Object(mut rule) = body else { return Err(Refusal::bad("a custom rule is an object")) };
        rule.insert("_id".to_owned(), json!(id));
        let modified = writer.now.parse::<Timestamp>().map_or(0, Timestamp::as_second);
        rule.insert("modified".to_owned(), json!(modified));
        rule.insert("owner".to_owned(), json!(writer.user));
        self.0.insert(id, rule);
        Ok(())
    }

    /// Removes a rule; the caller makes sure that no app attaches it.
    pub(crate) fn remove(&mut self, id: &str) -> Result<(), Refusal> {
        let id = number(id)?;
        if system_rules().any(|rule| u64::from(rule.id) == id) {
            return Err(Refusal::bad(format!("custom rule {id} is shipped and cannot be removed")));
        }
        let removed = self.0.remove(&id);
        removed.map(|_| ()).ok_or_else(|| Refusal::unknown(format!("custom rule {id} does not exist")))
    }

    /// What is wrong with what apps attach.
    pub(super) fn unknown(&self, policy: &Value) -> Mistakes {
        let mut found = Mistakes::default();
        for rule in Spot::root(policy).along("rules.*") {
            let name =
                rule.member("name").and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
            let label = format!("rule '{name}'");
            let shapes = [
                ("customRules", Shape::List),
                ("customRules.*", Shape::Object),
                ("customRules.*.action", Shape::Text),
            ];
            for app in rule.along("applicationsSpec.*") {
                check_shapes(&app, &shapes, &label, &mut found);
            }
            for attached in rule.along(PLACES[0]).iter().filter(|attached| attached.value.is_object()) {
                let id = attached.member("_id").map(|id| id.value);
                let known = id.and_then(Value::as_u64).and_then(|id| self.find(id));
                let path = attached.path.member("_id");
                match known {
                    None => {
                        let message = format!("{label}: {}: no custom rule has this number", told(&path, id));
                        found.add(path, message, "make it first, by PUT to /custom-rules/<number>");
                    }
                    Some(rule) if !Phase::of_rule_type(&rule.kind).is_some_and(Phase::is_of_waas) => {
                        let message =
                            format!("{label}: custom rule '{}' is of type {}", rule.name, rule.kind);
                        found.add(path, message, "attach one of type waas-request or waas-response");
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    /// What is wrong with what rules of the runtime policy attach. What a lenient Console does not know, it hands on.
    pub(super) fn unfit_for_runtime(&self, policy: &Value, lenient: bool) -> Mistakes {
        let mut found = Mistakes::default();
        for rule in Spot::root(policy).along("rules.*") {
            let name =
                rule.member("name").and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
            let label = format!("rule '{name}'");
            for attached in rule.along(PLACES[1]) {
                let id = attached.member("_id").map(|id| id.value);
                let path = attached.path.member("_id");
                let Some(known) = id.and_then(Value::as_u64).and_then(|id| self.find(id)) else {
                    if !(lenient && id.is_some_and(Value::is_u64)) {
                        let message = format!("{label}: {}: no custom rule has this number", told(&path, id));
                        found.add(path, message, "make it first, by PUT to /custom-rules/<number>");
                    }
                    continue;
                };
                if !OF_RUNTIME.contains(&known.kind.as_str()) {
                    let message = format!("{label}: custom rule '{}' is of type {}", known.name, known.kind);
                    found.add(path, message, format!("attach one of type {}", OF_RUNTIME.join(", ")));
                    continue;
                }
                let prevents = attached.value.get("effect").is_some_and(|effect| effect == "prevent");
                if prevents && needs_command_line(&known) {
                    let message = format!(
                        "{label}: custom rule '{}' looks at proc.cmdline, which nobody knows of a program that is prevented",
                        known.name
                    );
                    found.add(attached.path.member("effect"), message, "attach it with alert or allow");
                }
            }
        }
        found
    }

    /// The rule of a policy that attaches a custom rule, if one does.
    pub(crate) fn user(policy: &Value, id: &str) -> Option<String> {
        let attaches = |rule: &&Value| attached(rule).any(|used| used.to_string() == id);
        rules(policy).find(attaches).and_then(|rule| rule["name"].as_str().map(str::to_owned))
    }

    /// Those that the policy attaches, as a Defender gets them.
    pub(crate) fn for_link(&self, policy: &Value) -> Vec<CustomRule> {
        let mut used: Vec<u64> = rules(policy).flat_map(attached).collect();
        used.sort_unstable();
        used.dedup();
        used.into_iter().filter_map(|id| self.find(id)).collect()
    }

    fn find(&self, id: u64) -> Option<CustomRule> {
        let own = self.0.get(&id).cloned().map(Value::Object);
        let rule = own.or_else(|| system_rules().find(|rule| u64::from(rule.id) == id).map(shipped))?;
        serde_json::from_value(rule).ok()
    }

    fn names(&self) -> impl Iterator<Item = (u64, &str)> {
        let own = self
            .0
            .iter()
            .map(|(id, rule)| (*id, rule.get("name").and_then(Value::as_str).unwrap_or_default()));
        own.chain(system_rules().map(|rule| (u64::from(rule.id), rule.name)))
    }
}

/// Numbers that a rule of a policy attaches.
fn attached(rule: &Value) -> impl Iterator<Item = u64> {
    let found = PLACES.into_iter().flat_map(|place| Spot::root(rule).along(place));
    found.filter_map(|attached| attached.value.get("_id").and_then(Value::as_u64))
}

/// Whether a rule looks at the command line of a process; one that is not understood does not.
fn needs_command_line(rule: &CustomRule) -> bool {
    let script = Phase::of_rule_type(&rule.kind).and_then(|plane| Script::parse(&rule.script, plane).ok());
    script.is_some_and(|script| script.needs_command_line())
}

fn number(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::bad(format!("`{text}` is no number of a custom rule")))
}

fn check<'a>(body: &Value, id: u64, mut names: impl Iterator<Item = &'a str>) -> Mistakes {
    let mut found = Mistakes::default();
    let root = Spot::root(body);
    let label = format!("custom rule {id}");
    let shapes = [
        ("_id", Shape::Count),
        ("name", Shape::Text),
        ("type", Shape::Text),
        ("script", Shape::Text),
        ("message", Shape::Text),
        ("description", Shape::Text),
    ];
    check_shapes(&root, &shapes, &label, &mut found);
    if root.member("_id").is_some_and(|own| own.value.as_u64().is_some_and(|own| own != id)) {
        found.add(
            root.path.member("_id"),
            format!("{label}: the body has another number"),
            "give the same, or none",
        );
    }
    let text = |name: &str| root.member(name).and_then(|member| member.text()).unwrap_or_default();
    if text("name").is_empty() {
        found.add(root.path.member("name"), format!("{label}: it has no name"), "give one");
    } else if names.any(|name| name == text("name")) {
        let message = format!("{label}: another rule is called '{}'", text("name"));
        found.add(root.path.member("name"), message, "give a name of its own");
    }
    let kind = text("type");
    if !KINDS.contains(&kind) {
        let path = root.path.member("type");
        let message = format!("{label}: {}", told(&path, body.get("type")));
        found.add(path, message, format!("use one of {}", KINDS.join(", ")));
    }
    if let Some(phase) = Phase::of_rule_type(kind)
        && let Err(error) = Script::parse(text("script"), phase)
    {
        let message = format!("{label}: the script cannot be understood: {}", error.underlined());
        found.add(root.path.member("script"), message, "correct it there");
    }
    found
}

fn shipped(rule: &SystemRule) -> Value {
    json!({"_id": rule.id, "name": rule.name, "type": SystemRule::TYPE, "script": rule.script, "message": rule.message,
        "description": rule.description, "owner": SystemRule::OWNER, "vulnIDs": rule.vulnerabilities})
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: Writer<'_> = Writer { user: "u", now: "2026-01-02T00:00:00Z" };

    fn rule(script: &str) -> Value {
        json!({"name": "admin", "type": "waas-request", "script": script, "message": "%req.path"})
    }

    fn attaching(id: u64) -> Value {
        json!({"rules": [{"name": "w", "applicationsSpec": [{"customRules": [{"_id": id, "effect": "prevent"}]}]}]})
    }

    #[test]
    fn a_rule_is_made_replaced_attached_and_removed() {
        let mut rules = CustomRules::default();
        assert_eq!(rules.to_json().as_array().unwrap().len(), 20);
        rules.put("21", rule(r#"req.path = "/a""#), WRITER).unwrap();
        rules.put("21", rule(r#"req.path = "/b""#), WRITER).unwrap();
        let all = rules.to_json();
        assert_eq!((all[20]["_id"].as_u64(), &all[20]["script"]), (Some(21), &json!(r#"req.path = "/b""#)));
        assert_eq!((&all[20]["owner"], &all[20]["modified"]), (&json!("u"), &json!(1_767_312_000)));
        assert!(rules.unknown(&attaching(21)).refuse(&attaching(21)).is_ok());
        assert_eq!(CustomRules::user(&attaching(21), "21").as_deref(), Some("w"));
        assert_eq!(CustomRules::user(&attaching(21), "2"), None);
        assert_eq!(rules.for_link(&attaching(21))[0].script, r#"req.path = "/b""#);
        assert_eq!(rules.for_link(&attaching(1))[0].id, 1);
        rules.remove("21").unwrap();
        assert_eq!(rules.remove("21").unwrap_err().status, 404);
        let refused = rules.unknown(&attaching(21)).refuse(&attaching(21)).unwrap_err();
        assert!(
            refused.message.contains("customRules[0]._id is 21: no custom rule has this number"),
            "{}",
            refused.message
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        let mut rules = CustomRules::default();
        rules
            .put("30", json!({"name": "proc", "type": "processes", "script": "proc.name = \"a\""}), WRITER)
            .unwrap();
        for (id, body, words) in [
            ("21", rule("req.pth = \"/\""), "did you mean `req.path`?"),
            ("21", rule("resp.status_code = 200"), "script: custom rule 21: the script cannot be understood"),
            (
                "21",
                json!({"name": "a", "type": "waas", "script": ""}),
                "type is \"waas\": use one of waas-request",
            ),
            ("21", json!({"type": "waas-request", "script": "req.path = \"/\""}), "it has no name"),
            (
                "21",
                json!({"_id": 22, "name": "a", "type": "kubernetes-audit"}),
                "the body has another number",
            ),
            ("21", json!({"name": "proc", "type": "kubernetes-audit"}), "another rule is called 'proc'"),
            (
                "21",
                json!({"name": "p", "type": "processes", "script": "proc.interactive"}),
                "`proc.interactive`",
            ),
            (
                "21",
                json!({"name": "p", "type": "network-outgoing", "script": "req.path = \"/\""}),
                "network-outgoing",
            ),
            ("x", rule("req.path = \"/\""), "is no number"),
            ("1", rule("req.path = \"/\""), "is shipped and cannot be changed"),
            ("21", json!(7), "custom rule 21"),
        ] {
            let refused = rules.put(id, body, WRITER).unwrap_err();
            assert!(refused.status == 400 && refused.message.contains(words), "{}", refused.message);
        }
        assert!(rules.remove("1").unwrap_err().message.contains("shipped"));
        let runtime = |attached: Value| json!({"rules": [{"name": "r", "customRules": [attached]}]});
        rules
            .put(
                "31",
                json!({"name": "line", "type": "processes", "script": "proc.cmdline contains \"a\""}),
                WRITER,
            )
            .unwrap();
        rules
            .put("32", json!({"name": "cluster", "type": "kubernetes-audit", "script": "whatever"}), WRITER)
            .unwrap();
        for (attached, words) in [
            (json!({"_id": 31, "effect": "prevent"}), "custom rule 'line' looks at proc.cmdline"),
            (json!({"_id": 32, "effect": "alert"}), "custom rule 'cluster' is of type kubernetes-audit"),
            (json!({"_id": 1, "effect": "alert"}), "is of type waas-request"),
            (json!({"_id": 99, "effect": "alert"}), "no custom rule has this number"),
        ] {
            let policy = runtime(attached);
            let refused = rules.unfit_for_runtime(&policy, false).refuse(&policy).unwrap_err();
            assert!(refused.message.contains(words), "{}", refused.message);
        }
        for attached in [json!({"_id": 31, "effect": "alert"}), json!({"_id": 30, "effect": "prevent"})] {
            let policy = runtime(attached);
            rules.unfit_for_runtime(&policy, false).refuse(&policy).unwrap();
            assert_eq!(rules.for_link(&policy).len(), 1);
        }
        let unknown = runtime(json!({"_id": 99, "effect": "alert"}));
        rules.unfit_for_runtime(&unknown, true).refuse(&unknown).unwrap();
        let policy = attaching(30);
        let refused = rules.unknown(&policy).refuse(&policy).unwrap_err();
        assert!(refused.message.contains("custom rule 'proc' is of type processes"), "{}", refused.message);
    }
}
