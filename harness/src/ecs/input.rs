//! The body of a request.

use super::{ApiError, ErrorKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The body as JSON; an empty one is an empty object.
///
/// # Errors
/// `SerializationException` when it is not JSON, or not an object.
pub(super) fn body(bytes: &[u8]) -> Result<Value, ApiError> {
    let refused = |words: String| ApiError::new(ErrorKind::Serialization, words);
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| refused(format!("the body is not JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(refused("the body is not a JSON object".to_owned())) }
}

/// The body as the parameters of an operation. A member that is not simulated is refused, never ignored.
///
/// # Errors
/// `InvalidParameterException` for an unknown or missing member, `SerializationException` for a value of another type.
pub(super) fn parameters<T: DeserializeOwned>(mut body: Value) -> Result<T, ApiError> {
    drop_nulls(&mut body);
    serde_json::from_value(body).map_err(|error| {
        let words = error.to_string();
        if words.starts_with("unknown field") {
            ApiError::parameter(format!("this parameter is not simulated, so it is refused: {words}"))
        } else if words.starts_with("missing field") {
            ApiError::parameter(format!("a required parameter is missing: {words}"))
        } else {
            ApiError::new(ErrorKind::Serialization, words)
        }
    })
}

/// `null` is the same as absent.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        #[serde(default)]
        list: Vec<String>,
    }

    #[test]
    fn null_is_absent_and_what_is_wrong_has_its_class() {
        let sample = parameters::<Sample>(json!({"name": "a", "list": null})).unwrap();
        assert_eq!(sample, Sample { name: "a".to_owned(), list: Vec::new() });
        for (body, kind) in [
            (json!({"name": "a", "other": 1}), ErrorKind::InvalidParameter),
            (json!({"list": []}), ErrorKind::InvalidParameter),
            (json!({"name": 1}), ErrorKind::Serialization),
        ] {
            assert_eq!(parameters::<Sample>(body.clone()).unwrap_err().kind, kind, "{body}");
        }
    }

    #[test]
    fn a_body_is_an_object() {
        assert_eq!(body(b""), Ok(json!({})));
        for wrong in ["{", "[]", "1", "null", "\u{feff}{}"] {
            assert_eq!(body(wrong.as_bytes()).unwrap_err().kind, ErrorKind::Serialization, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_an_object(bytes: Vec<u8>) {
            prop_assert!(body(&bytes).is_ok_and(|body| body.is_object()) || body(&bytes).is_err());
        }
    }
}
