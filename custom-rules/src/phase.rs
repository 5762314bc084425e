//! When a rule is evaluated.

/// When a rule is evaluated, and so which attributes it may name.
///
/// Source: section 2.14 of `waas.md`; a rule of a response may read the request that led to it. The last two are those of the runtime
/// policy (section 3.6 of `runtime-and-embed.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Before the request goes to the application (type `waas-request`): `req.*`.
    Request,
    /// When the response has come (type `waas-response`): `req.*` and `resp.*`.
    Response,
    /// When a program is started (type `processes`): `proc.*`.
    Process,
    /// When an address is reached or a name looked up (type `network-outgoing`): `proc.*` and `net.*`.
    Outgoing,
}

impl Phase {
    /// By the `type` of a custom rule; none for rules that are neither of WAAS nor of what the runtime policy of App-Embedded sees.
    #[must_use]
    pub fn of_rule_type(name: &str) -> Option<Self> {
        match name {
            "waas-request" => Some(Self::Request),
            "waas-response" => Some(Self::Response),
            "processes" => Some(Self::Process),
            "network-outgoing" => Some(Self::Outgoing),
            _ => None,
        }
    }

    /// The `type` of such a custom rule.
    #[must_use]
    pub fn rule_type(self) -> &'static str {
        match self {
            Self::Request => "waas-request",
            Self::Response => "waas-response",
            Self::Process => "processes",
            Self::Outgoing => "network-outgoing",
        }
    }

    /// Whether it is one of WAAS, and not of the runtime policy.
    #[must_use]
    pub fn is_of_waas(self) -> bool {
        matches!(self, Self::Request | Self::Response)
    }

    /// The attribute that is an address.
    pub(crate) fn address(self) -> &'static str {
        if self.is_of_waas() { "req.ip" } else { "net.outgoing_ip" }
    }
}
