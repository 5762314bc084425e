//! What a container has used.

use super::DockerEngine;
use crate::engine::{ContainerId, DiskUse, EngineError};
use bollard::models::ContainerStatsResponse;
use bollard::query_parameters::{InspectContainerOptionsBuilder, StatsOptionsBuilder};
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;

impl DockerEngine {
    /// The kernel's own count for the control group of the container, in nanoseconds.
    pub(super) async fn cpu_usage(&self, id: &ContainerId) -> Result<Duration, EngineError> {
        let used = used(&self.look(id).await?);
        used.ok_or_else(|| unknown(&what(id)))
    }

    /// The whole of the engine's answer.
    pub(super) async fn usage(&self, id: &ContainerId) -> Result<Value, EngineError> {
        let look = self.look(id).await?;
        used(&look).ok_or_else(|| unknown(&what(id)))?;
        Ok(serde_json::to_value(&look).unwrap_or_default())
    }

    /// Sizes of the image and of the container's own layer, which the engine counts for this.
    pub(super) async fn layers(&self, id: &ContainerId) -> Result<DiskUse, EngineError> {
        let options = InspectContainerOptionsBuilder::new().size(true).build();
        let what = format!("measuring container {id}");
        let seen = self.within(&what, self.docker.inspect_container(&id.0, Some(options))).await?;
        let bytes = |size: Option<i64>| size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        let written = bytes(seen.size_rw);
        Ok(DiskUse {
            image_id: seen.image.unwrap_or_default(),
            image: bytes(seen.size_root_fs).saturating_sub(written),
            written,
        })
    }

    /// One look, without Docker's second look a second later.
    async fn look(&self, id: &ContainerId) -> Result<ContainerStatsResponse, EngineError> {
        let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
        let what = what(id);
        let mut looks = self.docker.stats(&id.0, Some(options));
        let look = self.within(&what, async { looks.next().await.transpose() }).await?;
        look.ok_or_else(|| unknown(&what))
    }
}

fn what(id: &ContainerId) -> String {
    format!("reading what container {id} has used")
}

/// One that does not run has used nothing that anyone knows.
fn used(look: &ContainerStatsResponse) -> Option<Duration> {
    let used = look.cpu_stats.as_ref()?.cpu_usage.as_ref()?.total_usage?;
    Some(Duration::from_nanos(used)).filter(|used| !used.is_zero())
}

fn unknown(what: &str) -> EngineError {
    EngineError::Failed {
        what: what.to_owned(),
        status: 0,
        message: "the engine does not know; does the container run?".to_owned(),
    }
}
