//! Paths, methods, and which effect is whose.

use super::super::ApiProtection;
use super::asked::{Asked, api, check, get, told};
use serde_json::{Value, json};

#[test]
fn an_app_without_paths_has_no_api() {
    let endpoints = json!([{"exposedPort": 80}]);
    let none = json!({"endpoints": endpoints, "effect": "ban", "fallbackEffect": "ban"});
    assert!(ApiProtection::of(&serde_json::from_value(none).unwrap()).is_none());
    let mut off = api("/x", "GET", json!([]));
    for effect in ["effect", "fallbackEffect", "queryParamFallbackEffect"] {
        off[effect] = json!("disable");
    }
    assert!(ApiProtection::of(&serde_json::from_value(off).unwrap()).is_none());
}

#[test]
fn the_first_violation_alone_is_told_with_its_effect() {
    let spec = api("/x", "GET", json!([{"name": "n", "location": "query", "type": "integer"}]));
    let effect = |spec: &Value, method: &str, target: &str| {
        let found = check(spec, &Asked { method, ..get(target) });
        found.map(|found| (found.effect.to_string(), found.field.kind)).unwrap_or_default()
    };
    let pair = |effect: &str, kind: &str| (effect.to_owned(), kind.to_owned());
    assert_eq!(effect(&spec, "GET", "/x?n=1"), pair("", ""));
    assert_eq!(effect(&spec, "GET", "/x?n=a&y=1"), pair("alert", "query"));
    assert_eq!(effect(&spec, "GET", "/y?n=a&y=1"), pair("prevent", "url"));
    assert_eq!(effect(&spec, "POST", "/x?n=a&y=1"), pair("prevent", "method"));
    assert_eq!(effect(&spec, "get", "/x"), pair("prevent", "method"));
    assert_eq!(effect(&spec, "GET", "/x?n=1&y=1"), pair("ban", "queryParamName"));
    let mut quiet = spec.clone();
    quiet["effect"] = json!("disable");
    assert_eq!(effect(&quiet, "GET", "/x?n=a"), pair("", ""));
    assert_eq!(effect(&quiet, "GET", "/x?n=a&y=1"), pair("ban", "queryParamName"));
    quiet["fallbackEffect"] = json!("reCAPTCHA");
    assert_eq!(effect(&quiet, "GET", "/y?y=1"), pair("", ""));
}

#[test]
fn paths_and_methods() {
    let spec = json!({"endpoints": [{"exposedPort": 80, "basePath": "/api/v2/*", "host": "shop.test"},
            {"exposedPort": 80, "basePath": "/old/*"}, {"exposedPort": 81, "basePath": "/next/*"}],
        "paths": [{"path": "/product", "methods": [{"method": "GET"}, {"method": "POST"}]},
            {"path": "/product", "methods": [{"method": "PATCH"}]},
            {"path": "/pet/{petId}", "methods": [{"method": "GET", "parameters": [
                {"name": "petId", "location": "path", "type": "integer", "required": true}]}]},
            {"path": "/pet/mine", "methods": [{"method": "GET"}]}, {"path": "/", "methods": [{"method": "GET"}]}],
        "effect": "alert", "fallbackEffect": "prevent"});
    let unknown = |path: &str| format!("Path {path} is not part of the API");
    for path in ["/api/v2/product", "/old/product", "/api/v2/pet/7", "/api/v2/pet/mine", "/api/v2/"] {
        assert_eq!(told(&spec, &get(path)), "", "{path}");
    }
    for path in [
        "/api/v2/products",
        "/api/v2/product/",
        "/api/v2/Product",
        "/API/v2/product",
        "/api/v2/product/../pet/7",
        "/api/v2//product",
        "/api/v2/product%2f",
        "/api/v2/pet%2F7",
        "/next/product",
        "/product",
    ] {
        assert_eq!(told(&spec, &get(path)), unknown(path));
    }
    assert_eq!(
        told(&spec, &get("/api/v2/pet/x")),
        "Path parameter petId has the value x, which is no integer"
    );
    for method in ["POST", "PATCH"] {
        assert_eq!(told(&spec, &Asked { method, ..get("/api/v2/product") }), "");
    }
    for (method, target, resource) in [
        ("DELETE", "/api/v2/product", "/product"),
        ("HEAD", "/api/v2/product", "/product"),
        ("POST", "/api/v2/pet/mine", "/pet/mine"),
        ("POST", "/api/v2/pet/7", "/pet/{petId}"),
    ] {
        let message = format!("Method {method} is not part of the API at {resource}");
        assert_eq!(told(&spec, &Asked { method, ..get(target) }), message);
    }
}

#[test]
fn a_path_is_right_in_every_reading() {
    let parameters = json!([{"name": "file", "location": "path", "type": "string"}]);
    let spec = api("/files/{file}", "GET", parameters);
    for path in ["/files/a%20b", "/files/50%25", "/files/a;v=1", "/%66iles/a", "/files/%E2%82%AC"] {
        assert_eq!(told(&spec, &get(path)), "", "{path}");
    }
    for path in ["/files/a%2Fb", "/files/a%252Fb", "/files/a%5Cb", "/files/..", "/files/%2e%2e", "/files/%00"]
    {
        assert!(told(&spec, &get(path)).starts_with("Path /files/"), "{path}");
    }
    let mut two = spec.clone();
    let secret = json!({"path": "/files/secret", "methods": [{"method": "POST"}]});
    two["paths"].as_array_mut().unwrap().push(secret);
    assert_eq!(told(&two, &get("/files/public;x")), "");
    assert_eq!(told(&two, &get("/files/secret;x")), "Method GET is not part of the API at /files/secret");
    let number = api("/n/{n}", "GET", json!([{"name": "n", "location": "path", "type": "integer"}]));
    assert_eq!(told(&number, &get("/n/%37")), "");
    assert!(told(&number, &get("/n/%2537")).ends_with("which is no integer"));
    assert!(told(&number, &get("/n/7;x")).ends_with("which is no integer"));
}
