//! One `SecRule`, as written.

use super::{Operator, Role, Variable};
use crate::transform::Transform;

/// A `SecRule`, with the rules that are chained to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// `id`; 0 for a chained rule.
    pub id: u32,
    /// What it is for; of a chained rule, what that says for itself.
    pub role: Role,
    /// Paranoia level of its tag; 1 without one.
    pub paranoia: u8,
    /// Version of the rule set that it is of, where it says so.
    pub version: Option<u32>,
    /// Value of `tag` actions.
    pub tags: Vec<String>,
    /// Targets.
    pub variables: Vec<Variable>,
    /// Operator with its argument.
    pub operator: Operator,
    /// Whether the operator stands behind a `!`.
    pub negated: bool,
    /// Transformations after the last `t:none`.
    pub transforms: Vec<Transform>,
    /// Names of transformations that are not known here; such a rule cannot be compiled.
    pub unknown_transforms: Vec<String>,
    /// Whether the operator is tried after each transformation (`multiMatch`).
    pub multi_match: bool,
    /// The rest of a chain, in order.
    pub chain: Vec<Rule>,
    /// Line of the file where the directive starts, from 1.
    pub line: usize,
}

impl Rule {
    /// The rule, or the first of those chained to it, that asks the body of an answer.
    #[must_use]
    pub fn on_answer(&self) -> Option<&Self> {
        let asks = |rule: &&Self| rule.variables.iter().any(|variable| variable.name == "RESPONSE_BODY");
        std::iter::once(self).chain(&self.chain).filter(asks).find(|rule| !rule.negated)
    }
}
