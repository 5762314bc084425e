//! An exploration: rounds, what was found in them, and the report of both.

mod confirmation;
mod report;

use crate::arguments::ExploreArea;
use crate::failure::{Failure, Message, chain};
use crate::output;
use proofhouse_generators::{Area, Campaign};
use proofhouse_reports::ExitCode;
use proofhouse_reports::checks::{Finding, FindingKind};
use proofhouse_reports::history::History;
use proofhouse_scenarios::explore::{CONTAINERS, Explorer, Origin, RoundDone, places, shrink, written};
use proofhouse_scenarios::rig::{RigError, Stage};
use report::{Report, Violation};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a user asked for.
#[derive(Debug)]
pub struct Settings {
    /// What is tried.
    pub areas: Vec<ExploreArea>,
    /// What everything is made up from.
    pub seed: u64,
    /// Time after which no further round begins.
    pub time: Duration,
    /// Number of the first round.
    pub first_round: u32,
    /// Whether it is the last one, too.
    pub one_round: bool,
    /// Violations after which no further round begins.
    pub most_violations: usize,
    /// Whether what is found is reduced, and written as a feature.
    pub reduces: bool,
    /// Folder of the report.
    pub folder: PathBuf,
    /// Whether the report goes to standard output as JSON.
    pub json: bool,
}

/// An exploration.
pub struct Exploration {
    stage: Arc<Stage>,
    settings: Settings,
    explorer: Explorer,
    violations: Vec<Violation>,
    unproved: Vec<String>,
    rounds: u32,
    trying: Duration,
}

impl Exploration {
    /// An exploration on a stage.
    pub fn new(stage: Arc<Stage>, settings: Settings) -> Result<Self, Failure> {
        std::fs::create_dir_all(&settings.folder).map_err(|error| unwritable(&settings.folder, &error))?;
        let areas: Vec<Area> = settings.areas.iter().map(|area| area_of(*area)).collect();
        let campaign = Campaign::of(settings.seed, &areas, places(), CONTAINERS);
        let explorer = Explorer::new(Arc::clone(&stage), campaign);
        Ok(Self {
            stage,
            settings,
            explorer,
            violations: Vec::new(),
            unproved: Vec::new(),
            rounds: 0,
            trying: Duration::ZERO,
        })
    }

    /// Runs rounds until the time is over, or enough was found.
    pub async fn run(&mut self) -> Result<(), Failure> {
        eprintln!("seed {}", self.settings.seed);
        let begun = Instant::now();
        let mut number = self.settings.first_round;
        while begun.elapsed() < self.settings.time && self.violations.len() < self.most_violations() {
            self.round(number).await?;
            if self.settings.one_round {
                break;
            }
            number += 1;
        }
        Ok(())
    }

    async fn round(&mut self, number: u32) -> Result<(), Failure> {
        let file = self.settings.folder.join(format!("round-{number:03}.ndjson"));
        let history = History::to_file(&file).map_err(|error| unwritable(&file, &error))?;
        let began = Instant::now();
        let done = self.explorer.round(number, &history).await.map_err(|error| Failure::machine(&error))?;
        self.trying += began.elapsed();
        self.rounds += 1;
        history.finish().map_err(|error| unwritable(&file, &error))?;
        let judgement = &done.judgement;
        self.unproved.extend(judgement.unproved.iter().map(|why| format!("round {number}: {why}")));
        eprintln!(
            "round {number}: {} trials in {:.1} s, {} not as the model says, {} unproved",
            done.round.trials(),
            began.elapsed().as_secs_f64(),
            judgement.findings.len(),
            judgement.unproved.len()
        );
        if judgement.findings.is_empty() && judgement.unproved.is_empty() {
            // What nobody needs to look at again.
            let _gone = std::fs::remove_file(&file);
            return Ok(());
        }
        self.reduce(&done).await
    }

    /// Reduces one finding of each kind of the round.
    async fn reduce(&mut self, done: &RoundDone) -> Result<(), Failure> {
        let mut kinds: BTreeSet<FindingKind> = BTreeSet::new();
        let mut tokens: BTreeSet<String> = BTreeSet::new();
        for finding in plainest_first(done) {
            // A trial is told of once: what happened though it was denied has mostly no audit, either.
            let token = finding.token.clone().unwrap_or_default();
            if self.violations.len() >= self.most_violations()
                || kinds.contains(&finding.kind)
                || !tokens.insert(token)
            {
                continue;
            }
            kinds.insert(finding.kind.clone());
            let violation = self.violation(done, finding).await.map_err(|error| Failure::machine(&error))?;
            self.violations.push(violation?);
        }
        Ok(())
    }

