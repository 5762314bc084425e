//! Network lists: addresses under a name, which firewall rules refer to (sections 1.1, 1.4 and 2.12 of `waas.md`).

use super::mistake::Mistakes;
use super::refusal::Refusal;
use super::shape::{Shape, check_shapes, must_be};
use super::spot::Spot;
use super::walk::rules;
use super::writer::Writer;
use proofhouse_protocol::waas_policy::NetworkList;
use serde_json::{Map, Value, json};
use std::net::Ipv4Addr;

/// Where a rule names lists.
const PLACES: [&str; 7] = [
    "applicationsSpec.*.dosConfig.excludedNetworkLists.*",
    "applicationsSpec.*.botProtectionSpec.userDefinedBots.*.subnets.*",
    "applicationsSpec.*.networkControls.exceptionSubnets.*",
    "applicationsSpec.*.networkControls.networkControlsExceptionSubnets.subnets.*",
    "applicationsSpec.*.networkControls.subnets.allow.*",
    "applicationsSpec.*.networkControls.subnets.alert.*",
    "applicationsSpec.*.networkControls.subnets.prevent.*",
];

/// All lists, in the order of their making.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkLists(Vec<Map<String, Value>>);

fn text<'a>(list: &'a Map<String, Value>, member: &str) -> &'a str {
    list.get(member).and_then(Value::as_str).unwrap_or_default()
}

impl NetworkLists {
    /// As the API shows them; a fresh Console answers `null`.
    pub(crate) fn to_json(&self) -> Value {
        if self.0.is_empty() {
            return Value::Null;
        }
        Value::Array(self.0.iter().cloned().map(Value::Object).collect())
    }

    pub(crate) fn create(&mut self, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let list = checked(body, writer)?;
        if self.0.iter().any(|known| text(known, "name") == text(&list, "name")) {
            return Err(Refusal::conflict(format!("network list '{}' exists already", text(&list, "name"))));
        }
        self.0.push(list);
        Ok(())
    }

    /// Replaces the list with that `_id`, or else that name.
    pub(crate) fn update(&mut self, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let list = checked(body, writer)?;
        let at = self.position(text(&list, "_id"))?;
        self.0[at] = list;
        Ok(())
    }

    /// Removes a list; the caller makes sure that no rule names it.
    pub(crate) fn remove(&mut self, id: &str) -> Result<(), Refusal> {
        let at = self.position(id)?;
        self.0.remove(at);
        Ok(())
    }

    /// Name of the list with that `_id`.
    pub(crate) fn name_of(&self, id: &str) -> Result<String, Refusal> {
        self.position(id).map(|at| text(&self.0[at], "name").to_owned())
    }

    fn position(&self, id: &str) -> Result<usize, Refusal> {
        let found = self.0.iter().position(|list| text(list, "_id") == id);
        found.ok_or_else(|| Refusal::unknown(format!("network list '{id}' does not exist")))
    }

    /// Those that rules of the policy name, as a Defender gets them.
    pub(crate) fn for_link(&self, policy: &Value) -> Vec<NetworkList> {
        let named: Vec<&str> = rules(policy).flat_map(names).collect();
        let used = self.0.iter().filter(|list| named.contains(&text(list, "name")));
        used.filter_map(|list| serde_json::from_value(Value::Object(list.clone())).ok()).collect()
    }

