//! What two judgements of a suite differ in.

use super::result::ScenarioResult;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A scenario that was judged differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Scenario.
    pub id: String,
    /// Verdict here; `absent` where it did not run.
    pub here: String,
    /// Verdict there.
    pub there: String,
    /// What differs, in words.
    pub what: String,
}

fn first_line(result: &ScenarioResult) -> &str {
    result.cause.lines().next().unwrap_or_default()
}

/// The scenarios whose verdict, blame or findings differ, by id.
#[must_use]
pub fn compare(here: &[ScenarioResult], there: &[ScenarioResult]) -> Vec<Difference> {
    let index = |results| -> BTreeMap<String, &ScenarioResult> {
        let results: &[ScenarioResult] = results;
        results.iter().map(|result| (result.meta.id.clone(), result)).collect()
    };
    let (ours, theirs) = (index(here), index(there));
    let ids: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    ids.into_iter().filter_map(|id| difference(id, ours.get(id).copied(), theirs.get(id).copied())).collect()
}

/// Times, tokens and ids differ from run to run; two runs of a scenario can agree in its verdict, whom it blames, and its findings.
fn difference(id: &str, here: Option<&ScenarioResult>, there: Option<&ScenarioResult>) -> Option<Difference> {
    let word =
        |result: Option<&ScenarioResult>| result.map_or_else(|| "absent".to_owned(), ScenarioResult::judged);
    let (ours, theirs) = (word(here), word(there));
    let what = match (here, there) {
        (Some(a), Some(b)) if ours == theirs => findings(a, b)?,
        (Some(a), Some(b)) => {
            [first_line(a), first_line(b)].into_iter().find(|line| !line.is_empty())?.to_owned()
        }
        _ => "it ran in one of the two".to_owned(),
    };
    Some(Difference { id: id.to_owned(), here: ours, there: theirs, what })
}

/// The first check that was made in one and not in the other, or came to something else.
fn findings(here: &ScenarioResult, there: &ScenarioResult) -> Option<String> {
    let shape = |result: &ScenarioResult| -> Vec<String> {
        let all = result.findings.iter();
        all.map(|f| format!("{} {:?}", f.check.replace('_', " "), f.conclusion.outcome)).collect()
    };
    let (ours, theirs) = (shape(here), shape(there));
    if ours == theirs {
        return None;
    }
    let place =
        ours.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or_else(|| ours.len().min(theirs.len()));
    let at = |all: &[String]| all.get(place).cloned().unwrap_or_else(|| "nothing".to_owned());
    Some(format!("check {}: {} here, {} there", place + 1, at(&ours), at(&theirs)))
}
