//! What an app sees of a socket that leads to the forwarder: what it would see of one that leads to the server.
//!
//! Known limit: `recvmsg` and `recvmmsg` name the forwarder as the sender of an answer on a connected socket.

use super::askers::Redirected;
use super::carried::Content;
use super::desk::Desk;
use super::notices::Notice;
use super::socket::{Socket, error, internet, still_there};
use super::waiting::Call;
use crate::kernel::memory;
use crate::kernel::options;
use crate::kernel::seccomp::{Notification, Reply, SO_BINDTOIFINDEX};
use crate::kernel::signals::Pending;
use crate::kernel::sockets;
use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Instant;

/// A datagram is not longer, however much room there is for it.
const LONGEST_DATAGRAM: usize = 65_535;

/// `getpeername(fd, address, length)`.
pub fn peer_name(desk: &Desk, call: &Notification) {
    see(desk, call, |socket, redirected| tell_address(call, (1, 2), in_family(socket, redirected.peer)));
}

/// `getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE or SO_BINDTOIFINDEX, value, length)`.
pub fn device(desk: &Desk, call: &Notification) {
    see(desk, call, |_, redirected| {
        let value = if call.args[2] as i32 == SO_BINDTOIFINDEX {
            options::device_index(&redirected.device).to_ne_bytes().to_vec()
        } else if redirected.device.is_empty() {
            Vec::new()
        } else {
            [&redirected.device[..], &[0]].concat()
        };
        tell(call, (3, 4), &value)
    });
}

/// Answers with what a view makes of a redirected socket; any other is the kernel's.
fn see(desk: &Desk, call: &Notification, view: impl FnOnce(&Socket, &Redirected) -> io::Result<()>) {
    if !desk.supervisor.askers.are_there() {
        return desk.answer(call, Reply::Continue);
    }
    let reply = match internet(desk, call) {
        Ok(Some(socket)) => match socket.redirected(desk) {
            Some(redirected) => view(&socket, &redirected).map_or_else(Reply::from, |()| Reply::Value(0)),
            None => Reply::Continue,
        },
        // The kernel has the right words for what is no socket.
        _ => Reply::Continue,
    };
    desk.answer(call, reply);
}

/// An address as the owner of a socket writes it.
fn in_family(socket: &Socket, address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if socket.kind.domain == libc::AF_INET6 => {
            SocketAddrV6::new(ip.to_ipv6_mapped(), address.port(), 0, 0).into()
        }
        _ => address,
    }
}

fn tell_address(call: &Notification, places: (usize, usize), address: SocketAddr) -> io::Result<()> {
    tell(call, places, &sockets::encode(address))
}

/// Writes a value and its length where the arguments point to, as much of it as there is room for.
fn tell(call: &Notification, (value_at, length_at): (usize, usize), value: &[u8]) -> io::Result<()> {
    let length_at = call.args[length_at];
    let room = memory::read_exact(call.thread, length_at, 4)?;
    let room = i32::from_ne_bytes([room[0], room[1], room[2], room[3]]);
    let room = usize::try_from(room).map_err(|_| error(libc::EINVAL))?;
    memory::write(call.thread, call.args[value_at], &value[..value.len().min(room)])?;
    memory::write(call.thread, length_at, &(value.len() as u32).to_ne_bytes())
}

// ---------------------------------------------------------------------------------------------------------------------

/// `recvfrom(fd, data, room, flags, address, length)`, with an address.
pub fn receive(desk: &Arc<Desk>, call: Notification) {
    if !desk.supervisor.askers.are_there() {
        return desk.answer(&call, Reply::Continue);
    }
    let seen = internet(desk, &call).ok().flatten();
    let seen = seen.filter(|socket| socket.kind.style == libc::SOCK_DGRAM);
    let seen = seen.and_then(|socket| socket.redirected(desk).map(|redirected| (socket, redirected)));
    let Some((socket, redirected)) = seen else { return desk.answer(&call, Reply::Continue) };
    let flags = call.args[3] as i32;
    let waits = flags & libc::MSG_DONTWAIT == 0 && !options::is_nonblocking(socket.fd.as_fd());
    let limit = options::receive_limit(socket.fd.as_fd());
    let deadline = limit.map(|limit| Instant::now() + limit);
    let mut receiving = Receiving { desk: Arc::clone(desk), call, socket, redirected, deadline };
    if desk.is_done(&call, receiving.content()) || (receiving.go_on() || !waits) {
        return;
    }
    if let Err(mut receiving) = desk.waiting.enter(Box::new(receiving)) {
        desk.supervisor.notices.tell(Notice::TooManyWait);
        // Too many wait: as if the datagram were lost on its way.
        receiving.give_up();
    }
}

/// A caller that waits for an answer.
#[derive(Debug)]
struct Receiving {
    desk: Arc<Desk>,
    call: Notification,
    socket: Socket,
    redirected: Redirected,
    deadline: Option<Instant>,
}

impl Receiving {
    fn content(&self) -> Content {
        Content::of(&())
    }

    fn flags(&self) -> i32 {
        self.call.args[3] as i32
    }

    /// The length that the caller gets, of what is there now.
    fn take(&self) -> io::Result<i64> {
        let room = (self.call.args[2] as usize).min(LONGEST_DATAGRAM);
        still_there(&self.desk, &self.call)?;
        let (data, whole) = sockets::receive(self.socket.fd.as_fd(), room, self.flags())?;
        memory::write(self.call.thread, self.call.args[1], &data)?;
        tell_address(&self.call, (4, 5), in_family(&self.socket, self.redirected.peer))?;
        let told = if self.flags() & libc::MSG_TRUNC != 0 { whole } else { data.len() };
        Ok(told as i64)
    }

    fn settle(&self, reply: Reply) {
        self.desk.done(&self.call, self.content(), reply);
    }
}

impl Call for Receiving {
    fn socket(&self) -> BorrowedFd<'_> {
        self.socket.fd.as_fd()
    }

    fn events(&self) -> i16 {
        libc::POLLIN
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_wanted(&self) -> bool {
        self.desk.listener.is_valid(self.call.id)
    }

    fn thread(&self) -> i32 {
        self.call.thread
    }

    fn go_on(&mut self) -> bool {
        let waits =
            self.flags() & libc::MSG_DONTWAIT == 0 && !options::is_nonblocking(self.socket.fd.as_fd());
        match self.take() {
            Err(none) if none.raw_os_error() == Some(libc::EAGAIN) && waits => return false,
            result => self.settle(result.map_or_else(Reply::from, Reply::Value)),
        }
        true
    }

    fn give_up(&mut self) {
        self.settle(Reply::Error(libc::EAGAIN));
    }

    fn interrupt(&mut self, pending: Pending) {
        self.settle(Reply::Error(pending.errno(self.deadline.is_some())));
    }
}
