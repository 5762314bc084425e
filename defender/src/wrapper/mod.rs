//! The wrapper: `defender fargate entrypoint ARGV...`, PID 1 of an app container.

mod askers;
mod attempts;
mod execs;
mod forwarder;
mod listener;
mod lookups;
mod proc;
mod program;
mod question;
mod report;
mod run;
mod sockets;
mod supervisor;
mod tracer;

pub use run::{WrapperError, run};
