//! Collections: named scopes that rules refer to (section 2.3).

use super::mistake::Mistakes;
use super::refusal::Refusal;
use super::shape::{Shape, check_shapes, must_be};
use super::spot::Spot;
use super::walk::{references_mut, rules_mut};
use super::writer::Writer;
use proofhouse_protocol::Collection;
use serde_json::{Map, Value, json};

/// Colour of the built-in collection [DUMP], and of one that is made without.
const DEFAULT_COLOR: &str = "#3FA2F7";

const ALL: &str = "All";

/// What a selector is.
pub(super) const SELECTOR: Shape = Shape::Texts;

/// Members that say what a collection covers.
pub(super) const SELECTORS: [&str; 9] = [
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

    pub(crate) fn create(&mut self, body: Value, writer: Writer<'_>) -> Result<(), Refusal> {
        let collection = self.checked(body, writer)?;
        if self.get(name_of(&collection)).is_some() {
            return Err(Refusal::conflict(format!("collection '{}' exists already", name_of(&collection))));
        }
        self.items.push(collection);
        Ok(())
    }

    /// Replaces a collection; a different name in the body renames it. Returns the new name.
    pub(crate) fn update(&mut self, name: &str, body: Value, writer: Writer<'_>) -> Result<String, Refusal> {
        let at = self.position(name)?;
        let mut body = body;
        if let Some(object) = body.as_object_mut() {
            object.entry("name").or_insert_with(|| json!(name));
        }
        let collection = self.checked(body, writer)?;
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

    fn checked(&self, body: Value, writer: Writer<'_>) -> Result<Map<String, Value>, Refusal> {
        self.mistakes(&body).refuse(&body)?;
        let Value::Object(mut collection) = body else {
            return Err(Refusal::bad("failed to unmarshal collection: expected an object"));
        };
        for selector in SELECTORS {
            let everything = |values: &Value| values.as_array().is_none_or(Vec::is_empty);
            if collection.get(selector).is_none_or(everything) {
                collection.insert(selector.to_owned(), json!(["*"]));
            }
        }
        for (member, value) in
            [("description", json!("")), ("color", json!(DEFAULT_COLOR)), ("prisma", json!(false))]
        {
            collection.entry(member).or_insert(value);
        }
        collection.insert("owner".to_owned(), json!(writer.user));
        collection.insert("modified".to_owned(), json!(writer.now));
        collection.insert("system".to_owned(), json!(false));
        Ok(collection)
    }

    fn mistakes(&self, body: &Value) -> Mistakes {
        let mut found = Mistakes::default();
        let collection = Spot::root(body);
        let Some(members) = body.as_object() else {
            must_be(&collection, Shape::Object, "collection", &mut found);
            return found;
        };
        let name = name_of(members);
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':');
        if name.is_empty() || !self.lenient && !name.chars().all(allowed) {
            let message = format!("invalid collection name '{name}'");
            found.add(collection.path.member("name"), message, "use letters, digits, '_', '-' and ':'");
        }
        let shapes = SELECTORS.map(|selector| (selector, SELECTOR));
        check_shapes(&collection, &shapes, &format!("collection '{name}'"), &mut found);
        found
    }

    /// The policy with every reference filled in from the collection of that name. A reference that a lenient
    /// Console let in stays as it was written.
    pub(crate) fn resolved(&self, policy: &Value) -> Value {
        let mut policy = policy.clone();
        for reference in rules_mut(&mut policy).flat_map(references_mut) {
            let name = reference.get("name").and_then(Value::as_str);
            if let Some(collection) = name.and_then(|name| self.get(name)) {
                *reference = Value::Object(collection.clone());
            }
        }
        policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: Writer<'_> = Writer { user: "u", now: "n" };

    fn fresh() -> Collections {
        Collections::new("2026-01-01T00:00:00Z", false)
    }

    #[test]
    fn a_selector_that_is_not_given_means_everything() {
        let mut collections = fresh();
        collections.create(json!({"name": "w", "containers": ["worker"], "images": []}), WRITER).unwrap();
        let stored = collections.get("w").unwrap();
        assert_eq!(stored["containers"], json!(["worker"]));
        assert_eq!(stored["images"], json!(["*"]));
        assert_eq!(stored["appIDs"], json!(["*"]));
    }

    #[test]
    fn the_built_in_one_cannot_be_changed() {
        let mut collections = fresh();
        assert_eq!(collections.update("All", json!({}), WRITER).unwrap_err().status, 400);
        assert_eq!(collections.remove("All").unwrap_err().status, 400);
        assert_eq!(collections.create(json!({"name": "All"}), WRITER).unwrap_err().status, 409);
    }

    #[test]
    fn a_different_name_in_the_body_renames() {
        let mut collections = fresh();
        collections.create(json!({"name": "a"}), WRITER).unwrap();
        collections.create(json!({"name": "b"}), WRITER).unwrap();
        assert_eq!(collections.update("a", json!({"name": "b"}), WRITER).unwrap_err().status, 409);
        assert_eq!(collections.update("a", json!({"name": "c"}), WRITER).unwrap(), "c");
        assert_eq!(collections.names(), ["All", "c", "b"]);
        assert_eq!(collections.update("a", json!({}), WRITER).unwrap_err().status, 404);
    }

    #[test]
    fn wrong_names_and_shapes_are_refused() {
        let mut collections = fresh();
        for body in [json!([]), json!({}), json!({"name": "a b"}), json!({"name": "a", "images": "x"})] {
            assert_eq!(collections.create(body.clone(), WRITER).unwrap_err().status, 400, "{body}");
        }
        assert_eq!(collections.names(), ["All"]);
    }
}
