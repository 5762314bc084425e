use super::*;
use crate::outside::InProcess;
use crate::services::Entry;
use proofhouse_protocol::observation::{Recorder, Recording};
use proptest::prelude::*;
use std::sync::Mutex;

#[derive(Default)]
struct Seen(Mutex<Vec<Recording>>);

impl Recorder for Seen {
    fn record(&self, recording: Recording) {
        self.0.lock().unwrap().push(recording);
    }
}

fn zone() -> Zone {
    let many = (0..100).map(|last| IpAddr::from([203, 0, 113, last]));
    let mut zone = Zone::default().with("*.example.com", ["203.0.113.10".parse().unwrap()]).unwrap();
    zone.insert("many.test", Entry::Addresses(many.collect())).unwrap();
    zone.insert("www.test", Entry::Alias("api.example.com".to_owned())).unwrap();
    zone.insert("broken.test", Entry::Fails).unwrap();
    zone.insert("silent.test", Entry::Silent).unwrap();
    zone
}

fn query(name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = Message::new(77, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message.to_vec().unwrap()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

async fn started(addresses: &[&str]) -> (Arc<InProcess>, Resolver, Arc<Seen>) {
    let place = Arc::new(InProcess::default());
    let seen = Arc::new(Seen::default());
    let addresses: Vec<_> = addresses.iter().map(|text| address(text)).collect();
    let outside: Arc<dyn Outside> = Arc::clone(&place) as _;
    let resolver = Resolver::start(outside, &addresses, zone(), Arc::clone(&seen) as _).await.unwrap();
    (place, resolver, seen)
}

async fn ask_udp(place: &InProcess, server: &str, query: Vec<u8>) -> Message {
    let socket = place.bind_udp(address("10.0.42.7:0")).await.unwrap();
    let local = socket.local();
    socket.send(Datagram { peer: address(server), local, data: query.into() }).unwrap();
    let answer = socket.receive().await.unwrap();
    assert_eq!(answer.peer, address(server), "the answer comes from where the question went");
    Message::from_vec(&answer.data).unwrap()
}

async fn ask_tcp(place: &InProcess, server: &str, query: Vec<u8>) -> Message {
    let mut stream = place.connect_tcp(address("10.0.42.7:0"), address(server)).await.unwrap();
    stream.write_u16(query.len() as u16).await.unwrap();
    stream.write_all(&query).await.unwrap();
    let length = stream.read_u16().await.unwrap();
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

#[tokio::test]
async fn a_question_is_answered_from_the_address_it_went_to_and_recorded() {
    let (place, _resolver, seen) = started(&["10.0.42.2:53", "0.0.0.0:53"]).await;
    for server in ["10.0.42.2:53", "8.8.8.8:53"] {
        let answer = ask_udp(&place, server, query("API.example.com.", RecordType::A)).await;
        assert_eq!(answer.metadata.id, 77);
        assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
        assert_eq!(answer.answers[0].data, RData::A(A([203, 0, 113, 10].into())));
        assert_eq!(answer.answers[0].name.to_ascii(), "API.example.com.", "as it was asked");
    }
    let seen = seen.0.lock().unwrap();
    let Observation::DnsQuestion { client, server, transport, name, record, answer } = &seen[1].observation
    else {
        panic!("{seen:?}");
    };
    assert!(client.starts_with("10.0.42.7:"));
    assert_eq!((server.as_str(), *transport), ("8.8.8.8:53", Transport::Udp));
    assert_eq!((name.as_str(), record.as_str(), answer.as_str()), ("api.example.com", "A", "203.0.113.10"));
}

#[tokio::test]
async fn a_long_answer_is_truncated_over_udp_and_whole_over_tcp() {
    let (place, _resolver, _) = started(&["10.0.42.2:53"]).await;
    let short = ask_udp(&place, "10.0.42.2:53", query("many.test.", RecordType::A)).await;
    assert!(short.metadata.truncation && short.answers.is_empty());
    let whole = ask_tcp(&place, "10.0.42.2:53", query("many.test.", RecordType::A)).await;
    assert!(!whole.metadata.truncation);
    assert_eq!(whole.answers.len(), 100);
}

#[tokio::test]
async fn what_is_not_there_fails_or_has_no_such_record_is_said_so() {
    let (place, resolver, _) = started(&["10.0.42.2:53"]).await;
    let code = async |name: &str, kind| {
        ask_udp(&place, "10.0.42.2:53", query(name, kind)).await.metadata.response_code
    };
    assert_eq!(code("evil.test.", RecordType::A).await, ResponseCode::NXDomain);
    assert_eq!(code("broken.test.", RecordType::A).await, ResponseCode::ServFail);
    let no_data = ask_udp(&place, "10.0.42.2:53", query("api.example.com.", RecordType::AAAA)).await;
    assert_eq!((no_data.metadata.response_code, no_data.answers.len()), (ResponseCode::NoError, 0));
    let alias = ask_udp(&place, "10.0.42.2:53", query("www.test.", RecordType::A)).await;
    assert_eq!(alias.answers.len(), 2);
    resolver.change(|zone| zone.insert("evil.test", Entry::Addresses(vec![])).unwrap());
    assert_eq!(code("evil.test.", RecordType::A).await, ResponseCode::NoError);
}

#[test]
fn silence_and_noise() {
    let silent = answer(&zone(), &query("silent.test.", RecordType::A));
    assert!(silent.message.is_none());
    assert_eq!(silent.question.unwrap().2, "no answer");
    let noise = answer(&zone(), &[1, 2, 0, 0, 0, 9, 0]).message.unwrap();
    assert_eq!((noise.metadata.id, noise.metadata.response_code), (0x0102, ResponseCode::FormErr));
    let response = Message::response(7, OpCode::Query).to_vec().unwrap();
    assert!(answer(&zone(), &response).message.is_none(), "answers to answers would never end");
}

proptest! {
    #[test]
    fn any_bytes_get_an_answer_or_none_and_the_answer_is_theirs(
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
        id in any::<u16>(),
    ) {
        let mut query = id.to_be_bytes().to_vec();
        query.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        query.extend(&bytes);
        if let Some(message) = answer(&zone(), &query).message {
            prop_assert_eq!(message.metadata.id, id);
            prop_assert!(fit(&message, 512).len() <= 512);
        }
    }

    #[test]
    fn a_name_that_the_zone_takes_can_be_asked_for_and_be_an_alias(name in "[A-Za-z0-9_*.-]{1,40}") {
        let mut zone = Zone::default();
        if zone.insert("alias.test", Entry::Alias(name.clone())).is_ok() {
            zone.insert(&name, Entry::Addresses(vec![[192, 0, 2, 1].into()])).unwrap();
            let reply = answer(&zone, &query("alias.test.", RecordType::A)).message.unwrap();
            prop_assert_eq!(reply.answers.len(), 2, "{:?}", reply);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn late_answers_come_and_hold_up_no_other() {
    let (place, resolver, _) = started(&["10.0.42.2:53"]).await;
    resolver.be_late(Duration::from_secs(3));
    let began = tokio::time::Instant::now();
    let ask = || ask_udp(&place, "10.0.42.2:53", query("api.example.com", RecordType::A));
    let (one, other) = tokio::join!(ask(), ask());
    assert!(!one.answers.is_empty() && !other.answers.is_empty());
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    ask_tcp(&place, "10.0.42.2:53", query("api.example.com", RecordType::A)).await;
    assert_eq!(began.elapsed(), Duration::from_secs(6));
}
