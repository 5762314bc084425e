//! `proofhouse bench`.

use super::Done;
use crate::arguments::BenchArguments;
use crate::bench::{Lab, Measurement, Results};
use crate::failure::{Failure, Message, chain};
use crate::output;
use proofhouse_reports::ExitCode;
use proofhouse_reports::bench::{BenchEntry, to_json, to_table};
use std::path::{Path, PathBuf};

/// Measures, writes `bench.json`, prints the table. A missed goal is told, and does not fail the command.
pub async fn bench(arguments: &BenchArguments) -> Done {
    let chosen = Measurement::named(arguments.only.as_deref());
    if chosen.is_empty() {
        let names: Vec<_> =
            Measurement::named(None).iter().map(|one| format!("\"{}\"", one.name())).collect();
        let text =
            format!("no measurement has \"{}\" in its name", arguments.only.as_deref().unwrap_or_default());
        return Err(Failure::input(text, format!("there are {}", names.join(", "))));
    }
    let interruption = super::interruption()?;
    let lab = Lab::prepare(arguments).await?;
    let load_before = load_average();
    let outcome = tokio::select! {
        outcome = measure(&lab, &chosen) => Some(outcome),
        () = interruption => None,
    };
    let left = lab.stage().sweep().await;
    let Some((results, failures)) = outcome else {
        eprintln!("interrupted: nothing was written");
        return Ok(ExitCode::Interrupted);
    };
    let left =
        left.map_err(|error| Failure::environment(&error, "`proofhouse clean` removes what is left"))?;
    let file = write(&arguments.report, &results.entries)?;
    tell(&results, load_before.as_deref(), &file);
    if !left.is_empty() {
        output::line(&format!("left behind by a measurement, and removed now: {}", left.join(", ")));
    }
    match failures.into_iter().reduce(together) {
        Some(failure) => Err(failure),
        None => Ok(ExitCode::Passed),
    }
}

/// Makes each measurement; one that fails does not keep the others from being made.
async fn measure(lab: &Lab, chosen: &[Measurement]) -> (Results, Vec<Failure>) {
    let (mut all, mut failures) = (Results::default(), Vec::new());
    for measurement in chosen {
        eprintln!("measuring: {}", measurement.name());
        match measurement.make(lab).await {
            Ok(mut results) => {
                all.entries.append(&mut results.entries);
                all.remarks.append(&mut results.remarks);
            }
            Err(failure) => {
                all.remarks.push(format!("\"{}\" could not be measured", measurement.name()));
                failures.push(failure);
            }
        }
    }
    (all, failures)
}

fn together(mut one: Failure, mut other: Failure) -> Failure {
    one.reports.append(&mut other.reports);
    one
}

fn write(folder: &Path, entries: &[BenchEntry]) -> Result<PathBuf, Failure> {
    let file = folder.join("bench.json");
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, to_json(entries))).map_err(
        |error| {
            let text = format!("could not write \"{}\": {}", file.display(), chain(&error));
            let help = "name a folder that can be written by `--report`, on a disk that is not full";
            Failure::new(ExitCode::Environment, Message::new(text).help(help))
        },
    )?;
    Ok(file)
}

fn tell(results: &Results, load_before: Option<&str>, file: &Path) {
    output::line(&to_table(&results.entries));
    for remark in &results.remarks {
        output::line(&format!("note: {remark}"));
    }
    if let (Some(before), Some(after)) = (load_before, load_average()) {
        output::line(&format!(
            "note: load average of the machine: {before} before, {after} after, the bench's own load included"
        ));
    }
    output::line(&format!("written: {}", file.display()));
    let promised: Vec<_> = results.entries.iter().filter(|entry| entry.met.is_some()).collect();
    let missed: Vec<_> = promised.iter().filter(|entry| entry.met == Some(false)).collect();
    output::line(&format!("{} of {} goals are met", promised.len() - missed.len(), promised.len()));
    for entry in missed {
        let goal = entry.goal.map(|goal| goal.to_string()).unwrap_or_default();
        let found = entry
            .ratio
            .map_or_else(|| format!("{:.1} {}", entry.value, entry.unit), |ratio| format!("{ratio:.2}x"));
        output::line(&output::bold(&format!("GOAL MISSED: {}: {found}, promised is {goal}", entry.name)));
    }
}

/// Load of the machine over the last minute, where the system tells it.
fn load_average() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}
