//! The bot protection of an app.
//!
//! Declared choices: the user's own bots go before all others, and one of them decides; of the rest a client is in one class at most, and
//! impersonation and oddity are looked at beside it.

use super::anomalies::{is_false_bot, is_false_browser, oddity};
use super::classes;
use crate::access::{Networks, wildcard};
use crate::client_address::Client;
use crate::finding::Finding;
use hyper::header::{HeaderMap, USER_AGENT};
use hyper::http::request::Parts;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::audit::AttackField;
use proofhouse_protocol::waas_policy::{BotProtectionSpec, NetworkList, UserDefinedBot};

/// Oddity that is allowed where the policy names no threshold.
const LAX: u32 = 9;

/// The bot protection of an app.
#[derive(Debug, Default)]
pub(crate) struct Bots {
    spec: BotProtectionSpec,
    own: Vec<(UserDefinedBot, Networks)>,
    /// Whether anything that can be found has an effect.
    counts: bool,
}

impl Bots {
    pub(crate) fn of(spec: &BotProtectionSpec, lists: &[NetworkList]) -> Self {
        let own = spec.user_defined_bots.iter().map(|bot| (bot.clone(), Networks::of(&bot.subnets, lists)));
        let unknown = &spec.unknown_bot_protection_spec;
        let odd =
            [unknown.bot_impersonation, unknown.browser_impersonation, unknown.request_anomalies.effect];
        let counts = !spec.user_defined_bots.is_empty()
            || classes::count(spec)
            || odd.iter().any(|effect| *effect != WaasEffect::Disable);
        Self { spec: spec.clone(), own: own.collect(), counts }
    }

    /// What speaks against a client, in order; one of the user's own bots that is allowed ends the inspection.
    pub(crate) fn find(&self, client: &Client, request: &Parts, host: &str) -> Vec<Finding> {
        if !self.counts {
            return Vec::new();
        }
        if let Some((bot, _)) =
            self.own.iter().find(|(bot, networks)| is_it(bot, networks, client, &request.headers))
        {
            let message = format!("Detected User-defined Bot {}", bot.name);
            return match bot.effect {
                WaasEffect::Disable => Vec::new(),
                effect => vec![finding(
                    "userDefinedBot",
                    effect,
                    message,
                    field(&bot.header_name, &request.headers),
                )],
            };
        }
        let agent = request.headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let agent = agent.unwrap_or_default();
        let class = classes::of(&agent);
        let unknown = &self.spec.unknown_bot_protection_spec;
        let told = |name: &str| format!("Detected {name} in header User-Agent, value {agent}");
        let mut found = Vec::new();
        let mut add = |kind, effect: WaasEffect, message: String, name: &str| {
            if effect != WaasEffect::Disable {
                found.push(finding(kind, effect, message, field(name, &request.headers)));
            }
        };
        if let Some(class) = class {
            add(class.kind, (class.effect)(&self.spec), told(class.name), "User-Agent");
        }
        if class.is_some_and(|class| class.known) && is_false_bot(&request.headers) {
            add("botImpersonation", unknown.bot_impersonation, told("Bot Impersonation"), "User-Agent");
        }
        if class.is_none() && is_false_browser(&request.headers) {
            add(
                "browserImpersonation",
                unknown.browser_impersonation,
                told("Browser Impersonation"),
                "User-Agent",
            );
        }
        let (odd, why) = oddity(request, host);
        if odd >= unknown.request_anomalies.threshold.filter(|threshold| *threshold > 0).unwrap_or(LAX) {
            let message = format!("Detected Request Anomalies: {}", why.join(", "));
            add("requestAnomalies", unknown.request_anomalies.effect, message, "");
        }
        found
    }
}

/// Header and list must both agree, as far as they are given; a bot of which neither is given is nobody.
fn is_it(bot: &UserDefinedBot, networks: &Networks, client: &Client, headers: &HeaderMap) -> bool {
    let by_header = !bot.header_name.is_empty();
    let by_list = !bot.subnets.is_empty();
    let values = headers.get_all(bot.header_name.as_str()).iter();
    let mut values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let header = !by_header
        || values.any(|value| bot.header_values.iter().any(|pattern| wildcard(pattern, value.trim())));
    let list = !by_list || networks.has(client.address);
    (by_header || by_list) && header && list
}

