//! gRPC through the firewall: HTTP/2 on both sides, messages judged one by one, trailers as the application sent them.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

mod common;

use bytes::Bytes;
use common::proxy::{DEADLINE, Edge, all, revision, rule};
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

type Frames = Result<Frame<Bytes>, Infallible>;

/// A message with one text.
fn message(text: &[u8]) -> Bytes {
    let mut body = vec![0x0a];
    let mut length = text.len();
    while length >= 0x80 {
        body.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    body.push(u8::try_from(length).unwrap());
    body.extend_from_slice(text);
    framed(&body)
}

fn framed(body: &[u8]) -> Bytes {
    [&[0][..], &u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat().into()
}

/// An application that sends back what comes, as it comes, with trailers, and records it.
struct App {
    port: u16,
    got: Arc<Mutex<Vec<u8>>>,
    heads: Arc<Mutex<Vec<HeaderMap>>>,
}

impl App {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let got: Arc<Mutex<Vec<u8>>> = Arc::default();
        let heads: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
        let app = Self { port, got: Arc::clone(&got), heads: Arc::clone(&heads) };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (got, heads) = (Arc::clone(&got), Arc::clone(&heads));
                let service = service_fn(move |request: Request<Incoming>| {
                    heads.lock().unwrap().push(request.headers().clone());
                    let answer = echo(request.into_body(), Arc::clone(&got));
                    async move { Ok::<_, Infallible>(answer) }
                });
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                tokio::spawn(server.serve_connection(TokioIo::new(socket), service));
            }
        });
        app
    }

    fn got(&self) -> Vec<u8> {
        self.got.lock().unwrap().clone()
    }
}

fn echo(
    body: Incoming,
    got: Arc<Mutex<Vec<u8>>>,
) -> Response<StreamBody<impl futures_util::Stream<Item = Frames> + use<>>> {
    let frames = stream::unfold(Some(body), move |body| {
        let got = Arc::clone(&got);
        async move {
            let mut body = body?;
            match body.frame().await {
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap_or_default();
                    got.lock().unwrap().extend_from_slice(&data);
                    Some((Ok(Frame::data(data)), Some(body)))
                }
                Some(Err(_)) => None,
                None => {
                    let mut trailers = HeaderMap::new();
                    trailers.insert("grpc-status", "0".parse().unwrap());
                    trailers.insert("told-by", "the app".parse().unwrap());
                    Some((Ok(Frame::trailers(trailers)), None))
                }
            }
        }
    });
    let mut response = Response::new(StreamBody::new(frames));
    response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    response
}

async fn edge(app: &App, spec: Value) -> Edge {
    let edge = Edge::start(app.port, json!({})).await;
    let mut spec = spec;
    spec["apiSpec"] =
        json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app.port, "grpc": true}]});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    edge
}

type Body = StreamBody<stream::BoxStream<'static, Frames>>;

async fn connect(port: u16) -> SendRequest<Body> {
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn call(port: u16, kind: &str, body: Body) -> Request<Body> {
    Request::post(format!("http://127.0.0.1:{port}/shop.Orders/Put"))
        .header("content-type", kind)
        .header("te", "trailers")
        .body(body)
        .unwrap()
}

fn whole(messages: &[Bytes]) -> Body {
    let frames: Vec<Frames> = messages.iter().cloned().map(|data| Ok(Frame::data(data))).collect();
    StreamBody::new(Box::pin(stream::iter(frames)))
}

/// A body that is sent piece by piece.
fn pieces() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel::<Bytes>(10);
    let frames = stream::unfold(receiver, |mut receiver| async move {
        Some((Ok(Frame::data(receiver.recv().await?)), receiver))
    });
    (sender, StreamBody::new(Box::pin(frames)))
}

const ATTACK: &[u8] = b"1' OR '1'='1";

#[tokio::test]
async fn a_call_passes_with_its_trailers_and_an_attack_in_a_field_does_not() {
    let app = App::start().await;
    let mut edge = edge(&app, all("prevent")).await;
    let mut sender = connect(edge.port).await;

    let sent = message(b"two of the red ones");
    let answer = sender
        .send_request(call(edge.port, "application/grpc", whole(std::slice::from_ref(&sent))))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let answer = answer.into_body().collect().await.unwrap();
    assert_eq!(answer.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(answer.trailers().unwrap()["told-by"], "the app");
    assert_eq!(answer.to_bytes(), sent);
    assert_eq!(app.heads.lock().unwrap()[0]["te"], "trailers");
    assert_eq!(app.got(), sent);

    let answer =
        sender.send_request(call(edge.port, "application/grpc", whole(&[message(ATTACK)]))).await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(app.got(), sent, "the attack did not reach the app");
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 1);
    assert_eq!((audits[0].kind.as_str(), audits[0].attack_field.key.as_str()), ("sqli", "/1"));
}

