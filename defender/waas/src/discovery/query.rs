//! Names in a query, and what their values are.

use crate::form::{decoded, pairs};
use proofhouse_protocol::LearnedParam;
use proofhouse_protocol::waas_policy::ParamType;

/// Bytes of a name that is learned, at most; and names of one request.
const LONGEST_NAME: usize = 128;
const MOST_NAMES: usize = 256;

/// Every name once; none of a query that no declared one could accept.
pub(super) fn learn(query: &str) -> Option<Vec<LearnedParam>> {
    let mut params: Vec<LearnedParam> = Vec::new();
    for (name, value) in pairs(query.as_bytes()) {
        let name = String::from_utf8(decoded(name, true).into_owned()).ok()?;
        if name.is_empty() || name.len() > LONGEST_NAME || name.contains(char::is_control) {
            return None;
        }
        let value = decoded(value, true);
        let sent = LearnedParam { name, kind: kind(&value), allow_empty_value: value.is_empty() };
        if let Some(known) = params.iter_mut().find(|known| known.name == sent.name) {
            widen(known, &sent);
        } else if params.len() == MOST_NAMES {
            return None;
        } else {
            params.push(sent);
        }
    }
    Some(params)
}

/// Makes a parameter one that takes the values of both; whether it changed.
pub(super) fn widen(known: &mut LearnedParam, sent: &LearnedParam) -> bool {
    let kind = match (known.kind, sent.kind) {
        (one, other) if one == other => one,
        (ParamType::Integer, ParamType::Number) | (ParamType::Number, ParamType::Integer) => {
            ParamType::Number
        }
        _ => ParamType::String,
    };
    let empty = known.allow_empty_value || sent.allow_empty_value;
    let changed = (known.kind, known.allow_empty_value) != (kind, empty);
    (known.kind, known.allow_empty_value) = (kind, empty);
    changed
}

/// The narrowest type of a value. An empty one may be anything, and is text.
fn kind(value: &[u8]) -> ParamType {
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let bare = value.strip_prefix(b"-").unwrap_or(value);
    let mut parts = bare.splitn(2, |byte| *byte == b'.');
    match (parts.next(), parts.next()) {
        (Some(whole), None) if digits(whole) => ParamType::Integer,
        (Some(whole), Some(part)) if digits(whole) && digits(part) => ParamType::Number,
        _ if matches!(value, b"true" | b"false") => ParamType::Boolean,
        _ => ParamType::String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_narrowest_type() {
        let learned = learn("n=7&x=1.5&n=2.5&on=true&q=a+b&e&&on=1&a%5B%5D=1").unwrap();
        let seen =
            learned.iter().map(|param| (param.name.as_str(), param.kind.word(), param.allow_empty_value));
        let expected = [
            ("n", "number", false),
            ("x", "number", false),
            ("on", "string", false),
            ("q", "string", false),
            ("e", "string", true),
            ("a[]", "integer", false),
        ];
        assert_eq!(seen.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn names_that_are_none() {
        for query in ["=1", "%FF=1", "a%00=1", &"n".repeat(LONGEST_NAME + 1)] {
            assert_eq!(learn(query), None, "{query}");
        }
        let many: String = (0..=MOST_NAMES).map(|at| format!("n{at}=1&")).collect();
        assert_eq!(learn(&many), None);
    }
}
