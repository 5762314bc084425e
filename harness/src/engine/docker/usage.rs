//! What a container has used.

use super::DockerEngine;
use crate::engine::{ContainerId, EngineError};
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;
use std::time::Duration;

impl DockerEngine {
    /// The kernel's own count for the control group of the container, in nanoseconds; one look, without Docker's second
    /// look a second later.
    pub(super) async fn cpu_usage(&self, id: &ContainerId) -> Result<Duration, EngineError> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let what = format!("reading what container {id} has used");
        let mut looks = self.docker.stats(&id.0, Some(options));
        let look = self.within(&what, async { looks.next().await.transpose() }).await?;
        let used = look.and_then(|look| look.cpu_stats?.cpu_usage?.total_usage).map(Duration::from_nanos);
        // One that does not run has used nothing that anyone knows.
        used.filter(|used| !used.is_zero()).ok_or_else(|| EngineError::Failed {
            what,
            status: 0,
            message: "the engine does not know; does the container run?".to_owned(),
        })
    }
}
