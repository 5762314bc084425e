//! Rules of the detection families that are not compiled, each with its reason; and rules above paranoia level 1
//! that are. A rule that is on neither list and cannot be compiled is an error.

/// A rule, or a family (three digits), that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUsed {
    /// Rule id, or the first three digits of a family.
    pub id: u32,
    /// Why.
    pub reason: &'static str,
}

const fn not(id: u32, reason: &'static str) -> NotUsed {
    NotUsed { id, reason }
}

/// Reviewed against rule set 3.3.4.
pub const NOT_USED: [NotUsed; 13] = [
    not(910, "reputation by address needs a database, and is access control's business"),
    not(911, "methods are the API protection's business"),
    not(912, "counts requests over time, which is the DoS protection's business"),
    not(920, "the HTTP layer checks the protocol itself, before a rule could see the request"),
    not(922, "looks at multipart part headers by counters; parts are read by our own parser"),
    not(943, "session fixation is no WAAS protection"),
    not(949, "sums scores; WAAS protections decide one by one"),
    not(921130, "markup in an argument is cross-site scripting, not a malformed request"),
    not(921140, "a header with a line break never gets past the HTTP layer"),
    not(921200, "LDAP injection has no WAAS protection"),
    not(921421, "media types in parameters of Content-Type serve a parser confusion of ModSecurity"),
    not(932180, "file uploads are the access control's business"),
    not(933110, "file uploads are the access control's business"),
];

/// The crawler list of rule set 3: WAAS counts crawlers among attack tools (section 2.7 of `waas.md`).
pub const PROMOTED: [u32; 1] = [913_102];
