//! HTTP/2 end to end: to an application that speaks it and to one that does not, and what comes before an answer.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

mod common;

use bytes::Bytes;
use common::proxy::{Answer, App, DEADLINE, Edge, all, header, raw, revision, rule};
use futures_util::future::join_all;
use h2::RecvStream;
use h2::server::SendResponse;
use hyper::{HeaderMap, Request, Response};
use serde_json::json;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio::time::timeout;

/// An application that speaks HTTP/2 and nothing else.
struct Http2App {
    port: u16,
    connections: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<Request<()>>>>,
}

type Respond = SendResponse<Bytes>;

impl Http2App {
    async fn start<F>(answer: impl Fn(RecvStream, Respond) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), h2::Error>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, heads) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<Request<()>>>>::default());
        let app = Self { port, connections: Arc::clone(&connections), heads: Arc::clone(&heads) };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (answer, heads) = (answer.clone(), Arc::clone(&heads));
                tokio::spawn(async move {
                    let mut connection = h2::server::handshake(socket).await?;
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        let (parts, body) = request.into_parts();
                        heads.lock().unwrap().push(Request::from_parts(parts, ()));
                        tokio::spawn(answer(body, respond));
                    }
                    Ok::<(), h2::Error>(())
                });
            }
        });
        app
    }

    /// Sends the body back, with a trailer.
    async fn echo() -> Self {
        Self::start(|mut body, mut respond| async move {
            let mut out = respond.send_response(Response::new(()), false)?;
            while let Some(data) = body.data().await {
                out.send_data(data?, false)?;
            }
            out.send_trailers(HeaderMap::from_iter([("told-by".parse().unwrap(), "app".parse().unwrap())]))
        })
        .await
    }
}

/// A firewall whose endpoint has `http2`.
async fn edge(app: u16) -> Edge {
    let edge = Edge::start(app, json!({})).await;
    let mut spec = all("prevent");
    spec["apiSpec"] = json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app, "http2": true}]});
    edge.waas.apply(&revision(json!([rule(edge.port, app, spec)]))).await.unwrap();
    edge
}

type Sender = h2::client::SendRequest<Bytes>;

