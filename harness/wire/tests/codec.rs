//! The codec: what is encoded is decoded, however the stream is cut; what is not a stream of frames is refused.

use bytes::{Bytes, BytesMut};
use proofhouse_wire::relay::codec::MAX_BODY;
use proofhouse_wire::relay::{
    Blackhole, CodecError, Decoder, Direction, Effect, Faults, Frame, Impairment, Message, Refusal, Subnet,
    Transport, WorldNetwork,
};
use proptest::prelude::*;
use std::net::{IpAddr, SocketAddr};

fn address() -> impl Strategy<Value = SocketAddr> {
    (any::<IpAddr>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(ip, port))
}

fn data() -> impl Strategy<Value = Bytes> {
    proptest::collection::vec(any::<u8>(), 0..300).prop_map(Bytes::from)
}

fn transport() -> impl Strategy<Value = Transport> {
    prop_oneof![Just(Transport::Tcp), Just(Transport::Udp)]
}

fn network() -> impl Strategy<Value = WorldNetwork> {
    (any::<std::net::Ipv4Addr>(), any::<[u8; 6]>(), ".*", any::<u32>()).prop_map(|(ip, mac, name, mtu)| {
        WorldNetwork { eni_address: ip, eni_hardware: mac, hostname: name, mtu, ..WorldNetwork::default() }
    })
}

fn subnets() -> impl Strategy<Value = Vec<Subnet>> {
    let subnet = (any::<std::net::Ipv4Addr>(), 0u8..=32)
        .prop_map(|(address, prefix)| Subnet::new(address, prefix).expect("no prefix above 32"));
    proptest::collection::vec(subnet, 0..4)
}

fn faults() -> impl Strategy<Value = Faults> {
    let direction = prop_oneof![Just(Direction::Ingress), Just(Direction::Egress)];
    let blackhole = (direction, transport(), any::<u16>(), subnets())
        .prop_map(|(direction, transport, port, spared)| Blackhole { direction, transport, port, spared });
    let effect = prop_oneof![
        (any::<u32>(), any::<u32>())
            .prop_map(|(milliseconds, jitter)| Effect::Delay { milliseconds, jitter }),
        any::<u8>().prop_map(|percent| Effect::Loss { percent }),
    ];
    let impairment =
        (effect, subnets(), subnets(), any::<u8>()).prop_map(|(effect, sources, spared, flows_percent)| {
            Impairment { effect, sources, spared, flows_percent }
        });
    (proptest::collection::vec(blackhole, 0..3), proptest::option::of(impairment))
        .prop_map(|(blackholes, impairment)| Faults { blackholes, impairment })
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        network().prop_map(|network| Message::Configure(Box::new(network))),
        address().prop_map(Message::ListenTcp),
        address().prop_map(Message::BindUdp),
        (address(), address()).prop_map(|(source, destination)| Message::ConnectTcp { source, destination }),
        ".*".prop_map(Message::ConnectUnix),
        any::<u16>().prop_map(Message::AwaitListening),
        Just(Message::ListSockets),
        Just(Message::WatchRefusals),
        faults().prop_map(|faults| Message::SetFaults(Box::new(faults))),
        Just(Message::Ping),
        Just(Message::Done),
        address().prop_map(Message::Opened),
        (any::<i32>(), ".*").prop_map(|(errno, text)| Message::Failed { errno, text }),
        address().prop_map(Message::Listening),
        ".*".prop_map(Message::Listing),
        (any::<u32>(), address(), address()).prop_map(|(channel, peer, local)| Message::Accepted {
            channel,
            peer,
            local
        }),
        (transport(), address(), address())
            .prop_map(|(transport, client, server)| Message::Refused(Refusal { transport, client, server })),
        (any::<u64>(), ".*").prop_map(|(count, why)| Message::Lost { count, why }),
        (address(), address(), data()).prop_map(|(peer, local, data)| Message::Datagram {
            peer,
            local,
            data
        }),
        data().prop_map(Message::Data),
        any::<u32>().prop_map(Message::Credit),
        Just(Message::Finish),
        any::<i32>().prop_map(|errno| Message::Reset { errno }),
        Just(Message::Close),
    ]
}

fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let frame = (any::<u32>(), message()).prop_map(|(channel, message)| Frame { channel, message });
    proptest::collection::vec(frame, 0..12)
}

fn encode(frames: &[Frame]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for frame in frames {
        frame.encode(&mut bytes);
    }
    bytes
}

proptest! {
    #[test]
    fn frames_come_out_as_they_went_in_however_the_stream_is_cut(
        frames in frames(),
        cut in 1usize..200,
    ) {
        let bytes = encode(&frames);
        let mut decoder = Decoder::default();
        let mut seen = Vec::new();
        for piece in bytes.chunks(cut) {
            decoder.extend(piece);
            while let Some(frame) = decoder.next_frame().expect("our own frames") {
                seen.push(frame);
            }
        }
        prop_assert_eq!(seen, frames);
    }

    #[test]
    fn a_frame_without_its_last_byte_is_not_a_frame_yet(frames in frames()) {
        prop_assume!(!frames.is_empty());
        let bytes = encode(&frames);
        let mut decoder = Decoder::default();
        decoder.extend(&bytes[..bytes.len() - 1]);
        let mut seen = 0;
        while decoder.next_frame().expect("our own frames").is_some() {
            seen += 1;
        }
        prop_assert_eq!(seen, frames.len() - 1);
    }

    #[test]
    fn any_bytes_are_frames_or_an_error_and_never_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        kind in 0u8..40,
        length in 0u8..40,
    ) {
        let mut framed = vec![kind, 0, 0, 0, 1, 0, 0, 0, length];
        framed.extend(&bytes);
        let mut decoder = Decoder::default();
        decoder.extend(&framed);
        while let Ok(Some(_)) = decoder.next_frame() {}
    }
}

#[test]
fn a_stream_that_is_no_relay_is_refused_at_its_first_head() {
    let mut decoder = Decoder::default();
    decoder.extend(b"HTTP/1.1 200 OK\r\n");
    assert!(matches!(decoder.next_frame(), Err(CodecError::TooLong { .. })));
}

#[test]
fn an_unknown_kind_is_named() {
    let mut decoder = Decoder::default();
    decoder.extend(&[99, 0, 0, 0, 1, 0, 0, 0, 0]);
    assert_eq!(decoder.next_frame(), Err(CodecError::UnknownKind { kind: 99 }));
}

#[test]
fn a_listing_longer_than_a_frame_is_cut_at_a_character() {
    let text = "é".repeat(MAX_BODY);
    let mut decoder = Decoder::default();
    decoder.extend(&encode(&[Frame::new(1, Message::Listing(text.clone()))]));
    let Ok(Some(Frame { message: Message::Listing(cut), .. })) = decoder.next_frame() else {
        panic!("a listing was sent");
    };
    assert!(cut.len() < MAX_BODY && text.starts_with(&cut));
}
