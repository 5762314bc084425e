//! Defenders that the Console knows, as it remembers them and as the API shows them (section 2.6).

use crate::scope::{Workload as Scope, covers};
use jiff::{SignedDuration, Timestamp};
use proofhouse_protocol::link::{CloudMetadata, Hello, PolicyRevision, Workload};
use proofhouse_protocol::{Collection, MonitoringStats};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A disconnected App-Embedded Defender is forgotten after one hour, with its observations [AE].
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// What the Console asks of a link.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Fence(String),
    Noted(u64),
    ResetMonitoringStats(u64),
    /// How far ahead its firewall's clock is to be.
    Clock(Duration),
    Refuse(String),
    Policy(Box<PolicyRevision>),
}

/// The connection of a Defender.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: u64,
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    pub(crate) close: CancellationToken,
}

/// One Defender, connected or remembered.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) hello: Hello,
    pub(crate) peer: String,
    pub(crate) session: Option<Session>,
    pub(crate) last_modified: Timestamp,
    pub(crate) disconnected: Option<Timestamp>,
    pub(crate) applied: u64,
    pub(crate) rejected: Option<(u64, String)>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) counters: BTreeMap<String, u64>,
    pub(crate) counted: Counted,
    /// How far ahead its firewall's clock is, as it said last.
    pub(crate) ahead: Duration,
}

/// What its firewall has counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Number of the last reset that was asked for; 0 for none.
    pub(crate) reset: u64,
    /// Since then, as it was told last.
    pub(crate) stats: MonitoringStats,
    pub(crate) told: Option<Timestamp>,
}

impl Record {
    pub(crate) fn expired(&self, now: Timestamp) -> bool {
        self.disconnected.is_some_and(|at| now.duration_since(at) >= REMEMBERED)
    }

    pub(crate) fn info(&self) -> DefenderInfo {
        DefenderInfo {
            app_id: self.hello.app_id.clone(),
            version: self.hello.version.clone(),
            incarnation: self.hello.incarnation.clone(),
            connected: self.session.is_some(),
            applied: self.applied,
            rejected: self.rejected.clone(),
            features: self.hello.features.clone(),
            cloud: self.hello.cloud.clone(),
            workloads: self.workloads.clone(),
            counters: self.counters.clone(),
            peer: self.peer.clone(),
        }
    }

    /// Its row among the counts of firewalls.
    pub(crate) fn monitoring(&self) -> Value {
        let mut row = json!(self.counted.stats);
        row["appID"] = json!(self.hello.app_id);
        row["images"] = json!(self.images());
        row["resets"] = json!(self.counted.reset);
        row["time"] = json!(self.counted.told.map(|told| told.to_string()).unwrap_or_default());
        row
    }

    /// Images of its containers, each once.
    pub(crate) fn images(&self) -> Vec<String> {
        let images: BTreeSet<_> = self.workloads.iter().map(|workload| workload.image.clone()).collect();
        images.into_iter().collect()
    }

