//! Clients that are no people, and what apps do about them.

use super::visit::Visit;
use proofhouse_model::requests::Bot;
use proofhouse_protocol::waas_policy::{BotProtectionSpec, UserDefinedBot};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use proptest::prelude::*;

/// User agents, and what their makers say that they are.
pub const AGENTS: &[(&str, Option<Bot>)] = &[
    (
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        Some(Bot::SearchEngineCrawler),
    ),
    ("Mozilla/5.0 (compatible; bingbot/2.0)", Some(Bot::SearchEngineCrawler)),
    ("curl/7.88.1", Some(Bot::HttpLibrary)),
    ("python-requests/2.31.0", Some(Bot::HttpLibrary)),
    ("PostmanRuntime/7.32.3", Some(Bot::ApiLibrary)),
    ("Mozilla/5.0 (X11) HeadlessChrome/119.0.0.0 Safari/537.36", Some(Bot::WebAutomationTool)),
    ("Scrapy/2.11.0 (+https://scrapy.org)", Some(Bot::WebScraper)),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0", None),
];

/// Values of the header by which the user's own bots are told.
const OWN: &[&str] = &["partner-7", "Partner-9", "leech-7", "leech"];

/// Settings of each app, and user agent and own header of each request.
#[derive(Debug, Clone)]
pub(crate) struct Bots {
    settings: Vec<BotProtectionSpec>,
    asks: Vec<(Option<usize>, Option<&'static str>)>,
}

impl Bots {
    /// Gives the apps of a policy their settings, and requests that have no text in their user agent another one.
    pub(crate) fn put<'v>(self, firewall: &mut WaasPolicy, visits: impl Iterator<Item = &'v mut Visit>) {
        let apps = firewall.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec);
        for (app, settings) in apps.zip(self.settings) {
            app.bot_protection_spec = settings;
        }
        let asks = visits.flat_map(|visit| &mut visit.asks);
        for (ask, (agent, own)) in asks.zip(self.asks) {
            ask.agent = agent.filter(|_| !ask.has_agent());
            ask.own_bot = own;
        }
    }
}

/// For so many apps and requests.
pub(crate) fn bots(apps: usize, asks: usize) -> impl Strategy<Value = Bots> {
    let agent = prop_oneof![1 => Just(None), 2 => (0..AGENTS.len()).prop_map(Some)];
    let own = prop_oneof![2 => Just(None), 1 => prop::sample::select(OWN).prop_map(Some)];
    (prop::collection::vec(settings(), apps), prop::collection::vec((agent, own), asks))
        .prop_map(|(settings, asks)| Bots { settings, asks })
}

fn effect() -> impl Strategy<Value = WaasEffect> {
    prop_oneof![
        3 => Just(WaasEffect::Disable),
        3 => Just(WaasEffect::Alert),
        3 => Just(WaasEffect::Prevent),
        1 => Just(WaasEffect::Ban),
    ]
}

fn settings() -> impl Strategy<Value = BotProtectionSpec> {
    let classes = (effect(), effect(), effect(), effect(), effect());
    (classes, prop::collection::vec(own(), 0..3)).prop_map(
        |((crawlers, http, api, automation, scrapers), user_defined_bots)| {
            let mut spec = BotProtectionSpec { user_defined_bots, ..BotProtectionSpec::default() };
            spec.known_bot_protections_spec.search_engine_crawlers = crawlers;
            let unknown = &mut spec.unknown_bot_protection_spec;
            unknown.http_libraries = http;
            unknown.api_libraries = api;
            unknown.web_automation_tools = automation;
            unknown.web_scrapers = scrapers;
            spec
        },
    )
}

fn own() -> impl Strategy<Value = UserDefinedBot> {
    let values = prop::sample::subsequence(vec!["partner-*", "leech-7", "*eech", "leech"], 1..3);
    let lists = prop_oneof![2 => Just(Vec::new()), 1 => prop::sample::subsequence(vec!["north", "south"], 1)];
    let effect = prop_oneof![
        2 => Just(WaasEffect::Allow),
        2 => Just(WaasEffect::Alert),
        2 => Just(WaasEffect::Prevent),
        1 => Just(WaasEffect::Ban),
    ];
    (values, lists, effect).prop_map(|(values, lists, effect)| UserDefinedBot {
        name: "own".to_owned(),
        header_name: "X-Bot".to_owned(),
        header_values: values.into_iter().map(str::to_owned).collect(),
        subnets: lists.into_iter().map(str::to_owned).collect(),
        effect,
    })
}
