//! What the firewall counts of real traffic.

mod common;

use common::proxy::*;
use proofhouse_protocol::MonitoringStats;
use proofhouse_protocol::monitoring::{ActionCounts, AttackTypeStats, ResponseCodeStats};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Bytes of a body that are inspected.
const LIMIT: usize = 64;

/// A kind of request, by what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Answered(&'static str, u16),
    Posted(usize),
    Alerted,
    Prevented,
    Contradictory,
    Unanswered,
    OfNoEndpoint,
}

const KINDS: [Kind; 10] = [
    Kind::Answered("/", 200),
    Kind::Answered("/moved", 302),
    Kind::Answered("/missing", 404),
    Kind::Answered("/broken", 500),
    Kind::Posted(20),
    Kind::Posted(200),
    Kind::Alerted,
    Kind::Prevented,
    Kind::Contradictory,
    Kind::Unanswered,
];

async fn shop() -> App {
    App::start(|request| {
        let target = String::from_utf8_lossy(request).split(' ').nth(1).unwrap_or_default().to_owned();
        let status = match target.as_str() {
            "/moved" => "302 Found",
            "/missing" => "404 Not Found",
            "/broken" => "500 Oops",
            "/unanswered" => return Answer::Bytes(b"nonsense\r\n\r\n".to_vec()),
            _ => "200 OK",
        };
        Answer::Bytes(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes())
    })
    .await
}

fn spec(edge: u16, app: u16) -> Value {
    json!({"sqli": {"effect": "prevent"}, "xss": {"effect": "alert"},
        "body": {"inspectionSizeBytes": LIMIT, "inspectionLimitExceededEffect": "alert"},
        "apiSpec": {"endpoints": [{"host": "h", "basePath": "*", "exposedPort": edge, "internalPort": app}]}})
}

impl Kind {
    fn request(self) -> String {
        let get = |target: &str, host: &str| {
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        };
        match self {
            Self::Answered(target, _) => get(target, "h"),
            Self::Posted(length) => {
                let body = "a".repeat(length);
                format!("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
            }
            Self::Alerted => get("/?q=%3Cscript%3Ealert(1)%3C/script%3E", "h"),
            Self::Prevented => get("/?q=1'%20OR%20'1'='1", "h"),
            Self::Contradictory => {
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned()
            }
            Self::Unanswered => get("/unanswered", "h"),
            Self::OfNoEndpoint => get("/", "other"),
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::Answered(_, status) => status,
            Self::Posted(_) | Self::Alerted | Self::OfNoEndpoint => 200,
            Self::Prevented => 403,
            Self::Contradictory => 400,
            Self::Unanswered => 502,
        }
    }
}

/// What is to be counted, but for times and errors in words.
fn expected(kinds: &[Kind]) -> MonitoringStats {
    let many = |is: &dyn Fn(Kind) -> bool| kinds.iter().filter(|kind| is(**kind)).count() as u64;
    let counted = many(&|kind| kind != Kind::OfNoEndpoint);
    let (prevented, alerted) = (many(&|kind| kind == Kind::Prevented), many(&|kind| kind == Kind::Alerted));
    let (parsing, errors) =
        (many(&|kind| kind == Kind::Contradictory), many(&|kind| kind == Kind::Unanswered));
    let long = many(&|kind| kind == Kind::Posted(200));
    let status = |first: u16| {
        many(&|kind| {
            kind.status() / 100 == first
                && !matches!(
                    kind,
                    Kind::Prevented | Kind::Contradictory | Kind::Unanswered | Kind::OfNoEndpoint
                )
        })
    };
    MonitoringStats {
        total_requests: counted,
        forwarded_requests: counted - prevented - parsing,
        blocked_requests: prevented,
        response_code_stats: ResponseCodeStats {
            informational: 0,
            successful: status(2),
            redirects: status(3),
            client_errors: status(4),
            server_errors: status(5),
        },
        total_errs: errors,
        parsing_errs: parsing,
        inspection_limit_exceeded: long,
        inspected_body_bytes: many(&|kind| kind == Kind::Posted(20)) * 20 + long * LIMIT as u64,
        action_counts: ActionCounts { alert: alerted + long, prevent: prevented, ..ActionCounts::default() },
        attack_type_stats: AttackTypeStats {
            sql_injection: prevented,
            xss: alerted,
            waf: long,
            ..AttackTypeStats::default()
        },
        ..MonitoringStats::default()
    }
}

/// Without what only a clock can tell.
fn timeless(stats: &MonitoringStats) -> MonitoringStats {
    MonitoringStats {
        last_errs: Vec::new(),
        max_request_inspection_duration: 0,
        total_request_inspection_duration: 0,
        ..stats.clone()
    }
}

#[tokio::test]
async fn any_mixture_of_requests_gives_its_sums() {
    let app = shop().await;
    let mut edge = Edge::start(app.port, json!({})).await;
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec(edge.port, app.port))]))).await.unwrap();
    let mut runner = TestRunner::default();
    let kind = prop_oneof![9 => select(&KINDS[..]), 1 => Just(Kind::OfNoEndpoint)];
    let mixtures = proptest::collection::vec(kind, 0..16);
    for reset in 1..=20 {
        edge.waas.reset_statistics(reset);
        let kinds = mixtures.new_tree(&mut runner).unwrap().current();
        for kind in &kinds {
            let answer = edge.raw(kind.request()).await;
            assert_eq!(answer[9..12].parse::<u16>().unwrap(), kind.status(), "{kind:?}: {answer}");
        }
        let (done, stats) = edge.waas.statistics();
        assert_eq!((done, timeless(&stats)), (reset, expected(&kinds)), "{kinds:?}");
        assert_eq!(stats.last_errs.len() as u64, stats.total_errs);
        assert!(stats.last_errs.iter().all(|error| error.route == "GET /unanswered"
            && error.defender == "task:0123456789abcdef"
            && error.serve_duration > 0));
        let (longest, all) = (stats.max_request_inspection_duration, stats.total_request_inspection_duration);
        assert!(longest <= all && (stats.total_requests == 0) == (all == 0), "{longest} {all}");
        assert_eq!(stats.action_counts.sum(), stats.attack_type_stats.sum());
        assert_eq!(edge.audits().await.len() as u64, stats.action_counts.sum());
    }
}

