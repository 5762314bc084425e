//! Counts, rates, and what went wrong.

use crate::case::{Case, Expect, Inexpressible};
use crate::send::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tabled::Tabled;

/// Counts of one class, or of all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassScore {
    /// Attacks with a clear outcome.
    pub attacks: u64,
    /// Those that were refused.
    pub found: u64,
    /// Honest requests with a clear outcome.
    pub honest: u64,
    /// Those that the application answered.
    pub passed: u64,
    /// Cases without a clear outcome; they count in no rate.
    pub unresolved: u64,
    /// What the corpus says and no request can express.
    pub inexpressible: u64,
}

impl ClassScore {
    /// Part of the attacks that was refused, 0 to 1.
    #[must_use]
    pub fn true_positive_rate(&self) -> Option<f64> {
        rate(self.found, self.attacks)
    }

    /// Part of the honest requests that passed, 0 to 1.
    #[must_use]
    pub fn true_negative_rate(&self) -> Option<f64> {
        rate(self.passed, self.honest)
    }

    /// Mean of both, where there are both.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        Some(f64::midpoint(self.true_positive_rate()?, self.true_negative_rate()?))
    }

    fn add(&mut self, expect: Expect, outcome: Outcome) {
        match (expect, outcome) {
            (_, Outcome::Unresolved) => self.unresolved += 1,
            (Expect::Blocked, outcome) => {
                self.attacks += 1;
                self.found += u64::from(outcome == Outcome::Blocked);
            }
            (Expect::Passed, outcome) => {
                self.honest += 1;
                self.passed += u64::from(outcome == Outcome::Passed);
            }
        }
    }
}

fn rate(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A case with another outcome than is right, or with none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Where it comes from.
    pub id: String,
    /// Its class.
    pub class: String,
    /// What is right.
    pub expect: Expect,
    /// What came.
    pub outcome: Outcome,
    /// The payload.
    pub payload: String,
    /// What the firewall said that it matched, where that is known.
    pub matched: String,
}

/// All results of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Score {
    /// All classes together.
    pub total: ClassScore,
    /// By class.
    pub classes: BTreeMap<String, ClassScore>,
    /// In the order of the corpus.
    pub wrong: Vec<Wrong>,
    /// In the order of the corpus.
    pub inexpressible: Vec<Inexpressible>,
}

#[derive(Tabled)]
struct Row {
    class: String,
    attacks: u64,
    #[tabled(rename = "found %")]
    found: String,
    honest: u64,
    #[tabled(rename = "passed %")]
    passed: String,
    #[tabled(rename = "balanced %")]
    balanced: String,
    unresolved: u64,
    inexpressible: u64,
}

impl Score {
    /// Counts one case.
    pub fn add(&mut self, case: &Case, outcome: Outcome, matched: &str) {
        for score in [&mut self.total, self.classes.entry(case.class.clone()).or_default()] {
            score.add(case.expect, outcome);
        }
        let right = matches!(
            (case.expect, outcome),
            (Expect::Blocked, Outcome::Blocked) | (Expect::Passed, Outcome::Passed)
        );
        if !right {
            self.wrong.push(Wrong {
                id: case.id.clone(),
                class: case.class.clone(),
                expect: case.expect,
                outcome,
                payload: case.payload.clone(),
                matched: matched.to_owned(),
            });
        }
    }

    /// Counts what could not be expressed.
    pub fn inexpressible(&mut self, what: Vec<Inexpressible>) {
        for one in what {
            self.total.inexpressible += 1;
            self.classes.entry(one.class.clone()).or_default().inexpressible += 1;
            self.inexpressible.push(one);
        }
    }

