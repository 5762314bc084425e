//! The last thing that a scenario did to the task.

use proofhouse_protocol::actor::Reply;
use std::hash::{BuildHasher, Hasher, RandomState};

/// What was done and what came back. The checks of a scenario look at the last one.
#[derive(Debug, Clone)]
pub(crate) struct Stimulus {
    /// In the environment, the request header or the text of what was done.
    pub token: String,
    /// For people.
    pub what: String,
    /// What came back.
    pub outcome: Outcome,
}

/// What came back from a stimulus.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// A program ran, or did not.
    Program(Reply),
    /// A lookup.
    Lookup(Lookup),
    /// A connection of the app.
    Connection {
        /// 0 or an error number.
        errno: i32,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// A request from outside.
    Exchange(Exchange),
    /// Nothing that the harness could see.
    Unseen,
}

/// The result of a lookup, whoever asked.
#[derive(Debug, Clone)]
pub(crate) struct Lookup {
    /// Name asked for.
    pub name: String,
    /// Addresses.
    pub addresses: Vec<String>,
    /// How it ended, for people.
    pub end: String,
    /// Milliseconds.
    pub elapsed_ms: f64,
}

/// A request of a client outside, and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Status, if an answer came.
    pub status: Option<u16>,
    /// Headers of the answer, as they came.
    pub headers: Vec<(String, String)>,
    /// Body of the answer.
    pub body: Vec<u8>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Exchange {
    /// The exchange of a client.
    pub(crate) fn of(method: &str, target: &str, exchange: proofhouse_harness::services::Exchange) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            status: exchange.status,
            headers: exchange.headers,
            body: exchange.body.to_vec(),
            error: exchange.error,
        }
    }

    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A token that no other stimulus of any run has.
pub(crate) fn new_token() -> String {
    // Two hashers that the system seeded are as good as 128 random bits, and no dependency.
    format!("t{:012x}", RandomState::new().build_hasher().finish() & 0xffff_ffff_ffff)
}
