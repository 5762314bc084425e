//! The conditions behind the head of a chained rule.

use super::compile::{classes, test};
use super::rule::transformed;
use super::test::Test;
use crate::canonical::each_form;
use crate::crs::{Operator, Rule, Selector, Variable, shown};
use crate::input::{ClassSet, Input};
use crate::transform::Transform;
use std::path::Path;

/// What the parentheses of an expression found in a value; its first member is the whole match.
pub(super) type Groups = Vec<Vec<u8>>;

/// A further condition of a chain: it holds if its test holds for any value that it looks at.
#[derive(Debug)]
pub(super) struct Link {
    subject: Subject,
    transforms: Vec<Transform>,
    question: Question,
    /// Whether it holds where the question is denied.
    negated: bool,
}

/// What a condition looks at.
#[derive(Debug)]
enum Subject {
    /// Values of the request, and whether that which the head of the chain matched.
    Values { matched: bool, classes: ClassSet },
    /// What a group of the expression before it found (`TX:1`).
    Group(usize),
}

/// What a condition asks.
#[derive(Debug)]
enum Question {
    Test(Test),
    /// Whether it is what another group of the expression before it found (`@streq %{TX.2}`).
    IsGroup(usize),
}

impl Link {
    /// Compiles a chained rule.
    ///
    /// # Errors
    /// What of it is not understood.
    pub(super) fn compile(rule: &Rule, folder: &Path) -> Result<Self, String> {
        if let Some(name) = rule.unknown_transforms.first() {
            return Err(format!("the transformation `{}` is unknown", shown(name)));
        }
        let subject = subject(&rule.variables)?;
        if rule.negated && matches!(&subject, Subject::Values { classes, .. } if !classes.is_empty()) {
            return Err("a negated operator may only be about what was matched".to_owned());
        }
        let question = match &rule.operator {
            Operator::Other(name, argument) if name == "streq" => match group_of(argument) {
                Some(group) => Question::IsGroup(group),
                None => Question::Test(test(&rule.operator, folder)?.0),
            },
            operator => Question::Test(test(operator, folder)?.0),
        };
        Ok(Self { subject, transforms: rule.transforms.clone(), question, negated: rule.negated })
    }

    /// Whether it needs to know what groups found.
    fn asks_for_groups(&self) -> bool {
        matches!(self.subject, Subject::Group(_)) || matches!(self.question, Question::IsGroup(_))
    }

    /// Whether it holds, for the value that the head matched; groups become what its own expression found, where it has one.
    fn holds(&self, value: &[u8], groups: &mut Groups, inputs: &[Input<'_>]) -> bool {
        let of_group = match &self.subject {
            Subject::Group(group) => groups.get(*group).cloned(),
            Subject::Values { .. } => None,
        };
        let mut ask = |value: &[u8]| {
            let value = transformed(value, &self.transforms);
            let answer = match &self.question {
                Question::Test(test) => match test.groups(&value) {
                    Some(found) => {
                        *groups = found;
                        true
                    }
                    None => test.holds(&value),
                },
                Question::IsGroup(group) => groups.get(*group).is_some_and(|group| *group == value),
            };
            answer != self.negated
        };
        match &self.subject {
            Subject::Group(_) => of_group.is_some_and(|found| ask(&found)),
            Subject::Values { matched, classes } => {
                *matched && ask(value)
                    || inputs.iter().filter(|input| classes.has(input.class)).any(|input| {
                        let mut found = false;
                        each_form(&input.value, |form| {
                            found = ask(form);
                            !found
                        });
                        found
                    })
            }
        }
    }
}

/// Whether all conditions hold behind a head that matched a value: where groups are asked for, behind one of its matches.
pub(super) fn holds(head: &Test, chain: &[Link], value: &[u8], inputs: &[Input<'_>]) -> bool {
    let behind = |mut groups: Groups| chain.iter().all(|link| link.holds(value, &mut groups, inputs));
    if !chain.iter().any(Link::asks_for_groups) {
        return behind(Groups::new());
    }
    head.all_groups(value).any(behind)
}

/// What a condition looks at.
fn subject(variables: &[Variable]) -> Result<Subject, String> {
    if let [Variable { name, selector: Selector::Name(group), excluded: false, counted: false }] = variables
        && name == "TX"
        && let Ok(group) = group.parse()
    {
        return Ok(Subject::Group(group));
    }
    let (matched, others): (Vec<_>, Vec<_>) = variables
        .iter()
        .cloned()
        .partition(|variable| matches!(variable.name.as_str(), "MATCHED_VARS" | "MATCHED_VAR"));
    let classes = if others.is_empty() { ClassSet::default() } else { classes(&others)? };
    Ok(Subject::Values { matched: !matched.is_empty(), classes })
}

/// The group that `%{TX.2}` means.
fn group_of(argument: &str) -> Option<usize> {
    let inner = argument.trim().strip_prefix("%{")?.strip_suffix('}')?;
    let (name, group) = inner.split_once('.')?;
    name.eq_ignore_ascii_case("tx").then(|| group.parse().ok()).flatten()
}
