//! Lists of definitions and tasks, and the one cluster.

use super::definitions::Definitions;
use super::input::parameters;
use super::page::Paging;
use super::run::cluster;
use super::tasks::{Chosen, Tasks};
use super::{ApiError, CLUSTER, ErrorKind, Names};
use crate::lifecycle::TaskStatus;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListDefinitions {
    #[serde(default)]
    family_prefix: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    sort: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListTasks {
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    family: Option<String>,
    #[serde(default)]
    started_by: Option<String>,
    #[serde(default)]
    desired_status: Option<String>,
    #[serde(default)]
    launch_type: Option<String>,
    #[serde(default)]
    service_name: Option<String>,
    #[serde(default)]
    container_instance: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeClusters {
    #[serde(default)]
    clusters: Vec<String>,
    /// What can be told besides; of all that there is nothing here.
    #[serde(default, rename = "include")]
    _include: Vec<String>,
}

/// ListTaskDefinitions.
pub(super) fn definitions(body: &Value, all: &Definitions) -> Result<Value, ApiError> {
    let request: ListDefinitions = parameters(body.clone())?;
    let active = match request.status.as_deref() {
        None | Some("ACTIVE") => true,
        Some("INACTIVE") => false,
        Some(other) => {
            return Err(ApiError::parameter(format!("status is '{other}': use ACTIVE or INACTIVE")));
        }
    };
    let descending = match request.sort.as_deref() {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(other) => return Err(ApiError::parameter(format!("sort is '{other}': use ASC or DESC"))),
    };
    let paging = Paging { most: request.max_results, token: request.next_token.as_deref(), descending };
    all.list(request.family_prefix.as_deref(), active, &paging)
}

/// ListTasks.
pub(super) fn tasks(body: &Value, names: &Names, all: &Tasks) -> Result<Value, ApiError> {
    let request: ListTasks = parameters(body.clone())?;
    cluster(names, request.cluster.as_deref())?;
    if request.service_name.is_some() {
        return Err(ApiError::new(ErrorKind::ServiceNotFound, "Service not found."));
    }
    if request.container_instance.is_some() {
        return Err(ApiError::parameter("containerInstance: tasks on Fargate have none"));
    }
    let stopping = match request.desired_status.as_deref() {
        None | Some("RUNNING") => false,
        Some("STOPPED") => true,
        // ECS takes it and lists nothing, since it never sets it (API model).
        Some("PENDING") => return Ok(json!({"taskArns": []})),
        Some(other) => {
            return Err(ApiError::parameter(format!("desiredStatus is '{other}': use RUNNING or STOPPED")));
        }
    };
    match request.launch_type.as_deref() {
        None | Some("FARGATE") => {}
        Some("EC2" | "EXTERNAL" | "MANAGED_INSTANCES") => return Ok(json!({"taskArns": []})),
        Some(other) => return Err(ApiError::parameter(format!("launchType is '{other}': use FARGATE"))),
    }
    let chosen =
        Chosen { family: request.family.as_deref(), started_by: request.started_by.as_deref(), stopping };
    let paging =
        Paging { most: request.max_results, token: request.next_token.as_deref(), descending: false };
    all.list(names, &chosen, &paging)
}

/// DescribeClusters.
pub(super) fn describe_clusters(body: &Value, names: &Names, all: &Tasks) -> Result<Value, ApiError> {
    let request: DescribeClusters = parameters(body.clone())?;
    let strangers = request.clusters.iter().filter(|name| !names.is_cluster(Some(name)));
    let failures: Vec<_> = strangers.map(|name| json!({"arn": name, "reason": "MISSING"})).collect();
    if failures.len() == request.clusters.len() && !failures.is_empty() {
        return Ok(json!({"clusters": [], "failures": failures}));
    }
    let (mut running, mut pending) = (0, 0);
    for entry in all.all() {
        match entry.life.progress().view.record.status {
            TaskStatus::Running => running += 1,
            status if status < TaskStatus::Running => pending += 1,
            _ => {}
        }
    }
    let cluster = json!({
        "clusterArn": names.cluster(), "clusterName": CLUSTER, "status": "ACTIVE",
        "registeredContainerInstancesCount": 0, "runningTasksCount": running, "pendingTasksCount": pending,
        "activeServicesCount": 0, "statistics": [], "tags": [], "settings": [],
        "capacityProviders": ["FARGATE"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    });
    Ok(json!({"clusters": [cluster], "failures": failures}))
}
