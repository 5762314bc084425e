//! Comparisons of two values.

use super::Checker;
use super::operand::Operand;
use crate::language::{Fault, Node, Operator, Spanned};
use crate::plan::{Case, Condition, Number, Relation, Source, TextTest, Texts};
use memchr::memmem::Finder;

impl Checker {
    pub(super) fn comparison(
        &mut self,
        left: &Spanned<Node>,
        operator: &Spanned<Operator>,
        right: &Spanned<Node>,
    ) -> Result<Condition, Fault> {
        let one = self.operand(left)?;
        // An address is compared with a literal that is one, which as a string would be any.
        if let Operand::Address = one {
            return self.address(operator, right);
        }
        let other = self.operand(right)?;
        if let Operand::Address = other {
            return self.address(operator, left);
        }
        match (one, other) {
            (Operand::Number(one), Operand::Number(other)) => numbers(one, operator, other),
            (Operand::Text(one), Operand::Text(other)) => {
                let (one, other) = ordered(one, operator.value, other);
                if other.is_list() {
                    return Err(Fault::new(
                        right.span,
                        "a list of strings stands on the right of a comparison",
                    )
                    .advise("write the list on the left and one string on the right"));
                }
                texts(one, operator, other)
            }
            (Operand::Text(one), Operand::Pattern(pattern)) if operator.value == Operator::Contains => {
                Ok(Condition::Text(one, TextTest::Matches(pattern)))
            }
            (_, Operand::Pattern(_)) if operator.value != Operator::Contains => {
                Err(Fault::new(right.span, "a regular expression stands only behind `contains`")
                    .advise("write `contains /.../`"))
            }
            (one, other) => Err(mismatch(left, &one, right, &other)),
        }
    }

    /// An address with a literal.
    fn address(&mut self, operator: &Spanned<Operator>, literal: &Spanned<Node>) -> Result<Condition, Fault> {
        let negated = match operator.value {
            Operator::Equal => false,
            Operator::NotEqual => true,
            _ => {
                let (text, ip) = (operator.value.text(), self.phase.address());
                return Err(Fault::new(operator.span, format!("`{text}` compares no IP addresses")).advise(
                    format!("write `{ip} in \"10.0.0.0/8\"`, `{ip} = \"...\"` or `{ip} != \"...\"`"),
                ));
            }
        };
        let network = self.network(literal)?;
        if !network.is_address() {
            return Err(Fault::new(literal.span, "a network is not compared with an IP address")
                .advise(format!("write `in` for a network: `{} in \"10.0.0.0/8\"`", self.phase.address())));
        }
        Ok(negate(Condition::Peer(vec![network]), negated))
    }
}

fn negate(condition: Condition, negated: bool) -> Condition {
    if negated { Condition::Not(Box::new(condition)) } else { condition }
}

fn numbers(one: Number, operator: &Spanned<Operator>, other: Number) -> Result<Condition, Fault> {
    let relation = match operator.value {
        Operator::Equal | Operator::NotEqual => Relation::Equal,
        Operator::Less => Relation::Less,
        Operator::LessEqual => Relation::LessEqual,
        Operator::Greater => Relation::Greater,
        Operator::GreaterEqual => Relation::GreaterEqual,
        Operator::Contains | Operator::StartsWith => {
            let text = operator.value.text();
            return Err(Fault::new(operator.span, format!("`{text}` compares strings, not integers"))
                .advise("write `=`, `!=`, `<`, `<=`, `>` or `>=`, or `in (200, 204)`"));
        }
    };
    Ok(negate(Condition::Numbers(one, relation, other), operator.value == Operator::NotEqual))
}

/// The side of which there may be several strings stands on the left, if it does not matter to the operator.
fn ordered(one: Texts, operator: Operator, other: Texts) -> (Texts, Texts) {
    let several = |texts: &Texts| match texts.source {
        Source::Literal(_) | Source::Attribute(_) => 0,
        Source::Entry(..) => 1,
        Source::List(..) => 2,
    };
    let symmetric = matches!(operator, Operator::Equal | Operator::NotEqual);
    if symmetric && several(&other) > several(&one) { (other, one) } else { (one, other) }
}

fn texts(one: Texts, operator: &Spanned<Operator>, other: Texts) -> Result<Condition, Fault> {
    let names = one.is_header_names() || other.is_header_names();
    let case = if names { Case::Ignored } else { Case::Minded };
    let test = match operator.value {
        Operator::Equal | Operator::NotEqual => TextTest::Equals(other, case),
        Operator::StartsWith => TextTest::StartsWith(other, case),
        // A list contains a string that is one of its own.
        Operator::Contains if one.is_list() => TextTest::Equals(other, case),
        Operator::Contains => match other.literal() {
            Some(literal) => TextTest::Holds(Box::new(Finder::new(literal).into_owned())),
            None => TextTest::Contains(other),
        },
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            let text = operator.value.text();
            return Err(Fault::new(operator.span, format!("`{text}` compares integers, not strings"))
                .advise("strings are compared with `=`, `!=`, `in`, `contains` and `startswith`"));
        }
    };
    Ok(negate(Condition::Text(one, test), operator.value == Operator::NotEqual))
}

/// Two values of types that are never compared.
fn mismatch(left: &Spanned<Node>, one: &Operand, right: &Spanned<Node>, other: &Operand) -> Fault {
    if let Operand::Condition(_) = one {
        return condition(left, other);
    }
    if let Operand::Condition(_) = other {
        return condition(right, one);
    }
    let fault = Fault::new(right.span, format!("{} is not compared with {}", one.kind(), other.kind()));
    match (&left.value, &right.value) {
        (Node::Text(text), _) | (_, Node::Text(text)) if text.parse::<i64>().is_ok() => {
            fault.advise(format!("write the integer without quotes: {text}"))
        }
        (Node::Integer(value), _) | (_, Node::Integer(value)) => {
            fault.advise(format!("write the string in quotes: \"{value}\""))
        }
        _ => fault.advise("compare strings with strings, and integers with integers"),
    }
}

fn condition(node: &Spanned<Node>, with: &Operand) -> Fault {
    Fault::new(node.span, format!("a condition is not compared with {}", with.kind()))
        .advise("join conditions with `and` or `or`, turn one round with `not`")
}
