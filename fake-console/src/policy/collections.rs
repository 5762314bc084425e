//! Collections: named scopes that rules refer to (section 2.3).

use super::refusal::Refusal;
use proofhouse_protocol::Collection;
use serde_json::{Map, Value, json};

/// Colour of the built-in collection [DUMP], and of one that is made without.
const DEFAULT_COLOR: &str = "#3FA2F7";

const ALL: &str = "All";
const SELECTORS: [&str; 9] = [
    "hosts",
    "images",
    "labels",
    "containers",
    "functions",
    "namespaces",
    "appIDs",
    "accountIDs",
    "clusters",
];

/// All collections, in the order of their making.
#[derive(Debug, Clone)]
pub(crate) struct Collections {
    items: Vec<Map<String, Value>>,
    lenient: bool,
}

fn name_of(object: &Map<String, Value>) -> &str {
    object.get("name").and_then(Value::as_str).unwrap_or_default()
}

impl Collections {
    pub(crate) fn new(now: &str, lenient: bool) -> Self {
        let mut all = Map::new();
        for selector in SELECTORS {
            all.insert(selector.to_owned(), json!(["*"]));
        }
        for (member, value) in [
            ("name", json!(ALL)),
            ("owner", json!("system")),
            ("modified", json!(now)),
            ("color", json!(DEFAULT_COLOR)),
            ("description", json!("System - all resources collection")),
            ("system", json!(true)),
            ("prisma", json!(false)),
        ] {
            all.insert(member.to_owned(), value);
        }
        Self { items: vec![all], lenient }
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Array(self.items.iter().cloned().map(Value::Object).collect())
    }

    #[cfg(test)]
    fn names(&self) -> Vec<&str> {
        self.items.iter().map(name_of).collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Map<String, Value>> {
        self.items.iter().find(|item| name_of(item) == name)
    }

    /// Typed, for matching; one that a lenient Console keeps in a wrong shape matches nothing.
    pub(crate) fn typed(&self) -> Vec<Collection> {
        self.items
            .iter()
            .filter_map(|item| serde_json::from_value(Value::Object(item.clone())).ok())
            .collect()
    }

    pub(crate) fn create(&mut self, body: Value, user: &str, now: &str) -> Result<(), Refusal> {
        let collection = self.checked(body, user, now)?;
        if self.get(name_of(&collection)).is_some() {
            return Err(Refusal::conflict(format!("collection '{}' exists already", name_of(&collection))));
        }
        self.items.push(collection);
        Ok(())
    }

    /// Replaces a collection; a different name in the body renames it. Returns the new name.
    pub(crate) fn update(
        &mut self,
        name: &str,
        body: Value,
        user: &str,
        now: &str,
    ) -> Result<String, Refusal> {
        let at = self.position(name)?;
        let mut body = body;
        if let Some(object) = body.as_object_mut() {
            object.entry("name").or_insert_with(|| json!(name));
        }
        let collection = self.checked(body, user, now)?;
        let new = name_of(&collection).to_owned();
        if new != name && self.get(&new).is_some() {
            return Err(Refusal::conflict(format!("collection '{new}' exists already")));
        }
        self.items[at] = collection;
        Ok(new)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<(), Refusal> {
        let at = self.position(name)?;
        self.items.remove(at);
        Ok(())
    }

    /// Where a collection stands that may be changed.
    fn position(&self, name: &str) -> Result<usize, Refusal> {
        if name == ALL {
            return Err(Refusal::bad("collection 'All' is built in: it cannot be edited or removed"));
        }
        self.items
            .iter()
            .position(|item| name_of(item) == name)
            .ok_or_else(|| Refusal::unknown(format!("collection '{name}' does not exist")))
    }

    fn checked(&self, body: Value, user: &str, now: &str) -> Result<Map<String, Value>, Refusal> {
        let Value::Object(mut collection) = body else {
            return Err(Refusal::bad("failed to unmarshal collection: expected an object"));
        };
        let name = name_of(&collection).to_owned();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':');
        if name.is_empty() || !self.lenient && !name.chars().all(allowed) {
            return Err(Refusal::bad(format!(
                "invalid collection name '{name}': use letters, digits, '_', '-' and ':'"
            )));
        }
        for selector in SELECTORS {
            match collection.get(selector) {
                None | Some(Value::Null) => {
                    collection.insert(selector.to_owned(), json!(["*"]));
                }
                Some(Value::Array(values)) if values.iter().all(Value::is_string) => {
                    if values.is_empty() {
                        collection.insert(selector.to_owned(), json!(["*"]));
                    }
                }
                Some(_) => {
                    return Err(Refusal::bad(format!(
                        "collection '{name}': {selector} must be a list of strings"
                    )));
                }
            }
        }
        for (member, value) in
            [("description", json!("")), ("color", json!(DEFAULT_COLOR)), ("prisma", json!(false))]
        {
            collection.entry(member).or_insert(value);
        }
        collection.insert("owner".to_owned(), json!(user));
        collection.insert("modified".to_owned(), json!(now));
        collection.insert("system".to_owned(), json!(false));
        Ok(collection)
    }

    /// The policy with every reference filled in from the collection of that name. A reference that a lenient
    /// Console let in stays as it was written.
    pub(crate) fn resolved(&self, policy: &Value) -> Value {
        let mut policy = policy.clone();
        for rule in policy.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
            for reference in rule.get_mut("collections").and_then(Value::as_array_mut).into_iter().flatten() {
                let name = reference.get("name").and_then(Value::as_str);
                if let Some(collection) = name.and_then(|name| self.get(name)) {
                    *reference = Value::Object(collection.clone());
                }
            }
        }
        policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Collections {
        Collections::new("2026-01-01T00:00:00Z", false)
    }

    #[test]
    fn a_selector_that_is_not_given_means_everything() {
        let mut collections = fresh();
        collections.create(json!({"name": "w", "containers": ["worker"], "images": []}), "u", "n").unwrap();
        let stored = collections.get("w").unwrap();
        assert_eq!(stored["containers"], json!(["worker"]));
        assert_eq!(stored["images"], json!(["*"]));
        assert_eq!(stored["appIDs"], json!(["*"]));
    }

    #[test]
    fn the_built_in_one_cannot_be_changed() {
        let mut collections = fresh();
        assert_eq!(collections.update("All", json!({}), "u", "n").unwrap_err().status, 400);
        assert_eq!(collections.remove("All").unwrap_err().status, 400);
        assert_eq!(collections.create(json!({"name": "All"}), "u", "n").unwrap_err().status, 409);
    }

    #[test]
    fn a_different_name_in_the_body_renames() {
        let mut collections = fresh();
        collections.create(json!({"name": "a"}), "u", "n").unwrap();
        collections.create(json!({"name": "b"}), "u", "n").unwrap();
        assert_eq!(collections.update("a", json!({"name": "b"}), "u", "n").unwrap_err().status, 409);
        assert_eq!(collections.update("a", json!({"name": "c"}), "u", "n").unwrap(), "c");
        assert_eq!(collections.names(), ["All", "c", "b"]);
        assert_eq!(collections.update("a", json!({}), "u", "n").unwrap_err().status, 404);
    }

    #[test]
    fn wrong_names_and_shapes_are_refused() {
        let mut collections = fresh();
        for body in [json!([]), json!({}), json!({"name": "a b"}), json!({"name": "a", "images": "x"})] {
            assert_eq!(collections.create(body.clone(), "u", "n").unwrap_err().status, 400, "{body}");
        }
        assert_eq!(collections.names(), ["All"]);
    }
}
