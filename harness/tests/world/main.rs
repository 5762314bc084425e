//! The real world container on Docker: what a task sees, what comes and goes through the relay, and who answers outside.

mod contract;
mod faults;
mod network;
mod relay;
mod services;
mod support;
