//! OpenAPI documents through the API.

use crate::support::House;
use reqwest::Method;
use serde_json::{Value, json};

const IMPORT: &str = "/policies/firewall/app/apispec";
const WAAS: &str = "/policies/firewall/app/app-embedded";

const YAML: &str = "
openapi: 3.0.3
info: {title: Shop, version: '1'}
servers: [{url: 'https://shop.test/api'}]
paths:
  /product/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
";

#[tokio::test]
async fn a_document_becomes_an_api_that_a_policy_may_have() {
    let house = House::new().await;
    let reply = house.api().send(Method::POST, IMPORT, YAML.to_owned()).await;
    assert_eq!(reply.status, 200);
    let mut spec = reply.json();
    assert_eq!(
        spec,
        json!({
            "description": "Shop", "effect": "disable", "fallbackEffect": "disable",
            "queryParamFallbackEffect": "disable",
            "endpoints": [{"host": "shop.test", "basePath": "/api/*", "exposedPort": 443, "internalPort": 0,
                "tls": true, "http2": false, "grpc": false}],
            "paths": [{"path": "/product/{id}", "methods": [{"method": "GET", "parameters": [
                {"name": "id", "location": "path", "type": "integer", "style": "simple", "required": true,
                 "allowEmptyValue": false, "array": false, "explode": false, "min": 1.0}]}]}]
        })
    );
    // Nothing is stored by that.
    assert_eq!(house.api().get(WAAS).await.json()["rules"], json!([]));

    spec["endpoints"][0]["tls"] = json!(false);
    spec["effect"] = json!("prevent");
    let policy = json!({"rules": [{"name": "w", "collections": [{"name": "All"}], "applicationsSpec": [{"apiSpec": spec}]}]});
    let mut defender = house.defender("shop:1").await;
    defender.apply().await;
    let reply = house.api().put(WAAS, &policy).await;
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    let sent = defender.apply().await.waas;
    let sent = serde_json::to_value(&sent.rules[0].applications_spec[0].api_spec).unwrap();
    assert_eq!(sent, spec);
    assert_eq!(house.api().get(WAAS).await.json()["rules"][0]["applicationsSpec"][0]["apiSpec"], spec);
}

#[tokio::test]
async fn what_is_imported_is_accepted() {
    let house = House::new().await;
    for document in [
        include_str!("../../../openapi/tests/documents/pets-3.0.yaml"),
        include_str!("../../../openapi/tests/documents/pets-3.1.yaml"),
        include_str!("../../../openapi/tests/documents/pets-2.0.json"),
    ] {
        let mut spec = house.api().send(Method::POST, IMPORT, document.to_owned()).await.json();
        spec["endpoints"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|endpoint| endpoint["tls"] = json!(false));
        let app = json!({"apiSpec": spec});
        let policy =
            json!({"rules": [{"name": "w", "collections": [{"name": "All"}], "applicationsSpec": [app]}]});
        let reply = house.api().put(WAAS, &policy).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    }
}

#[tokio::test]
async fn json_is_read_too() {
    let house = House::new().await;
    let document = json!({"swagger": "2.0", "host": "shop.test", "schemes": ["http", "https"], "paths": {"/": {"get": {}}}});
    let spec: Value = house.api().post(IMPORT, &document).await.json();
    assert_eq!(spec["endpoints"].as_array().unwrap().len(), 2);
    assert_eq!(spec["paths"], json!([{"path": "/", "methods": [{"method": "GET", "parameters": []}]}]));
}

#[tokio::test]
async fn a_faulty_document_is_refused_with_the_place() {
    let house = House::new().await;
    for (document, error) in [
        (String::new(), "the document is neither OpenAPI 3 nor Swagger 2: it is no object"),
        (
            "{\"openapi\"".to_owned(),
            "failed to read the document: EOF while parsing an object at line 1 column 10",
        ),
        (
            YAML.replace("integer", "int"),
            "`#/paths/~1product~1{id}/get/parameters/0/schema/type`: it is `int`: \
             use one of integer, number, string, boolean, array and object",
        ),
    ] {
        let reply = house.api().send(Method::POST, IMPORT, document).await;
        assert_eq!((reply.status, reply.error().as_str()), (400, error));
    }
    assert_eq!(house.api().get(IMPORT).await.status, 405);
    assert_eq!(house.api().anonymous().send(Method::POST, IMPORT, YAML.to_owned()).await.status, 401);
}
