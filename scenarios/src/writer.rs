//! Events of the language engine, into the history and to whoever watches the run.

use crate::context::RunContext;
use crate::suite::Case;
use crate::world::ScenarioWorld;
use cucumber::event::{
    self, Cucumber, Feature as FeatureEvent, Rule as RuleEvent, Scenario as ScenarioEvent, StepError,
};
use cucumber::{Event, Writer, cli, parser, writer};
use gherkin::{Feature, Scenario, Step};
use proofhouse_protocol::observation::{StepStatus, record};
use proofhouse_protocol::{Observation, Source};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Feeds the history. Events come as they happen, in the order of each scenario.
pub(crate) struct HistoryWriter {
    run: Arc<RunContext>,
    started: HashMap<(String, usize), SystemTime>,
}

impl HistoryWriter {
    pub(crate) fn new(run: Arc<RunContext>) -> Self {
        Self { run, started: HashMap::new() }
    }

    fn scenario(
        &mut self,
        at: SystemTime,
        feature: &Feature,
        scenario: &Scenario,
        event: &ScenarioEvent<ScenarioWorld>,
    ) {
        let Some(case) = self.run.suite.case(feature, scenario).cloned() else { return };
        match event {
            ScenarioEvent::Background(step, event) | ScenarioEvent::Step(step, event) => {
                self.step(at, &case, step, event);
            }
            ScenarioEvent::Hook(which, event::Hook::Failed(_, info)) => {
                let text = format!("the {which} hook panicked: {}", panic_text(info));
                self.keep(&case, ("Hook", &which.to_string(), None), (StepStatus::Error, Some(text)), 0.0);
            }
            ScenarioEvent::Finished => self.run.finish(&case),
            ScenarioEvent::Started | ScenarioEvent::Hook(..) | ScenarioEvent::Log(_) => {}
        }
    }

    fn step(&mut self, at: SystemTime, case: &Case, step: &Step, event: &event::Step<ScenarioWorld>) {
        let key = (case.meta.id.clone(), step.position.line);
        let (status, message) = match event {
            event::Step::Started => {
                self.started.insert(key, at);
                return;
            }
            event::Step::Passed(..) => (StepStatus::Passed, None),
            event::Step::Skipped => (StepStatus::Undefined, Some("no step means this".to_owned())),
            event::Step::Failed(_, _, _, StepError::NotFound) => {
                (StepStatus::Undefined, Some("no step means this".to_owned()))
            }
            // What a check concludes is told by whoever makes it again; everything else is an error of the harness.
            event::Step::Failed(_, _, Some(world), StepError::Panic(_)) if world.failed_by_a_check() => {
                (StepStatus::Failed, None)
            }
            event::Step::Failed(_, _, _, StepError::Panic(info)) => {
                (StepStatus::Error, Some(panic_text(info)))
            }
            event::Step::Failed(_, _, _, error) => (StepStatus::Error, Some(error.to_string())),
        };
        let elapsed =
            self.started.remove(&key).and_then(|began| at.duration_since(began).ok()).unwrap_or_default();
        let said = (step.keyword.trim(), step.value.as_str(), argument(step));
        self.keep(case, said, (status, message), elapsed.as_secs_f64() * 1000.0);
    }

    fn keep(
        &self,
        case: &Case,
        (keyword, text, argument): (&str, &str, Option<String>),
        end: (StepStatus, Option<String>),
        elapsed_ms: f64,
    ) {
        let observation = Observation::Step {
            keyword: keyword.to_owned(),
            text: text.to_owned(),
            argument,
            status: end.0,
            message: end.1,
            elapsed_ms,
        };
        record(&self.run.history.for_scenario(&case.meta.id), Source::Runner, observation);
    }
}

/// The data table in columns, or the doc string.
fn argument(step: &Step) -> Option<String> {
    if let Some(table) = &step.table {
        let columns = table.row_width();
        let width = |column: usize| {
            table.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        return Some(table.rows.iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    step.docstring.as_ref().map(|text| text.trim_matches('\n').to_owned())
}

fn panic_text(info: &event::Info) -> String {
    let text =
        info.downcast_ref::<String>().map(String::as_str).or_else(|| info.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked without a text").to_owned()
}

impl Writer<ScenarioWorld> for HistoryWriter {
    type Cli = cli::Empty;

    async fn handle_event(
        &mut self,
        event: parser::Result<Event<Cucumber<ScenarioWorld>>>,
        _cli: &Self::Cli,
    ) {
        // The suite was parsed before the run, so there is no parsing error left to come.
        let Ok(event) = event else { return };
        let at = event.at;
        let Cucumber::Feature(feature, event) = event.into_inner() else { return };
        match event {
            FeatureEvent::Scenario(scenario, event)
            | FeatureEvent::Rule(_, RuleEvent::Scenario(scenario, event)) => {
                self.scenario(at, &feature, &scenario, &event.event);
            }
            _ => {}
        }
    }
}

// Each scenario is judged from its own records, so the order across scenarios does not matter.
impl writer::Normalized for HistoryWriter {}