    fn scope(&self) -> Scope<'_> {
        let known = |text| Some(text).filter(|text: &&str| !text.is_empty());
        Scope {
            app_id: &self.hello.app_id,
            cluster: known(self.hello.cloud.cluster.as_str()),
            account: known(self.hello.cloud.account_id.as_str()),
            ..Scope::default()
        }
    }

    fn collections(&self, collections: &[Collection], scope: Scope<'_>) -> Vec<String> {
        collections.iter().filter(|c| covers(c, scope)).map(|c| c.name.clone()).collect()
    }

    fn cloud(&self) -> Value {
        let cloud = &self.hello.cloud;
        json!({
            "accountID": cloud.account_id,
            "provider": cloud.provider,
            "region": cloud.region,
            "resourceID": cloud.resource_id,
            "awsExecutionEnv": if cloud.provider == "aws" { "AWS_ECS_FARGATE" } else { "" },
        })
    }

    /// The record in `GET /defenders`.
    pub(crate) fn to_json(&self, collections: &[Collection], link_port: u16, ports: &[u16]) -> Value {
        let has = |feature: &str| self.hello.features.iter().any(|f| f == feature);
        let sensor = |enabled: bool| json!({"enabled": enabled, "err": "", "hostname": self.hello.app_id});
        json!({
            "hostname": self.hello.app_id,
            "fqdn": "",
            "version": self.hello.version,
            "lastModified": self.last_modified.to_string(),
            "type": "fargate",
            "category": "appEmbedded",
            "port": link_port,
            "proxy": {"httpProxy": "", "noProxy": "", "ca": "", "user": ""},
            "connected": self.session.is_some(),
            "features": {"proxyListenerType": "none", "clusterMonitoring": false},
            "status": {
                "lastModified": self.last_modified.to_string(),
                "process": sensor(has("processes")),
                "network": sensor(has("network") || has("dns")),
                "filesystem": sensor(has("filesystem")),
                "runtime": sensor(has("processes")),
                "appFirewall": sensor(has("waas")),
                "image": sensor(false),
                "container": sensor(false),
                "upgrade": {"err": "", "hostname": self.hello.app_id},
            },
            "firewallProtection": {
                "enabled": !ports.is_empty(),
                "supported": has("waas"),
                "outOfBandMode": "",
                "ports": ports,
                "tlsPorts": [],
                "unprotectedProcesses": [],
            },
            "systemInfo": {},
            "cloudMetadata": self.cloud(),
            "cluster": self.hello.cloud.cluster,
            "clusterID": "",
            "clusterType": if self.hello.cloud.cluster.is_empty() { "" } else { "ECS" },
            "collections": self.collections(collections, self.scope()),
            "compatibleVersion": true,
            "remoteLoggingSupported": false,
            "remoteMgmtSupported": true,
            "usingOldCA": false,
            "isARM64": false,
            "vpcObserver": false,
        })
    }

    /// Records of `GET /profiles/app-embedded`, one per container (S7).
    pub(crate) fn profiles(&self, collections: &[Collection]) -> Vec<Value> {
        self.workloads
            .iter()
            .map(|workload| {
                let scope = Scope {
                    container: Some(&workload.container),
                    image: Some(&workload.image),
                    ..self.scope()
                };
                json!({
                    "_id": format!("{}_{}", self.hello.app_id, workload.container),
                    "appID": self.hello.app_id,
                    "cloudMetadata": self.cloud(),
                    "cluster": self.hello.cloud.cluster,
                    "clusterType": if self.hello.cloud.cluster.is_empty() { "" } else { "ECS" },
                    "collections": self.collections(collections, scope),
                    "container": workload.container,
                    "image": workload.image,
                    "imageID": "",
                    "startTime": workload.start_time,
                })
            })
            .collect()
    }

    /// Ports that the WAAS policy exposes on this Defender: those of the first enabled rule in scope.
    pub(crate) fn firewall_ports(&self, policy: &PolicyRevision) -> Vec<u16> {
        let scope = self.scope();
        let rule = policy.waas.rules.iter().find(|rule| {
            !rule.disabled && rule.collections.iter().any(|collection| covers(collection, scope))
        });
        let apps = rule.into_iter().flat_map(|rule| &rule.applications_spec);
        apps.flat_map(|app| app.api_spec.endpoints.iter().map(|endpoint| endpoint.exposed_port)).collect()
    }
}

/// A Defender as the harness sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefenderInfo {
    /// `<family>:<task id>`.
    pub app_id: String,
    /// Its version.
    pub version: String,
    /// New at each start of the sidecar.
    pub incarnation: String,
    /// Whether its link is up.
    pub connected: bool,
    /// Last revision it said it decides by, on its present or last connection; 0 for none.
    pub applied: u64,
    /// Last revision it refused, and why.
    pub rejected: Option<(u64, String)>,
    /// What it says it enforces.
    pub features: Vec<String>,
    /// Where its task runs.
    pub cloud: CloudMetadata,
    /// Containers under it.
    pub workloads: Vec<Workload>,
    /// Its last counters.
    pub counters: BTreeMap<String, u64>,
    /// Address of its connection.
    pub peer: String,
}
