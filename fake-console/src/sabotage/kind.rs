//! The kinds of messages that can be sabotaged.

use serde_json::Value;
use std::fmt;

/// A kind of message of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// Audits of a Defender.
    Audits,
    /// Answers of a Defender to fences.
    Fences,
    /// Signs of life.
    Heartbeats,
    /// Totals of what was lost.
    Counters,
    /// Policy revisions of the Console, but the first of a connection.
    Policies,
    /// What the Console says to have stored.
    Acknowledgements,
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    Defender,
    Console,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Audits,
        Self::Fences,
        Self::Heartbeats,
        Self::Counters,
        Self::Policies,
        Self::Acknowledgements,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Audits => "audits",
            Self::Fences => "fences",
            Self::Heartbeats => "heartbeats",
            Self::Counters => "counters",
            Self::Policies => "policies",
            Self::Acknowledgements => "acknowledgements",
        }
    }

    /// The kind of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a message is of this kind.
    pub(super) fn is(self, speaker: Speaker, message: &Value) -> bool {
        let (by, word) = match self {
            Self::Audits => (Speaker::Defender, "audits"),
            Self::Fences => (Speaker::Defender, "fence"),
            Self::Heartbeats => (Speaker::Defender, "heartbeat"),
            Self::Counters => (Speaker::Defender, "counters"),
            Self::Policies => (Speaker::Console, "policy"),
            Self::Acknowledgements => (Speaker::Console, "ack"),
        };
        by == speaker && message["type"] == word
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
