//! Whether a container ran out of memory. Docker tells it late when the machine is busy, and not at all when the process that
//! watches for it ends with the container; so the kernel is asked too, where it can be.

use super::DockerEngine;
use super::memory_group::{self, Counted};
use crate::engine::{ContainerId, EngineError};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The first pause before Docker is asked again; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// The containers that have a limit, with what the kernel counts of their last start.
#[derive(Debug, Default)]
pub(super) struct MemoryWatch {
    limited: Mutex<HashMap<ContainerId, Option<watch::Receiver<Counted>>>>,
}

impl MemoryWatch {
    /// A container has a limit.
    pub fn limit(&self, id: &ContainerId) {
        self.limited().insert(id.clone(), None);
    }

    pub fn forget(&self, id: &ContainerId) {
        self.limited().remove(id);
    }

    pub fn is_limited(&self, id: &ContainerId) -> bool {
        self.limited().contains_key(id)
    }

    /// Whether the kernel has counted a kill since the last start.
    pub fn killed(&self, id: &ContainerId) -> bool {
        self.counted(id).is_some_and(|counted| *counted.borrow() == Counted::Kill)
    }

    fn counted(&self, id: &ContainerId) -> Option<watch::Receiver<Counted>> {
        self.limited().get(id).cloned().flatten()
    }

    fn limited(&self) -> std::sync::MutexGuard<'_, HashMap<ContainerId, Option<watch::Receiver<Counted>>>> {
        self.limited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DockerEngine {
    /// Has the kernel count for a container that has just started. Where it cannot, Docker's word is all there is.
    pub(super) async fn watch_memory(&self, id: &ContainerId) {
        let counted = match self.inspect_container(id).await {
            Ok(seen) => memory_group::of(seen.pid, &id.0),
            Err(_) => None,
        };
        let counted = counted.and_then(|group| match group.follow() {
            Ok(counted) => Some(counted),
            Err(error) => {
                tracing::debug!(container = %id, %error, "the kernel does not count for this container");
                None
            }
        });
        self.memory.limited().insert(id.clone(), counted);
    }

    pub(super) async fn out_of_memory(
        &self,
        id: &ContainerId,
        patience: Duration,
    ) -> Result<bool, EngineError> {
        let until = Instant::now() + patience;
        if let Some(mut counted) = self.memory.counted(id) {
            let decided = counted.wait_for(|counted| *counted != Counted::Nothing);
            let decided = tokio::time::timeout_at(until, decided).await;
            match decided {
                Ok(Ok(counted)) if *counted == Counted::Kill => return Ok(true),
                Ok(Ok(counted)) if *counted == Counted::NothingAtAll => return Ok(false),
                _ => {}
            }
        }
        let mut pause = FIRST_PAUSE;
        loop {
            if self.inspect_container(id).await?.out_of_memory {
                return Ok(true);
            }
            if Instant::now() + pause > until {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
}
