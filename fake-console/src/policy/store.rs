//! Both policies and the collections, as one value: a write is tried on a copy, and kept when it is accepted.

use super::import::adopt_collections;
use super::mistake::Mistakes;
use super::refusal::Refusal;
use super::runtime::{check_runtime, check_runtime_rule};
use super::waas::{Secrets, check_waas, name_apps};
use super::walk::{references_mut, rules, rules_mut};
use super::writer::Writer;
use super::{
    Collections, CustomRules, NetworkLists, SensitiveData, default_rule, runtime_for_link, waas_for_link,
};
use proofhouse_protocol::Semantics;
use proofhouse_protocol::link::PolicyRevision;
use serde_json::{Map, Value, json};

const RUNTIME_ID: &str = "appEmbeddedRuntime";
const WAAS_ID: &str = "appEmbeddedAppFirewall";

/// Both policies and the collections.
#[derive(Debug, Clone)]
pub(crate) struct PolicyStore {
    pub(crate) collections: Collections,
    pub(crate) network_lists: NetworkLists,
    pub(crate) custom_rules: CustomRules,
    pub(crate) sensitive_data: SensitiveData,
    secrets: Secrets,
    runtime: Value,
    waas: Value,
    lenient: bool,
}

impl PolicyStore {
    pub(crate) fn new(semantics: &Semantics, lenient: bool, now: &str) -> Self {
        let rules = if semantics.default_rule { vec![default_rule(now)] } else { Vec::new() };
        Self {
            collections: Collections::new(now, lenient),
            network_lists: NetworkLists::default(),
            custom_rules: CustomRules::default(),
            sensitive_data: SensitiveData::default(),
            secrets: Secrets::default(),
            runtime: json!({"_id": RUNTIME_ID, "rules": rules, "learningDisabled": false}),
            waas: json!({"_id": WAAS_ID, "rules": [], "minPort": 30000, "maxPort": 31000}),
            lenient,
        }
    }

    /// The runtime policy as the API shows it.
    pub(crate) fn runtime(&self) -> Value {
        self.collections.resolved(&self.runtime)
    }

    /// The WAAS policy as the API shows it.
    pub(crate) fn waas(&self) -> Value {
        self.collections.resolved(&self.waas)
    }

    /// Replaces the runtime policy; `{}` clears it.
    pub(crate) fn put_runtime(&mut self, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let mut found = check_runtime(&body, &self.collections, self.lenient);
        found.join(self.custom_rules.unfit_for_runtime(&body, self.lenient), &[]);
        found.refuse(&body)?;
        self.runtime = stamped(body, RUNTIME_ID, &self.runtime, writer);
        Ok(())
    }

    /// Appends one rule. A rule whose `previousName` is that of a stored one takes its place: a rename.
    pub(crate) fn post_runtime_rule(&mut self, rule: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        if rule.get("rules").is_some() {
            return Err(Refusal::bad(
                "failed to unmarshal rule: the body has rules, but POST appends one rule: use PUT to replace all",
            ));
        }
        let previous = rule.get("previousName").and_then(Value::as_str).filter(|name| !name.is_empty());
        let place = previous.and_then(|name| rules(&self.runtime).position(|rule| rule["name"] == name));
        let others = rules(&self.runtime).enumerate().filter(|(index, _)| Some(*index) != place);
        let others = others.filter_map(|(_, other)| other["name"].as_str());
        check_runtime_rule(&rule, others, &self.collections, self.lenient).refuse(&rule)?;
        let mut policy = self.runtime.clone();
        let list = policy["rules"].as_array_mut().expect("a stored policy has a list of rules");
        match place {
            Some(place) => list[place] = rule,
            None => list.push(rule),
        }
        self.custom_rules.unfit_for_runtime(&policy, self.lenient).refuse(&policy)?;
        self.runtime = stamped(policy, RUNTIME_ID, &self.runtime, writer);
        Ok(())
    }

    /// Replaces the WAAS policy; `{}` clears it.
    pub(crate) fn put_waas(&mut self, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let mut found = check_waas(&body, &self.collections, self.lenient);
        found.join(self.unknown_to_apps(&body), &[]);
        found.refuse(&body)?;
        self.keep_waas(body, writer);
        Ok(())
    }

