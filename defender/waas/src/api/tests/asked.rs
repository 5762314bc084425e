//! A request in short, and what of it an API says.

use super::super::{ApiProtection, Arrived};
use crate::RequestView;
use crate::finding::Finding;
use serde_json::{Value, json};

/// A request; of what is not said there is nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a str,
    pub(super) read: bool,
}

pub(super) fn get(target: &str) -> Asked<'_> {
    Asked { method: "GET", target, headers: &[], body: "", read: true }
}

pub(super) fn check(spec: &Value, asked: &Asked<'_>) -> Option<Finding> {
    let api = ApiProtection::of(&serde_json::from_value(spec.clone()).unwrap())?;
    let (path, query) = match asked.target.split_once('?') {
        Some((path, query)) => (path, Some(query.as_bytes())),
        None => (asked.target, None),
    };
    let headers: Vec<_> = asked.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let view = RequestView {
        method: asked.method,
        path: path.as_bytes(),
        query,
        headers: &headers,
        has_body: !asked.body.is_empty(),
        body: asked.body.as_bytes(),
        body_limit: 1 << 16,
        ..RequestView::default()
    };
    let arrived = Arrived { port: 80, encrypted: false, host: "shop.test", body_read: asked.read };
    api.check(&view, &arrived)
}

/// What audits say: the message; nothing if the request is as it should be.
pub(super) fn told(spec: &Value, asked: &Asked<'_>) -> String {
    check(spec, asked).map(|found| found.message).unwrap_or_default()
}

/// An API of one operation, `/x` unless said otherwise, all violations of which are told.
pub(super) fn api(path: &str, method: &str, parameters: Value) -> Value {
    json!({"endpoints": [{"exposedPort": 80, "basePath": "*"}],
        "paths": [{"path": path, "methods": [{"method": method, "parameters": parameters}]}],
        "effect": "alert", "fallbackEffect": "prevent", "queryParamFallbackEffect": "ban"})
}

pub(super) fn query(parameter: Value) -> Value {
    let mut parameter = parameter;
    parameter["location"] = json!("query");
    api("/x", "GET", json!([parameter]))
}

pub(super) fn post<'a>(kind: &'a [(&'a str, &'a str)], body: &'a str) -> Asked<'a> {
    Asked { method: "POST", target: "/x", headers: kind, body, read: true }
}
