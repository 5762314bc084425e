//! A policy of the firewall, one step simpler.

use super::shrink::without_each;
use super::simpler_answers::simpler_answers;
use super::simpler_api::simpler_apis;
use proofhouse_model::requests::Attack;
use proofhouse_protocol::waas_policy::{
    ApplicationSpec, BodyInspection, BotProtectionSpec, CustomBlockResponse, DosConfig, DosRates, Endpoint,
    KnownBots, NetworkControls, Protection, UnknownBots, WaasRule,
};
use proofhouse_protocol::{Collection, WaasPolicy};

/// All that are, the boldest steps first.
pub(super) fn simpler_firewalls(policy: &WaasPolicy) -> Vec<WaasPolicy> {
    let with = |rules: Vec<WaasRule>| WaasPolicy { rules, ..policy.clone() };
    let mut all: Vec<_> = without_each(&policy.rules).filter(|rules| !rules.is_empty()).map(with).collect();
    for (at, rule) in policy.rules.iter().enumerate() {
        for simpler in simpler_rules(rule) {
            let mut rules = policy.rules.clone();
            rules[at] = simpler;
            all.push(with(rules));
        }
    }
    all
}

fn simpler_rules(rule: &WaasRule) -> Vec<WaasRule> {
    let mut all = Vec::new();
    let everything = vec![Collection::everything("All")];
    if rule.collections != everything {
        all.push(WaasRule { collections: everything, ..rule.clone() });
        let fewer = without_each(&rule.collections).filter(|left| !left.is_empty());
        all.extend(fewer.map(|collections| WaasRule { collections, ..rule.clone() }));
    }
    if rule.disabled {
        all.push(WaasRule { disabled: false, ..rule.clone() });
    }
    let fewer = without_each(&rule.applications_spec).filter(|apps| !apps.is_empty());
    all.extend(fewer.map(|applications_spec| WaasRule { applications_spec, ..rule.clone() }));
    for (at, app) in rule.applications_spec.iter().enumerate() {
        for simpler in simpler_apps(app) {
            let mut next = rule.clone();
            next.applications_spec[at] = simpler;
            all.push(next);
        }
    }
    all
}

fn simpler_apps(app: &ApplicationSpec) -> Vec<ApplicationSpec> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut ApplicationSpec)| {
        let mut next = app.clone();
        change(&mut next);
        if next != *app {
            all.push(next);
        }
    };
    with(&|next| Attack::ALL.iter().for_each(|attack| *attack.settings_mut(next) = Protection::default()));
    for attack in Attack::ALL {
        with(&|next| *attack.settings_mut(next) = Protection::default());
        with(&|next| attack.settings_mut(next).exception_fields.clear());
        for fields in without_each(&attack.settings(app).exception_fields) {
            with(&|next| attack.settings_mut(next).exception_fields.clone_from(&fields));
        }
    }
    with(&|next| next.network_controls = NetworkControls::default());
    with(&|next| next.network_controls.exception_subnets.clear());
    with(&|next| next.network_controls.network_controls_exception_subnets.subnets.clear());
    with(&|next| next.network_controls.subnets.allow.clear());
    with(&|next| next.network_controls.subnets.alert.clear());
    with(&|next| next.network_controls.subnets.prevent.clear());
    with(&|next| next.dos_config = DosConfig::default());
    with(&|next| next.dos_config.alert = DosRates::default());
    with(&|next| next.dos_config.ban = DosRates::default());
    with(&|next| next.dos_config.excluded_network_lists.clear());
    for left in without_each(&app.dos_config.match_conditions) {
        with(&|next| next.dos_config.match_conditions.clone_from(&left));
    }
    with(&|next| next.bot_protection_spec = BotProtectionSpec::default());
    with(&|next| next.bot_protection_spec.known_bot_protections_spec = KnownBots::default());
    with(&|next| next.bot_protection_spec.unknown_bot_protection_spec = UnknownBots::default());
    for left in without_each(&app.bot_protection_spec.user_defined_bots) {
        with(&|next| next.bot_protection_spec.user_defined_bots.clone_from(&left));
    }
    with(&|next| next.custom_rules.clear());
    for left in without_each(&app.custom_rules) {
        with(&|next| next.custom_rules.clone_from(&left));
    }
    with(&|next| next.header_specs.clear());
    for (at, spec) in app.header_specs.iter().enumerate() {
        for values in without_each(&spec.values).filter(|values| !values.is_empty()) {
            with(&|next| next.header_specs[at].values.clone_from(&values));
        }
    }
    with(&|next| next.custom_block_response = CustomBlockResponse::default());
    with(&|next| next.disable_event_id_header = false);
    with(&|next| next.body = BodyInspection::default());
    for spec in simpler_apis(&app.api_spec) {
        with(&|next| next.api_spec.clone_from(&spec));
    }
    for endpoints in without_each(&app.api_spec.endpoints).filter(|left| !left.is_empty()) {
        with(&|next| next.api_spec.endpoints.clone_from(&endpoints));
    }
    for at in 0..app.api_spec.endpoints.len() {
        let plain = |endpoint: &Endpoint| Endpoint {
            host: "*".to_owned(),
            base_path: "*".to_owned(),
            ..endpoint.clone()
        };
        with(&|next| next.api_spec.endpoints[at] = plain(&app.api_spec.endpoints[at]));
    }
    all.extend(simpler_answers(app).into_iter().filter(|next| next != app));
    all
}
