//! Endpoints and API of an app (section 2.9 of `waas.md`).
//!
//! The reference does not say whether templates of a path and its path parameters must match: they need not.

use super::super::mistake::Mistakes;
use super::super::shape::{Shape, check_shapes, told};
use super::super::spot::Spot;
use proofhouse_protocol::waas_policy::{ParamLocation, ParamStyle, ParamType};
use serde_json::Value;

/// What a Defender reads of them.
const SHAPES: [(&str, Shape); 24] = [
    ("apiSpec", Shape::Object),
    ("apiSpec.description", Shape::Text),
    ("apiSpec.endpoints", Shape::List),
    ("apiSpec.endpoints.*", Shape::Object),
    ("apiSpec.endpoints.*.host", Shape::Text),
    ("apiSpec.endpoints.*.basePath", Shape::Text),
    ("apiSpec.endpoints.*.tls", Shape::Flag),
    ("apiSpec.endpoints.*.http2", Shape::Flag),
    ("apiSpec.endpoints.*.grpc", Shape::Flag),
    ("apiSpec.paths", Shape::List),
    ("apiSpec.paths.*", Shape::Object),
    ("apiSpec.paths.*.path", Shape::Text),
    ("apiSpec.paths.*.methods", Shape::List),
    ("apiSpec.paths.*.methods.*", Shape::Object),
    ("apiSpec.paths.*.methods.*.method", Shape::Text),
    ("apiSpec.paths.*.methods.*.parameters", Shape::List),
    ("apiSpec.paths.*.methods.*.parameters.*", Shape::Object),
    ("apiSpec.paths.*.methods.*.parameters.*.name", Shape::Text),
    ("apiSpec.paths.*.methods.*.parameters.*.required", Shape::Flag),
    ("apiSpec.paths.*.methods.*.parameters.*.allowEmptyValue", Shape::Flag),
    ("apiSpec.paths.*.methods.*.parameters.*.array", Shape::Flag),
    ("apiSpec.paths.*.methods.*.parameters.*.explode", Shape::Flag),
    ("apiSpec.paths.*.methods.*.parameters.*.min", Shape::Number),
    ("apiSpec.paths.*.methods.*.parameters.*.max", Shape::Number),
];

/// What the UI offers [S22].
const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"];

/// Types that have bounds.
const NUMBERS: [&str; 2] = ["integer", "number"];

pub(super) fn check(application: &Spot<'_>, label: &str, found: &mut Mistakes) {
    check_shapes(application, &SHAPES, label, found);
    objects(application, "apiSpec.endpoints.*").iter().for_each(|endpoint| ports(endpoint, label, found));
    for path in objects(application, "apiSpec.paths.*") {
        check_path(&path, label, found);
        for method in objects(&path, "methods.*") {
            word(&method, "method", &METHODS, true, label, found);
            for parameter in objects(&method, "parameters.*") {
                check_parameter(&parameter, label, found);
            }
        }
    }
}

fn objects<'a>(spot: &Spot<'a>, pattern: &str) -> Vec<Spot<'a>> {
    spot.along(pattern).into_iter().filter(|spot| spot.value.is_object()).collect()
}

fn ports(endpoint: &Spot<'_>, label: &str, found: &mut Mistakes) {
    for (name, required) in [("exposedPort", true), ("internalPort", false)] {
        let port = endpoint.member(name).map(|port| port.value);
        let valid = match port {
            None => !required,
            Some(port) => Shape::Short.fits(port) && (port.as_u64() != Some(0) || !required),
        };
        if !valid {
            let path = endpoint.path.member(name);
            let message = format!("{label}: {}", told(&path, port));
            found.add(path, message, "give a port, 1 to 65535");
        }
    }
}

