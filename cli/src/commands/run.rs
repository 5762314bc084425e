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
use proofhouse_scenarios::saboteur::{BadSaboteur, Harm, KNOWN, Saboteur};
use proofhouse_scenarios::suite::{Case, Suite};
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
    if arguments.saboteur.as_deref() == Some("help") {
        return saboteurs(arguments.json);
    }
    let (whole, suite) = selection::select(
        &arguments.features,
        &arguments.names,
        arguments.tags.as_deref(),
        arguments.shard.as_deref(),
    )?;
    if arguments.dry_run {
        for case in suite.cases() {
            output::line(&format!("{:<18} {}", case.meta.id, case.meta.title));
        }
        output::line(&format!("{} scenarios would run; nothing ran", suite.len()));
        return Ok(ExitCode::NothingRan);
    }
    // From here on there is something to take away.
    let interruption = Box::pin(super::interruption()?);
    let ran = execute(arguments, &whole, suite, interruption).await?;
    let done = publish(&ran, arguments.json);
    let done = if arguments.check_secrets {
        done.and_then(|exit| no_secrets(&ran.history, &ran.folder, exit))
    } else {
        done
    };
    if ran.interrupted {
        // What the engine was still creating at the first time.
        for problem in take_away(&ran.stage).await {
            eprintln!("{}", problem.text);
        }
    }
    done
}

/// A run that is over, with its reports.
pub struct Ran {
    /// What it came to.
    pub report: RunReport,
    /// Whether someone wanted it to end.
    pub interrupted: bool,
    folder: PathBuf,
    history: History,
    stage: Arc<Stage>,
    /// Why the reports are not whole, if they are not.
    unwritten: Option<Message>,
}

impl Ran {
    /// Everything was written.
    pub fn whole(&self) -> Result<(), Failure> {
        let unwritten = self.unwritten.clone();
        unwritten.map_or(Ok(()), |message| Err(Failure::new(ExitCode::Environment, message)))
    }
}

/// Runs scenarios to their end or to the interruption, and writes the reports.
pub async fn execute(
    arguments: &RunArguments,
    whole: &Suite,
    suite: Suite,
    interruption: impl Future<Output = ()> + Unpin,
) -> Result<Ran, Failure> {
    let expectations = expectations(arguments.expectations.as_deref())?;
    let saboteur = saboteur(arguments.saboteur.as_deref())?;
    let semantics = Semantics::named(arguments.profile.as_str()).unwrap_or_default();
    let stage = Stage::prepare(StageOptions {
        assets: arguments.assets.assets.clone(),
        defender: arguments.assets.defender.clone(),
        features: arguments.features.clone(),
        semantics: semantics.clone(),
        saboteur,
        acted_in: true,
    })
    .await
    .map_err(|error| Failure::machine(&error))?;
    let stage = Arc::new(stage);
    let folder = arguments.report.clone().unwrap_or_else(|| PathBuf::from(LATEST));
    let history = open_history(&folder)?;
    // What is known to fail must not end the run: it comes first, and to its end.
    let is_known = |case: &Case| expectations.known_failures.iter().any(|known| known.id == case.meta.id);
    let phases = if arguments.fail_fast {
        let of = |known: bool| suite.clone().split(|case| (is_known(case) != known).then(String::new)).0;
        vec![(of(true), false), (of(false), true)]
    } else {
        vec![(suite.clone(), false)]
    };
    let header = header(&stage, whole, arguments, semantics, expectations);
    let recorder = history.for_run();
    record(&recorder, Source::Runner, header.to_observation());

    let (sender, receiver) = mpsc::unbounded_channel();
    let shown = tokio::spawn(progress::show(receiver, suite.len(), arguments.json));
    let phases = async {
        for (suite, fail_fast) in phases {
            run_scenarios(RunOptions {
                suite,
                history: history.clone(),
                stage: Arc::clone(&stage),
                jobs: usize::from(arguments.jobs),
                time_limit: Duration::from_secs(u64::from(arguments.time_limit)),
                take_down_limit: TAKE_DOWN_LIMIT,
                fail_fast,
                progress: sender.clone(),
            })
            .await;
        }
        drop(sender);
    };
    let interrupted = tokio::select! {
        () = phases => false,
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
    let written = write::write_folder(&folder, &report, &history.snapshot());
    let unwritten = written.err().map(|error| {
        Message::new(chain(&error))
            .help("free some space or name another folder by `--report`, then repeat the run")
    });
    Ok(Ran { report, interrupted, folder, history, stage, unwritten })
}

/// The saboteur of that name.
pub fn saboteur(name: Option<&str>) -> Result<Option<Saboteur>, Failure> {
    name.map(str::parse).transpose().map_err(|error: BadSaboteur| {
        Failure::input(error.to_string(), "names look like `drop-audits` and `delay-fences:500`")
    })
}

/// Prints the saboteurs that there are.
fn saboteurs(json: bool) -> Done {
    if json {
        let rows = KNOWN.iter().map(|known| {
            serde_json::json!({"name": known.name, "what": known.what, "breaks_a_promise": known.harm == Harm::Breaks})
        });
        return output::json(&rows.collect::<Vec<_>>());
    }
    for (harm, title) in [
        (Harm::Breaks, "Saboteurs that make of any Defender one that breaks its promises:"),
        (Harm::MustBeBorne, "Saboteurs that a Defender must bear:"),
    ] {
        output::line(&output::bold(title));
        for known in KNOWN.iter().filter(|known| known.harm == harm) {
            output::line(&format!("  {:<24} {}", known.name, known.what));
        }
    }
    output::line(
        "Others are made of a way (drop, delay, reorder, double, alter) and a kind of message (audits, fences, heartbeats,",
    );
    output::line(
        "counters, policies, acknowledgements): `delay-heartbeats:9000` by milliseconds, `alter-audits:domain` a member.",
    );
    Ok(ExitCode::Passed)
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

fn publish(ran: &Ran, json: bool) -> Done {
    let report = &ran.report;
    if json {
        output::json(report)?;
    } else {
        output::line(&write::to_summary(report, output::coloured()));
    }
    ran.whole()?;
    if !json {
        output::line(&format!("report: {}", ran.folder.join("report.html").display()));
        output::line(&report.counts.line());
    }
    Ok(report.exit.status)
}
