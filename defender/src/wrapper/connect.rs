//! Connects the app's sockets for it, on copies of addresses that it cannot change any more.
//!
//! To wait is left to the kernel: a second `connect` on a socket that is connecting waits for that connection, whatever address
//! it names. So the caller waits as it would without us, with its own signals, and no thread or descriptor of ours is held. Only
//! the answer to a wait that has a limit is another one the second time; that wait is ours.

use super::askers::{Redirected, Transport};
use super::carried::Content;
use super::desk::Desk;
use super::notices::Notice;
use super::proc;
use super::socket::{DNS, Socket, asker, error, internet, still_there};
use super::waiting::Call;
use crate::kernel::options;
use crate::kernel::seccomp::{Notification, Reply};
use crate::kernel::signals::Pending;
use crate::kernel::sockets::{self, LONGEST_ADDRESS};
use crate::kernel::{files, memory};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Instant;

/// `connect(fd, address, length)`.
pub fn connect(desk: &Arc<Desk>, call: Notification) {
    let prepared = (|| {
        let Some(socket) = internet(desk, &call)? else { return Ok(None) };
        let length = call.args[2] as usize;
        if length > LONGEST_ADDRESS {
            return Err(error(libc::EINVAL));
        }
        let address = memory::read_exact(call.thread, call.args[1], length)?;
        still_there(desk, &call)?;
        Ok(Some((socket, address)))
    })();
    let (socket, address) = match prepared {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return desk.answer(&call, Reply::Continue),
        Err(error) => return desk.answer(&call, Reply::from(error)),
    };
    let content = Content::of(&address);
    if desk.is_done(&call, content) {
        return;
    }
    match connect_for(desk, &socket, &address) {
        Ok(Connected::Now(reply)) => desk.done(&call, content, reply),
        Ok(Connected::Later(to, unfinished)) => wait(desk, call, socket, to, unfinished),
        Err(error) => desk.done(&call, content, Reply::from(error)),
    }
}

/// How far a connection has come.
enum Connected {
    Now(Reply),
    /// It is on its way to this raw address, and its caller waits for it, or hears this at the end of its limit.
    Later(Vec<u8>, io::Error),
}

fn connect_for(desk: &Desk, socket: &Socket, address: &[u8]) -> io::Result<Connected> {
    let transport = socket.transport();
    let to = sockets::decode(address, sockets::family(address));
    if let Some(to) = to {
        desk.supervisor.judge_outbound(socket, to)?;
    }
    if transport.is_none() && matches!(socket.kind.style, libc::SOCK_STREAM | libc::SOCK_SEQPACKET) {
        // No protocol that speaks DNS, and none of which we know how it waits.
        return Ok(Connected::Now(Reply::Continue));
    }
    // A rule on names that comes now waits until this socket can be seen.
    let _turn = desk.supervisor.askers.turn();
    if let (Some(Transport::Udp), Some(former)) = (transport, socket.redirected(desk))
        && !former.device.is_empty()
    {
        options::bind_to_device(socket.fd.as_fd(), &former.device)?;
    }
    let server = to.filter(|to| to.port() == DNS);
    let governed = desk.supervisor.commands.policy().governs_names();
    match (server, transport) {
        (Some(server), Some(transport)) if governed => redirect(desk, socket, server, transport),
        _ => begin(socket, address),
    }
}

/// Connects a socket to the forwarder instead of a DNS server, and remembers what its owner shall see of it.
fn redirect(desk: &Desk, socket: &Socket, server: SocketAddr, transport: Transport) -> io::Result<Connected> {
    let (fd, asker) = (socket.fd.as_fd(), asker(socket.thread)?);
    let device = options::device(fd);
    // Its owner sees the address of ours that leads to the server, or hears that none does.
    match transport {
        // It keeps the address when it is connected elsewhere, as it would. What another thread sends meanwhile goes nowhere.
        Transport::Udp => sockets::connect(fd, &sockets::encode(SocketAddr::new(server.ip(), 0)))?,
        Transport::Tcp => sockets::bind_towards(fd, server, &device)?,
    }
    // Loopback is not reached over another device.
    let bound = !device.is_empty();
    if bound {
        options::bind_to_device(fd, &[])
            .inspect_err(|_| desk.supervisor.notices.tell(Notice::BoundToDevice))?;
    }
    let result = begin(socket, &sockets::encode(desk.forwarder.instead_of(server, transport)));
    if let Err(error) = &result
        && error.raw_os_error() != Some(libc::EINPROGRESS)
    {
        if bound {
            let _ = options::bind_to_device(fd, &device);
        }
        return result;
    }
    let local = sockets::plain(sockets::local(fd)?);
    let server = sockets::plain(server);
    let redirected = Redirected { asker, server, peer: server, device };
    desk.supervisor.askers.insert(transport, local, redirected);
    result
}

