//! P1 to P10, P17 to P20: which programs run, and what is told of them.

use crate::policies::{place, policy, semantics};
use crate::programs::{Container, LINKS, Launched, program};
use proofhouse_defender::decision::{ContainerRule, Launch, Policy, Workload, first_rule};
use proofhouse_model::{Start, judge_start};
use proofhouse_protocol::{RuleEffect, RuntimePolicy, Semantics};
use proptest::prelude::*;

use crate::policies::Place;

pub fn start(program: &Launched) -> Start<'_> {
    Start {
        executable: program.executable,
        names: program.names,
        multi_call: program.multi_call,
        modified: program.modified,
        altered: program.altered,
        entry_point: program.entry_point,
    }
}

/// What the Defender makes of a container's policy.
pub fn compiled(policy: &RuntimePolicy, place: &Place, semantics: &Semantics) -> Policy {
    let workload = Workload { container: place.name, image: place.image, app_id: place.app_id };
    Policy::compile(first_rule(policy, &workload).map(ContainerRule::from).as_ref(), semantics)
}

/// Whether it runs; rule, attack type, technique and effect of its audit.
type Fate = (bool, Option<(String, &'static str, &'static str, RuleEffect)>);

fn of_defender(policy: &Policy, program: &Launched) -> Fate {
    // The supervisor does not ask about the entry point.
    let Some(rules) = policy.processes.as_ref().filter(|_| !program.entry_point) else { return (true, None) };
    let launch = Launch {
        executable: program.executable,
        names: program.names,
        multi_call: program.multi_call,
        modified: program.modified,
        altered: program.altered,
    };
    let Some(violation) = rules.judge(&launch, &Container) else { return (true, None) };
    let effect = if rules.prevents() { RuleEffect::Prevent } else { RuleEffect::Alert };
    let audit = (
        policy.rule_name.clone(),
        violation.attack_type(),
        violation.technique().unwrap_or_default(),
        effect,
    );
    (!rules.prevents(), Some(audit))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_programs_run(policy in policy(), place in place(), program in program(), semantics in semantics()) {
        let defender = of_defender(&compiled(&policy, &place, &semantics), &program);
        let verdict = judge_start(&policy, &place.container(), &start(&program), &LINKS, &semantics);
        let audit = verdict.audit.map(|audit| (audit.rule, audit.attack_type, audit.technique.unwrap_or_default(), audit.effect));
        prop_assert_eq!(defender, (verdict.happens, audit), "clauses: {:?}", verdict.trail.ids());
    }
}
