//! When a rule is evaluated.

/// When a rule is evaluated, and so which attributes it may name.
///
/// Source: section 2.14 of `waas.md`; a rule of a response may read the request that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before the request goes to the application (type `waas-request`): `req.*`.
    Request,
    /// When the response has come (type `waas-response`): `req.*` and `resp.*`.
    Response,
}

impl Phase {
    /// By the `type` of a custom rule; none for rules that are not WAAS's.
    #[must_use]
    pub fn of_rule_type(name: &str) -> Option<Self> {
        match name {
            "waas-request" => Some(Self::Request),
            "waas-response" => Some(Self::Response),
            _ => None,
        }
    }

    /// The `type` of such a custom rule.
    #[must_use]
    pub fn rule_type(self) -> &'static str {
        match self {
            Self::Request => "waas-request",
            Self::Response => "waas-response",
        }
    }
}
