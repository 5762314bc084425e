//! What a wrapper decides by: the rule in scope, compiled.

use super::custom::{AttachedRule, CustomRules, attached};
use super::{
    CustomEffect, DnsRules, FileRules, Finding, Launch, NetworkRules, Places, ProcessRules, Violation,
};
use proofhouse_custom_rules::{Event, Phase};
use proofhouse_protocol::runtime_policy::{
    DnsSection, FilesystemSection, NetworkSection, ProcessSection, RuntimeRule,
};
use proofhouse_protocol::{CustomRule, Semantics};
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
    /// Section on addresses and ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkSection>,
    /// Custom rules, the top-most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<AttachedRule>,
}

impl From<&RuntimeRule> for ContainerRule {
    fn from(rule: &RuntimeRule) -> Self {
        Self::with(rule, &[])
    }
}

impl ContainerRule {
    /// Of a rule, and the custom rules that it may attach.
    #[must_use]
    pub fn with(rule: &RuntimeRule, custom_rules: &[CustomRule]) -> Self {
        Self {
            name: rule.name.clone(),
            processes: rule.processes.clone(),
            dns: rule.dns.clone(),
            filesystem: rule.filesystem.clone(),
            network: rule.network.clone(),
            custom: attached(rule, custom_rules),
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
    /// Rules on addresses and ports, when the section is enabled and says something.
    pub network: Option<NetworkRules>,
    /// Custom rules on programs.
    pub custom_programs: CustomRules,
    /// Custom rules on what is reached and looked up.
    pub custom_outgoing: CustomRules,
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
            network: rule.network.as_ref().and_then(|s| NetworkRules::compile(s, semantics)),
            custom_programs: CustomRules::compile(&rule.custom, Phase::Process),
            custom_outgoing: CustomRules::compile(&rule.custom, Phase::Outgoing),
        }
    }

    /// Whether anything is to be decided of programs.
    #[must_use]
    pub fn governs_programs(&self) -> bool {
        self.processes.is_some() || !self.custom_programs.is_empty()
    }

    /// Whether a program may be kept from running.
    #[must_use]
    pub fn prevents_programs(&self) -> bool {
        self.processes.as_ref().is_some_and(ProcessRules::prevents) || self.custom_programs.prevents()
    }

    /// Whether anything is to be decided of names.
    #[must_use]
    pub fn governs_names(&self) -> bool {
        self.dns.is_some() || !self.custom_outgoing.is_empty()
    }

    /// Whether something that a socket does may be kept from happening.
    #[must_use]
    pub fn prevents_sockets(&self) -> bool {
        self.dns.as_ref().is_some_and(DnsRules::prevents)
            || self.network.as_ref().is_some_and(NetworkRules::prevents)
            || self.custom_outgoing.prevents()
    }

    /// What is wrong with a program that starts, of which custom rules see `event`.
    #[must_use]
    pub fn judge(&self, launch: &Launch<'_>, places: &impl Places, event: &dyn Event) -> Option<Finding> {
        let by_section = || {
            let rules = self.processes.as_ref()?;
            let violation = rules.judge(launch, places)?;
            Some(Finding { violation, prevents: rules.prevents(), message: None })
        };
        let is_prevented = || by_section().is_some_and(|finding| finding.prevents);
        match self.custom_programs.decide(event, is_prevented) {
            None => by_section(),
            Some(rule) => (rule.effect != CustomEffect::Allow).then(|| Finding {
                violation: Violation::Custom,
                prevents: rule.effect == CustomEffect::Prevent,
                message: Some(rule.message.clone()),
            }),
        }
    }
}
