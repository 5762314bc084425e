//! Sends the app's datagrams for it, on copies of addresses and data that it cannot change any more.

use super::askers::{Redirected, Transport};
use super::carried::Content;
use super::desk::Desk;
use super::notices::Notice;
use super::segments;
use super::socket::{DNS, Socket, asker, error, internet, still_there};
use super::supervisor::Fate;
use super::waiting::Call;
use crate::hub::ToSidecar;
use crate::kernel::memory::{self, u64_at};
use crate::kernel::options;
use crate::kernel::seccomp::{Notification, Reply};
use crate::kernel::signals::Pending;
use crate::kernel::sockets::{self, LONGEST_ADDRESS};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Instant;

/// A datagram cannot be longer; neither can the sum of those that segmentation offload makes of one.
const LONGEST_DATAGRAM: usize = 65_535;

/// What the kernel takes at most: parts of a message, messages of a call, ancillary data.
const MOST_PARTS: usize = 1024;
const LONGEST_CONTROL: usize = 20_480;

/// Size of `struct msghdr`, and of `struct mmsghdr` with the offset of its result.
const MESSAGE: usize = 56;
const COUNTED_MESSAGE: usize = 64;

/// A message, copied.
#[derive(Debug, Hash)]
struct Message {
    data: Vec<u8>,
    to: Vec<u8>,
    control: Vec<u8>,
}

/// `sendto(fd, data, length, flags, address, length)`, with an address.
pub fn sendto(desk: &Arc<Desk>, call: Notification) {
    let flags = call.args[3] as i32;
    let Some(socket) = datagrams(desk, &call, flags) else { return };
    let message = (|| {
        let (length, address) = (call.args[2] as usize, call.args[5] as usize);
        if length > LONGEST_DATAGRAM {
            return Err(error(libc::EMSGSIZE));
        }
        if address > LONGEST_ADDRESS {
            return Err(error(libc::EINVAL));
        }
        let data = memory::read_exact(call.thread, call.args[1], length)?;
        let to = memory::read_exact(call.thread, call.args[4], address)?;
        still_there(desk, &call)?;
        Ok(Message { data, to, control: Vec::new() })
    })();
    send_all(desk, call, socket, flags, message.map(|message| vec![message]), |_, sent| match sent {
        [Ok(length)] => Ok(Reply::Value(*length as i64)),
        other => Err(first_error(other)),
    });
}

/// `sendmsg(fd, message, flags)`.
pub fn sendmsg(desk: &Arc<Desk>, call: Notification) {
    let flags = call.args[2] as i32;
    let Some(socket) = datagrams(desk, &call, flags) else { return };
    let message = memory::read_exact(call.thread, call.args[1], MESSAGE).and_then(|header| {
        let message = copy(call.thread, &header)?;
        still_there(desk, &call)?;
        Ok(vec![message])
    });
    send_all(desk, call, socket, flags, message, |_, sent| match sent {
        [Ok(length)] => Ok(Reply::Value(*length as i64)),
        other => Err(first_error(other)),
    });
}

/// `sendmmsg(fd, messages, count, flags)`.
pub fn sendmmsg(desk: &Arc<Desk>, call: Notification) {
    let flags = call.args[3] as i32;
    let Some(socket) = datagrams(desk, &call, flags) else { return };
    let count = (call.args[2] as usize).min(MOST_PARTS);
    let messages =
        memory::read_exact(call.thread, call.args[1], count * COUNTED_MESSAGE).and_then(|headers| {
            let messages: io::Result<Vec<_>> =
                headers.chunks_exact(COUNTED_MESSAGE).map(|header| copy(call.thread, header)).collect();
            still_there(desk, &call)?;
            messages
        });
    send_all(desk, call, socket, flags, messages, |call, sent| {
        let lengths: Vec<usize> = sent.iter().map_while(|one| one.as_ref().ok().copied()).collect();
        for (index, length) in lengths.iter().enumerate() {
            let result = call.args[1] + (index * COUNTED_MESSAGE + MESSAGE) as u64;
            memory::write(call.thread, result, &(*length as u32).to_ne_bytes())?;
        }
        if lengths.is_empty() && !sent.is_empty() {
            return Err(first_error(sent));
        }
        Ok(Reply::Value(lengths.len() as i64))
    });
}

fn first_error(sent: &[io::Result<usize>]) -> io::Error {
    let errno = sent.iter().find_map(|one| one.as_ref().err()?.raw_os_error());
    error(errno.unwrap_or(libc::EIO))
}

