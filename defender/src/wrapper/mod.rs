//! The wrapper: `defender fargate entrypoint ARGV...`, PID 1 of an app container.

mod askers;
mod attempts;
mod carried;
mod connect;
mod datagrams;
mod deed;
mod desk;
mod elf;
mod execs;
mod forwarder;
mod listen;
mod lookups;
mod network;
mod notices;
mod packages;
mod paths;
mod proc;
mod program;
mod program_file;
mod question;
mod report;
mod run;
mod segments;
mod socket;
mod supervisor;
mod touches;
mod views;
mod waiting;
mod watch;
mod written;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub use question::Question;
pub use run::{WrapperError, run};
