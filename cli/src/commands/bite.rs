//! `proofhouse bite`: does the suite notice what it should, and nothing else?

use super::{Done, run};
use crate::arguments::{BiteArguments, RunArguments};
use crate::failure::{Failure, Message};
use crate::output;
use crate::selection;
use proofhouse_reports::{ExitCode, RunReport, ScenarioResult, Verdict};
use proofhouse_scenarios::saboteur::{Harm, KNOWN};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tabled::settings::object::Columns;
use tabled::settings::{Style, Width};
use tabled::{Table, Tabled};

/// Where reports go when the user names no folder.
const LATEST: &str = "proofhouse-reports/bite";

/// Scenarios that a line of the table names.
const NAMED: usize = 4;

/// How a saboteur fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It breaks a promise, and some scenario did not pass.
    Caught,
    /// It breaks a promise, and every scenario passed.
    Uncaught,
    /// It breaks no promise, and every scenario passed.
    Borne,
    /// It breaks no promise, and some scenario did not pass.
    Accused,
    /// Scenarios ended as errors: nothing can be said.
    Error,
}

/// One saboteur, and what the scenarios made of it.
#[derive(Debug, Serialize)]
struct Bitten {
    saboteur: String,
    what: String,
    breaks_a_promise: bool,
    outcome: Outcome,
    /// Scenarios that pass without the saboteur, and did not with it: id and verdict.
    scenarios: BTreeMap<String, Verdict>,
    /// Requirements of those.
    requirements: BTreeSet<String>,
    /// The cause that the first of those gave.
    cause: Option<String>,
}

/// What a whole bite came to.
#[derive(Debug, Serialize)]
struct Bite {
    /// Scenarios that pass without a saboteur, of those selected.
    sound: usize,
    selected: usize,
    saboteurs: Vec<Bitten>,
    exit: ExitCode,
}

#[derive(Tabled)]
struct Row {
    saboteur: String,
    outcome: String,
    #[tabled(rename = "by scenarios")]
    scenarios: String,
    requirements: String,
}

/// Runs the selection without a saboteur, then once with each, and prints which were caught by what.
pub async fn bite(arguments: &BiteArguments) -> Done {
    let chosen = chosen(&arguments.saboteur)?;
    let (whole, suite) =
        selection::select(&arguments.features, &arguments.names, arguments.tags.as_deref(), None)?;
    let folder = arguments.report.clone().unwrap_or_else(|| PathBuf::from(LATEST));
    let mut interruption = Box::pin(super::interruption()?);
    let mut once = async |saboteur: Option<&str>| {
        let name = saboteur.unwrap_or("none");
        eprintln!("saboteur {name}");
        let arguments = as_run(arguments, saboteur, folder.join(name.replace(':', "-")));
        run::execute(&arguments, &whole, suite.clone(), &mut interruption).await
    };
    let baseline = once(None).await?;
    if baseline.interrupted {
        return Ok(ExitCode::Interrupted);
    }
    baseline.whole()?;
    let results = results(&baseline.report);
    let sound: BTreeSet<String> =
        results.iter().filter(|one| one.verdict == Verdict::Passed).map(|one| one.meta.id.clone()).collect();
    if sound.is_empty() {
        return Err(Failure {
            exit: ExitCode::NothingRan,
            ..Failure::input(
                "no scenario of the selection passes without a saboteur, so that none can catch one",
                format!("see {}", folder.join("none/report.html").display()),
            )
        });
    }
    let mut saboteurs = Vec::new();
    for (name, what, harm) in chosen {
        let ran = once(Some(&name)).await?;
        if ran.interrupted {
            return Ok(ExitCode::Interrupted);
        }
        ran.whole()?;
        saboteurs.push(Bitten::of(name, what, harm, &sound, &ran.report));
    }
    let exit = exit(&saboteurs);
    let bite = Bite { sound: sound.len(), selected: results.len(), saboteurs, exit };
    let file = folder.join("bite.json");
    let written = serde_json::to_vec_pretty(&bite)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&file, text));
    written.map_err(|error| {
        Failure::new(
            ExitCode::Environment,
            Message::new(format!("could not write \"{}\": {error}", file.display()))
                .help("name a folder that can be written by `--report`"),
        )
    })?;
    if arguments.json {
        output::json(&bite)?;
    } else {
        print(&bite, &file);
    }
    Ok(exit)
}

/// Those that were named, or all that are known, each with what it does.
fn chosen(names: &[String]) -> Result<Vec<(String, String, Harm)>, Failure> {
    if names.is_empty() {
        return Ok(KNOWN.iter().map(|one| (one.name.to_owned(), one.what.to_owned(), one.harm)).collect());
    }
    let one = |name: &String| {
        let name = run::saboteur(Some(name))?.map(|saboteur| saboteur.to_string()).unwrap_or_default();
        let known = KNOWN.iter().find(|known| known.name == name);
        // Who asks for one that is not on the list wants to see it caught.
        Ok(known.map_or_else(
            || (name.clone(), String::new(), Harm::Breaks),
            |known| (name.clone(), known.what.to_owned(), known.harm),
        ))
    };
    names.iter().map(one).collect()
}

