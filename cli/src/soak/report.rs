//! The report of a soak: as JSON, and for people.

use crate::output;
use proofhouse_reports::checks::Kept;
use serde::Serialize;
use std::collections::BTreeMap;
use tabled::settings::Style;
use tabled::{Table, Tabled};

/// The report, `soak.json`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of the shape.
    pub schema: u32,
    /// What every moment was made up from.
    pub seed: u64,
    /// Profile of the declared choices.
    pub profile: String,
    /// Rounds that were run.
    pub rounds: u32,
    /// Seconds that they took.
    pub seconds: f64,
    /// Kills by what was killed.
    pub kills: BTreeMap<&'static str, usize>,
    /// Things that were denied, and answered.
    pub denied: usize,
    /// Those of which an audit was due.
    pub due: usize,
    /// Audits that the Console stored.
    pub audits: usize,
    /// What is wrong.
    pub faults: Vec<String>,
    /// What cannot be told.
    pub unproved: Vec<String>,
}

#[derive(Tabled)]
struct Row {
    killed: &'static str,
    times: usize,
}

impl Report {
    /// Of nothing yet.
    pub fn of(seed: u64, profile: String) -> Self {
        Self {
            schema: 1,
            seed,
            profile,
            rounds: 0,
            seconds: 0.0,
            kills: BTreeMap::new(),
            denied: 0,
            due: 0,
            audits: 0,
            faults: Vec::new(),
            unproved: Vec::new(),
        }
    }

    /// Something was killed.
    pub fn count(&mut self, kind: &'static str) {
        *self.kills.entry(kind).or_default() += 1;
    }

    /// All that was killed.
    pub fn all_kills(&self) -> usize {
        self.kills.values().sum()
    }

    /// What became of the audits of a round.
    pub fn add(&mut self, kept: &Kept) {
        self.denied += kept.denied;
        self.due += kept.due;
        self.audits += kept.stored;
    }

    /// Prints it for people; what matters comes last.
    pub fn tell(&self) {
        let rows = self.kills.iter().map(|(killed, times)| Row { killed, times: *times });
        output::line(&Table::new(rows).with(Style::blank()).to_string());
        for text in &self.unproved {
            output::line(&format!("UNPROVED: {text}"));
        }
        for text in &self.faults {
            output::line(&output::bold(&format!("FAULT: {text}")));
        }
        output::line(&format!(
            "seed {}: {} kills in {} rounds, {:.0} s; {} things denied, {} of them due, {} audits; {} faults, {} unproved",
            self.seed,
            self.all_kills(),
            self.rounds,
            self.seconds,
            self.denied,
            self.due,
            self.audits,
            self.faults.len(),
            self.unproved.len()
        ));
        if !(self.faults.is_empty() && self.unproved.is_empty()) {
            output::line(&format!("again: proofhouse soak --seed {} --round N --kills 10", self.seed));
        }
    }
}
