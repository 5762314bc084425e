//! The relay: sockets of the outside namespace, carried between the world agent and the harness over one byte stream.
//!
//! The stream is the agent's standard input and output, through Docker's attach channel. Both sides speak in
//! [`Frame`]s. A frame belongs to a *channel*: a listener, a connection, a datagram socket or a single request. The
//! harness opens channels with odd numbers; the agent opens one with an even number for each connection it accepts.
//! Numbers are never used twice, so a frame for a channel that is gone is late, not wrong, and is dropped.
//!
//! The bytes of connections are bounded by credit ([`flow`]), so neither side ever has to stop reading the stream, and a
//! connection that nobody reads holds up no other one.

pub mod codec;
pub mod fault;
pub mod flow;
pub mod message;
pub mod network;

pub use codec::{CodecError, Decoder};
pub use fault::{Blackhole, Direction, Effect, Faults, Impairment, Subnet};
pub use message::{Frame, Message, Refusal, Transport};
pub use network::WorldNetwork;
