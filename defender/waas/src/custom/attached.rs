//! The custom rules of an app.

use super::event::Exchange;
use crate::finding::Finding;
use proofhouse_custom_rules::{Message, Phase, Script, ScriptError};
use proofhouse_protocol::audit::AttackField;
use proofhouse_protocol::waas_policy::{CustomRuleRef, WaasPolicy};
use proofhouse_protocol::{CustomRule, WaasEffect};
use thiserror::Error;

/// A custom rule whose script cannot be understood.
#[derive(Debug, Error)]
#[error("custom rule `{name}`: {source}")]
pub struct CustomRuleError {
    /// Name of the rule.
    pub name: String,
    /// What is wrong.
    pub source: Box<ScriptError>,
}

/// The custom rules of an app, in its order.
#[derive(Debug, Default)]
pub(crate) struct CustomRules {
    request: Vec<Attached>,
    answer: Vec<Attached>,
}

#[derive(Debug)]
struct Attached {
    name: String,
    script: Script,
    message: Message,
    effect: WaasEffect,
}

impl CustomRules {
    /// Those that are attached. What an app attaches and the Console did not send, or that is of a kind for other planes, is nothing:
    /// the Console refuses it.
    pub(crate) fn of(attached: &[CustomRuleRef], policy: &WaasPolicy) -> Result<Self, CustomRuleError> {
        let mut rules = Self::default();
        for reference in attached.iter().filter(|reference| reference.effect != WaasEffect::Disable) {
            let Some(rule) = policy.custom_rules.iter().find(|rule| rule.id == reference.id) else {
                continue;
            };
            match Phase::of_rule_type(&rule.kind) {
                Some(Phase::Request) => {
                    rules.request.push(Attached::of(rule, reference.effect, Phase::Request)?)
                }
                Some(Phase::Response) => {
                    rules.answer.push(Attached::of(rule, reference.effect, Phase::Response)?)
                }
                Some(Phase::Process | Phase::Outgoing) | None => {}
            }
        }
        Ok(rules)
    }

    /// Whether one of them waits for the answer.
    pub(crate) fn wait_for_answer(&self) -> bool {
        !self.answer.is_empty()
    }

    /// What they find in a request.
    pub(crate) fn of_request(&self, exchange: &Exchange<'_>) -> Vec<Finding> {
        find(self.request.iter(), exchange)
    }

    /// What they find in a message of a request that has begun. What was found in its head was told with its head, but what allowed
    /// it allows its messages.
    pub(crate) fn of_message(&self, exchange: &Exchange<'_>) -> Vec<Finding> {
        let asked = |rule: &&Attached| rule.script.needs_body() || rule.effect == WaasEffect::Allow;
        find(self.request.iter().filter(asked), exchange)
    }

    /// What they find in an answer and its request.
    pub(crate) fn of_answer(&self, exchange: &Exchange<'_>) -> Vec<Finding> {
        find(self.answer.iter(), exchange)
    }
}

impl Attached {
    fn of(rule: &CustomRule, effect: WaasEffect, phase: Phase) -> Result<Self, CustomRuleError> {
        let script = Script::parse(&rule.script, phase)
            .map_err(|source| CustomRuleError { name: rule.name.clone(), source: Box::new(source) })?;
        let message = if rule.message.is_empty() { &rule.name } else { &rule.message };
        Ok(Self { name: rule.name.clone(), script, message: Message::parse(message), effect })
    }
}

/// All of them are asked, so that one request may have several audits; one that allows makes the others not count, and one that
/// blocks comes behind those that only tell.
fn find<'r>(rules: impl Iterator<Item = &'r Attached>, exchange: &Exchange<'_>) -> Vec<Finding> {
    let mut rules = rules.peekable();
    if rules.peek().is_none() {
        return Vec::new();
    }
    let now = jiff::Timestamp::now().as_second();
    let (mut told, mut blocking) = (Vec::new(), Vec::new());
    for rule in rules {
        let Some(hit) = rule.script.evaluate(exchange, now) else { continue };
        let found = Finding {
            kind: "customRule",
            protection: "custom",
            effect: rule.effect,
            message: rule.message.render(exchange, &hit),
            field: AttackField::default(),
        };
        match rule.effect {
            WaasEffect::Allow => return vec![found],
            WaasEffect::Alert => told.push(found),
            _ => blocking.push(found),
        }
        tracing::debug!(rule = %rule.name, effect = %rule.effect, "a custom rule holds");
    }
    told.extend(blocking);
    told
}