    async fn violation(
        &self,
        done: &RoundDone,
        finding: &Finding,
    ) -> Result<Result<Violation, Failure>, RigError> {
        eprintln!("  {}", finding.said);
        let number = self.violations.len() + 1;
        let areas: Vec<_> = self.settings.areas.iter().map(|area| area.as_str()).collect();
        let areas = areas.join(",");
        let origin = Origin { seed: self.settings.seed, areas: &areas, round: done.round.number, number };
        let begun = Instant::now();
        let shrunk = match &finding.token {
            Some(token) if self.settings.reduces => {
                shrink(&self.stage, &done.round, token, &finding.kind).await?
            }
            _ => None,
        };
        let mut violation = Violation {
            round: done.round.number,
            kind: format!("{:?}", finding.kind),
            said: finding.said.clone(),
            clauses: finding.clauses.clone(),
            findings: done.judgement.findings.len(),
            least: false,
            attempts: 0,
            seconds: 0.0,
            feature: None,
            confirmed: None,
        };
        let Some(shrunk) = shrunk else {
            if !self.settings.reduces {
                return Ok(Ok(violation));
            }
            violation.attempts = 1;
            eprintln!(
                "  it did not come again when it was tried again; round-{:03}.ndjson has it",
                done.round.number
            );
            return Ok(Ok(violation));
        };
        let (text, id) = written(&shrunk, origin, self.stage.semantics());
        let file = self.settings.folder.join(format!("{id}.feature"));
        if let Err(error) = std::fs::write(&file, &text) {
            return Ok(Err(unwritable(&file, &error)));
        }
        violation.said = shrunk.finding.said.clone();
        violation.clauses = shrunk.finding.clauses.clone();
        (violation.least, violation.attempts) = (shrunk.is_least, shrunk.attempts);
        violation.seconds = begun.elapsed().as_secs_f64();
        eprintln!("  reduced in {} attempts: {}", shrunk.attempts, file.display());
        violation.confirmed = Some(match confirmation::run_alone(&self.stage, &file).await {
            Ok(Some(result)) => confirmation::in_words(&result),
            Ok(None) => "run by itself, it came to nothing".to_owned(),
            Err(error) => format!("it cannot be run by itself: {error}"),
        });
        violation.feature = Some(file);
        Ok(Ok(violation))
    }

    /// Writes `explore.json`, and tells what was found and covered.
    pub fn publish(&self) -> Result<(), Failure> {
        let coverage = self.explorer.coverage();
        let report = Report {
            schema: 1,
            seed: self.settings.seed,
            profile: &self.stage.semantics().profile,
            rounds: self.rounds,
            seconds: self.trying.as_secs_f64(),
            trials_a_minute: self.rate(),
            coverage,
            unreached: coverage.unreached(),
            unproved: &self.unproved,
            violations: &self.violations,
        };
        let file = self.settings.folder.join("explore.json");
        let text = serde_json::to_string_pretty(&report).map_err(|error| {
            Failure::new(ExitCode::Internal, Message::new(format!("the report cannot be written: {error}")))
        })?;
        std::fs::write(&file, text).map_err(|error| unwritable(&file, &error))?;
        if self.settings.json {
            output::json(&report)?;
            return Ok(());
        }
        report.tell();
        output::line(&format!("report: {}", file.display()));
        Ok(())
    }

    fn most_violations(&self) -> usize {
        if self.settings.reduces { self.settings.most_violations } else { 1 }
    }

    #[expect(clippy::cast_precision_loss, reason = "fewer trials than 2^52")]
    fn rate(&self) -> f64 {
        let seconds = self.trying.as_secs_f64();
        if seconds > 0.0 { self.explorer.coverage().trials as f64 / seconds * 60.0 } else { 0.0 }
    }

    /// How the command ends.
    pub fn exit(&self) -> ExitCode {
        match () {
            () if !self.violations.is_empty() => ExitCode::Failed,
            () if !self.unproved.is_empty() => ExitCode::Inconclusive,
            () if self.explorer.coverage().trials == 0 => ExitCode::NothingRan,
            () => ExitCode::Passed,
        }
    }
}

/// Findings, those of the shortest trials first.
fn plainest_first(done: &RoundDone) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = done.judgement.findings.iter().collect();
    all.sort_by_key(|finding| finding.said.len());
    all
}

fn area_of(area: ExploreArea) -> Area {
    match area {
        ExploreArea::Programs => Area::Programs,
        ExploreArea::Names => Area::Names,
        ExploreArea::Requests => Area::Requests,
    }
}

fn unwritable(path: &Path, error: &dyn std::error::Error) -> Failure {
    let text = format!("could not write \"{}\": {}", path.display(), chain(error));
    let help = "name a folder that can be written by `--report`, on a disk that is not full";
    Failure::new(ExitCode::Environment, Message::new(text).help(help))
}
