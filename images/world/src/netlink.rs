//! Netlink, as much of it as the agent needs: requests with attributes, acknowledgements, dumps.

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send, socket,
};
use std::cell::Cell;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

const HEAD: usize = 16;

/// A netlink socket; it belongs to the namespace it was opened in, whoever uses it later.
pub struct Netlink {
    socket: OwnedFd,
    sequence: Cell<u32>,
}

/// A message under construction.
pub struct Request {
    bytes: Vec<u8>,
}

/// One message that came back.
pub struct Response {
    /// Message type.
    pub kind: u16,
    /// What follows the netlink head.
    pub body: Vec<u8>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Request {
    /// A message with its fixed part.
    pub fn new(kind: u16, flags: i32, fixed: &[u8]) -> Self {
        let mut bytes = vec![0; HEAD];
        bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
        let flags = (libc::NLM_F_REQUEST | flags) as u16;
        bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
        bytes.extend_from_slice(fixed);
        Request { bytes }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        append_attribute(&mut self.bytes, kind, value);
        self
    }

    fn finish(mut self, sequence: u32) -> Vec<u8> {
        let length = self.bytes.len() as u32;
        self.bytes[..4].copy_from_slice(&length.to_ne_bytes());
        self.bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
        self.bytes
    }
}

/// Appends an attribute (length, type, value, padding) to a buffer, such as the value of an outer attribute.
pub fn append_attribute(bytes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    bytes.extend_from_slice(&((4 + value.len()) as u16).to_ne_bytes());
    bytes.extend_from_slice(&kind.to_ne_bytes());
    bytes.extend_from_slice(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

impl Netlink {
    /// Opens a socket of that family in the calling thread's namespace.
    pub fn open(protocol: SockProtocol) -> io::Result<Self> {
        let socket = socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
        Ok(Netlink { socket, sequence: Cell::new(1) })
    }

    /// Sends a request that changes something, and waits for its acknowledgement.
    pub fn change(&self, request: Request) -> io::Result<()> {
        self.exchange(request, libc::NLM_F_ACK).map(|_| ())
    }

    /// Sends a request, and collects what comes back.
    pub fn ask(&self, request: Request) -> io::Result<Vec<Response>> {
        self.exchange(request, libc::NLM_F_ACK)
    }

    /// Sends a request for a listing, and collects it.
    pub fn dump(&self, request: Request) -> io::Result<Vec<Response>> {
        self.exchange(request, libc::NLM_F_DUMP)
    }

    fn exchange(&self, mut request: Request, flags: i32) -> io::Result<Vec<Response>> {
        let sequence = self.sequence.get();
        self.sequence.set(sequence.wrapping_add(1));
        let given = u16::from_ne_bytes([request.bytes[6], request.bytes[7]]);
        request.bytes[6..8].copy_from_slice(&(given | flags as u16).to_ne_bytes());
        send(self.socket.as_raw_fd(), &request.finish(sequence), MsgFlags::empty())?;

        let mut collected = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::empty())?;
            for (answered, response) in messages(&buffer[..length]) {
                if answered != sequence {
                    continue;
                }
                match i32::from(response.kind) {
                    libc::NLMSG_DONE => return Ok(collected),
                    libc::NLMSG_ERROR => {
                        return match error_number(&response.body) {
                            0 => Ok(collected),
                            errno => Err(io::Error::from_raw_os_error(errno)),
                        };
                    }
                    _ => collected.push(response),
                }
            }
        }
    }
}

fn error_number(body: &[u8]) -> i32 {
    let bytes = body.get(..4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(libc::EBADMSG, |bytes| -i32::from_ne_bytes(bytes))
}

fn messages(mut bytes: &[u8]) -> Vec<(u32, Response)> {
    let mut found = Vec::new();
    while bytes.len() >= HEAD {
        let length = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
        if length < HEAD || length > bytes.len() {
            break;
        }
        let kind = u16::from_ne_bytes([bytes[4], bytes[5]]);
        let sequence = u32::from_ne_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        found.push((sequence, Response { kind, body: bytes[HEAD..length].to_vec() }));
        bytes = &bytes[length.next_multiple_of(4).min(bytes.len())..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_padded_and_its_length_is_not() {
        let mut bytes = Vec::new();
        append_attribute(&mut bytes, 3, b"eth0\0");
        assert_eq!(bytes.len(), 12);
        assert_eq!(bytes[..2], 9u16.to_ne_bytes());
        assert_eq!(&bytes[4..9], b"eth0\0");
    }

    #[test]
    fn the_kernel_answers_a_question_about_the_loopback_link() {
        let route = Netlink::open(SockProtocol::NetlinkRoute).unwrap();
        let request = Request::new(libc::RTM_GETLINK, 0, &[0; 16]).attribute(libc::IFLA_IFNAME, b"lo\0");
        let answers = route.ask(request).unwrap();
        assert_eq!(answers.len(), 1);
        assert_eq!(answers[0].kind, libc::RTM_NEWLINK);
    }

    #[test]
    fn the_kernels_error_comes_back_with_its_number() {
        let route = Netlink::open(SockProtocol::NetlinkRoute).unwrap();
        let request =
            Request::new(libc::RTM_GETLINK, 0, &[0; 16]).attribute(libc::IFLA_IFNAME, b"nosuchlink\0");
        let error = route.ask(request).err().expect("there is no such link");
        assert_eq!(error.raw_os_error(), Some(libc::ENODEV));
    }
}
