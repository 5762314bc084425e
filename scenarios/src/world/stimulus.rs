//! The last thing that a scenario did to the task.

use std::hash::{BuildHasher, Hasher, RandomState};

/// What was done; what came back is in the records, under its token.
#[derive(Debug, Clone)]
pub(crate) struct Stimulus {
    /// In the environment, the request header or the text of what was done.
    pub token: String,
    /// What it was.
    pub doing: Doing,
}

/// What a stimulus is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doing {
    /// A program in a container.
    Program {
        /// Container.
        container: String,
    },
    /// A lookup of a name by a program in a container.
    Lookup {
        /// Container.
        container: String,
        /// Name.
        name: String,
        /// Server that is asked, and how, by a raw query; a program asks the configured one.
        way: super::lookups::Way,
    },
    /// A connection of a container.
    Connection {
        /// Container.
        container: String,
    },
    /// A request from outside.
    Exchange {
        /// Port of the task.
        port: u16,
        /// Method.
        method: String,
        /// Path and query.
        target: String,
    },
    /// Something that only its consequences can tell of.
    Unseen,
}

impl Stimulus {
    /// The container that did it.
    pub(crate) fn container(&self) -> Option<&str> {
        match &self.doing {
            Doing::Program { container }
            | Doing::Lookup { container, .. }
            | Doing::Connection { container } => Some(container),
            Doing::Exchange { .. } | Doing::Unseen => None,
        }
    }
}

/// A token that no other stimulus of any run has.
pub(crate) fn new_token() -> String {
    // Two hashers that the system seeded are as good as 128 random bits, and no dependency.
    format!("t{:012x}", RandomState::new().build_hasher().finish() & 0xffff_ffff_ffff)
}
