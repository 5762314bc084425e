//! The `proofhouse` command as a user has it: what it says, how it ends, and that it leaves nothing behind.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod commands;
mod environment;
mod explore;
mod fargate;
mod features;
mod guide;
mod interruption;
mod policies;
mod saboteurs;
mod soak;
mod support;
mod up;
mod waf;