/// Takes over the sockets that lead to DNS servers from before a rule on names came into force. Those of datagrams lead to the
/// forwarder from now on; streams are ended, and whoever asks over one connects anew (declared choice).
pub fn take_over(desk: &Desk) {
    let _turn = desk.supervisor.askers.turn();
    for pid in proc::descendants() {
        let Ok(holder) = files::Holder::of(pid) else { continue };
        for number in proc::sockets(pid) {
            let Ok(fd) = holder.duplicate(number) else { continue };
            let Ok(kind) = sockets::kind(fd.as_fd()) else { continue };
            let socket = Socket { fd, kind, thread: pid };
            let peer = sockets::peer(socket.fd.as_fd());
            let (true, Ok(peer), Some(transport)) = (kind.is_inet(), peer, socket.transport()) else {
                continue;
            };
            if peer.port() != DNS || desk.forwarder.is_ours(peer, transport) {
                continue;
            }
            let done = match transport {
                Transport::Udp => redirect(desk, &socket, peer, transport).map(|_| ()),
                Transport::Tcp => sockets::end(socket.fd.as_fd()),
            };
            if done.is_err() {
                let _ = sockets::end(socket.fd.as_fd());
            }
            if transport == Transport::Tcp || done.is_err() {
                desk.supervisor.notices.tell(Notice::ConnectionEnded);
            }
        }
    }
}

/// Connects as far as that goes without waiting.
fn begin(socket: &Socket, address: &[u8]) -> io::Result<Connected> {
    let fd = socket.fd.as_fd();
    let waits = socket.kind.style == libc::SOCK_STREAM && !options::is_nonblocking(fd);
    let result = if waits { sockets::begin_connect(fd, address) } else { sockets::connect(fd, address) };
    match result {
        Ok(()) => Ok(Connected::Now(Reply::Value(0))),
        Err(error) if waits && goes_on(&error) => Ok(Connected::Later(address.to_vec(), error)),
        Err(error) => Err(error),
    }
}

/// Whether an error says that a connection is on its way: begun now, or before the caller was interrupted.
fn goes_on(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EALREADY))
}

/// Lets a caller wait for a connection to a raw address.
fn wait(desk: &Arc<Desk>, call: Notification, socket: Socket, to: Vec<u8>, unfinished: io::Error) {
    let Some(limit) = options::send_limit(socket.fd.as_fd()) else {
        return desk.answer(&call, Reply::Continue);
    };
    let own = desk;
    let deadline = Instant::now() + limit;
    let late = Reply::from(unfinished);
    let connecting = Connecting { desk: Arc::clone(own), call, socket, to, deadline, late };
    if desk.waiting.enter(Box::new(connecting)).is_err() {
        own.supervisor.notices.tell(Notice::TooManyWait);
        // Too many wait: the kernel does it, with `EALREADY` for `EINPROGRESS` at the end of the limit.
        desk.answer(&call, Reply::Continue);
    }
}

#[derive(Debug)]
struct Connecting {
    desk: Arc<Desk>,
    call: Notification,
    socket: Socket,
    to: Vec<u8>,
    deadline: Instant,
    late: Reply,
}

impl Call for Connecting {
    fn socket(&self) -> BorrowedFd<'_> {
        self.socket.fd.as_fd()
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.deadline)
    }

    fn is_wanted(&self) -> bool {
        self.desk.listener.is_valid(self.call.id)
    }

    fn go_on(&mut self) -> bool {
        let reply = match sockets::begin_connect(self.socket.fd.as_fd(), &self.to) {
            Err(error) if goes_on(&error) => return false,
            Err(error) => Reply::from(error),
            Ok(()) => Reply::Value(0),
        };
        self.desk.answer(&self.call, reply);
        true
    }

    fn give_up(&mut self) {
        self.desk.answer(&self.call, self.late);
    }

    fn thread(&self) -> i32 {
        self.call.thread
    }

    /// A wait with a limit is not begun again.
    fn interrupt(&mut self, _: Pending) {
        self.desk.answer(&self.call, Reply::Error(libc::EINTR));
    }
}
