//! The calls on packet sockets that have no safe form in a library.
#![expect(unsafe_code, reason = "each hands the kernel a pointer to a structure")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Attaches a classic packet filter, so that the socket only receives what it accepts.
pub fn attach_filter(socket: BorrowedFd<'_>, filter: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(io::Error::other)?,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program during the call and writes to neither it nor its instructions; both live
    // until the call returns, and the length given is that of the structure.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            std::ptr::from_ref(&program).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// How many packets a packet socket has dropped for want of room since this was asked last.
pub fn packets_dropped(socket: BorrowedFd<'_>) -> io::Result<u32> {
    // `struct tpacket_stats`: packets, drops.
    let mut statistics = [0_u32; 2];
    let mut length = size_of_val(&statistics) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes, which is the size of the array, and the length itself.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            statistics.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if result == 0 { Ok(statistics[1]) } else { Err(io::Error::last_os_error()) }
}

/// Binds a packet socket to a link; it then receives packets of that protocol (`ETH_P_*`; 0 for none) from there.
pub fn bind_to_link(socket: BorrowedFd<'_>, index: u32, protocol: u16) -> io::Result<()> {
    let address = libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: protocol.to_be(),
        sll_ifindex: i32::try_from(index).map_err(io::Error::other)?,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    // SAFETY: the kernel reads the structure during the call, and the length given is the structure's.
    let result = unsafe {
        libc::bind(
            socket.as_raw_fd(),
            std::ptr::from_ref(&address).cast(),
            size_of::<libc::sockaddr_ll>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Puts a `struct virtio_net_hdr` in front of every packet of a packet socket, both ways: what the kernel has left for the
/// network card to do.
pub fn carry_offload(socket: BorrowedFd<'_>) -> io::Result<()> {
    // linux/if_packet.h
    const PACKET_VNET_HDR: libc::c_int = 15;
    let on: libc::c_int = 1;
    // SAFETY: the kernel reads the number during the call, and the length given is the number's.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            PACKET_VNET_HDR,
            std::ptr::from_ref(&on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
