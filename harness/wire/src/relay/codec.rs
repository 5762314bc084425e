//! Frames as bytes.
//!
//! A frame is a head of nine bytes (kind, channel, length of the rest; big-endian) and a body. An address is its family
//! (4 or 6), its bytes and its port; flow label and scope of an IPv6 address are not carried.

use super::message::{Frame, Message, Refusal, Transport};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::net::{IpAddr, SocketAddr};

/// The longest body that is accepted.
pub const MAX_BODY: usize = 1024 * 1024;

const HEAD: usize = 9;

/// The stream cannot be understood; it must be given up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A body that nobody would send.
    #[error("frame of {length} bytes is longer than {MAX_BODY}; the stream is not a relay's, or out of step")]
    TooLong {
        /// Length announced.
        length: usize,
    },
    /// A kind that this version does not have.
    #[error("unknown frame kind {kind}; both sides must be of one version")]
    UnknownKind {
        /// Kind.
        kind: u8,
    },
    /// A body that does not fit its kind.
    #[error("malformed body of frame kind {kind}: {what}")]
    Malformed {
        /// Kind.
        kind: u8,
        /// What was expected.
        what: &'static str,
    },
}

/// Finds the frames in a stream of bytes, however it is cut.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: BytesMut,
}

mod kind {
    pub(super) const CONFIGURE: u8 = 1;
    pub(super) const LISTEN_TCP: u8 = 2;
    pub(super) const BIND_UDP: u8 = 3;
    pub(super) const CONNECT_TCP: u8 = 4;
    pub(super) const CONNECT_UNIX: u8 = 5;
    pub(super) const AWAIT_LISTENING: u8 = 6;
    pub(super) const LIST_SOCKETS: u8 = 7;
    pub(super) const WATCH_REFUSALS: u8 = 8;
    pub(super) const PING: u8 = 9;
    pub(super) const SET_FAULTS: u8 = 10;
    pub(super) const DONE: u8 = 16;
    pub(super) const OPENED: u8 = 17;
    pub(super) const FAILED: u8 = 18;
    pub(super) const LISTENING: u8 = 19;
    pub(super) const LISTING: u8 = 20;
    pub(super) const ACCEPTED: u8 = 24;
    pub(super) const REFUSED: u8 = 25;
    pub(super) const DATAGRAM: u8 = 26;
    pub(super) const LOST: u8 = 27;
    pub(super) const DATA: u8 = 32;
    pub(super) const CREDIT: u8 = 33;
    pub(super) const FINISH: u8 = 34;
    pub(super) const RESET: u8 = 35;
    pub(super) const CLOSE: u8 = 36;
}

// ---------------------------------------------------------------------------------------------------------------------

impl Decoder {
    /// Room for the next bytes of the stream, to be read into; it has at least `least` bytes of capacity.
    pub fn room(&mut self, least: usize) -> &mut BytesMut {
        self.buffer.reserve(least);
        &mut self.buffer
    }

    /// Adds bytes of the stream.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, if there is one.
    ///
    /// # Errors
    /// When the bytes are not frames; the stream is of no use from there on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, CodecError> {
        let Some(mut head) = self.buffer.get(..HEAD) else { return Ok(None) };
        let (kind, channel, length) = (head.get_u8(), head.get_u32(), head.get_u32() as usize);
        if length > MAX_BODY {
            return Err(CodecError::TooLong { length });
        }
        if self.buffer.len() < HEAD + length {
            return Ok(None);
        }
        self.buffer.advance(HEAD);
        let body = self.buffer.split_to(length).freeze();
        Ok(Some(Frame { channel, message: decode(Body { kind, bytes: body })? }))
    }
}

