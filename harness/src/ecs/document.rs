//! A task as describing shows it (`fargate.md` 2.1).

use super::Names;
use super::life::Progress;
use super::run::PLATFORM;
use crate::definition::TaskDefinition;
use crate::lifecycle::{ContainerStatus, TaskRecord, TaskStatus};
use crate::outside::WorldNetwork;
use crate::plan::uuid;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What of a task does not change.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Family and revision.
    pub family: String,
    pub revision: i64,
    /// The definition, overrides in it.
    pub definition: TaskDefinition,
    /// The overrides as they are told.
    pub overrides: Value,
    /// Ids that containers have on Fargate, by container.
    pub runtime_ids: Vec<(String, String)>,
    pub network: WorldNetwork,
    pub subnet: String,
    pub group: String,
    pub started_by: Option<String>,
    pub tags: Vec<Value>,
    pub execute_command: bool,
    pub capacity_provider: Option<&'static str>,
    pub created: Timestamp,
}

/// Seconds since 1970 with a fraction, as the JSON protocol writes a time.
pub(super) fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}

/// The document. Tags only where they are asked for.
pub(super) fn task(names: &Names, facts: &Facts, progress: &Progress, with_tags: bool) -> Value {
    let record = &progress.view.record;
    let definition = &facts.definition;
    let containers = definition.containers.iter().map(|one| container(names, facts, progress, &one.name));
    let mut task = json!({
        "attachments": [attachment(facts, record)],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": format!("{}a", names.region()),
        "clusterArn": names.cluster(),
        "containers": containers.collect::<Vec<_>>(),
        "cpu": definition.cpu.map_or_else(String::new, |cpu| cpu.0.to_string()),
        "createdAt": seconds(facts.created),
        "desiredStatus": if progress.is_stopping() { "STOPPED" } else { "RUNNING" },
        "enableExecuteCommand": facts.execute_command,
        "ephemeralStorage": {"sizeInGiB": definition.disk_size()},
        "fargateEphemeralStorage": {"sizeInGiB": definition.disk_size()},
        "group": facts.group,
        "healthStatus": record.health.to_string(),
        "inferenceAccelerators": [],
        "lastStatus": record.status.to_string(),
        "launchType": "FARGATE",
        "memory": definition.memory.map_or_else(String::new, |memory| memory.0.to_string()),
        "overrides": facts.overrides,
        "platformFamily": "Linux",
        "platformVersion": PLATFORM,
        "tags": if with_tags { facts.tags.clone() } else { Vec::new() },
        "taskArn": names.task(&facts.id),
        "taskDefinitionArn": names.task_definition(&facts.family, facts.revision),
        "version": progress.version,
    });
    let members = task.as_object_mut().expect("an object was just made");
    let mut add = |member: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(member.to_owned(), value);
        }
    };
    add("startedBy", facts.started_by.as_ref().map(|by| json!(by)));
    add("capacityProviderName", facts.capacity_provider.map(|name| json!(name)));
    let stop = progress.stop.as_ref().filter(|_| record.stop.is_none()).or(record.stop.as_ref());
    add("stopCode", stop.map(|stop| json!(stop.code)));
    add("stoppedReason", stop.map(|stop| json!(stop.reason)));
    for (member, time) in times(progress) {
        add(member, time.map(|time| json!(seconds(time))));
    }
    add("connectivity", record.reached.contains_key(&TaskStatus::Pending).then(|| json!("CONNECTED")));
    task
}

/// Times of a task's life.
fn times(progress: &Progress) -> [(&'static str, Option<Timestamp>); 7] {
    let view = &progress.view;
    let reached = |status| view.reached(status);
    [
        ("connectivityAt", reached(TaskStatus::Pending)),
        ("pullStartedAt", reached(TaskStatus::Pending)),
        ("pullStoppedAt", view.first_start()),
        ("startedAt", reached(TaskStatus::Running)),
        ("stoppingAt", reached(TaskStatus::Stopping)),
        ("executionStoppedAt", reached(TaskStatus::Deprovisioning)),
        ("stoppedAt", reached(TaskStatus::Stopped)),
    ]
}

fn attachment_id(facts: &Facts) -> String {
    uuid(&format!("attachment/{}", facts.id))
}

/// Whether the interface is there yet.
fn is_attached(record: &TaskRecord) -> bool {
    record.reached.contains_key(&TaskStatus::Pending)
}

fn attachment(facts: &Facts, record: &TaskRecord) -> Value {
    let status = match record.status {
        TaskStatus::Stopped => "DELETED",
        _ if is_attached(record) => "ATTACHED",
        _ => "PRECREATED",
    };
    let detail = |name: &str, value: &str| json!({"name": name, "value": value});
    let mut details = vec![detail("subnetId", &facts.subnet)];
    if is_attached(record) {
        details.extend([
            detail("networkInterfaceId", &format!("eni-0{}", &facts.id[..16])),
            detail("macAddress", &facts.network.hardware_text()),
            detail("privateDnsName", &facts.network.hostname),
            detail("privateIPv4Address", &facts.network.eni_address.to_string()),
        ]);
    }
    json!({"id": attachment_id(facts), "type": "ElasticNetworkInterface", "status": status, "details": details})
}

fn container(names: &Names, facts: &Facts, progress: &Progress, name: &str) -> Value {
    let task = &progress.view.record;
    let record = task.containers.get(name);
    let definition = facts.definition.container(name);
    let status = record.map_or("PENDING", |record| record.status.reported());
    let mut interfaces = Vec::new();
    if is_attached(task) {
        interfaces.push(json!({
            "attachmentId": attachment_id(facts), "privateIpv4Address": facts.network.eni_address.to_string(),
        }));
    }
    let mut members = Map::new();
    let mut add = |member: &str, value: Value| {
        members.insert(member.to_owned(), value);
    };
    add("containerArn", json!(names.container(&facts.id, name)));
    add("taskArn", json!(names.task(&facts.id)));
    add("name", json!(name));
    add("image", json!(definition.map(|one| one.image.as_str()).unwrap_or_default()));
    if let Some(digest) = progress.digests.get(name) {
        add("imageDigest", json!(digest));
    }
    let created = record.is_some_and(|record| record.status >= ContainerStatus::Created);
    if let Some((_, id)) = facts.runtime_ids.iter().find(|(one, _)| one == name).filter(|_| created) {
        add("runtimeId", json!(id));
    }
    add("lastStatus", json!(status));
    if let Some(code) = record.and_then(|record| record.exit_code) {
        add("exitCode", json!(code));
    }
    if let Some(reason) = record.and_then(|record| record.reason.as_ref()) {
        add("reason", json!(reason));
    }
    add("networkBindings", json!([]));
    add("networkInterfaces", json!(interfaces));
    add("healthStatus", json!(record.map(|record| record.health).unwrap_or_default().to_string()));
    if facts.execute_command {
        // Nothing takes commands here (decision 10), and the API has a place to say so.
        add(
            "managedAgents",
            json!([{"name": "ExecuteCommandAgent", "lastStatus": "STOPPED", "reason": "not simulated"}]),
        );
    }
    add("cpu", json!(definition.map_or(0, |one| one.cpu).to_string()));
    if let Some(memory) = definition.and_then(|one| one.memory) {
        add("memory", json!(memory.to_string()));
    }
    if let Some(memory) = definition.and_then(|one| one.memory_reservation) {
        add("memoryReservation", json!(memory.to_string()));
    }
    Value::Object(members)
}
