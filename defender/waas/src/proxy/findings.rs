//! What the guard of a connection and the handler of its requests tell each other.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Both ways.
#[derive(Debug, Default)]
pub(super) struct Findings(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    contradictions: VecDeque<Option<&'static str>>,
    other: OtherProtocol,
}

/// What became of the question for another protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum OtherProtocol {
    /// It was not asked, or is not answered.
    #[default]
    Open,
    /// From here on the connection speaks it.
    Spoken,
    /// It is not spoken.
    Declined,
}

impl Findings {
    /// What was wrong with the next request of the connection.
    pub(super) fn next(&self) -> Option<&'static str> {
        self.told().contradictions.pop_front().flatten()
    }

    /// Tells what was wrong with a request.
    pub(super) fn push(&self, contradiction: Option<&'static str>) {
        self.told().contradictions.push_back(contradiction);
    }

    /// From here on the connection speaks another protocol.
    pub(super) fn switch(&self) {
        self.told().other = OtherProtocol::Spoken;
    }

    /// Another protocol was asked for, and is not spoken.
    pub(super) fn decline(&self) {
        self.told().other = OtherProtocol::Declined;
    }

    /// What became of the question for another protocol. That it was declined is told once, as there may be another.
    pub(super) fn answered(&self) -> OtherProtocol {
        let mut told = self.told();
        let answer = told.other;
        if answer == OtherProtocol::Declined {
            told.other = OtherProtocol::Open;
        }
        answer
    }

    /// Whether the connection speaks another protocol.
    pub(super) fn is_switched(&self) -> bool {
        self.told().other == OtherProtocol::Spoken
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
