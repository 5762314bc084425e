//! The engine on Docker's API, through bollard.

mod calls;
mod connect;
mod create;
mod failure;
mod files;
mod images;
mod inspect;
mod listing;
mod run;
mod streams;
mod usage;

pub use connect::{DockerEngine, connect};