    /// For the terminal: a line a class, then all together.
    #[must_use]
    pub fn table(&self) -> String {
        let percent = |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| format!("{:.1}", rate * 100.0));
        let row = |class: &str, score: &ClassScore| Row {
            class: class.to_owned(),
            attacks: score.attacks,
            found: percent(score.true_positive_rate()),
            honest: score.honest,
            passed: percent(score.true_negative_rate()),
            balanced: percent(score.balanced_accuracy()),
            unresolved: score.unresolved,
            inexpressible: score.inexpressible,
        };
        let rows = self.classes.iter().map(|(class, score)| row(class, score));
        let mut table = tabled::Table::new(rows.chain([row("all", &self.total)]));
        table.with(tabled::settings::Style::blank()).to_string()
    }

    /// What is worse than in an earlier run, a line each; nothing if the gate holds. `tolerance` is in points of a
    /// percentage.
    #[must_use]
    pub fn worse_than(&self, earlier: &Self, tolerance: f64) -> Vec<Gate> {
        let mut worse = Vec::new();
        let classes =
            earlier.classes.iter().map(|(class, score)| (class.as_str(), score, self.classes.get(class)));
        for (class, before, now) in classes.chain([("all", &earlier.total, Some(&self.total))]) {
            let none = ClassScore::default();
            let now = now.unwrap_or(&none);
            for (what, before, now) in [
                ("found", before.true_positive_rate(), now.true_positive_rate()),
                ("passed", before.true_negative_rate(), now.true_negative_rate()),
            ] {
                let Some(before) = before else { continue };
                if now.is_none_or(|now| (before - now) * 100.0 > tolerance + 1e-9) {
                    worse.push(Gate {
                        class: class.to_owned(),
                        what,
                        before: before * 100.0,
                        now: now.map(|now| now * 100.0),
                    });
                }
            }
        }
        worse
    }
}

/// A rate that is worse than before.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Class, or `all`.
    pub class: String,
    /// `found` or `passed`.
    pub what: &'static str,
    /// In percent.
    pub before: f64,
    /// In percent; absent where nothing of it was sent.
    pub now: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(class: &str, expect: Expect) -> Case {
        Case {
            id: "i".into(),
            class: class.into(),
            expect,
            request: Vec::new(),
            payload: "p".into(),
            rules: None,
        }
    }

    fn score(outcomes: &[(&str, Expect, Outcome)]) -> Score {
        let mut score = Score::default();
        outcomes.iter().for_each(|(class, expect, outcome)| score.add(&case(class, *expect), *outcome, "m"));
        score
    }

    #[test]
    fn rates_leave_out_what_is_unresolved() {
        let all = score(&[
            ("a", Expect::Blocked, Outcome::Blocked),
            ("a", Expect::Blocked, Outcome::Passed),
            ("a", Expect::Blocked, Outcome::Unresolved),
            ("b", Expect::Passed, Outcome::Passed),
        ]);
        assert_eq!(all.classes["a"].true_positive_rate(), Some(0.5));
        assert_eq!(all.classes["a"].balanced_accuracy(), None);
        assert_eq!(all.total.balanced_accuracy(), Some(0.75));
        let wrong: Vec<_> = all.wrong.iter().map(|wrong| wrong.outcome).collect();
        assert_eq!(wrong, [Outcome::Passed, Outcome::Unresolved]);
        assert!(all.table().contains("75.0"), "{}", all.table());
    }

    #[test]
    fn a_gate_holds_against_every_class() {
        let good = score(&[("a", Expect::Blocked, Outcome::Blocked), ("b", Expect::Passed, Outcome::Passed)]);
        let bad = score(&[("a", Expect::Blocked, Outcome::Passed), ("c", Expect::Passed, Outcome::Passed)]);
        assert_eq!(good.worse_than(&good, 0.0), []);
        let worse: Vec<_> =
            bad.worse_than(&good, 0.0).into_iter().map(|gate| (gate.class, gate.what, gate.now)).collect();
        let expected = [("a", "found", Some(0.0)), ("b", "passed", None), ("all", "found", Some(0.0))];
        assert_eq!(worse, expected.map(|(class, what, now)| (class.to_owned(), what, now)));
        assert_eq!(bad.worse_than(&good, 100.0).len(), 1);
        assert_eq!(good.worse_than(&bad, 0.0).len(), 1, "a class that is gone is worse");
    }
}
