//! Every step of every scenario must mean exactly one thing, and every requirement tag must be in the catalogue.

use super::{Complaint, Suite};
use std::collections::BTreeSet;

/// What a step text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepMatch {
    /// Exactly one step.
    One,
    /// No step: it is undefined.
    None,
    /// More than one, described.
    Several(String),
}

/// Scenarios without a `Then` step: nothing would be checked, and nothing could fail. Every `Then` step makes a check.
fn without_a_check(suite: &Suite) -> Vec<Complaint> {
    let features = suite.features().iter();
    let scenarios = features.flat_map(|feature| {
        let inside = feature.rules.iter().flat_map(|rule| &rule.scenarios);
        inside.chain(&feature.scenarios).map(move |scenario| (feature, scenario))
    });
    scenarios
        .filter(|(_, scenario)| !scenario.steps.iter().any(|step| step.ty == gherkin::StepType::Then))
        .map(|(feature, scenario)| Complaint {
            file: feature.path.clone().unwrap_or_default(),
            line: scenario.position.line,
            column: scenario.position.col,
            what: format!("\"{}\" has no `Then` step, so that nothing would be checked", scenario.name),
            help: "`proofhouse steps` lists what can be checked".to_owned(),
        })
        .collect()
}

/// What is wrong with the scenarios of a suite that was read without complaint.
#[must_use]
pub fn lint(
    suite: &Suite,
    catalogue: &BTreeSet<String>,
    find: impl Fn(&gherkin::Step) -> StepMatch,
) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for feature in suite.features() {
        let file = feature.path.clone().unwrap_or_default();
        let backgrounds =
            feature.background.iter().chain(feature.rules.iter().filter_map(|r| r.background.as_ref()));
        let steps = backgrounds.flat_map(|background| &background.steps).chain(
            feature.rules.iter().flat_map(|rule| &rule.scenarios).flat_map(|scenario| &scenario.steps),
        );
        let mut seen = BTreeSet::new();
        for step in steps {
            let (what, help) = match find(step) {
                StepMatch::One => continue,
                StepMatch::None => (
                    format!("no step means \"{}\"", step.value),
                    "`proofhouse steps` lists every step with its documentation".to_owned(),
                ),
                StepMatch::Several(which) => (
                    format!("\"{}\" means more than one thing", step.value),
                    format!("the steps are {which}"),
                ),
            };
            if seen.insert((step.position.line, what.clone())) {
                complaints.push(Complaint {
                    file: file.clone(),
                    line: step.position.line,
                    column: step.position.col,
                    what,
                    help,
                });
            }
        }
    }
    complaints.extend(without_a_check(suite));
    for case in suite.cases() {
        for requirement in case.meta.requirements.iter().filter(|id| !catalogue.contains(*id)) {
            complaints.push(Complaint {
                file: case.path.clone(),
                line: case.meta.line as usize,
                column: 1,
                what: format!(
                    "\"{}\" names the requirement \"@{requirement}\", which the catalogue does not have",
                    case.meta.title
                ),
                help: "`proofhouse list --requirements` shows the ids".to_owned(),
            });
        }
    }
    complaints
}