async fn connect(port: u16) -> Sender {
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (sender, connection) = h2::client::handshake(socket).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// What came of one request: early answers, the answer, its body and its trailers.
struct Got {
    early: Vec<Response<()>>,
    answer: Response<()>,
    body: Vec<u8>,
    trailers: Option<HeaderMap>,
}

async fn ask(sender: &Sender, request: Request<()>, body: &'static [u8]) -> Result<Got, h2::Error> {
    let mut sender = sender.clone().ready().await?;
    let (mut answer, mut stream) = sender.send_request(request, body.is_empty())?;
    if !body.is_empty() {
        stream.send_data(Bytes::from_static(body), true)?;
    }
    let mut early = Vec::new();
    let answer = poll_fn(|context| {
        while let std::task::Poll::Ready(Some(Ok(told))) = answer.poll_informational(context) {
            early.push(told);
        }
        pin!(&mut answer).poll(context)
    });
    let (parts, mut rest) = timeout(DEADLINE, answer).await.unwrap()?.into_parts();
    let mut body = Vec::new();
    while let Some(data) = rest.data().await {
        let data = data?;
        rest.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    let trailers = rest.trailers().await?;
    Ok(Got { early, answer: Response::from_parts(parts, ()), body, trailers })
}

fn request(port: u16, path: &str) -> Request<()> {
    Request::post(format!("http://shop.example.site:{port}{path}")).body(()).unwrap()
}

#[tokio::test]
async fn an_application_of_http2_gets_http2_from_every_client() {
    let app = Http2App::echo().await;
    let edge = edge(app.port).await;
    let sender = connect(edge.port).await;
    let got = ask(&sender, request(edge.port, "/a?b=c"), b"a body").await.unwrap();
    assert_eq!((got.answer.status().as_u16(), got.body.as_slice()), (200, &b"a body"[..]));
    assert_eq!(got.trailers.unwrap()["told-by"], "app");
    let answer = raw(
        edge.port,
        "POST /old HTTP/1.1\r\nHost: shop.example.site\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\r\n5\r\nhello\r\n"), "{answer}");
    let attack = ask(&sender, request(edge.port, "/?id=1'%20or%20'1'='1"), b"").await.unwrap();
    assert_eq!(attack.answer.status(), 403);
    let heads = app.heads.lock().unwrap();
    let uris: Vec<String> = heads.iter().map(|head| head.uri().to_string()).collect();
    assert_eq!(
        uris,
        [format!("http://shop.example.site:{}/a?b=c", edge.port), "http://shop.example.site/old".into()]
    );
    assert_eq!(heads[0].headers()["x-forwarded-for"], "127.0.0.1");
    assert_eq!(app.connections.load(Ordering::SeqCst), 1, "all requests share a connection");
}

#[tokio::test]
async fn streams_of_one_connection_go_on_beside_each_other() {
    // None is answered before all have come.
    let all = Arc::new(Barrier::new(40));
    let app = Http2App::start(move |_, mut respond| {
        let all = Arc::clone(&all);
        async move {
            all.wait().await;
            respond.send_response(Response::new(()), true).map(drop)
        }
    })
    .await;
    let edge = edge(app.port).await;
    let sender = connect(edge.port).await;
    let asked = (0..40).map(|at| ask(&sender, request(edge.port, &format!("/{at}")), b"x"));
    for got in timeout(DEADLINE, join_all(asked)).await.unwrap() {
        assert_eq!(got.unwrap().answer.status(), 200);
    }
    assert_eq!(app.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_application_of_http1_is_asked_once_and_gets_http1() {
    let app = App::hello().await;
    let edge = edge(app.port).await;
    let sender = connect(edge.port).await;
    for _ in 0..3 {
        let got = ask(&sender, request(edge.port, "/"), b"a body").await.unwrap();
        assert_eq!((got.answer.status().as_u16(), got.body.as_slice()), (200, &b"hello"[..]));
    }
    let seen = app.seen();
    let asked = seen.iter().filter(|head| head.starts_with("PRI * HTTP/2.0")).count();
    assert!(asked <= 1, "{seen:?}");
    assert_eq!(seen.iter().filter(|head| head.starts_with("POST / HTTP/1.1")).count(), 3, "{seen:?}");
}

#[tokio::test]
async fn an_application_that_is_started_anew_is_asked_anew() {
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = first.local_addr().unwrap().port();
    let old = tokio::spawn(async move {
        loop {
            let (mut stream, _) = first.accept().await.unwrap();
            tokio::spawn(async move {
                use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
                let mut buffer = [0; 1000];
                let _ = stream.read(&mut buffer).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nold";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    let edge = edge(port).await;
    let sender = connect(edge.port).await;
    assert_eq!(ask(&sender, request(edge.port, "/"), b"").await.unwrap().body, b"old");
    old.abort();
    let _ = old.await;
    assert_eq!(ask(&sender, request(edge.port, "/"), b"").await.unwrap().answer.status(), 502);
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], port).into()).unwrap();
    let listener = socket.listen(10).unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let mut out: h2::SendStream<Bytes> = respond.send_response(Response::new(()), false).unwrap();
            out.send_data(Bytes::from_static(b"new"), true).unwrap();
        }
    });
    assert_eq!(ask(&sender, request(edge.port, "/"), b"").await.unwrap().body, b"new");
}

#[tokio::test]
async fn an_answer_that_does_not_wait_for_the_body_comes_whole() {
    let app = Http2App::start(|body, mut respond| async move {
        let mut out = respond.send_response(Response::new(()), false)?;
        out.send_data(Bytes::from_static(b"enough"), true)?;
        drop(body);
        Ok(())
    })
    .await;
    let edge = edge(app.port).await;
    let mut spec = json!({"body": {"inspectionSizeBytes": 1000, "inspectionLimitExceededEffect": "disable"}});
    spec["apiSpec"] =
        json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app.port, "http2": true}]});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    let mut sender = connect(edge.port).await.ready().await.unwrap();
    let (answer, mut stream) = sender.send_request(request(edge.port, "/"), false).unwrap();
    // More than is inspected, and no end.
    stream.send_data(Bytes::from(vec![b'a'; 5000]), false).unwrap();
    let mut body = timeout(DEADLINE, answer).await.unwrap().unwrap().into_body();
    assert_eq!(timeout(DEADLINE, body.data()).await.unwrap().unwrap().unwrap(), "enough");
    assert!(
        timeout(DEADLINE, body.data()).await.unwrap().is_none_or(|end| end.is_ok_and(|end| end.is_empty()))
    );
}

