//! The type of a value.

use crate::error::ImportError;
use crate::node::Node;
use proofhouse_protocol::waas_policy::ParamType;

const TYPES: &str = "integer, number, string, boolean, array and object";

/// The type, and whether `null` is one too.
pub(crate) fn kind(schema: &Node<'_>) -> Result<(Option<ParamType>, bool), ImportError> {
    let Some(written) = schema.member("type") else { return Ok((None, false)) };
    if written.value.is_string() {
        return word(&written).map(|kind| (kind, written.value == "null"));
    }
    let words = written.items().map_err(|_| written.not("a type, or a list of types"))?;
    let null = words.iter().any(|word| word.value == "null");
    let mut kinds = Vec::new();
    for one in words.iter().filter(|word| word.value != "null") {
        kinds.push(word(one)?);
    }
    Ok(match kinds.as_slice() {
        [one] => (*one, null),
        [one, two]
            if matches!(
                (one, two),
                (Some(ParamType::Integer), Some(ParamType::Number))
                    | (Some(ParamType::Number), Some(ParamType::Integer))
            ) =>
        {
            (Some(ParamType::Number), null)
        }
        _ => (None, null),
    })
}

fn word(written: &Node<'_>) -> Result<Option<ParamType>, ImportError> {
    Ok(Some(match written.text()? {
        "integer" => ParamType::Integer,
        "number" => ParamType::Number,
        "string" | "file" => ParamType::String,
        "boolean" => ParamType::Boolean,
        "array" => ParamType::Array,
        "object" => ParamType::Object,
        "null" => return Ok(None),
        _ => return Err(written.unknown(TYPES)),
    }))
}
