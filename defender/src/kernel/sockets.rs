//! Sockets: what the standard library hides, on descriptors that belong to someone else.

use super::check;
use super::options::{bind_to_device, option, set_option};
use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Longest address that a caller may give.
pub const LONGEST_ADDRESS: usize = size_of::<libc::sockaddr_storage>();

/// What kind of socket a descriptor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `AF_INET`, `AF_INET6`, ...
    pub domain: i32,
    /// `SOCK_STREAM`, `SOCK_DGRAM`, ...
    pub style: i32,
    /// `IPPROTO_TCP`, ...
    pub protocol: i32,
}

impl Kind {
    /// Whether it speaks IP.
    #[must_use]
    pub fn is_inet(self) -> bool {
        matches!(self.domain, libc::AF_INET | libc::AF_INET6)
    }

    /// Whether what it sends goes to a port.
    #[must_use]
    pub fn has_ports(self) -> bool {
        let others = [libc::IPPROTO_UDP, libc::IPPROTO_UDPLITE, libc::IPPROTO_SCTP, libc::IPPROTO_DCCP];
        self.style != libc::SOCK_RAW && (self.is_tcp() || others.contains(&self.protocol))
    }

    /// Whether it speaks TCP, over one path or several.
    #[must_use]
    pub fn is_tcp(self) -> bool {
        matches!(self.protocol, libc::IPPROTO_TCP | libc::IPPROTO_MPTCP)
    }
}

/// Kind of a socket.
///
/// # Errors
/// `ENOTSOCK`.
pub fn kind(fd: BorrowedFd<'_>) -> io::Result<Kind> {
    Ok(Kind {
        domain: option(fd, libc::SOL_SOCKET, libc::SO_DOMAIN)?,
        style: option(fd, libc::SOL_SOCKET, libc::SO_TYPE)?,
        protocol: option(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL)?,
    })
}

