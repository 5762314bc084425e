//! Which sockets the task has: whether one listens at a port, and a description of all.

use crate::channels::Inbox;
use crate::namespace::Task;
use crate::netlink::{Netlink, Request};
use crate::outgoing::Channel;
use crate::reply::failed;
use proofhouse_wire::relay::Message;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const LISTEN_STATE: u32 = 1 << 10;
/// The kernel announces no new listener, so it is asked again; one question takes about ten microseconds.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(2);

/// Answers as soon as a TCP socket listens at that port in the task's namespace.
pub async fn wait(task: Rc<Task>, port: u16, channel: Channel, mut inbox: Inbox) {
    loop {
        match listener_at(&task.diagnosis, port) {
            Ok(Some(address)) => return channel.send(Message::Listening(address)),
            Ok(None) => {}
            Err(error) => return channel.send(failed("cannot ask for the task's listening sockets", &error)),
        }
        tokio::select! {
            message = inbox.recv() => if let Some(Message::Close) | None = message { return },
            () = tokio::time::sleep(BETWEEN_QUESTIONS) => {}
        }
    }
}

/// What `/proc/net` says of the task's sockets.
pub fn describe() -> String {
    let mut text = String::new();
    for table in ["tcp", "tcp6", "udp", "udp6", "unix"] {
        // Of the main thread, which is in the task's namespace.
        let path = format!("/proc/self/net/{table}");
        let content = std::fs::read_to_string(&path).unwrap_or_else(|error| format!("unreadable: {error}\n"));
        let _ = writeln!(text, "== {table}\n{content}");
    }
    text
}

fn listener_at(diagnosis: &Netlink, port: u16) -> io::Result<Option<SocketAddr>> {
    for family in [libc::AF_INET, libc::AF_INET6] {
        let answers = match diagnosis.dump(request(family as u8, port)) {
            Ok(answers) => answers,
            // A kernel without that family has no listener of it.
            Err(error) if family == libc::AF_INET6 && error.raw_os_error() == Some(libc::ENOENT) => continue,
            Err(error) => return Err(error),
        };
        let found = answers.iter().filter_map(|answer| local_address(&answer.body));
        if let Some(address) = found.into_iter().find(|address| address.port() == port) {
            return Ok(Some(address));
        }
    }
    Ok(None)
}

/// An `inet_diag_req_v2` for listening TCP sockets.
fn request(family: u8, port: u16) -> Request {
    let mut fixed = vec![family, libc::IPPROTO_TCP as u8, 0, 0];
    fixed.extend_from_slice(&LISTEN_STATE.to_ne_bytes());
    fixed.extend_from_slice(&port.to_be_bytes());
    // The rest of the socket's identity: any.
    fixed.resize(56, 0);
    Request::new(SOCK_DIAG_BY_FAMILY, 0, &fixed)
}

/// Source of an `inet_diag_msg`: family, state, timer and retransmissions, then ports (big-endian) and addresses.
fn local_address(body: &[u8]) -> Option<SocketAddr> {
    let port = u16::from_be_bytes(body.get(4..6)?.try_into().ok()?);
    let ip = match i32::from(*body.first()?) {
        libc::AF_INET => IpAddr::from(<[u8; 4]>::try_from(body.get(8..12)?).ok()?),
        libc::AF_INET6 => IpAddr::from(<[u8; 16]>::try_from(body.get(8..24)?).ok()?),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::socket::SockProtocol;

    #[test]
    fn a_listener_is_found_by_its_port_and_gone_with_it() {
        let diagnosis = Netlink::open(SockProtocol::NetlinkSockDiag).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(listener_at(&diagnosis, address.port()).unwrap(), Some(address));
        drop(listener);
        assert_eq!(listener_at(&diagnosis, address.port()).unwrap(), None);
    }
}
