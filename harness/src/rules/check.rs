//! Asks every rule of a date.

use super::finding::{Level, RefusedBy, Wording};
use super::path::{Hit, walk};
use super::table::{Check, Limits, Rule, Word};
use super::{Date, Finding, Table, model, predicates};
use crate::definition::tree::{Node, Value};
use crate::definition::{Dialect, Span, TaskDefinition};
use regex::{Captures, Regex};
use std::sync::OnceLock;

/// What a rule found at a place: the words for the holes in its message.
#[derive(Debug, Default, Clone)]
pub(super) struct Blame {
    pub value: String,
    pub container: Option<String>,
    pub help: Option<String>,
    /// The member of the place that is to blame, if it is not the whole.
    pub at: Option<&'static str>,
}

impl Blame {
    pub fn value(value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::default() }
    }

    pub fn container(name: &str) -> Self {
        Self { container: Some(name.to_owned()), ..Self::default() }
    }

    #[must_use]
    pub fn at(mut self, member: &'static str) -> Self {
        self.at = Some(member);
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Everything for which the definition would have been rejected on that day, and every remark, in the order of the text.
#[must_use]
pub fn check(definition: &TaskDefinition, date: Date) -> Vec<Finding> {
    check_with(Table::fargate(), definition, date)
}

/// The same by another table.
#[must_use]
pub fn check_with(table: &Table, definition: &TaskDefinition, date: Date) -> Vec<Finding> {
    let problems = model::problems(table, definition);
    let context = predicates::Context { table, definition, date, problems: &problems };
    let mut findings: Vec<Finding> = table.rules_on(date).flat_map(|rule| ask(rule, &context)).collect();
    findings.sort_by_key(|finding| finding.span);
    findings
}

fn ask(rule: &Rule, context: &predicates::Context<'_>) -> Vec<Finding> {
    let definition = context.definition;
    let mut findings = Vec::new();
    for hit in walk(definition, &rule.path) {
        // What is not known yet is nobody's fault.
        if hit.node.is_some_and(Node::is_open) {
            continue;
        }
        let blames = match &rule.check {
            Check::Word(word) => {
                about_word(*word, &hit).into_iter().map(|blame| (hit.clone(), blame)).collect()
            }
            Check::Limits(limits) => match (&limits.predicate, limits.most_bytes) {
                (Some(name), _) => predicates::ask(name, context, &hit),
                (None, Some(most)) => {
                    let blame = predicates::too_long(context, &hit, most);
                    blame.into_iter().map(|blame| (hit.clone(), blame)).collect()
                }
                (None, None) => {
                    about_limits(limits, &hit).into_iter().map(|blame| (hit.clone(), blame)).collect()
                }
            },
        };
        findings.extend(blames.into_iter().map(|(hit, blame)| finding(rule, definition, &hit, &blame)));
    }
    findings
}

fn finding(rule: &Rule, definition: &TaskDefinition, hit: &Hit<'_>, blame: &Blame) -> Finding {
    let at = predicates::container_of(definition, hit).map(|container| container.name.clone());
    let container = blame.container.clone().or(at).unwrap_or_default();
    let fill = |text: &str| {
        let text = text.replace("{help}", blame.help.as_deref().unwrap_or_default());
        spelled(&text, definition.dialect())
            .replace("{value}", &blame.value)
            .replace("{container}", &container)
    };
    Finding {
        class: rule.class.clone(),
        level: rule.level,
        refused_by: match (rule.level, rule.refused_by, definition.dialect()) {
            (Level::Remark, ..) => RefusedBy::Nobody,
            (_, RefusedBy::Client, Dialect::CloudFormation) => RefusedBy::CloudFormation,
            (_, by, _) => by,
        },
        message: fill(&rule.message),
        path: hit.path.clone(),
        span: Some(underlined(definition.text(), hit)),
        help: fill(&rule.help),
        pattern: rule.pattern.clone(),
        source: rule.source.clone(),
        wording: if rule.level == Level::Remark { Wording::Ours } else { rule.wording },
        valid_from: rule.valid_from,
    }
}

/// Of a value that fills lines, the key alone.
fn underlined(text: &str, hit: &Hit<'_>) -> Span {
    let fills_lines = text.get(hit.span.start..hit.span.end).is_some_and(|value| value.contains('\n'));
    hit.key_span.filter(|_| fills_lines || hit.span.is_empty()).unwrap_or(hit.span).on_borders(text)
}

/// A member in angle brackets, as the user's text spells it.
fn spelled(text: &str, dialect: Dialect) -> String {
    static MEMBER: OnceLock<Regex> = OnceLock::new();
    let member = MEMBER.get_or_init(|| Regex::new("<([a-zA-Z0-9]+)>").expect("the pattern is sound"));
    member.replace_all(text, |found: &Captures<'_>| dialect.spelling(&found[1])).into_owned()
}

fn about_word(word: Word, hit: &Hit<'_>) -> Option<Blame> {
    let wrong = match (word, hit.node) {
        (Word::Absent, Some(node)) => !node.is_void() && !is_empty_text(node),
        (Word::Absent | Word::NotTrue, None) => false,
        (Word::Required | Word::Filled, None) => true,
        (Word::Required, Some(_)) => false,
        (Word::Filled, Some(node)) => is_empty_text(node),
        (Word::NotTrue, Some(node)) => is_true(node),
    };
    wrong.then(|| Blame::value(hit.node.map(shown).unwrap_or_default()))
}

pub(super) fn is_true(node: &Node) -> bool {
    node.value == Value::Bool(true) || node.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

pub(super) fn is_empty_text(node: &Node) -> bool {
    node.text().is_some_and(str::is_empty)
}

fn about_limits(limits: &Limits, hit: &Hit<'_>) -> Option<Blame> {
    let Some(node) = hit.node else {
        return limits.required.then(|| Blame::value("left out, which means 'bridge'"));
    };
    if !limits.required && is_empty_text(node) {
        return None;
    }
    let text = shown(node);
    // What is no number has the wrong type, which is another rule's.
    let in_range = text.trim().parse::<i64>().is_ok_and(|number| {
        limits.at_least.is_none_or(|least| number >= least)
            && limits.at_most.is_none_or(|most| number <= most)
    });
    let is_number = text.trim().parse::<i64>().is_ok();
    let fits = (limits.must_be.is_empty() || limits.must_be.contains(&text))
        && !limits.must_not_be.contains(&text)
        && (limits.at_least.or(limits.at_most).is_none() || in_range || !is_number)
        && limits.most_items.is_none_or(|most| node.items().len() <= most)
        && limits.matches.as_ref().is_none_or(|pattern| is_match(pattern, &text))
        && limits.must_not_match.as_ref().is_none_or(|pattern| !is_match(pattern, &text));
    let value = if limits.most_items.is_some() {
        node.items().len().to_string()
    } else if limits.required {
        format!("'{text}'")
    } else {
        text
    };
    (!fits).then(|| Blame::value(value))
}

fn is_match(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).expect("the table's patterns were compiled when it was read").is_match(text)
}

/// A value in a message.
pub(super) fn shown(node: &Node) -> String {
    match &node.value {
        Value::String(text) | Value::Number(text) | Value::Function(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        _ => node.kind().to_owned(),
    }
}
