//! Sockets that others may reach: streams that listen, and those of datagrams that are given a port.

use super::carried::Content;
use super::desk::Desk;
use super::proc;
use super::socket::{Socket, error, internet, still_there};
use crate::kernel::memory;
use crate::kernel::seccomp::{Notification, Reply};
use crate::kernel::sockets::{self, LONGEST_ADDRESS};
use std::io;
use std::os::fd::AsFd;

/// `listen(fd, backlog)`.
pub fn listen(desk: &Desk, call: &Notification) {
    if !desk.supervisor.governs_listening() {
        return desk.answer(call, Reply::Continue);
    }
    let content = Content::of(&());
    if desk.is_done(call, content) {
        return;
    }
    let listened = (|| {
        let Some(socket) = internet(desk, call)? else { return Ok(Reply::Continue) };
        if socket.kind.style == libc::SOCK_DGRAM {
            return Ok(Reply::Continue);
        }
        // One without a port would be given any; so it is now, to be looked at.
        let at = sockets::with_port(socket.fd.as_fd())?;
        desk.supervisor.judge_listener(&socket, at)?;
        sockets::listen(socket.fd.as_fd(), call.args[1] as i32)?;
        Ok(Reply::Value(0))
    })();
    desk.done(call, content, listened.unwrap_or_else(|error: io::Error| Reply::from(error)));
}

/// `bind(fd, address, length)`: a socket of datagrams takes what comes to its port without listening. One that is given any port is a
/// client's (declared choice).
pub fn bind(desk: &Desk, call: &Notification) {
    if !desk.supervisor.governs_listening() {
        return desk.answer(call, Reply::Continue);
    }
    match datagrams(desk, call) {
        Ok(None) => desk.answer(call, Reply::Continue),
        Ok(Some((socket, address))) => {
            let content = Content::of(&address);
            if !desk.is_done(call, content) {
                let bound = bind_for(desk, &socket, &address);
                desk.done(call, content, bound.map_or_else(Reply::from, |()| Reply::Value(0)));
            }
        }
        Err(error) => desk.answer(call, Reply::from(error)),
    }
}

/// A socket of datagrams and the raw address that it is given; nothing for any other.
fn datagrams(desk: &Desk, call: &Notification) -> io::Result<Option<(Socket, Vec<u8>)>> {
    let Some(socket) = internet(desk, call)? else { return Ok(None) };
    let length = call.args[2] as usize;
    if socket.kind.style != libc::SOCK_DGRAM || !socket.kind.has_ports() {
        return Ok(None);
    }
    if length > LONGEST_ADDRESS {
        return Err(error(libc::EINVAL));
    }
    let address = memory::read_exact(call.thread, call.args[1], length)?;
    still_there(desk, call)?;
    Ok(Some((socket, address)))
}

fn bind_for(desk: &Desk, socket: &Socket, address: &[u8]) -> io::Result<()> {
    let named = match sockets::family(address) {
        // The kernel takes it for an address of the socket's own family, if any.
        libc::AF_UNSPEC => socket.kind.domain,
        family => family,
    };
    if let Some(at) = sockets::decode(address, named).filter(|at| at.port() != 0) {
        // We may have a right that the caller gave up.
        if !proc::may_bind(socket.thread, at.port()) {
            return Err(error(libc::EACCES));
        }
        desk.supervisor.judge_listener(socket, at)?;
    }
    sockets::bind_raw(socket.fd.as_fd(), address)
}