impl Frame {
    /// Appends the frame to a buffer.
    ///
    /// A text or a datagram that would exceed [`MAX_BODY`] is cut to fit; data must come in chunks that do.
    pub fn encode(&self, out: &mut BytesMut) {
        let start = out.len();
        out.put_u8(0);
        out.put_u32(self.channel);
        out.put_u32(0);
        let kind = encode_body(&self.message, out);
        let length = out.len() - start - HEAD;
        debug_assert!(length <= MAX_BODY, "bodies are bounded by what their makers put in");
        out[start] = kind;
        out[start + 5..start + HEAD].copy_from_slice(&(length as u32).to_be_bytes());
    }
}

fn encode_body(message: &Message, out: &mut BytesMut) -> u8 {
    match message {
        Message::Configure(network) => {
            let text = serde_json::to_vec(network).expect("numbers, addresses and strings are always JSON");
            out.put_slice(&text);
            kind::CONFIGURE
        }
        Message::ListenTcp(address) => {
            put_address(out, address);
            kind::LISTEN_TCP
        }
        Message::BindUdp(address) => {
            put_address(out, address);
            kind::BIND_UDP
        }
        Message::ConnectTcp { source, destination } => {
            put_address(out, source);
            put_address(out, destination);
            kind::CONNECT_TCP
        }
        Message::ConnectUnix(name) => {
            put_text(out, name);
            kind::CONNECT_UNIX
        }
        Message::AwaitListening(port) => {
            out.put_u16(*port);
            kind::AWAIT_LISTENING
        }
        Message::ListSockets => kind::LIST_SOCKETS,
        Message::WatchRefusals => kind::WATCH_REFUSALS,
        Message::SetFaults(faults) => {
            let text = serde_json::to_vec(faults).expect("numbers, addresses and names are always JSON");
            out.put_slice(&text);
            kind::SET_FAULTS
        }
        Message::Ping => kind::PING,
        Message::Done => kind::DONE,
        Message::Opened(address) => {
            put_address(out, address);
            kind::OPENED
        }
        Message::Failed { errno, text } => {
            out.put_i32(*errno);
            put_text(out, text);
            kind::FAILED
        }
        Message::Listening(address) => {
            put_address(out, address);
            kind::LISTENING
        }
        Message::Listing(text) => {
            put_text(out, text);
            kind::LISTING
        }
        Message::Accepted { channel, peer, local } => {
            out.put_u32(*channel);
            put_address(out, peer);
            put_address(out, local);
            kind::ACCEPTED
        }
        Message::Refused(refusal) => {
            out.put_u8(match refusal.transport {
                Transport::Tcp => 6,
                Transport::Udp => 17,
            });
            put_address(out, &refusal.client);
            put_address(out, &refusal.server);
            kind::REFUSED
        }
        Message::Lost { count, why } => {
            out.put_u64(*count);
            put_text(out, why);
            kind::LOST
        }
        Message::Datagram { peer, local, data } => {
            put_address(out, peer);
            put_address(out, local);
            out.put_slice(&data[..data.len().min(MAX_BODY - 64)]);
            kind::DATAGRAM
        }
        Message::Data(data) => {
            out.put_slice(data);
            kind::DATA
        }
        Message::Credit(bytes) => {
            out.put_u32(*bytes);
            kind::CREDIT
        }
        Message::Finish => kind::FINISH,
        Message::Reset { errno } => {
            out.put_i32(*errno);
            kind::RESET
        }
        Message::Close => kind::CLOSE,
    }
}

fn put_text(out: &mut BytesMut, text: &str) {
    let mut end = text.len().min(MAX_BODY - 64);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    out.put_slice(&text.as_bytes()[..end]);
}

fn put_address(out: &mut BytesMut, address: &SocketAddr) {
    match address.ip() {
        IpAddr::V4(ip) => {
            out.put_u8(4);
            out.put_slice(&ip.octets());
        }
        IpAddr::V6(ip) => {
            out.put_u8(6);
            out.put_slice(&ip.octets());
        }
    }
    out.put_u16(address.port());
}

struct Body {
    kind: u8,
    bytes: Bytes,
}