/// The socket of a call that sends datagrams; answers every other call.
fn datagrams(desk: &Arc<Desk>, call: &Notification, flags: i32) -> Option<Socket> {
    match internet(desk, call) {
        Ok(Some(socket)) if socket.kind.style == libc::SOCK_STREAM => {
            // Connecting and sending in one would go past `connect`; callers know how to do without.
            let fast_open = flags & libc::MSG_FASTOPEN != 0;
            if fast_open {
                desk.supervisor.notices.tell(Notice::NoFastOpen);
            }
            desk.answer(call, if fast_open { Reply::Error(libc::EOPNOTSUPP) } else { Reply::Continue });
            None
        }
        // The kernel would read our copy after we gave it up; callers know how to do without.
        Ok(Some(_)) if flags & libc::MSG_ZEROCOPY != 0 => {
            desk.supervisor.notices.tell(Notice::NoZeroCopy);
            desk.answer(call, Reply::Error(libc::ENOBUFS));
            None
        }
        Ok(Some(socket)) => Some(socket),
        Ok(None) => {
            desk.answer(call, Reply::Continue);
            None
        }
        Err(error) => {
            desk.answer(call, Reply::from(error));
            None
        }
    }
}

/// Copies a `struct msghdr` and all it points to.
fn copy(thread: i32, header: &[u8]) -> io::Result<Message> {
    let name = u64_at(header, 0);
    let name_length = u64_at(header, 8) as u32 as usize;
    let (parts, count) = (u64_at(header, 16), u64_at(header, 24) as usize);
    let (control, control_length) = (u64_at(header, 32), u64_at(header, 40) as usize);
    if count > MOST_PARTS {
        return Err(error(libc::EMSGSIZE));
    }
    if control_length > LONGEST_CONTROL {
        return Err(error(libc::ENOBUFS));
    }
    let mut data = Vec::new();
    for part in memory::read_exact(thread, parts, count * 16)?.chunks_exact(16) {
        let length = u64_at(part, 8) as usize;
        if length > LONGEST_DATAGRAM - data.len() {
            return Err(error(libc::EMSGSIZE));
        }
        data.extend(memory::read_exact(thread, u64_at(part, 0), length)?);
    }
    let optional = |address: u64, length: usize| match address {
        0 => Ok(Vec::new()),
        _ => memory::read_exact(thread, address, length),
    };
    Ok(Message {
        data,
        to: optional(name, name_length.min(LONGEST_ADDRESS))?,
        control: optional(control, control_length)?,
    })
}

/// Sends until one fails, waiting if the socket would.
fn send_all(
    desk: &Arc<Desk>,
    call: Notification,
    socket: Socket,
    flags: i32,
    messages: io::Result<Vec<Message>>,
    result: fn(&Notification, &[io::Result<usize>]) -> io::Result<Reply>,
) {
    let messages = match messages {
        Ok(messages) => messages,
        Err(error) => return desk.answer(&call, Reply::from(error)),
    };
    let content = Content::of(&messages);
    if desk.is_done(&call, content) {
        return;
    }
    let mut sent = Vec::new();
    for message in &messages {
        let one = send_one(desk, &socket, message, flags | libc::MSG_DONTWAIT);
        let failed = one.is_err();
        sent.push(one);
        if failed {
            break;
        }
    }
    let full = matches!(sent.last(), Some(Err(error)) if error.raw_os_error() == Some(libc::EAGAIN));
    let may_wait = flags & libc::MSG_DONTWAIT == 0 && !options::is_nonblocking(socket.fd.as_fd());
    if !(full && may_wait) {
        return desk.done(&call, content, result(&call, &sent).unwrap_or_else(Reply::from));
    }
    sent.pop();
    let deadline = options::send_limit(socket.fd.as_fd()).map(|limit| Instant::now() + limit);
    let desk_of_call = Arc::clone(desk);
    let sending =
        Sending { desk: desk_of_call, call, content, socket, flags, messages, sent, deadline, result };
    if let Err(mut sending) = desk.waiting.enter(Box::new(sending)) {
        desk.supervisor.notices.tell(Notice::TooManyWait);
        // Too many wait. The network may lose a datagram; a caller that sends again is not lost.
        sending.give_up();
    }
}

/// Datagrams for which the socket has no room yet.
#[derive(Debug)]
struct Sending {
    desk: Arc<Desk>,
    call: Notification,
    content: Content,
    socket: Socket,
    flags: i32,
    messages: Vec<Message>,
    sent: Vec<io::Result<usize>>,
    deadline: Option<Instant>,
    result: fn(&Notification, &[io::Result<usize>]) -> io::Result<Reply>,
}

impl Sending {
    fn settle(&self) {
        self.desk.done(&self.call, self.content, self.reply());
    }

    fn reply(&self) -> Reply {
        (self.result)(&self.call, &self.sent).unwrap_or_else(Reply::from)
    }
}

