//! How fast the firewall is: the engine alone on one core, and through the proxy.
//!
//! `cargo run --release -p proofhouse-waas --example throughput [CRS directory] [seconds]` prints one JSON object a
//! line: name, value, unit. Through the proxy, clients and application run in the same process; the processor time
//! of all three is divided by the requests, so the figure is a lower bound of what the proxy alone could do.

use proofhouse_protocol::link::{CloudMetadata, PolicyRevision};
use proofhouse_protocol::{RuntimePolicy, Semantics};
use proofhouse_waas::{AttackSet, Detector, Exceptions, RequestView, Waas, WaasConfig};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// A mixed day: pages, searches, forms, JSON, an upload of 8 KiB of text, and one attack in ten.
const REQUESTS: [(&str, &str, &str, &str); 20] = [
    ("GET", "/", "", ""),
    ("GET", "/static/js/main.8c1b2f3d.chunk.js", "", ""),
    ("GET", "/api/v2/products/42/reviews?page=3&per_page=50&sort=-created_at", "", ""),
    ("GET", "/search?q=red+shoes+size+42&category=men%27s+wear", "", ""),
    ("GET", "/search?q=how+to+select+a+union+representative", "", ""),
    ("GET", "/login?next=%2Faccount%2Forders&utm_source=news-letter", "", ""),
    ("GET", "/oauth?redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&state=x1Y2z3&scope=openid+email", "", ""),
    ("GET", "/report?from=2024-01-01T00%3A00%3A00Z&to=2024-02-01&tz=Europe%2FBerlin", "", ""),
    ("GET", "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "", ""),
    ("GET", "/img?w=200&h=100&fit=crop&bg=%23ffffff", "", ""),
    (
        "POST",
        "/login",
        "application/x-www-form-urlencoded",
        "user=jane.doe%40example.com&password=Tr0ub4dor%263",
    ),
    (
        "POST",
        "/comment",
        "application/x-www-form-urlencoded",
        "text=I+don%27t+think+so%3B+it%27s+fine.+See+you+at+5%3A30%21&parent=12",
    ),
    (
        "POST",
        "/orders",
        "application/json",
        r#"{"customer":{"name":"Jane O'Neil","email":"jane@example.com"},"items":[{"sku":"AB-12","qty":2,"note":"gift wrap, please"}],"paid":true}"#,
    ),
    (
        "POST",
        "/graphql",
        "application/json",
        r#"{"query":"query Q($id: ID!) { product(id: $id) { name price } }","variables":{"id":"42"}}"#,
    ),
    ("POST", "/notes", "text/plain", LONG),
    ("GET", "/list?fields=id,name,price&limit=20", "", ""),
    ("GET", "/wiki/Foo_(bar)", "", ""),
    ("GET", "/health", "", ""),
    ("GET", "/?id=%27%20OR%20%271%27%3D%271", "", ""),
    ("GET", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "", ""),
];

/// Stands for 8 KiB of plain text.
const LONG: &str = "\u{0}8192";

const HEADERS: [(&str, &str); 6] = [
    ("Host", "shop.example.com"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Cookie", "sid=9f8a7c66Kd0w; theme=dark; _ga=GA1.2.1234567890.1700000000"),
    ("Referer", "https://shop.example.com/list?page=2&sort=price-asc"),
];

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let directory =
        PathBuf::from(arguments.next().unwrap_or_else(|| "/usr/share/modsecurity-crs".to_owned()));
    let duration = Duration::from_secs(arguments.next().map_or(Ok(5), |text| text.parse())?);
    engine(&directory, duration)?;
    tokio::runtime::Runtime::new()?.block_on(proxy(directory, duration))
}

fn body(text: &str) -> Vec<u8> {
    if text == LONG {
        return b"Dear team, please find the notes of today's meeting below. ".repeat(140)[..8192].to_vec();
    }
    text.as_bytes().to_vec()
}

fn say(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": (value * 100.0).round() / 100.0, "unit": unit}));
}

fn engine(directory: &Path, duration: Duration) -> Result<(), Error> {
    let started = Instant::now();
    let detector = Detector::load(directory)?;
    say("waas rule set load", started.elapsed().as_secs_f64() * 1e3, "ms");
    let bodies: Vec<(Vec<u8>, String)> = REQUESTS
        .iter()
        .map(|(_, _, _, text)| {
            let body = body(text);
            let length = body.len().to_string();
            (body, length)
        })
        .collect();
    let exceptions = Exceptions::default();
    let mut times = Vec::new();
    let mut found = 0usize;
    let started = Instant::now();
    while started.elapsed() < duration {
        for ((method, target, media, _), (body, length)) in REQUESTS.iter().zip(&bodies) {
            let (path, query) =
                target.split_once('?').map_or((*target, None), |(path, query)| (path, Some(query)));
            let mut headers: Vec<(&str, &[u8])> =
                HEADERS.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
            if !body.is_empty() {
                headers.push(("Content-Type", media.as_bytes()));
                headers.push(("Content-Length", length.as_bytes()));
            }
            let view = RequestView {
                method,
                path: path.as_bytes(),
                query: query.map(str::as_bytes),
                headers: &headers,
                has_body: !body.is_empty(),
                body,
                body_limit: 131_072,
                ..RequestView::default()
            };
            let begin = Instant::now();
            found += detector.inspect(&view, AttackSet::ALL, &exceptions).len();
            times.push(begin.elapsed());
        }
    }
    let total: Duration = times.iter().sum();
    times.sort_unstable();
    say("waas engine", times.len() as f64 / total.as_secs_f64(), "requests/s/core");
    say("waas engine p50", times[times.len() / 2].as_secs_f64() * 1e6, "us");
    say("waas engine p99", times[times.len() * 99 / 100].as_secs_f64() * 1e6, "us");
    say("waas engine matches", found as f64 / times.len() as f64, "matches/request");
    Ok(())
}

async fn proxy(directory: PathBuf, duration: Duration) -> Result<(), Error> {
    let app = TcpListener::bind("127.0.0.1:0").await?;
    let internal = app.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = app.accept().await {
            tokio::spawn(application(stream));
        }
    });
    let exposed = TcpListener::bind("[::]:0").await?.local_addr()?.port();
    let (sender, mut audits) = tokio::sync::mpsc::channel(1024);
    tokio::spawn(async move { while audits.recv().await.is_some() {} });
    let config = WaasConfig {
        app_id: "bench:0".to_owned(),
        version: String::new(),
        cloud: CloudMetadata::default(),
        crs_directory: directory,
        geo_database: None,
    };
    let (waas, loading) = Waas::start(config, sender);
    loading.await?;
    let protection = json!({"effect": "prevent"});
    let spec = json!({"appID": "a", "apiSpec": {"endpoints": [{"exposedPort": exposed, "internalPort": internal}]},
        "sqli": protection, "xss": protection, "cmdi": protection, "codeInjection": protection, "lfi": protection,
        "attackTools": protection, "shellshock": protection, "malformedReq": protection});
    let revision = PolicyRevision {
        revision: 1,
        runtime: serde_json::from_value::<RuntimePolicy>(json!({"_id": "appEmbeddedRuntime", "rules": []}))?,
        waas: serde_json::from_value(json!({"rules": [{"name": "r", "applicationsSpec": [spec]}]}))?,
        semantics: Semantics::current(),
    };
    waas.apply(&revision).await?;
    let before = processor_time()?;
    let end = Instant::now() + duration;
    let clients: Vec<_> = (0..16).map(|at| tokio::spawn(client(exposed, at, end))).collect();
    let mut requests = 0usize;
    for client in clients {
        requests += client.await??;
    }
    let spent = processor_time()? - before;
    say("waas proxy", requests as f64 / duration.as_secs_f64(), "requests/s");
    say("waas proxy per core, clients and application included", requests as f64 / spent, "requests/s/core");
    Ok(())
}

