use super::*;
use crate::outside::InProcess;
use crate::services::{HostResponse, InternetHost};
use proofhouse_protocol::observation::Recorder;
use std::sync::Mutex;

#[derive(Default)]
struct Seen(Mutex<Vec<Recording>>);

impl Recorder for Seen {
    fn record(&self, recording: Recording) {
        self.0.lock().unwrap().push(recording);
    }
}

struct Scene {
    place: Arc<InProcess>,
    client: Client,
    group: Arc<RwLock<SecurityGroup>>,
    seen: Arc<Seen>,
}

fn app() -> SocketAddr {
    "10.0.42.7:8080".parse().unwrap()
}

fn scene() -> Scene {
    let place = Arc::new(InProcess::default());
    let seen = Arc::new(Seen::default());
    let group = Arc::new(RwLock::new(SecurityGroup::allowing("task", [8080])));
    let outside: Arc<dyn Outside> = Arc::clone(&place) as _;
    let source = "203.0.113.7".parse().unwrap();
    let client = Client::new(outside, source, Arc::clone(&group), Arc::clone(&seen) as _);
    Scene { place, client, group, seen }
}

async fn echo(scene: &Scene) -> InternetHost {
    let responder = Arc::new(|request: &crate::services::HostRequest| {
        assert_eq!(request.peer.ip().to_string(), "203.0.113.7");
        HostResponse::text(200, format!("{} {}", request.target, request.token().unwrap_or("-")))
    });
    InternetHost::http(&*scene.place, "app", app(), responder, Arc::clone(&scene.seen) as _).await.unwrap()
}

#[tokio::test]
async fn an_exchange_is_told_by_both_sides_under_its_token() {
    let scene = scene();
    let _app = echo(&scene).await;
    let mut request = HttpRequest::new("GET", "/?q=1");
    request.token = Some("t-9".to_owned());
    let exchange = scene.client.request(app(), &request).await;
    assert_eq!((exchange.status, exchange.body.as_ref()), (Some(200), b"/?q=1 t-9".as_slice()));
    assert_eq!(exchange.header("CONTENT-type"), Some("text/plain"));

    let seen = scene.seen.0.lock().unwrap();
    let [_, by_app, by_client] = seen.as_slice() else { panic!("{seen:#?}") };
    assert_eq!((by_app.token.as_deref(), by_client.token.as_deref()), (Some("t-9"), Some("t-9")));
    let Observation::HttpExchange { body, status, request_headers, .. } = &by_client.observation else {
        panic!("{by_client:?}");
    };
    assert_eq!(body.sha256, sha256(b"/?q=1 t-9"));
    assert_eq!(status, &Some(200));
    assert_eq!(request_headers.last().unwrap(), &("X-Proofhouse-Token".to_owned(), "t-9".to_owned()));
}

#[tokio::test]
async fn many_at_once_each_get_their_own_answer_and_a_session_gets_one_after_the_other() {
    let scene = scene();
    let _app = echo(&scene).await;
    let all = (0..50).map(|number| {
        let client = scene.client.clone();
        async move { client.request(app(), &HttpRequest::new("GET", format!("/{number}"))).await.body }
    });
    let bodies = futures_util::future::join_all(all).await;
    for (number, body) in bodies.iter().enumerate() {
        assert_eq!(body, format!("/{number} -").as_bytes());
    }
    let mut session = scene.client.open(app()).await.unwrap();
    for number in 0..3 {
        let exchange = session.request(&HttpRequest::new("GET", format!("/{number}"))).await;
        assert_eq!(exchange.body, format!("/{number} -").as_bytes());
    }
}

#[tokio::test]
async fn the_group_keeps_out_until_it_is_changed() {
    let scene = scene();
    let _app = echo(&scene).await;
    scene.group.write().unwrap().inbound.clear();
    let exchange = scene.client.request(app(), &HttpRequest::new("GET", "/")).await;
    assert_eq!(exchange.status, None);
    assert!(exchange.error.unwrap().contains("security group \"task\""));
    scene.group.write().unwrap().inbound.insert(8080);
    assert_eq!(scene.client.request(app(), &HttpRequest::new("GET", "/")).await.status, Some(200));
}

#[tokio::test]
async fn silence_is_given_up_in_time_and_nobody_is_told_at_once() {
    let scene = scene();
    let nobody = scene.client.request(app(), &HttpRequest::new("GET", "/")).await;
    assert!(nobody.error.unwrap().contains("refused"));
    let mut listener = scene.place.listen_tcp(app()).await.unwrap();
    let mut request = HttpRequest::new("GET", "/");
    request.within = Duration::from_millis(50);
    let (exchange, accepted) = tokio::join!(scene.client.request(app(), &request), listener.accept());
    assert_eq!(exchange.error.as_deref(), Some("no whole answer within 50ms"));
    drop(accepted);
    let (raw, ()) = tokio::join!(scene.client.raw(app(), b"\x16\x03\x01", Duration::from_secs(5)), async {
        let mut stream = listener.accept().await.unwrap().stream;
        let mut hello = [0; 3];
        stream.read_exact(&mut hello).await.unwrap();
        assert_eq!(hello, [0x16, 3, 1]);
        stream.write_all(b"\x15alert").await.unwrap();
    });
    assert_eq!((raw.received.as_ref(), raw.error), (b"\x15alert".as_slice(), None));
}
