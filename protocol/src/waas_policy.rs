//! The WAAS policy (`waas.Policy`, `waas.Rule`, `waas.ApplicationSpec`), the part that the Defender reads.
//!
//! Everything that is not read stays in `extra`, so that an exported policy survives a round trip.

pub use crate::api_spec::{
    ApiMethod, ApiPath, ApiSpec, Endpoint, Param, ParamLocation, ParamStyle, ParamType,
};
pub use crate::waas_clients::{
    BotProtectionSpec, CodeRange, CustomPage, DosConfig, DosMatchCondition, DosRates, KnownBots,
    ReCaptchaKind, ReCaptchaSpec, RequestAnomalies, UnknownBots, UserDefinedBot,
};
pub use crate::waas_response::{HstsConfig, IntelGathering, PolicySecret, ResponseHeaderSpec, TlsConfig};

pub use crate::custom_rule::CustomRuleRef;

use crate::{Collection, CustomRule, SensitiveDataSpec, WaasEffect};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The whole firewall policy; first rule in scope decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct WaasPolicy {
    /// Constant `appEmbeddedAppFirewall`.
    #[serde(rename = "_id", default)]
    pub id: String,
    /// Ordered rules.
    #[serde(default)]
    pub rules: Vec<WaasRule>,
    /// Network lists that the rules name; on the link only, the API keeps them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network_lists: Vec<NetworkList>,
    /// Custom rules that the rules attach; on the link only, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_rules: Vec<CustomRule>,
    /// What audits must not tell; on the link only, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive_data: Vec<SensitiveDataSpec>,
    /// `minPort`, `maxPort`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaasRule {
    /// Unique name.
    pub name: String,
    /// A disabled rule is skipped.
    #[serde(default)]
    pub disabled: bool,
    /// Scopes; only `appIDs` matter for App-Embedded.
    #[serde(default)]
    pub collections: Vec<Collection>,
    /// Apps, first matching one decides.
    #[serde(default)]
    pub applications_spec: Vec<ApplicationSpec>,
    /// Seconds a request may take to arrive; 5 when absent.
    #[serde(default = "five_seconds")]
    pub read_timeout_seconds: u64,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn five_seconds() -> u64 {
    5
}

/// One app of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationSpec {
    /// Generated id, `ruleAppID` in audits.
    #[serde(rename = "appID", default)]
    pub app_id: String,
    /// Endpoints and API.
    #[serde(default)]
    pub api_spec: ApiSpec,
    /// SQL injection.
    #[serde(default)]
    pub sqli: Protection,
    /// Cross-site scripting.
    #[serde(default)]
    pub xss: Protection,
    /// Command injection.
    #[serde(default)]
    pub cmdi: Protection,
    /// Code injection.
    #[serde(default)]
    pub code_injection: Protection,
    /// Local file inclusion.
    #[serde(default)]
    pub lfi: Protection,
    /// Scanners and attack tools.
    #[serde(default)]
    pub attack_tools: Protection,
    /// Shellshock.
    #[serde(default)]
    pub shellshock: Protection,
    /// Malformed requests.
    #[serde(default)]
    pub malformed_req: Protection,
    /// Body inspection.
    #[serde(default)]
    pub body: BodyInspection,
    /// Who may come, by address.
    #[serde(default)]
    pub network_controls: NetworkControls,
    /// Headers that requests must or must not have.
    #[serde(default)]
    pub header_specs: Vec<HeaderSpec>,
    /// Files that clients may send.
    #[serde(default)]
    pub malicious_upload: MaliciousUpload,
    /// Minutes a banned client stays banned.
    #[serde(default = "five_minutes")]
    pub ban_duration_minutes: u64,
    /// Block page of the user's own.
    #[serde(default)]
    pub custom_block_response: CustomBlockResponse,
    /// Whether `X-Prisma-Event-Id` is left out.
    #[serde(rename = "disableEventIDHeader", default)]
    pub disable_event_id_header: bool,
    /// What answers must not tell.
    #[serde(default)]
    pub intel_gathering: IntelGathering,
    /// Whether cookies of answers are bound to the site.
    #[serde(default)]
    pub csrf_enabled: bool,
    /// Whether answers may only be shown in frames of the site.
    #[serde(default)]
    pub clickjacking_enabled: bool,
    /// Headers that answers get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_header_specs: Vec<ResponseHeaderSpec>,
    /// Custom rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_rules: Vec<CustomRuleRef>,
    /// Floods.
    #[serde(default)]
    pub dos_config: DosConfig,
    /// Bots.
    #[serde(default)]
    pub bot_protection_spec: BotProtectionSpec,
    /// Whether clients have sessions.
    #[serde(default)]
    pub session_cookie_enabled: bool,
    /// Whether a ban is of the session instead of the address.
    #[serde(default)]
    pub session_cookie_ban: bool,
    /// Whether the cookie of the session goes over TLS only.
    #[serde(default)]
    pub session_cookie_secure: bool,
    /// `Lax`, `Strict` or `None`; `Lax` when absent.
    #[serde(default)]
    pub session_cookie_same_site: String,
    /// Certificate and key of endpoints with TLS.
    #[serde(default)]
    pub certificate: PolicySecret,
    /// How endpoints with TLS are encrypted.
    #[serde(default)]
    pub tls_config: TlsConfig,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn five_minutes() -> u64 {
    5
}

impl Default for ApplicationSpec {
    /// An app of which nothing is said.
    fn default() -> Self {
        serde_json::from_value(Value::Object(Map::new())).expect("every member has a default")
    }
}

/// One protection (`waas.ProtectionConfig`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// `disable`, `alert`, `prevent` or `ban`.
    #[serde(default)]
    pub effect: WaasEffect,
    /// Inputs that this protection skips.
    #[serde(default)]
    pub exception_fields: Vec<ExceptionField>,
}

