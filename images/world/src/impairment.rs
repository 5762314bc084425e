//! Packets on their way from the task ENI to the outside that are late or lost.
//!
//! They are sent to a hardware address that nobody has, picked up outside, and sent once more from the task's end of the
//! link, to the gateway this time. With each goes the kernel's note of what is left to do for it (checksum, cutting into
//! segments), so a packet comes out as it went in.

use crate::kernel::{attach_filter, bind_to_link, carry_offload};
use crate::refusals::step;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, send, setsockopt, socket, sockopt};
use proofhouse_wire::relay::{Effect, Impairment};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The hardware address that stands for this way (locally administered).
pub const HARDWARE: [u8; 6] = [0x02, 0, 0, 0, 0xfa, 2];

/// Length of the kernel's note, `struct virtio_net_hdr`.
const NOTE: usize = 10;
const ETHERNET: usize = 14;
const LONGEST: usize = NOTE + ETHERNET + 65_536;
/// As many packets wait at most; the next ones are lost, as with `netem`'s default limit.
const MOST_WAITING: usize = 1000;
/// Bytes that the kernel may keep until they are picked up.
const ROOM: usize = 16 << 20;
/// Packets taken together before those that are due get their turn.
const TOGETHER: usize = 64;

/// Both ends of the way.
pub struct Way {
    /// Held as a UDP socket, whose `recv` is the plain system call and all that is used of it.
    capture: UdpSocket,
    inject: OwnedFd,
    gateway: [u8; 6],
}

/// An impairment that acts until this is dropped; what waits is lost then.
pub struct Running(JoinHandle<()>);

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Now,
    Later(Duration),
    Never,
}

/// Decides what becomes of packets.
struct Judge {
    effect: Effect,
    flows_percent: u8,
    flows: RandomState,
    chance: u64,
}

/// Packets that wait, the one that is due first on top; those due at once in the order in which they came.
#[derive(Default)]
struct Waiting {
    packets: BinaryHeap<Reverse<(Instant, u64, Vec<u8>)>>,
    count: u64,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Way {
    /// Picks up at the link of that index in the calling thread's namespace, and sends by a packet socket of the task's at
    /// the link `near`, to the gateway's hardware address.
    pub fn open(far: u32, inject: OwnedFd, near: u32, gateway: [u8; 6]) -> io::Result<Self> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let capture = socket(AddressFamily::Packet, SockType::Raw, flags, None)?;
        attach_filter(capture.as_fd(), &filter())?;
        // Under load a burst has to wait for this process. Where the kernel does not grant so much, its usual room has to do.
        let _ = setsockopt(&capture, sockopt::RcvBufForce, &ROOM);
        carry_offload(capture.as_fd())?;
        bind_to_link(capture.as_fd(), far, libc::ETH_P_IP as u16)?;
        carry_offload(inject.as_fd())?;
        bind_to_link(inject.as_fd(), near, 0)?;
        Ok(Way { capture: UdpSocket::from_std(capture.into())?, inject, gateway })
    }

    /// Sends a packet on. One that the link has no room for is lost, as any packet may be.
    fn pass(&self, packet: &[u8]) {
        let _ = send(self.inject.as_raw_fd(), packet, MsgFlags::empty());
    }
}