    /// What apps name and this Console does not have.
    fn unknown_to_apps(&self, policy: &Value) -> Mistakes {
        let mut found = self.network_lists.unknown(policy);
        found.join(self.custom_rules.unknown(policy), &[]);
        found.join(self.secrets.mistakes(policy), &[]);
        found
    }

    fn keep_waas(&mut self, mut body: Value, writer: Writer<'_>) {
        name_apps(&mut body);
        self.secrets.hide(&mut body);
        let mut policy = stamped(body, WAAS_ID, &self.waas, writer);
        for (member, value) in [("minPort", 30000), ("maxPort", 31000)] {
            if policy.get(member).is_none() {
                policy[member] = json!(value);
            }
        }
        self.waas = policy;
    }

    /// Replaces the runtime policy, and makes the collections that it carries and the Console lacks.
    pub(crate) fn import_runtime(&mut self, policy: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let policy = self.adopted(policy, writer, check_runtime)?;
        self.custom_rules.unfit_for_runtime(&policy, self.lenient).refuse(&policy)?;
        self.runtime = stamped(policy, RUNTIME_ID, &self.runtime, writer);
        Ok(())
    }

    /// Replaces the WAAS policy, and makes the collections that it carries and the Console lacks.
    pub(crate) fn import_waas(&mut self, policy: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let policy = self.adopted(policy, writer, check_waas)?;
        self.unknown_to_apps(&policy).refuse(&policy)?;
        self.keep_waas(policy, writer);
        Ok(())
    }

    /// The policy with its collections in this store; or everything that is wrong with either.
    fn adopted(
        &mut self,
        mut policy: Value,
        writer: Writer<'_>,
        check: impl FnOnce(&Value, &Collections, bool) -> Mistakes,
    ) -> Result<Value, Refusal> {
        let sent = policy.clone();
        let (mut found, refused) = adopt_collections(&mut self.collections, &mut policy, writer);
        found.join(check(&policy, &self.collections, self.lenient), &refused);
        found.refuse(&sent)?;
        Ok(policy)
    }

    pub(crate) fn create_collection(&mut self, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        self.collections.create(body, writer)
    }

    /// Replaces a collection; rules that name it follow a rename.
    pub(crate) fn update_collection(
        &mut self,
        name: &str,
        body: Value,
        writer: Writer<'_>,
    ) -> Result<(), Refusal> {
        let new = self.collections.update(name, body, writer)?;
        for policy in [&mut self.runtime, &mut self.waas] {
            let references = rules_mut(policy).flat_map(references_mut);
            for reference in references.filter(|reference| reference["name"] == name) {
                reference["name"] = json!(new);
            }
        }
        Ok(())
    }

    /// Removes a collection that no rule names.
    pub(crate) fn remove_collection(&mut self, name: &str) -> Result<(), Refusal> {
        let used = self.usages(name);
        if let Some(rule) = used.first().and_then(|usage| usage["name"].as_str()) {
            return Err(Refusal::bad(format!(
                "collection '{name}' is used by rule '{rule}': change or remove the rule first"
            )));
        }
        self.collections.remove(name)
    }

    /// Removes a network list that no rule names.
    pub(crate) fn remove_network_list(&mut self, id: &str) -> Result<(), Refusal> {
        let name = self.network_lists.name_of(id)?;
        if let Some(rule) = NetworkLists::user(&self.waas, &name) {
            return Err(Refusal::bad(format!(
                "network list '{name}' is used by rule '{rule}': change or remove the rule first"
            )));
        }
        self.network_lists.remove(id)
    }

    /// Makes or replaces a custom rule; one that is attached must stay fit for that.
    pub(crate) fn put_custom_rule(
        &mut self,
        id: &str,
        body: Value,
        writer: Writer<'_>,
    ) -> Result<(), Refusal> {
        self.custom_rules.put(id, body, writer)?;
        self.custom_rules.unfit_for_runtime(&self.runtime, self.lenient).refuse(&self.runtime)
    }

