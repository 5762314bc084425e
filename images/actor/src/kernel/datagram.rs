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

/// `sendmsg` of several datagrams to `address`, each of `size` bytes but for the last.
pub fn send_segments(socket: &UdpSocket, bytes: &[u8], size: usize, address: SocketAddr) -> io::Result<()> {
    // Aligned as the kernel's structure is, whose length is the first word.
    let size = u16::try_from(size).map_err(io::Error::other)?;
    // SAFETY: numbers only.
    let length = unsafe { libc::CMSG_LEN(2) };
    let kind = u64::from(libc::SOL_UDP.cast_unsigned()) | u64::from(libc::UDP_SEGMENT.cast_unsigned()) << 32;
    let mut control = [u64::from(length), kind, u64::from(size)];
    with_header(bytes, address, |mut header| {
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = size_of_val(&control) as _;
        // SAFETY: the header and all it points to are valid for the call, which only reads them.
        match unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const header, 0) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    })
}

/// From now on, what is sent at once leaves as datagrams of `size` bytes.
pub fn set_segment_size(socket: &UdpSocket, size: usize) -> io::Result<()> {
    let size = i32::try_from(size).map_err(io::Error::other)?;
    // SAFETY: the value outlives the call and has the length that is given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            libc::UDP_SEGMENT,
            (&raw const size).cast(),
            size_of::<i32>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// `sendto` of the beginning of a datagram to `address`.
pub fn send_part(socket: &UdpSocket, bytes: &[u8], address: SocketAddr) -> io::Result<()> {
    let mut address = Address::new(address);
    let (name, length) = address.raw();
    // SAFETY: bytes and address outlive the call, which only reads them.
    let sent = unsafe {
        libc::sendto(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            libc::MSG_MORE,
            name.cast_const().cast(),
            length,
        )
    };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
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
