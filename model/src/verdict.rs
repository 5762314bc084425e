//! What comes of a process start, of a DNS question, of a connection or of a listener.

use crate::Trail;
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::audit::RuntimeAuditType;

/// The audit that a Defender owes, as far as the policy decides on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// `ruleName`.
    pub rule: String,
    /// `type`.
    pub kind: RuntimeAuditType,
    /// `attackType`.
    pub attack_type: &'static str,
    /// `attackTechniques`, at most one.
    pub technique: Option<&'static str>,
    /// `effect`: the one that was applied.
    pub effect: RuleEffect,
}

/// What is decided, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the program runs, the question is answered, the address is reached.
    pub happens: bool,
    /// What is told of it.
    pub audit: Option<Audit>,
    /// The clauses by which it came about.
    pub trail: Trail,
}

impl Verdict {
    /// It happens, and nobody hears of it.
    pub(crate) fn fine(trail: Trail) -> Self {
        Self { happens: true, audit: None, trail }
    }

    /// P1, P2, D1, D2, F7: what a violation comes to under the effect of its section. A Console refuses `block` (F2); a policy that has it all
    /// the same must not be weaker than `prevent` (choice). The effect `disable` does not come here.
    pub(crate) fn violation(effect: RuleEffect, audit: Audit, mut trail: Trail) -> Self {
        let prevented = match effect {
            RuleEffect::Alert | RuleEffect::Disable => {
                trail.through("effect.alert");
                false
            }
            RuleEffect::Prevent => {
                trail.through("effect.prevent");
                true
            }
            RuleEffect::Block => {
                trail.through("effect.block");
                true
            }
        };
        let effect = if prevented { RuleEffect::Prevent } else { RuleEffect::Alert };
        Self { happens: !prevented, audit: Some(Audit { effect, ..audit }), trail }
    }
}
