//! A check, the records that it is made on, and what it must say.

use crate::sample::tape::{Scene, Tape, meta};
use proofhouse_protocol::observation::Blame;
use proofhouse_reports::{Check, Conclusion, HistoryRecord, Level, Outcome};

/// One check on one scene.
pub struct Case {
    name: &'static str,
    pub check: Check,
    pub outcome: Outcome,
    words: Vec<String>,
    records: Vec<HistoryRecord>,
}

/// A case whose outcome is not said yet.
pub struct Asked(Case);

/// The records of a scenario.
pub fn scene(write: impl FnOnce(&mut Scene<'_>)) -> Vec<HistoryRecord> {
    let mut tape = Tape::default();
    write(&mut tape.scene(&meta("a-001", "t", "f", &[], Level::Core)));
    tape.records
}

/// A check is made on a scene; the name tells what the scene is about.
pub fn case(name: &'static str, check: &Check, write: impl FnOnce(&mut Scene<'_>)) -> Asked {
    let (check, records) = (check.clone(), scene(write));
    Asked(Case { name, check, outcome: Outcome::Error, words: Vec::new(), records })
}

impl Asked {
    fn says(self, outcome: Outcome, words: &[&str]) -> Case {
        Case { outcome, words: words.iter().map(|word| (*word).to_owned()).collect(), ..self.0 }
    }

    pub fn holds(self, words: &[&str]) -> Case {
        self.says(Outcome::Holds, words)
    }

    pub fn broken(self, by: Blame, words: &[&str]) -> Case {
        self.says(Outcome::Broken(by), words)
    }

    pub fn unproved(self, words: &[&str]) -> Case {
        self.says(Outcome::Unproved, words)
    }

    pub fn error(self, words: &[&str]) -> Case {
        self.says(Outcome::Error, words)
    }
}

impl Case {
    /// What is wrong with what the check says.
    fn faults(&self) -> Vec<String> {
        let Conclusion { outcome, said, on } = self.check.judge(&self.records);
        let mut faults = Vec::new();
        if outcome != self.outcome {
            faults.push(format!("expected {:?}, it says {outcome:?}", self.outcome));
        }
        faults.extend(self.words.iter().filter(|w| !said.contains(*w)).map(|w| format!("it lacks `{w}`")));
        if matches!(outcome, Outcome::Holds | Outcome::Broken(_)) && on.is_empty() {
            faults.push("it stands on no record".to_owned());
        }
        let known = |number: &u64| self.records.iter().any(|record| record.sequence == *number);
        if !on.iter().all(known) || !on.is_sorted() {
            faults.push(format!("it stands on {on:?}, which are no records in their order"));
        }
        let json = serde_json::to_value(&self.check).unwrap();
        if serde_json::from_value::<Check>(json).unwrap() != self.check {
            faults.push("the check does not come back from its own JSON".to_owned());
        }
        faults
            .into_iter()
            .map(|fault| format!("{} `{}`: {fault}: {said}", self.check.name(), self.name))
            .collect()
    }
}

/// All cases say what they must; each that does not is told.
#[track_caller]
pub fn run(cases: &[Case]) {
    let faults: Vec<_> = cases.iter().flat_map(Case::faults).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
