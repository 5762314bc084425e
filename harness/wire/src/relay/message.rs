//! The frames.

use super::fault::Faults;
use super::network::WorldNetwork;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// One message on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Channel.
    pub channel: u32,
    /// Message.
    pub message: Message,
}

impl Frame {
    /// A message on a channel.
    #[must_use]
    pub fn new(channel: u32, message: Message) -> Self {
        Frame { channel, message }
    }
}

/// How something travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The task tried to reach an address where nobody listens, and the outside refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// How.
    pub transport: Transport,
    /// Who tried.
    pub client: SocketAddr,
    /// What was tried.
    pub server: SocketAddr,
}

/// What a frame says. *Requests* go from the harness to the agent, *answers* and *events* come back; the messages of a
/// connection go both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Request: build the network, write the files. Answered [`Message::Done`].
    Configure(Box<WorldNetwork>),
    /// Request: listen outside for TCP. Answered [`Message::Opened`]; then [`Message::Accepted`] events.
    ListenTcp(SocketAddr),
    /// Request: bind a UDP socket outside. Answered [`Message::Opened`]; then [`Message::Datagram`] both ways.
    BindUdp(SocketAddr),
    /// Request: connect outside by TCP. Answered [`Message::Opened`]; the channel is the connection then.
    ConnectTcp {
        /// Address to come from; port 0 for any.
        source: SocketAddr,
        /// Address to go to.
        destination: SocketAddr,
    },
    /// Request: connect to an abstract Unix socket of the task's namespace. Answered [`Message::Done`]; the channel is the
    /// connection then.
    ConnectUnix(String),
    /// Request: tell when a TCP socket listens on that port in the task's namespace. Answered [`Message::Listening`].
    AwaitListening(u16),
    /// Request: describe the sockets of the task's namespace. Answered [`Message::Listing`].
    ListSockets,
    /// Request: tell of each refusal. Answered [`Message::Done`]; then [`Message::Refused`] events.
    WatchRefusals,
    /// Request: from now on the task's network has these faults and no others. Answered [`Message::Done`] when they act.
    SetFaults(Box<Faults>),
    /// Request: answer [`Message::Done`].
    Ping,
    /// Answer: done; there is no more to say.
    Done,
    /// Answer: the socket exists, and that is its own address.
    Opened(SocketAddr),
    /// Answer: the request failed, the channel is gone.
    Failed {
        /// Error number, 0 if there is none.
        errno: i32,
        /// What failed, for people.
        text: String,
    },
    /// Answer: a socket listens there.
    Listening(SocketAddr),
    /// Answer: text in the manner of `/proc/net`.
    Listing(String),
    /// Event of a listener: a connection came.
    Accepted {
        /// Channel of the connection.
        channel: u32,
        /// Who connected.
        peer: SocketAddr,
        /// The address that was connected to.
        local: SocketAddr,
    },
    /// Event of a watch.
    Refused(Refusal),
    /// Event of a channel that tells of something: so many of what it would have told are lost.
    Lost {
        /// How many.
        count: u64,
        /// Where and why, for people.
        why: String,
    },
    /// A datagram that came, or is to be sent.
    Datagram {
        /// The far address: sender of one that came, receiver of one to be sent.
        peer: SocketAddr,
        /// The near address: where it came to, or is to come from.
        local: SocketAddr,
        /// Payload.
        data: Bytes,
    },
    /// Bytes of a connection.
    Data(Bytes),
    /// The receiver has consumed so many bytes: as many more may be sent.
    Credit(u32),
    /// The sender will send no more bytes (half close).
    Finish,
    /// The connection is broken. From the harness: break it, so that the peer sees a reset.
    Reset {
        /// Error number, 0 if there is none.
        errno: i32,
    },
    /// From the harness: the channel is no longer wanted. A connection sends what it has, and closes.
    Close,
}
