//! `proofhouse run`.

use super::Done;
use crate::arguments::RunArguments;
use crate::failure::{Failure, Message, chain};
use crate::output;
use crate::progress;
use crate::selection;
use proofhouse_harness::fidelity;
use proofhouse_protocol::{Observation, Semantics, Source, observation::record};
use proofhouse_reports::history::History;
use proofhouse_reports::report::{Problem, ProblemKind, RunHeader, assemble};
use proofhouse_reports::verdict::Expectations;
use proofhouse_reports::{ExitCode, RunReport, write};
use proofhouse_scenarios::rig::{Stage, StageOptions};
use proofhouse_scenarios::suite::Suite;
use proofhouse_scenarios::{RunOptions, run as run_scenarios};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Time that taking one scenario down may take.
const TAKE_DOWN_LIMIT: Duration = Duration::from_secs(60);

/// Where reports go when the user names no folder.
const LATEST: &str = "proofhouse-reports/latest";

/// Runs the selected scenarios and writes the reports.
pub async fn run(arguments: &RunArguments) -> Done {
    let (whole, suite) = selection::select(
        &arguments.features,
        &arguments.names,
        arguments.tags.as_deref(),
        arguments.shard.as_deref(),
    )?;
    let expectations = expectations(arguments.expectations.as_deref())?;
    if arguments.dry_run {
        for case in suite.cases() {
            output::line(&format!("{:<18} {}", case.meta.id, case.meta.title));
        }
        output::line(&format!("{} scenarios would run; nothing ran", suite.len()));
        return Ok(ExitCode::NothingRan);
    }
    // From here on there is something to take away.
    let interruption = super::interruption()?;
    let semantics = Semantics::named(arguments.profile.as_str()).unwrap_or_default();
    let stage = Stage::prepare(StageOptions {
        assets: arguments.assets.assets.clone(),
        defender: arguments.assets.defender.clone(),
        features: arguments.features.clone(),
        semantics: semantics.clone(),
        acted_in: true,
    })
    .await
    .map_err(|error| Failure::machine(&error))?;
    let stage = Arc::new(stage);
    let folder = arguments.report.clone().unwrap_or_else(|| PathBuf::from(LATEST));
    let history = open_history(&folder)?;
    let header = header(&stage, &whole, arguments, semantics, expectations);
    let recorder = history.for_run();
    record(&recorder, Source::Runner, header.to_observation());

    let (sender, receiver) = mpsc::unbounded_channel();
    let shown = tokio::spawn(progress::show(receiver, suite.len(), arguments.json));
    let options = RunOptions {
        suite,
        history: history.clone(),
        stage: Arc::clone(&stage),
        jobs: usize::from(arguments.jobs),
        time_limit: Duration::from_secs(u64::from(arguments.time_limit)),
        take_down_limit: TAKE_DOWN_LIMIT,
        fail_fast: arguments.fail_fast,
        progress: sender,
    };
    let interrupted = tokio::select! {
        () = run_scenarios(options) => false,
        () = interruption => true,
    };
    if interrupted {
        eprintln!("interrupted: taking the tasks away, then writing the reports");
    }
    let _shown = shown.await;
    let problems = if interrupted { take_away(&stage).await } else { leftovers(&stage).await };
    for Problem { kind, text } in problems {
        record(&recorder, Source::Runner, Observation::Problem { problem: kind, text });
    }
    record(&recorder, Source::Runner, Observation::RunEnded { interrupted });
    if let Err(error) = history.finish() {
        let problem = Observation::Problem { problem: ProblemKind::History, text: error.to_string() };
        record(&recorder, Source::Runner, problem);
    }
    let report = assemble(&history.snapshot())
        .map_err(|error| Failure::new(ExitCode::Internal, Message::new(chain(&error))))?;
    let done = publish(&report, &history, &folder, arguments.json);
    let done = if arguments.check_secrets {
        done.and_then(|exit| no_secrets(&history, &folder, exit))
    } else {
        done
    };
    if interrupted {
        // What the engine was still creating at the first time.
        for problem in take_away(&stage).await {
            eprintln!("{}", problem.text);
        }
    }
    done
}

