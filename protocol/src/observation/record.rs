//! Recordings, and where they go.

use super::{Observation, Source};
use crate::Secret;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An observation with who saw it and what caused it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Who saw it.
    pub source: Source,
    /// Token of the stimulus, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What was seen.
    #[serde(flatten)]
    pub observation: Observation,
}

/// Where observations go. One order for all who share it.
pub trait Recorder: Send + Sync {
    /// Appends one recording; must not block for long, and must not fail.
    fn record(&self, recording: Recording);

    /// A value that must not stand in anything that is recorded from now on; `label` says what it is. Who makes a secret says
    /// so before anyone can use it.
    fn keep_secret(&self, label: &str, secret: &Secret) {
        let _ = (label, secret);
    }
}

/// A recorder that many own.
pub type SharedRecorder = Arc<dyn Recorder>;

/// Records an observation without a token.
pub fn record(recorder: &dyn Recorder, source: Source, observation: Observation) {
    recorder.record(Recording { source, token: None, observation });
}

/// A recorder that forgets everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forget;

impl Recorder for Forget {
    fn record(&self, _recording: Recording) {}
}
