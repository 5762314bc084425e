//! Datagrams by the calls that the standard library does not use.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

/// An address in the kernel's form.
enum Address {
    V4(libc::sockaddr_in),
    V6(libc::sockaddr_in6),
}

impl Address {
    fn new(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(v4) => Self::V4(libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(v4.ip().octets()) },
                sin_zero: [0; 8],
            }),
            SocketAddr::V6(v6) => Self::V6(libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            }),
        }
    }

    fn raw(&mut self) -> (*mut libc::c_void, libc::socklen_t) {
        match self {
            Self::V4(v4) => ((&raw mut *v4).cast(), size_of::<libc::sockaddr_in>() as libc::socklen_t),
            Self::V6(v6) => ((&raw mut *v6).cast(), size_of::<libc::sockaddr_in6>() as libc::socklen_t),
        }
    }
}

/// `sendmsg` of one datagram to `address`.
pub fn send_message(socket: &UdpSocket, bytes: &[u8], address: SocketAddr) -> io::Result<()> {
    with_header(bytes, address, |header| {
        // SAFETY: the header and all it points to are valid for the call, which only reads them.
        match unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const header, 0) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    })
}

/// `sendmmsg` of one datagram to `address`.
pub fn send_messages(socket: &UdpSocket, bytes: &[u8], address: SocketAddr) -> io::Result<()> {
    with_header(bytes, address, |header| {
        let mut messages = [libc::mmsghdr { msg_hdr: header, msg_len: 0 }];
        // SAFETY: the vector has one entry, which is valid for the call, with all it points to.
        match unsafe { libc::sendmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), 1, 0) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    })
}

fn with_header<T>(bytes: &[u8], address: SocketAddr, send: impl FnOnce(libc::msghdr) -> T) -> T {
    let mut address = Address::new(address);
    let (name, length) = address.raw();
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: all fields are numbers or pointers, for which zero is valid.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = name;
    header.msg_namelen = length;
    header.msg_iov = &raw mut part;
    header.msg_iovlen = 1;
    send(header)
}
