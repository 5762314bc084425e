//! Where evidence that was lost is said to be lost.

use proofhouse_protocol::observation::{Observation, Pipeline, SharedRecorder, Source, record};
use std::fmt;

/// Records losses, whoever has them. Cheap to clone; every part of the harness that can drop something has one.
#[derive(Clone)]
pub struct Losses {
    recorder: SharedRecorder,
    source: Source,
}

impl fmt::Debug for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Losses").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Losses {
    /// Losses that `source` has.
    #[must_use]
    pub fn new(recorder: SharedRecorder, source: Source) -> Self {
        Self { recorder, source }
    }

    /// So many pieces of evidence were lost on that way; `0` where nobody could count.
    pub fn lost(&self, pipeline: Pipeline, count: u64, why: impl Into<String>) {
        let why = why.into();
        tracing::warn!(%pipeline, count, %why, "evidence was lost");
        record(self.recorder.as_ref(), self.source.clone(), Observation::Lost { pipeline, count, why });
    }
}
