//! A rule of owner `system`.

use super::{frameworks, java, protocol, servers};

/// A custom rule of the system: as a Console lists it among the custom rules (section 1.6 of `waas.md`).
///
/// System rules can be cloned, not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemRule {
    /// `_id`, from 1.
    pub id: u32,
    /// `name`.
    pub name: &'static str,
    /// `description`.
    pub description: &'static str,
    /// `script`, which parses for a request.
    pub script: &'static str,
    /// `message`, with macros.
    pub message: &'static str,
    /// `vulnIDs`.
    pub vulnerabilities: &'static [&'static str],
}

impl SystemRule {
    /// `owner`.
    pub const OWNER: &'static str = "system";

    /// `type`.
    pub const TYPE: &'static str = "waas-request";

    /// Whether a rule is in force before a user attaches it: shipped rules are disabled.
    pub const ENABLED: bool = false;
}

/// The rules of owner `system`, by ascending id: 20 of type `waas-request`, attached to nothing.
///
/// Source: section 2.14 of `waas.md`, row 106.
pub fn system_rules() -> impl Iterator<Item = &'static SystemRule> {
    [java::RULES, frameworks::RULES, servers::RULES, protocol::RULES].into_iter().flatten()
}
