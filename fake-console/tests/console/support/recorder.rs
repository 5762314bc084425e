//! Keeps what the Console observed.

use proofhouse_protocol::{Observation, Recorder, Recording};
use std::sync::Mutex;

#[derive(Default)]
pub struct Kept(Mutex<Vec<Observation>>);

impl Recorder for Kept {
    fn record(&self, recording: Recording) {
        self.0.lock().unwrap().push(recording.observation);
    }
}

impl Kept {
    pub fn all(&self) -> Vec<Observation> {
        self.0.lock().unwrap().clone()
    }

    /// What a choice of observations gives.
    pub fn chosen<T>(&self, choose: impl Fn(&Observation) -> Option<T>) -> Vec<T> {
        self.all().iter().filter_map(choose).collect()
    }
}
