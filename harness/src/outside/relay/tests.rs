//! The harness's end against a scripted agent.

use super::RelayOutside;
use crate::loss::Losses;
use crate::outside::{Outside, OutsideError, WorldNetwork};
use bytes::{Bytes, BytesMut};
use proofhouse_protocol::observation::{Observation, Pipeline, Recorder, Recording, Source};
use proofhouse_wire::relay::flow::WINDOW;
use proofhouse_wire::relay::{Decoder, Frame, Message};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

struct Agent {
    stream: DuplexStream,
    decoder: Decoder,
}

impl Agent {
    async fn next(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return frame;
            }
            assert_ne!(self.stream.read_buf(self.decoder.room(4096)).await.unwrap(), 0, "the harness let go");
        }
    }

    async fn say(&mut self, channel: u32, message: Message) {
        let mut bytes = BytesMut::new();
        Frame::new(channel, message).encode(&mut bytes);
        self.stream.write_all(&bytes).await.unwrap();
    }
}

/// What is said to be lost.
#[derive(Clone, Default)]
struct Lost(Arc<Mutex<Vec<u64>>>);

impl Recorder for Lost {
    fn record(&self, recording: Recording) {
        if let Observation::Lost { pipeline: Pipeline::Relay, count, .. } = recording.observation {
            self.0.lock().unwrap().push(count);
        }
    }
}

async fn connect(script: impl AsyncFnOnce(&mut Agent)) -> (Result<RelayOutside, OutsideError>, Agent) {
    connect_losing(Lost::default(), script).await
}

async fn connect_losing(
    lost: Lost,
    script: impl AsyncFnOnce(&mut Agent),
) -> (Result<RelayOutside, OutsideError>, Agent) {
    let losses = Losses::new(Arc::new(lost), Source::Outside("world".to_owned()));
    let (near, far) = tokio::io::duplex(1024 * 1024);
    let (read, write) = tokio::io::split(near);
    let mut agent = Agent { stream: far, decoder: Decoder::default() };
    let network = WorldNetwork::default();
    let (outside, ()) =
        tokio::join!(RelayOutside::connect(read, write, &network, losses), script(&mut agent));
    (outside, agent)
}

async fn configured() -> (RelayOutside, Agent) {
    configured_losing(Lost::default()).await
}