#[tokio::test]
async fn a_long_body_goes_both_ways_no_faster_than_it_is_read() {
    let app = Http2App::start(|mut body, mut respond| async move {
        let mut out = respond.send_response(Response::new(()), false)?;
        while let Some(data) = body.data().await {
            let data = data?;
            body.flow_control().release_capacity(data.len())?;
            out.send_data(data, false)?;
        }
        out.send_data(Bytes::new(), true)
    })
    .await;
    let edge = edge(app.port).await;
    let sender = connect(edge.port).await;
    let long: &'static [u8] = vec![b'a'; 8 << 20].leak();
    let got = ask(&sender, request(edge.port, "/"), long).await.unwrap();
    assert!(got.body == long, "{} bytes", got.body.len());
}

#[tokio::test]
async fn hints_of_both_protocols_come_before_the_answer_in_both() {
    let http2 = Http2App::start(|_, mut respond| async move {
        for link in ["</a.css>", "</b.js>"] {
            respond
                .send_informational(Response::builder().status(103).header("link", link).body(()).unwrap())?;
        }
        respond.send_response(Response::new(()), true).map(drop)
    })
    .await;
    let http1 = App::start(|_| {
        Answer::Bytes(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b.js>\r\nConnection: link2\r\nLink2: x\r\n\r\n\
              HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                .to_vec(),
        )
    })
    .await;
    for port in [http2.port, http1.port] {
        let edge = edge(port).await;
        let sender = connect(edge.port).await;
        let got = ask(&sender, request(edge.port, "/"), b"").await.unwrap();
        let links: Vec<_> =
            got.early.iter().map(|early| (early.status().as_u16(), &early.headers()["link"])).collect();
        assert_eq!(links, [(103, &"</a.css>".parse().unwrap()), (103, &"</b.js>".parse().unwrap())]);
        assert!(got.early.iter().all(|early| early.headers().len() == 1));
        assert_eq!(got.answer.status(), 200);

        let answer = raw_until_end(edge.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b.js>\r\n\r\nHTTP/1.1 200 OK\r\n";
        assert!(answer.starts_with(hints), "{answer}");
        // Clients of HTTP/1.0 know of no such answers.
        let answer = raw_until_end(edge.port, "GET / HTTP/1.0\r\nHost: h\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!answer.contains("103"));
    }
}

#[tokio::test]
async fn a_hint_goes_out_at_once() {
    let gate = Arc::new(tokio::sync::Notify::new());
    let held = Arc::clone(&gate);
    let app = Http2App::start(move |_, mut respond| {
        let held = Arc::clone(&held);
        async move {
            respond.send_informational(
                Response::builder().status(103).header("link", "</a>").body(()).unwrap(),
            )?;
            held.notified().await;
            respond.send_response(Response::new(()), true).map(drop)
        }
    })
    .await;
    let edge = edge(app.port).await;
    let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let mut hint = [0; 40];
    timeout(DEADLINE, stream.read_exact(&mut hint)).await.unwrap().unwrap();
    assert_eq!(hint, *b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    gate.notify_one();
    let answer = timeout(DEADLINE, common::proxy::answer(&mut stream)).await.unwrap();
    assert!(header(&answer, "content-length").is_some_and(|length| length == "0"), "{answer}");
}

async fn raw_until_end(port: u16, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8(answer).unwrap()
}
