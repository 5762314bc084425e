//! The fence of the engine's events: a mark behind all that the engine has told of a container.

use super::shared::Shared;
use super::{Container, TaskError};
use proofhouse_protocol::observation::{FencePhase, Observation, Pipeline, Source, record};
use std::sync::Arc;
use std::time::Duration;

impl Container {
    /// Waits until all that the engine has told of this container until now has come out of its stream and stands in the
    /// history. It works for one that runs and for one that has ended. What the engine itself has not heard of yet, such as
    /// an exit of this very moment, comes behind it.
    ///
    /// # Errors
    /// The engine refused, the stream broke and may have lost something, or nothing came out in time.
    pub async fn fence_events(&self, within: Duration) -> Result<(), TaskError> {
        let failed = |why: String| TaskError::Fence { container: self.name().to_owned(), why };
        let shared = self.shared();
        // One at a time, so that marks come out in the order of their calls.
        let _turn = shared.fencing.lock().await;
        let id = crate::plan::new_task_id();
        let wanted = shared.marks.wanted(self.name());
        let mut passes = shared.marks.fence(self.name(), &id);
        record_fence(shared, self.name(), id, FencePhase::Sent);
        let all = async {
            for _ in 0..wanted {
                shared.marks.begun(self.name());
                shared.engine.mark(self.id()).await?;
                shared.marks.made(self.name());
            }
            match (&mut passes).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(why)) => Err(failed(why)),
                Err(_) => Err(failed("the task is not followed any more".to_owned())),
            }
        };
        let late = || failed(format!("nothing came out within {within:?}"));
        tokio::time::timeout(within, all).await.unwrap_or_else(|_| Err(late()))
    }
}

/// A mark has come out of the stream.
pub(super) fn passed(shared: &Arc<Shared>, container: &str) {
    for (id, waiting) in shared.marks.came(container) {
        record_fence(shared, container, id, FencePhase::Passed);
        // Who waited may have given up; that it has passed stands in the history.
        let _ = waiting.send(Ok(()));
    }
}

fn record_fence(shared: &Shared, container: &str, id: String, phase: FencePhase) {
    let observation = Observation::Fence {
        pipeline: Pipeline::EngineEvents { container: container.to_owned() },
        id,
        phase,
        containers: Vec::new(),
        totals: Default::default(),
    };
    record(shared.recorder.as_ref(), Source::Engine, observation);
}
