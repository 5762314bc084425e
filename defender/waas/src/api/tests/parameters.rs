//! Parameters in the head of a request.

use super::asked::{Asked, api, get, query, told};
use serde_json::json;

#[test]
fn numbers_within_bounds_for_every_method() {
    for method in ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"] {
        let number =
            json!([{"name": "number", "location": "query", "type": "number", "min": 100, "max": 200}]);
        let spec = api("/api_observation/merchants/big", method, number);
        for (value, message) in [
            ("150", ""),
            ("99", "Query parameter number has the value 99, which is less than 100"),
            ("300", "Query parameter number has the value 300, which is more than 200"),
            ("notnumber", "Query parameter number has the value notnumber, which is no number"),
        ] {
            let target = format!("/api_observation/merchants/big?number={value}");
            assert_eq!(told(&spec, &Asked { method, ..get(&target) }), message);
        }
    }
}

#[test]
fn required_and_empty() {
    for (parameter, target, message) in [
        (json!({"name": "a"}), "/x", ""),
        (json!({"name": "a", "required": true}), "/x", "Request has no query parameter a"),
        (json!({"name": "a", "required": true}), "/x?A=1", "Request has no query parameter a"),
        (json!({"name": "a", "required": true}), "/x?a=1", ""),
        (json!({"name": "a"}), "/x?a=", "Query parameter a has the value , which is empty"),
        (json!({"name": "a"}), "/x?a", "Query parameter a has the value , which is empty"),
        (json!({"name": "a", "allowEmptyValue": true, "required": true, "type": "integer"}), "/x?a", ""),
    ] {
        let spec = query(parameter);
        let mut found = told(&spec, &get(target));
        if found.contains("not part of the API") {
            found.clear();
        }
        assert_eq!(found, message, "{target}");
    }
}

#[test]
fn every_value_is_checked_and_decoded_once() {
    let spec = query(json!({"name": "n m", "type": "integer"}));
    for (target, right) in [
        ("/x?n+m=1", true),
        ("/x?n%20m=%31", true),
        ("/x?n+m=%2531", false),
        ("/x?n+m=1&n+m=a", false),
        ("/x?n+m=a&n+m=1", false),
        ("/x?n+m=1,2", false),
        ("/x?N+M=a", false),
        ("/x?", true),
    ] {
        assert_eq!(told(&spec, &get(target)).is_empty(), right, "{target}");
    }
}

#[test]
fn lists_in_each_notation() {
    let list = |style: &str, explode: bool| json!({"name": "n", "type": "integer", "array": true, "style": style, "explode": explode});
    for (style, explode, good, bad) in [
        ("form", true, &["n=1&n=2", "n=1"][..], &["n=1,2", "n=1&n=a"][..]),
        ("form", false, &["n=1,2", "n=1%2C2", "n=1,2&n=3"], &["n=1,a", "n=1,,2", "n=1%202", "n=1&n=a"]),
        ("simple", false, &["n=1,2"], &["n=1|2"]),
        ("", false, &["n=1,2"], &["n=1|2"]),
        ("spaceDelimited", false, &["n=1%202", "n=1+2"], &["n=1,2", "n=1%20a"]),
        ("pipeDelimited", false, &["n=1|2", "n=1%7C2"], &["n=1,2", "n=1|a"]),
        ("tabDelimited", false, &["n=1%092"], &["n=1,2", "n=1%09a"]),
    ] {
        let spec = query(list(style, explode));
        for (queries, right) in [(good, true), (bad, false)] {
            for query in queries {
                assert_eq!(told(&spec, &get(&format!("/x?{query}"))).is_empty(), right, "{style} {query}");
            }
        }
    }
}

#[test]
fn lists_and_values_in_the_path() {
    for (style, explode, array, good, bad) in [
        ("simple", false, true, &["1,2", "1"][..], &["1,a", ".1"][..]),
        ("label", false, true, &[".1,2", ".1"], &["1,2", ".1.2", ".a"]),
        ("label", true, true, &[".1.2"], &[".1,2", ".1.a"]),
        ("matrix", false, true, &[";n=1,2"], &["1", ";m=1", ";n=1;n=2", ";n=a"]),
        ("matrix", true, true, &[";n=1;n=2", ";n=1"], &[";n=1,2", ";n=1;m=2", ";n=1;n=a"]),
        ("label", false, false, &[".7"], &["7", ".1,2", "."]),
        ("matrix", false, false, &[";n=7"], &["7", ";n=", ";n=7;x"]),
    ] {
        let parameter = json!([{"name": "n", "location": "path", "type": "integer", "array": array,
            "style": style, "explode": explode}]);
        let spec = api("/x/{n}", "GET", parameter);
        for (segments, right) in [(good, true), (bad, false)] {
            for segment in segments {
                assert_eq!(
                    told(&spec, &get(&format!("/x/{segment}"))).is_empty(),
                    right,
                    "{style} {segment}"
                );
            }
        }
    }
}

#[test]
fn headers_and_cookies() {
    let spec = api(
        "/x",
        "GET",
        json!([{"name": "X-Ids", "location": "header", "type": "integer", "array": true, "required": true},
            {"name": "X-One", "location": "header", "type": "integer"},
            {"name": "level", "location": "cookie", "type": "integer", "max": 9},
            {"name": "tags", "location": "cookie", "type": "integer", "array": true}]),
    );
    let ids = ("x-ids", "1, 2,3");
    for (headers, message) in [
        (&[ids][..], ""),
        (&[ids, ("X-IDS", "4")], ""),
        (&[], "Request has no header X-Ids"),
        (&[ids, ("Connection", "x-ids")], "Request has no header X-Ids"),
        (&[ids, ("X-Ids", "1,a")], "Header X-Ids has the value a, which is no integer"),
        (&[ids, ("X-One", "1, 2")], "Header X-One has the value 1, 2, which is no integer"),
        (&[ids, ("Cookie", "level=7; other=x; tags=1,2"), ("Cookie", "level=\"8\"")], ""),
        (&[ids, ("Cookie", "level=10")], "Cookie level has the value 10, which is more than 9"),
        (&[ids, ("Cookie", "level=1; level=x")], "Cookie level has the value x, which is no integer"),
        (&[ids, ("Cookie", "LEVEL=x")], "Cookie level has the value x, which is no integer"),
        (&[ids, ("Cookie", "tags=1,a")], "Cookie tags has the value a, which is no integer"),
    ] {
        assert_eq!(told(&spec, &Asked { headers, ..get("/x") }), message, "{headers:?}");
    }
}

#[test]
fn a_query_parameter_of_type_object_has_any_names() {
    let spec = query(json!({"name": "filter", "type": "object", "explode": true}));
    assert_eq!(told(&spec, &get("/x?filter[a]=1&b=2")), "");
    let spec = query(json!({"name": "a"}));
    assert_eq!(told(&spec, &get("/x?a=1&b=2")), "Query parameter b is not part of the API at GET /x");
}
