//! What a firewall learned of an API from its requests (section 2.16 of `reference/waas.md`). The shape is a declared choice.

use crate::waas_policy::ParamType;
use serde::{Deserialize, Serialize};

/// One method of one resource, with everything that was learned of it until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveredApi {
    /// The app whose requests they were.
    #[serde(rename = "ruleAppID")]
    pub rule_app_id: String,
    /// Host of the app's endpoint, as the policy writes it.
    pub host: String,
    /// Port that the firewall listens on.
    pub port: u16,
    /// Whether requests came encrypted.
    #[serde(default)]
    pub tls: bool,
    /// In capitals.
    pub method: String,
    /// From the root of the host; `{id}`, `{id2}`, ... stand for values.
    pub path: String,
    /// Values in the path, in order.
    #[serde(default)]
    pub path_params: Vec<LearnedParam>,
    /// Names in the query, sorted.
    #[serde(default)]
    pub query_params: Vec<LearnedParam>,
    /// Statuses of answers, sorted.
    #[serde(default)]
    pub statuses: Vec<u16>,
    /// Media types of answers, sorted, without parameters.
    #[serde(default)]
    pub content_types: Vec<String>,
}

/// A parameter as its values were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LearnedParam {
    /// Name.
    pub name: String,
    /// The narrowest type that all its values are of: `integer`, `number`, `boolean` or `string`.
    #[serde(rename = "type")]
    pub kind: ParamType,
    /// Whether it had no value once.
    #[serde(default)]
    pub allow_empty_value: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_api_survives_a_round_trip() {
        let written = json!({
            "ruleAppID": "app-1", "host": "*", "port": 80, "tls": false, "method": "GET", "path": "/pet/{id}",
            "pathParams": [{"name": "id", "type": "integer", "allowEmptyValue": false}],
            "queryParams": [{"name": "q", "type": "string", "allowEmptyValue": true}],
            "statuses": [200, 304], "contentTypes": ["application/json"]});
        let api: DiscoveredApi = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&api).unwrap(), written);
        let least = json!({"ruleAppID": "a", "host": "*", "port": 80, "method": "GET", "path": "/"});
        assert!(serde_json::from_value::<DiscoveredApi>(least).unwrap().query_params.is_empty());
    }
}
