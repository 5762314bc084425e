//! Clients that are no people (section 2.11).
//!
//! Which names are those of bots is published by nobody: who asks says of each user agent what it is.

use super::Sent;
use super::access::{has_shape, is_in};
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, NetworkList, UserDefinedBot};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a user agent is, by the word of its maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bot {
    /// A search engine.
    SearchEngineCrawler,
    /// A library that speaks HTTP.
    HttpLibrary,
    /// A client of APIs.
    ApiLibrary,
    /// A browser without a person.
    WebAutomationTool,
    /// A scraper.
    WebScraper,
}

impl Bot {
    /// `type` of its audits (section 1.5).
    #[must_use]
    pub fn audit_type(self) -> &'static str {
        match self {
            Self::SearchEngineCrawler => "searchEngineCrawler",
            Self::HttpLibrary => "httpLibrary",
            Self::ApiLibrary => "apiLibrary",
            Self::WebAutomationTool => "webAutomationTool",
            Self::WebScraper => "webScraper",
        }
    }

    fn effect(self, app: &ApplicationSpec) -> WaasEffect {
        let spec = &app.bot_protection_spec;
        let unknown = &spec.unknown_bot_protection_spec;
        match self {
            Self::SearchEngineCrawler => spec.known_bot_protections_spec.search_engine_crawlers,
            Self::HttpLibrary => unknown.http_libraries,
            Self::ApiLibrary => unknown.api_libraries,
            Self::WebAutomationTool => unknown.web_automation_tools,
            Self::WebScraper => unknown.web_scrapers,
        }
    }
}

/// What is told of a client that is a bot: types and effects.
pub(super) type Told = Vec<(&'static str, WaasEffect)>;

/// W76 to W78, W80, W81: all that may be told. The user's own bots go before all classes; which of several it is, and whether the class counts
/// beside one that does not block, is not documented.
pub(super) fn bots(
    app: &ApplicationSpec,
    lists: &[NetworkList],
    client: IpAddr,
    sent: &Sent,
    trail: &mut Trail,
) -> Vec<Told> {
    let class: Told = sent
        .bot
        .map(|bot| (bot.audit_type(), bot.effect(app)))
        .filter(|(_, effect)| *effect != WaasEffect::Disable)
        .into_iter()
        .collect();
    let all = &app.bot_protection_spec.user_defined_bots;
    let own: Vec<_> = all.iter().filter(|bot| is_it(bot, lists, client, sent)).collect();
    if own.is_empty() {
        match sent.bot {
            Some(_) if class.is_empty() => trail.through("request.bot-off"),
            Some(Bot::SearchEngineCrawler) => trail.through("request.bot-known"),
            Some(_) => trail.through("request.bot-unknown"),
            None => {}
        }
        if !all.is_empty() {
            trail.through("request.bot-of-others");
        }
        return vec![class];
    }
    let mut ways = Vec::new();
    for bot in own {
        let allows = bot.effect == WaasEffect::Allow;
        trail.through(if allows { "request.bot-allowed" } else { "request.bot-own" });
        ways.push(vec![("userDefinedBot", bot.effect)]);
        if !allows && !class.is_empty() {
            ways.push([vec![("userDefinedBot", bot.effect)], class.clone()].concat());
        }
    }
    ways
}

/// Header and list agree, as far as they are given (choice).
fn is_it(bot: &UserDefinedBot, lists: &[NetworkList], client: IpAddr, sent: &Sent) -> bool {
    let header = sent.header(&bot.header_name);
    let fits = |value: &str| bot.header_values.iter().any(|pattern| has_shape(pattern, value));
    let by_header = bot.header_name.is_empty() || header.is_some_and(fits);
    let by_list = bot.subnets.is_empty() || is_in(&bot.subnets, lists, client);
    by_header && by_list
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What may be told of a client with that value of `X-Bot` and that class.
    fn told(spec: Value, own: Option<&str>, bot: Option<Bot>) -> Vec<Told> {
        let sent = Sent {
            peer: "203.0.113.7".parse().unwrap(),
            port: 80,
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: own.map(|own| ("X-Bot".to_owned(), own.to_owned())).into_iter().collect(),
            body: String::new(),
            coded_sha256: None,
            fields: Vec::new(),
            files: Vec::new(),
            app_answer: None,
            document: None,
            app_status: 200,
            bot,
            attacks: Vec::new(),
        };
        let app: ApplicationSpec = serde_json::from_value(json!({"botProtectionSpec": spec})).unwrap();
        let office =
            serde_json::from_value(json!({"name": "office", "subnets": ["203.0.113.0/28"]})).unwrap();
        bots(&app, std::slice::from_ref(&office), sent.peer, &sent, &mut Trail::default())
    }

    /// W76 to W78.
    #[test]
    fn classes() {
        let spec = json!({"knownBotProtectionsSpec": {"searchEngineCrawlers": "alert"},
            "unknownBotProtectionSpec": {"httpLibraries": "prevent"}});
        let of = |bot| told(spec.clone(), None, bot);
        assert_eq!(of(Some(Bot::SearchEngineCrawler)), [vec![("searchEngineCrawler", WaasEffect::Alert)]]);
        assert_eq!(of(Some(Bot::HttpLibrary)), [vec![("httpLibrary", WaasEffect::Prevent)]]);
        assert_eq!(of(Some(Bot::ApiLibrary)), [vec![]]);
        assert_eq!(of(None), [vec![]]);
    }

    /// W80, W81.
    #[test]
    fn bots_of_the_users_own() {
        let of = |list: &str, effect: &str, own: &str| {
            let bot = json!({"name": "b", "headerName": "x-bot", "headerValues": ["leech-*"], "subnets": [list],
                "effect": effect});
            let spec =
                json!({"unknownBotProtectionSpec": {"httpLibraries": "prevent"}, "userDefinedBots": [bot]});
            told(spec, Some(own), Some(Bot::HttpLibrary))
        };
        let (own, class) = ("userDefinedBot", ("httpLibrary", WaasEffect::Prevent));
        assert_eq!(of("office", "allow", "leech-7"), [vec![(own, WaasEffect::Allow)]]);
        let alert = (own, WaasEffect::Alert);
        assert_eq!(of("office", "alert", "leech-7"), [vec![alert], vec![alert, class]]);
        assert_eq!(of("office", "allow", "bee-7"), [vec![class]]);
        assert_eq!(of("nobody", "allow", "leech-7"), [vec![class]]);
    }
}