#[tokio::test]
async fn what_is_no_grpc_is_inspected_on_such_an_endpoint_too() {
    let app = App::start().await;
    let edge = edge(&app, all("prevent")).await;
    let mut sender = connect(edge.port).await;
    let json = Bytes::from_static(br#"{"id": "1' OR '1'='1"}"#);
    for kind in ["application/json", "application/grpc, application/json"] {
        let answer =
            sender.send_request(call(edge.port, kind, whole(std::slice::from_ref(&json)))).await.unwrap();
        assert_eq!(answer.status(), 403, "{kind}");
    }
    assert!(app.got().is_empty());
}

#[tokio::test]
async fn each_message_of_a_stream_is_judged_before_it_goes_on() {
    let app = App::start().await;
    let mut edge = edge(&app, all("prevent")).await;
    let mut sender = connect(edge.port).await;
    let (pieces, body) = pieces();
    let (first, second) = (message(b"the first"), message(b"the second"));
    pieces.send(first.clone()).await.unwrap();
    let answer = sender.send_request(call(edge.port, "application/grpc", body)).await.unwrap();
    let mut answer = answer.into_body();
    assert_eq!(next(&mut answer).await.unwrap(), first);
    // In two pieces: what is not whole waits.
    let (start, end) = (second.slice(..7), second.slice(7..));
    pieces.send(start).await.unwrap();
    assert!(timeout(Duration::from_millis(100), answer.frame()).await.is_err());
    pieces.send(end).await.unwrap();
    assert_eq!(next(&mut answer).await.unwrap(), second);
    pieces.send(message(ATTACK)).await.unwrap();
    assert!(next(&mut answer).await.is_none(), "the call ends");
    assert_eq!(app.got(), [first, second].concat());
    let audits = edge.audits().await;
    assert_eq!(audits.iter().map(|audit| audit.kind.as_str()).collect::<Vec<_>>(), ["sqli"]);
}

#[tokio::test]
async fn a_client_may_wait_for_the_app_and_attack_later() {
    let app = App::start().await;
    let edge = edge(&app, all("prevent")).await;
    let mut sender = connect(edge.port).await;
    let (pieces, body) = pieces();
    let answer = timeout(DEADLINE, sender.send_request(call(edge.port, "application/grpc", body))).await;
    let mut answer = answer.unwrap().unwrap().into_body();
    pieces.send(message(ATTACK)).await.unwrap();
    assert!(next(&mut answer).await.is_none());
    assert!(app.got().is_empty());
}

#[tokio::test]
async fn a_message_beyond_the_limit_has_the_effect_of_the_limit() {
    let app = App::start().await;
    let long = message(&vec![b'a'; 5000]);
    for (effect, status) in [("disable", 200), ("prevent", 403)] {
        let body = json!({"inspectionSizeBytes": 1000, "inspectionLimitExceededEffect": effect});
        let edge = edge(&app, json!({"body": body})).await;
        let mut sender = connect(edge.port).await;
        let sent = whole(&[message(b"x"), long.clone(), message(b"y")]);
        let answer = sender.send_request(call(edge.port, "application/grpc", sent)).await;
        if let Ok(answer) = answer {
            assert_eq!(answer.status(), status, "{effect}");
        } else {
            assert_eq!(status, 403);
        }
    }
    let expected = [message(b"x"), long, message(b"y"), message(b"x")].concat();
    assert!(expected.starts_with(&app.got()), "{}", app.got().len());
    assert!(app.got().len() >= expected.len() - message(b"x").len());
}

/// A firewall whose app attaches rules: script, effect.
async fn ruled(app: &App, rules: &[(&str, &str)]) -> Edge {
    let edge = Edge::start(app.port, json!({})).await;
    let mut spec = all("prevent");
    spec["apiSpec"] =
        json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app.port, "grpc": true}]});
    let numbered = || rules.iter().enumerate();
    spec["customRules"] = numbered().map(|(id, (_, effect))| json!({"_id": id, "effect": effect})).collect();
    let mut revision = revision(json!([rule(edge.port, app.port, spec)]));
    let written: Vec<Value> = numbered()
        .map(|(id, (script, _))| {
            json!({"_id": id, "name": format!("rule {id}"), "type": "waas-request", "script": script})
        })
        .collect();
    revision.waas.custom_rules = serde_json::from_value(json!(written)).unwrap();
    edge.waas.apply(&revision).await.unwrap();
    edge
}

/// Sends messages one by one, each behind the answer to the last; whether all came back.
async fn exchange(edge: &Edge, messages: &[&[u8]]) -> bool {
    let mut sender = connect(edge.port).await;
    let (pieces, body) = pieces();
    let answer = timeout(DEADLINE, sender.send_request(call(edge.port, "application/grpc", body))).await;
    let answer = answer.unwrap().unwrap();
    if answer.status() != 200 {
        return false;
    }
    let mut answer = answer.into_body();
    for text in messages {
        pieces.send(message(text)).await.unwrap();
        if next(&mut answer).await.is_none() {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn custom_rules_see_each_message_and_tell_of_the_head_once() {
    let app = App::start().await;
    let rules = [
        (r#"req.path startswith "/shop""#, "alert"),
        (r#"req.body contains "secret""#, "prevent"),
        (r#"req.body_param_values contains "odd""#, "alert"),
    ];
    let mut edge = ruled(&app, &rules).await;
    assert!(exchange(&edge, &[b"one", b"odd", b"three"]).await);
    let told = |audits: Vec<proofhouse_protocol::FirewallAudit>| -> Vec<String> {
        audits.into_iter().map(|audit| audit.msg).collect()
    };
    assert_eq!(told(edge.audits().await), ["rule 0", "rule 2"]);
    assert!(!exchange(&edge, &[b"one", b"two", b"my secret", b"four"]).await);
    assert_eq!(told(edge.audits().await), ["rule 0", "rule 1"]);
    assert!(!String::from_utf8_lossy(&app.got()).contains("secret"));
}

#[tokio::test]
async fn what_a_rule_allows_is_allowed_to_its_last_message() {
    let app = App::start().await;
    let mut edge = ruled(&app, &[(r#"req.path startswith "/shop""#, "allow")]).await;
    assert!(exchange(&edge, &[b"one", ATTACK]).await);
    assert!(edge.audits().await.is_empty());
    let edge = ruled(&app, &[(r#"req.body contains "one""#, "allow")]).await;
    assert!(!exchange(&edge, &[b"one", ATTACK]).await);
}

async fn next(answer: &mut Incoming) -> Option<Bytes> {
    timeout(DEADLINE, answer.frame()).await.unwrap()?.ok()?.into_data().ok()
}
