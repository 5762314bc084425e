//! The system calls that the standard library does not offer: the ways to start a program, to send a datagram, to watch
//! a process and to receive a signal.
#![expect(unsafe_code, reason = "the one module of the actor that talks to the kernel")]

mod child;
mod datagram;
mod low;
mod poll;
mod process;
mod program;
mod signal;
mod spawn;

pub use datagram::{send_message, send_messages, send_part, send_segments, set_segment_size};
pub use poll::{Interest, set_nonblocking, wait};
pub use process::{Ending, Process};
pub use program::Program;
pub use signal::{catch_all, exit_on_term, ignore_term};
pub use spawn::{Started, Stdio, spawn};
