//! Which type a member has, where a Defender reads it.

use super::mistake::Mistakes;
use super::path::JsonPath;
use super::spot::Spot;
use serde_json::Value;

/// A text above this length is not repeated in a message.
const LONG: usize = 60;

/// The type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Flag,
    Text,
    Number,
    /// Not below zero.
    Count,
    /// A count that fits 16 bits: ports, and statuses.
    Short,
    /// A count that fits 32 bits.
    Rate,
    Texts,
    List,
    Object,
}

impl Shape {
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Flag => value.is_boolean(),
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Count => value.is_u64(),
            Self::Short => value.as_u64().is_some_and(|number| u16::try_from(number).is_ok()),
            Self::Rate => value.as_u64().is_some_and(|number| u32::try_from(number).is_ok()),
            Self::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Count => "a whole number, 0 or more",
            Self::Short => "a whole number, 0 to 65535",
            Self::Rate => "a whole number, 0 to 4294967295",
            Self::Texts => "a list of strings",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// Whatever stands at one of these patterns below `spot` has the shape beside it.
pub(super) fn check_shapes(spot: &Spot<'_>, shapes: &[(&str, Shape)], label: &str, found: &mut Mistakes) {
    for (pattern, shape) in shapes {
        for member in spot.along(pattern).iter().filter(|member| !shape.fits(member.value)) {
            must_be(member, *shape, label, found);
        }
    }
}

/// A value of a wrong type.
pub(super) fn must_be(spot: &Spot<'_>, shape: Shape, label: &str, found: &mut Mistakes) {
    let message = format!("failed to unmarshal {label}: {}", told(&spot.path, Some(spot.value)));
    found.add(spot.path.clone(), message, format!("give {}", shape.name()));
}

/// What a member is; a value that may be pages long is told by its type.
pub(super) fn told(path: &JsonPath, value: Option<&Value>) -> String {
    let value = match value {
        None => "missing".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::String(text)) if text.len() > LONG => "a long string".to_owned(),
        Some(short) => short.to_string(),
    };
    let name = path.end().to_string();
    format!("{} is {value}", if name.is_empty() { "it" } else { &name })
}
