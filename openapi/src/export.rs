//! From what a firewall learned to a document of OpenAPI 3.0 (section 2.16 of `reference/waas.md`).

use crate::limits::MOST_ENDPOINTS;
use proofhouse_protocol::{DiscoveredApi, LearnedParam};
use serde_json::{Map, Value, json};

/// The document of these APIs, which [`crate::import`] takes: every request that they were learned from conforms to it. Its servers are the
/// endpoints that requests came to, hosts with their wildcards; paths are from the root.
#[must_use]
pub fn export(title: &str, apis: &[DiscoveredApi]) -> Value {
    let mut servers: Vec<Value> = Vec::new();
    let mut paths: Map<String, Value> = Map::new();
    for api in apis {
        let scheme = if api.tls { "https" } else { "http" };
        let server = json!({"url": format!("{scheme}://{}:{}/", api.host, api.port)});
        if !servers.contains(&server) && servers.len() < MOST_ENDPOINTS {
            servers.push(server);
        }
        let item = paths.entry(api.path.clone()).or_insert_with(|| json!({}));
        let operation = &mut item[api.method.to_ascii_lowercase()];
        // The same resource of several servers is one, and takes what either does.
        *operation = operation_of(api, operation.take());
    }
    json!({"openapi": "3.0.3", "info": {"title": title, "version": "1.0.0"}, "servers": servers, "paths": paths})
}

fn operation_of(api: &DiscoveredApi, former: Value) -> Value {
    let path = api.path_params.iter().map(|param| parameter("path", param));
    let query = api.query_params.iter().map(|param| parameter("query", param));
    let mut parameters: Vec<Value> = former["parameters"].as_array().cloned().unwrap_or_default();
    for sent in path.chain(query) {
        let same = |known: &&mut Value| known["name"] == sent["name"] && known["in"] == sent["in"];
        match parameters.iter_mut().find(same) {
            Some(known) if *known == sent => {}
            Some(known) => widen(known),
            None => parameters.push(sent),
        }
    }
    let content: Map<String, Value> =
        api.content_types.iter().map(|kind| (kind.clone(), json!({}))).collect();
    let mut responses = former["responses"].as_object().cloned().unwrap_or_default();
    for status in &api.statuses {
        responses.insert(status.to_string(), json!({"description": "seen", "content": content}));
    }
    json!({"parameters": parameters, "responses": responses})
}

fn parameter(place: &str, param: &LearnedParam) -> Value {
    let mut written = json!({"name": param.name, "in": place, "schema": {"type": param.kind.word()}});
    match place {
        "path" => written["required"] = json!(true),
        _ => written["allowEmptyValue"] = json!(param.allow_empty_value),
    }
    written
}

/// Any text.
fn widen(parameter: &mut Value) {
    parameter["schema"] = json!({"type": "string"});
    if parameter["in"] == "query" {
        parameter["allowEmptyValue"] = json!(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import;
    use proofhouse_protocol::waas_policy::{ParamLocation, ParamType};

    fn api(
        port: u16,
        method: &str,
        path: &str,
        id: &[ParamType],
        query: &[(&str, ParamType)],
    ) -> DiscoveredApi {
        let param = |name: &str, kind| LearnedParam { name: name.to_owned(), kind, allow_empty_value: false };
        DiscoveredApi {
            rule_app_id: "app-1".into(),
            host: "*".into(),
            port,
            tls: port == 443,
            method: method.into(),
            path: path.into(),
            path_params: id.iter().map(|kind| param("id", *kind)).collect(),
            query_params: query.iter().map(|(name, kind)| param(name, *kind)).collect(),
            statuses: vec![200, 304],
            content_types: vec!["application/json".into()],
        }
    }

    #[test]
    fn what_is_exported_is_imported() {
        use ParamType::{Integer, String};
        let apis = [
            api(8080, "GET", "/pets/{id}", &[Integer], &[("q", Integer)]),
            api(443, "GET", "/pets/{id}", &[String], &[("q", String), ("x", Integer)]),
            api(8080, "POST", "/", &[], &[]),
        ];
        let document = export("app-1", &apis);
        assert_eq!(document["openapi"], "3.0.3");
        let spec = import(document.to_string().as_bytes()).unwrap();
        let endpoints: Vec<_> = spec
            .endpoints
            .iter()
            .map(|one| (one.host.as_str(), one.base_path.as_str(), one.exposed_port, one.tls))
            .collect();
        assert_eq!(endpoints, [("*", "*", 8080, false), ("*", "*", 443, true)]);
        let mut seen = Vec::new();
        for path in &spec.paths {
            for method in &path.methods {
                for param in &method.parameters {
                    let location = param.location == ParamLocation::Path;
                    assert_eq!(param.required, location);
                    seen.push((
                        method.method.as_str(),
                        path.path.as_str(),
                        param.name.as_str(),
                        param.kind.unwrap(),
                    ));
                }
            }
        }
        seen.sort_by_key(|found| found.2);
        let path = "/pets/{id}";
        assert_eq!(
            seen,
            [("GET", path, "id", String), ("GET", path, "q", String), ("GET", path, "x", Integer)]
        );
        assert_eq!(spec.paths.len(), 2);
        assert_eq!(
            document["paths"]["/"]["post"]["responses"]["304"]["content"],
            json!({"application/json": {}})
        );
    }

    #[test]
    fn nothing_is_a_document_too() {
        let spec = import(export("none", &[]).to_string().as_bytes()).unwrap();
        assert!(spec.paths.is_empty());
    }
}