    /// Everything in a policy that names no list.
    pub(super) fn unknown(&self, policy: &Value) -> Mistakes {
        let mut found = Mistakes::default();
        for rule in Spot::root(policy).along("rules.*") {
            let label =
                rule.member("name").and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
            for place in PLACES.iter().flat_map(|place| rule.along(place)) {
                match place.text() {
                    None => must_be(&place, Shape::Text, &format!("rule '{label}'"), &mut found),
                    Some(name) if self.0.iter().all(|list| text(list, "name") != name) => {
                        let message = format!("rule '{label}': network list '{name}' does not exist");
                        found.add(
                            place.path,
                            message,
                            "make it first, by POST to /policies/firewall/app/network-list",
                        );
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    /// The rule of a policy that names a list, if one does.
    pub(crate) fn user(policy: &Value, name: &str) -> Option<String> {
        let mut users = rules(policy).filter(|rule| names(rule).any(|used| used == name));
        users.next().and_then(|rule| rule["name"].as_str()).map(str::to_owned)
    }
}

/// The lists that a rule names.
fn names(rule: &Value) -> impl Iterator<Item = &str> {
    PLACES.iter().flat_map(|place| Spot::root(rule).along(place)).filter_map(|place| place.value.as_str())
}

fn checked(body: Value, writer: Writer<'_>) -> Result<Map<String, Value>, Refusal> {
    let mut found = Mistakes::default();
    let root = Spot::root(&body);
    let label = "network list";
    if !body.is_object() {
        must_be(&root, Shape::Object, label, &mut found);
        found.refuse(&body)?;
        return Err(Refusal::bad("a network list is an object"));
    }
    check_shapes(
        &root,
        &[("name", Shape::Text), ("subnets", Shape::Texts), ("disabled", Shape::Flag)],
        label,
        &mut found,
    );
    if root.member("name").is_none_or(|name| name.text().is_some_and(str::is_empty)) {
        found.add(root.path.member("name"), "a network list has no name", "give it a name");
    }
    for subnet in root.along("subnets.*") {
        if let Some(text) = subnet.text()
            && !is_block(text)
        {
            let message = format!("network list: '{text}' is no IPv4 address and no CIDR block");
            found.add(
                subnet.path,
                message,
                "give an address such as 203.0.113.7, or a block such as 203.0.113.0/24",
            );
        }
    }
    found.refuse(&body)?;
    let Value::Object(mut list) = body else { return Err(Refusal::bad("a network list is an object")) };
    let name = list["name"].clone();
    if text(&list, "_id").is_empty() {
        // How the product makes ids is not known; the name is one.
        list.insert("_id".to_owned(), name);
    }
    list.insert("modified".to_owned(), json!(writer.now));
    list.insert("owner".to_owned(), json!(writer.user));
    Ok(list)
}

fn is_block(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
    address.parse::<Ipv4Addr>().is_ok() && prefix.parse::<u8>().is_ok_and(|prefix| prefix <= 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: Writer<'_> = Writer { user: "u", now: "2026-01-02T00:00:00Z" };

    #[test]
    fn lists_come_and_go() {
        let mut lists = NetworkLists::default();
        assert_eq!(lists.to_json(), Value::Null);
        lists.create(json!({"name": "office", "subnets": ["203.0.113.0/24"]}), WRITER).unwrap();
        assert_eq!(lists.create(json!({"name": "office"}), WRITER).unwrap_err().status, 409);
        assert_eq!(lists.to_json()[0]["_id"], "office");
        lists.update(json!({"_id": "office", "name": "office", "subnets": ["203.0.113.7"]}), WRITER).unwrap();
        assert_eq!(lists.to_json()[0]["subnets"], json!(["203.0.113.7"]));
        assert_eq!(lists.update(json!({"name": "home"}), WRITER).unwrap_err().status, 404);
        lists.remove("office").unwrap();
        assert_eq!(lists.remove("office").unwrap_err().status, 404);
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_place() {
        for (list, words) in [
            (json!(7), "object"),
            (json!({"subnets": []}), "has no name"),
            (json!({"name": "", "subnets": []}), "has no name"),
            (json!({"name": "a", "subnets": ["203.0.113.0/33"]}), "subnets[0]"),
            (json!({"name": "a", "subnets": ["2001:db8::1"]}), "no IPv4 address"),
            (json!({"name": "a", "subnets": "203.0.113.7"}), "subnets"),
        ] {
            let refused = NetworkLists::default().create(list.clone(), WRITER).unwrap_err();
            assert!(refused.message.contains(words), "{list}: {}", refused.message);
        }
    }

    #[test]
    fn a_rule_names_lists_that_there_are() {
        let mut lists = NetworkLists::default();
        lists.create(json!({"name": "office", "subnets": ["203.0.113.0/24"]}), WRITER).unwrap();
        lists.create(json!({"name": "unused"}), WRITER).unwrap();
        let policy = |name: &str| {
            json!({"rules": [{"name": "w", "applicationsSpec": [{"networkControls":
            {"exceptionSubnets": ["office"], "subnets": {"prevent": [name]}}}]}]})
        };
        lists.unknown(&policy("office")).refuse(&json!({})).unwrap();
        let refused = lists.unknown(&policy("home")).refuse(&policy("home")).unwrap_err();
        assert!(
            refused.message.contains("subnets.prevent[0]: rule 'w': network list 'home' does not exist"),
            "{}",
            refused.message
        );
        let sent: Vec<_> = lists.for_link(&policy("office")).into_iter().map(|list| list.name).collect();
        assert_eq!(sent, ["office"]);
        assert_eq!(NetworkLists::user(&policy("office"), "office").as_deref(), Some("w"));
        assert_eq!(NetworkLists::user(&policy("office"), "unused"), None);
    }
}