/// Begins to impair.
pub fn start(way: Way, impairment: &Impairment) -> Running {
    let mut judge = Judge::new(impairment);
    Running(tokio::task::spawn_local(async move {
        let mut waiting = Waiting::default();
        let mut buffer = vec![0; LONGEST];
        loop {
            let due = waiting.due();
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                received = way.capture.recv(&mut buffer) => {
                    // An error is that of a link that went down; the next packet is not concerned.
                    let packet = received.map(|length| &mut buffer[..length]).unwrap_or_default();
                    if packet.len() >= NOTE + ETHERNET {
                        packet[NOTE..NOTE + 6].copy_from_slice(&way.gateway);
                        match judge.fate(&packet[NOTE + ETHERNET..]) {
                            Fate::Now => way.pass(packet),
                            Fate::Later(delay) => waiting.add(Instant::now() + delay, packet),
                            Fate::Never => {}
                        }
                    }
                }
            }
            for packet in waiting.take_due(Instant::now()) {
                way.pass(&packet);
            }
        }
    }))
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Judge {
    fn new(impairment: &Impairment) -> Self {
        let flows = RandomState::new();
        let chance = flows.hash_one("chance");
        Judge { effect: impairment.effect, flows_percent: impairment.flows_percent, flows, chance }
    }

    /// Of an IPv4 packet.
    fn fate(&mut self, packet: &[u8]) -> Fate {
        if self.share_of_the_flow(packet) >= u64::from(self.flows_percent) {
            return Fate::Now;
        }
        match self.effect {
            Effect::Loss { percent } => {
                if self.roll(100) < u64::from(percent) {
                    Fate::Never
                } else {
                    Fate::Now
                }
            }
            Effect::Delay { milliseconds, jitter } => {
                let (middle, jitter) = (u64::from(milliseconds) * 1000, u64::from(jitter) * 1000);
                let offset = self.roll(2 * jitter + 1);
                let micros = (middle + offset).saturating_sub(jitter);
                Fate::Later(Duration::from_micros(micros))
            }
        }
    }

    /// 0 to 99, the same for all packets of one flow: protocol, addresses, and ports where there are any.
    fn share_of_the_flow(&self, packet: &[u8]) -> u64 {
        let mut hasher = self.flows.build_hasher();
        let length = packet.first().map_or(0, |first| usize::from(first & 0x0f) * 4);
        hasher.write(packet.get(9..10).unwrap_or_default());
        hasher.write(packet.get(12..20).unwrap_or_default());
        hasher.write(packet.get(length..length + 4).unwrap_or_default());
        hasher.finish() % 100
    }

    /// A number below `bound`, by the generator `splitmix64`.
    fn roll(&mut self, bound: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

impl Waiting {
    fn due(&self) -> Option<Instant> {
        self.packets.peek().map(|Reverse((due, ..))| *due)
    }

    fn add(&mut self, due: Instant, packet: &[u8]) {
        if self.packets.len() < MOST_WAITING {
            self.packets.push(Reverse((due, self.count, packet.to_vec())));
            self.count += 1;
        }
    }

    fn take_due(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let mut taken = Vec::new();
        while taken.len() < TOGETHER && self.due().is_some_and(|due| due <= now) {
            taken.extend(self.packets.pop().map(|Reverse((.., packet))| packet));
        }
        taken
    }
}

/// What is sent to [`HARDWARE`]. Offsets count from the Ethernet head.
fn filter() -> [libc::sock_filter; 6] {
    let load = |size: u32, at: u32| step(libc::BPF_LD | size | libc::BPF_ABS, at, 0, 0);
    let jump = |value: u32, no| step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, 0, no);
    let [a, b, c, d, e, f] = HARDWARE;
    [
        load(libc::BPF_W, 0),
        jump(u32::from_be_bytes([a, b, c, d]), 3),
        load(libc::BPF_H, 4),
        jump(u32::from(u16::from_be_bytes([e, f])), 1),
        step(libc::BPF_RET | libc::BPF_K, u32::MAX, 0, 0),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(effect: Effect, flows_percent: u8) -> Judge {
        let (sources, spared) = (Vec::new(), Vec::new());
        Judge::new(&Impairment { effect, sources, spared, flows_percent })
    }

    fn packet(port: u16) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 42, 7, 203, 0, 113, 9];
        packet.extend(port.to_be_bytes());
        packet.extend([0x01, 0xbb]);
        packet
    }

    #[test]
    fn as_many_packets_are_lost_as_the_percentage_says() {
        let lost = |percent| {
            let mut judge = judge(Effect::Loss { percent }, 100);
            (0..10_000).filter(|_| judge.fate(&packet(40_000)) == Fate::Never).count()
        };
        assert_eq!(lost(100), 10_000);
        assert_eq!(lost(0), 0);
        assert!((2_500..3_500).contains(&lost(30)), "{}", lost(30));
    }

    #[test]
    fn a_delay_stays_within_its_jitter_and_is_never_negative() {
        let mut judge = judge(Effect::Delay { milliseconds: 100, jitter: 20 }, 100);
        let mut delays = Vec::new();
        for _ in 0..10_000 {
            match judge.fate(&packet(40_000)) {
                Fate::Later(delay) => delays.push(delay),
                other => panic!("{other:?}"),
            }
        }
        let (least, most) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
        assert!((80..83).contains(&least.as_millis()), "{least:?}");
        assert!((117..121).contains(&most.as_millis()), "{most:?}");
        let mut early = self::judge(Effect::Delay { milliseconds: 1, jitter: 50 }, 100);
        for _ in 0..1000 {
            assert!(
                matches!(early.fate(&packet(1)), Fate::Later(delay) if delay <= Duration::from_millis(51))
            );
        }
    }

    #[test]
    fn a_part_of_the_flows_is_concerned_and_each_flow_wholly_or_not_at_all() {
        let mut judge = judge(Effect::Loss { percent: 100 }, 40);
        let mut concerned = 0;
        for port in 1..=5000 {
            let first = judge.fate(&packet(port));
            assert!((0..5).all(|_| judge.fate(&packet(port)) == first));
            concerned += usize::from(first == Fate::Never);
        }
        assert!((1_700..2_300).contains(&concerned), "{concerned}");
    }

    #[test]
    fn what_waits_comes_out_when_it_is_due_and_in_order() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut waiting = Waiting::default();
        for (due, packet) in [(30, b"c"), (10, b"a"), (10, b"b")] {
            waiting.add(at(due), packet);
        }
        assert_eq!(waiting.due(), Some(at(10)));
        assert_eq!(waiting.take_due(at(9)), Vec::<Vec<u8>>::new());
        assert_eq!(waiting.take_due(at(10)), [b"a", b"b"]);
        assert_eq!(waiting.take_due(at(31)), [b"c"]);
        for _ in 0..2 * MOST_WAITING {
            waiting.add(at(40), b"d");
        }
        assert_eq!(waiting.packets.len(), MOST_WAITING);
    }

    #[test]
    fn no_packet_is_too_short_to_be_judged() {
        let mut judge = judge(Effect::Loss { percent: 50 }, 50);
        let whole = packet(40_000);
        for length in 0..whole.len() {
            judge.fate(&whole[..length]);
        }
    }
}
