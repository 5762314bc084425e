//! The rules: which data is meant.

use proofhouse_protocol::SensitiveDataSpec;
use proofhouse_protocol::audit::AttackField;
use regex::bytes::Regex;
use thiserror::Error;

/// A rule that cannot be understood.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("sensitive data `{name}`: {why}")]
pub struct SensitiveDataError {
    /// Name of the rule.
    pub name: String,
    /// What is wrong.
    pub why: String,
}

/// What audits of a policy must not tell.
#[derive(Debug, Default)]
pub(crate) struct Scrubbing {
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) place: Place,
    pub(super) placeholder: String,
}

/// Where a rule looks, and by what.
#[derive(Debug)]
pub(super) enum Place {
    Path(Regex),
    QueryName(Regex),
    QueryValue(Regex),
    CookieName(Regex),
    HeaderName(Regex),
    UserAgent(Regex),
    FieldName(Regex),
    RawBody(Regex),
    JsonPath(String),
    XmlPath(String),
    Anywhere { names: Option<Regex>, values: Option<Regex> },
}

impl Scrubbing {
    /// The rules that are in use, in order.
    pub(crate) fn of(specs: &[SensitiveDataSpec]) -> Result<Self, SensitiveDataError> {
        let used = specs.iter().filter(|spec| spec.scrubs());
        let rules = used.map(|spec| {
            let place = Place::of(spec)
                .map_err(|why| SensitiveDataError { name: spec.name.clone(), why: why.to_owned() })?;
            Ok(Rule { place, placeholder: spec.placeholder.clone() })
        });
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }

    /// The rule by whose name or path a field of a request is meant as a whole.
    pub(super) fn rule_of(&self, field: &AttackField) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.place.names(field))
    }
}

impl Place {
    fn names(&self, field: &AttackField) -> bool {
        let (kind, key) = (field.kind.as_str(), field.key.as_bytes());
        let is_at = |path: &str| {
            let path = path.as_bytes();
            // Protections name a member of the root without its slash.
            let rest = key.strip_prefix(path).or_else(|| key.strip_prefix(&path[1..]));
            rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        };
        match self {
            Self::QueryName(pattern) => kind == "query" && pattern.is_match(key),
            Self::CookieName(pattern) => kind == "cookie" && pattern.is_match(key),
            Self::HeaderName(pattern) => kind == "header" && pattern.is_match(key),
            Self::FieldName(pattern) => {
                matches!(kind, "formBody" | "multipartBody") && !key.is_empty() && pattern.is_match(key)
            }
            Self::JsonPath(path) => kind == "jsonBody" && is_at(path),
            Self::XmlPath(path) => kind == "xmlBody" && is_at(path),
            Self::Anywhere { names: Some(pattern), .. } => {
                let last = key.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
                !key.is_empty() && kind != "queryParamName" && pattern.is_match(last)
            }
            _ => false,
        }
    }

    fn of(spec: &SensitiveDataSpec) -> Result<Self, &'static str> {
        let regex = |pattern: &str| Regex::new(pattern).map_err(|_| "a pattern is no regular expression");
        let key = || match spec.key.as_str() {
            "" => Err("it has no key"),
            key => regex(key),
        };
        let path = || match spec.key.as_str() {
            key if key.len() > 1 && key.starts_with('/') => Ok(key.to_owned()),
            _ => Err("the key is no absolute path below the root"),
        };
        Ok(match spec.location.as_str() {
            "path" => Self::Path(key()?),
            "query" => Self::QueryName(key()?),
            "queryValues" => Self::QueryValue(key()?),
            "cookie" => Self::CookieName(key()?),
            // Names of headers are the same in any case.
            "header" => Self::HeaderName(regex(&format!("(?i:{})", key()?))?),
            "UserAgentHeader" => Self::UserAgent(key()?),
            "body" => Self::FieldName(key()?),
            "rawBody" => Self::RawBody(key()?),
            "JSONPath" => Self::JsonPath(path()?),
            "XMLPath" => Self::XmlPath(path()?),
            "" => {
                let names = spec.names().map(regex).transpose()?;
                let values = spec.values().map(regex).transpose()?;
                if names.is_none() && values.is_none() {
                    return Err("it has no location and no pattern");
                }
                Self::Anywhere { names, values }
            }
            _ => return Err("the location is unknown"),
        })
    }
}