async fn configured_losing(lost: Lost) -> (RelayOutside, Agent) {
    let (outside, agent) = connect_losing(lost, async |agent| {
        let frame = agent.next().await;
        assert_eq!(frame.message, Message::Configure(Box::default()));
        agent.say(frame.channel, Message::Done).await;
    })
    .await;
    (outside.unwrap(), agent)
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_refused_configuration_is_told_in_the_agents_words() {
    let (outside, _) = connect(async |agent| {
        let channel = agent.next().await.channel;
        agent.say(channel, Message::Failed { errno: 1, text: "needs CAP_NET_ADMIN".to_owned() }).await;
    })
    .await;
    let error = outside.err().unwrap();
    assert_eq!(error.to_string(), "the world agent refused its configuration: needs CAP_NET_ADMIN");
}

#[tokio::test]
async fn an_end_or_noise_instead_of_an_answer_is_told() {
    let (outside, _) = connect(async |agent| agent.stream.shutdown().await.unwrap()).await;
    assert!(
        matches!(outside.err().unwrap(), OutsideError::Gone(why) if why.contains("the world container ended"))
    );
    let (outside, _) =
        connect(async |agent| agent.stream.write_all(b"exec format error").await.unwrap()).await;
    assert!(matches!(outside.err().unwrap(), OutsideError::Gone(why) if why.contains("is broken: frame of")));
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_says_nothing_is_given_up() {
    let (outside, _) = connect(async |_| {}).await;
    assert!(matches!(outside.err().unwrap(), OutsideError::Silent(_)));
}

#[tokio::test]
async fn no_more_is_sent_than_there_is_credit_for_and_what_is_read_is_credited() {
    let (outside, mut agent) = configured().await;
    let opening = outside.connect_tcp(address("203.0.113.7:0"), address("10.0.42.7:80"));
    let (stream, channel) = tokio::join!(opening, async {
        let channel = agent.next().await.channel;
        agent.say(channel, Message::Opened(address("203.0.113.7:5"))).await;
        channel
    });
    let mut stream = stream.unwrap();
    let window = WINDOW as usize;
    let sent = vec![7; window + 1];
    let (written, ()) = tokio::join!(stream.write_all(&sent), async {
        let mut seen = 0;
        while seen < window {
            let Message::Data(data) = agent.next().await.message else { panic!("data were sent") };
            seen += data.len();
        }
        assert_eq!(seen, window, "the last byte waits for credit");
        agent.say(channel, Message::Credit(10)).await;
        assert_eq!(agent.next().await.message, Message::Data(Bytes::from_static(&[7])));
    });
    written.unwrap();

    agent.say(channel, Message::Data(vec![1; window / 2].into())).await;
    agent.say(channel, Message::Finish).await;
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await.unwrap();
    assert_eq!(read.len(), window / 2);
    let Message::Credit(credit) = agent.next().await.message else { panic!("credit is given back") };
    assert!(credit >= WINDOW / 4);
}

#[tokio::test]
async fn a_reset_breaks_a_connection_and_a_call_given_up_is_closed() {
    let (outside, mut agent) = configured().await;
    let listening = outside.listen_tcp(address("1.1.1.1:443"));
    let (listener, channel) = tokio::join!(listening, async {
        let channel = agent.next().await.channel;
        agent.say(channel, Message::Opened(address("1.1.1.1:443"))).await;
        channel
    });
    let mut listener = listener.unwrap();
    let (peer, local) = (address("10.0.42.7:5"), address("1.1.1.1:443"));
    agent.say(channel, Message::Accepted { channel: 2, peer, local }).await;
    agent.say(2, Message::Data(Bytes::from_static(b"last words"))).await;
    agent.say(2, Message::Reset { errno: 104 }).await;
    let mut stream = listener.accept().await.unwrap().stream;
    let mut words = [0; 10];
    stream.read_exact(&mut words).await.unwrap();
    assert_eq!(stream.read(&mut words).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(stream.write(&words).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    drop(stream);
    assert_eq!(agent.next().await, Frame::new(2, Message::Close));

    // A connection that is accepted just when its listener is dropped is closed, and so is the listener.
    drop(listener);
    assert_eq!(agent.next().await, Frame::new(channel, Message::Close));
    agent.say(channel, Message::Accepted { channel: 4, peer, local }).await;
    assert_eq!(agent.next().await, Frame::new(4, Message::Close));

    let call = outside.wait_listening(80, std::time::Duration::from_millis(1));
    assert_eq!(call.await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    let asked = agent.next().await;
    assert_eq!(asked.message, Message::AwaitListening(80));
    assert_eq!(agent.next().await, Frame::new(asked.channel, Message::Close));
}

#[tokio::test]
async fn datagrams_that_nobody_takes_are_counted_and_said_to_be_lost() {
    let lost = Lost::default();
    let (outside, mut agent) = configured_losing(lost.clone()).await;
    let here = address("10.0.42.2:53");
    let bind = async {
        let frame = agent.next().await;
        agent.say(frame.channel, Message::Opened(here)).await;
        frame.channel
    };
    let (socket, channel) = tokio::join!(outside.bind_udp(here), bind);
    let socket = socket.unwrap();
    let come = async |agent: &mut Agent, count: usize| {
        for _ in 0..count {
            let datagram = Message::Datagram { peer: here, local: here, data: Bytes::from_static(b"q") };
            agent.say(channel, datagram).await;
        }
        agent.say(channel, Message::Lost { count: 7, why: "the kernel's".to_owned() }).await;
    };
    let said = async |count: usize| {
        while lost.0.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
        lost.0.lock().unwrap().clone()
    };
    come(&mut agent, 4096 + 10).await;
    assert_eq!(said(2).await, [1, 7]);
    socket.receive().await.unwrap();
    come(&mut agent, 1).await;
    assert_eq!(said(4).await, [1, 7, 9, 7]);
    assert_eq!(socket.dropped(), 10);
}

#[tokio::test]
async fn a_stream_that_is_no_relays_is_a_loss_and_an_end_in_order_is_none() {
    for (last, expected) in [(&b"what is this, then?"[..], vec![0]), (b"", vec![])] {
        let lost = Lost::default();
        let (outside, mut agent) = configured_losing(lost.clone()).await;
        agent.stream.write_all(last).await.unwrap();
        drop(agent);
        assert!(outside.ping().await.is_err());
        assert_eq!(*lost.0.lock().unwrap(), expected);
    }
}
