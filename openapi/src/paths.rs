//! Paths with their methods.

use crate::body;
use crate::document::Version;
use crate::error::ImportError;
use crate::form;
use crate::limits::{MOST_PARAMETERS, MOST_PATHS};
use crate::node::Node;
use crate::parameter::Declared;
use proofhouse_protocol::waas_policy::{ApiMethod, ApiPath, Param};
use serde_json::Map;
use std::collections::HashMap;

/// Methods that the policy has words for.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Every path of a document.
pub(crate) fn paths(root: &Node<'_>) -> Result<Vec<ApiPath>, ImportError> {
    let Some(declared) = root.member("paths") else {
        // A document of OpenAPI 3.1 may be of components only.
        return match root.document.version {
            Version::OpenApi31 => Ok(Vec::new()),
            _ => Err(root.wrong("it has no `paths`", "declare the paths of the API")),
        };
    };
    let declared = declared.members()?.into_iter().filter(|(path, _)| !path.starts_with("x-"));
    let mut paths: Vec<ApiPath> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut left = MOST_PARAMETERS;
    for (path, item) in declared {
        let path = plain(path, &item)?;
        let methods = methods(item, root, &mut left)?;
        match known.get(&path) {
            Some(at) => {
                let at: &mut ApiPath = &mut paths[*at];
                let new =
                    methods.into_iter().filter(|new| at.methods.iter().all(|old| old.method != new.method));
                let new: Vec<_> = new.collect();
                at.methods.extend(new);
            }
            None => {
                known.insert(path.clone(), paths.len());
                paths.push(ApiPath { path, methods, extra: Map::new() });
            }
        }
        if paths.len() > MOST_PATHS {
            let place = root.place.below("paths").to_string();
            return Err(ImportError::TooMany { place, what: "paths", limit: MOST_PATHS });
        }
    }
    Ok(paths)
}

/// Without a slash at the end, as the policy wants it.
fn plain(path: &str, item: &Node<'_>) -> Result<String, ImportError> {
    if !path.starts_with('/') {
        return Err(item.wrong("the path does not begin with a slash", "begin it with one"));
    }
    if path.contains(['?', '#']) {
        return Err(item.wrong("the path has a query", "declare query parameters instead"));
    }
    let plain = path.trim_end_matches('/');
    Ok(if plain.is_empty() { "/" } else { plain }.to_owned())
}

fn methods(item: Node<'_>, root: &Node<'_>, left: &mut usize) -> Result<Vec<ApiMethod>, ImportError> {
    let item = item.resolved()?;
    let shared = declared(&item)?;
    let operations = item.members()?.into_iter().filter(|(name, _)| METHODS.contains(name));
    operations
        .map(|(method, operation)| {
            operation.object()?;
            let parameters = parameters(&operation, shared.clone(), root)?;
            *left = left.checked_sub(parameters.len()).ok_or_else(|| ImportError::TooMany {
                place: operation.place.to_string(),
                what: "parameters",
                limit: MOST_PARAMETERS,
            })?;
            Ok(ApiMethod { method: method.to_ascii_uppercase(), parameters, extra: Map::new() })
        })
        .collect()
}

/// Those of a path or an operation.
fn declared<'d>(of: &Node<'d>) -> Result<Vec<Declared<'d>>, ImportError> {
    let list = of.member("parameters").map(|parameters| parameters.items()).transpose()?;
    let mut found = Vec::new();
    for parameter in list.unwrap_or_default() {
        found.extend(Declared::of(parameter)?);
    }
    Ok(found)
}

