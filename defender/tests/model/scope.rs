//! C1 to C10: which rule governs a container.

use crate::policies::{place, policy};
use proofhouse_defender::decision::{Workload, first_rule};
use proofhouse_model::{Trail, governing_rule};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_rule_governs_a_container(policy in policy(), place in place()) {
        let workload = Workload { container: place.name, image: place.image, app_id: place.app_id };
        let defender = first_rule(&policy, &workload).map(|rule| &rule.name);
        let mut trail = Trail::default();
        let model = governing_rule(&policy, &place.container(), &mut trail).map(|rule| &rule.name);
        prop_assert_eq!(defender, model, "clauses: {:?}", trail.ids());
    }
}
