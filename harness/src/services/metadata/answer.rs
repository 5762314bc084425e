//! From a path to an answer, without a server.
//!
//! Paths, statuses and shapes are those of `reference/fargate.md` 3.1, 3.2 and 3.4. Declared choices where it is silent:
//! the words of an error, 405 for other methods, 404 for statistics that are not there yet, and which members version 3
//! leaves out.

use super::documents::TaskMetadata;
use crate::services::HostResponse;
use serde_json::{Map, Value, json};

const V4_OF_A_TASK: [&str; 7] = [
    "LaunchType",
    "ServiceName",
    "AvailabilityZoneID",
    "Group",
    "ClockDrift",
    "EphemeralStorageMetrics",
    "FaultInjectionEnabled",
];
const V4_OF_A_CONTAINER: [&str; 5] =
    ["ContainerARN", "LogDriver", "LogOptions", "Snapshotter", "RestartCount"];
const V3_OF_A_NETWORK: [&str; 3] = ["NetworkMode", "IPv4Addresses", "IPv6Addresses"];

/// The answer to a request.
pub(super) fn answer(metadata: &TaskMetadata, method: &str, target: &str) -> HostResponse {
    let path = target.split('?').next().unwrap_or_default();
    if path.contains("//") {
        return moved(path);
    }
    if method != "GET" {
        return error(405, &format!("method {method} is not allowed for {path}"));
    }
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["v2", "credentials"] => refused(400, "NoIdInRequest", "no credentials id is in the request"),
        ["v2", "credentials", id] => credentials(metadata, id),
        [version @ ("v3" | "v4"), id, rest @ ..] => match documents(metadata, id, rest) {
            Ok(document) if *version == "v3" => HostResponse::json(200, &without_v4(document)),
            Ok(document) => HostResponse::json(200, &document),
            Err(text) => error(404, &format!("{version} metadata: {text}")),
        },
        _ => error(404, &format!("nothing is served at {path}")),
    }
}

fn documents(metadata: &TaskMetadata, id: &str, rest: &[&str]) -> Result<Value, String> {
    let container = metadata.task.containers.iter().find(|container| container.docker_id == id);
    let container = container.ok_or_else(|| format!("no container of the task has id {id:?}"))?;
    Ok(match rest {
        [] => json!(container),
        ["task"] => json!(metadata.task),
        ["taskWithTags"] => {
            let mut task = json!(metadata.task);
            if !metadata.tags.is_empty() {
                task["TaskTags"] = json!(metadata.tags);
            }
            task
        }
        ["stats"] => {
            let found = metadata.statistics.get(id);
            found.cloned().ok_or_else(|| format!("container {id:?} has no statistics yet"))?
        }
        ["task", "stats"] => json!(metadata.statistics),
        _ => return Err(format!("{:?} is not served for a container", rest.join("/"))),
    })
}

fn credentials(metadata: &TaskMetadata, id: &str) -> HostResponse {
    match metadata.credentials.get(id) {
        Some(Some(credentials)) => HostResponse::json(200, &json!(credentials)),
        Some(None) => {
            refused(503, "CredentialsUninitialized", "the credentials of this role are not there yet")
        }
        None => {
            refused(400, "InvalidIdInRequest", &format!("no role of this task has credentials id {id:?}"))
        }
    }
}

fn without_v4(mut document: Value) -> Value {
    if let Some(members) = document.as_object_mut() {
        strip_container(members);
        V4_OF_A_TASK.iter().for_each(|name| drop(members.remove(*name)));
        for container in members.get_mut("Containers").and_then(Value::as_array_mut).into_iter().flatten() {
            container.as_object_mut().into_iter().for_each(strip_container);
        }
    }
    document
}

fn strip_container(members: &mut Map<String, Value>) {
    V4_OF_A_CONTAINER.iter().for_each(|name| drop(members.remove(*name)));
    for network in members.get_mut("Networks").and_then(Value::as_array_mut).into_iter().flatten() {
        network.as_object_mut().into_iter().for_each(|network| {
            network.retain(|name, _| V3_OF_A_NETWORK.contains(&name.as_str()));
        });
    }
}

/// Errors of the metadata paths are JSON strings.
fn error(status: u16, text: &str) -> HostResponse {
    HostResponse::json(status, &json!(text))
}

/// Errors of the credentials path are objects.
fn refused(status: u16, code: &str, message: &str) -> HostResponse {
    HostResponse::json(status, &json!({"code": code, "message": message}))
}

