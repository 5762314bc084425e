//! Running, describing, listing and stopping tasks.

use crate::support::{Api, definition, run, until_running};
use proofhouse_harness::ecs::{ErrorKind, Operation};
use proofhouse_harness::lifecycle::{Event, StopReason};
use serde_json::{Value, json};

#[tokio::test]
async fn a_task_begins_provisioning_and_goes_on() {
    let api = Api::new();
    api.call(Operation::RegisterTaskDefinition, definition("web")).await.unwrap();
    let mut request = run("web");
    request["tags"] = json!([{"key": "a", "value": "b"}]);
    let answer = api.call(Operation::RunTask, request).await.unwrap();
    let task = &answer["tasks"][0];
    assert_eq!(
        (&task["lastStatus"], &task["desiredStatus"]),
        (&json!("PROVISIONING"), &json!("RUNNING")),
        "{task}"
    );
    assert_eq!(task["containers"][0]["lastStatus"], json!("PENDING"));
    assert_eq!(task["attachments"][0]["status"], json!("PRECREATED"));
    assert_eq!(task["overrides"]["containerOverrides"], json!([{"name": "app"}]));
    assert_eq!(task["group"], json!("family:web"));
    let arn = task["taskArn"].as_str().unwrap();
    api.go_on(until_running());
    let task = api.describe(arn).await;
    assert_eq!(task["lastStatus"], json!("RUNNING"));
    assert_eq!(task["tags"], json!([{"key": "a", "value": "b"}]));
    assert!(task["startedAt"].as_f64() > task["pullStartedAt"].as_f64(), "{task}");
    let container = &task["containers"][0];
    let interface = &container["networkInterfaces"][0];
    assert_eq!(interface["attachmentId"], task["attachments"][0]["id"]);
    assert_eq!(interface["privateIpv4Address"], json!("10.0.42.10"));
    assert_eq!(
        (&container["memory"], &container["cpu"], &container["networkBindings"]),
        (&json!("256"), &json!("0"), &json!([]))
    );
    let details = task["attachments"][0]["details"].as_array().unwrap();
    let names: Vec<_> = details.iter().map(|detail| detail["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["subnetId", "networkInterfaceId", "macAddress", "privateDnsName", "privateIPv4Address"]
    );
}

#[tokio::test]
async fn a_stop_is_answered_at_once_and_asked_of_the_runner() {
    let api = Api::new();
    let arn = api.running("web").await;
    api.go_on(until_running());
    let answer = api.call(Operation::StopTask, json!({"task": arn, "reason": "enough"})).await.unwrap();
    let task = &answer["task"];
    assert_eq!((&task["lastStatus"], &task["desiredStatus"]), (&json!("RUNNING"), &json!("STOPPED")));
    assert_eq!((&task["stopCode"], &task["stoppedReason"]), (&json!("UserInitiated"), &json!("enough")));
    let life = api.fake.started.lock().unwrap()[0].life.clone();
    assert_eq!(life.stop_requested().await, StopReason::user(Some("enough")));
    let mut events = until_running();
    events.push(Event::StopRequested { stop: StopReason::user(Some("enough")) });
    events.push(Event::Exited { container: "app".to_owned(), code: 143, out_of_memory: false });
    events.push(Event::Deprovisioned);
    api.go_on(events);
    let task = api.describe(&arn).await;
    assert_eq!((&task["lastStatus"], &task["containers"][0]["exitCode"]), (&json!("STOPPED"), &json!(143)));
    for (earlier, later) in [
        ("startedAt", "stoppingAt"),
        ("stoppingAt", "executionStoppedAt"),
        ("executionStoppedAt", "stoppedAt"),
    ] {
        assert!(task[earlier].as_f64() < task[later].as_f64(), "{earlier}, {later}: {task}");
    }
    assert_eq!(task["attachments"][0]["status"], json!("DELETED"));
    let again = api.running("web").await;
    assert_eq!(
        api.describe(&again).await["taskDefinitionArn"].as_str().unwrap().rsplit('/').next(),
        Some("web:2")
    );
    assert_eq!(
        api.fake.started.lock().unwrap()[1].order.network.eni_address.to_string(),
        "10.0.42.10",
        "the address is free again"
    );
}

#[tokio::test]
async fn tasks_are_listed_by_what_they_are() {
    let api = Api::new();
    let (web, other) = (api.running("web").await, api.running("api").await);
    let list = async |body: Value| api.call(Operation::ListTasks, body).await.unwrap()["taskArns"].clone();
    assert_eq!(list(json!({})).await, json!([web, other]));
    assert_eq!(
        list(json!({"family": "api", "launchType": "FARGATE", "cluster": "default"})).await,
        json!([other])
    );
    assert_eq!(list(json!({"startedBy": "me"})).await, json!([web, other]));
    for nothing in
        [json!({"startedBy": "you"}), json!({"desiredStatus": "STOPPED"}), json!({"launchType": "EC2"})]
    {
        assert_eq!(list(nothing.clone()).await, json!([]), "{nothing}");
    }
    let page = api.call(Operation::ListTasks, json!({"maxResults": 1})).await.unwrap();
    assert_eq!(page["taskArns"], json!([web]));
    assert_eq!(list(json!({"maxResults": 1, "nextToken": page["nextToken"]})).await, json!([other]));
    api.call(Operation::StopTask, json!({"task": web})).await.unwrap();
    assert_eq!(list(json!({"desiredStatus": "STOPPED"})).await, json!([web]));
    let clusters =
        api.call(Operation::DescribeClusters, json!({"clusters": ["default", "prod"]})).await.unwrap();
    assert_eq!(clusters["clusters"][0]["pendingTasksCount"], json!(2));
    assert_eq!(clusters["failures"][0]["arn"], json!("prod"));
}

#[tokio::test]
async fn a_client_token_starts_tasks_once() {
    let api = Api::new();
    api.call(Operation::RegisterTaskDefinition, definition("web")).await.unwrap();
    let mut request = run("web");
    request["clientToken"] = json!("one");
    let first = api.call(Operation::RunTask, request.clone()).await.unwrap();
    let again = api.call(Operation::RunTask, request.clone()).await.unwrap();
    assert_eq!(first["tasks"][0]["taskArn"], again["tasks"][0]["taskArn"]);
    request["count"] = json!(2);
    assert_eq!(api.call(Operation::RunTask, request.clone()).await.unwrap_err().kind, ErrorKind::Conflict);
    request["clientToken"] = json!("two");
    let two = api.call(Operation::RunTask, request).await.unwrap();
    assert_eq!(two["tasks"].as_array().unwrap().len(), 2);
    let started = api.fake.started.lock().unwrap();
    let addresses: Vec<_> = started.iter().map(|one| one.order.network.eni_address.octets()[3]).collect();
    assert_eq!(addresses, [10, 11, 12], "no two tasks that live have one address");
}

#[tokio::test]
async fn a_task_that_does_not_come_up_says_why() {
    let api = Api::new();
    let arn = api.running("web").await;
    {
        let started = api.fake.started.lock().unwrap();
        let unpulled = [("app".to_owned(), "nginx:1 is not there".to_owned())];
        started[0].life.failed(&started[0].plan, "the task stopped", &unpulled);
    }
    let task = api.describe(&arn).await;
    assert_eq!(
        (&task["lastStatus"], &task["stopCode"]),
        (&json!("STOPPED"), &json!("TaskFailedToStart")),
        "{task}"
    );
    assert_eq!(task["stoppedReason"], json!("CannotPullContainerError: nginx:1 is not there"));
    assert_eq!(task["containers"][0]["reason"], json!("CannotPullContainerError: nginx:1 is not there"));
    let other = api.running("api").await;
    {
        let started = api.fake.started.lock().unwrap();
        started[1].life.failed(&started[1].plan, "ResourceInitializationError: no world", &[]);
    }
    let task = api.describe(&other).await;
    assert_eq!(
        (&task["lastStatus"], &task["stoppedReason"]),
        (&json!("STOPPED"), &json!("ResourceInitializationError: no world"))
    );
}

#[tokio::test]
async fn what_is_not_there_is_told() {
    let api = Api::new();
    let arn = api.running("web").await;
    let missing = "0".repeat(32);
    let answer = api.call(Operation::DescribeTasks, json!({"tasks": [arn, missing]})).await.unwrap();
    assert_eq!(answer["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(answer["failures"][0]["reason"], json!("MISSING"));
    for (operation, body, kind) in [
        (Operation::RunTask, run("nothing"), ErrorKind::Client),
        (Operation::DescribeTasks, json!({"tasks": []}), ErrorKind::InvalidParameter),
        (Operation::DescribeTasks, json!({"tasks": [arn], "cluster": "prod"}), ErrorKind::ClusterNotFound),
        (Operation::StopTask, json!({"task": missing}), ErrorKind::InvalidParameter),
        (Operation::ListTasks, json!({"serviceName": "s"}), ErrorKind::ServiceNotFound),
        (Operation::ListTasks, json!({"nextToken": "x"}), ErrorKind::InvalidParameter),
    ] {
        assert_eq!(api.call(operation, body.clone()).await.unwrap_err().kind, kind, "{operation} {body}");
    }
    api.call(Operation::DeregisterTaskDefinition, json!({"taskDefinition": "web:1"})).await.unwrap();
    let error = api.call(Operation::RunTask, run("web:1")).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::InvalidParameter, "TaskDefinition is inactive")
    );
}

#[tokio::test]
async fn nobody_executes_a_command() {
    let api = Api::new();
    let arn = api.running("web").await;
    let command =
        |task: &str| json!({"task": task, "command": "sh", "interactive": true, "container": "app"});
    let error = api.call(Operation::ExecuteCommand, command(&arn)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidParameter);
    assert!(error.message.contains("execute command was not enabled"), "{error}");
    let mut request = run("web");
    request["enableExecuteCommand"] = json!(true);
    let answer = api.call(Operation::RunTask, request).await.unwrap();
    let arn = answer["tasks"][0]["taskArn"].as_str().unwrap();
    let error = api.call(Operation::ExecuteCommand, command(arn)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TargetNotConnected);
}

#[tokio::test]
async fn at_the_end_every_task_is_asked_to_stop_and_none_begins() {
    let api = Api::new();
    api.running("web").await;
    api.ecs.end(&StopReason::user(Some("the end")));
    let life = api.fake.started.lock().unwrap()[0].life.clone();
    assert_eq!(life.stop_requested().await.reason, "the end");
    assert_eq!(api.call(Operation::RunTask, run("web")).await.unwrap_err().kind, ErrorKind::Server);
}
