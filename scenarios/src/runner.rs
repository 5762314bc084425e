//! A run of the selected scenarios.

use crate::context::{Progress, RunContext};
use crate::parser::SelectedFeatures;
use crate::rig::Stage;
use crate::suite::{Case, Suite};
use crate::watchdog::watched_steps;
use crate::world::ScenarioWorld;
use crate::writer::HistoryWriter;
use cucumber::{World as _, WriterExt as _, event::ScenarioFinished};
use futures_util::FutureExt as _;
use proofhouse_protocol::Observation;
use proofhouse_protocol::{Source, observation::record};
use proofhouse_reports::ScenarioMeta;
use proofhouse_reports::history::History;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// What a run is made of.
pub struct RunOptions {
    /// Selected scenarios; must not be empty.
    pub suite: Suite,
    /// Where everything goes that is seen.
    pub history: History,
    /// What tasks are made of.
    pub stage: Arc<Stage>,
    /// Scenarios at once.
    pub jobs: usize,
    /// Time that the steps of one scenario may take; each wait inside has a deadline of its own.
    pub time_limit: Duration,
    /// Time that taking a scenario down may take.
    pub take_down_limit: Duration,
    /// Whether the first scenario that does not pass is the last.
    pub fail_fast: bool,
    /// Who wants to know how it goes.
    pub progress: UnboundedSender<Progress>,
}

/// Runs the scenarios. What happened is in the history, whether this future ends or is dropped.
///
/// All scenarios share the thread that polls this future; it must not be blocked.
pub async fn run(options: RunOptions) {
    let RunOptions { suite, history, stage, jobs, time_limit, take_down_limit, fail_fast, progress } =
        options;
    let (suite, not_applicable) = suite.split(|case| stage.defender().lacks(&case.meta.tags));
    let context =
        Arc::new(RunContext { suite: suite.clone(), history, stage, time_limit, take_down_limit, progress });
    let names = context.stage.defender().embed_names();
    for (case, reason) in not_applicable {
        let case = Case { meta: ScenarioMeta { not_applicable: Some(reason), ..case.meta }, ..case };
        record(
            &context.history.for_scenario(&case.meta.id),
            Source::Runner,
            case.meta.to_observation(1, &names),
        );
        context.finish(&case);
    }
    if suite.is_empty() {
        return;
    }
    let (before, after) = (Arc::clone(&context), Arc::clone(&context));
    // Without this, cucumber would read the command line.
    let cli: cucumber::cli::Opts<cucumber::cli::Empty, cucumber::runner::basic::Cli, cucumber::cli::Empty> =
        cucumber::cli::Opts::default();
    let cucumber = ScenarioWorld::cucumber::<&str>()
        .with_parser::<SelectedFeatures, &Suite>(SelectedFeatures)
        .max_concurrent_scenarios(jobs)
        .steps(watched_steps())
        .with_writer(HistoryWriter::new(Arc::clone(&context)).fail_on_skipped())
        .with_cli(cli)
        .before(move |feature, _rule, scenario, world| {
            let context = Arc::clone(&before);
            async move { enter(&context, feature, scenario, world) }.boxed_local()
        })
        .after(move |feature, _rule, scenario, finished, world| {
            let context = Arc::clone(&after);
            async move { leave(&context, feature, scenario, finished, world).await }.boxed_local()
        });
    let cucumber = if fail_fast { cucumber.fail_fast() } else { cucumber };
    cucumber.run(&suite).await;
}

fn enter(
    context: &Arc<RunContext>,
    feature: &gherkin::Feature,
    scenario: &gherkin::Scenario,
    world: &mut ScenarioWorld,
) {
    let case = context.suite.case(feature, scenario).expect("every scenario of the suite has its case");
    let recorder = context.history.for_scenario(&case.meta.id);
    let names = context.stage.defender().embed_names();
    record(&recorder, Source::Runner, case.meta.to_observation(1, &names));
    world.enter(context, case);
}

async fn leave(
    context: &Arc<RunContext>,
    feature: &gherkin::Feature,
    scenario: &gherkin::Scenario,
    finished: &ScenarioFinished,
    world: Option<&mut ScenarioWorld>,
) {
    if let Some(world) = world {
        let passed = matches!(finished, ScenarioFinished::StepPassed);
        // A scenario that hangs here would hold the whole run.
        if tokio::time::timeout(context.take_down_limit, world.leave(passed)).await.is_err()
            && let Some(case) = context.suite.case(feature, scenario)
        {
            let text =
                format!("the scenario was not taken down within {} s", context.take_down_limit.as_secs());
            record(&context.history.for_scenario(&case.meta.id), Source::Runner, Observation::Note { text });
        }
    }
}