fn moved(path: &str) -> HostResponse {
    let clean: String =
        path.split('/').filter(|part| !part.is_empty()).flat_map(|part| ["/", part]).collect();
    let mut response = HostResponse::text(301, "");
    response.headers.push(("location".to_owned(), if clean.is_empty() { "/".to_owned() } else { clean }));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::WorldNetwork;
    use crate::services::{ContainerDocument, Credentials, LimitsDocument, NetworkDocument, TaskDocument};

    fn metadata() -> TaskMetadata {
        let container = |name: &str, id: &str| ContainerDocument {
            docker_id: id.to_owned(),
            name: name.to_owned(),
            docker_name: name.to_owned(),
            limits: LimitsDocument { cpu: Some(2.0), memory: None },
            kind: "NORMAL".to_owned(),
            container_arn: Some("arn:aws:ecs:eu-central-1:111122223333:container/c/t/x".to_owned()),
            networks: vec![NetworkDocument::of(&WorldNetwork::default())],
            ..ContainerDocument::default()
        };
        let task = TaskDocument {
            family: "shop".to_owned(),
            revision: "3".to_owned(),
            limits: Some(LimitsDocument { cpu: Some(0.25), memory: Some(512) }),
            launch_type: "FARGATE".to_owned(),
            containers: vec![container("web", "abc-1"), container("worker", "abc-2")],
            ..TaskDocument::default()
        };
        let credentials =
            Credentials { role_arn: "arn:aws:iam::111122223333:role/shop".to_owned(), ..Default::default() };
        TaskMetadata {
            task,
            tags: [("team".to_owned(), "a".to_owned())].into(),
            credentials: [("one".to_owned(), Some(credentials)), ("two".to_owned(), None)].into(),
            ..TaskMetadata::default()
        }
    }

    fn get(path: &str) -> (u16, Value) {
        let response = answer(&metadata(), "GET", path);
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    #[test]
    fn each_container_is_told_of_itself() {
        assert_eq!(get("/v4/abc-1").1["Name"], "web");
        let (status, worker) = get("/v4/abc-2");
        assert_eq!((status, &worker["Name"]), (200, &json!("worker")));
        assert_eq!(worker["Limits"], json!({"CPU": 2}), "a whole number, and no memory where none is set");
        assert_eq!(
            worker["Networks"][0],
            json!({
                "NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.42.7"], "AttachmentIndex": 0,
                "MACAddress": "0e:5a:0a:00:2a:07", "IPv4SubnetCIDRBlock": "10.0.42.0/24",
                "DomainNameServers": ["10.0.42.2"],
                "DomainNameSearchList": ["eu-central-1.compute.internal"],
                "PrivateDNSName": "ip-10-0-42-7.eu-central-1.compute.internal",
                "SubnetGatewayIpv4Address": "10.0.42.1/24",
            })
        );
    }

    #[test]
    fn the_task_has_its_containers_its_size_and_a_revision_that_is_text() {
        let (_, task) = get("/v4/abc-1/task");
        assert_eq!(task["Revision"], "3");
        assert_eq!(task["Limits"], json!({"CPU": 0.25, "Memory": 512}));
        assert_eq!(task["LaunchType"], "FARGATE");
        assert_eq!(task["Containers"].as_array().unwrap().len(), 2);
        assert_eq!(task.get("TaskTags"), None);
        assert_eq!(get("/v4/abc-1/taskWithTags").1["TaskTags"], json!({"team": "a"}));
    }

    #[test]
    fn version_3_leaves_out_what_came_with_version_4() {
        let (status, container) = get("/v3/abc-1");
        assert_eq!((status, &container["Name"]), (200, &json!("web")));
        assert_eq!(container.get("ContainerARN"), None);
        assert_eq!(container["Networks"], json!([{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.42.7"]}]));
        let (_, task) = get("/v3/abc-1/task");
        assert_eq!(task.get("LaunchType"), None);
        assert_eq!(task["Containers"][0].get("ContainerARN"), None);
    }

    #[test]
    fn errors_of_metadata_are_strings_and_those_of_credentials_objects() {
        for path in ["/v4/nobody", "/v4/nobody/task", "/v4/abc-1/elsewhere", "/v4", "/", "/v4/abc-1/stats"] {
            let (status, body) = get(path);
            assert_eq!(status, 404, "{path}");
            assert!(body.is_string(), "{path}: {body}");
        }
        assert_eq!(get("/v2/credentials/one").1["RoleArn"], "arn:aws:iam::111122223333:role/shop");
        let refusals = [
            ("/v2/credentials", 400, "NoIdInRequest"),
            ("/v2/credentials/three", 400, "InvalidIdInRequest"),
            ("/v2/credentials/two", 503, "CredentialsUninitialized"),
        ];
        for (path, status, code) in refusals {
            let (got, body) = get(path);
            assert_eq!((got, &body["code"]), (status, &json!(code)), "{path}");
        }
        assert_eq!(answer(&metadata(), "POST", "/v4/abc-1").status, 405);
    }

    #[test]
    fn a_path_with_empty_parts_is_sent_to_the_clean_one() {
        let response = answer(&metadata(), "GET", "//v3//abc-1/task?x=1");
        assert_eq!(response.status, 301);
        assert!(response.headers.contains(&("location".to_owned(), "/v3/abc-1/task".to_owned())));
    }
}
