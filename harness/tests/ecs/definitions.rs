//! Registering, describing and listing definitions.

use crate::support::{Api, definition};
use proofhouse_harness::ecs::{ErrorKind, Operation};
use serde_json::{Value, json};

async fn refused(operation: Operation, body: Value) -> (ErrorKind, String) {
    let error = Api::new().call(operation, body).await.unwrap_err();
    (error.kind, error.message)
}

#[tokio::test]
async fn a_definition_is_registered_described_and_listed() {
    let api = Api::new();
    for revision in 1..=2 {
        let answer = api.call(Operation::RegisterTaskDefinition, definition("web")).await.unwrap();
        let arn = format!("arn:aws:ecs:us-east-1:123456789012:task-definition/web:{revision}");
        assert_eq!(answer["taskDefinition"]["taskDefinitionArn"], json!(arn));
        assert_eq!(answer["taskDefinition"]["status"], json!("ACTIVE"));
        assert_eq!(answer["tags"], json!([{"key": "team", "value": "blue"}]));
        assert!(answer["taskDefinition"]["registeredAt"].as_f64().unwrap() > 1.7e9);
        assert!(answer["taskDefinition"].get("tags").is_none());
    }
    for (name, revision) in
        [("web", 2), ("web:1", 1), ("arn:aws:ecs:us-east-1:123456789012:task-definition/web:2", 2)]
    {
        let answer =
            api.call(Operation::DescribeTaskDefinition, json!({"taskDefinition": name})).await.unwrap();
        assert_eq!(answer["taskDefinition"]["revision"], json!(revision), "{name}");
        assert!(answer.get("tags").is_none(), "tags are told where they are asked for");
    }
    let answer = api
        .call(Operation::ListTaskDefinitions, json!({"familyPrefix": "web", "sort": "DESC", "maxResults": 1}))
        .await;
    let answer = answer.unwrap();
    assert!(
        answer["taskDefinitionArns"][0].as_str().unwrap().ends_with("/web:2")
            && answer["nextToken"].is_string(),
        "{answer}"
    );
    api.call(Operation::DeregisterTaskDefinition, json!({"taskDefinition": "web:2"})).await.unwrap();
    let answer = api.call(Operation::DescribeTaskDefinition, json!({"taskDefinition": "web"})).await.unwrap();
    assert_eq!(answer["taskDefinition"]["revision"], json!(1));
    assert_eq!(*api.fake.heard.lock().unwrap().last().unwrap(), "DeregisterTaskDefinition web:2");
}

#[tokio::test]
async fn what_the_runner_makes_of_a_definition_is_what_is_kept() {
    let api = Api::new();
    let answer = api.call(Operation::RegisterTaskDefinition, definition("protected")).await.unwrap();
    assert_eq!(answer["taskDefinition"]["containerDefinitions"][1]["name"], json!("TwistlockDefender"));
    let error = api.call(Operation::RegisterTaskDefinition, definition("refused")).await.unwrap_err();
    assert_eq!(error.message, "not this one");
}

#[tokio::test]
async fn what_fargate_rejects_is_not_kept() {
    let api = Api::new();
    let mut bridge = definition("web");
    bridge["networkMode"] = json!("bridge");
    let error = api.call(Operation::RegisterTaskDefinition, bridge).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Client);
    assert!(error.message.contains("Fargate only supports network mode"), "{error}");
    let error =
        api.call(Operation::DescribeTaskDefinition, json!({"taskDefinition": "web"})).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Client, "Unable to describe task definition.")
    );
}

#[tokio::test]
async fn requests_that_cannot_be_have_their_class() {
    let (kind, _) = refused(Operation::DescribeTaskDefinition, json!({})).await;
    assert_eq!(kind, ErrorKind::InvalidParameter);
    let (kind, _) = refused(Operation::ListTaskDefinitions, json!({"status": "DELETED"})).await;
    assert_eq!(kind, ErrorKind::InvalidParameter);
    let (kind, _) = refused(Operation::DeregisterTaskDefinition, json!({"taskDefinition": "web:1"})).await;
    assert_eq!(kind, ErrorKind::Client);
    let (kind, _) = refused(Operation::RegisterTaskDefinition, json!([])).await;
    assert_eq!(kind, ErrorKind::Serialization);
}
