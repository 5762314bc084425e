//! A firewall between a raw client and a raw application, on loopback.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

use proofhouse_protocol::FirewallAudit;
use proofhouse_protocol::link::{CloudMetadata, PolicyRevision};
use proofhouse_protocol::{RuntimePolicy, Semantics};
use proofhouse_waas::{Clock, ReCaptchaService, SystemClock, Waas, WaasConfig, WaasError, system_resolver};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// No wait of a test is longer.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// What the application does with a request.
#[derive(Clone)]
pub enum Answer {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, then whatever comes is sent back.
    Echo(Vec<u8>),
    /// Nothing, until the sender is used or gone.
    After(Arc<tokio::sync::Notify>, Vec<u8>),
}

/// An application that records requests as they were on the wire.
pub struct App {
    pub port: u16,
    pub requests: Arc<Mutex<Vec<Vec<u8>>>>,
    pub connections: Arc<std::sync::atomic::AtomicUsize>,
}

impl App {
    pub async fn start(answer: impl Fn(&[u8]) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let connections: Arc<std::sync::atomic::AtomicUsize> = Arc::default();
        let (log, count, answer) = (Arc::clone(&requests), Arc::clone(&connections), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { port, requests, connections }
    }

    /// Answers every request with 200 and `hello`.
    pub async fn hello() -> Self {
        Self::start(|_| {
            Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: app\r\n\r\nhello".to_vec())
        })
        .await
    }

    pub fn seen(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|r| String::from_utf8_lossy(r).into_owned()).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<Vec<u8>>>>,
    answer: Arc<impl Fn(&[u8]) -> Answer + Send + Sync + 'static>,
) {
    let mut buffer = Vec::new();
    loop {
        let Some(length) = whole_request(&mut stream, &mut buffer).await else {
            return;
        };
        let request: Vec<u8> = buffer.drain(..length).collect();
        log.lock().unwrap().push(request.clone());
        match answer(&request) {
            Answer::Bytes(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Answer::After(gate, bytes) => {
                gate.notified().await;
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Answer::Echo(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let (mut read, mut write) = stream.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
                return;
            }
        }
    }
}

/// Length of the next request once all of it is here.
async fn whole_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<usize> {
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n").map(|at| at + 4) {
            let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
            let length = match head.split("content-length: ").nth(1) {
                Some(rest) => Some(rest.split("\r\n").next()?.parse::<usize>().ok()?),
                None if head.contains("transfer-encoding: chunked") => find(&buffer[end..], b"0\r\n")
                    .and_then(|last| find(&buffer[end + last..], b"\r\n\r\n").map(|at| last + at + 4)),
                None => Some(0),
            };
            if let Some(length) = length.filter(|length| buffer.len() >= end + length) {
                return Some(end + length);
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

pub fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

/// A port that is free now.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("[::]:0")
        .or_else(|_| std::net::TcpListener::bind("0.0.0.0:0"))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

pub struct Edge {
    pub waas: Waas,
    pub audits: mpsc::Receiver<FirewallAudit>,
    pub port: u16,
}

impl Edge {
    pub async fn start(app: u16, spec: Value) -> Self {
        Self::start_with_clock(app, spec, Arc::new(SystemClock)).await
    }

    pub async fn start_with_clock(app: u16, spec: Value, clock: Arc<dyn Clock>) -> Self {
        let (edge, loading) = Self::start_loading(super::crs_directory(), app, spec, clock).await;
        loading.await.unwrap();
        edge
    }

    /// With a database of countries.
    pub async fn start_located(app: u16, spec: Value) -> Self {
        let database = Some(super::geo_database());
        let (edge, loading) =
            Self::start_configured(super::crs_directory(), database, app, spec, Arc::new(SystemClock)).await;
        loading.await.unwrap();
        edge
    }

    /// With its ports open, and the rule set still on its way.
    pub async fn start_loading(
        crs_directory: PathBuf,
        app: u16,
        spec: Value,
        clock: Arc<dyn Clock>,
    ) -> (Self, impl Future<Output = Result<(), WaasError>>) {
        Self::start_configured(crs_directory, None, app, spec, clock).await
    }

    pub async fn start_configured(
        crs_directory: PathBuf,
        geo_database: Option<PathBuf>,
        app: u16,
        spec: Value,
        clock: Arc<dyn Clock>,
    ) -> (Self, impl Future<Output = Result<(), WaasError>>) {
        let service = ReCaptchaService::default();
        Self::start_with(crs_directory, geo_database, service, app, spec, clock).await
    }

    /// With a service that says whether the question of reCAPTCHA was answered.
    pub async fn start_asking(service: &str, app: u16, spec: Value, clock: Arc<dyn Clock>) -> Self {
        let (directory, service) = (super::crs_directory(), service.parse().unwrap());
        let (edge, loading) = Self::start_with(directory, None, service, app, spec, clock).await;
        loading.await.unwrap();
        edge
    }

    async fn start_with(
        crs_directory: PathBuf,
        geo_database: Option<PathBuf>,
        re_captcha: ReCaptchaService,
        app: u16,
        spec: Value,
        clock: Arc<dyn Clock>,
    ) -> (Self, impl Future<Output = Result<(), WaasError>>) {
        let (sender, audits) = mpsc::channel(10_000);
        let config = WaasConfig {
            app_id: "task:0123456789abcdef".into(),
            version: "34.04.145".into(),
            cloud: CloudMetadata {
                provider: "aws".into(),
                region: "eu-west-1".into(),
                account_id: "123456789012".into(),
                cluster: "main".into(),
                resource_id: "0123".into(),
            },
            crs_directory,
            geo_database,
            re_captcha,
            resolve: system_resolver,
        };
        let (waas, loading) = Waas::start_with_clock(config, sender, clock);
        let edge = Self { waas, audits, port: free_port() };
        edge.waas.apply(&revision(json!([rule(edge.port, app, spec)]))).await.unwrap();
        (edge, loading)
    }

    /// Everything decided until now.
    pub async fn audits(&mut self) -> Vec<FirewallAudit> {
        tokio::time::timeout(DEADLINE, self.waas.flush()).await.unwrap();
        let mut found = Vec::new();
        while let Ok(audit) = self.audits.try_recv() {
            found.push(audit);
        }
        found
    }

    /// One exchange on a connection of its own; the answer as on the wire.
    pub async fn raw(&self, request: impl AsRef<[u8]>) -> String {
        raw(self.port, request).await
    }
}

pub async fn raw(port: u16, request: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    answer(&mut stream).await
}

/// One answer by its `Content-Length`, or all until the end; with the hints before it.
pub async fn answer(stream: &mut TcpStream) -> String {
    let read = async {
        let mut bytes = Vec::new();
        let mut start = 0;
        loop {
            let end_of_head = |from: usize| find(&bytes[from..], b"\r\n\r\n").map(|at| from + at + 4);
            while bytes[start..].starts_with(b"HTTP/1.1 103")
                && let Some(end) = end_of_head(start)
            {
                start = end;
            }
            if let Some(end) = end_of_head(start) {
                let head = String::from_utf8_lossy(&bytes[start..end]).to_lowercase();
                if head.starts_with("http/1.1 100") || head.starts_with("http/1.1 101") {
                    break;
                }
                if let Some(length) = head.split("content-length: ").nth(1) {
                    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
                    if bytes.len() >= end + length {
                        break;
                    }
                }
                if head.contains("\r\ntransfer-encoding: chunked\r\n") && bytes.ends_with(b"0\r\n\r\n") {
                    break;
                }
            }
            // A reset ends an answer too, when the other side has said all.
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    tokio::time::timeout(DEADLINE, read).await.expect("an answer in time")
}

/// A rule with one app; `spec` adds to it.
pub fn rule(exposed: u16, internal: u16, spec: Value) -> Value {
    let mut app = json!({"appID": "app-1", "apiSpec": {"endpoints": [
        {"host": "*", "basePath": "*", "exposedPort": exposed, "internalPort": internal}]}});
    for (key, value) in spec.as_object().unwrap() {
        app[key] = value.clone();
    }
    json!({"name": "rule", "collections": [{"name": "c", "appIDs": ["task*"]}], "applicationsSpec": [app],
        "readTimeoutSeconds": 1})
}

pub fn revision(rules: Value) -> PolicyRevision {
    PolicyRevision {
        revision: 1,
        runtime: serde_json::from_value::<RuntimePolicy>(json!({"_id": "appEmbeddedRuntime", "rules": []}))
            .unwrap(),
        waas: serde_json::from_value(json!({"_id": "appEmbeddedAppFirewall", "rules": rules})).unwrap(),
        semantics: Semantics::current(),
    }
}

/// All protections with one effect.
pub fn all(effect: &str) -> Value {
    let protection = json!({"effect": effect});
    json!({"sqli": protection, "xss": protection, "cmdi": protection, "codeInjection": protection,
        "lfi": protection, "attackTools": protection, "shellshock": protection, "malformedReq": protection})
}

/// Value of a header in an answer.
pub fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(": ")?;
        known.eq_ignore_ascii_case(name).then_some(value)
    })
}
