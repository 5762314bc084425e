//! One app of a rule, ready to decide.

use crate::access::Access;
use crate::{Attack, AttackSet, ExceptionError, Exceptions};
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, NetworkList, WaasRule};
use std::time::Duration;

/// An app with its rule.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) rule_name: String,
    pub(crate) spec: ApplicationSpec,
    pub(crate) exceptions: Exceptions,
    pub(crate) access: Access,
    pub(crate) wanted: AttackSet,
    pub(crate) read_timeout: Duration,
    pub(crate) ban: Duration,
}

impl App {
    pub(super) fn new(
        rule: &WaasRule,
        spec: &ApplicationSpec,
        lists: &[NetworkList],
    ) -> Result<Self, ExceptionError> {
        let mut app = Self {
            rule_name: rule.name.clone(),
            spec: spec.clone(),
            exceptions: Exceptions::of(spec)?,
            access: Access::of(spec, lists),
            wanted: AttackSet::NONE,
            read_timeout: Duration::from_secs(rule.read_timeout_seconds.max(1)),
            ban: Duration::from_secs(spec.ban_duration_minutes * 60),
        };
        app.wanted =
            Attack::ALL.iter().copied().filter(|attack| app.effect(*attack) != WaasEffect::Disable).collect();
        Ok(app)
    }

    /// Effect of a protection. `allow` and `reCAPTCHA` are no effects of the app firewall (section 1.4 of
    /// `waas.md`); they do nothing.
    pub(crate) fn effect(&self, attack: Attack) -> WaasEffect {
        let settings = (attack.protection().settings)(&self.spec);
        match settings.effect {
            WaasEffect::Allow | WaasEffect::ReCaptcha => WaasEffect::Disable,
            effect => effect,
        }
    }
}
