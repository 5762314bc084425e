//! How the firewall treats those who send much, and those who are no people (sections 1.3, 1.4, 2.10 and 2.11 of
//! `reference/waas.md`).

use crate::WaasEffect;
use crate::waas_response::PolicySecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Protection against floods (`waas.DoSConfig`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct DosConfig {
    /// Whether it is used.
    #[serde(default)]
    pub enabled: bool,
    /// Rates above which a client is told of.
    #[serde(default)]
    pub alert: DosRates,
    /// Rates above which a client is banned.
    #[serde(default)]
    pub ban: DosRates,
    /// Which requests count: those that meet one of these, or all.
    #[serde(default)]
    pub match_conditions: Vec<DosMatchCondition>,
    /// Network lists whose clients are not counted.
    #[serde(default)]
    pub excluded_network_lists: Vec<String>,
    /// Whether sessions are counted and banned instead of addresses.
    #[serde(default)]
    pub track_session: bool,
}

/// Requests a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct DosRates {
    /// Over 5 seconds; not used when absent or 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Over 120 seconds; not used when absent or 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<u32>,
}

/// What a request that counts is like; what is empty is met by any (`waas.DoSMatchCondition`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct DosMatchCondition {
    /// Methods.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Extensions of the path's file, with the dot.
    #[serde(default)]
    pub file_types: Vec<String>,
    /// Status of the answer.
    #[serde(default)]
    pub response_code_ranges: Vec<CodeRange>,
}

/// A status, or several (`waas.StatusCodeRange`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRange {
    /// First.
    pub start: u16,
    /// Last; the first when absent or 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<u16>,
}

/// Protection against bots (`waas.BotProtectionSpec`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct BotProtectionSpec {
    /// Bots that say who they are.
    #[serde(default)]
    pub known_bot_protections_spec: KnownBots,
    /// Bots that do not.
    #[serde(default)]
    pub unknown_bot_protection_spec: UnknownBots,
    /// Bots of the user's own, first match decides.
    #[serde(default)]
    pub user_defined_bots: Vec<UserDefinedBot>,
    /// Effect for a session cookie that is none of ours, or missing where no page can ask for it.
    #[serde(default)]
    pub session_validation: WaasEffect,
    /// Whether a client without a session gets a page that starts one.
    #[serde(default)]
    pub interstitial_page: bool,
    /// A question that only people answer.
    #[serde(rename = "reCAPTCHASpec", default)]
    pub re_captcha_spec: ReCaptchaSpec,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A question of the service reCAPTCHA v2 (`waas.ReCAPTCHASpec`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReCaptchaSpec {
    /// Whether it is asked at all.
    pub enabled: bool,
    /// What the service knows the site by; pages show it.
    pub site_key: String,
    /// What the service knows its owner by.
    pub secret_key: PolicySecret,
    /// What the question looks like.
    #[serde(rename = "type")]
    pub kind: ReCaptchaKind,
    /// Whether every session begins with it; else only those are asked for whom the effect is `reCAPTCHA`.
    pub all_sessions: bool,
    /// How long an answer counts, 720 hours at most; 24 when absent.
    pub success_expiration_hours: u64,
    /// A page of the user's own.
    pub custom_page_spec: CustomPage,
}

impl Default for ReCaptchaSpec {
    fn default() -> Self {
        Self {
            enabled: false,
            site_key: String::new(),
            secret_key: PolicySecret::default(),
            kind: ReCaptchaKind::Checkbox,
            all_sessions: false,
            success_expiration_hours: 24,
            custom_page_spec: CustomPage::default(),
        }
    }
}

/// What a question of reCAPTCHA looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReCaptchaKind {
    /// A box to be ticked.
    #[serde(alias = "")]
    Checkbox,
    /// Nothing, unless the service is in doubt.
    Invisible,
}

/// A page that takes the place of one of the Defender's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct CustomPage {
    /// Whether it is used.
    pub enabled: bool,
    /// HTML.
    pub body: String,
}

/// Effects for bots that say who they are, by what they do (`waas.KnownBotProtectionsSpec`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct KnownBots {
    /// Archives of the web.
    pub archiving: WaasEffect,
    /// Tools of marketing.
    pub business_analytics: WaasEffect,
    /// Search for jobs.
    pub career_search: WaasEffect,
    /// Readers of feeds.
    pub content_feed_clients: WaasEffect,
    /// Universities.
    pub educational: WaasEffect,
    /// Finance.
    pub financial: WaasEffect,
    /// Pictures and films.
    pub media_search: WaasEffect,
    /// News.
    pub news: WaasEffect,
    /// Search engines.
    pub search_engine_crawlers: WaasEffect,
}

/// Effects for bots that do not say who they are (`waas.UnknownBotProtectionSpec`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct UnknownBots {
    /// Clients of APIs.
    pub api_libraries: WaasEffect,
    /// Those who claim to be a known bot.
    pub bot_impersonation: WaasEffect,
    /// Those who claim to be a browser.
    pub browser_impersonation: WaasEffect,
    /// Whatever calls itself a bot.
    pub generic: WaasEffect,
    /// Libraries that speak HTTP.
    pub http_libraries: WaasEffect,
    /// Browsers without a person.
    pub web_automation_tools: WaasEffect,
    /// Scrapers.
    pub web_scrapers: WaasEffect,
    /// Requests that no browser sends so.
    pub request_anomalies: RequestAnomalies,
}

/// `waas.RequestAnomalies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RequestAnomalies {
    /// What happens.
    pub effect: WaasEffect,
    /// How much must be odd: 3 is strict, 6 moderate, 9 lax; 9 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u32>,
}

/// A bot of the user's own (`waas.UserDefinedBot`). A request is its if the header and the list agree, as far as they are given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserDefinedBot {
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Header by which it is told.
    #[serde(default)]
    pub header_name: String,
    /// Patterns of its value.
    #[serde(default)]
    pub header_values: Vec<String>,
    /// Network lists that it comes from.
    #[serde(default)]
    pub subnets: Vec<String>,
    /// Also `allow`.
    #[serde(default)]
    pub effect: WaasEffect,
}
