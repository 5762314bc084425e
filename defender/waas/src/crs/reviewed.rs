//! Rules that are not compiled, each with its reason; rules above the paranoia level that are; and what becomes of a
//! rule. A detection that is not on the list and cannot be compiled is an error.

use super::{Role, Rule};
use crate::Attack;

/// A rule, or a family (three digits), that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUsed {
    /// Rule id, or the first three digits of a family.
    pub id: u32,
    /// Versions of the rule set that have it.
    pub versions: &'static [u32],
    /// Why.
    pub reason: &'static str,
}

const BOTH: &[u32] = &[3, 4];
const OLD: &[u32] = &[3];
const NEW: &[u32] = &[4];

const fn not(id: u32, versions: &'static [u32], reason: &'static str) -> NotUsed {
    NotUsed { id, versions, reason }
}

/// Reviewed against the rule sets 3.3.4 and 4.29.
pub const NOT_USED: [NotUsed; 19] = [
    not(901, BOTH, "sets up variables of the engine that the rule set was written for"),
    not(910, OLD, "reputation by address needs a database, and is access control's business"),
    not(911, BOTH, "methods are the API protection's business"),
    not(912, OLD, "counts requests over time, which is the DoS protection's business"),
    not(920, BOTH, "the HTTP layer checks the protocol itself, before a rule could see the request"),
    not(922, BOTH, "looks at multipart part headers by counters; parts are read by our own parser"),
    not(943, BOTH, "session fixation is no WAAS protection"),
    not(949, BOTH, "sums scores; WAAS protections decide one by one"),
    not(959, BOTH, "sums scores of answers; WAAS protections decide one by one"),
    not(
        953_120,
        BOTH,
        "looks ahead in rule set 3, which no set of patterns can; our own list of leaks has PHP source",
    ),
    not(921_130, BOTH, "markup in an argument is cross-site scripting, not a malformed request"),
    not(921_200, BOTH, "LDAP injection has no WAAS protection"),
    not(921_421, BOTH, "media types in parameters of Content-Type serve a parser confusion of ModSecurity"),
    not(921_422, BOTH, "media types in parameters of Content-Type serve a parser confusion of ModSecurity"),
    not(931_130, BOTH, "compares an address in a parameter with the request's own host"),
    not(931_131, NEW, "compares an address in a parameter with the request's own host"),
    not(942_130, OLD, "compares the two sides of a comparison with each other"),
    not(932_180, BOTH, "file uploads are the access control's business"),
    not(933_110, BOTH, "file uploads are the access control's business"),
];

/// The crawler list of rule set 3: WAAS counts crawlers among attack tools (section 2.7 of `waas.md`).
pub const PROMOTED: [u32; 1] = [913_102];

/// Rules that are asked only of a value as it was sent, with their own transformations, and never of a `Referer`.
/// 921140 looks for line breaks in headers: raw ones never get past the HTTP layer; those written as HTML references
/// (rule set 3.3) or percent-encoded (4) the rule undoes itself. In a `Referer`, the URL of a form that was sent by
/// GET, an encoded one is honest, and so it is in what another decoder makes of a value, such as Base64.
pub const AS_SENT: [u32; 1] = [921_140];

/// Families, by the first three digits, that know what no answer may hold.
pub const LEAKS: std::ops::RangeInclusive<u32> = 950..=956;

/// What becomes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is compiled, for this protection.
    Compiled(Attack),
    /// It is compiled, and asked of the bodies of answers.
    OfAnswers,
    /// It is on the list, for this reason.
    NotUsed(NotUsed),
    /// It is no detection.
    Role(Role),
    /// Its paranoia level is not in use.
    Level(u8),
    /// No protection is served by it, and nobody has reviewed it.
    Foreign,
}

impl Fate {
    /// What becomes of this rule at a paranoia level.
    #[must_use]
    pub fn of(rule: &Rule, level: u8) -> Self {
        let is_left_out = |not: &&NotUsed| {
            (not.id == rule.id || not.id == rule.id / 1000)
                && rule.version.is_none_or(|version| not.versions.contains(&version))
        };
        if let Some(not) = NOT_USED.iter().find(is_left_out) {
            return Self::NotUsed(*not);
        }
        if rule.role != Role::Detection {
            return Self::Role(rule.role);
        }
        if rule.paranoia > level && !PROMOTED.contains(&rule.id) {
            return Self::Level(rule.paranoia);
        }
        match Attack::of_rule(rule.id) {
            Some((attack, _)) => Self::Compiled(attack),
            None if LEAKS.contains(&(rule.id / 1000)) && rule.on_answer().is_some() => Self::OfAnswers,
            None => Self::Foreign,
        }
    }
}
