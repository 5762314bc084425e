//! How a client stands with the apps of a policy.

use super::flood::Sending;
use super::judge::Judged;
use std::collections::{BTreeMap, BTreeSet};

/// What apps remember of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Apps that it is banned from.
    pub banned: BTreeSet<String>,
    /// What it has sent, by app.
    pub sent: BTreeMap<String, Sending>,
}

impl Standing {
    /// Of a client that is banned from these apps.
    #[must_use]
    pub fn banned_from(apps: impl IntoIterator<Item = String>) -> Self {
        Self { banned: apps.into_iter().collect(), sent: BTreeMap::new() }
    }

    /// Behind a request.
    pub fn follow(&mut self, judged: &Judged) {
        self.banned.extend(judged.bans.clone());
        if let Some((app, sending)) = &judged.sending {
            self.sent.insert(app.clone(), sending.clone());
        }
    }
}
