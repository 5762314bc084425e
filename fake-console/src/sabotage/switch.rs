//! Which sabotage is on.

use super::way::Sabotage;
use std::sync::{Arc, Mutex, PoisonError};

/// The ways of sabotage that are on now. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sabotages(Arc<Mutex<Vec<Sabotage>>>);

impl Sabotages {
    /// Switches one on; whether it was off.
    pub(crate) fn begin(&self, sabotage: Sabotage) -> bool {
        let mut active = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !active.contains(&sabotage);
        if new {
            active.push(sabotage);
        }
        new
    }

    /// Switches one off; whether it was on.
    pub(crate) fn end(&self, sabotage: &Sabotage) -> bool {
        let mut active = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = active.len();
        active.retain(|one| one != sabotage);
        active.len() != before
    }

    pub(super) fn active(&self) -> Vec<Sabotage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