/// Those of an operation go before those of its path.
fn parameters<'d>(
    operation: &Node<'d>,
    shared: Vec<Declared<'d>>,
    root: &Node<'_>,
) -> Result<Vec<Param>, ImportError> {
    let own = declared(operation)?;
    let rest = shared.into_iter().filter(|shared| !own.iter().any(|own| own.is_same(shared)));
    let all: Vec<_> = rest.chain(own.iter().cloned()).collect();
    let consumes = match operation.texts_of("consumes")? {
        own if operation.member("consumes").is_some() => own,
        _ if root.document.version == Version::Swagger2 => root.texts_of("consumes")?,
        none => none,
    };
    let (mut params, mut fields) = (Vec::new(), Vec::new());
    let mut bodies = Vec::new();
    for declared in all {
        match declared {
            Declared::Head(param) => params.push(param),
            Declared::Field(param, file) => fields.push((param, file)),
            Declared::Body(node) => bodies.extend(body::swagger2(&node, &consumes)?),
        }
    }
    if !fields.is_empty() {
        params.extend(form::fields(fields, &consumes));
    }
    params.extend(bodies);
    if root.document.version != Version::Swagger2
        && let Some(body) = operation.member("requestBody")
    {
        params.extend(body::openapi3(body)?);
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use serde_json::{Value, json};

    fn read(paths: Value) -> Result<Vec<String>, String> {
        let document = Document::of(json!({"openapi": "3.0.0", "paths": paths,
            "shared": {"put": {}, "parameters": [{"name": "p", "in": "query"}]}}))
        .unwrap();
        let found = super::paths(&document.root()).map_err(|error| error.to_string())?;
        let param = |param: &Param| format!("{}:{}", param.location.word(), param.name);
        let method = |method: &ApiMethod| {
            let params = method.parameters.iter().map(param).collect::<Vec<_>>().join(" ");
            format!("{}({params})", method.method)
        };
        let path = |path: &ApiPath| {
            format!("{} {}", path.path, path.methods.iter().map(method).collect::<Vec<_>>().join(" "))
        };
        Ok(found.iter().map(path).collect())
    }

    #[test]
    fn operations_go_before_their_path() {
        let found = read(json!({"/a/{x}": {
            "summary": "s", "x-own": 1,
            "parameters": [{"name": "x", "in": "path"}, {"name": "q", "in": "query"}, {"name": "X-H", "in": "header"}],
            "get": {"parameters": [{"name": "q", "in": "query", "required": true}, {"name": "q", "in": "cookie"}]},
            "post": {"parameters": [{"name": "x-h", "in": "header"}]}, "trace": {}, "patch": null}}));
        let expected = "/a/{x} GET(path:x header:X-H query:q cookie:q) POST(path:x query:q header:x-h)";
        assert_eq!(found.unwrap(), [expected]);
    }

    #[test]
    fn slashes_at_the_end_are_taken_away() {
        let found =
            read(json!({"/a/": {"get": {}}, "/": {"get": {}}, "/a": {"get": {}, "put": {}}, "x-a": 7,
            "/r": {"$ref": "#/shared"}}));
        assert_eq!(found.unwrap(), ["/a GET() PUT()", "/ GET()", "/r PUT(query:p)"]);
    }

    #[test]
    fn mistakes_have_a_place() {
        for (paths, message) in [
            (json!({"a": {}}), "`#/paths/a`: the path does not begin with a slash: begin it with one"),
            (
                json!({"/a?b=1": {}}),
                "`#/paths/~1a?b=1`: the path has a query: declare query parameters instead",
            ),
            (json!({"/a": []}), "`#/paths/~1a`: it is a list: give an object"),
            (json!({"/a": {"get": []}}), "`#/paths/~1a/get`: it is a list: give an object"),
            (
                json!({"/a": {"get": {"parameters": {}}}}),
                "`#/paths/~1a/get/parameters`: it is an object: give a list",
            ),
            (
                json!({"/a": {"get": {"parameters": [{"name": "p"}]}}}),
                "`#/paths/~1a/get/parameters/0`: it has no `in`: say where the parameter stands",
            ),
            (
                json!({"/a": {"$ref": "other.yaml"}}),
                "`#/paths/~1a/$ref`: `other.yaml` is outside of the document: put what it means into the document, and refer to it with `#/`",
            ),
            (json!([]), "`#/paths`: it is a list: give an object"),
        ] {
            assert_eq!(read(paths), Err(message.to_owned()));
        }
    }

    #[test]
    fn a_document_without_paths() {
        let read = |tree: Value| {
            let document = Document::of(tree).unwrap();
            paths(&document.root()).map_err(|error| error.to_string())
        };
        assert_eq!(read(json!({"openapi": "3.1.0"})), Ok(Vec::new()));
        for tree in [json!({"openapi": "3.0.0"}), json!({"swagger": "2.0", "paths": null})] {
            assert_eq!(read(tree), Err("`#`: it has no `paths`: declare the paths of the API".to_owned()));
        }
    }
}
