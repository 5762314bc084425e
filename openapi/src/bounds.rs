//! Between which numbers a value is.

use crate::error::ImportError;
use crate::node::Node;
use proofhouse_protocol::waas_policy::ParamType;
use serde_json::Value;

/// Least and greatest number.
pub(crate) fn bounds(
    schema: &Node<'_>,
    kind: Option<ParamType>,
    format: &str,
) -> Result<(Option<f64>, Option<f64>), ImportError> {
    let whole = kind == Some(ParamType::Integer);
    let excluded = |name: &str, to: fn(f64) -> f64| {
        let flag = schema.member(name).is_some_and(|flag| flag.value == true);
        let bound = schema.member(name).filter(|bound| !bound.value.is_boolean());
        let bound = bound.map(|_| number(schema, name)).transpose()?.flatten();
        Ok((flag, bound.map(|bound| if whole { to(bound) } else { bound })))
    };
    let above = |bound: f64| bound.floor() + 1.0;
    let below = |bound: f64| bound.ceil() - 1.0;
    let (least, greatest) = (number(schema, "minimum")?, number(schema, "maximum")?);
    let (least_out, above_this): (bool, Option<f64>) = excluded("exclusiveMinimum", above)?;
    let (greatest_out, below_this): (bool, Option<f64>) = excluded("exclusiveMaximum", below)?;
    let least = least.map(|bound| if least_out && whole { above(bound) } else { bound });
    let greatest = greatest.map(|bound| if greatest_out && whole { below(bound) } else { bound });
    let (lowest, highest) = if whole { of_format(format) } else { (None, None) };
    let min = pick(pick(least, above_this, f64::max), lowest, f64::max);
    let max = pick(pick(greatest, below_this, f64::min), highest, f64::min);
    Ok((min, max))
}

/// Bounds of whole numbers that are kept in so many bits; those of 64 are too long for a parameter.
fn of_format(format: &str) -> (Option<f64>, Option<f64>) {
    let (low, high) = match format {
        "int8" => (f64::from(i8::MIN), f64::from(i8::MAX)),
        "int16" => (f64::from(i16::MIN), f64::from(i16::MAX)),
        "int32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
        "uint8" => (0.0, f64::from(u8::MAX)),
        "uint16" => (0.0, f64::from(u16::MAX)),
        "uint32" => (0.0, f64::from(u32::MAX)),
        _ => return (None, None),
    };
    (Some(low), Some(high))
}

/// A member that is a number.
///
/// # Errors
/// When it is something else.
pub(crate) fn number(schema: &Node<'_>, name: &str) -> Result<Option<f64>, ImportError> {
    let number = |member: Node<'_>| member.value.as_f64().ok_or_else(|| member.not("a number"));
    schema.member(name).filter(|member| !matches!(member.value, Value::Null)).map(number).transpose()
}

/// What is chosen of two, where there are two.
pub(crate) fn pick(one: Option<f64>, other: Option<f64>, choose: fn(f64, f64) -> f64) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(choose(one, other)),
        (one, other) => one.or(other),
    }
}
