//! What of a container goes into the history: as it was asked for, and as the engine has it.

use super::inspection::{EngineHealthCheck, Inspection, LogDriver, LogMode};
use super::spec::{ContainerSpec, Log, MountSource};
use proofhouse_protocol::observation::ContainerFacts;

impl Inspection {
    /// As the engine has it.
    #[must_use]
    pub fn facts(&self) -> ContainerFacts {
        let log = &self.made.log;
        ContainerFacts {
            log_driver: Some(match &log.driver {
                LogDriver::None => "none".to_owned(),
                LogDriver::File => "file".to_owned(),
                LogDriver::Other(name) => name.clone(),
            }),
            log_mode: Some(log.mode.to_string()),
            log_buffer: log.buffer.clone(),
            out_of_memory: Some(self.out_of_memory),
            engine_health: Some(
                match self.engine_health_check {
                    EngineHealthCheck::None => "none",
                    EngineHealthCheck::Starting => "starting",
                    EngineHealthCheck::Healthy => "healthy",
                    EngineHealthCheck::Unhealthy => "unhealthy",
                }
                .to_owned(),
            ),
            exit_code: self.exit_code,
            running: Some(self.running()),
            volumes: self.made.mounts.iter().filter_map(|mount| mount.volume().map(str::to_owned)).collect(),
        }
    }
}

impl ContainerSpec {
    /// As it is asked for.
    #[must_use]
    pub fn facts(&self) -> ContainerFacts {
        let (log_mode, log_buffer) = match &self.log {
            Log::None => (None, None),
            Log::Blocking => (Some(LogMode::Blocking), None),
            Log::NonBlocking { buffer } => (Some(LogMode::NonBlocking), Some(buffer.clone())),
        };
        let volumes = self.mounts.iter().filter_map(|mount| match &mount.source {
            MountSource::Volume { name, .. } => Some(name.clone()),
            MountSource::Tmpfs { .. } => None,
        });
        ContainerFacts {
            log_mode: log_mode.map(|mode| mode.to_string()),
            log_buffer,
            volumes: volumes.collect(),
            ..ContainerFacts::default()
        }
    }
}