fn as_run(arguments: &BiteArguments, saboteur: Option<&str>, report: PathBuf) -> RunArguments {
    RunArguments {
        names: arguments.names.clone(),
        tags: arguments.tags.clone(),
        shard: None,
        features: arguments.features.clone(),
        assets: arguments.assets.clone(),
        profile: arguments.profile,
        expectations: None,
        report: Some(report),
        jobs: arguments.jobs,
        time_limit: arguments.time_limit,
        fail_fast: false,
        dry_run: false,
        check_secrets: false,
        saboteur: saboteur.map(str::to_owned),
        json: true,
    }
}

/// What did not apply is no result.
fn results(report: &RunReport) -> Vec<&ScenarioResult> {
    report.results.iter().filter(|result| result.verdict != Verdict::NotApplicable).collect()
}

impl Bitten {
    fn of(saboteur: String, what: String, harm: Harm, sound: &BTreeSet<String>, report: &RunReport) -> Self {
        let failed: Vec<&ScenarioResult> = results(report)
            .into_iter()
            .filter(|one| sound.contains(&one.meta.id) && one.verdict != Verdict::Passed)
            .collect();
        let honest = |one: &&&ScenarioResult| matches!(one.verdict, Verdict::Failed | Verdict::Inconclusive);
        let outcome = match (failed.is_empty(), harm) {
            (true, Harm::Breaks) => Outcome::Uncaught,
            (true, Harm::MustBeBorne) => Outcome::Borne,
            _ if failed.iter().any(|one| !honest(&one)) => Outcome::Error,
            (false, Harm::Breaks) => Outcome::Caught,
            (false, Harm::MustBeBorne) => Outcome::Accused,
        };
        Self {
            saboteur,
            what,
            breaks_a_promise: harm == Harm::Breaks,
            outcome,
            scenarios: failed.iter().map(|one| (one.meta.id.clone(), one.verdict)).collect(),
            requirements: failed.iter().flat_map(|one| one.meta.requirements.clone()).collect(),
            cause: failed.first().map(|one| one.cause.lines().next().unwrap_or_default().to_owned()),
        }
    }
}

fn exit(saboteurs: &[Bitten]) -> ExitCode {
    let any = |outcome| saboteurs.iter().any(|one| one.outcome == outcome);
    if any(Outcome::Error) {
        ExitCode::Environment
    } else if any(Outcome::Uncaught) || any(Outcome::Accused) {
        ExitCode::Uncaught
    } else {
        ExitCode::Passed
    }
}

/// The first few, and how many more there are.
fn few<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names.take(NAMED).map(String::as_str).collect::<Vec<_>>().join(" ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn print(bite: &Bite, file: &std::path::Path) {
    let mut table = Table::new(bite.saboteurs.iter().map(|one| {
        Row {
            saboteur: one.saboteur.clone(),
            outcome: match one.outcome {
                Outcome::Caught => "caught",
                Outcome::Uncaught => "NOT CAUGHT",
                Outcome::Borne => "borne",
                Outcome::Accused => "WRONGLY ACCUSED",
                Outcome::Error => "ERROR",
            }
            .to_owned(),
            scenarios: few(one.scenarios.keys()),
            requirements: few(one.requirements.iter()),
        }
    }));
    table.with(Style::blank()).modify(Columns::one(2), Width::wrap(48).keep_words(true));
    output::line(&table.to_string());
    let count = |outcome| bite.saboteurs.iter().filter(|one| one.outcome == outcome).count();
    output::line(&format!(
        "{} of {} scenarios pass without a saboteur; {} saboteurs caught, {} not; {} borne, {} not; {} errors",
        bite.sound,
        bite.selected,
        count(Outcome::Caught),
        count(Outcome::Uncaught),
        count(Outcome::Borne),
        count(Outcome::Accused),
        count(Outcome::Error),
    ));
    output::line(&format!("results: {}", file.display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bitten(outcome: Outcome) -> Bitten {
        Bitten {
            saboteur: "drop-audits".to_owned(),
            what: String::new(),
            breaks_a_promise: true,
            outcome,
            scenarios: BTreeMap::new(),
            requirements: BTreeSet::new(),
            cause: None,
        }
    }

    #[test]
    fn what_was_not_noticed_and_who_was_accused_wrongly_end_it() {
        let code = |outcomes: &[Outcome]| exit(&outcomes.iter().map(|one| bitten(*one)).collect::<Vec<_>>());
        assert_eq!(code(&[Outcome::Caught, Outcome::Borne]), ExitCode::Passed);
        assert_eq!(code(&[Outcome::Caught, Outcome::Uncaught]), ExitCode::Uncaught);
        assert_eq!(code(&[Outcome::Accused]), ExitCode::Uncaught);
        assert_eq!(code(&[Outcome::Uncaught, Outcome::Error]), ExitCode::Environment);
    }

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<String> = (0..6).map(|number| format!("p-{number}")).collect();
        assert_eq!(few(names.iter()), "p-0 p-1 p-2 p-3 and 2 more");
        assert_eq!(few(names[..1].iter()), "p-0");
    }
}
