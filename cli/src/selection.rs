//! Which scenarios a command is about.

use crate::failure::Failure;
use proofhouse_reports::{Catalogue, ExitCode};
use proofhouse_scenarios::find_step;
use proofhouse_scenarios::suite::{Selection, SelectionError, Shard, Suite, SuiteError, lint};
use std::collections::BTreeSet;
use std::path::Path;

/// The whole suite, checked, and the selected part of it, which has at least one scenario.
pub fn select(
    features: &Path,
    names: &[String],
    tags: Option<&str>,
    shard: Option<&str>,
) -> Result<(Suite, Suite), Failure> {
    let suite = Suite::load(features)?;
    let catalogue: BTreeSet<String> =
        Catalogue::embedded().requirements().iter().map(|requirement| requirement.id.clone()).collect();
    let complaints = lint(&suite, &catalogue, find_step);
    if !complaints.is_empty() {
        return Err(SuiteError::Complaints(complaints).into());
    }
    let wrong =
        |error: SelectionError| Failure::input(error.to_string(), "`proofhouse run --help` has examples");
    let shard = shard.map(str::parse::<Shard>).transpose().map_err(wrong)?;
    let selection = Selection::new(names, tags, shard).map_err(wrong)?;
    let idle = selection.idle(&suite.cases().collect::<Vec<_>>());
    if !idle.is_empty() {
        return Err(Failure::input(
            format!("no scenario is meant by \"{}\"", idle.join("\", \"")),
            "`proofhouse list` shows the ids; a file or folder is named with its path, such as `features/dns`",
        ));
    }
    let selected = suite.clone().select(&selection);
    if selected.is_empty() {
        let mut failure =
            Failure::input("the selection has no scenario", "`proofhouse list` takes the same selection");
        failure.exit = ExitCode::NothingRan;
        return Err(failure);
    }
    Ok((suite, selected))
}

/// The selection in words, for the report.
pub fn describe(names: &[String], tags: Option<&str>, shard: Option<&str>) -> String {
    let mut parts = names.to_vec();
    parts.extend(tags.map(|tags| format!("tags {tags}")));
    parts.extend(shard.map(|shard| format!("part {shard}")));
    parts.join(", ")
}
