//! A rule, ready to run.

use super::chain::Link;
use super::test::Test;
use crate::Attack;
use crate::input::{Class, ClassSet, Input};
use crate::transform::Transform;
use regex::bytes::Regex;

/// A rule of the rule set, compiled.
#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) id: u32,
    pub(super) attack: Attack,
    pub(super) test: Test,
    pub(super) transforms: Vec<Transform>,
    pub(super) multi_match: bool,
    pub(super) classes: ClassSet,
    pub(super) members: Members,
    /// Whether it is asked only of values as they were sent.
    pub(super) as_sent: bool,
    pub(super) chain: Vec<Link>,
    /// Whether plain text can match at all.
    pub(super) may_match_plain: bool,
}

/// Names of the members that a rule looks at.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// These cookies; all if there is none.
    pub(super) only_cookies: Vec<Regex>,
    /// But not these, by their class.
    pub(super) but: Vec<(Class, Regex)>,
}

impl CompiledRule {
    /// Whether the rule looks at this input at all; its class was checked when the bank was chosen.
    pub(super) fn looks_at(&self, input: &Input<'_>) -> bool {
        let key = input.key.as_bytes();
        let only = &self.members.only_cookies;
        let is_cookie = matches!(input.class, Class::Cookie | Class::CookieName);
        (!is_cookie || only.is_empty() || only.iter().any(|name| name.is_match(key)))
            && !self.members.but.iter().any(|(class, name)| *class == input.class && name.is_match(key))
    }
}

/// A value after all transformations.
pub(super) fn transformed(value: &[u8], transforms: &[Transform]) -> Vec<u8> {
    let mut current = value.to_vec();
    let mut out = Vec::new();
    for transform in transforms {
        if transform.apply(&current, &mut out) {
            std::mem::swap(&mut current, &mut out);
        }
    }
    current
}
