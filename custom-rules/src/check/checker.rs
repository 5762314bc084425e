//! The walk through the tree.

use super::operand::{self, Operand};
use crate::attribute::{Attribute, RuntimeText, TextAttribute};
use crate::language::{Fault, Node, Span, Spanned};
use crate::pattern::Pattern;
use crate::phase::Phase;
use crate::plan::Condition;
use std::collections::HashMap;

/// Attributes, functions, literals and comparisons of a script: each looks once at what it is applied to.
pub(crate) const MAX_PARTS: usize = 512;

/// Different regular expressions of a script: each may take a mebibyte.
pub(crate) const MAX_PATTERNS: usize = 64;

/// What is evaluated, and what has to be collected for it.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) condition: std::sync::Arc<Condition>,
    pub(crate) needs: Needs,
}

/// What a script looks at, of what is costly to collect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) body: bool,
    pub(crate) response: bool,
    pub(crate) response_body: bool,
    pub(crate) command_line: bool,
}

/// Checks a whole script.
pub(crate) fn check(tree: &Spanned<Node>, phase: Phase) -> Result<Checked, Fault> {
    let mut checker = Checker { phase, needs: Needs::default(), parts: 0, patterns: HashMap::new() };
    let condition = checker.condition(tree)?;
    Ok(Checked { condition: condition.into(), needs: checker.needs })
}

/// What is known while a script is checked.
pub(super) struct Checker {
    pub(super) phase: Phase,
    needs: Needs,
    parts: usize,
    /// Compiled ones by their text: rules repeat them for each attribute.
    patterns: HashMap<String, Pattern>,
}

impl Checker {
    /// What has to hold or not.
    pub(super) fn condition(&mut self, node: &Spanned<Node>) -> Result<Condition, Fault> {
        match self.operand(node)? {
            Operand::Condition(condition) => Ok(condition),
            other => Err(operand::no_condition(&other, node.span)),
        }
    }

    fn conditions(&mut self, nodes: &[Spanned<Node>]) -> Result<Vec<Condition>, Fault> {
        nodes.iter().map(|node| self.condition(node)).collect()
    }

    /// What a node stands for.
    pub(super) fn operand(&mut self, node: &Spanned<Node>) -> Result<Operand, Fault> {
        self.count(node.span)?;
        match &node.value {
            Node::Call(name, arguments) => self.call(name, arguments, node.span),
            Node::Compare(left, operator, right) => {
                self.comparison(left, operator, right).map(Operand::Condition)
            }
            Node::In(left, list) => self.membership(left, list).map(Operand::Condition),
            Node::Not(inner) => {
                let inner = Box::new(self.condition(inner)?);
                Ok(Operand::Condition(Condition::Not(inner)))
            }
            Node::And(items) => self.conditions(items).map(Condition::All).map(Operand::Condition),
            Node::Or(items) => self.conditions(items).map(Condition::Any).map(Operand::Condition),
            other => self.leaf(other, node.span),
        }
    }

    /// What a node stands for that has no other in it.
    fn leaf(&mut self, node: &Node, span: Span) -> Result<Operand, Fault> {
        match node {
            Node::Integer(value) => Ok(Operand::integer(*value)),
            Node::Text(text) => Ok(Operand::text(text)),
            Node::Pattern(text) => self.pattern(text, span).map(Operand::Pattern),
            Node::Attribute(name) => operand::of_attribute(name, self.attribute(name, span)?, span),
            Node::Entry(map, key) => {
                operand::of_entry(&map.value, self.attribute(&map.value, map.span)?, &key.value, span)
            }
            _ => Err(Fault::new(span, "a value is expected")),
        }
    }

    pub(super) fn count(&mut self, span: Span) -> Result<(), Fault> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(Fault::new(span, format!("the script has more than {MAX_PARTS} parts"))
                .advise("split it into several rules"));
        }
        Ok(())
    }

    /// The attribute of that name, if a rule of the phase may use it; what has to be collected for it is noted.
    fn attribute(&mut self, name: &str, span: Span) -> Result<Attribute, Fault> {
        let Some(attribute) = Attribute::named(name) else {
            return Err(operand::unknown(name, self.phase, span));
        };
        if attribute.of_response() && self.phase == Phase::Request {
            return Err(Fault::new(span, format!("`{name}` in a rule of type `waas-request`")).advise(
                "a request is judged before there is a response: make the rule's type `waas-response`",
            ));
        }
        if !attribute.is_in(self.phase) {
            let kind = self.phase.rule_type();
            let names: Vec<_> = Attribute::names(self.phase).collect();
            return Err(Fault::new(span, format!("`{name}` in a rule of type `{kind}`"))
                .advise(format!("attributes there are {}", names.join(", "))));
        }
        self.needs.command_line |=
            attribute == Attribute::Text(TextAttribute::Runtime(RuntimeText::CommandLine));
        self.needs.body |= attribute.of_body();
        self.needs.response |= attribute.of_response();
        self.needs.response_body |= attribute == Attribute::Text(TextAttribute::ResponseBody);
        Ok(attribute)
    }

    /// A regular expression; its span includes the slashes.
    fn pattern(&mut self, text: &str, span: Span) -> Result<Pattern, Fault> {
        if let Some(known) = self.patterns.get(text) {
            return Ok(known.clone());
        }
        if self.patterns.len() == MAX_PATTERNS {
            return Err(Fault::new(
                span,
                format!("the script has more than {MAX_PATTERNS} regular expressions"),
            )
            .advise("join some by `|`, or split it into several rules"));
        }
        let pattern = Pattern::compile(text).map_err(|error| {
            let start = span.start + 1;
            let place = (start + error.span.start..start + error.span.end).into();
            let fault = Fault::new(place, format!("invalid regular expression: {}", error.message));
            match error.advice {
                Some(advice) => fault.advise(advice),
                None => fault,
            }
        })?;
        self.patterns.insert(text.to_owned(), pattern.clone());
        Ok(pattern)
    }
}
