//! What audits must not tell (`SensitiveDataSpec`, section 1.6 of `reference/waas.md`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a rule may look (section 2.8); none for rules that look everywhere by pattern.
pub const SENSITIVE_LOCATIONS: [&str; 10] = [
    "path",
    "query",
    "queryValues",
    "cookie",
    "UserAgentHeader",
    "header",
    "body",
    "rawBody",
    "XMLPath",
    "JSONPath",
];

/// One kind of data that no audit may tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct SensitiveDataSpec {
    /// Name of the rule.
    #[serde(default)]
    pub name: String,
    /// One of [`SENSITIVE_LOCATIONS`], or empty for a rule by pattern.
    #[serde(default)]
    pub location: String,
    /// RE2 pattern, or path of a JSON or XML value, by location.
    #[serde(default)]
    pub key: String,
    /// What stands in audits instead.
    #[serde(default)]
    pub placeholder: String,
    /// Names whose values are meant, wherever they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_pattern: Option<SensitivePattern>,
    /// What is meant, wherever it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_pattern: Option<SensitivePattern>,
    /// Whether audits tell it all the same: then the rule is for the discovery of APIs only.
    #[serde(default)]
    pub skip_log_scrubbing: bool,
    /// A disabled rule is skipped.
    #[serde(default)]
    pub disabled: bool,
    /// `response`, `sensitiveData`, and everything else of the schema.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A pattern of a rule without a location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SensitivePattern {
    /// Whether `key` is that pattern.
    OfKey(bool),
    /// The pattern itself.
    Own(String),
}

impl SensitiveDataSpec {
    /// Whether audits are scrubbed by it.
    #[must_use]
    pub fn scrubs(&self) -> bool {
        !self.disabled && !self.skip_log_scrubbing
    }

    /// The pattern of names, for a rule without a location.
    #[must_use]
    pub fn names(&self) -> Option<&str> {
        self.pattern(self.key_pattern.as_ref())
    }

    /// The pattern of values, for a rule without a location.
    #[must_use]
    pub fn values(&self) -> Option<&str> {
        self.pattern(self.value_pattern.as_ref())
    }

    fn pattern<'a>(&'a self, given: Option<&'a SensitivePattern>) -> Option<&'a str> {
        let pattern = match given? {
            SensitivePattern::OfKey(used) => used.then_some(self.key.as_str())?,
            SensitivePattern::Own(pattern) => pattern,
        };
        (!pattern.is_empty()).then_some(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_are_texts_or_stand_in_the_key() {
        let of = |spec: Value| serde_json::from_value::<SensitiveDataSpec>(spec).unwrap();
        let own = of(json!({"keyPattern": "(?i)token", "valuePattern": "", "sensitiveData": true}));
        assert_eq!((own.names(), own.values()), (Some("(?i)token"), None));
        assert_eq!(serde_json::to_value(&own).unwrap()["sensitiveData"], true);
        let of_key = of(json!({"key": "[0-9]+", "keyPattern": false, "valuePattern": true}));
        assert_eq!((of_key.names(), of_key.values()), (None, Some("[0-9]+")));
        assert!(of_key.scrubs() && !of(json!({"disabled": true})).scrubs());
        assert!(!of(json!({"skipLogScrubbing": true})).scrubs());
    }
}
