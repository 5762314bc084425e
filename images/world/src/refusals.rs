//! What the task tried to reach outside where nobody listens.
//!
//! The outside's kernel refuses such attempts by itself, with a TCP reset or an ICMP message; those are watched on their
//! way to the task. Resets of established connections are something else, and have no acknowledgement of a SYN. The
//! kernel limits the rate of ICMP messages, so of a burst of datagrams to closed ports only the first are seen.

use crate::channels::Inbox;
use crate::kernel::{attach_filter, packets_dropped};
use crate::outgoing::Channel;
use crate::reply::failed;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use proofhouse_wire::relay::{Message, Refusal, Transport};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use tokio::net::UdpSocket;

const RST: u8 = 0x04;
const ACK: u8 = 0x10;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const PORT_UNREACHABLE: [u8; 2] = [3, 3];

/// Tells of refusals until the harness closes the channel.
pub async fn watch(channel: Channel, mut inbox: Inbox) {
    let packets = match open() {
        Ok(packets) => {
            channel.send(Message::Done);
            packets
        }
        Err(error) => return channel.send(failed("cannot watch the outside's links", &error)),
    };
    let mut buffer = [0; 256];
    let mut unsent = unsent_answers();
    loop {
        tokio::select! {
            message = inbox.recv() => if let Some(Message::Close) | None = message { return },
            length = packets.recv(&mut buffer) => {
                // An error is that of a link that went down; there is nothing to tell.
                let packet = length.map(|length| &buffer[..length]).unwrap_or_default();
                if let Some(refusal) = refusal_in(packet) {
                    tell_losses(&channel, &packets, &mut unsent);
                    channel.send(Message::Refused(refusal));
                }
            }
        }
    }
}

/// What the kernel kept to itself is told before what comes behind it.
fn tell_losses(channel: &Channel, packets: &UdpSocket, unsent: &mut u64) {
    let unseen = packets_dropped(packets.as_fd()).unwrap_or(0);
    if unseen > 0 {
        let why = "packets in which refusals may be came faster than they were read".to_owned();
        channel.send(Message::Lost { count: unseen.into(), why });
    }
    let now = unsent_answers();
    if now > *unsent {
        let why = "the kernel limits how often it says that a datagram was for nobody".to_owned();
        channel.send(Message::Lost { count: now - *unsent, why });
    }
    *unsent = now;
}

/// ICMP messages that the kernel of this thread's namespace has not sent, to keep to its rate.
fn unsent_answers() -> u64 {
    std::fs::read_to_string("/proc/thread-self/net/snmp").map_or(0, |table| kept_back(&table))
}

/// A table of the kernel's: a line of names and a line of numbers for each protocol.
fn kept_back(table: &str) -> u64 {
    let mut lines = table.lines().filter_map(|line| line.strip_prefix("Icmp: "));
    let (Some(names), Some(numbers)) = (lines.next(), lines.next()) else { return 0 };
    let of = names.split(' ').zip(numbers.split(' ')).filter(|(name, _)| name.starts_with("OutRateLimit"));
    of.filter_map(|(_, number)| number.parse::<u64>().ok()).sum()
}

/// A packet socket that sees resets and ICMP messages as they leave the outside. It is held as a UDP socket, whose
/// `recv` is the plain system call and all that is used of it.
fn open() -> io::Result<UdpSocket> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let packets = socket(AddressFamily::Packet, SockType::Datagram, flags, SockProtocol::EthAll)?;
    attach_filter(packets.as_fd(), &filter())?;
    UdpSocket::from_std(packets.into())
}

/// Outgoing IPv4 that is an unfragmented TCP reset, or ICMP. Offsets count from the IP head.
fn filter() -> [libc::sock_filter; 12] {
    let load = |size: u32, at: i32| step(libc::BPF_LD | size | libc::BPF_ABS, at as u32, 0, 0);
    let jump = |test: u32, value: u32, yes, no| step(libc::BPF_JMP | test | libc::BPF_K, value, yes, no);
    [
        load(libc::BPF_W, libc::SKF_AD_OFF + libc::SKF_AD_PKTTYPE),
        jump(libc::BPF_JEQ, u32::from(libc::PACKET_OUTGOING), 0, 9),
        load(libc::BPF_W, libc::SKF_AD_OFF + libc::SKF_AD_PROTOCOL),
        jump(libc::BPF_JEQ, libc::ETH_P_IP as u32, 0, 7),
        load(libc::BPF_B, 9),
        jump(libc::BPF_JEQ, u32::from(ICMP), 4, 0),
        jump(libc::BPF_JEQ, u32::from(TCP), 0, 4),
        step(libc::BPF_LDX | libc::BPF_B | libc::BPF_MSH, 0, 0, 0),
        step(libc::BPF_LD | libc::BPF_B | libc::BPF_IND, 13, 0, 0),
        jump(libc::BPF_JSET, u32::from(RST), 0, 1),
        step(libc::BPF_RET | libc::BPF_K, 256, 0, 0),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, 0),
    ]
}

