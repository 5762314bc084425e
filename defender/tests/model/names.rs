//! D1 to D13: which names resolve, and what is told of them.

use crate::domains::{entry, name};
use crate::policies::{place, policy, semantics};
use crate::process::compiled;
use proofhouse_defender::decision::DomainPattern;
use proofhouse_model::{Trail, entry_covers, judge_question};
use proofhouse_protocol::RuleEffect;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_entries_cover_a_name(entry in entry(), name in name(), semantics in semantics()) {
        let mut trail = Trail::default();
        let model = entry_covers(&entry, &name, &semantics, &mut trail);
        let defender = DomainPattern::new(&entry, &semantics).matches(&name);
        prop_assert_eq!(defender, model, "clauses: {:?}", trail.ids());
    }

    #[test]
    fn the_same_names_resolve(policy in policy(), place in place(), name in name(), semantics in semantics()) {
        let compiled = compiled(&policy, &place, &semantics);
        let defender = match &compiled.dns {
            Some(rules) if rules.denies(&name) => {
                let effect = if rules.prevents() { RuleEffect::Prevent } else { RuleEffect::Alert };
                (!rules.prevents(), Some((compiled.rule_name.clone(), effect)))
            }
            _ => (true, None),
        };
        let verdict = judge_question(&policy, &place.container(), &name, &semantics);
        let model = (verdict.happens, verdict.audit.map(|audit| (audit.rule, audit.effect)));
        prop_assert_eq!(defender, model, "clauses: {:?}", verdict.trail.ids());
    }
}
