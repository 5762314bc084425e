//! Functions.

use super::Checker;
use super::operand::Operand;
use crate::jwt::Part;
use crate::language::{Fault, Node, Span, Spanned, closest};
use crate::plan::{Condition, Step, Texts};
use crate::transform::Transform;

/// The functions of JSON web tokens.
pub(super) const TOKEN_FUNCTIONS: [&str; 5] =
    ["jwtPayload", "jwtPayloadValue", "jwtHeader", "jwtHeaderValue", "jwtValid"];

impl Checker {
    pub(super) fn call(
        &mut self,
        name: &Spanned<String>,
        arguments: &[Spanned<Node>],
        span: Span,
    ) -> Result<Operand, Fault> {
        if let Some(transform) = Transform::named(&name.value) {
            let texts = self.argument(name, arguments, 1, span)?;
            return Ok(stepped(texts, Step::Transform(transform)));
        }
        let (part, is_value) = match name.value.as_str() {
            "jwtHeader" => (Part::Header, false),
            "jwtHeaderValue" => (Part::Header, true),
            "jwtPayload" => (Part::Payload, false),
            "jwtPayloadValue" => (Part::Payload, true),
            "jwtValid" => {
                let texts = self.argument(name, arguments, 1, span)?;
                return Ok(Operand::Condition(Condition::ValidToken(texts)));
            }
            _ => return Err(unknown(name)),
        };
        let texts = self.argument(name, arguments, if is_value { 2 } else { 1 }, span)?;
        if !is_value {
            return Ok(stepped(texts, Step::TokenPart(part)));
        }
        match arguments.get(1) {
            Some(Spanned { value: Node::Text(key), .. }) => {
                Ok(stepped(texts, Step::TokenValue(part, key.clone())))
            }
            other => Err(Fault::new(
                other.map_or(span, |other| other.span),
                "the key has to be a string in quotes",
            )
            .advise(format!("write `{}(..., \"key\")`", name.value))),
        }
    }

    /// The first of as many arguments as the function takes: what it is applied to.
    fn argument(
        &mut self,
        name: &Spanned<String>,
        arguments: &[Spanned<Node>],
        count: usize,
        span: Span,
    ) -> Result<Texts, Fault> {
        let name = &name.value;
        let (Some(first), true) = (arguments.first(), arguments.len() == count) else {
            return Err(miscounted(name, count, arguments.len(), span));
        };
        match self.operand(first)? {
            Operand::Text(texts) => Ok(texts),
            other => Err(misapplied(name, &other, first.span)),
        }
    }
}

fn miscounted(name: &str, count: usize, found: usize, span: Span) -> Fault {
    let (written, example) = match count {
        1 => ("one argument", "req.path"),
        _ => ("two arguments", "req.headers[\"Authorization\"], \"key\""),
    };
    Fault::new(span, format!("`{name}` takes {written}, not {found}"))
        .advise(format!("write `{name}({example})`"))
}

fn misapplied(name: &str, operand: &Operand, span: Span) -> Fault {
    Fault::new(span, format!("`{name}` is applied to strings, not to {}", operand.kind()))
        .advise("compare behind the function: `lowercase(req.path) = \"/admin\"`")
}

fn stepped(mut texts: Texts, step: Step) -> Operand {
    texts.steps.push(step);
    Operand::Text(texts)
}

fn unknown(name: &Spanned<String>) -> Fault {
    let fault = Fault::new(name.span, format!("unknown function `{}`", name.value));
    let known = || Transform::names().chain(TOKEN_FUNCTIONS);
    match closest(&name.value, known()) {
        Some(known) => fault.advise(format!("did you mean `{known}`?")),
        None => fault.advise(format!("functions are {}", known().collect::<Vec<_>>().join(", "))),
    }
}