impl Call for Sending {
    fn socket(&self) -> BorrowedFd<'_> {
        self.socket.fd.as_fd()
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_wanted(&self) -> bool {
        self.desk.listener.is_valid(self.call.id)
    }

    fn go_on(&mut self) -> bool {
        while let Some(message) = self.messages.get(self.sent.len()) {
            match send_one(&self.desk, &self.socket, message, self.flags | libc::MSG_DONTWAIT) {
                Err(full) if full.raw_os_error() == Some(libc::EAGAIN) => return false,
                Err(error) => {
                    self.sent.push(Err(error));
                    break;
                }
                sent => self.sent.push(sent),
            }
        }
        self.settle();
        true
    }

    fn give_up(&mut self) {
        self.sent.push(Err(error(if self.deadline.is_some() { libc::EAGAIN } else { libc::ENOBUFS })));
        self.settle();
    }

    fn thread(&self) -> i32 {
        self.call.thread
    }

    fn interrupt(&mut self, pending: Pending) {
        self.sent.push(Err(error(pending.errno(self.deadline.is_some()))));
        self.settle();
    }

    fn abandon(&mut self) {
        // The kernel would have told of what is out.
        if !self.sent.is_empty() {
            self.desk.carried.unheard(&self.call, self.content, self.reply());
        }
    }
}

fn send_one(desk: &Desk, socket: &Socket, message: &Message, flags: i32) -> io::Result<usize> {
    let fd = socket.fd.as_fd();
    let flags = flags | libc::MSG_NOSIGNAL;
    let plain_send = |to: &[u8]| sockets::send(fd, &message.data, to, &message.control, flags);
    let named = match sockets::family(&message.to) {
        // UDP over IPv4 takes it for an address of its own.
        libc::AF_UNSPEC => socket.kind.domain,
        family => family,
    };
    let to = sockets::decode(&message.to, named);
    if let Some(to) = to {
        desk.supervisor.judge_outbound(socket, to)?;
    }
    let server = to.filter(|to| to.port() == DNS && socket.kind.style == libc::SOCK_DGRAM);
    let Some(server) = server else { return plain_send(&message.to) };
    let asker = asker(socket.thread)?;
    if let Some(redirected) = socket.redirected(desk) {
        // It is connected to the forwarder already, and would not hear the server itself.
        let local = sockets::plain(sockets::local(fd)?);
        let redirected = Redirected { asker, server: sockets::plain(server), ..redirected };
        desk.supervisor.askers.insert(Transport::Udp, local, redirected);
        return plain_send(&[]);
    }
    let judge = |datagram: &[u8]| match segments::is_a_part(fd, flags) {
        // What the rest of it will be is not known, nor who will send it.
        true => desk.supervisor.judge_unreadable(&asker, datagram),
        false => desk.supervisor.judge_question(&asker, datagram),
    };
    let datagrams = segments::datagrams(fd, &message.control, &message.data);
    let fates: Vec<Fate> = datagrams.iter().map(|datagram| judge(datagram)).collect();
    if fates.iter().all(|fate| *fate == Fate::Forward) {
        return plain_send(&message.to);
    }
    if fates.iter().all(|fate| *fate == Fate::Drop) {
        return Err(error(libc::EPERM));
    }
    let control = segments::of_one(&message.control);
    for (datagram, fate) in datagrams.iter().zip(fates) {
        match fate {
            Fate::Forward => _ = sockets::send(fd, datagram, &message.to, &control, flags)?,
            Fate::Drop => {}
            Fate::Answer(answer) => answer_as(desk, socket, server, &answer)?,
        }
    }
    Ok(message.data.len())
}

/// Answers a datagram as if the server had: only the asked address will do for a resolver that compares.
fn answer_as(desk: &Desk, socket: &Socket, server: SocketAddr, answer: &[u8]) -> io::Result<()> {
    let fd = socket.fd.as_fd();
    let mut local = sockets::local(fd)?;
    if local.port() == 0 {
        // Sending would have given it a port.
        let nowhere = match socket.kind.domain {
            libc::AF_INET => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            _ => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        sockets::bind(fd, SocketAddr::new(nowhere, 0))?;
        local = sockets::local(fd)?;
    }
    let server = sockets::plain(server);
    let ip = match (local.ip().to_canonical(), server.ip()) {
        (ip, IpAddr::V4(_)) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        (ip, IpAddr::V6(_)) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        (ip, _) => ip,
    };
    let to = SocketAddr::new(ip, local.port());
    if sockets::send_as(server, to, answer).is_err() {
        // Without the privilege, the sidecar is asked: it is root, in the same network namespace.
        let outbox = &desk.supervisor.outbox;
        if !outbox.say(ToSidecar::Answer { from: server, to, payload: STANDARD.encode(answer) }) {
            outbox.lost.answer();
        }
    }
    Ok(())
}
