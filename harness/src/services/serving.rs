//! Tasks that serve, for as long as their owner lives.

use std::future::Future;
use tokio::task::{AbortHandle, JoinHandle};

/// Tasks that end when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Serving {
    tasks: Vec<AbortHandle>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Serving {
    /// Starts a task on the current runtime.
    pub(super) fn start(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let handle: JoinHandle<()> = tokio::spawn(task);
        self.tasks.push(handle.abort_handle());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
