//! What a wrapper decides by: the rule in scope, compiled.

use super::{DnsRules, FileRules, ProcessRules};
use proofhouse_protocol::Semantics;
use proofhouse_protocol::runtime_policy::{DnsSection, FilesystemSection, ProcessSection, RuntimeRule};
use serde::{Deserialize, Serialize};

/// The part of a rule that a wrapper needs; what the sidecar sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContainerRule {
    /// Name of the rule, for audits.
    pub name: String,
    /// Process section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<ProcessSection>,
    /// DNS section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsSection>,
    /// File system section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filesystem: Option<FilesystemSection>,
}

impl From<&RuntimeRule> for ContainerRule {
    fn from(rule: &RuntimeRule) -> Self {
        Self {
            name: rule.name.clone(),
            processes: rule.processes.clone(),
            dns: rule.dns.clone(),
            filesystem: rule.filesystem.clone(),
        }
    }
}

/// A compiled policy of one container. The default one decides nothing.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Name of the rule in scope.
    pub rule_name: String,
    /// Process rules, when the section is enabled.
    pub processes: Option<ProcessRules>,
    /// DNS rules, when the section is enabled.
    pub dns: Option<DnsRules>,
    /// File system rules, when the section is enabled.
    pub files: Option<FileRules>,
}

impl Policy {
    /// Compiles the rule in scope; no rule, no decisions.
    #[must_use]
    pub fn compile(rule: Option<&ContainerRule>, semantics: &Semantics) -> Self {
        let Some(rule) = rule else { return Self::default() };
        Self {
            rule_name: rule.name.clone(),
            processes: rule.processes.as_ref().and_then(|s| ProcessRules::compile(s, semantics)),
            dns: rule.dns.as_ref().and_then(|s| DnsRules::compile(s, semantics)),
            files: rule.filesystem.as_ref().and_then(|s| FileRules::compile(s, semantics)),
        }
    }
}
