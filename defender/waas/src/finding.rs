//! What a protection found in a request, before it is decided on.

use crate::audit::canonical;
use crate::{Leak, Location, Match};
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::audit::AttackField;

/// One thing that was found. The protections give these in order of evaluation (section 2.3 of `waas.md`); what becomes of
/// the request is decided in one place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// `type` of the audit.
    pub(crate) kind: &'static str,
    /// `protection` of the audit: `firewall`, `dos`, `bot`, `custom` or `accessControl`.
    pub(crate) protection: &'static str,
    /// What the policy wants done. `disable` is never a finding; `allow` ends the inspection without an audit.
    pub(crate) effect: WaasEffect,
    /// `msg` of the audit.
    pub(crate) message: String,
    /// Where it was found; empty if it is no place of the request.
    pub(crate) field: AttackField,
}

impl Finding {
    /// A finding of the app firewall itself that is no attack at a place.
    pub(crate) fn firewall(kind: &'static str, effect: WaasEffect, message: String) -> Self {
        Self { kind, protection: "firewall", effect, message, field: AttackField::default() }
    }

    /// An attack that the rules found.
    pub(crate) fn attack(found: &Match, effect: WaasEffect) -> Self {
        let key = match found.location {
            Location::Header => canonical(&found.key),
            _ => found.key.clone(),
        };
        let kind = found.location.field_type().to_owned();
        Self {
            field: AttackField { kind, key, value: found.value.clone() },
            ..Self::firewall(found.attack.audit_type(), effect, found.message())
        }
    }
    /// Something in an answer that no client may see.
    pub(crate) fn leak(leak: &Leak, effect: WaasEffect) -> Self {
        let Leak { what, matched } = leak;
        let message =
            format!("Detected Information Leakage attack in response body, match {matched}, value {what}");
        let kind = "rawBodyResponse".to_owned();
        Self {
            field: AttackField { kind, key: String::new(), value: matched.clone() },
            ..Self::firewall("informationLeak", effect, message)
        }
    }
}
