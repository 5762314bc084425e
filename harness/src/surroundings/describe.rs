//! The task as the metadata service tells it (`fargate.md` 3.2, 3.3).

use crate::ecs::Names;
use crate::engine::ContainerId;
use crate::lifecycle::ContainerRecord;
use crate::outside::WorldNetwork;
use crate::plan::{Plan, PlannedContainer};
use crate::services::{
    ContainerDocument, Credentials, EphemeralStorage, HealthDocument, LimitsDocument, NetworkDocument,
    PortDocument, TaskDocument, TaskMetadata,
};
use crate::task::TaskView;
use std::collections::BTreeMap;
use std::time::Duration;

/// Default ephemeral storage, as Fargate reserves it (`fargate.md` 3.3), MiB.
const RESERVED: u64 = 20_496;

/// What is known of a task now.
pub(super) fn task(plan: &Plan, view: &TaskView, network: &WorldNetwork) -> TaskMetadata {
    let record = &view.record;
    let desired = if record.stopping { "STOPPED" } else { "RUNNING" };
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
            availability_zone: format!("{}a", plan.region),
            launch_type: "FARGATE".to_owned(),
            containers,
            group: Some(format!("family:{}", plan.family)),
            ephemeral_storage_metrics: Some(EphemeralStorage { utilized: 0, reserved: RESERVED }),
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
    let labels = BTreeMap::from([
        ("com.amazonaws.ecs.cluster".to_owned(), Names::new(&plan.region).cluster()),
        ("com.amazonaws.ecs.container-name".to_owned(), planned.name.clone()),
        ("com.amazonaws.ecs.task-arn".to_owned(), Names::new(&plan.region).task(&plan.task_id)),
        ("com.amazonaws.ecs.task-definition-family".to_owned(), plan.family.clone()),
        ("com.amazonaws.ecs.task-definition-version".to_owned(), plan.revision.to_string()),
    ]);
    let ports = plan.ports.iter().filter(|port| port.container == planned.name);
    let image_id =
        view.ids.get(&planned.name).map_or_else(String::new, |ContainerId(id)| format!("sha256:{id}"));
    ContainerDocument {
        container_arn: Some(Names::new(&plan.region).container(&plan.task_id, &planned.name)),
        docker_id: planned.metadata_id.clone(),
        name: planned.name.clone(),
        docker_name: planned.name.clone(),
        image: planned.definition_image.clone(),
        image_id,
        ports: ports
            .map(|port| PortDocument {
                container_port: port.port,
                protocol: port.protocol.clone(),
                host_port: Some(port.port),
                host_ip: None,
            })
            .collect(),
        labels,
        desired_status: if view.record.stopping { "STOPPED" } else { "RUNNING" }.to_owned(),
        known_status: record.map_or("PENDING", |record| record.status.reported()).to_owned(),
        exit_code: record.and_then(|record| record.exit_code),
        // Two shares are the kernel's least, and what an unset member shows (`fargate.md` 3.2).
        limits: LimitsDocument {
            cpu: Some(planned.spec.cpu_shares.map_or(2.0, |shares| shares as f64)),
            memory: planned.spec.memory.map(|bytes| bytes >> 20),
        },
        created_at: at(Some(Duration::ZERO)),
        started_at: at(record.and_then(|record| record.started_at)),
        finished_at: at(record.and_then(|record| record.stopped_at)),
        kind: "NORMAL".to_owned(),
        health: record.filter(|record| record.has_health_check).map(health),
        networks: vec![NetworkDocument::of(network)],
        ..ContainerDocument::default()
    }
}

fn health(record: &ContainerRecord) -> HealthDocument {
    HealthDocument { status: record.health.to_string(), ..HealthDocument::default() }
}

/// Invented, unsigned, and good for nothing: no one outside the task knows them.
fn credentials(plan: &Plan) -> Credentials {
    Credentials {
        role_arn: plan.task_role_arn.clone().unwrap_or_default(),
        access_key_id: format!("ASIA{}", &plan.task_id[..16].to_uppercase()),
        secret_access_key: "simulated".to_owned(),
        token: "simulated".to_owned(),
        expiration: "2099-01-01T00:00:00Z".to_owned(),
    }
}