/// One instruction of a packet filter.
pub fn step(code: u32, k: u32, yes: u8, no: u8) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: yes, jf: no, k }
}

fn refusal_in(packet: &[u8]) -> Option<Refusal> {
    let (head, body) = split_ip(packet)?;
    match head[9] {
        TCP => {
            let refuses_a_syn = *body.get(13)? == RST | ACK && body.get(4..8)? == [0; 4];
            // The packet goes from the server that refuses to the client.
            let (server, client) = endpoints(head, body)?;
            refuses_a_syn.then_some(Refusal { transport: Transport::Tcp, client, server })
        }
        ICMP if body.get(..2)? == PORT_UNREACHABLE => {
            let (head, body) = split_ip(body.get(8..)?)?;
            let (client, server) = endpoints(head, body)?;
            (head[9] == UDP).then_some(Refusal { transport: Transport::Udp, client, server })
        }
        _ => None,
    }
}

fn split_ip(packet: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(packet.first()? & 0x0f) * 4;
    if length < 20 {
        return None;
    }
    packet.split_at_checked(length)
}

fn endpoints(head: &[u8], body: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(head.get(at..at + 4)?).ok()?));
    let port = |at: usize| Some(u16::from_be_bytes(body.get(at..at + 2)?.try_into().ok()?));
    Some(((address(12)?, port(0)?).into(), (address(16)?, port(2)?).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(protocol: u8, source: [u8; 4], destination: [u8; 4], body: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0];
        packet.extend(source);
        packet.extend(destination);
        packet.extend(body);
        packet
    }

    fn tcp(sequence: u32, flags: u8) -> Vec<u8> {
        let mut segment = vec![0x01, 0xbb, 0x80, 0x00];
        segment.extend(sequence.to_be_bytes());
        segment.extend([0, 0, 0, 9, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        segment
    }

    #[test]
    fn a_refused_syn_is_told_with_the_client_first() {
        let packet = ip(TCP, [1, 1, 1, 1], [10, 0, 42, 7], &tcp(0, RST | ACK));
        let refusal = refusal_in(&packet).unwrap();
        assert_eq!(refusal.transport, Transport::Tcp);
        assert_eq!(refusal.client.to_string(), "10.0.42.7:32768");
        assert_eq!(refusal.server.to_string(), "1.1.1.1:443");
    }

    #[test]
    fn the_reset_of_a_connection_is_no_refusal() {
        assert_eq!(refusal_in(&ip(TCP, [1, 1, 1, 1], [10, 0, 42, 7], &tcp(77, RST))), None);
        assert_eq!(refusal_in(&ip(TCP, [1, 1, 1, 1], [10, 0, 42, 7], &tcp(77, RST | ACK))), None);
    }

    #[test]
    fn a_refused_datagram_is_read_from_what_the_icmp_message_quotes() {
        let quoted = ip(UDP, [10, 0, 42, 7], [9, 9, 9, 9], &[0x80, 0, 0, 53, 0, 8, 0, 0]);
        let mut message = vec![3, 3, 0, 0, 0, 0, 0, 0];
        message.extend(quoted);
        let refusal = refusal_in(&ip(ICMP, [9, 9, 9, 9], [10, 0, 42, 7], &message)).unwrap();
        assert_eq!(refusal.transport, Transport::Udp);
        assert_eq!(refusal.client.to_string(), "10.0.42.7:32768");
        assert_eq!(refusal.server.to_string(), "9.9.9.9:53");
    }

    #[test]
    fn what_the_kernel_keeps_back_is_counted() {
        let table =
            "Ip: A B\nIp: 1 2\nIcmp: InMsgs OutRateLimitGlobal OutRateLimitHost OutMsgs\nIcmp: 5 2 3 4\n";
        assert_eq!(kept_back(table), 5);
        assert_eq!(kept_back("Icmp: InMsgs\nIcmp: 5\n"), 0);
        assert_eq!(kept_back(""), 0);
    }

    #[test]
    fn no_packet_is_too_short_to_be_looked_at() {
        let whole = ip(TCP, [1, 1, 1, 1], [10, 0, 42, 7], &tcp(0, RST | ACK));
        for length in 0..34 {
            assert_eq!(refusal_in(&whole[..length]), None, "{length} bytes");
        }
    }
}
