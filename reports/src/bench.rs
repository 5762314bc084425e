//! Numbers beside those of a peer, measured in the same run.

use serde::{Deserialize, Serialize};
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Style};
use tabled::{Table, Tabled};

/// What is promised of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// `value / peer_value` must not be above this.
    AtMost(f64),
    /// `value / peer_value` must not be below this.
    AtLeast(f64),
    /// The value itself must not be above this, whatever the peer's.
    ValueAtMost(f64),
    /// The value must not be above the peer's by more than this.
    AtMostMore(f64),
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchEntry {
    /// What was measured.
    pub name: String,
    /// Ours.
    pub value: f64,
    /// Unit of both values.
    pub unit: String,
    /// Beside whom; empty when there is nobody.
    pub peer: String,
    /// Theirs.
    pub peer_value: Option<f64>,
    /// Ours divided by theirs.
    pub ratio: Option<f64>,
    /// What is promised; absent for information only.
    pub goal: Option<Goal>,
    /// Whether the promise is kept; absent without one, false when it could not be measured.
    pub met: Option<bool>,
}

impl BenchEntry {
    /// A measurement beside a peer's.
    #[must_use]
    pub fn beside(
        name: &str,
        value: f64,
        unit: &str,
        peer: &str,
        peer_value: f64,
        goal: Option<Goal>,
    ) -> Self {
        let ratio = (peer_value > 0.0).then(|| value / peer_value);
        let (peer, peer_value) = (peer.to_owned(), Some(peer_value));
        let met = goal.map(|g| g.met(value, peer_value, ratio));
        Self { name: name.to_owned(), value, unit: unit.to_owned(), peer, peer_value, ratio, goal, met }
    }

    /// A measurement alone.
    #[must_use]
    pub fn alone(name: &str, value: f64, unit: &str, goal: Option<Goal>) -> Self {
        let met = goal.map(|g| g.met(value, None, None));
        let (name, unit, peer) = (name.to_owned(), unit.to_owned(), String::new());
        Self { name, value, unit, peer, peer_value: None, ratio: None, goal, met }
    }
}

impl Goal {
    fn met(self, value: f64, peer_value: Option<f64>, ratio: Option<f64>) -> bool {
        match self {
            Self::AtMost(most) => ratio.is_some_and(|r| r <= most),
            Self::AtLeast(least) => ratio.is_some_and(|r| r >= least),
            Self::ValueAtMost(most) => value <= most,
            Self::AtMostMore(most) => peer_value.is_some_and(|theirs| value - theirs <= most),
        }
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "at most {most}x"),
            Self::AtLeast(least) => write!(f, "at least {least}x"),
            Self::ValueAtMost(most) => write!(f, "at most {most}"),
            Self::AtMostMore(most) => write!(f, "at most {most} more"),
        }
    }
}

/// `bench.json`: the list of entries.
///
/// # Panics
/// Never: entries have string keys only.
#[must_use]
pub fn to_json(entries: &[BenchEntry]) -> String {
    let mut text = serde_json::to_string_pretty(entries).expect("entries have string keys only");
    text.push('\n');
    text
}

/// The entries as a table for people.
#[must_use]
pub fn to_table(entries: &[BenchEntry]) -> String {
    #[derive(Tabled)]
    #[tabled(rename_all = "lowercase")]
    struct Row {
        measurement: String,
        value: String,
        unit: String,
        peer: String,
        theirs: String,
        ratio: String,
        goal: String,
        met: &'static str,
    }
    let rows = entries.iter().map(|e| Row {
        measurement: e.name.clone(),
        value: number(e.value),
        unit: e.unit.clone(),
        peer: e.peer.clone(),
        theirs: e.peer_value.map(number).unwrap_or_default(),
        ratio: e.ratio.map(|r| format!("{r:.2}x")).unwrap_or_default(),
        goal: e.goal.map(|g| g.to_string()).unwrap_or_default(),
        met: match e.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        },
    });
    let mut table = Table::new(rows);
    table.with(Style::sharp());
    for column in [1, 4, 5] {
        table.modify(Columns::one(column), Alignment::right());
    }
    table.to_string()
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_on_its_own_side() {
        let at = |goal, value, peer| BenchEntry::beside("n", value, "ms", "p", peer, Some(goal)).met;
        assert_eq!(at(Goal::AtMost(1.5), 15.0, 10.0), Some(true));
        assert_eq!(at(Goal::AtMost(1.5), 16.0, 10.0), Some(false));
        assert_eq!(at(Goal::AtLeast(3.0), 30.0, 10.0), Some(true));
        assert_eq!(at(Goal::AtLeast(3.0), 29.0, 10.0), Some(false));
        assert_eq!(at(Goal::AtLeast(3.0), 29.0, 0.0), Some(false), "a ratio that does not exist is not met");
        assert_eq!(at(Goal::AtMostMore(500.0), 700.0, 200.0), Some(true));
        assert_eq!(at(Goal::AtMostMore(500.0), 701.0, 200.0), Some(false));
        assert_eq!(at(Goal::ValueAtMost(1.0), 0.5, 0.1), Some(true), "whatever the peer's");
        assert_eq!(BenchEntry::alone("n", 1.0, "s", Some(Goal::AtMostMore(9.0))).met, Some(false));
        assert_eq!(BenchEntry::alone("n", 240.0, "s", Some(Goal::ValueAtMost(240.0))).met, Some(true));
        assert_eq!(BenchEntry::alone("n", 1.0, "s", None).met, None);
    }

    #[test]
    fn the_table_shows_every_column() {
        let entries = [
            BenchEntry::beside("fork+exec", 1.31, "ms", "bare", 1.0, Some(Goal::AtMost(1.5))),
            BenchEntry::alone("whole suite", 254.2, "s", Some(Goal::ValueAtMost(240.0))),
        ];
        insta::assert_snapshot!(to_table(&entries));
    }
}
