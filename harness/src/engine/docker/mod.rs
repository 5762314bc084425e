//! The engine on Docker's API, through bollard.

mod calls;
mod connect;
mod create;
mod events;
mod failure;
mod files;
mod images;
mod inspect;
mod listing;
mod memory;
mod memory_group;
mod run;
#[cfg(test)]
mod stand_in;
mod streams;
mod usage;

pub use connect::{DockerEngine, connect};
