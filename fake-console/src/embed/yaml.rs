//! YAML in, YAML out: comments and key order are lost, keys come back sorted [CFT30].

use super::document::embed;
use super::{EmbedError, EmbedRequest};
use serde_json::{Map, Value};

/// Protects a YAML document. A tag such as `!Ref` is refused with its place, never silently dropped (E23).
///
/// # Errors
/// When the text is not YAML, has tags, or the document cannot be protected.
pub fn embed_yaml(text: &str, request: &EmbedRequest) -> Result<String, EmbedError> {
    let options = serde_saphyr::options! { reject_unsupported_tags: true, strict_booleans: true };
    let unreadable = |error: &dyn std::fmt::Display| EmbedError::Unreadable(error.to_string());
    let document: Value = serde_saphyr::from_str_with_options(text, options).map_err(|e| unreadable(&e))?;
    let protected = sorted(embed(document, request)?);
    serde_saphyr::to_string(&protected).map_err(|e| unreadable(&e))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<(String, Value)> =
                object.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
