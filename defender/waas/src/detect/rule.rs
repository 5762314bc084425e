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
    pub(super) cookies: CookieNames,
    /// Whether it is asked only of values as they were sent.
    pub(super) as_sent: bool,
    pub(super) chain: Vec<Link>,
    /// Whether plain text can match at all.
    pub(super) may_match_plain: bool,
}

/// Names of the cookies that a rule looks at.
#[derive(Debug, Default)]
pub(super) struct CookieNames {
    /// These; all if there is none.
    pub(super) only: Vec<Regex>,
    /// But not these.
    pub(super) but: Vec<Regex>,
}

/// A further condition of a chain: it holds if its test holds for any value that it looks at.
#[derive(Debug)]
pub(super) struct Link {
    /// Whether it looks at the value that the head of the chain matched.
    pub(super) matched: bool,
    /// Values of the request that it looks at.
    pub(super) classes: ClassSet,
    pub(super) transforms: Vec<Transform>,
    pub(super) test: Test,
}

impl CompiledRule {
    /// Whether the rule looks at this input at all; its class was checked when the bank was chosen.
    pub(super) fn looks_at(&self, input: &Input<'_>) -> bool {
        if !matches!(input.class, Class::Cookie | Class::CookieName) {
            return true;
        }
        let named = |names: &[Regex]| names.iter().any(|name| name.is_match(input.key.as_bytes()));
        (self.cookies.only.is_empty() || named(&self.cookies.only)) && !named(&self.cookies.but)
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