    /// Removes a custom rule that nobody attaches.
    pub(crate) fn remove_custom_rule(&mut self, id: &str) -> Result<(), Refusal> {
        let user = [&self.waas, &self.runtime].into_iter().find_map(|policy| CustomRules::user(policy, id));
        if let Some(rule) = user {
            return Err(Refusal::bad(format!(
                "custom rule {id} is attached by rule '{rule}': change or remove the rule first"
            )));
        }
        self.custom_rules.remove(id)
    }

    /// Rules that name a collection.
    pub(crate) fn usages(&self, name: &str) -> Vec<Value> {
        [(&self.runtime, "policyRuntimeAppEmbedded"), (&self.waas, "policyWAASAppEmbedded")]
            .into_iter()
            .flat_map(|(policy, kind)| rules(policy).map(move |rule| (rule, kind)))
            .filter(|(rule, _)| {
                rule["collections"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|reference| reference["name"] == name)
            })
            .map(|(rule, kind)| json!({"type": kind, "name": rule["name"]}))
            .collect()
    }

    /// Everything a Defender needs, in one message.
    pub(crate) fn revision(&self, revision: u64, semantics: &Semantics) -> Result<PolicyRevision, Refusal> {
        let mut waas = waas_for_link(&self.secrets.shown_in(&self.waas), &self.collections)?;
        waas.network_lists = self.network_lists.for_link(&self.waas);
        waas.custom_rules = self.custom_rules.for_link(&self.waas);
        waas.sensitive_data = self.sensitive_data.for_link();
        let mut runtime = runtime_for_link(&self.runtime, &self.collections)?;
        runtime.custom_rules = self.custom_rules.for_link(&self.runtime);
        Ok(PolicyRevision { revision, runtime, waas, semantics: semantics.clone() })
    }
}

/// The policy with its constant id and, in each rule that is new or has changed, `modified` and `owner`.
fn stamped(body: Value, id: &str, before: &Value, writer: Writer<'_>) -> Value {
    let mut policy = Map::from_iter([("_id".to_owned(), json!(id)), ("rules".to_owned(), json!([]))]);
    if let Value::Object(body) = body {
        for (member, value) in body {
            if !(member == "_id" || member == "rules" && value.is_null()) {
                policy.insert(member, value);
            }
        }
    }
    for rule in policy["rules"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let former = rules(before).filter_map(Value::as_object).find(|former| former["name"] == rule["name"]);
        let modified = match former {
            Some(former) if same(former, rule) => former.get("modified").cloned(),
            _ => None,
        };
        rule.insert("modified".to_owned(), modified.unwrap_or_else(|| json!(writer.now)));
        if rule.get("owner").and_then(Value::as_str).unwrap_or_default().is_empty() {
            rule.insert("owner".to_owned(), json!(writer.user));
        }
    }
    Value::Object(policy)
}