fn check_path(path: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let written = path.member("path");
    let hint = match written.as_ref().map(Spot::text) {
        // The shape was told.
        Some(None) => return,
        Some(Some("/")) => return,
        Some(Some(text)) if !text.starts_with('/') => "begin it with a slash",
        Some(Some(text)) if text.ends_with('/') => "take the slash at its end away",
        Some(Some(_)) => return,
        None => "give a path, such as '/pet/{petId}'",
    };
    let place = path.path.member("path");
    let message = format!("{label}: {}", told(&place, written.map(|written| written.value)));
    found.add(place, message, hint);
}

fn check_parameter(parameter: &Spot<'_>, label: &str, found: &mut Mistakes) {
    word(parameter, "location", ParamLocation::WORDS, true, label, found);
    word(parameter, "type", ParamType::WORDS, false, label, found);
    word(parameter, "style", ParamStyle::WORDS, false, label, found);
    let location = parameter.member("location");
    let is_body = location.as_ref().and_then(Spot::text) == Some(ParamLocation::Body.word());
    if parameter.member("name").is_none_or(|name| name.value == "") && !is_body {
        let message = format!("{label}: a parameter has no name");
        found.add(parameter.path.member("name"), message, "give it the name that requests have");
    }
    bounds(parameter, label, found);
}

fn bounds(parameter: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let [min, max] = ["min", "max"].map(|name| parameter.member(name));
    let kind = parameter.member("type");
    let kind = kind.as_ref().and_then(Spot::text).unwrap_or_default();
    if !NUMBERS.contains(&kind) {
        for (name, bound) in [("min", &min), ("max", &max)] {
            let Some(bound) = bound else { continue };
            let what = if kind.is_empty() { "without a type".to_owned() } else { format!("of type {kind}") };
            let message = format!("{label}: a parameter {what} has {name}");
            found.stray(bound.path.clone(), message, "take it away, or make the type integer or number");
        }
    } else if let (Some(min), Some(max)) = (min, max)
        && let (Some(least), Some(greatest)) = (min.value.as_f64(), max.value.as_f64())
        && least > greatest
    {
        let message = format!("{label}: min is {least}, and max is {greatest}");
        found.add(min.path, message, "give a min that is not above max");
    }
}

