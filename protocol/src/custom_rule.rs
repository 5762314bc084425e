//! Custom rules (`customrules.Rule`, section 1.6 of `reference/waas.md`), and how apps and rules of the runtime policy attach them.

use crate::WaasEffect;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A custom rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomRule {
    /// Number.
    #[serde(rename = "_id")]
    pub id: u64,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// `waas-request`, `waas-response`, `processes`, `network-outgoing`, or a kind of other planes.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Expression.
    #[serde(default)]
    pub script: String,
    /// Text of its audits, with macros.
    #[serde(default)]
    pub message: String,
    /// Everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A custom rule that an app or a rule of the runtime policy uses (`customrules.Ref`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomRuleRef {
    /// Number of the rule.
    #[serde(rename = "_id")]
    pub id: u64,
    /// `audit` or `incident`.
    #[serde(default)]
    pub action: String,
    /// Effect; `alert` when absent.
    #[serde(default = "alert")]
    pub effect: WaasEffect,
}

fn alert() -> WaasEffect {
    WaasEffect::Alert
}
