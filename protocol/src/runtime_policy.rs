//! The runtime policy of App-Embedded Defenders (`runtime.AppEmbeddedPolicy`), shapes of 34.04.

use crate::custom_rule::{CustomRule, CustomRuleRef};
use crate::{Collection, RuleEffect};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The whole policy: an ordered list of rules, first match decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct RuntimePolicy {
    /// Constant `appEmbeddedRuntime`.
    #[serde(rename = "_id", default)]
    pub id: String,
    /// Ordered rules.
    #[serde(default)]
    pub rules: Vec<RuntimeRule>,
    /// Custom rules that the rules attach; on the link only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_rules: Vec<CustomRule>,
    /// Members that mean nothing to App-Embedded, kept as given.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One rule (`runtime.AppEmbeddedPolicyRule`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeRule {
    /// Unique within the policy.
    pub name: String,
    /// A disabled rule is skipped.
    #[serde(default)]
    pub disabled: bool,
    /// Scopes, ORed. Empty means the rule never applies.
    #[serde(default)]
    pub collections: Vec<Collection>,
    /// Process section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<ProcessSection>,
    /// IP and port section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkSection>,
    /// DNS section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsSection>,
    /// File-system section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filesystem: Option<FilesystemSection>,
    /// Custom rules, which decide before the sections, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_rules: Vec<CustomRuleRef>,
    /// `previousName`, `notes`, `owner`, `modified`, `advancedProtection`, `wildFireAnalysis`, ...
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Processes of a container, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessSection {
    /// Effect of the whole section.
    pub effect: RuleEffect,
    /// Allowed names; filled means everything else is denied.
    #[serde(default)]
    pub whitelist: Vec<String>,
    /// Denied names.
    #[serde(default)]
    pub blacklist: Vec<String>,
    /// Deny everything but the main process.
    #[serde(default)]
    pub block_all_binaries: bool,
    /// Recognised crypto miners.
    #[serde(default)]
    pub check_crypto_miners: bool,
    /// Binaries created or changed after the container's start.
    #[serde(default)]
    pub check_new_binaries: bool,
    /// Everything else of the schema, kept as given.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Domain names that a container may look up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DnsSection {
    /// Effect of the whole section.
    pub effect: RuleEffect,
    /// Allowed domains; filled means everything else is denied.
    #[serde(default)]
    pub whitelist: Vec<String>,
    /// Denied domains.
    #[serde(default)]
    pub blacklist: Vec<String>,
    /// Everything else of the schema, kept as given.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An inclusive range of ports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortRange {
    /// First port, inclusive.
    pub start: u16,
    /// Last port, inclusive.
    pub end: u16,
    /// Carried by the schema; which list the range stands in decides.
    #[serde(default)]
    pub deny: bool,
}

/// Addresses and ports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NetworkSection {
    /// Effect of the whole section.
    pub effect: RuleEffect,
    /// Allowed outbound addresses.
    #[serde(default, rename = "whitelistIPs")]
    pub whitelist_ips: Vec<String>,
    /// Denied outbound addresses.
    #[serde(default, rename = "blacklistIPs")]
    pub blacklist_ips: Vec<String>,
    /// Allowed listening ports.
    #[serde(default)]
    pub whitelist_listening_ports: Vec<PortRange>,
    /// Denied listening ports.
    #[serde(default)]
    pub blacklist_listening_ports: Vec<PortRange>,
    /// Allowed outbound ports.
    #[serde(default)]
    pub whitelist_outbound_ports: Vec<PortRange>,
    /// Denied outbound ports.
    #[serde(default)]
    pub blacklist_outbound_ports: Vec<PortRange>,
    /// Everything else of the schema, kept as given.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilesystemSection {
    /// Effect of the whole section.
    pub effect: RuleEffect,
    /// Allowed paths.
    #[serde(default)]
    pub whitelist: Vec<String>,
    /// Denied paths.
    #[serde(default)]
    pub blacklist: Vec<String>,
    /// Changes to binaries and certificates.
    #[serde(default)]
    pub check_new_files: bool,
    /// Configuration of SSH and of administrative accounts.
    #[serde(default)]
    pub backdoor_files: bool,
    /// Encrypted and packed binaries are not looked for.
    #[serde(default)]
    pub skip_encrypted_binaries: bool,
    /// Binaries with suspicious ELF headers.
    #[serde(default, rename = "suspiciousELFHeaders")]
    pub suspicious_elf_headers: bool,
    /// Everything else of the schema, kept as given.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
