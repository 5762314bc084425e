//! `proofhouse fidelity`.

use super::Done;
use crate::arguments::FidelityArguments;
use crate::failure::Failure;
use crate::output;
use proofhouse_harness::fidelity::{FidelityLabel, Property, properties};
use proofhouse_reports::ExitCode;
use tabled::settings::object::Columns;
use tabled::settings::{Style, Width};
use tabled::{Table, Tabled};

#[derive(Tabled)]
struct Row {
    property: &'static str,
    label: String,
    how: &'static str,
    requirements: String,
}

/// Prints the table of simulated properties.
pub fn fidelity(arguments: &FidelityArguments) -> Done {
    let wanted = arguments.word.as_deref().unwrap_or_default();
    let found: Vec<_> = properties().into_iter().filter(|property| fits(property, wanted)).collect();
    if found.is_empty() {
        return Err(Failure::input(
            format!("no simulated property has \"{wanted}\""),
            "`proofhouse fidelity` without a word lists them all",
        ));
    }
    if arguments.json {
        return output::json(&found);
    }
    let mut table = Table::new(found.iter().map(|property| Row {
        property: property.name,
        label: property.fidelity.to_string(),
        how: property.how,
        requirements: property.requirements.join(" "),
    }));
    table
        .with(Style::blank())
        .modify(Columns::one(2), Width::wrap(64).keep_words(true))
        .modify(Columns::one(3), Width::wrap(24).keep_words(true));
    output::line(&table.to_string());
    let count = |label| found.iter().filter(|property| property.fidelity == label).count();
    output::line(&format!(
        "{} enforced, {} approximated, {} assumed, {} not simulated; a scenario can pass on the first two alone",
        count(FidelityLabel::Enforced),
        count(FidelityLabel::Approximated),
        count(FidelityLabel::Assumed),
        count(FidelityLabel::NotSimulated)
    ));
    Ok(ExitCode::Passed)
}

fn fits(property: &Property, wanted: &str) -> bool {
    if property.requirements.iter().any(|id| id.eq_ignore_ascii_case(wanted)) {
        return true;
    }
    let line = format!("{} {} {}", property.name, property.fidelity, property.how).to_lowercase();
    line.contains(&wanted.to_lowercase())
}
