//! One app of a rule, ready to decide.

use super::PolicyError;
use super::encryption::encryption;
use crate::access::Access;
use crate::api::ApiProtection;
use crate::bots::Bots;
use crate::captcha::Captcha;
use crate::custom::CustomRules;
use crate::dos::Limits;
use crate::response::Rewriting;
use crate::scrub::Scrubbing;
use crate::uploads::Uploads;
use crate::{Attack, AttackSet, Exceptions};
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, WaasPolicy, WaasRule};
use rustls::ServerConfig;
use std::sync::Arc;
use std::time::Duration;

/// An app with its rule.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) rule_name: String,
    pub(crate) spec: ApplicationSpec,
    pub(crate) exceptions: Exceptions,
    pub(crate) access: Access,
    /// What requests may be, if the app declares its API.
    pub(crate) api: Option<ApiProtection>,
    pub(crate) bots: Bots,
    /// What tells people from bots, if they are asked.
    pub(crate) captcha: Option<Captcha>,
    pub(crate) custom: CustomRules,
    pub(crate) dos: Option<Limits>,
    pub(crate) uploads: Option<Uploads>,
    /// Whether APIs are learned from its requests (`skipAPILearning` is false).
    pub(crate) learns: bool,
    pub(crate) rewriting: Rewriting,
    /// What its audits must not tell.
    pub(crate) scrubbing: Scrubbing,
    pub(crate) wanted: AttackSet,
    pub(crate) read_timeout: Duration,
    pub(crate) ban: Duration,
    /// Of its endpoints that speak TLS, if it has one.
    pub(crate) encryption: Option<Arc<ServerConfig>>,
}

impl App {
    pub(super) fn new(
        rule: &WaasRule,
        spec: &ApplicationSpec,
        policy: &WaasPolicy,
    ) -> Result<Self, PolicyError> {
        let lists = &policy.network_lists;
        let endpoints = &spec.api_spec.endpoints;
        let encrypted: Vec<_> = endpoints.iter().filter(|endpoint| endpoint.tls).collect();
        let http2 = encrypted.iter().any(|endpoint| endpoint.http2 || endpoint.grpc);
        let encryption = (!encrypted.is_empty())
            .then(|| encryption(spec, http2))
            .transpose()
            .map_err(|source| PolicyError::Certificate { app: spec.app_id.clone(), source })?;
        let mut app = Self {
            rule_name: rule.name.clone(),
            spec: spec.clone(),
            exceptions: Exceptions::of(spec)?,
            access: Access::of(spec, lists),
            api: ApiProtection::of(&spec.api_spec),
            custom: CustomRules::of(&spec.custom_rules, policy)?,
            bots: Bots::of(&spec.bot_protection_spec, lists),
            captcha: Captcha::of(spec),
            dos: Limits::of(&spec.dos_config, lists),
            uploads: Uploads::of(&spec.malicious_upload),
            learns: rule.extra.get("skipAPILearning").is_none_or(|skip| skip != true),
            rewriting: Rewriting::of(spec),
            scrubbing: Scrubbing::of(&policy.sensitive_data)?,
            wanted: AttackSet::NONE,
            read_timeout: Duration::from_secs(rule.read_timeout_seconds.max(1)),
            ban: Duration::from_secs(spec.ban_duration_minutes * 60),
            encryption,
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

    /// Whether something looks at the application's answers.
    pub(crate) fn reads_answers(&self) -> bool {
        self.spec.intel_gathering.info_leakage_effect != WaasEffect::Disable
            || self.custom.wait_for_answer()
            || self.dos.as_ref().is_some_and(Limits::wait_for_answer)
    }
}
