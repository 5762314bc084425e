//! What the firewall does to answers, and how an endpoint is encrypted (sections 1.3 and 2.13 of `reference/waas.md`).

use crate::WaasEffect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an answer must not tell (`intelGathering`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct IntelGathering {
    /// Effect for contents that no client may see; `disable` when absent.
    #[serde(default)]
    pub info_leakage_effect: WaasEffect,
    /// Whether headers that tell of the server's software are taken away; off when absent, as every flag of the API is.
    #[serde(default)]
    pub remove_fingerprints_enabled: bool,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A header that answers get (`waas.ResponseHeaderSpec`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseHeaderSpec {
    /// Name, in any case.
    pub name: String,
    /// Values, a header line each.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether they take the place of what the application sent; else they come on top.
    #[serde(rename = "override", default)]
    pub replaces: bool,
}

/// A secret of the policy (`common.Secret`): `plain` is what a user writes, `encrypted` what the Console shows.
#[derive(Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct PolicySecret {
    /// What stands for it in the API's answers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub encrypted: String,
    /// The secret. Of a certificate: it and its private key, both PEM, one behind the other.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub plain: String,
}

impl std::fmt::Debug for PolicySecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.plain.is_empty() { "PolicySecret" } else { "PolicySecret(..)" })
    }
}

/// How endpoints of an app are encrypted (`waas.TLSConfig`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct TlsConfig {
    /// `1.0` to `1.3`; 1.2 when absent.
    #[serde(rename = "minTLSVersion", default)]
    pub min_version: String,
    /// HTTP Strict Transport Security.
    #[serde(rename = "HSTSConfig", default)]
    pub hsts: HstsConfig,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The header that keeps browsers at HTTPS (`waas.HSTSConfig`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct HstsConfig {
    /// Whether it is sent, where the application sends none of its own.
    #[serde(default)]
    pub enabled: bool,
    /// Seconds; 31536000 when absent.
    #[serde(default = "a_year")]
    pub max_age_seconds: u64,
    /// Whether `includeSubDomains` is said.
    #[serde(default)]
    pub include_subdomains: bool,
    /// Whether `preload` is said.
    #[serde(default)]
    pub preload: bool,
}

fn a_year() -> u64 {
    31_536_000
}