#[tokio::test]
async fn requests_at_once_are_counted_once_each() {
    let app = shop().await;
    let edge = Edge::start(app.port, json!({})).await;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..40 {
        let (port, kind) = (edge.port, KINDS[number % 5]);
        running.spawn(async move { raw(port, kind.request()).await });
    }
    running.join_all().await;
    let stats = edge.waas.statistics().1;
    assert_eq!(
        (stats.total_requests, stats.forwarded_requests, stats.response_code_stats.sum()),
        (40, 40, 40)
    );
}

#[tokio::test]
async fn pages_bans_and_late_requests_are_counted_apart() {
    let app = shop().await;
    let session = json!({"sessionCookieEnabled": true, "botProtectionSpec": {"interstitialPage": true}});
    let edge = Edge::start(app.port, session).await;
    edge.raw(Kind::Answered("/", 200).request()).await;
    let stats = edge.waas.statistics().1;
    assert_eq!((stats.total_requests, stats.interstitial_pages, stats.forwarded_requests), (1, 1, 0));

    let mut edge = Edge::start(app.port, json!({"sqli": {"effect": "ban"}})).await;
    edge.raw(Kind::Prevented.request()).await;
    edge.raw(Kind::Answered("/", 200).request()).await;
    let mut late = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    late.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc").await.unwrap();
    assert!(answer(&mut late).await.starts_with("HTTP/1.1 500"));
    let stats = edge.waas.statistics().1;
    assert_eq!((stats.total_requests, stats.blocked_requests, stats.total_timeouts), (3, 2, 1));
    assert_eq!(
        (stats.action_counts.ban, stats.attack_type_stats.sql_injection, stats.attack_type_stats.waf),
        (2, 1, 1)
    );
    assert_eq!(edge.audits().await.len(), 2);
}

#[tokio::test]
async fn who_is_in_the_exception_list_moves_no_counter() {
    let app = shop().await;
    let mut rules = rule(0, app.port, json!({}));
    let edge = Edge::start(app.port, json!({})).await;
    rules["applicationsSpec"][0]["apiSpec"]["endpoints"][0]["exposedPort"] = json!(edge.port);
    rules["applicationsSpec"][0]["networkControls"] = json!({"exceptionSubnets": ["own"]});
    let mut policy = revision(json!([rules]));
    policy.waas.network_lists =
        serde_json::from_value(json!([{"_id": "own", "name": "own", "subnets": ["127.0.0.0/8"]}])).unwrap();
    edge.waas.apply(&policy).await.unwrap();
    assert!(edge.raw(Kind::Answered("/", 200).request()).await.starts_with("HTTP/1.1 200"));
    assert_eq!(edge.waas.statistics().1, MonitoringStats::default());
}
