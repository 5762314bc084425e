//! The ECS API without anything that runs: what it answers, what it refuses, how its documents go on.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod definitions;
mod http;
mod support;
mod tasks;
