//! Holds a definition against the API model, as the CLI and the SDKs do before any call (class E28), and against the
//! values that the model documents.

use super::Table;
use super::check::{Blame, is_empty_text, shown};
use super::path::{Hit, in_containers};
use super::shape::{Kind, Member, ROOT, Shape};
use super::suggestion::nearest;
use crate::definition::tree::{Node, Value};
use crate::definition::{Dialect, TaskDefinition, placeholder};
use regex::Regex;

/// What a definition does not have in common with the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// A member that the model does not know.
    Unknown,
    /// A member that the model wants.
    Missing,
    /// A value of another type.
    Type,
    /// A value of the right type that is not documented.
    Value,
    /// A placeholder in the place of a value.
    Unfilled,
    /// A member that is there twice.
    Twice,
}

/// One mismatch at its place.
pub(super) type Problem<'n> = (Mismatch, Hit<'n>, Blame);

/// Every mismatch.
pub(super) fn problems<'n>(table: &Table, definition: &'n TaskDefinition) -> Vec<Problem<'n>> {
    let mut model = Model { table, dialect: definition.dialect(), problems: Vec::new() };
    model.object(ROOT, &Hit::root(definition));
    model.problems
}

struct Model<'t, 'n> {
    table: &'t Table,
    dialect: Dialect,
    problems: Vec<Problem<'n>>,
}

impl<'n> Model<'_, 'n> {
    fn report(&mut self, mismatch: Mismatch, hit: &Hit<'n>, blame: Blame) {
        self.problems.push((mismatch, hit.clone(), blame));
    }

    fn object(&mut self, name: &str, hit: &Hit<'n>) {
        let (Some(node), Some(shape)) = (hit.node, self.table.shapes.get(name)) else { return };
        for (index, member) in node.members().iter().enumerate() {
            let at_key = Hit {
                node: Some(&member.node),
                span: member.key_span,
                key_span: Some(member.key_span),
                path: hit.below(&member.written),
                container: hit.container,
            };
            if node.members()[index + 1..].iter().any(|later| later.written == member.written) {
                self.report(Mismatch::Twice, &at_key, Blame::value(&member.written));
                continue;
            }
            match shape.get(&member.key).filter(|_| self.is_spelled(&member.written)) {
                Some(model) if model.answer => {}
                Some(model) => {
                    let at_value = Hit { span: member.node.span, ..at_key };
                    let of_containers = name == ROOT && member.key == "containerDefinitions";
                    self.value(&model.kind, model, &member.written, &at_value, of_containers);
                }
                None => {
                    let help = self.advice(shape, &member.written);
                    self.report(Mismatch::Unknown, &at_key, Blame::value(&member.written).help(help));
                }
            }
        }
        let dialect = self.dialect;
        let wanted = shape.iter().filter(|(key, model)| model.required && !is_optional(dialect, name, key));
        for (key, _) in wanted {
            let place = hit.member(key, dialect);
            if place.node.is_none() {
                let key = dialect.spelling(key);
                self.report(Mismatch::Missing, &place, Blame::value(&key).help(format!("add \"{key}\"")));
            }
        }
    }

    /// CloudFormation's names begin with a capital letter; where two spellings are in use both are taken.
    fn is_spelled(&self, written: &str) -> bool {
        self.dialect == Dialect::Api || written.starts_with(|c: char| c.is_ascii_uppercase())
    }

    fn advice(&self, shape: &Shape, written: &str) -> String {
        let spelled = |key: &String| self.dialect.spelling(key);
        let known: Vec<String> =
            shape.iter().filter(|(_, model)| !model.answer).map(|(key, _)| spelled(key)).collect();
        if let Some(near) = nearest(written, known.iter().map(String::as_str)) {
            return format!("write \"{near}\"");
        }
        let elsewhere = self
            .table
            .shapes
            .iter()
            .find(|(_, other)| other.keys().any(|key| spelled(key).eq_ignore_ascii_case(written)));
        match elsewhere.map(|(name, _)| (name.as_str(), self.table.owner_of(name))) {
            Some((ROOT, _)) => "it is a member of the task definition: put it there".to_owned(),
            Some((_, Some(owner))) => {
                format!("it is a member of \"{}\": put it there, or remove it", self.dialect.spelling(owner))
            }
            _ => "remove it".to_owned(),
        }
    }

    fn value(&mut self, kind: &Kind, model: &Member, key: &str, hit: &Hit<'n>, of_containers: bool) {
        let Some(node) = hit.node else { return };
        match &node.value {
            // Only CloudFormation fills its functions in.
            Value::Function(text) if self.dialect == Dialect::Api => {
                return self.report(Mismatch::Unfilled, hit, Blame::value(text));
            }
            Value::Null | Value::Function(_) => return,
            _ => {}
        }
        if let Some(hole) = node.text().filter(|_| !model.free).and_then(placeholder) {
            return self.report(Mismatch::Unfilled, hit, Blame::value(hole));
        }
        if !self.has_type(kind, node) {
            let found = match &node.value {
                Value::Number(text) => format!("the number {text}"),
                Value::Bool(flag) => flag.to_string(),
                Value::String(text) => format!("the string \"{}\"", shortened(text)),
                _ => node.kind().to_owned(),
            };
            let blame = Blame::value(format!("{key}: it is {found}, and {} is wanted", kind.words()));
            return self.report(Mismatch::Type, hit, blame.help(correction(kind, node)));
        }
        match kind {
            Kind::List(inner) => {
                if let Some(most) = model.most_items.filter(|most| node.items().len() > *most) {
                    let words = format!("{key} has {} items, and {most} are allowed", node.items().len());
                    self.report(
                        Mismatch::Value,
                        hit,
                        Blame::value(words).help(format!("leave {most} of them")),
                    );
                }
                for item in in_containers(hit.items(), of_containers) {
                    self.value(inner, model, key, &item, false);
                }
            }
            Kind::Object(name) => self.object(name, hit),
            Kind::Map => self.map(key, hit),
            Kind::String | Kind::Integer => {
                if let Some((words, help)) = undocumented(model, key, node) {
                    self.report(Mismatch::Value, hit, Blame::value(words).help(help));
                }
            }
            Kind::Boolean | Kind::Any => {}
        }
    }

    fn map(&mut self, key: &str, hit: &Hit<'n>) {
        for member in hit.node.map(Node::members).unwrap_or_default() {
            let fits = matches!(member.node.value, Value::Null | Value::Function(_))
                || self.has_type(&Kind::String, &member.node);
            if !fits {
                let place = Hit {
                    node: Some(&member.node),
                    span: member.node.span,
                    key_span: Some(member.key_span),
                    path: hit.below(&member.written),
                    container: hit.container,
                };
                let blame =
                    Blame::value(format!("{key}: it is {}, and a string is wanted", member.node.kind()));
                self.report(Mismatch::Type, &place, blame.help(correction(&Kind::String, &member.node)));
            }
        }
    }

    /// CloudFormation turns numbers into strings and back; the CLI and the SDKs do not.
    fn has_type(&self, kind: &Kind, node: &Node) -> bool {
        let lenient = self.dialect == Dialect::CloudFormation;
        match (kind, &node.value) {
            (Kind::String, Value::Number(_) | Value::Bool(_)) => lenient,
            (Kind::Integer, Value::Number(text)) => text.parse::<i64>().is_ok(),
            (Kind::Integer, Value::String(text)) => lenient && text.trim().parse::<i64>().is_ok(),
            (Kind::Boolean, Value::String(text)) => lenient && matches!(text.as_str(), "true" | "false"),
            (Kind::String, Value::String(_))
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::List(_), Value::Array(_))
            | (Kind::Object(_) | Kind::Map, Value::Object(_))
            | (Kind::Any, _) => true,
            _ => false,
        }
    }
}

