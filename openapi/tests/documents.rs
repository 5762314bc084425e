//! Whole documents: what becomes of them, and of those that are wrong.

use proofhouse_openapi::{DEEPEST, MOST_PARAMETERS, MOST_PATHS, import};
use proofhouse_protocol::waas_policy::ApiSpec;
use proptest::prelude::*;
use serde_json::{Value, json};

const PETS_30: &str = include_str!("documents/pets-3.0.yaml");
const PETS_31: &str = include_str!("documents/pets-3.1.yaml");
const PETS_20: &str = include_str!("documents/pets-2.0.json");

#[test]
fn pets_of_openapi_3_0() {
    insta::assert_json_snapshot!(import(PETS_30.as_bytes()).unwrap());
}

#[test]
fn pets_of_openapi_3_1() {
    insta::assert_json_snapshot!(import(PETS_31.as_bytes()).unwrap());
}

#[test]
fn pets_of_swagger_2_0() {
    insta::assert_json_snapshot!(import(PETS_20.as_bytes()).unwrap());
}

/// A document that is written in both notations is one.
#[test]
fn json_is_yaml() {
    let yaml: Value = serde_saphyr::from_str(PETS_30).unwrap();
    assert_eq!(import(yaml.to_string().as_bytes()), import(PETS_30.as_bytes()));
}

/// Operations in tens to a path, each with a parameter of every place.
fn generated(paths: usize) -> Value {
    let schema = json!({"$ref": "#/components/schemas/Number"});
    let parameter = |name: &str, place: &str| json!({"name": name, "in": place, "schema": schema});
    let operation = json!({
        "parameters": [parameter("q", "query"), parameter("X-H", "header"), parameter("c", "cookie")],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}}});
    let item = |number: usize| {
        let mut item =
            json!({"parameters": [{"name": "id", "in": "path", "required": true, "schema": schema}]});
        for method in ["get", "put", "post", "delete"] {
            item[method] = operation.clone();
        }
        (format!("/things{number}/{{id}}"), item)
    };
    let items: serde_json::Map<String, Value> = (0..paths).map(item).collect();
    json!({"openapi": "3.0.0", "paths": items, "components": {"schemas": {
        "Number": {"type": "integer", "minimum": 0},
        "Body": {"type": "object", "required": ["n"], "properties": {"n": {"$ref": "#/components/schemas/Number"}}}}}})
}

#[test]
fn two_hundred_operations() {
    let spec = import(generated(50).to_string().as_bytes()).unwrap();
    let methods: Vec<_> = spec.paths.iter().flat_map(|path| &path.methods).collect();
    assert_eq!((spec.paths.len(), methods.len()), (50, 200));
    for method in methods {
        let params = method.parameters.iter().map(|param| (param.location.word(), param.required, param.min));
        let expected =
            [("path", true), ("query", false), ("header", false), ("cookie", false), ("json", true)];
        assert_eq!(
            params.collect::<Vec<_>>(),
            expected.map(|(place, required)| (place, required, Some(0.0)))
        );
    }
}

#[expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]
fn error(document: &Value) -> String {
    import(document.to_string().as_bytes()).unwrap_err().to_string()
}

/// What a document says is quoted in part, and on one line.
#[test]
fn errors_are_short_and_of_one_line() {
    let long = "x\n".repeat(5_000);
    for document in [
        json!({"openapi": long}),
        json!({"openapi": "3.0.0", "servers": [{"url": format!("{long}://h")}]}),
        json!({"openapi": "3.0.0", "info": {"title": {}, &long: 1}, "paths": {}}),
        json!({"openapi": "3.0.0", "paths": {format!("/{long}"): {"get": []}}}),
        with_path(json!({"get": {"parameters": [{"name": "p", "in": "a\nb"}]}})),
        with_path(json!({"get": {"parameters": [{"$ref": format!("#/{long}")}]}})),
    ] {
        let text = error(&document);
        assert!(text.len() < 1_024 && !text.contains(char::is_control), "{} bytes: {text:?}", text.len());
    }
    let yaml = format!("a: *{}", "x".repeat(5_000));
    assert!(import(yaml.as_bytes()).unwrap_err().to_string().len() < 1_024);
}

