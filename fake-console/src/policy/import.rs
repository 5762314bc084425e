//! Bringing in an exported policy with its collections, as the user interface's import does [COLL].

use super::Collections;
use super::collections::SELECTORS;
use super::mistake::Mistakes;
use super::path::JsonPath;
use super::refusal::Refusal;
use super::walk::{references_mut, rules_mut};
use super::writer::Writer;
use serde_json::{Map, Value, json};

/// Makes the collections that a policy carries and this Console lacks. One whose name is taken by a collection of
/// another scope is made under a new name, and the policy is changed to it. What is wrong with those that could not
/// be made comes back, with the places where they stand.
pub(super) fn adopt_collections(
    collections: &mut Collections,
    policy: &mut Value,
    writer: Writer<'_>,
) -> (Mistakes, Vec<JsonPath>) {
    let (mut found, mut refused) = (Mistakes::default(), Vec::new());
    for (index, rule) in rules_mut(policy).enumerate() {
        let list = JsonPath::default().member("rules").item(index).member("collections");
        for (index, reference) in references_mut(rule).enumerate() {
            let Err(refusal) = adopt(collections, reference, writer) else { continue };
            let path = list.item(index);
            refusal.mistakes.into_iter().for_each(|mistake| found.push(mistake.below(&path)));
            refused.push(path);
        }
    }
    (found, refused)
}

fn adopt(collections: &mut Collections, reference: &mut Value, writer: Writer<'_>) -> Result<(), Refusal> {
    let Some(carried) = reference.as_object().cloned() else { return Ok(()) };
    let Some(name) = carried.get("name").and_then(Value::as_str).map(str::to_owned) else { return Ok(()) };
    let name = match collections.get(&name) {
        Some(own) if only_named(&carried) || same_scope(own, &carried) => return Ok(()),
        Some(_) => match free_name(collections, &name, &carried) {
            Taken::Same(name) => {
                reference["name"] = json!(name);
                return Ok(());
            }
            Taken::Free(name) => name,
        },
        None => name,
    };
    let mut made = carried;
    made.insert("name".to_owned(), json!(name));
    collections.create(Value::Object(made), writer)?;
    reference["name"] = json!(name);
    Ok(())
}

enum Taken {
    /// A former import has made it.
    Same(String),
    Free(String),
}

fn free_name(collections: &Collections, name: &str, carried: &Map<String, Value>) -> Taken {
    for number in 2_u64.. {
        let candidate = format!("{name}-{number}");
        match collections.get(&candidate) {
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

    const WRITER: Writer<'_> = Writer { user: "u", now: "2026-01-02T00:00:00Z" };

    /// The name under which a policy that carries the collection "mine" gets it.
    fn adopted(collections: &mut Collections, mut carried: Value) -> String {
        carried["name"] = json!("mine");
        let mut policy = json!({"rules": [{"name": "r", "collections": [carried]}]});
        let (found, refused) = adopt_collections(collections, &mut policy, WRITER);
        found.refuse(&policy).unwrap();
        assert!(refused.is_empty());
        policy["rules"][0]["collections"][0]["name"].as_str().unwrap().to_owned()
    }

    #[test]
    fn collections_come_with_the_policy_and_conflicting_ones_are_renamed() {
        let mut collections = Collections::new("2026-01-01T00:00:00Z", false);
        let mut scoped = |containers: &[&str]| adopted(&mut collections, json!({"containers": containers}));
        assert_eq!(scoped(&["web"]), "mine");
        assert_eq!(scoped(&["web"]), "mine");
        assert_eq!(scoped(&["worker"]), "mine-2");
        assert_eq!(scoped(&["worker"]), "mine-2");
        assert_eq!(adopted(&mut collections, json!({})), "mine");
        assert_eq!(collections.get("mine").unwrap()["containers"], json!(["web"]));
        assert_eq!(collections.to_json().as_array().unwrap().len(), 3);
    }

    #[test]
    fn what_cannot_be_made_is_told_with_its_place_and_the_rest_is_made() {
        let mut collections = Collections::new("2026-01-01T00:00:00Z", false);
        let mut policy = json!({"rules": [
            {"name": "r", "collections": [{"name": "All"}, {"name": "a b", "images": 7, "hosts": "x"}]},
            {"name": "s", "collections": [{"name": "fine", "images": ["x"]}]}]});
        let (found, refused) = adopt_collections(&mut collections, &mut policy, WRITER);
        let places: Vec<_> = refused.iter().map(ToString::to_string).collect();
        assert_eq!(places, ["rules[0].collections[1]"]);
        let refusal = found.refuse(&policy).unwrap_err();
        let places: Vec<_> = refusal.mistakes.iter().map(|mistake| mistake.path.to_string()).collect();
        let of = |member: &str| format!("rules[0].collections[1].{member}");
        assert_eq!(places, [of("name"), of("images"), of("hosts")]);
        assert!(collections.get("fine").is_some());
    }
}
