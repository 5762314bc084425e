//! Measurements: each beside its peer, in the same run, in alternating rounds, judged by medians.

mod everyday;
mod fresh_task;
mod lab;
mod planning;
mod policies;
mod rounds;
mod spawn;
mod spawned;
mod statistics;
mod stop;
mod strace;
mod suite;
mod told;
mod waas;

use crate::failure::{Failure, Message};
pub use lab::Lab;
use proofhouse_reports::ExitCode;
use proofhouse_reports::bench::BenchEntry;
use std::time::Duration;

/// Time that one measurement may take, so that the whole stays below four minutes.
const LIMIT: Duration = Duration::from_secs(75);

/// What was measured, and what should be said about it.
#[derive(Debug, Default)]
pub struct Results {
    /// Entries of `bench.json`.
    pub entries: Vec<BenchEntry>,
    /// Remarks for people.
    pub remarks: Vec<String>,
}

/// Something that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measurement {
    /// A task through the harness, beside the engine's calls alone.
    FreshTask,
    /// Stopping a task, beside the engine's calls alone.
    Stop,
    /// Planning ten containers, beside reading their JSON.
    Planning,
    /// Starting a program under the Defender, beside the same without.
    Spawn,
    /// A compile, names and sockets under the Defender, beside the same without.
    Everyday,
    /// The firewall, beside nginx with and without ModSecurity.
    Waas,
    /// The duration of the last run of the suite.
    Suite,
}

impl Measurement {
    /// All, in the order in which they are made.
    const ALL: [Self; 7] =
        [Self::FreshTask, Self::Stop, Self::Planning, Self::Spawn, Self::Everyday, Self::Waas, Self::Suite];

    /// Those whose name has this word, in any case; all without a word.
    pub fn named(word: Option<&str>) -> Vec<Self> {
        let word = word.unwrap_or_default().to_lowercase();
        Self::ALL
            .into_iter()
            .filter(|measurement| measurement.name().to_lowercase().contains(&word))
            .collect()
    }

    /// Name, with which its entries begin.
    pub fn name(self) -> &'static str {
        match self {
            Self::FreshTask => fresh_task::NAME,
            Self::Stop => stop::NAME,
            Self::Planning => planning::NAME,
            Self::Spawn => spawn::NAME,
            Self::Everyday => everyday::NAME,
            Self::Waas => waas::NAME,
            Self::Suite => suite::NAME,
        }
    }

    /// Makes it.
    ///
    /// # Errors
    /// When it could not be made.
    pub async fn make(self, lab: &Lab) -> Result<Results, Failure> {
        let making = async {
            match self {
                Self::FreshTask => fresh_task::measure(lab).await,
                Self::Stop => stop::measure(lab).await,
                Self::Planning => planning::measure(lab),
                Self::Spawn => spawn::measure(lab).await,
                Self::Everyday => everyday::measure(lab).await,
                Self::Waas => waas::measure(lab).await,
                Self::Suite => suite::measure(lab),
            }
        };
        tokio::time::timeout(LIMIT, making).await.unwrap_or_else(|_| {
            let text = format!("\"{}\" was not measured within {} s", self.name(), LIMIT.as_secs());
            Err(Failure::new(
                ExitCode::Environment,
                Message::new(text).help("repeat it on a machine that does nothing else"),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_selects_and_no_word_selects_all() {
        assert_eq!(Measurement::named(None), Measurement::ALL);
        assert_eq!(Measurement::named(Some("waas")), [Measurement::Waas]);
        assert_eq!(Measurement::named(Some("Fresh")), [Measurement::FreshTask]);
        assert_eq!(Measurement::named(Some("nothing like it")), []);
    }
}