/// The place of each of them would have the name of the path in it.
#[test]
fn many_parameters_of_a_path_with_a_long_name_are_imported() {
    let parameters = vec![json!({"$ref": "#/p"}); 50_000];
    let path = format!("/{}", "x".repeat(1 << 20));
    let document = json!({"openapi": "3.0.0", "p": {"name": "q", "in": "query"},
        "paths": {path: {"get": {"parameters": parameters}}}});
    assert_eq!(import(document.to_string().as_bytes()).unwrap().paths.len(), 1);
}

fn with_path(path: Value) -> Value {
    json!({"openapi": "3.0.0", "paths": {"/x": path}})
}

#[test]
fn faulty_documents_say_what_is_wrong_and_where() {
    let schema = |schema: Value| {
        with_path(json!({"get": {"parameters": [{"name": "p", "in": "query", "schema": schema}]}}))
    };
    let place = "#/paths/~1x/get/parameters/0";
    for (document, message) in [
        (json!([]), "the document is neither OpenAPI 3 nor Swagger 2: it is no object".to_owned()),
        (
            json!({"paths": {}}),
            "the document is neither OpenAPI 3 nor Swagger 2: it has neither `openapi` nor `swagger`"
                .to_owned(),
        ),
        (
            json!({"swagger": "1.2"}),
            "the document is neither OpenAPI 3 nor Swagger 2: `swagger` is `1.2`".to_owned(),
        ),
        (
            json!({"openapi": "3.0.0", "info": [], "paths": {}}),
            "`#/info`: it is a list: give an object".to_owned(),
        ),
        (
            json!({"openapi": "3.0.0", "info": {"title": 7}, "paths": {}}),
            "`#/info/title`: it is 7: give a text".to_owned(),
        ),
        (
            schema(json!({"type": "int"})),
            format!(
                "`{place}/schema/type`: it is `int`: use one of integer, number, string, boolean, array and object"
            ),
        ),
        (
            schema(json!({"$ref": "https://other.test/a.json"})),
            format!(
                "`{place}/schema/$ref`: `https://other.test/a.json` is outside of the document: \
                 put what it means into the document, and refer to it with `#/`"
            ),
        ),
        (
            schema(json!({"$ref": "#/components/schemas/None"})),
            format!(
                "`{place}/schema/$ref`: `#/components/schemas/None` is not in the document: \
                 refer to something that is there"
            ),
        ),
        (
            schema(json!({"$ref": format!("{place}/schema")})),
            format!(
                "`{place}/schema`: the reference leads around, or through too many others: \
                 let it end at what is meant"
            ),
        ),
        (
            schema(json!({"allOf": [{"$ref": format!("{place}/schema")}]})),
            format!(
                "`{place}/schema/allOf/0`: the schema leads around, or is put together too deeply: take a part out"
            ),
        ),
        (
            with_path(json!({"get": {"requestBody": {"content": []}}})),
            "`#/paths/~1x/get/requestBody/content`: it is a list: give an object".to_owned(),
        ),
    ] {
        assert_eq!(error(&document), message);
    }
    assert_eq!(
        import(b"{\"openapi\": \"3.0.0\",\n \"paths\" {}}").unwrap_err().to_string(),
        "failed to read the document: expected `:` at line 2 column 10"
    );
}