/// An address as the kernel reads it.
#[must_use]
pub fn encode(address: SocketAddr) -> Vec<u8> {
    let mut raw;
    match address {
        SocketAddr::V4(v4) => {
            raw = vec![0; size_of::<libc::sockaddr_in>()];
            raw[0..2].copy_from_slice(&(libc::AF_INET as u16).to_ne_bytes());
            raw[2..4].copy_from_slice(&v4.port().to_be_bytes());
            raw[4..8].copy_from_slice(&v4.ip().octets());
        }
        SocketAddr::V6(v6) => {
            raw = vec![0; size_of::<libc::sockaddr_in6>()];
            raw[0..2].copy_from_slice(&(libc::AF_INET6 as u16).to_ne_bytes());
            raw[2..4].copy_from_slice(&v6.port().to_be_bytes());
            raw[8..24].copy_from_slice(&v6.ip().octets());
            raw[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
        }
    }
    raw
}

/// Family of a raw address; 0 (`AF_UNSPEC`) when it is too short to have one.
#[must_use]
pub fn family(raw: &[u8]) -> i32 {
    raw.get(..2).map_or(0, |bytes| i32::from(u16::from_ne_bytes([bytes[0], bytes[1]])))
}

/// Reads an internet address, as `family` whatever the address says of itself (UDP over IPv4 takes `AF_UNSPEC` for
/// `AF_INET`); nothing when it is too short or of another family.
#[must_use]
pub fn decode(raw: &[u8], family: i32) -> Option<SocketAddr> {
    let port = u16::from_be_bytes([*raw.get(2)?, *raw.get(3)?]);
    match family {
        libc::AF_INET => {
            let ip: [u8; 4] = raw.get(4..8)?.try_into().ok()?;
            Some(SocketAddrV4::new(Ipv4Addr::from(ip), port).into())
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = raw.get(8..24)?.try_into().ok()?;
            let scope = raw.get(24..28).map_or(0, |b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
            Some(SocketAddrV6::new(Ipv6Addr::from(ip), port, 0, scope).into())
        }
        _ => None,
    }
}

/// The same address without its IPv4-in-IPv6 wrapping.
#[must_use]
pub fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

type NameCall = unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32;

fn name(fd: BorrowedFd<'_>, call: NameCall) -> io::Result<SocketAddr> {
    let mut raw = [0u8; LONGEST_ADDRESS];
    let mut length = raw.len() as libc::socklen_t;
    // SAFETY: `raw` and `length` describe each other; bytes need no alignment here, the kernel copies.
    check(unsafe { call(fd.as_raw_fd(), raw.as_mut_ptr().cast(), &raw mut length) }.into())?;
    let raw = &raw[..length as usize];
    decode(raw, family(raw)).ok_or_else(|| io::Error::from_raw_os_error(libc::EAFNOSUPPORT))
}

/// Local address.
///
/// # Errors
/// What the kernel says.
pub fn local(fd: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    name(fd, libc::getsockname)
}

/// Remote address.
///
/// # Errors
/// `ENOTCONN`.
pub fn peer(fd: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    name(fd, libc::getpeername)
}

/// Gives a socket without an address the one that leads to another, over a device where one is named; the port stays open.
///
/// # Errors
/// `ENETUNREACH` and the like, as whoever connects would hear.
pub fn bind_towards(fd: BorrowedFd<'_>, to: SocketAddr, device: &[u8]) -> io::Result<()> {
    let domain = if to.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let probe = socket(domain, libc::SOCK_DGRAM, 0)?;
    if !device.is_empty() {
        bind_to_device(probe.as_fd(), device)?;
    }
    connect(probe.as_fd(), &encode(to))?;
    let own = local(probe.as_fd())?.ip();
    let before = local(fd)?;
    // One that has a port has chosen its address, too.
    if before.ip().is_unspecified() && before.port() == 0 {
        set_option(fd, libc::SOL_IP, libc::IP_BIND_ADDRESS_NO_PORT, 1)?;
        bind(fd, SocketAddr::new(own, 0))?;
        set_option(fd, libc::SOL_IP, libc::IP_BIND_ADDRESS_NO_PORT, 0)?;
    }
    Ok(())
}

/// Takes a datagram without waiting, as the flags say; answers its bytes, and its whole length where it is longer.
///
/// # Errors
/// `EAGAIN` where there is none, or what the kernel has to say of an earlier send.
pub fn receive(fd: BorrowedFd<'_>, room: usize, flags: i32) -> io::Result<(Vec<u8>, usize)> {
    let mut data = vec![0; room];
    let flags = flags | libc::MSG_DONTWAIT | libc::MSG_TRUNC;
    // SAFETY: the buffer has the length that is given.
    let got = check(unsafe {
        libc::recv(fd.as_raw_fd(), data.as_mut_ptr().cast(), data.len(), flags) as libc::c_long
    })? as usize;
    data.truncate(got);
    Ok((data, got))
}

/// Connects to a raw address; waits if the socket is a blocking one.
///
/// # Errors
/// What `connect` would have told the owner of the socket.
pub fn connect(fd: BorrowedFd<'_>, address: &[u8]) -> io::Result<()> {
    // SAFETY: the address outlives the call.
    let result =
        unsafe { libc::connect(fd.as_raw_fd(), address.as_ptr().cast(), address.len() as libc::socklen_t) };
    check(result.into())?;
    Ok(())
}

/// Begins to connect, without waiting on a socket that would wait: there, `EINPROGRESS` or `EALREADY` say that it goes on. Until
/// this returns, the socket is one that does not wait, for whoever else uses it.
///
/// # Errors
/// As [`connect`].
pub fn begin_connect(fd: BorrowedFd<'_>, address: &[u8]) -> io::Result<()> {
    set_nonblocking(fd, true)?;
    let result = connect(fd, address);
    set_nonblocking(fd, false)?;
    result
}

/// Changes this one flag and no other, whoever changes others meanwhile.
fn set_nonblocking(fd: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    let mut on = i32::from(on);
    // SAFETY: the ioctl reads one number, which outlives the call.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONBIO, &raw mut on) }.into())?;
    Ok(())
}

/// Ends a connection, for whoever uses the socket.
///
/// # Errors
/// `ENOTCONN`.
pub fn end(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::shutdown(fd.as_raw_fd(), libc::SHUT_RDWR) }.into())?;
    Ok(())
}

/// Gives the socket a local address.
///
/// # Errors
/// What the kernel says.
pub fn bind(fd: BorrowedFd<'_>, address: SocketAddr) -> io::Result<()> {
    bind_raw(fd, &encode(address))
}

/// As [`bind`], to a raw address.
///
/// # Errors
/// What `bind` would have told the owner of the socket.
pub fn bind_raw(fd: BorrowedFd<'_>, raw: &[u8]) -> io::Result<()> {
    // SAFETY: the address outlives the call.
    check(unsafe { libc::bind(fd.as_raw_fd(), raw.as_ptr().cast(), raw.len() as libc::socklen_t) }.into())?;
    Ok(())
}

/// Local address of a socket that is given any port where it has none.
///
/// # Errors
/// What the kernel says.
pub fn with_port(fd: BorrowedFd<'_>) -> io::Result<SocketAddr> {
    let now = local(fd)?;
    if now.port() != 0 {
        return Ok(now);
    }
    // It may have an address that waits for a port until it is used.
    set_option(fd, libc::SOL_IP, libc::IP_BIND_ADDRESS_NO_PORT, 0)?;
    bind(fd, now)?;
    local(fd)
}

