//! The task as the metadata service tells it (`fargate.md` 3.2, 3.3).

use crate::ecs::Names;
use crate::lifecycle::{ContainerRecord, TaskStatus};
use crate::outside::WorldNetwork;
use crate::plan::{Plan, PlannedContainer};
use crate::services::{
    Clock, ContainerDocument, Credentials, EphemeralStorage, HealthDocument, LimitsDocument, NetworkDocument,
    TaskDocument, TaskMetadata,
};
use crate::task::TaskView;
use proofhouse_protocol::Secret;
use proofhouse_protocol::observation::sha256;
use std::time::Duration;

/// MiB that Fargate reserves beyond the size of the definition: 20496 for 20 GiB (`fargate.md` 3.3). That it is the same for
/// other sizes is a declared choice.
const RESERVED_BEYOND: u64 = 16;
/// Bound of the clock's error in milliseconds, in the range that was captured (`fargate.md` 3.3). The clock is the engine's
/// machine's, and that it is synchronized is a declared choice.
const CLOCK_ERROR_BOUND: f64 = 0.5;
/// What stores the layers of images where nothing else was asked for (`fargate.md` 3.2).
const SNAPSHOTTER: &str = "overlayfs";

/// What is known of a task now.
pub(super) fn task(plan: &Plan, view: &TaskView, network: &WorldNetwork) -> TaskMetadata {
    let record = &view.record;
    let desired = if record.stopping { "STOPPED" } else { "RUNNING" };
    let text = |time: jiff::Timestamp| time.to_string();
    let containers =
        plan.containers.iter().map(|planned| container(plan, planned, view, network)).collect::<Vec<_>>();
    let credentials = plan.credentials_id.iter().map(|id| (id.clone(), Some(credentials(plan)))).collect();
    TaskMetadata {
        task: TaskDocument {
            cluster: Names::new(&plan.region).cluster(),
            task_arn: Names::new(&plan.region).task(&plan.task_id),
            family: plan.family.clone(),
            revision: plan.revision.to_string(),
            desired_status: desired.to_owned(),
            known_status: record.status.to_string(),
            limits: Some(LimitsDocument {
                cpu: plan.cpu.as_ref().map(|cpu| cpu.vcpu()),
                memory: plan.memory.as_ref().map(|memory| memory.0),
            }),
            pull_started_at: view.reached(TaskStatus::Pending).map(text),
            pull_stopped_at: view.first_start().map(text),
            execution_stopped_at: view.reached(TaskStatus::Deprovisioning).map(text),
            availability_zone: format!("{}a", plan.region),
            availability_zone_id: Some(zone_id(&plan.region)),
            launch_type: "FARGATE".to_owned(),
            containers,
            clock_drift: Some(Clock {
                clock_error_bound: CLOCK_ERROR_BOUND,
                reference_timestamp: jiff::Timestamp::now().to_string(),
                clock_synchronization_status: "SYNCHRONIZED".to_owned(),
            }),
            group: Some(format!("family:{}", plan.family)),
            ephemeral_storage_metrics: Some(EphemeralStorage {
                utilized: 0,
                reserved: plan.storage * 1024 + RESERVED_BEYOND,
            }),
            fault_injection_enabled: Some(plan.fault_injection),
            ..TaskDocument::default()
        },
        credentials,
        ..TaskMetadata::default()
    }
}

fn container(
    plan: &Plan,
    planned: &PlannedContainer,
    view: &TaskView,
    network: &WorldNetwork,
) -> ContainerDocument {
    let record = view.record.containers.get(&planned.name);
    let at = |moment: Option<Duration>| moment.map(|moment| view.wall(moment).to_string());
    let ecs = [
        ("com.amazonaws.ecs.cluster".to_owned(), Names::new(&plan.region).cluster()),
        ("com.amazonaws.ecs.container-name".to_owned(), planned.name.clone()),
        ("com.amazonaws.ecs.task-arn".to_owned(), Names::new(&plan.region).task(&plan.task_id)),
        ("com.amazonaws.ecs.task-definition-family".to_owned(), plan.family.clone()),
        ("com.amazonaws.ecs.task-definition-version".to_owned(), plan.revision.to_string()),
    ];
    let labels = planned.described.labels.clone().into_iter().chain(ecs).collect();
    ContainerDocument {
        container_arn: Some(Names::new(&plan.region).container(&plan.task_id, &planned.name)),
        docker_id: planned.metadata_id.clone(),
        name: planned.name.clone(),
        docker_name: planned.name.clone(),
        image: planned.definition_image.clone(),
        labels,
        desired_status: if view.record.stopping { "STOPPED" } else { "RUNNING" }.to_owned(),
        known_status: record.map_or("PENDING", |record| record.status.reported()).to_owned(),
        exit_code: record.and_then(|record| record.exit_code),
        limits: LimitsDocument { cpu: Some(planned.described.cpu as f64), memory: planned.described.memory },
        created_at: at(record.and_then(|record| record.created_at)),
        started_at: at(record.and_then(|record| record.started_at)),
        finished_at: at(record.and_then(|record| record.stopped_at)),
        kind: "NORMAL".to_owned(),
        health: record.filter(|record| record.has_health_check).map(|record| health(record, view)),
        log_driver: planned.described.log_driver.clone(),
        log_options: planned.described.log_options.clone(),
        networks: vec![NetworkDocument::of(network)],
        snapshotter: Some(SNAPSHOTTER.to_owned()),
        restart_count: record
            .filter(|_| planned.described.counts_restarts)
            .map(|record| u64::from(record.restarts)),
        ..ContainerDocument::default()
    }
}

fn health(record: &ContainerRecord, view: &TaskView) -> HealthDocument {
    HealthDocument {
        status: record.health.to_string(),
        status_since: record.health_since.map(|moment| view.wall(moment).to_string()),
        exit_code: record.health_check.as_ref().and_then(|run| run.exit_code),
        output: record.health_check.as_ref().map(|run| run.output.clone()),
    }
}

/// Id of the region's first zone, such as `euc1-az1` for eu-central-1: the place, the first letters of the direction, the number.
fn zone_id(region: &str) -> String {
    let mut parts = region.split('-');
    let place = parts.next().unwrap_or_default();
    let rest: String = parts
        .map(|part| match part {
            "northeast" => "ne",
            "northwest" => "nw",
            "southeast" => "se",
            "southwest" => "sw",
            other => other.get(..1).unwrap_or_default(),
        })
        .collect();
    format!("{place}{rest}-az1")
}

/// What of the credentials nobody may read but the task, with what each is called.
pub(super) fn secrets(plan: &Plan) -> Vec<(&'static str, Secret)> {
    if plan.credentials_id.is_none() {
        return Vec::new();
    }
    vec![
        ("secret access key", Secret::new(invented(plan, "key"))),
        ("session token", Secret::new(invented(plan, "token"))),
    ]
}

/// The same for a task at any time, and another for each.
fn invented(plan: &Plan, what: &str) -> String {
    sha256(format!("{what} of {}", plan.task_id).as_bytes())
}

/// Invented, unsigned, and good for nothing: no one outside the task knows them.
fn credentials(plan: &Plan) -> Credentials {
    Credentials {
        role_arn: plan.task_role_arn.clone().unwrap_or_default(),
        access_key_id: format!("ASIA{}", &plan.task_id[..16].to_uppercase()),
        secret_access_key: invented(plan, "key"),
        token: invented(plan, "token"),
        expiration: "2099-01-01T00:00:00Z".to_owned(),
    }
}
