//! A soak: rounds of a seed, harnesses that are killed between them, and the report of both.

mod harness;
mod report;

use crate::arguments::{AssetArguments, Profile};
use crate::failure::{Failure, Message, chain};
use crate::output;
use harness::Killed;
use proofhouse_reports::history::History;
use proofhouse_reports::{Conclusion, ExitCode, Outcome};
use proofhouse_scenarios::rig::Stage;
use proofhouse_scenarios::soak::{Schedule, round};
use report::Report;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Rounds that are no use, one behind the other, after which there is no other.
const MOST_CUT_OFF: usize = 3;

/// What a user asked for.
#[derive(Debug)]
pub struct Settings {
    /// What every moment is made up from.
    pub seed: u64,
    /// Kills.
    pub kills: usize,
    /// Number of the first round.
    pub first_round: u32,
    /// What tasks are made of.
    pub assets: AssetArguments,
    /// Declared choices.
    pub profile: Profile,
    /// Folder of the report.
    pub folder: PathBuf,
    /// Whether the report goes to standard output as JSON.
    pub json: bool,
}

/// A soak.
pub struct Soak {
    stage: Arc<Stage>,
    settings: Settings,
    report: Report,
    next_round: u32,
    cut_off: usize,
}

impl Soak {
    /// A soak on a stage.
    pub fn new(stage: Arc<Stage>, settings: Settings) -> Result<Self, Failure> {
        std::fs::create_dir_all(&settings.folder).map_err(|error| unwritable(&settings.folder, &error))?;
        let report = Report::of(settings.seed, stage.semantics().profile.clone());
        let next_round = settings.first_round;
        Ok(Self { stage, settings, report, next_round, cut_off: 0 })
    }

    /// What every moment is made up from.
    pub fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// The first round that was not run to its end.
    pub fn next_round(&self) -> u32 {
        self.next_round
    }

    /// Runs rounds until so much was killed.
    pub async fn run(&mut self) -> Result<(), Failure> {
        eprintln!("seed {}", self.settings.seed);
        let begun = Instant::now();
        while self.report.all_kills() < self.settings.kills && self.cut_off < MOST_CUT_OFF {
            let left = self.settings.kills - self.report.all_kills();
            let schedule = Schedule::of(self.settings.seed, self.next_round).cut(left);
            self.round(&schedule).await?;
            self.killed_harness(&schedule).await?;
            self.next_round += 1;
            self.report.rounds += 1;
            self.report.seconds = begun.elapsed().as_secs_f64();
        }
        Ok(())
    }

    async fn round(&mut self, schedule: &Schedule) -> Result<(), Failure> {
        let file = self.settings.folder.join(format!("round-{:04}.ndjson", schedule.round));
        let history = History::to_file(&file).map_err(|error| unwritable(&file, &error))?;
        let began = Instant::now();
        let done = round(&self.stage, self.settings.seed, schedule, &history)
            .await
            .map_err(|error| Failure::machine(&error))?;
        history.finish().map_err(|error| unwritable(&file, &error))?;
        for kill in &schedule.kills[..done.killed] {
            self.report.count(kill.target.kind());
        }
        self.report.add(&done.kept);
        let mut bad = self.note(schedule.round, "round", &done.conclusions);
        self.cut_off = if done.cut_off.is_some() { self.cut_off + 1 } else { 0 };
        if let Some(why) = done.cut_off {
            self.report.unproved.push(format!("round {}: it was cut off: {why}", schedule.round));
            bad = true;
        }
        eprintln!(
            "round {}: {} kills, {} denied, {} due, {} audits in {:.1} s: {}",
            schedule.round,
            done.killed,
            done.kept.denied,
            done.kept.due,
            done.kept.stored,
            began.elapsed().as_secs_f64(),
            if bad { "not as it must be" } else { "none lost, none doubled, nothing left" }
        );
        if !bad {
            // What nobody needs to look at again.
            let _gone = std::fs::remove_file(&file);
        }
        Ok(())
    }

    /// Another harness is started with the same kills, and killed.
    async fn killed_harness(&mut self, schedule: &Schedule) -> Result<(), Failure> {
        let Some(after) = schedule.harness else { return Ok(()) };
        let Killed { conclusions, kept, cleaned } =
            harness::kill(&self.settings, schedule.round, after).await?;
        self.report.count("harness");
        if let Some(kept) = &kept {
            self.report.add(kept);
        }
        let bad = self.note(schedule.round, "its harness, killed", &conclusions);
        eprintln!(
            "round {}: harness killed after {} ms, {cleaned} things removed: {}",
            schedule.round,
            after.as_millis(),
            if bad { "not as it must be" } else { "nothing left" }
        );
        Ok(())
    }

    /// Keeps what does not hold. What a round that was cut off early cannot prove is no loss.
    fn note(&mut self, round: u32, what: &str, conclusions: &[Conclusion]) -> bool {
        let mut bad = false;
        for Conclusion { outcome, said, .. } in conclusions {
            let text = format!("round {round}, {what}: {said}");
            match outcome {
                Outcome::Holds => continue,
                Outcome::Broken(by) => self.report.faults.push(format!("{text} (by {by})")),
                Outcome::Unproved | Outcome::Error => self.report.unproved.push(text),
            }
            bad = true;
        }
        bad
    }

    /// Writes `soak.json`, and tells what was found.
    pub fn publish(&self) -> Result<(), Failure> {
        let file = self.settings.folder.join("soak.json");
        let text = serde_json::to_string_pretty(&self.report).map_err(|error| {
            Failure::new(ExitCode::Internal, Message::new(format!("the report cannot be written: {error}")))
        })?;
        std::fs::write(&file, text).map_err(|error| unwritable(&file, &error))?;
        if self.settings.json {
            output::json(&self.report)?;
            return Ok(());
        }
        self.report.tell();
        output::line(&format!("report: {}", file.display()));
        Ok(())
    }

    /// How the command ends.
    pub fn exit(&self) -> ExitCode {
        match () {
            () if !self.report.faults.is_empty() => ExitCode::Failed,
            () if !self.report.unproved.is_empty() => ExitCode::Inconclusive,
            () => ExitCode::Passed,
        }
    }
}

pub(super) fn unwritable(path: &Path, error: &dyn std::error::Error) -> Failure {
    let text = format!("could not write \"{}\": {}", path.display(), chain(error));
    let help = "name a folder that can be written by `--report`, on a disk that is not full";
    Failure::new(ExitCode::Environment, Message::new(text).help(help))
}
