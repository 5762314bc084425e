//! The documents, member by member as `reference/fargate.md` has them (3.2, 3.3, 3.4).
//!
//! Times are RFC 3339 with nanoseconds, as text. A member that is `None` is left out.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// All that the service knows; the task's driver keeps it up to date.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskMetadata {
    /// The task, with its containers. A container is asked for by its `docker_id`.
    pub task: TaskDocument,
    /// Tags of the task, for `taskWithTags`.
    pub tags: BTreeMap<String, String>,
    /// Statistics by container id, in Docker's shape; absent until the container has run for a moment.
    pub statistics: BTreeMap<String, Value>,
    /// Credentials by the id in their path; `None` for a role whose credentials are not there yet.
    pub credentials: BTreeMap<String, Option<Credentials>>,
}

/// The task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TaskDocument {
    /// ARN of the cluster.
    pub cluster: String,
    /// ARN of the task.
    #[serde(rename = "TaskARN")]
    pub task_arn: String,
    /// Family of the definition.
    pub family: String,
    /// Revision of the definition, a string.
    pub revision: String,
    /// State that the task is to reach.
    pub desired_status: String,
    /// State that it has.
    pub known_status: String,
    /// Its size: vCPU as a fraction, memory in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsDocument>,
    /// When the first image was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_started_at: Option<String>,
    /// When the last image was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_stopped_at: Option<String>,
    /// When the last container had ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_stopped_at: Option<String>,
    /// Availability zone, such as `eu-central-1a`.
    pub availability_zone: String,
    /// Id of that zone, such as `euc1-az2`.
    #[serde(rename = "AvailabilityZoneID", skip_serializing_if = "Option::is_none")]
    pub availability_zone_id: Option<String>,
    /// `FARGATE`.
    pub launch_type: String,
    /// The containers; no pause container is among them.
    pub containers: Vec<ContainerDocument>,
    /// The service that the task belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
    /// The group, such as `family:name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_drift: Option<Clock>,
    /// The task's storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage_metrics: Option<EphemeralStorage>,
    /// Whether the fault endpoints work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault_injection_enabled: Option<bool>,
}

/// A container. It has no ports: they are told in other network modes than awsvpc only (`fargate.md` 7 row 103).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerDocument {
    /// `<task id>-<number>`; also the id in the container's metadata URI.
    pub docker_id: String,
    /// Name in the definition.
    pub name: String,
    /// Equals the name on Fargate.
    pub docker_name: String,
    /// Image as the definition names it.
    pub image: String,
    /// Digest, `sha256:...`.
    #[serde(rename = "ImageID")]
    pub image_id: String,
    /// Labels: Docker's own, and five of ECS.
    pub labels: BTreeMap<String, String>,
    /// State that the container is to reach.
    pub desired_status: String,
    /// State that it has.
    pub known_status: String,
    /// Exit code, once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Limits: CPU shares (2 when the definition has none), memory in MiB.
    pub limits: LimitsDocument,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// `NORMAL`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Health; only with a check in the definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthDocument>,
    /// Volumes.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub volumes: Vec<VolumeDocument>,
    /// Log driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_driver: Option<String>,
    /// Log options, resolved.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub log_options: BTreeMap<String, String>,
    /// ARN of the container.
    #[serde(rename = "ContainerARN", skip_serializing_if = "Option::is_none")]
    pub container_arn: Option<String>,
    /// Networks: the ENI.
    pub networks: Vec<NetworkDocument>,
    /// `overlayfs`, or `soci`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshotter: Option<String>,
    /// Restarts; only with a restart policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_count: Option<u64>,
}

/// Limits of a task or of a container; the units are its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LimitsDocument {
    /// CPU.
    #[serde(rename = "CPU", skip_serializing_if = "Option::is_none", serialize_with = "shortest")]
    pub cpu: Option<f64>,
    /// Memory in MiB.
    #[serde(rename = "Memory", skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

/// The outcome of a health check; its members are lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthDocument {
    /// `UNKNOWN`, `HEALTHY` or `UNHEALTHY`.
    pub status: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_since: Option<String>,
    /// Exit code of the last check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Output of the last check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// A volume of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VolumeDocument {
    /// Name of the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_name: Option<String>,
    /// Where it is on the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it is in the container.
    pub destination: String,
}

/// A network of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkDocument {
    /// `awsvpc`.
    pub network_mode: String,
    /// Addresses.
    #[serde(rename = "IPv4Addresses")]
    pub ipv4_addresses: Vec<String>,
    /// Number of the attachment.
    pub attachment_index: u32,
    /// Hardware address.
    #[serde(rename = "MACAddress")]
    pub mac_address: String,
    /// Subnet.
    #[serde(rename = "IPv4SubnetCIDRBlock")]
    pub ipv4_subnet_cidr_block: String,
    /// Resolvers.
    pub domain_name_servers: Vec<String>,
    /// Search domains.
    pub domain_name_search_list: Vec<String>,
    /// Name of the ENI.
    #[serde(rename = "PrivateDNSName")]
    pub private_dns_name: String,
    /// Gateway with the length of the subnet's prefix.
    pub subnet_gateway_ipv4_address: String,
}

/// The clock of the task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Clock {
    /// Bound of the error, in milliseconds.
    pub clock_error_bound: f64,
    /// When it was compared last.
    pub reference_timestamp: String,
    /// `SYNCHRONIZED` or `NOT_SYNCHRONIZED`.
    pub clock_synchronization_status: String,
}

/// The task's storage, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EphemeralStorage {
    /// Used.
    pub utilized: u64,
    /// There in all.
    pub reserved: u64,
}

/// Credentials of the task role. They are made up: nothing here can sign a request that AWS would take.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// ARN of the role.
    pub role_arn: String,
    /// Key id.
    pub access_key_id: String,
    /// Key.
    pub secret_access_key: String,
    /// Session token.
    pub token: String,
    /// End of validity.
    pub expiration: String,
}

// ---------------------------------------------------------------------------------------------------------------------

impl NetworkDocument {
    /// The one network of a task, from the network of its world.
    #[must_use]
    pub fn of(network: &crate::outside::WorldNetwork) -> Self {
        let prefix = network.subnet_prefix;
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        let subnet = std::net::Ipv4Addr::from(u32::from(network.eni_address) & mask);
        NetworkDocument {
            network_mode: "awsvpc".to_owned(),
            ipv4_addresses: vec![network.eni_address.to_string()],
            attachment_index: 0,
            mac_address: network.hardware_text(),
            ipv4_subnet_cidr_block: format!("{subnet}/{prefix}"),
            domain_name_servers: vec![network.resolver.to_string()],
            domain_name_search_list: vec![network.search_domain.clone()],
            private_dns_name: network.hostname.clone(),
            subnet_gateway_ipv4_address: format!("{}/{prefix}", network.gateway),
        }
    }
}

/// A whole number without a fraction, as the service writes it.
fn shortest<S: serde::Serializer>(cpu: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match cpu {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => serializer.serialize_i64(*whole as i64),
        Some(fraction) => serializer.serialize_f64(*fraction),
        None => serializer.serialize_none(),
    }
}
