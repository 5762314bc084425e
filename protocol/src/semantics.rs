//! Declared choices: what the public documentation leaves open, as named settings.

use serde::{Deserialize, Serialize};

/// What an empty allow list means under `prevent` (section 6 of `runtime-and-embed.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum EmptyLists {
    /// Nothing is denied.
    #[default]
    DenyNothing,
    /// Everything but the entry point is denied.
    DenyAll,
}

/// How a domain entry without a wildcard matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum PlainDomain {
    /// Only the name itself.
    #[default]
    Exact,
    /// The name and everything below it.
    Suffix,
}

/// The declared choices of one profile. They travel with the policy, and are printed in every report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Semantics {
    /// Name of the profile: `current`, `allow-only-21` or `legacy-20`.
    pub profile: String,
    /// Empty allow list with `prevent`.
    pub empty_lists: EmptyLists,
    /// Whether deny lists are honoured at all.
    pub deny_lists: bool,
    /// Whether `*.example.com` covers `example.com`.
    pub wildcard_matches_apex: bool,
    /// Domain entries without wildcard.
    pub plain_domain: PlainDomain,
    /// Whether a fresh Console ships the default rule.
    pub default_rule: bool,
    /// Whether a broken install bundle stops the container (true) or leaves the app unprotected (false).
    pub broken_bundle_fails: bool,
}

impl Semantics {
    /// 22.06 and later; the default.
    #[must_use]
    pub fn current() -> Self {
        Self {
            profile: "current".to_owned(),
            empty_lists: EmptyLists::DenyNothing,
            deny_lists: true,
            wildcard_matches_apex: false,
            plain_domain: PlainDomain::Exact,
            default_rule: true,
            broken_bundle_fails: true,
        }
    }

    /// 21.04 to 22.01: what is not on an allow list is denied.
    #[must_use]
    pub fn allow_only_21() -> Self {
        Self {
            profile: "allow-only-21".to_owned(),
            empty_lists: EmptyLists::DenyAll,
            deny_lists: false,
            plain_domain: PlainDomain::Exact,
            ..Self::current()
        }
    }

    /// 20.04 to 20.12: allow and deny lists, no default rule.
    #[must_use]
    pub fn legacy_20() -> Self {
        Self {
            profile: "legacy-20".to_owned(),
            empty_lists: EmptyLists::DenyAll,
            plain_domain: PlainDomain::Suffix,
            default_rule: false,
            broken_bundle_fails: false,
            ..Self::current()
        }
    }

    /// The profile of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::current(), Self::allow_only_21(), Self::legacy_20()].into_iter().find(|s| s.profile == name)
    }
}

impl Default for Semantics {
    fn default() -> Self {
        Self::current()
    }
}