/// An input that a protection skips (section 2.8 of `waas.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionField {
    /// `path`, `query`, `queryValues`, `cookie`, `UserAgentHeader`, `header`, `body`, `rawBody`, `XMLPath`, `JSONPath`.
    pub location: String,
    /// RE2 pattern or path, by location.
    #[serde(default)]
    pub key: String,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How much of a body is inspected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BodyInspection {
    /// Bytes inspected; 131072 when absent.
    #[serde(default = "body_limit")]
    pub inspection_size_bytes: usize,
    /// Effect for a longer body.
    #[serde(default)]
    pub inspection_limit_exceeded_effect: WaasEffect,
    /// Whether bodies are not inspected at all.
    #[serde(default)]
    pub skip: bool,
}

fn body_limit() -> usize {
    131_072
}

impl Default for BodyInspection {
    fn default() -> Self {
        Self {
            inspection_size_bytes: body_limit(),
            inspection_limit_exceeded_effect: WaasEffect::Disable,
            skip: false,
        }
    }
}

/// Status and page that replace the built-in block response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct CustomBlockResponse {
    /// Whether it is used.
    #[serde(default)]
    pub enabled: bool,
    /// HTTP status, 100 to 599.
    #[serde(default)]
    pub code: u16,
    /// HTML; `#eventID` is replaced.
    #[serde(default)]
    pub body: String,
}

/// Who may come, by address and by country (`waas.NetworkControls`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct NetworkControls {
    /// Network lists whose clients nothing is looked at of.
    #[serde(default)]
    pub exception_subnets: Vec<String>,
    /// Network lists that only the controls of addresses and countries skip.
    #[serde(default)]
    pub network_controls_exception_subnets: ListNames,
    /// The control of addresses.
    #[serde(default)]
    pub subnets: AccessControls,
    /// The control of countries, by ISO 3166-1 alpha-2.
    #[serde(default)]
    pub countries: AccessControls,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Names of network lists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct ListNames {
    /// The names.
    #[serde(default)]
    pub subnets: Vec<String>,
}

/// Which of several groups a client is in, and what that leads to (`waas.AccessControls`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct AccessControls {
    /// Whether it is used.
    #[serde(default)]
    pub enabled: bool,
    /// Whether `allow` says who may come; else `alert` and `prevent` say who may not.
    #[serde(default)]
    pub allow_mode: bool,
    /// Names of those who may come.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Names of those who are told of.
    #[serde(default)]
    pub alert: Vec<String>,
    /// Names of those who are blocked.
    #[serde(default)]
    pub prevent: Vec<String>,
    /// `alert` or `prevent`, for who is not in `allow`; `alert` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_effect: Option<WaasEffect>,
}

/// One header that requests must or must not have (`waas.HeaderSpec`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeaderSpec {
    /// Name, in any case.
    pub name: String,
    /// Patterns, `*` stands for any text.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether the values are those that are allowed; else they are blocked.
    #[serde(default)]
    pub allow: bool,
    /// Whether a request without it has the effect too.
    #[serde(default)]
    pub required: bool,
    /// `alert` or `prevent`.
    #[serde(default)]
    pub effect: WaasEffect,
}

/// Files that clients may send (`waas.MaliciousUploadConfig`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct MaliciousUpload {
    /// `disable`, `alert` or `prevent`, for a file of another kind.
    #[serde(default)]
    pub effect: WaasEffect,
    /// Types of the schema, such as `pdf`.
    #[serde(default)]
    pub allowed_file_types: Vec<String>,
    /// Extensions that are allowed whatever the content.
    #[serde(default)]
    pub allowed_extensions: Vec<String>,
}

/// Addresses under a name (`waas.NetworkList`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkList {
    /// By which rules refer to it.
    pub name: String,
    /// IPv4 addresses and CIDR blocks.
    #[serde(default)]
    pub subnets: Vec<String>,
    /// Whether it stands for nobody.
    #[serde(default)]
    pub disabled: bool,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
