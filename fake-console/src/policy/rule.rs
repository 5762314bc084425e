//! What the rules of both policies have in common: a name of their own, and collections.

use super::Collections;
use super::collections::{SELECTOR, SELECTORS};
use super::mistake::Mistakes;
use super::shape::{Shape, check_shapes, must_be};
use super::spot::Spot;
use std::collections::HashSet;

/// The rules of a policy; `{}` and `null` clear it.
pub(super) fn rules<'a>(policy: &Spot<'a>, kind: &str, found: &mut Mistakes) -> Vec<Spot<'a>> {
    let label = format!("{kind} policy");
    if !policy.value.is_object() {
        must_be(policy, Shape::Object, &label, found);
        return Vec::new();
    }
    let Some(rules) = policy.member("rules") else { return Vec::new() };
    if !rules.value.is_array() {
        must_be(&rules, Shape::List, &label, found);
    }
    rules.items().collect()
}

/// Names are unique within a policy.
pub(super) fn unique<'a>(rule: &Spot<'a>, names: &mut HashSet<&'a str>, found: &mut Mistakes) {
    let Some(name) = rule.member("name") else { return };
    if let Some(text) = name.text()
        && !text.is_empty()
        && !names.insert(text)
    {
        let message = format!("rule name '{text}' is used twice");
        found.add(name.path, message, "give each rule a name of its own");
    }
}

/// What messages call a rule; nothing for what is none, or has no name.
pub(super) fn label(rule: &Spot<'_>, found: &mut Mistakes) -> Option<String> {
    if !rule.value.is_object() {
        must_be(rule, Shape::Object, "a rule", found);
        return None;
    }
    match rule.member("name").map(|name| (name.text(), name)) {
        Some((Some(name), _)) if !name.is_empty() => return Some(format!("rule '{name}'")),
        Some((None, name)) => must_be(&name, Shape::Text, "the name of a rule", found),
        _ => found.add(
            rule.path.member("name"),
            "the rule has no name",
            "give it one, unlike that of any other",
        ),
    }
    Some("a rule without a name".to_owned())
}

/// Every collection that a rule names exists (C12); a rule names at least one.
pub(super) fn known_collections(
    rule: &Spot<'_>,
    label: &str,
    collections: &Collections,
    lenient: bool,
    found: &mut Mistakes,
) {
    let list = rule.member("collections");
    if let Some(list) = list.as_ref().filter(|list| !list.value.is_array()) {
        return must_be(list, Shape::List, label, found);
    }
    let references: Vec<_> = list.iter().flat_map(Spot::items).collect();
    if references.is_empty() && !lenient {
        let message = format!("{label}: collections is missing");
        found.add(rule.path.member("collections"), message, "name at least one collection, such as 'All'");
    }
    for reference in references {
        let name = reference.member("name");
        match name.as_ref().and_then(Spot::text) {
            Some(name) if collections.get(name).is_some() => {}
            // What a lenient Console does not know, it hands on as it was written.
            Some(_) if lenient => {
                let shapes = SELECTORS.map(|selector| (selector, SELECTOR));
                check_shapes(&reference, &shapes, label, found);
            }
            Some(name) => {
                let message = format!("{label}: collection '{name}' does not exist");
                found.add(reference.path.member("name"), message, "create it first");
            }
            None => {
                let message = format!("{label}: a collection has no name");
                found.add(reference.path.member("name"), message, "name a collection, such as 'All'");
            }
        }
    }
}