fn field(name: &str, headers: &HeaderMap) -> AttackField {
    let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match name {
        "" => AttackField::default(),
        name => {
            AttackField { kind: "header".to_owned(), key: name.to_owned(), value: value.unwrap_or_default() }
        }
    }
}

fn finding(kind: &'static str, effect: WaasEffect, message: String, field: AttackField) -> Finding {
    Finding { kind, protection: "bot", effect, message, field }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::net::IpAddr;

    fn found(spec: Value, headers: &[(&str, &str)]) -> Vec<(String, WaasEffect)> {
        let lists =
            [serde_json::from_value(json!({"name": "partner", "subnets": ["198.51.100.0/24"]})).unwrap()];
        let bots = Bots::of(&serde_json::from_value(spec).unwrap(), &lists);
        let mut request = hyper::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let client = Client {
            address: IpAddr::from([198, 51, 100, 7]),
            chain: Vec::new(),
            origin: Default::default(),
        };
        let request = request.body(()).unwrap().into_parts().0;
        bots.find(&client, &request, "h")
            .into_iter()
            .map(|found| (found.kind.to_owned(), found.effect))
            .collect()
    }

    #[test]
    fn a_class_has_its_own_effect() {
        let spec = json!({"knownBotProtectionsSpec": {"news": "alert"},
            "unknownBotProtectionSpec": {"httpLibraries": "prevent", "apiLibraries": "alert"}});
        let kinds = |agent| found(spec.clone(), &[("User-Agent", agent)]);
        assert_eq!(kinds("curl/7"), [("httpLibrary".to_owned(), WaasEffect::Prevent)]);
        assert_eq!(kinds("PostmanRuntime/7"), [("apiLibrary".to_owned(), WaasEffect::Alert)]);
        assert_eq!(kinds("Googlebot-News"), [("newsBot".to_owned(), WaasEffect::Alert)]);
        assert!(kinds("Googlebot/2.1").is_empty());
    }

    #[test]
    fn a_bot_of_the_users_own_decides_alone() {
        let bot = |more: Value| {
            let mut bot = json!({"name": "mine", "effect": "allow"});
            bot.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"userDefinedBots": [bot], "unknownBotProtectionSpec": {"httpLibraries": "prevent"}})
        };
        let headers = [("User-Agent", "curl/7"), ("X-Bot", "partner-7")];
        let kinds =
            |more: Value| found(bot(more), &headers).into_iter().map(|found| found.0).collect::<Vec<_>>();
        assert_eq!(kinds(json!({"headerName": "x-bot", "headerValues": ["partner-*"]})), ["userDefinedBot"]);
        assert_eq!(kinds(json!({"headerName": "x-bot", "headerValues": ["other"]})), ["httpLibrary"]);
        assert_eq!(kinds(json!({"subnets": ["partner"]})), ["userDefinedBot"]);
        assert_eq!(kinds(json!({"subnets": ["nobody"]})), ["httpLibrary"]);
        assert_eq!(
            kinds(json!({"headerName": "x-bot", "headerValues": ["partner-7"], "subnets": ["nobody"]})),
            ["httpLibrary"]
        );
        assert_eq!(kinds(json!({})), ["httpLibrary"]);
    }

    #[test]
    fn thresholds_of_oddity() {
        let at = |threshold: Value| {
            let spec = json!({"unknownBotProtectionSpec": {"requestAnomalies": {"effect": "prevent", "threshold": threshold}}});
            found(spec, &[("X-Odd", "1")]).len()
        };
        assert_eq!(
            [at(json!(3)), at(json!(5)), at(json!(6)), at(json!(9)), at(json!(null))],
            [1, 1, 0, 0, 0]
        );
    }

    #[test]
    fn who_only_claims_to_be_someone() {
        let spec = json!({"unknownBotProtectionSpec": {"botImpersonation": "prevent", "browserImpersonation": "ban"}});
        assert_eq!(
            found(spec.clone(), &[("User-Agent", "Googlebot/2.1"), ("Cookie", "a=b")]),
            [("botImpersonation".to_owned(), WaasEffect::Prevent)]
        );
        assert_eq!(
            found(spec, &[("User-Agent", "Mozilla/5.0 (X11) Chrome/119.0 Safari/537.36")]),
            [("browserImpersonation".to_owned(), WaasEffect::Ban)]
        );
    }
}
