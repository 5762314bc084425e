//! Bringing in an exported policy with its collections, as the user interface's import does [COLL].

use super::refusal::Refusal;
use super::store::{PolicyStore, Writer, references};
use serde_json::{Map, Value, json};

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

/// Makes the collections that a policy carries and this Console lacks. One whose name is taken by a collection of
/// another scope is made under a new name, and the policy is changed to it.
pub(super) fn adopt_collections(
    store: &mut PolicyStore,
    policy: &mut Value,
    writer: Writer<'_>,
) -> Result<(), Refusal> {
    for reference in references(policy) {
        let Some(carried) = reference.as_object().cloned() else { continue };
        let Some(name) = carried.get("name").and_then(Value::as_str).map(str::to_owned) else { continue };
        let name = match store.collections.get(&name) {
            Some(own) if only_named(&carried) || same_scope(own, &carried) => continue,
            Some(_) => match free_name(store, &name, &carried) {
                Taken::Same(name) => {
                    reference["name"] = json!(name);
                    continue;
                }
                Taken::Free(name) => name,
            },
            None => name,
        };
        let mut made = carried;
        made.insert("name".to_owned(), json!(name));
        store.create_collection(Value::Object(made), writer)?;
        reference["name"] = json!(name);
    }
    Ok(())
}

enum Taken {
    /// A former import has made it.
    Same(String),
    Free(String),
}

fn free_name(store: &PolicyStore, name: &str, carried: &Map<String, Value>) -> Taken {
    for number in 2_u64.. {
        let candidate = format!("{name}-{number}");
        match store.collections.get(&candidate) {
            None => return Taken::Free(candidate),
            Some(own) if same_scope(own, carried) => return Taken::Same(candidate),
            Some(_) => {}
        }
    }
    unreachable!("a console holds fewer collections than there are numbers")
}

/// Whether a reference has a name and nothing that says what it covers.
fn only_named(reference: &Map<String, Value>) -> bool {
    SELECTORS.iter().all(|selector| reference.get(*selector).is_none_or(Value::is_null))
}

fn same_scope(one: &Map<String, Value>, two: &Map<String, Value>) -> bool {
    let of = |collection: &Map<String, Value>, selector: &str| match collection.get(selector) {
        None | Some(Value::Null) => json!(["*"]),
        Some(Value::Array(values)) if values.is_empty() => json!(["*"]),
        Some(values) => values.clone(),
    };
    SELECTORS.iter().all(|selector| of(one, selector) == of(two, selector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_protocol::Semantics;

    const WRITER: Writer<'_> = Writer { user: "u", now: "2026-01-02T00:00:00Z" };

    fn policy(containers: &[&str]) -> Value {
        json!({"rules": [{"name": "r", "collections": [{"name": "mine", "containers": containers, "color": "#123456"}],
               "processes": {"effect": "alert"}, "network": {"effect": "disable"}, "dns": {"effect": "disable"},
               "filesystem": {"effect": "disable"}}]})
    }

    fn scope(store: &PolicyStore) -> (String, Value) {
        let rule = store.runtime()["rules"][0]["collections"][0].clone();
        (rule["name"].as_str().unwrap().to_owned(), rule["containers"].clone())
    }

    #[test]
    fn collections_come_with_the_policy_and_conflicting_ones_are_renamed() {
        let mut store = PolicyStore::new(&Semantics::current(), false, "2026-01-01T00:00:00Z");
        store.import_runtime(policy(&["web"]), WRITER).unwrap();
        assert_eq!(scope(&store), ("mine".to_owned(), json!(["web"])));
        store.import_runtime(policy(&["web"]), WRITER).unwrap();
        assert_eq!(scope(&store), ("mine".to_owned(), json!(["web"])));
        store.import_runtime(policy(&["worker"]), WRITER).unwrap();
        assert_eq!(scope(&store), ("mine-2".to_owned(), json!(["worker"])));
        store.import_runtime(policy(&["worker"]), WRITER).unwrap();
        assert_eq!(scope(&store), ("mine-2".to_owned(), json!(["worker"])));
        let by_name =
            json!({"rules": [{"name": "r", "collections": [{"name": "mine"}], "applicationsSpec": []}]});
        store.import_waas(by_name, WRITER).unwrap();
        assert_eq!(store.waas()["rules"][0]["collections"][0]["containers"], json!(["web"]));
        assert_eq!(store.collections.to_json().as_array().unwrap().len(), 3);
    }
}
