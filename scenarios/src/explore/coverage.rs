//! What a campaign has reached: clauses of the model, values of each dimension, and pairs of values.

use super::explorer::RoundDone;
use proofhouse_generators::Area;
use proofhouse_model::CLAUSES;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Clauses that no exploration reaches, and why.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("scope.no-collections", "the Console refuses a rule without collections"),
    ("scope.images-and-containers", "C11 declares such a scope to be undefined"),
    ("effect.block", "the Console refuses the effect"),
    ("process.no-section", "the Console gives every rule every section"),
    ("names.no-section", "the Console gives every rule every section"),
    ("process.entry-point", "the entry point starts before anything is tried"),
    ("request.no-port", "every rule of a campaign exposes all ports that are asked"),
    ("request.no-rule", "every policy of a campaign has a rule for every task"),
];

/// Whether a clause is about what a campaign of these areas tries.
fn is_of(areas: &[Area], clause: &str) -> bool {
    let of_requests = clause.starts_with("request.");
    areas.iter().any(|area| (*area == Area::Requests) == of_requests)
}

/// A dimension and one of its values.
type Value = (&'static str, String);

/// What was reached.
#[derive(Debug, Default, Serialize)]
pub struct Coverage {
    /// Trials.
    pub trials: usize,
    /// Deeds that the model decided on.
    pub decided: usize,
    /// Deeds by clause.
    pub clauses: BTreeMap<&'static str, usize>,
    /// Trials by dimension and value.
    pub dimensions: BTreeMap<&'static str, BTreeMap<String, usize>>,
    #[serde(skip)]
    areas: Vec<Area>,
    #[serde(skip)]
    pairs: BTreeSet<(Value, Value)>,
}

impl Coverage {
    /// Of a campaign in these areas.
    pub(super) fn of(areas: &[Area]) -> Self {
        Self { areas: areas.to_vec(), ..Self::default() }
    }

    /// Clauses that it does not reach, and why.
    pub fn out_of_reach(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> + '_ {
        OUT_OF_REACH.iter().filter(|(id, _)| is_of(&self.areas, id))
    }

    pub(super) fn add(&mut self, done: &RoundDone) {
        self.decided += done.judgement.decided;
        for (clause, count) in &done.judgement.clauses {
            *self.clauses.entry(clause).or_default() += count;
        }
        for batch in &done.round.batches {
            let customs = if batch.meanings.is_empty() { "none" } else { "attached" };
            let mut apps =
                batch.firewall.iter().flat_map(|one| &one.rules).flat_map(|rule| &rule.applications_spec);
            let apis = if apps.any(|app| !app.api_spec.paths.is_empty()) { "declared" } else { "none" };
            for trial in &batch.trials {
                self.trials += trial.number();
                for mut values in trial.dimensions() {
                    values.push(("link", batch.link.word().to_owned()));
                    if batch.firewall.is_some() {
                        values.push(("custom rules", customs.to_owned()));
                        values.push(("API", apis.to_owned()));
                    }
                    self.meet(&values);
                }
            }
        }
    }

    fn meet(&mut self, values: &[Value]) {
        for (dimension, value) in values {
            *self.dimensions.entry(dimension).or_default().entry(value.clone()).or_default() += 1;
        }
        for (at, one) in values.iter().enumerate() {
            for other in values[at + 1..].iter().filter(|other| other.0 != one.0) {
                self.pairs.insert((one.clone().min(other.clone()), one.clone().max(other.clone())));
            }
        }
    }

    /// Clauses that nothing reached, of those that can be.
    #[must_use]
    pub fn unreached(&self) -> Vec<&'static str> {
        let out = |id: &str| OUT_OF_REACH.iter().any(|(own, _)| *own == id);
        let all = CLAUSES.iter().map(|(id, ..)| *id).filter(|id| is_of(&self.areas, id));
        all.filter(|id| !self.clauses.contains_key(id) && !out(id)).collect()
    }

    /// Pairs of dimensions, with how many pairs of their values met, of how many that there are.
    #[must_use]
    pub fn met(&self) -> Vec<(&'static str, &'static str, usize, usize)> {
        let names: Vec<&'static str> = self.dimensions.keys().copied().collect();
        let mut all = Vec::new();
        for (at, one) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                let met = self.pairs.iter().filter(|pair| (pair.0.0, pair.1.0) == (*one, *other)).count();
                if met > 0 {
                    all.push((*one, *other, met, self.dimensions[one].len() * self.dimensions[other].len()));
                }
            }
        }
        all
    }
}