async fn application(mut stream: TcpStream) -> Result<(), std::io::Error> {
    let mut buffer = Vec::new();
    loop {
        let request = next_message(&mut stream, &mut buffer).await?;
        if request == 0 {
            return Ok(());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nServer: app\r\nContent-Length: 5\r\n\r\nhello").await?;
    }
}

async fn client(port: u16, start: usize, end: Instant) -> Result<usize, Error> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    let mut count = 0;
    let heads: String = HEADERS.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let requests: Vec<Vec<u8>> = REQUESTS
        .iter()
        .map(|(method, target, media, text)| {
            let body = body(text);
            let length = match body.len() {
                0 => String::new(),
                length => format!("Content-Type: {media}\r\nContent-Length: {length}\r\n"),
            };
            [format!("{method} {target} HTTP/1.1\r\n{heads}{length}\r\n").into_bytes(), body].concat()
        })
        .collect();
    while Instant::now() < end {
        stream.write_all(&requests[(start + count) % requests.len()]).await?;
        if next_message(&mut stream, &mut buffer).await? == 0 {
            return Err("the firewall closed the connection".into());
        }
        count += 1;
    }
    Ok(count)
}

/// Takes one message with a `Content-Length`, or without a body; its length, 0 at the end.
async fn next_message(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize, std::io::Error> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4) {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length = head
                .split("content-length: ")
                .nth(1)
                .and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            let whole = end + length.unwrap_or(0usize);
            if buffer.len() >= whole {
                buffer.drain(..whole);
                return Ok(whole);
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(0);
        }
    }
}

/// Seconds that this process has used, in user and kernel mode.
fn processor_time() -> Result<f64, Error> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    // USER_HZ is 100 on every Linux that Fargate has.
    Ok(ticks / 100.0)
}
