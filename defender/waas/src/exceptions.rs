//! Exceptions of protections (section 2.8 of `waas.md`).

use crate::form::decoded;
use crate::input::{Class, Input, Location};
use crate::{Attack, AttackSet};
use proofhouse_protocol::waas_policy::{ApplicationSpec, ExceptionField};
use regex::bytes::{Regex, RegexBuilder};
use thiserror::Error;

/// What the protections of an app skip.
#[derive(Debug, Default)]
pub struct Exceptions {
    entries: Vec<(Attack, Exception)>,
}

/// An exception that cannot be understood.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("exception of `{protection}` at `{location}` with key `{key}`: {why}")]
pub struct ExceptionError {
    /// Which protection.
    pub protection: &'static str,
    /// Location as written.
    pub location: String,
    /// Key as written.
    pub key: String,
    /// What is wrong.
    pub why: String,
}

#[derive(Debug)]
enum Exception {
    Path(String),
    QueryName(Regex),
    QueryValue(Regex),
    CookieName(Regex),
    HeaderName(Regex),
    UserAgent(Regex),
    FieldName(Regex),
    RawBody(Regex),
    JsonPath(String),
    XmlPath(String),
}

impl Exceptions {
    /// The exceptions of an app.
    ///
    /// # Errors
    /// An unknown location, a key that is no regular expression, a path that is not absolute.
    pub fn of(app: &ApplicationSpec) -> Result<Self, ExceptionError> {
        let mut entries = Vec::new();
        for attack in Attack::ALL.iter().copied() {
            for field in &(attack.protection().settings)(app).exception_fields {
                let exception = Exception::parse(field).map_err(|why| ExceptionError {
                    protection: attack.audit_type(),
                    location: field.location.clone(),
                    key: field.key.clone(),
                    why,
                })?;
                entries.push((attack, exception));
            }
        }
        Ok(Self { entries })
    }

    /// Protections that skip the whole path, as sent.
    #[must_use]
    pub fn skip_path(&self, path: &[u8]) -> AttackSet {
        self.collect(|exception| matches!(exception, Exception::Path(free) if free.as_bytes() == path))
    }

    /// Protections that skip a body, by its inspected part.
    #[must_use]
    pub fn skip_body(&self, body: &[u8]) -> AttackSet {
        self.collect(|exception| matches!(exception, Exception::RawBody(pattern) if pattern.is_match(body)))
    }

    /// Protections that skip an input.
    #[must_use]
    pub fn skip(&self, path: &[u8], input: &Input<'_>) -> AttackSet {
        if self.entries.is_empty() {
            return AttackSet::NONE;
        }
        let key = input.key.as_bytes();
        self.collect(|exception| match exception {
            Exception::Path(free) => free.as_bytes() == path,
            Exception::QueryName(name) => {
                input.location == Location::Query
                    && matches!(input.class, Class::Argument | Class::Uri)
                    && name.is_match(key)
            }
            Exception::QueryValue(value) if input.class == Class::Uri => {
                input.location == Location::Query && value.is_match(&decoded(&input.value, true))
            }
            Exception::QueryValue(value) => input.location == Location::Query && value.is_match(&input.value),
            Exception::CookieName(name) => input.class == Class::Cookie && name.is_match(key),
            Exception::HeaderName(name) => input.location == Location::Header && name.is_match(key),
            Exception::UserAgent(value) => input.class == Class::UserAgent && value.is_match(&input.value),
            Exception::FieldName(name) => {
                matches!(input.location, Location::FormBody | Location::MultipartBody)
                    && input.class != Class::ArgumentName
                    && name.is_match(key)
            }
            Exception::RawBody(_) => false,
            Exception::JsonPath(path) => input.location == Location::JsonBody && *path == input.key,
            Exception::XmlPath(path) => input.location == Location::XmlBody && *path == input.key,
        })
    }

    fn collect(&self, holds: impl Fn(&Exception) -> bool) -> AttackSet {
        self.entries.iter().filter(|(_, exception)| holds(exception)).map(|(attack, _)| *attack).collect()
    }
}

impl Exception {
    fn parse(field: &ExceptionField) -> Result<Self, String> {
        let pattern = || Regex::new(&field.key).map_err(|_| "the key is no regular expression".to_owned());
        let path = || match field.key.as_str() {
            key if key.len() > 1 && key.starts_with('/') => Ok(key.to_owned()),
            _ => Err("the key is no absolute path below the root".to_owned()),
        };
        Ok(match field.location.as_str() {
            "path" => Self::Path(field.key.clone()),
            "query" => Self::QueryName(pattern()?),
            "queryValues" => Self::QueryValue(pattern()?),
            "cookie" => Self::CookieName(pattern()?),
            // Names of headers have no case.
            "header" => Self::HeaderName(
                RegexBuilder::new(&field.key)
                    .case_insensitive(true)
                    .build()
                    .map_err(|_| "the key is no regular expression".to_owned())?,
            ),
            "UserAgentHeader" => Self::UserAgent(pattern()?),
            "body" => Self::FieldName(pattern()?),
            "rawBody" => Self::RawBody(pattern()?),
            "JSONPath" => Self::JsonPath(path()?),
            "XMLPath" => Self::XmlPath(path()?),
            _ => return Err("the location is unknown".to_owned()),
        })
    }
}