/// Short documents that stand for endless ones.
#[test]
fn bombs_are_refused() {
    let parts = |to: usize| vec![json!({"$ref": format!("#/components/schemas/S{to}")}); 8];
    let mut schemas = serde_json::Map::new();
    for level in 0..DEEPEST - 2 {
        schemas.insert(format!("S{level}"), json!({"allOf": parts(level + 1)}));
    }
    schemas.insert(format!("S{}", DEEPEST - 2), json!({"type": "integer"}));
    let mut bomb = with_path(json!({"get": {"parameters": [
        {"name": "p", "in": "query", "schema": {"$ref": "#/components/schemas/S0"}}]}}));
    bomb["components"] = json!({"schemas": schemas});
    let message = error(&bomb);
    assert!(
        message.ends_with("there are more than 500000 schemas and references to look at: split the document")
    );

    let items: serde_json::Map<String, Value> =
        (0..=MOST_PATHS).map(|number| (format!("/{number}"), json!({}))).collect();
    let message = error(&json!({"openapi": "3.0.0", "paths": items}));
    assert_eq!(message, format!("`#/paths`: there are more than {MOST_PATHS} paths: split the document"));

    let shared: Vec<_> =
        (0..1000).map(|number| json!({"name": format!("p{number}"), "in": "query"})).collect();
    let item = json!({"parameters": {"$ref": "#/shared"}, "get": {}});
    let items: serde_json::Map<String, Value> = (0..=MOST_PARAMETERS / 1000)
        .map(|number| (format!("/{number}"), json!({"$ref": "#/item"})))
        .collect();
    let many = json!({"openapi": "3.0.0", "paths": items, "item": {"parameters": shared, "get": {}}});
    assert_eq!(error(&many), "`#/item/get`: there are more than 100000 parameters: split the document");
    // A list is no place for a reference.
    let wrong = with_path(item);
    assert_eq!(error(&wrong), "`#/paths/~1x/parameters`: it is an object: give a list");
}

/// Documents that are nearly right: every word of the specification, at any place.
fn tree() -> impl Strategy<Value = Value> {
    let words = [
        "query",
        "path",
        "header",
        "body",
        "formData",
        "integer",
        "array",
        "object",
        "null",
        "#/paths",
        "#/a/b",
        "#",
        "int32",
        "form",
        "simple",
        "application/json",
        "/x",
        "https://h/{v}",
        "multi",
        "x-",
    ];
    let names = [
        "openapi",
        "swagger",
        "paths",
        "/x",
        "/x/{id}",
        "get",
        "post",
        "parameters",
        "name",
        "in",
        "schema",
        "type",
        "items",
        "allOf",
        "anyOf",
        "oneOf",
        "$ref",
        "properties",
        "required",
        "requestBody",
        "content",
        "application/json",
        "multipart/form-data",
        "text/xml",
        "servers",
        "url",
        "variables",
        "host",
        "schemes",
        "minimum",
        "exclusiveMaximum",
        "style",
        "explode",
        "collectionFormat",
        "consumes",
        "nullable",
        "xml",
        "encoding",
        "components",
        "info",
        "a",
        "b",
    ];
    let leaf = prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(Value::from).boxed(),
        any::<bool>().prop_map(Value::from).boxed(),
        any::<f64>().prop_map(Value::from).boxed(),
        Just(Value::Null).boxed(),
    ];
    let names = proptest::sample::select(names.to_vec());
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..6).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[a-z0-9{}\\[\\]:,&*!|>#'\"/ \n-]{0,120}") {
        let _ = import(text.as_bytes());
    }

    #[test]
    fn no_tree_makes_it_panic(tree in tree(), version in proptest::sample::select(&["3.0.0", "3.1.0", ""][..])) {
        let mut tree = tree;
        if let Some(members) = tree.as_object_mut() {
            let (name, version) = if version.is_empty() { ("swagger", "2.0") } else { ("openapi", version) };
            members.insert(name.to_owned(), version.into());
        }
        let _ = import(tree.to_string().as_bytes());
    }

    /// Whatever is taken out or put in somewhere: an answer, never a panic, and what is imported is a policy.
    #[test]
    fn no_change_makes_it_panic(at in 0usize..4000, length in 0usize..40, put in "[a-z0-9{}:\\[\\], \n-]{0,8}", which in 0usize..3) {
        let text = [PETS_30, PETS_31, PETS_20][which];
        let at = at % text.len();
        let changed = [&text[..at], put.as_str(), &text[(at + length).min(text.len())..]].concat();
        if let Ok(spec) = import(changed.as_bytes()) {
            let written = serde_json::to_value(&spec).unwrap();
            prop_assert_eq!(serde_json::from_value::<ApiSpec>(written).unwrap(), spec);
        }
    }
}
