//! A rule, ready to run.

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
    /// Names of cookies that the rule does not look at.
    pub(super) cookies_excluded: Vec<Regex>,
    pub(super) chain: Vec<Link>,
    /// Whether plain text can match at all.
    pub(super) may_match_plain: bool,
}

/// A further condition of a chain.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) scope: LinkScope,
    pub(super) transforms: Vec<Transform>,
    pub(super) test: Test,
}

/// What a link looks at.
#[derive(Debug, PartialEq)]
pub(super) enum LinkScope {
    /// The value that the head of the chain matched.
    Matched,
    /// Any value of the request of these classes.
    Classes(ClassSet),
}

impl CompiledRule {
    /// Whether the rule looks at this input at all; its class was checked when the bank was chosen.
    pub(super) fn looks_at(&self, input: &Input<'_>) -> bool {
        !matches!(input.class, Class::Cookie | Class::CookieName)
            || !self.cookies_excluded.iter().any(|name| name.is_match(input.key.as_bytes()))
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