/// A member that is one of these words; where it need not be there, it may be empty.
fn word(spot: &Spot<'_>, name: &str, words: &[&str], required: bool, label: &str, found: &mut Mistakes) {
    let member = spot.member(name);
    let fits = match member.as_ref().map(|member| member.value) {
        None => !required,
        Some(Value::String(text)) => words.contains(&text.as_str()) || (text.is_empty() && !required),
        // The shape of a method is told elsewhere.
        Some(_) => name == "method",
    };
    if !fits {
        let place = spot.path.member(name);
        let message = format!("{label}: {}", told(&place, member.map(|member| member.value)));
        found.add(place, message, format!("use one of {}", words.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(spec: Value) -> Vec<String> {
        let app = json!({"apiSpec": spec});
        let mut found = Mistakes::default();
        check(&Spot::root(&app), "rule 'w'", &mut found);
        found.in_order_of(&app).iter().map(ToString::to_string).collect()
    }

    fn parameter(parameter: Value) -> Vec<String> {
        let found = found(
            json!({"paths": [{"path": "/x", "methods": [{"method": "GET", "parameters": [parameter]}]}]}),
        );
        let place = "apiSpec.paths[0].methods[0].parameters[0].";
        found.iter().map(|line| line.replacen(place, "", 1)).collect()
    }

    #[test]
    fn an_api_that_is_right() {
        let methods: Vec<Value> = METHODS.iter().map(|method| json!({"method": method})).collect();
        let spec = json!({"description": "d", "endpoints": [{"exposedPort": 80, "internalPort": null}],
            "paths": [{"path": "/", "methods": methods}, {"path": "/pet/{petId}", "methods": null}]});
        assert!(found(spec).is_empty());
        for right in [
            json!({"name": "n", "location": "query", "type": "number", "style": "form", "min": 1, "max": 1.0}),
            json!({"name": "n", "location": "path", "type": "", "style": ""}),
            json!({"name": "n", "location": "json", "type": "string", "min": null}),
            json!({"location": "body", "type": "object"}),
        ] {
            assert_eq!(parameter(right.clone()), Vec::<String>::new(), "{right}");
        }
    }

    #[test]
    fn mistakes_of_paths_and_methods() {
        let spec = json!({"paths": [{"path": "pet"}, {"path": "/pet/"}, {}, {"path": 7}, 8,
            {"path": "/x", "methods": [{"method": "TRACE"}, {"method": "get"}, {}, {"method": 7}]}, {"path": ""}]});
        assert_eq!(
            found(spec),
            [
                "apiSpec.paths[0].path: rule 'w': paths[0].path is \"pet\": begin it with a slash",
                "apiSpec.paths[1].path: rule 'w': paths[1].path is \"/pet/\": take the slash at its end away",
                "apiSpec.paths[2].path: rule 'w': paths[2].path is missing: give a path, such as '/pet/{petId}'",
                "apiSpec.paths[3].path: failed to unmarshal rule 'w': paths[3].path is 7: give a string",
                "apiSpec.paths[4]: failed to unmarshal rule 'w': apiSpec.paths[4] is 8: give an object",
                "apiSpec.paths[5].methods[0].method: rule 'w': methods[0].method is \"TRACE\": \
                 use one of GET, PUT, POST, DELETE, OPTIONS, HEAD, PATCH",
                "apiSpec.paths[5].methods[1].method: rule 'w': methods[1].method is \"get\": \
                 use one of GET, PUT, POST, DELETE, OPTIONS, HEAD, PATCH",
                "apiSpec.paths[5].methods[2].method: rule 'w': methods[2].method is missing: \
                 use one of GET, PUT, POST, DELETE, OPTIONS, HEAD, PATCH",
                "apiSpec.paths[5].methods[3].method: failed to unmarshal rule 'w': methods[3].method is 7: give a string",
                "apiSpec.paths[6].path: rule 'w': paths[6].path is \"\": begin it with a slash",
            ]
        );
    }

    #[test]
    fn mistakes_of_parameters() {
        let integer = |more: Value| {
            let mut parameter = json!({"name": "n", "location": "query", "type": "integer"});
            parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            parameter
        };
        for (wrong, message) in [
            (
                json!({"name": "n"}),
                "location: rule 'w': parameters[0].location is missing: \
                 use one of path, query, cookie, header, body, json, xml, formData, multipart",
            ),
            (
                json!({"location": "query"}),
                "name: rule 'w': a parameter has no name: give it the name that requests have",
            ),
            (
                integer(json!({"type": "file"})),
                "type: rule 'w': parameters[0].type is \"file\": use one of integer, number, string, boolean, array, object",
            ),
            (
                integer(json!({"style": "deepObject"})),
                "style: rule 'w': parameters[0].style is \"deepObject\": \
                 use one of simple, spaceDelimited, tabDelimited, pipeDelimited, form, matrix, label",
            ),
            (
                integer(json!({"style": 7})),
                "style: rule 'w': parameters[0].style is 7: \
                 use one of simple, spaceDelimited, tabDelimited, pipeDelimited, form, matrix, label",
            ),
            (
                integer(json!({"min": 2, "max": 1})),
                "min: rule 'w': min is 2, and max is 1: give a min that is not above max",
            ),
            (
                integer(json!({"type": "string", "max": 1})),
                "max: rule 'w': a parameter of type string has max: \
                 take it away, or make the type integer or number",
            ),
            (
                json!({"name": "n", "location": "query", "min": 1}),
                "min: rule 'w': a parameter without a type has min: \
                 take it away, or make the type integer or number",
            ),
            (
                integer(json!({"max": "1"})),
                "max: failed to unmarshal rule 'w': parameters[0].max is \"1\": give a number",
            ),
            (
                integer(json!({"required": "yes"})),
                "required: failed to unmarshal rule 'w': parameters[0].required is \"yes\": give true or false",
            ),
        ] {
            assert_eq!(parameter(wrong), [message]);
        }
    }
}
