//! How far the simulated properties can be trusted, as reports carry it.

use proofhouse_harness::fidelity::{Fidelity as Trust, Property};
use proofhouse_reports::verdict::{Fidelity, FidelityLabel};

/// Properties, in the words of reports.
pub(crate) fn table(properties: &[Property]) -> Vec<Fidelity> {
    properties
        .iter()
        .map(|property| Fidelity {
            property: property.name.to_owned(),
            label: match property.fidelity {
                Trust::Enforced => FidelityLabel::Enforced,
                Trust::Approximated => FidelityLabel::Approximated,
                Trust::Assumed => FidelityLabel::Assumed,
                Trust::NotSimulated => FidelityLabel::NotSimulated,
            },
            how: property.how.to_owned(),
        })
        .collect()
}
