//! Asks every rule of a date.

use super::path::{Hit, walk};
use super::table::{Check, Limits, Rule, Word};
use super::{Date, Finding, Table, predicates};
use crate::definition::TaskDefinition;
use crate::definition::json::{Node, Value};
use regex::Regex;

/// What a rule found at a place: the words for the holes in its message.
#[derive(Debug, Default, Clone)]
pub(super) struct Blame {
    pub value: String,
    pub container: Option<String>,
    pub help: Option<String>,
}

impl Blame {
    pub fn value(value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::default() }
    }
}

/// Everything for which Fargate would have rejected the definition on that day, in the order of the text.
#[must_use]
pub fn check(definition: &TaskDefinition, date: Date) -> Vec<Finding> {
    check_with(Table::fargate(), definition, date)
}

/// The same by another table.
#[must_use]
pub fn check_with(table: &Table, definition: &TaskDefinition, date: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        table.rules_on(date).flat_map(|rule| ask(table, rule, definition, date)).collect();
    findings.sort_by_key(|finding| finding.span);
    findings
}

fn ask(table: &Table, rule: &Rule, definition: &TaskDefinition, date: Date) -> Vec<Finding> {
    let context = predicates::Context { table, definition, date };
    let mut findings = Vec::new();
    for hit in walk(definition.root(), &rule.path) {
        let blames = match &rule.check {
            Check::Word(word) => {
                about_word(*word, &hit).into_iter().map(|blame| (hit.clone(), blame)).collect()
            }
            Check::Limits(limits) => match &limits.predicate {
                Some(name) => predicates::ask(name, &context, &hit),
                None => about_limits(limits, &hit).into_iter().map(|blame| (hit.clone(), blame)).collect(),
            },
        };
        findings.extend(blames.into_iter().map(|(hit, blame)| finding(rule, definition, &hit, &blame)));
    }
    findings
}

fn finding(rule: &Rule, definition: &TaskDefinition, hit: &Hit<'_>, blame: &Blame) -> Finding {
    let at = hit.container.and_then(|index| container_name(definition, index));
    let container = blame.container.clone().or(at).unwrap_or_default();
    let fill = |text: &str| {
        text.replace("{value}", &blame.value)
            .replace("{container}", &container)
            .replace("{help}", blame.help.as_deref().unwrap_or_default())
    };
    Finding {
        class: rule.class.clone(),
        message: fill(&rule.message),
        path: hit.path.clone(),
        span: Some(hit.span),
        help: fill(&rule.help),
        pattern: rule.pattern.clone(),
    }
}

fn container_name(definition: &TaskDefinition, index: usize) -> Option<String> {
    let containers = definition.root().get("containerDefinitions")?;
    containers.items().get(index)?.get("name")?.text().map(str::to_owned)
}

fn about_word(word: Word, hit: &Hit<'_>) -> Option<Blame> {
    let wrong = match (word, hit.node) {
        (Word::Absent, Some(node)) => !node.is_void() && !is_empty_text(node),
        (Word::Absent | Word::NotTrue, None) => false,
        (Word::Required | Word::Filled, None) => true,
        (Word::Required, Some(_)) => false,
        (Word::Filled, Some(node)) => is_empty_text(node),
        (Word::NotTrue, Some(node)) => {
            node.value == Value::Bool(true)
                || node.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
        }
    };
    wrong.then(|| Blame::value(hit.node.map(shown).unwrap_or_default()))
}

fn is_empty_text(node: &Node) -> bool {
    node.text().is_some_and(str::is_empty)
}

fn about_limits(limits: &Limits, hit: &Hit<'_>) -> Option<Blame> {
    let Some(node) = hit.node else {
        return limits.required.then(|| Blame::value("left out, which means 'bridge'"));
    };
    let text = shown(node);
    let number = text.trim().parse::<i64>().ok();
    let fits = (limits.must_be.is_empty() || limits.must_be.contains(&text))
        && !limits.must_not_be.contains(&text)
        && limits.at_least.is_none_or(|least| number.is_some_and(|number| number >= least))
        && limits.at_most.is_none_or(|most| number.is_some_and(|number| number <= most))
        && limits.most_items.is_none_or(|most| node.items().len() <= most)
        && limits.matches.as_ref().is_none_or(|pattern| {
            Regex::new(pattern).expect("the table's patterns were compiled when it was read").is_match(&text)
        });
    let value = if limits.most_items.is_some() {
        node.items().len().to_string()
    } else if limits.required {
        format!("'{text}'")
    } else {
        text
    };
    (!fits).then(|| Blame::value(value))
}

/// A value in a message.
pub(super) fn shown(node: &Node) -> String {
    match &node.value {
        Value::String(text) | Value::Number(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        _ => node.kind().to_owned(),
    }
}
