//! The Defender link: JSON text messages on a WebSocket over mutually authenticated TLS. See `docs/link.md`.
//!
//! The Defender connects to `WS_ADDRESS` at [`PATH`] with the client certificate of its install bundle and says
//! [`FromDefender::Hello`] first. Audits are delivered at least once: the Defender repeats everything after the last
//! [`FromConsole::Ack`] when it reconnects, and the Console de-duplicates by sequence number.

use crate::{
    DiscoveredApi, FirewallAudit, MonitoringStats, RuntimeAudit, RuntimePolicy, Semantics, WaasPolicy,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Path of the WebSocket.
pub const PATH: &str = "/defender/v1/link";

/// Version of this protocol.
pub const VERSION: u32 = 1;

/// What the Defender says of itself when it connects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// [`VERSION`] of the speaker.
    pub protocol: u32,
    /// Version of the Defender, such as `34.04.145`.
    pub version: String,
    /// `fargate`.
    pub defender_type: String,
    /// `<family>:<task id>`.
    #[serde(rename = "appID")]
    pub app_id: String,
    /// New at each start of the sidecar; audit sequence numbers count within it.
    pub incarnation: String,
    /// Where the task runs, as far as its metadata told.
    #[serde(default)]
    pub cloud: CloudMetadata,
    /// What this Defender enforces: `processes`, `dns`, `waas`.
    #[serde(default)]
    pub features: Vec<String>,
    /// Revision of the policy it enforces now; 0 for none.
    #[serde(default)]
    pub revision: u64,
}

/// Where the task runs. Empty strings are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct CloudMetadata {
    /// `aws`.
    pub provider: String,
    /// Region.
    pub region: String,
    /// Account.
    #[serde(rename = "accountID")]
    pub account_id: String,
    /// Cluster name or ARN.
    pub cluster: String,
    /// Task id.
    #[serde(rename = "resourceID")]
    pub resource_id: String,
}

/// A policy revision: everything a Defender needs to decide, in one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRevision {
    /// Grows by at least one with each change of either policy or of a collection.
    pub revision: u64,
    /// Runtime policy, collections resolved.
    pub runtime: RuntimePolicy,
    /// WAAS policy, collections resolved.
    pub waas: WaasPolicy,
    /// Declared choices.
    pub semantics: Semantics,
}

/// The two kinds of audit on the link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "plane", content = "audit", rename_all = "lowercase")]
pub enum LinkAudit {
    /// Runtime.
    Runtime(Box<RuntimeAudit>),
    /// WAAS.
    Firewall(Box<FirewallAudit>),
}

/// An audit with its place in the sender's sequence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SequencedAudit {
    /// 1, 2, 3, ... within one incarnation, without gaps.
    pub sequence: u64,
    /// The audit.
    #[serde(flatten)]
    pub audit: LinkAudit,
}

/// A container under the Defender, as `profiles/app-embedded` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Container name of the task definition.
    pub container: String,
    /// Image as written.
    pub image: String,
    /// RFC 3339.
    pub start_time: String,
}

/// Defender to Console.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FromDefender {
    /// First message of a connection.
    Hello(Hello),
    /// All parts of the Defender (wrappers and WAAS) decide by this revision from now on.
    PolicyApplied {
        /// The revision.
        revision: u64,
    },
    /// The policy could not be used; the former one stays in force.
    PolicyRejected {
        /// The revision.
        revision: u64,
        /// Why.
        error: String,
    },
    /// A container came under the Defender.
    Workload(Workload),
    /// Audits in order.
    Audits {
        /// At least one.
        items: Vec<SequencedAudit>,
    },
    /// Everything that was decided before the fence reached each part of the Defender has been sent, and stands
    /// before this message.
    Fence {
        /// As received.
        id: String,
        /// Containers whose part has answered.
        containers: Vec<String>,
        /// As in [`FromDefender::Counters`], when the fence came out of every part. Empty from a Defender that does
        /// not count.
        #[serde(default)]
        totals: BTreeMap<String, u64>,
    },
    /// Totals since the start of the sidecar, by name; one that begins with `dropped_` and is above zero means that
    /// evidence was lost.
    Counters {
        /// Name to total.
        totals: BTreeMap<String, u64>,
    },
    /// What the firewall learned since it last told; each API as a whole.
    DiscoveredApis {
        /// Among all reports of this incarnation: 1, 2, 3, ...
        report: u64,
        /// At least one.
        apis: Vec<DiscoveredApi>,
    },
    /// What the firewall has counted.
    MonitoringStats {
        /// Among all reports of this incarnation: 1, 2, 3, ...
        report: u64,
        /// Number of the reset since which it counts; 0 for the start.
        reset: u64,
        /// The counts.
        stats: Box<MonitoringStats>,
    },
    /// The firewall's clock is as far ahead of the machine's now.
    ClockSet {
        /// Seconds.
        ahead: u64,
    },
    /// Nothing to say, still here.
    Heartbeat,
}

/// Console to Defender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FromConsole {
    /// Answer to hello.
    Welcome {
        /// Version of the Console.
        version: String,
    },
    /// A new policy.
    Policy(Box<PolicyRevision>),
    /// Audits up to and including this sequence number are safe.
    Ack {
        /// Sequence number.
        through: u64,
    },
    /// Reports up to and including this number are kept.
    Noted {
        /// Number of a report.
        through: u64,
    },
    /// The firewall is to count from 0 on, unless it has done this reset, or a later one, before.
    ResetMonitoringStats {
        /// 1, 2, 3, ... for this app.
        reset: u64,
    },
    /// The firewall is to measure rates, bans, sessions and its own reports by a clock that is so far ahead of the machine's.
    Clock {
        /// Seconds in all, not since the last message; a smaller number than before changes nothing.
        ahead: u64,
    },
    /// Please answer when everything before is through.
    Fence {
        /// Opaque.
        id: String,
    },
    /// The Console will not have this Defender.
    Refused {
        /// Why.
        error: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_carry_their_type_as_a_tag() {
        let text = serde_json::to_value(FromConsole::Ack { through: 7 }).unwrap();
        assert_eq!(text, serde_json::json!({"type": "ack", "through": 7}));
        let text = serde_json::to_value(FromDefender::Heartbeat).unwrap();
        assert_eq!(text, serde_json::json!({"type": "heartbeat"}));
    }

    #[test]
    fn a_fence_of_an_older_defender_has_no_totals() {
        let fence: FromDefender =
            serde_json::from_value(serde_json::json!({"type": "fence", "id": "f", "containers": ["web"]}))
                .unwrap();
        let FromDefender::Fence { totals, containers, .. } = fence else { panic!("a fence") };
        assert!(totals.is_empty());
        assert_eq!(containers, ["web"]);
    }

    #[test]
    fn an_audit_stands_beside_its_sequence_number() {
        let json = serde_json::json!({"sequence": 3, "plane": "runtime", "audit": {
            "time": "2026-01-02T03:04:05Z", "type": "network", "attackType": "explicitlyDeniedDNS",
            "effect": "prevent", "ruleName": "r", "msg": "m"}});
        let audit: SequencedAudit = serde_json::from_value(json).unwrap();
        assert_eq!(audit.sequence, 3);
        assert!(matches!(audit.audit, LinkAudit::Runtime(_)));
    }
}
