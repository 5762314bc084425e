//! A UDP socket outside. It may be bound to every address at once; then each datagram says where it was sent to, and the
//! answer goes out from there.

use crate::dispatcher::{Channels, Inbox};
use crate::outgoing::Channel;
use crate::reply::{already_in_use, failed};
use bytes::Bytes;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrIn, bind,
    recvmsg, sendmsg, setsockopt, socket, sockopt,
};
use proofhouse_wire::relay::{Message, Transport};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::AsRawFd;
use tokio::io::Interest;
use tokio::net::UdpSocket;

const LONGEST: usize = 65_536;

/// A datagram: far address, near address, payload.
type Datagram = (SocketAddr, SocketAddr, Bytes);

/// Carries datagrams both ways until the harness closes the channel.
pub async fn carry(address: SocketAddr, channel: Channel, mut inbox: Inbox, channels: Channels) {
    let Some(_claim) = channels.claim(Transport::Udp, address) else {
        return channel.send(failed(&format!("cannot bind UDP {address}"), &already_in_use()));
    };
    let socket = match open(address).and_then(|socket| Ok((socket.local_addr()?, socket))) {
        Ok((local, socket)) => {
            channel.send(Message::Opened(local));
            socket
        }
        Err(error) => return channel.send(failed(&format!("cannot bind UDP {address}"), &error)),
    };
    let mut buffer = vec![0; LONGEST];
    loop {
        tokio::select! {
            message = inbox.recv() => match message {
                Some(Message::Datagram { peer, local, data }) => send(&socket, peer, local, &data).await,
                Some(Message::Close) | None => return,
                Some(_) => {}
            },
            (permit, datagram) = async { (channel.datagram_permit().await, receive(&socket, &mut buffer).await) } => {
                // An error here is an ICMP answer to something sent before; the next datagram is not concerned.
                if let Ok((peer, local, data)) = datagram {
                    channel.send_with(Message::Datagram { peer, local, data }, permit);
                }
            }
        }
    }
}

fn open(address: SocketAddr) -> io::Result<UdpSocket> {
    let SocketAddr::V4(address) = address else {
        return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(AddressFamily::Inet, SockType::Datagram, flags, None)?;
    // As with listeners: one socket for all addresses beside sockets at single ones.
    setsockopt(&socket, sockopt::ReusePort, &true)?;
    setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(address))?;
    UdpSocket::from_std(socket.into())
}

async fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Datagram> {
    let port = socket.local_addr()?.port();
    socket
        .async_io(Interest::READABLE, || {
            let mut control = nix::cmsg_space!(libc::in_pktinfo);
            let mut slices = [IoSliceMut::new(buffer)];
            let received = recvmsg::<SockaddrIn>(
                socket.as_raw_fd(),
                &mut slices,
                Some(&mut control),
                MsgFlags::empty(),
            )?;
            let peer = received.address.ok_or(io::ErrorKind::InvalidData)?;
            let local = received.cmsgs()?.find_map(|message| match message {
                ControlMessageOwned::Ipv4PacketInfo(info) => {
                    Some(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()))
                }
                _ => None,
            });
            let length = received.bytes;
            let local = SocketAddr::from((local.ok_or(io::ErrorKind::InvalidData)?, port));
            let peer = SocketAddr::V4(SocketAddrV4::from(peer));
            Ok((peer, local, length))
        })
        .await
        .map(|(peer, local, length)| (peer, local, Bytes::copy_from_slice(&buffer[..length])))
}

async fn send(socket: &UdpSocket, peer: SocketAddr, local: SocketAddr, data: &[u8]) {
    let (SocketAddr::V4(peer), SocketAddr::V4(local)) = (peer, local) else { return };
    let source = libc::in_addr { s_addr: u32::from_ne_bytes(local.ip().octets()) };
    let information =
        libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: source, ipi_addr: libc::in_addr { s_addr: 0 } };
    let sent = socket.async_io(Interest::WRITABLE, || {
        let control = [ControlMessage::Ipv4PacketInfo(&information)];
        let slices = [IoSlice::new(data)];
        let target = SockaddrIn::from(peer);
        Ok(sendmsg(socket.as_raw_fd(), &slices, &control, MsgFlags::empty(), Some(&target))?)
    });
    // A datagram that cannot be sent is lost, as datagrams may be; the far side's retry is its own business.
    let _ = sent.await;
}
