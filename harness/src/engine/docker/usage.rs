//! What a container has used.

use super::DockerEngine;
use crate::engine::{ContainerId, CpuUse, DiskUse, EngineError, IoKind, IoUse, MemoryUse, Statistics};
use bollard::models::{
    ContainerBlkioStatEntry, ContainerBlkioStats, ContainerCpuStats, ContainerMemoryStats,
    ContainerStatsResponse,
};
use bollard::query_parameters::{InspectContainerOptionsBuilder, StatsOptionsBuilder};
use futures_util::StreamExt;
use std::time::Duration;

impl DockerEngine {
    /// The kernel's own count for the control group of the container, in nanoseconds.
    pub(super) async fn cpu_usage(&self, id: &ContainerId) -> Result<Duration, EngineError> {
        let used = used(&self.look(id).await?);
        used.ok_or_else(|| unknown(&what(id)))
    }

    /// All that the kernel counts.
    pub(super) async fn usage(&self, id: &ContainerId) -> Result<Statistics, EngineError> {
        let look = self.look(id).await?;
        used(&look).ok_or_else(|| unknown(&what(id)))?;
        // Its type in bollard depends on who else uses bollard; its JSON does not.
        let at = serde_json::to_value(look.read).ok();
        let at = at.as_ref().and_then(|at| at.as_str()?.parse().ok()).unwrap_or_else(jiff::Timestamp::now);
        Ok(Statistics {
            at,
            cpu: cpu(look.cpu_stats.unwrap_or_default()),
            memory: memory(look.memory_stats.unwrap_or_default()),
            io: io(look.blkio_stats.unwrap_or_default()),
        })
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

fn cpu(told: ContainerCpuStats) -> CpuUse {
    let used = told.cpu_usage.unwrap_or_default();
    let held_back = told.throttling_data.unwrap_or_default();
    CpuUse {
        total: used.total_usage.unwrap_or_default(),
        per_processor: used.percpu_usage,
        kernel: used.usage_in_kernelmode.unwrap_or_default(),
        user: used.usage_in_usermode.unwrap_or_default(),
        system: told.system_cpu_usage,
        processors: told.online_cpus,
        periods: held_back.periods.unwrap_or_default(),
        throttled_periods: held_back.throttled_periods.unwrap_or_default(),
        throttled_time: held_back.throttled_time.unwrap_or_default(),
    }
}

fn memory(told: ContainerMemoryStats) -> MemoryUse {
    MemoryUse {
        usage: told.usage,
        most: told.max_usage,
        failures: told.failcnt,
        limit: told.limit,
        details: told.stats.map(|counts| counts.into_iter().collect()),
    }
}

fn io(told: ContainerBlkioStats) -> Vec<(IoKind, Vec<IoUse>)> {
    let kinds = [
        (IoKind::Bytes, told.io_service_bytes_recursive),
        (IoKind::Operations, told.io_serviced_recursive),
        (IoKind::Queued, told.io_queue_recursive),
        (IoKind::ServiceTime, told.io_service_time_recursive),
        (IoKind::WaitTime, told.io_wait_time_recursive),
        (IoKind::Merged, told.io_merged_recursive),
        (IoKind::Time, told.io_time_recursive),
        (IoKind::Sectors, told.sectors_recursive),
    ];
    let of = |entries: Vec<ContainerBlkioStatEntry>| {
        let uses = entries.into_iter().map(|entry| IoUse {
            major: entry.major.unwrap_or_default(),
            minor: entry.minor.unwrap_or_default(),
            operation: entry.op.unwrap_or_default(),
            value: entry.value.unwrap_or_default(),
        });
        uses.collect()
    };
    kinds.into_iter().filter_map(|(kind, entries)| Some((kind, of(entries?)))).collect()
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
