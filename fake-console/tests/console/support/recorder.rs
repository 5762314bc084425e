//! Keeps what the Console observed.

use proofhouse_protocol::{Observation, Recorder, Recording, Secret};
use std::sync::Mutex;

#[derive(Default)]
pub struct Kept {
    seen: Mutex<Vec<Observation>>,
    secrets: Mutex<Vec<(String, Secret)>>,
}

impl Recorder for Kept {
    fn record(&self, recording: Recording) {
        self.seen.lock().unwrap().push(recording.observation);
    }

    fn keep_secret(&self, label: &str, secret: &Secret) {
        self.secrets.lock().unwrap().push((label.to_owned(), secret.clone()));
    }
}

impl Kept {
    pub fn all(&self) -> Vec<Observation> {
        self.seen.lock().unwrap().clone()
    }

    /// What a value was told to be, when it was told to be a secret.
    pub fn secret(&self, value: &str) -> Option<String> {
        let secrets = self.secrets.lock().unwrap();
        secrets.iter().find(|(_, secret)| secret.reveal() == value).map(|(label, _)| label.clone())
    }

    /// What a choice of observations gives.
    pub fn chosen<T>(&self, choose: impl Fn(&Observation) -> Option<T>) -> Vec<T> {
        self.all().iter().filter_map(choose).collect()
    }
}