/// CloudFormation makes up a family.
fn is_optional(dialect: Dialect, shape: &str, key: &str) -> bool {
    dialect == Dialect::CloudFormation && shape == ROOT && key == "family"
}

/// What to write instead of a value of another type.
fn correction(kind: &Kind, node: &Node) -> String {
    match (kind, &node.value) {
        (Kind::String, Value::Number(text)) => format!("write it in quotes: \"{text}\""),
        (Kind::String, Value::Bool(flag)) => format!("write it in quotes: \"{flag}\""),
        (Kind::Integer, Value::String(text)) if text.trim().parse::<i64>().is_ok() => {
            format!("write it without quotes: {}", text.trim())
        }
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
            "write it without quotes: true".to_owned()
        }
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
            "write it without quotes: false".to_owned()
        }
        _ => format!("write {} here", kind.words()),
    }
}

/// What is undocumented about a value, and what to do.
fn undocumented(model: &Member, key: &str, node: &Node) -> Option<(String, String)> {
    // Console exports leave empty texts where nothing was chosen.
    if !model.required && is_empty_text(node) {
        return None;
    }
    let text = shown(node);
    let here = format!("and here it is '{}'", shortened(&text));
    if !model.one_of.is_empty() && !model.one_of.contains(&text) {
        let one_of = model.one_of.join(", ");
        let near = nearest(&text, model.one_of.iter().map(String::as_str));
        let help = near.map_or_else(|| "write one of these".to_owned(), |near| format!("write \"{near}\""));
        return Some((format!("{key} must be one of {one_of}, {here}"), help));
    }
    if let Some(pattern) = &model.matches {
        let pattern = Regex::new(pattern).expect("the table's patterns were compiled when it was read");
        if !pattern.is_match(&text) {
            let says = model.says.as_deref().unwrap_or("has a form of its own");
            return Some((format!("{key} {says}, {here}"), "correct it".to_owned()));
        }
    }
    let number = text.trim().parse::<i64>().ok()?;
    let fits =
        model.at_least.is_none_or(|least| number >= least) && model.at_most.is_none_or(|most| number <= most);
    let range = match (model.at_least, model.at_most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => return None,
    };
    (!fits).then(|| (format!("{key} must be {range}, and here it is {number}"), format!("write {range}")))
}

/// Messages stay short, whatever the file holds.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.escape_debug().to_string().replace("\\'", "'");
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{}...", start.escape_debug())
}