fn decode(mut body: Body) -> Result<Message, CodecError> {
    let message = match body.kind {
        kind::CONFIGURE => {
            let bytes = body.rest();
            let network = serde_json::from_slice(&bytes).map_err(|_| body.malformed("a network as JSON"))?;
            Message::Configure(network)
        }
        kind::LISTEN_TCP => Message::ListenTcp(body.address()?),
        kind::BIND_UDP => Message::BindUdp(body.address()?),
        kind::CONNECT_TCP => Message::ConnectTcp { source: body.address()?, destination: body.address()? },
        kind::CONNECT_UNIX => Message::ConnectUnix(body.text()?),
        kind::AWAIT_LISTENING => Message::AwaitListening(body.take(2, "a port")?.get_u16()),
        kind::LIST_SOCKETS => Message::ListSockets,
        kind::WATCH_REFUSALS => Message::WatchRefusals,
        kind::SET_FAULTS => {
            let bytes = body.rest();
            let faults = serde_json::from_slice(&bytes).map_err(|_| body.malformed("faults as JSON"))?;
            Message::SetFaults(faults)
        }
        kind::PING => Message::Ping,
        kind::DONE => Message::Done,
        kind::OPENED => Message::Opened(body.address()?),
        kind::FAILED => Message::Failed { errno: body.number()?, text: body.text()? },
        kind::LISTENING => Message::Listening(body.address()?),
        kind::LISTING => Message::Listing(body.text()?),
        kind::ACCEPTED => Message::Accepted {
            channel: body.take(4, "a channel")?.get_u32(),
            peer: body.address()?,
            local: body.address()?,
        },
        kind::REFUSED => {
            let transport = match body.take(1, "a protocol")?.get_u8() {
                6 => Transport::Tcp,
                17 => Transport::Udp,
                _ => return Err(body.malformed("protocol 6 or 17")),
            };
            Message::Refused(Refusal { transport, client: body.address()?, server: body.address()? })
        }
        kind::DATAGRAM => {
            Message::Datagram { peer: body.address()?, local: body.address()?, data: body.rest() }
        }
        kind::LOST => Message::Lost { count: body.take(8, "a number")?.get_u64(), why: body.text()? },
        kind::DATA => Message::Data(body.rest()),
        kind::CREDIT => Message::Credit(body.take(4, "a number of bytes")?.get_u32()),
        kind::FINISH => Message::Finish,
        kind::RESET => Message::Reset { errno: body.number()? },
        kind::CLOSE => Message::Close,
        kind => return Err(CodecError::UnknownKind { kind }),
    };
    if body.bytes.is_empty() { Ok(message) } else { Err(body.malformed("nothing more")) }
}

impl Body {
    fn malformed(&self, what: &'static str) -> CodecError {
        CodecError::Malformed { kind: self.kind, what }
    }

    fn take(&mut self, length: usize, what: &'static str) -> Result<Bytes, CodecError> {
        if self.bytes.len() < length {
            return Err(self.malformed(what));
        }
        Ok(self.bytes.split_to(length))
    }

    fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.bytes)
    }

    fn number(&mut self) -> Result<i32, CodecError> {
        Ok(self.take(4, "an error number")?.get_i32())
    }

    fn text(&mut self) -> Result<String, CodecError> {
        String::from_utf8(self.rest().into()).map_err(|_| self.malformed("UTF-8 text"))
    }

    fn address(&mut self) -> Result<SocketAddr, CodecError> {
        let ip = match self.take(1, "an address family")?.get_u8() {
            4 => IpAddr::from(self.octets::<4>()?),
            6 => IpAddr::from(self.octets::<16>()?),
            _ => return Err(self.malformed("address family 4 or 6")),
        };
        Ok(SocketAddr::new(ip, self.take(2, "a port")?.get_u16()))
    }

    fn octets<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut octets = [0; N];
        self.take(N, "an address")?.copy_to_slice(&mut octets);
        Ok(octets)
    }
}
