//! What the custom rules of an app say of a request, or of an answer.

use super::expression::Meanings;
use super::holds::Seen;
use super::message::rendered;
use crate::Trail;
use proofhouse_protocol::waas_policy::{ApplicationSpec, WaasPolicy};
use proofhouse_protocol::{CustomRule, WaasEffect};

/// When custom rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::requests) enum Stage {
    /// Of the request, before everything else.
    Request,
    /// Of the answer.
    Answer,
}

impl Stage {
    fn kind(self) -> &'static str {
        match self {
            Self::Request => "waas-request",
            Self::Answer => "waas-response",
        }
    }
}

/// Something that custom rules may come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::requests) struct Said {
    /// Whether inspection ends.
    pub allows: bool,
    /// Effects and messages of the rules that are told of.
    pub told: Vec<(WaasEffect, Option<String>)>,
}

impl Said {
    /// The effect of what blocks, the gravest where there are several.
    pub fn blocks(&self) -> Option<WaasEffect> {
        let has = |effect| self.told.iter().any(|(own, _)| *own == effect);
        [WaasEffect::Ban, WaasEffect::Prevent].into_iter().find(|effect| has(*effect))
    }
}

/// All that they may come to. W98 to W101: all that an app attaches are asked.
pub(in crate::requests) fn said(
    stage: Stage,
    (policy, meanings): (&WaasPolicy, &Meanings),
    app: &ApplicationSpec,
    seen: &Seen<'_>,
    trail: &mut Trail,
) -> Vec<Said> {
    let mut ways: Vec<Vec<(WaasEffect, &CustomRule)>> = vec![Vec::new()];
    for attached in &app.custom_rules {
        let rules = policy.custom_rules.iter().filter(|rule| rule.kind == stage.kind());
        let Some(rule) = rules.into_iter().find(|rule| rule.id == attached.id) else { continue };
        if attached.effect == WaasEffect::Disable {
            trail.through("request.custom-off");
            continue;
        }
        let holds = meanings.get(&rule.script).and_then(|expression| expression.holds(seen, trail));
        trail.through(match holds {
            Some(true) => "request.custom-holds",
            Some(false) => "request.custom-says-nothing",
            None => "request.custom-unclear",
        });
        if holds == Some(false) {
            continue;
        }
        let with = ways.iter().map(|way| [way.clone(), vec![(attached.effect, rule)]].concat()).collect();
        ways = if holds.is_none() { [ways, with].concat() } else { with };
    }
    let mut all = Vec::new();
    for said in ways.iter().flat_map(|holding| outcomes(holding, seen, trail)) {
        if !all.contains(&said) {
            all.push(said);
        }
    }
    all
}

/// What rules that hold may come to.
fn outcomes(holding: &[(WaasEffect, &CustomRule)], seen: &Seen<'_>, trail: &mut Trail) -> Vec<Said> {
    let told = |of: &dyn Fn(WaasEffect) -> bool| -> Vec<_> {
        let own = holding.iter().filter(|(effect, _)| of(*effect));
        own.map(|(effect, rule)| (*effect, rendered(&rule.message, seen))).collect()
    };
    let alerts = told(&|effect| effect == WaasEffect::Alert);
    let blocking = told(&|effect| matches!(effect, WaasEffect::Prevent | WaasEffect::Ban));
    let allows = holding.iter().any(|(effect, _)| *effect == WaasEffect::Allow);
    if holding.len() > 1 {
        trail.through("request.custom-several");
    }
    let mut all = Vec::new();
    if allows {
        trail.through("request.custom-allows");
        all.push(Said { allows, told: Vec::new() });
        if holding.len() == 1 {
            return all;
        }
        // How it goes with others that hold is not documented.
        all.push(Said { allows, told: alerts.clone() });
    }
    if blocking.is_empty() {
        if !allows {
            all.push(Said { allows, told: alerts });
        }
        return all;
    }
    // W100: those that only tell are told of; which of several that block are is not documented.
    let of = |blocking: &[(WaasEffect, Option<String>)]| Said {
        allows: false,
        told: [alerts.clone(), blocking.to_vec()].concat(),
    };
    all.extend(blocking.iter().map(|one| of(std::slice::from_ref(one))));
    if blocking.len() > 1 {
        all.push(of(&blocking));
    }
    all
}
