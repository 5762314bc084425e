//! Parameters in bodies.

use super::asked::{Asked, api, post, told};
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn members_of_json() {
    let spec = api(
        "/x",
        "POST",
        json!([{"name": "age", "location": "json", "type": "integer", "required": true, "min": 0},
            {"name": "name", "location": "json", "type": "string"},
            {"name": "note", "location": "json", "type": "string", "allowEmptyValue": true},
            {"name": "ids", "location": "json", "type": "integer", "array": true},
            {"name": "deep", "location": "json", "type": "object"}, {"name": "any", "location": "json"}]),
    );
    let json = [("Content-Type", "application/json")];
    for (body, message) in [
        (r#"{"age": 7, "name": "x", "note": null, "ids": [1, 2], "deep": {"age": "x"}, "any": null}"#, ""),
        (r#"{"age": 7, "note": "", "ids": []}"#, ""),
        (r#"{"age": "7"}"#, "JSON parameter age has the value 7, which is no integer"),
        (r#"{"age": -1}"#, "JSON parameter age has the value -1, which is less than 0"),
        (r#"{"age": 7, "age": -1}"#, "JSON parameter age has the value -1, which is less than 0"),
        (r#"{"age": 7, "AGE": -1}"#, "JSON parameter age has the value -1, which is less than 0"),
        (r#"{"age": null}"#, "JSON parameter age has the value null, which is empty"),
        (r#"{"age": 7, "name": ""}"#, "JSON parameter name has the value , which is empty"),
        (r#"{"age": 7, "name": 1}"#, "JSON parameter name has the value 1, which is no string"),
        (r#"{"age": 7, "ids": 1}"#, "JSON parameter ids has the value 1, which is no array"),
        (r#"{"age": 7, "ids": [1, "a"]}"#, "JSON parameter ids has the value a, which is no integer"),
        (r#"{"age": 7, "deep": []}"#, "JSON parameter deep has the value [], which is no object"),
        (r#"{"name": "x"}"#, "Request has no JSON parameter age"),
        (r#"{"deep": {"age": 7}}"#, "Request has no JSON parameter age"),
        ("{}", "Request has no JSON parameter age"),
        ("", "Request has no JSON parameter age"),
        (r#"{"age": 7"#, "Request body is no JSON to its end"),
        (r#"{"age": 7} x"#, "Request body is no JSON to its end"),
        (r#"{"age": -1, 'x'}"#, "Request body is no JSON to its end"),
    ] {
        assert_eq!(told(&spec, &post(&json, body)), message, "{body}");
        if !body.is_empty() {
            assert_eq!(told(&spec, &post(&[("Content-Type", "text/plain")], body)), message, "{body}");
        }
    }
    // What was not read to its end is judged by what was seen, and what was not read at all is not judged.
    for (body, message) in [
        (r#"{"name": "x", "age": 7"#, ""),
        (r#"{"name": 5, "note": "x", "ag"#, "JSON parameter name has the value 5, which is no string"),
        ("", ""),
    ] {
        assert_eq!(told(&spec, &Asked { read: false, ..post(&json, body) }), message, "{body}");
    }
}

#[test]
fn fields_of_forms_and_parts() {
    let field = |location: &str| {
        json!([{"name": "n", "location": location, "type": "integer", "required": true},
            {"name": "f", "location": location, "type": "string"},
            {"name": "l", "location": location, "type": "integer", "array": true, "explode": true}])
    };
    let form = [("Content-Type", FORM)];
    let spec = api("/x", "POST", field("formData"));
    for (body, right) in [
        ("n=7&f=x&other=1", true),
        ("n=7&l=1&l=2", true),
        ("n=7&l=1&l=a", false),
        ("n=7&n=a", false),
        ("f=x", false),
        ("n=7&f=", false),
        ("", false),
    ] {
        assert_eq!(told(&spec, &post(&form, body)).is_empty(), right, "{body}");
    }
    let parts = [("Content-Type", "multipart/form-data; boundary=\"B b\"")];
    let spec = api("/x", "POST", field("multipart"));
    let part = |name: &str, more: &str, value: &str| {
        format!("--B b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
    };
    let file = "; filename=\"x\"";
    for (body, right) in [
        (part("n", "", "7") + &part("f", file, "content"), true),
        (part("n", "", "7") + &part("l", "", "1") + &part("l", "", "2"), true),
        (part("n", "", "7") + &part("l", "", "a"), false),
        (part("n", file, "7"), false),
        (part("n", "", "a"), false),
        (part("f", "", "7"), false),
        (part("m", "", "7") + &part("n", "", ""), false),
    ] {
        let body = body + "--B b--\r\n";
        assert_eq!(told(&spec, &post(&parts, &body)).is_empty(), right, "{body}");
    }
    assert_eq!(told(&spec, &post(&form, "n=7")), "Request has no multipart parameter n");
}

#[test]
fn children_of_xml() {
    let spec = api(
        "/x",
        "POST",
        json!([{"name": "n", "location": "xml", "type": "integer", "required": true, "min": 2, "max": 99},
            {"name": "l", "location": "xml", "type": "integer", "array": true},
            {"name": "o", "location": "xml", "type": "object"},
            {"name": "e", "location": "xml", "type": "string", "allowEmptyValue": true}]),
    );
    let xml = [("Content-Type", "application/xml")];
    for (body, right) in [
        ("<?xml version='1.0'?><r><n>7</n><l>1</l><l>2</l><o><a>x</a></o><e/></r>", true),
        ("<r><s:n>7</s:n><l><i>1</i><i>2</i></l></r>", true),
        ("<r><n><![CDATA[7]]></n></r>", true),
        ("<r><n>7</n><n>a</n></r>", false),
        ("<r><n>7</n><s:n>a</s:n></r>", false),
        ("<r><n>7</n><l><i>a</i></l></r>", false),
        ("<r><n>5<!--0-->50</n></r>", false),
        ("<r><n>1<![CDATA[5]]></n></r>", false),
        ("<r><n>9<!-- no number --></n></r>", true),
        ("<r><n> 9 <!-- --> </n></r>", true),
        ("<r><n>9<!--.0-->9</n></r>", true),
        ("<r><n>9<!--.0-->90</n></r>", false),
        ("<r><n>9<?x?>9<b/>9</n></r>", false),
        ("<r><n>9<b>9</b>9</n></r>", false),
        ("<r><n>7</n><l><i>5<!-- -->a</i></l></r>", false),
        ("<r><n/></r>", false),
        ("<r><o/></r>", false),
        ("", false),
    ] {
        assert_eq!(told(&spec, &post(&xml, body)).is_empty(), right, "{body}");
    }
}

#[test]
fn whole_bodies() {
    let body = |kind: &str, array: bool| {
        api("/x", "POST", json!([{"location": "body", "type": kind, "array": array, "required": true}]))
    };
    let json = [("Content-Type", "application/json")];
    let text = [("Content-Type", "text/plain")];
    for (spec, kind, sent, right) in [
        (body("object", false), &json, "{\"a\": 1}", true),
        (body("object", false), &json, "[1]", false),
        (body("object", false), &json, "{\"a\": ", false),
        (body("integer", true), &json, "[1, 2]", true),
        (body("integer", true), &json, "[1, \"a\"]", false),
        (body("integer", true), &json, "{}", false),
        (body("array", false), &json, "[{}]", true),
        (body("integer", false), &text, "7\n", true),
        (body("integer", false), &text, "x", false),
        (body("string", false), &text, "{x", true),
        (body("string", false), &text, "", false),
    ] {
        assert_eq!(told(&spec, &post(kind, sent)).is_empty(), right, "{spec} {sent}");
    }
}
