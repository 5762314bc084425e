//! What stands on a side of a comparison.

use crate::attribute::{Attribute, MapAttribute};
use crate::language::{Fault, Span, closest};
use crate::pattern::Pattern;
use crate::phase::Phase;
use crate::plan::{Condition, Number, Source, Texts};
use crate::transform::Transform;

/// A value with its type, or a condition.
pub(super) enum Operand {
    Number(Number),
    Text(Texts),
    Address,
    Pattern(Pattern),
    Condition(Condition),
}

impl Operand {
    pub(super) fn integer(value: i64) -> Self {
        Self::Number(Number::Literal(value))
    }

    pub(super) fn text(text: &str) -> Self {
        Self::of(Source::Literal(text.as_bytes().to_vec()))
    }

    fn of(source: Source) -> Self {
        Self::Text(Texts { source, steps: Vec::new() })
    }

    /// Its type, as a message names it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "an integer",
            Self::Text(texts) => texts.kind(),
            Self::Address => "an IP address",
            Self::Pattern(_) => "a regular expression",
            Self::Condition(_) => "a condition",
        }
    }
}

impl Texts {
    /// Its type, as a message names it.
    pub(super) fn kind(&self) -> &'static str {
        if self.is_list() { "a list of strings" } else { "a string" }
    }
}

pub(super) fn of_attribute(name: &str, attribute: Attribute, span: Span) -> Result<Operand, Fault> {
    Ok(match attribute {
        Attribute::Text(text) => Operand::of(Source::Attribute(text)),
        Attribute::List(map, side) => Operand::of(Source::List(map, side)),
        Attribute::Address | Attribute::Destination => Operand::Address,
        Attribute::StatusCode => Operand::Number(Number::StatusCode),
        Attribute::Port => Operand::Number(Number::Port),
        Attribute::Map(map) => {
            return Err(Fault::new(span, format!("`{name}` is a map, of which one value has to be chosen"))
                .advise(format!(
                    "write `{name}[\"key\"]` for one value, or `{}` for all of them",
                    values_of(map)
                )));
        }
    })
}

/// The list of a map's values.
fn values_of(map: MapAttribute) -> &'static str {
    match map {
        MapAttribute::Headers => "req.header_values",
        MapAttribute::Cookies => "req.cookie_values",
        MapAttribute::QueryParams => "req.query_param_values",
        MapAttribute::BodyParams => "req.body_param_values",
        MapAttribute::ResponseHeaders => "resp.header_values",
    }
}

pub(super) fn of_entry(name: &str, attribute: Attribute, key: &str, span: Span) -> Result<Operand, Fault> {
    match attribute {
        Attribute::Map(map) => Ok(Operand::of(Source::Entry(map, key.to_owned()))),
        Attribute::List(map, _) if map != MapAttribute::BodyParams => {
            let map = values_of(map).replace("_values", "s");
            Err(Fault::new(span, format!("`{name}` is a list, from which no key chooses"))
                .advise(format!("write `{map}[\"key\"]`")))
        }
        _ => Err(Fault::new(span, format!("`{name}` is no map, so that no key chooses from it"))
            .advise("maps are `req.headers`, `req.cookies`, `req.query_params` and `resp.headers`")),
    }
}

/// A value where something has to hold or not.
pub(super) fn no_condition(operand: &Operand, span: Span) -> Fault {
    let advice = match operand {
        Operand::Text(_) => "compare it: with `=`, `!=`, `in`, `contains` or `startswith`",
        Operand::Number(_) => "compare it: with `=`, `!=`, `<`, `<=`, `>`, `>=` or `in`",
        Operand::Address => "compare it: with `=`, `!=` or `in`",
        Operand::Pattern(_) | Operand::Condition(_) => "write `attribute contains /.../`",
    };
    Fault::new(span, format!("{} is no condition", operand.kind())).advise(advice)
}

/// A name that is no attribute.
pub(super) fn unknown(name: &str, phase: Phase, span: Span) -> Fault {
    let fault = Fault::new(span, format!("unknown attribute `{name}`"));
    if Transform::named(name).is_some() || super::call::TOKEN_FUNCTIONS.contains(&name) {
        return Fault::new(span, format!("`{name}` without an argument")).advise(format!(
            "write what it is applied to, as `{name}({})`",
            if phase.is_of_waas() { "req.path" } else { "proc.path" }
        ));
    }
    if matches!(name, "req.body_params" | "req.form") {
        return fault.advise("write `req.body_param_values` or `req.body_param_names`");
    }
    if name == "true" || name == "false" {
        return fault.advise("conditions are not compared: write the condition itself, or `not` before it");
    }
    match closest(name, Attribute::names(phase)) {
        Some(known) => fault.advise(format!("did you mean `{known}`?")),
        None if ["req", "resp", "proc", "net"].iter().any(|family| name.starts_with(family)) => {
            let names: Vec<_> = Attribute::names(phase)
                .filter(|known| !known.starts_with("resp") || name.starts_with("resp"))
                .collect();
            fault.advise(format!("attributes are {}", names.join(", ")))
        }
        None => fault.advise(format!("write text in quotes: \"{name}\"")),
    }
}
