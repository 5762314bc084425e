//! What the audits of firewalls must not tell (sections 1.1, 1.6 and 2.15 of `waas.md`): one list for all rules.

use super::mistake::Mistakes;
use super::refusal::Refusal;
use super::shape::{Shape, check_shapes, must_be, told};
use super::shipped_data::{SHIPPED, SWITCHES, Shipped};
use super::spot::Spot;
use proofhouse_protocol::{SENSITIVE_LOCATIONS, SensitiveDataSpec};
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Locations whose key is a path.
const PATHS: [&str; 2] = ["XMLPath", "JSONPath"];

/// What users have written, in their order, and what they have decided of the rules that are shipped, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct SensitiveData {
    own: Vec<Value>,
    shipped: BTreeMap<&'static str, Map<String, Value>>,
}

impl SensitiveData {
    /// As the API shows it: the shipped ones first.
    pub(crate) fn to_json(&self) -> Value {
        Value::Array(self.shipped().chain(self.own.iter().cloned()).collect())
    }

    /// Replaces the whole list; `null` clears it. A shipped rule that is not in it is as it was shipped.
    pub(crate) fn put(&mut self, body: Value) -> Result<(), Refusal> {
        check(&body).refuse(&body)?;
        let Value::Array(specs) = body else {
            *self = Self::default();
            return Ok(());
        };
        let (shipped, own): (Vec<_>, Vec<_>) = specs.into_iter().partition(|spec| shipped_as(spec).is_some());
        let decided = |spec: &Value| {
            let members =
                spec.as_object().into_iter().flatten().filter(|(name, _)| SWITCHES.contains(&name.as_str()));
            members.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        self.shipped =
            shipped.iter().filter_map(|spec| Some((shipped_as(spec)?.name, decided(spec)))).collect();
        self.own = own;
        Ok(())
    }

    /// As a Defender gets it: those of users, and the shipped ones that scrub.
    pub(crate) fn for_link(&self) -> Vec<SensitiveDataSpec> {
        let typed = |spec: &Value| serde_json::from_value::<SensitiveDataSpec>(without_nulls(spec)).ok();
        let own = self.own.iter().filter_map(typed);
        own.chain(self.shipped().filter_map(|spec| typed(&spec)).filter(SensitiveDataSpec::scrubs)).collect()
    }

    fn shipped(&self) -> impl Iterator<Item = Value> {
        let as_shipped = Map::new();
        SHIPPED.into_iter().map(move |rule| rule.to_json(self.shipped.get(rule.name).unwrap_or(&as_shipped)))
    }
}

/// The shipped rule of that name.
fn shipped_as(spec: &Value) -> Option<Shipped> {
    Shipped::of(spec.get("name")?.as_str()?)
}

/// `null` counts as absent.
fn without_nulls(spec: &Value) -> Value {
    let members = spec.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn check(body: &Value) -> Mistakes {
    let mut found = Mistakes::default();
    let root = Spot::root(body);
    if !(body.is_array() || body.is_null()) {
        must_be(&root, Shape::List, "log scrubbing", &mut found);
    }
    let mut names: Vec<&str> = Vec::new();
    for spec in root.items() {
        if !spec.value.is_object() {
            must_be(&spec, Shape::Object, "sensitive data", &mut found);
            continue;
        }
        let name = spec.member("name").and_then(|name| name.text()).unwrap_or_default();
        let label = format!("sensitive data '{name}'");
        if name.is_empty() {
            found.add(spec.path.member("name"), "sensitive data has no name", "give it one");
        } else if names.contains(&name) {
            found.add(
                spec.path.member("name"),
                format!("{label}: it is there twice"),
                "give each a name of its own",
            );
        }
        names.push(name);
        match Shipped::of(name) {
            Some(shipped) => check_shipped(&spec, shipped, &label, &mut found),
            None => check_spec(&spec, &label, &mut found),
        }
    }
    found
}

/// Of a shipped rule only its switches may differ; what is not said of it is as it was shipped.
fn check_shipped(spec: &Spot<'_>, shipped: Shipped, label: &str, found: &mut Mistakes) {
    check_shapes(spec, &SWITCHES.map(|name| (name, Shape::Flag)), label, found);
    let original = shipped.to_json(&Map::new());
    for (name, member) in spec.members() {
        if !SWITCHES.contains(&name) && original.get(name) != Some(member.value) {
            let message = format!("{label}: it is shipped, and {name} of it cannot be changed");
            let hint = format!("change {} of it, or write a rule of another name", SWITCHES.join(" and "));
            found.add(member.path, message, hint);
        }
    }
}

fn check_spec(spec: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let shapes = [
        ("name", Shape::Text),
        ("location", Shape::Text),
        ("key", Shape::Text),
        ("placeholder", Shape::Text),
        ("response", Shape::Flag),
        ("sensitiveData", Shape::Flag),
        ("skipLogScrubbing", Shape::Flag),
        ("disabled", Shape::Flag),
    ];
    check_shapes(spec, &shapes, label, found);
    let skipped = spec.member("skipLogScrubbing").is_some_and(|skip| skip.value == true);
    if !skipped && spec.member("placeholder").is_none_or(|text| text.text() == Some("")) {
        let message = format!("{label}: it has no placeholder");
        found.add(spec.path.member("placeholder"), message, "give what stands in audits instead");
    }
    let location = spec.member("location").map_or(Some(""), |location| location.text());
    match location {
        Some("") => check_patterns(spec, label, found),
        Some(location) if SENSITIVE_LOCATIONS.contains(&location) => check_key(spec, location, label, found),
        Some(_) => {
            let path = spec.path.member("location");
            let message = format!("{label}: {}", told(&path, spec.value.get("location")));
            let hint =
                format!("use one of {}, or none for a rule by pattern", SENSITIVE_LOCATIONS.join(", "));
            found.add(path, message, hint);
        }
        None => {}
    }
}

fn check_key(spec: &Spot<'_>, location: &str, label: &str, found: &mut Mistakes) {
    let path = spec.path.member("key");
    let Some(key) = spec.member("key").map_or(Some(""), |key| key.text()) else { return };
    if PATHS.contains(&location) {
        if !(key.len() > 1 && key.starts_with('/')) {
            let message = format!("{label}: {}", told(&path, spec.value.get("key")));
            found.add(path, message, "give the absolute path of a value, such as /user/card");
        }
    } else if key.is_empty() {
        found.add(path, format!("{label}: it has no key"), "give a regular expression");
    } else {
        check_pattern(&spec.path.member("key"), key, label, found);
    }
}

/// A rule without a location has a pattern of names, or of values, or both.
fn check_patterns(spec: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let mut any = false;
    for member in ["keyPattern", "valuePattern"] {
        let Some(pattern) = spec.member(member) else { continue };
        match pattern.value {
            Value::Bool(false) => {}
            Value::Bool(true) => {
                any = true;
                let path = spec.path.member("key");
                match spec.member("key").map_or(Some(""), |key| key.text()) {
                    Some("") => {
                        let message = format!("{label}: it has no key, which {member} says is the pattern");
                        found.add(path, message, "give a regular expression");
                    }
                    // It is told once, for whichever pattern comes first.
                    Some(_) if member == "valuePattern" && spec.value["keyPattern"] == true => {}
                    Some(key) => check_pattern(&path, key, label, found),
                    None => {}
                }
            }
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => {
                any = true;
                check_pattern(&pattern.path, text, label, found);
            }
            _ => {
                any = true;
                let message =
                    format!("failed to unmarshal {label}: {}", told(&pattern.path, Some(pattern.value)));
                found.add(pattern.path, message, "give true, false, or a regular expression");
            }
        }
    }
    if !any {
        let message = format!("{label}: it has no location and no pattern");
        found.add(spec.path.member("location"), message, "give a location, or keyPattern or valuePattern");
    }
}

fn check_pattern(path: &super::JsonPath, pattern: &str, label: &str, found: &mut Mistakes) {
    if let Err(error) = Regex::new(pattern) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let message = format!("{label}: '{pattern}' is no regular expression ({why})");
        found.add(path.clone(), message, "give one in the syntax of RE2");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(members: Value) -> Value {
        let mut spec = json!({"name": "token", "placeholder": "[gone]"});
        spec.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        spec
    }

    fn own(data: &SensitiveData) -> Vec<Value> {
        let shown = data.to_json();
        shown.as_array().unwrap().iter().filter(|spec| shipped_as(spec).is_none()).cloned().collect()
    }

    #[test]
    fn the_list_is_kept_as_it_was_written() {
        let mut data = SensitiveData::default();
        let list = json!([
            spec(json!({"location": "query", "key": "^token$", "own": {"x": 1}})),
            spec(json!({"name": "mail", "location": null, "valuePattern": "[a-z]+@[a-z.]+", "sensitiveData": true})),
            {"name": "learned", "keyPattern": true, "key": "card", "skipLogScrubbing": true, "disabled": false}
        ]);
        data.put(list.clone()).unwrap();
        assert_eq!(Value::from(own(&data)), list);
        let sent = data.for_link();
        assert_eq!(serde_json::to_value(&sent[0]).unwrap()["own"], json!({"x": 1}));
        assert_eq!(sent.iter().map(SensitiveDataSpec::scrubs).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!((sent[1].values(), sent[2].names()), (Some("[a-z]+@[a-z.]+"), Some("card")));
        data.put(json!(null)).unwrap();
        assert!(own(&data).is_empty());
    }

    #[test]
    fn shipped_rules_are_there_and_can_be_switched_only() {
        let mut data = SensitiveData::default();
        let fresh = data.to_json();
        assert_eq!(fresh.as_array().unwrap().len(), 13);
        assert!(data.for_link().is_empty());
        // What was read can be written back.
        data.put(fresh.clone()).unwrap();
        assert_eq!(data.to_json(), fresh);
        data.put(json!([spec(json!({"valuePattern": "x"})), {"name": "Visa", "skipLogScrubbing": false}]))
            .unwrap();
        let sent: Vec<_> = data.for_link().into_iter().map(|spec| spec.name).collect();
        assert_eq!(sent, ["token", "Visa"]);
        assert_eq!(data.to_json()[12]["skipLogScrubbing"], false);
        data.put(json!([{"name": "Visa", "skipLogScrubbing": false, "disabled": true}])).unwrap();
        assert!(data.for_link().is_empty());
        data.put(json!([])).unwrap();
        assert_eq!(data.to_json(), fresh);
        for changed in [json!({"name": "Visa", "key": "4"}), json!({"name": "Email", "placeholder": "x"})] {
            let refused = data.put(json!([changed])).unwrap_err();
            assert!(refused.message.contains("it is shipped, and"), "{}", refused.message);
        }
        assert_eq!(data.to_json(), fresh);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let mut data = SensitiveData::default();
        for (list, words) in [
            (json!({}), "give a list"),
            (json!([7]), "[0]: failed to unmarshal sensitive data"),
            (json!([{"placeholder": "x", "valuePattern": "x"}]), "[0].name: sensitive data has no name"),
            (
                json!([spec(json!({"valuePattern": "x"})), spec(json!({"valuePattern": "y"}))]),
                "[1].name: sensitive data 'token': it is there twice",
            ),
            (json!([spec(json!({"location": "body", "key": "x", "placeholder": ""}))]), "[0].placeholder: "),
            (json!([spec(json!({"location": "nowhere", "key": "x"}))]), "[0].location: "),
            (json!([spec(json!({"location": 7}))]), "[0].location: failed to unmarshal"),
            (json!([spec(json!({"location": "query"}))]), "[0].key: sensitive data 'token': it has no key"),
            (json!([spec(json!({"location": "query", "key": "(?=x)"}))]), "look-around"),
            (json!([spec(json!({"location": "JSONPath", "key": "user"}))]), "[0].key: "),
            (json!([spec(json!({}))]), "it has no location and no pattern"),
            (json!([spec(json!({"keyPattern": "["}))]), "[0].keyPattern: "),
            (json!([spec(json!({"valuePattern": 7}))]), "[0].valuePattern: "),
            (json!([spec(json!({"valuePattern": true}))]), "[0].key: "),
            (json!([spec(json!({"valuePattern": true, "key": "["}))]), "'[' is no regular expression"),
            (json!([spec(json!({"location": "query", "key": "x", "disabled": "no"}))]), "[0].disabled: "),
            (json!([{"name": "Visa", "disabled": "no"}]), "[0].disabled: "),
        ] {
            let refused = data.put(list.clone()).unwrap_err();
            assert!(refused.status == 400 && refused.message.contains(words), "{list}: {}", refused.message);
            assert!(own(&data).is_empty());
        }
    }
}
