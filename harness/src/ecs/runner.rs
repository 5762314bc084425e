//! Who really runs tasks.

use super::{ApiError, Life};
use crate::outside::WorldNetwork;
use crate::plan::Plan;
use futures_util::future::BoxFuture;
use serde_json::Value;

/// A task that is to run.
#[derive(Debug, Clone)]
pub struct TaskOrder {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The definition as describing shows it, with the overrides of the run in it.
    pub definition: Value,
    /// Its addresses and names; no other task that lives has the same.
    pub network: WorldNetwork,
}

/// Who really runs tasks.
pub trait TaskRunner: Send + Sync {
    /// What becomes of a definition before it is judged and kept, such as the embed of a Defender.
    fn prepare(&self, definition: Value) -> BoxFuture<'_, Result<Value, ApiError>>;

    /// What running a task would create.
    ///
    /// # Errors
    /// What of the definition cannot be run.
    fn plan(&self, order: &TaskOrder) -> Result<Plan, ApiError>;

    /// Begins to run a task and returns at once. `life` is told how it goes on, until it is over; when it asks for a stop the
    /// task is stopped.
    fn start(&self, order: TaskOrder, plan: Plan, life: Life);

    /// Hears of each call, such as `RunTask` and what it did.
    fn heard(&self, words: &str);
}
