//! What the audits of firewalls must not tell (sections 1.1, 1.6 and 2.15 of `waas.md`): one list for all rules.

use super::mistake::Mistakes;
use super::refusal::Refusal;
use super::shape::{Shape, check_shapes, must_be, told};
use super::spot::Spot;
use proofhouse_protocol::{SENSITIVE_LOCATIONS, SensitiveDataSpec};
use regex::Regex;
use serde_json::Value;

/// Locations whose key is a path.
const PATHS: [&str; 2] = ["XMLPath", "JSONPath"];

/// The list, as it was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct SensitiveData(Vec<Value>);

impl SensitiveData {
    /// As the API shows it; a fresh Console answers `null`, as it does for network lists.
    pub(crate) fn to_json(&self) -> Value {
        if self.0.is_empty() { Value::Null } else { Value::Array(self.0.clone()) }
    }

    /// Replaces the whole list; `null` clears it.
    pub(crate) fn put(&mut self, body: Value) -> Result<(), Refusal> {
        check(&body).refuse(&body)?;
        self.0 = match body {
            Value::Array(specs) => specs,
            _ => Vec::new(),
        };
        Ok(())
    }

    /// As a Defender gets it.
    pub(crate) fn for_link(&self) -> Vec<SensitiveDataSpec> {
        self.0.iter().filter_map(|spec| serde_json::from_value(without_nulls(spec)).ok()).collect()
    }
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
        check_spec(&spec, &label, &mut found);
    }
    found
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

    #[test]
    fn the_list_is_kept_as_it_was_written() {
        let mut data = SensitiveData::default();
        assert_eq!(data.to_json(), Value::Null);
        let list = json!([
            spec(json!({"location": "query", "key": "^token$", "own": {"x": 1}})),
            spec(json!({"name": "mail", "location": null, "valuePattern": "[a-z]+@[a-z.]+", "sensitiveData": true})),
            {"name": "learned", "keyPattern": true, "key": "card", "skipLogScrubbing": true, "disabled": false}
        ]);
        data.put(list.clone()).unwrap();
        assert_eq!(data.to_json(), list);
        let sent = data.for_link();
        assert_eq!(serde_json::to_value(&sent[0]).unwrap()["own"], json!({"x": 1}));
        assert_eq!(sent.iter().map(SensitiveDataSpec::scrubs).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!((sent[1].values(), sent[2].names()), (Some("[a-z]+@[a-z.]+"), Some("card")));
        data.put(json!(null)).unwrap();
        assert_eq!(data.to_json(), Value::Null);
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
        ] {
            let refused = data.put(list.clone()).unwrap_err();
            assert!(refused.status == 400 && refused.message.contains(words), "{list}: {}", refused.message);
            assert_eq!(data.to_json(), Value::Null);
        }
    }
}
