//! Audits: what a Defender reports (`shared.RuntimeAudit`, `shared.AppFirewallAudit`, 34.04).

use crate::{RuleEffect, WaasEffect};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Section 2.4 of `runtime-and-embed.md`: the `attackType` values that App-Embedded may emit.
pub const RUNTIME_ATTACK_TYPES: [&str; 20] = [
    "explicitlyDeniedProcess",
    "modifiedProcess",
    "alteredBinary",
    "cryptoMinerProcess",
    "malwareProcessCustom",
    "explicitlyDeniedDNS",
    "explicitlyDeniedIP",
    "explicitlyDeniedListeningPort",
    "explicitlyDeniedOutboundPort",
    "explicitlyDeniedFile",
    "administrativeAccount",
    "sshAccess",
    "encryptedBinary",
    "suspiciousELFHeader",
    "malwareFileCustom",
    "wildfireMalware",
    "fileIntegrity",
    "execFileAccess",
    "elfFileAccess",
    "customRule",
];

/// Kind of a runtime audit. There is no `dns`: DNS events are `network` [SPEC].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeAuditType {
    /// A program was started, or was not.
    Processes,
    /// Addresses, ports, and DNS.
    Network,
    /// Never emitted by App-Embedded.
    Kubernetes,
    /// Files.
    Filesystem,
}

/// One runtime audit. Members that are absent were not known; the Console adds `_id` and `collections`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeAudit {
    /// Identity, given by the Console.
    #[serde(rename = "_id", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it happened, at the Defender, UTC.
    pub time: Timestamp,
    /// Version of the Defender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How many equal events this audit stands for; at least 1.
    #[serde(default = "one")]
    pub count: u64,
    /// `low`, `medium`, `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Kind.
    #[serde(rename = "type")]
    pub kind: RuntimeAuditType,
    /// What was detected, a value of [`RUNTIME_ATTACK_TYPES`].
    pub attack_type: String,
    /// MITRE techniques; none for DNS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack_techniques: Option<Vec<String>>,
    /// The effect that was applied.
    pub effect: RuleEffect,
    /// The rule that decided.
    pub rule_name: String,
    /// Text for people; match it with patterns only (section 3.9).
    pub msg: String,
    /// Equal to `appID` on Fargate.
    #[serde(default)]
    pub hostname: String,
    /// `<family>:<task id>`.
    #[serde(rename = "appID", default)]
    pub app_id: String,
    /// Whether the event happened in a container: true on Fargate.
    #[serde(default)]
    pub container: bool,
    /// Container name of the task definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    /// Container runtime id, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<String>,
    /// Image as written in the task definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_name: Option<String>,
    /// `<app id>_` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<String>,
    /// Collections that the workload is in; added by the Console, always with `All`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collections: Option<Vec<String>>,
    /// `aws`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Account.
    #[serde(rename = "accountID", default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Task id.
    #[serde(rename = "resourceID", default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// User of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Process id, in the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// The executable: the denied program, or the process that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_path: Option<String>,
    /// Command line, scrubbed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Name that was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// File.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filepath: Option<String>,
}

fn one() -> u64 {
    1
}

/// What part of the request carried an attack (`attackField`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct AttackField {
    /// `method`, `xmlBody`, `jsonBody`, `formBody`, `multipartBody`, `rawBody`, `query`, `queryParamName`, `cookie`, `header`, `url`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name of the parameter, header or cookie; empty where there is none.
    #[serde(default)]
    pub key: String,
    /// The value.
    #[serde(default)]
    pub value: String,
}

/// Who the audit is about (`resource`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct AuditResource {
    /// App IDs.
    #[serde(rename = "appIDs", default)]
    pub app_ids: Vec<String>,
    /// Accounts.
    #[serde(rename = "accountIDs", default)]
    pub account_ids: Vec<String>,
}

/// One WAAS audit (section 1.5 of `waas.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FirewallAudit {
    /// Identity, given by the Console.
    #[serde(rename = "_id", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it happened, at the Defender, UTC.
    pub time: Timestamp,
    /// Version of the Defender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How many equal events this audit stands for; at least 1.
    #[serde(default = "one")]
    pub count: u64,
    /// `sqli`, `xss`, `cmdi`, `lfi`, `codeInjection`, `attackTools`, `shellshock`, `malformedRequest`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The effect that was applied.
    pub effect: WaasEffect,
    /// Rule that decided.
    pub rule_name: String,
    /// App of the rule.
    #[serde(rename = "ruleAppID", default)]
    pub rule_app_id: String,
    /// `Detected <attack name> attack in <location>, match <match>, value <value>`.
    pub msg: String,
    /// True for App-Embedded.
    #[serde(default)]
    pub host: bool,
    /// Equal to `appID`.
    #[serde(default)]
    pub hostname: String,
    /// `<family>:<task id>`.
    #[serde(rename = "appID", default)]
    pub app_id: String,
    /// `app-embedded`.
    #[serde(default)]
    pub firewall_type: String,
    /// `firewall`, `dos`, `bot`, `custom`, `accessControl`.
    #[serde(default)]
    pub protection: String,
    /// UUID, the same as in the response header.
    #[serde(rename = "eventID", default)]
    pub event_id: String,
    /// Host header and path.
    #[serde(default)]
    pub url: String,
    /// Path.
    #[serde(default)]
    pub url_path: String,
    /// Query, without `?`.
    #[serde(default)]
    pub url_query: String,
    /// Method.
    #[serde(default)]
    pub method: String,
    /// User-Agent.
    #[serde(default)]
    pub user_agent_header: String,
    /// Host header.
    #[serde(default)]
    pub request_host: String,
    /// Request line and headers, CRLF-joined.
    #[serde(default)]
    pub request_headers: String,
    /// Sorted names.
    #[serde(default)]
    pub request_header_names: Vec<String>,
    /// The application's, when the request was forwarded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_header_names: Vec<String>,
    /// Status sent to the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<u16>,
    /// Client address.
    #[serde(default)]
    pub subnet: String,
    /// Chain of addresses.
    #[serde(rename = "connectingIPs", default)]
    pub connecting_ips: Vec<String>,
    /// Country of the client address, ISO 3166-1 alpha-2; absent when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What carried the attack.
    #[serde(default)]
    pub attack_field: AttackField,
    /// MITRE techniques.
    #[serde(default)]
    pub attack_techniques: Vec<String>,
    /// OWASP class.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owasp_top10: String,
    /// Who it is about.
    #[serde(default)]
    pub resource: AuditResource,
    /// Collections, added by the Console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collections: Option<Vec<String>>,
    /// `aws`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Account.
    #[serde(rename = "accountID", default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}
