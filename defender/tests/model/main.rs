//! The Defender decides as the model says (`model/`): policies, containers, programs and names are made up such that they meet.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod clauses;
mod domains;
mod names;
mod network;
mod policies;
mod process;
mod programs;
mod scope;
