//! A property, and the questions that are asked of the table.

use super::FidelityLabel;
use super::table::TABLE;
use crate::definition::TaskDefinition;
use serde::Serialize;
use std::collections::BTreeMap;

/// A property and how it is simulated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Name.
    pub name: &'static str,
    /// How true.
    pub fidelity: FidelityLabel,
    /// How.
    pub how: &'static str,
    /// Requirements that lean on it, such as `T6`.
    pub requirements: &'static [&'static str],
}

/// Every property, the truest first.
#[must_use]
pub fn properties() -> Vec<Property> {
    let mut all: Vec<_> = TABLE.iter().map(|row| row.property.clone()).collect();
    all.sort_by_key(|property| property.fidelity);
    all
}

/// What holds for a task of this definition, the truest first.
#[must_use]
pub fn of(definition: &TaskDefinition) -> Vec<Property> {
    let mut own: Vec<_> =
        TABLE.iter().filter(|row| (row.applies)(definition)).map(|row| row.property.clone()).collect();
    own.sort_by_key(|property| property.fidelity);
    own
}

/// The properties that these requirements lean on.
#[must_use]
pub fn relied_on(requirements: &[String]) -> Vec<Property> {
    let leans =
        |property: &Property| requirements.iter().any(|id| property.requirements.contains(&id.as_str()));
    properties().into_iter().filter(leans).collect()
}

/// Why no scenario can prove a requirement, by its id: each that leans on something that cannot carry a pass.
#[must_use]
pub fn reasons() -> BTreeMap<String, String> {
    let mut reasons = BTreeMap::new();
    for property in properties().iter().filter(|property| !property.fidelity.can_carry_a_pass()) {
        let why = format!("{}: {}; {}", property.name, property.fidelity, property.how);
        for id in property.requirements {
            reasons.entry((*id).to_owned()).or_insert_with(|| why.clone());
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_of_the_fargate_table_leans_on_a_property() {
        let leaning: BTreeSet<_> = properties().iter().flat_map(|property| property.requirements).collect();
        let without: Vec<_> =
            (1..=96).map(|row| format!("T{row}")).filter(|id| !leaning.contains(&id.as_str())).collect();
        assert!(without.is_empty(), "no property says how these are simulated: {without:?}");
    }

    #[test]
    fn names_are_unique_and_every_property_says_how() {
        let all = properties();
        let names: BTreeSet<_> = all.iter().map(|property| property.name).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|property| !property.how.is_empty()));
    }

    #[test]
    fn a_requirement_leans_on_all_rows_that_name_it() {
        let names: Vec<_> = relied_on(&["T57".to_owned()]).iter().map(|property| property.name).collect();
        assert_eq!(names, ["start order", "health checks"]);
        assert!(relied_on(&["P7".to_owned()]).is_empty());
    }

    #[test]
    fn only_what_cannot_carry_a_pass_is_a_reason() {
        let reasons = reasons();
        assert!(!reasons.contains_key("T6"), "capabilities are enforced");
        for property in properties() {
            let labelled = property.requirements.iter().all(|id| reasons.contains_key(*id));
            assert!(property.fidelity.can_carry_a_pass() || labelled, "{}", property.name);
        }
    }
}
