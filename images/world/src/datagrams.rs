//! A UDP socket outside. It may be bound to every address at once; then each datagram says where it was sent to, and the
//! answer goes out from there.

use crate::channels::{Channels, Inbox};
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

/// A datagram that came.
struct Datagram {
    /// Far address.
    peer: SocketAddr,
    /// Near address.
    local: SocketAddr,
    data: Bytes,
    /// How many the kernel had dropped before it, since the socket was bound, for want of room.
    dropped: u32,
}

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
    let mut dropped = 0;
    loop {
        tokio::select! {
            message = inbox.recv() => match message {
                Some(Message::Datagram { peer, local, data }) => send(&socket, peer, local, &data).await,
                Some(Message::Close) | None => return,
                Some(_) => {}
            },
            (permit, datagram) = async { (channel.datagram_permit().await, receive(&socket, &mut buffer).await) } => {
                // An error here is an ICMP answer to something sent before; the next datagram is not concerned.
                if let Ok(datagram) = datagram {
                    let lost = datagram.dropped.wrapping_sub(dropped);
                    dropped = datagram.dropped;
                    if lost > 0 {
                        let why = format!("datagrams for {} came faster than they were read", datagram.local);
                        channel.send(Message::Lost { count: lost.into(), why });
                    }
                    let Datagram { peer, local, data, .. } = datagram;
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
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    bind(socket.as_raw_fd(), &SockaddrIn::from(address))?;
    UdpSocket::from_std(socket.into())
}

async fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Datagram> {
    let port = socket.local_addr()?.port();
    socket
        .async_io(Interest::READABLE, || {
            let mut control = nix::cmsg_space!(libc::in_pktinfo, u32);
            let mut slices = [IoSliceMut::new(buffer)];
            let received = recvmsg::<SockaddrIn>(
                socket.as_raw_fd(),
                &mut slices,
                Some(&mut control),
                MsgFlags::empty(),
            )?;
            let peer = received.address.ok_or(io::ErrorKind::InvalidData)?;
            let (mut local, mut dropped) = (None, 0);
            for message in received.cmsgs()? {
                match message {
                    ControlMessageOwned::Ipv4PacketInfo(info) => {
                        local = Some(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()));
                    }
                    ControlMessageOwned::RxqOvfl(count) => dropped = count,
                    _ => {}
                }
            }
            let length = received.bytes;
            let local = SocketAddr::from((local.ok_or(io::ErrorKind::InvalidData)?, port));
            let peer = SocketAddr::V4(SocketAddrV4::from(peer));
            Ok((peer, local, length, dropped))
        })
        .await
        .map(|(peer, local, length, dropped)| {
            let data = Bytes::copy_from_slice(&buffer[..length]);
            Datagram { peer, local, data, dropped }
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::Outgoing;
    use std::rc::Rc;
    use tokio::task::LocalSet;

    #[test]
    fn what_the_kernel_dropped_is_told_before_what_came_behind_it() {
        const SENT: usize = 20_000;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        LocalSet::new().block_on(&runtime, async {
            let (outgoing, mut frames) = Outgoing::new();
            let channel = Channel::new(1, Rc::new(outgoing));
            let channels = Channels::new();
            let any = "127.0.0.1:0".parse().unwrap();
            channels.start(1, |inbox| carry(any, channel, inbox, channels.clone()));
            let Some(Message::Opened(address)) = frames.recv().await.map(|queued| queued.frame.message)
            else {
                panic!("not opened");
            };
            let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            // Nobody reads meanwhile: this thread runs the carrier too.
            for _ in 0..SENT {
                sender.send_to(&[0; 512], address).unwrap();
            }
            let (mut came, mut lost) = (0, 0);
            let mut behind = false;
            loop {
                match frames.recv().await.unwrap().frame.message {
                    Message::Datagram { data, .. } if data.len() == 1 => break,
                    Message::Datagram { .. } => came += 1,
                    Message::Lost { count, .. } => lost += count as usize,
                    other => panic!("{other:?}"),
                }
                if !behind && came > 0 {
                    // The kernel tells its count with the next datagram for which there is room.
                    behind = sender.send_to(&[0], address).is_ok();
                }
            }
            assert!(lost > 0 && came > 0, "{lost} lost, {came} came");
            assert!(came + lost >= SENT, "{came} came and {lost} are lost of {SENT}");
        });
    }
}
