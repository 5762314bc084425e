//! The `proofhouse` command as a user has it: what it says, how it ends, and that it leaves nothing behind.

mod commands;
mod environment;
mod features;
mod guide;
mod interruption;
mod policies;
mod support;
mod up;
