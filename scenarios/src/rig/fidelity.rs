//! How far the simulated properties can be trusted, as reports carry it.

use proofhouse_harness::fidelity::Property;
use proofhouse_reports::verdict::Fidelity;

/// Properties, in the words of reports.
pub(crate) fn table(properties: &[Property]) -> Vec<Fidelity> {
    let row = |property: &Property| Fidelity {
        property: property.name.to_owned(),
        label: property.fidelity,
        how: property.how.to_owned(),
    };
    properties.iter().map(row).collect()
}
