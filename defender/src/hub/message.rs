//! What is said on the hub.

use super::Losses;
use crate::decision::ContainerRule;
use proofhouse_protocol::{RuntimeAudit, Semantics};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// A wrapper introduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    /// Random, the same at every reconnect of one wrapper.
    pub wrapper: String,
    /// `TW_CONTAINER_NAME`.
    pub container: String,
    /// `TW_IMAGE_NAME`.
    pub image: String,
    /// RFC 3339.
    pub start_time: String,
}

/// An audit with its place in the wrapper's sequence: 1, 2, 3, ...
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberedAudit {
    /// Place.
    pub number: u64,
    /// The audit, without what only the sidecar knows.
    pub audit: RuntimeAudit,
}

/// Wrapper (or health check) to sidecar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToSidecar {
    /// First line of a wrapper; its mount namespace comes with it.
    Attach(Attach),
    /// Decisions follow this revision from now on.
    Applied {
        /// The revision.
        revision: u64,
    },
    /// Audits in order; at least once.
    Audits {
        /// The audits.
        items: Vec<NumberedAudit>,
        /// What this wrapper has lost since its start.
        lost: Losses,
    },
    /// Every audit of before the fence stands before this line.
    FenceDone {
        /// As received.
        id: String,
        /// What this wrapper has lost since its start.
        lost: Losses,
    },
    /// The app has ended, and every audit of it is acknowledged: the connection ends without loss.
    Bye,
    /// Please answer a datagram in the name of the DNS server that it went to; the wrapper lacks the privilege.
    Answer {
        /// The server that was asked; its port is 53.
        from: SocketAddr,
        /// The socket that asked, on an address of the task.
        to: SocketAddr,
        /// Base64 of the answer.
        payload: String,
    },
    /// How are you? From the health check.
    Health,
}

/// Sidecar to wrapper (or health check).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromSidecar {
    /// The policy of this container.
    Policy {
        /// 0 while the Console has not given one.
        revision: u64,
        /// Declared choices.
        semantics: Semantics,
        /// The rule in scope, if there is one.
        rule: Option<Box<ContainerRule>>,
    },
    /// Please say `FenceDone` behind everything that is queued.
    Fence {
        /// Opaque.
        id: String,
    },
    /// Audits up to this number are in the sidecar.
    Ack {
        /// Number.
        through: u64,
    },
    /// Answer to the health check.
    Health {
        /// Whether apps may start.
        healthy: bool,
        /// For people.
        detail: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_line() {
        let message = ToSidecar::FenceDone { id: "a\nb".to_owned(), lost: Losses::default() };
        let line = serde_json::to_string(&message).unwrap();
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<ToSidecar>(&line).unwrap(), message);
    }
}