/// Whether two rules say the same, but for what the Console itself adds.
fn same(one: &Map<String, Value>, two: &Map<String, Value>) -> bool {
    let bare = |rule: &Map<String, Value>| -> Value {
        let mut rule = rule.clone();
        for member in ["modified", "owner"] {
            rule.remove(member);
        }
        for reference in rule.get_mut("collections").and_then(Value::as_array_mut).into_iter().flatten() {
            *reference = reference["name"].take();
        }
        Value::Object(rule)
    };
    bare(one) == bare(two)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WRITER: Writer<'_> = Writer { user: "u", now: "2026-01-02T00:00:00Z" };

    fn store() -> PolicyStore {
        PolicyStore::new(&Semantics::current(), false, "2026-01-01T00:00:00Z")
    }

    fn rule(name: &str) -> Value {
        json!({"name": name, "collections": [{"name": "All"}], "processes": {"effect": "prevent"},
               "network": {"effect": "disable"}, "dns": {"effect": "alert"}, "filesystem": {"effect": "disable"}})
    }

    fn names(store: &PolicyStore) -> Vec<String> {
        rules(&store.runtime()).map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_fresh_store_has_the_default_rule_of_its_profile() {
        assert_eq!(names(&store()), ["Default - alert on suspicious runtime behavior"]);
        assert!(names(&PolicyStore::new(&Semantics::legacy_20(), false, "n")).is_empty());
        let all = &store().runtime()["rules"][0]["collections"][0];
        assert_eq!((&all["color"], &all["system"]), (&json!("#3FA2F7"), &json!(true)));
    }

    #[test]
    fn put_replaces_post_appends_and_nothing_clears() {
        let mut store = store();
        store.put_runtime(json!({"rules": [rule("a")]}), WRITER).unwrap();
        store.post_runtime_rule(rule("b"), WRITER).unwrap();
        assert_eq!(names(&store), ["a", "b"]);
        store.post_runtime_rule(json!({"rules": []}), WRITER).unwrap_err();
        store.post_runtime_rule(rule("a"), WRITER).unwrap_err();
        assert_eq!(names(&store), ["a", "b"]);
        store.put_runtime(json!({}), WRITER).unwrap();
        assert!(names(&store).is_empty());
    }

    #[test]
    fn a_rule_with_a_previous_name_takes_the_place_of_that_rule() {
        let mut store = store();
        store.put_runtime(json!({"rules": [rule("a"), rule("b")]}), WRITER).unwrap();
        let mut renamed = rule("c");
        renamed["previousName"] = json!("a");
        store.post_runtime_rule(renamed, WRITER).unwrap();
        assert_eq!(names(&store), ["c", "b"]);
    }

    #[test]
    fn only_a_changed_rule_gets_a_new_modification_time() {
        let mut store = store();
        store.put_runtime(json!({"rules": [rule("a"), rule("b")]}), WRITER).unwrap();
        let mut exported = store.runtime();
        exported["rules"][1]["dns"]["effect"] = json!("prevent");
        store.put_runtime(exported, Writer { user: "v", now: "2026-01-03T00:00:00Z" }).unwrap();
        assert_eq!(store.runtime()["rules"][0]["modified"], "2026-01-02T00:00:00Z");
        assert_eq!(store.runtime()["rules"][1]["modified"], "2026-01-03T00:00:00Z");
        assert_eq!(store.runtime()["rules"][1]["owner"], "u");
    }

    #[test]
    fn rules_follow_their_collection() {
        let mut store = store();
        store.create_collection(json!({"name": "w", "containers": ["worker"]}), WRITER).unwrap();
        let mut scoped = rule("a");
        scoped["collections"] = json!([{"name": "w"}]);
        store.put_runtime(json!({"rules": [scoped]}), WRITER).unwrap();
        assert_eq!(store.usages("w"), [json!({"type": "policyRuntimeAppEmbedded", "name": "a"})]);
        assert!(store.remove_collection("w").unwrap_err().message.contains("rule 'a'"));
        store.update_collection("w", json!({"name": "v", "containers": ["web"]}), WRITER).unwrap();
        let sent = store.revision(1, &Semantics::current()).unwrap();
        assert_eq!(sent.runtime.rules[0].collections[0].name, "v");
        assert_eq!(sent.runtime.rules[0].collections[0].containers, ["web"]);
        store.put_runtime(json!({}), WRITER).unwrap();
        store.remove_collection("v").unwrap();
    }

    proptest! {
        #[test]
        fn what_the_api_shows_can_be_written_back_unchanged(
            extra in proptest::collection::btree_map("x[a-zA-Z]{1,5}", "[ -~]{0,8}", 0..4),
            names in proptest::collection::hash_set("[a-z]{1,6}", 0..4),
        ) {
            let mut store = store();
            let list: Vec<Value> = names.iter().map(|name| {
                let mut rule = rule(name);
                for (member, value) in &extra {
                    rule[member] = json!(value);
                    rule["processes"][member] = json!(value);
                }
                rule
            }).collect();
            let mut policy = json!({"rules": list});
            for (member, value) in &extra {
                policy[member] = json!(value);
            }
            store.put_runtime(policy, WRITER).unwrap();
            let shown = store.runtime();
            store.put_runtime(shown.clone(), Writer { user: "v", now: "2027-01-01T00:00:00Z" }).unwrap();
            prop_assert_eq!(store.runtime().to_string(), shown.to_string());
            for (member, value) in &extra {
                prop_assert_eq!(&shown[member], &json!(value));
            }
        }
    }
}