fn expectations(file: Option<&Path>) -> Result<Expectations, Failure> {
    let Some(file) = file else { return Ok(Expectations::default()) };
    Expectations::load(file).map_err(|error| {
        Failure::input(chain(&error), "each entry has `id`, `reason`, `issue`, `owner` and `expires`")
    })
}

fn open_history(folder: &Path) -> Result<History, Failure> {
    let unwritable = |error: &dyn std::error::Error| {
        Failure::new(
            ExitCode::Environment,
            Message::new(format!("could not write reports to \"{}\": {}", folder.display(), chain(error)))
                .help("name a folder that can be written by `--report`, on a disk that is not full"),
        )
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    History::to_file(&folder.join("history.ndjson")).map_err(|error| unwritable(&error))
}

fn header(
    stage: &Stage,
    whole: &Suite,
    arguments: &RunArguments,
    semantics: Semantics,
    expectations: Expectations,
) -> RunHeader {
    RunHeader {
        run_id: stage.run_id().to_owned(),
        started: jiff::Timestamp::now(),
        suite_version: env!("CARGO_PKG_VERSION").to_owned(),
        implementation: stage.implementation(),
        environment: stage.environment(),
        semantics,
        choices: stage.choices(),
        fidelity: stage.fidelity(),
        not_simulated: stage.not_simulated(),
        selection: selection::describe(
            &arguments.names,
            arguments.tags.as_deref(),
            arguments.shard.as_deref(),
        ),
        dry_run: false,
        suite: whole.cases().map(|case| case.meta.id.clone()).collect(),
        expectations,
        labelled: fidelity::reasons(),
    }
}

/// No secret of the run stands in any file that it has written.
fn no_secrets(history: &History, folder: &Path, exit: ExitCode) -> Done {
    let forms = history.secret_forms();
    let found = write::leaks(folder, &forms).map_err(|error| {
        Failure::new(ExitCode::Environment, Message::new(format!("could not look for secrets: {error}")))
    })?;
    if found.is_empty() {
        output::line(&format!("no secret stands in the reports: {} texts were looked for", forms.len()));
        return Ok(exit);
    }
    Err(Failure::new(ExitCode::Internal, Message::new(found.join("\n")).help("do not pass the reports on")))
}

/// Removes what an interrupted run has had no time to remove; that is no leak.
async fn take_away(stage: &Stage) -> Vec<Problem> {
    match stage.sweep().await {
        Ok(_) => Vec::new(),
        Err(error) => vec![Problem { kind: ProblemKind::Environment, text: chain(&error) }],
    }
}

/// What the run did not take away: removed now, and told.
async fn leftovers(stage: &Stage) -> Vec<Problem> {
    match stage.sweep().await {
        Ok(left) if left.is_empty() => Vec::new(),
        Ok(left) => vec![Problem {
            kind: ProblemKind::Leak,
            text: format!("left behind by the run, and removed now: {}", left.join(", ")),
        }],
        Err(error) => vec![Problem { kind: ProblemKind::Environment, text: chain(&error) }],
    }
}

fn publish(report: &RunReport, history: &History, folder: &Path, json: bool) -> Done {
    let written = write::write_folder(folder, report, &history.snapshot());
    if json {
        output::json(report)?;
    } else {
        output::line(&write::to_summary(report, output::coloured()));
    }
    if let Err(error) = written {
        return Err(Failure::new(
            ExitCode::Environment,
            Message::new(chain(&error))
                .help("free some space or name another folder by `--report`, then repeat the run"),
        ));
    }
    if !json {
        output::line(&format!("report: {}", folder.join("report.html").display()));
        output::line(&report.counts.line());
    }
    Ok(report.exit.status)
}