/// Listens.
///
/// # Errors
/// What `listen` would have told the owner of the socket.
pub fn listen(fd: BorrowedFd<'_>, backlog: i32) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::listen(fd.as_raw_fd(), backlog) }.into())?;
    Ok(())
}

/// Sends one message.
///
/// # Errors
/// What `sendmsg` would have told the owner of the socket.
pub fn send(fd: BorrowedFd<'_>, data: &[u8], to: &[u8], control: &[u8], flags: i32) -> io::Result<usize> {
    let mut part = libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
    // SAFETY: all zeroes is a valid empty message.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    if !to.is_empty() {
        message.msg_name = to.as_ptr().cast_mut().cast();
        message.msg_namelen = to.len() as _;
    }
    if !control.is_empty() {
        message.msg_control = control.as_ptr().cast_mut().cast();
        message.msg_controllen = control.len() as _;
    }
    // SAFETY: every pointer is to a slice that outlives the call; the kernel only reads them.
    let sent = check(unsafe { libc::sendmsg(fd.as_raw_fd(), &raw const message, flags) as libc::c_long })?;
    Ok(sent as usize)
}

fn socket(domain: i32, style: i32, protocol: i32) -> io::Result<OwnedFd> {
    // SAFETY: numbers only.
    let fd = check(unsafe { libc::socket(domain, style | libc::SOCK_CLOEXEC, protocol) }.into())?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Sends a datagram from an address that is not ours. Needs NET_RAW, which root has in a container.
///
/// # Errors
/// `EPERM` without the capability.
pub fn send_as(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> io::Result<()> {
    match (send_bound(plain(from), plain(to), payload), plain(from), plain(to)) {
        // Someone in this network namespace owns the address; only a packet made by hand can bear it as well.
        (Err(taken), SocketAddr::V4(from), SocketAddr::V4(to))
            if taken.kind() == io::ErrorKind::AddrInUse =>
        {
            send_raw(from, to, payload)
        }
        (result, ..) => result,
    }
}

fn send_bound(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> io::Result<()> {
    let (domain, level, transparent) = match from.ip() {
        IpAddr::V4(_) => (libc::AF_INET, libc::SOL_IP, libc::IP_TRANSPARENT),
        IpAddr::V6(_) => (libc::AF_INET6, libc::SOL_IPV6, libc::IPV6_TRANSPARENT),
    };
    let socket = socket(domain, libc::SOCK_DGRAM, 0)?;
    set_option(socket.as_fd(), level, transparent, 1)?;
    bind(socket.as_fd(), from)?;
    send(socket.as_fd(), payload, &encode(to), &[], 0)?;
    Ok(())
}

fn send_raw(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> io::Result<()> {
    const IP_HEADER: usize = 20;
    const UDP_HEADER: usize = 8;
    let socket = socket(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_RAW)?;
    let length = u16::try_from(UDP_HEADER + payload.len())
        .map_err(|_| io::Error::from_raw_os_error(libc::EMSGSIZE))?;
    let mut packet = vec![0u8; IP_HEADER + UDP_HEADER];
    // Version, header length, life time, protocol and addresses; the kernel fills in length and checksum.
    packet[0] = 0x45;
    packet[8] = 64;
    packet[9] = libc::IPPROTO_UDP as u8;
    packet[12..16].copy_from_slice(&from.ip().octets());
    packet[16..20].copy_from_slice(&to.ip().octets());
    // No UDP checksum: over IPv4 it is optional, and this packet never leaves the machine.
    packet[20..22].copy_from_slice(&from.port().to_be_bytes());
    packet[22..24].copy_from_slice(&to.port().to_be_bytes());
    packet[24..26].copy_from_slice(&length.to_be_bytes());
    packet.extend_from_slice(payload);
    send(socket.as_fd(), &packet, &encode(SocketAddrV4::new(*to.ip(), 0).into()), &[], 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_survives_its_encoding(ip in any::<[u8; 16]>(), v4: bool, port: u16, scope: u32) {
            let address: SocketAddr = if v4 {
                SocketAddrV4::new(Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]), port).into()
            } else {
                SocketAddrV6::new(Ipv6Addr::from(ip), port, 0, scope).into()
            };
            let raw = encode(address);
            prop_assert_eq!(decode(&raw, family(&raw)), Some(address));
        }

        #[test]
        fn any_bytes_are_read_without_panic(raw in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&raw, family(&raw));
            let _ = decode(&raw, libc::AF_INET6);
        }
    }
}
