//! The project's own corpora through the reference firewall: the same numbers as the engine alone gives.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

use proofhouse_waas::{AttackSet, Detector, Exceptions, RequestView};
use proofhouse_waf::{
    Case, Corpus, Expect, Format, Journal, Outcome, Place, Reference, Rules, Score, Target, read,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn crs_directory() -> PathBuf {
    let directory =
        std::env::var_os("PROOFHOUSE_CRS").map_or("/usr/share/modsecurity-crs".into(), PathBuf::from);
    assert!(
        directory.is_dir(),
        "no OWASP Core Rule Set: `apt-get install modsecurity-crs`, or set PROOFHOUSE_CRS"
    );
    directory
}

fn corpus(host: &str) -> Corpus {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let list = |expect| Format::List { expect, places: Place::ALL.to_vec(), keep_percent: false };
    let mut corpus = read(&folder.join("lists"), &list(Expect::Blocked), host).unwrap();
    for (part, format) in [
        ("benign", list(Expect::Passed)),
        ("owasp", Format::Gotestwaf),
        ("false-pos", Format::Gotestwaf),
        ("ftw", Format::Ftw),
    ] {
        corpus.extend(read(&folder.join(part), &format, host).unwrap());
    }
    corpus
}

/// What the engine makes of a request, without a proxy.
fn by_engine(detector: &Detector, case: &Case) -> Outcome {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut headers);
    let end = request.parse(&case.request).unwrap().unwrap();
    let target = request.path.unwrap();
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let headers: Vec<_> = request.headers.iter().map(|header| (header.name, header.value)).collect();
    let body = &case.request[end..];
    let view = RequestView {
        method: request.method.unwrap(),
        path: path.as_bytes(),
        query: query.map(str::as_bytes),
        headers: &headers,
        has_body: !body.is_empty(),
        body,
        body_limit: 131_072,
        ..RequestView::default()
    };
    let found = detector.inspect(&view, AttackSet::ALL, &Exceptions::default());
    if found.is_empty() { Outcome::Passed } else { Outcome::Blocked }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_gives_the_numbers_of_the_engine() {
    let directory = crs_directory();
    let detector = Detector::load(&directory).unwrap();
    let reference = Reference::start(&directory).await.unwrap();
    let host = reference.address.to_string();
    let Corpus { cases, inexpressible } = corpus(&host);
    assert_eq!(inexpressible.len(), 5, "gRPC four times, and a template: {inexpressible:?}");
    let target = Target {
        address: reference.address,
        host,
        rules: Rules { statuses: vec![403], text: None, reset: false },
        limit: Duration::from_secs(10),
        jobs: 8,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(&folder.path().join("cases"), "s").unwrap();
    let cases = Arc::new(cases);
    let judged = target.run(&cases, &mut journal, |_, _| {}).await.unwrap();
    let messages = reference.messages().await;
    let (mut proxy, mut engine) = (Score::default(), Score::default());
    for (case, (outcome, event)) in cases.iter().zip(&judged) {
        assert_eq!(*outcome, by_engine(&detector, case), "{}: {}", case.id, case.payload);
        if *outcome == Outcome::Blocked {
            assert!(messages[event].starts_with("Detected "), "{}", case.id);
        }
        proxy.add(case, *outcome, event);
        engine.add(case, by_engine(&detector, case), event);
    }
    assert_eq!(proxy, engine);
    assert!(proxy.total.attacks > 70 && proxy.total.honest > 40, "{:?}", proxy.total);
    assert!(proxy.total.true_positive_rate() > Some(0.9), "{}", proxy.table());
    // Rule set 3.3 takes one of the honest ones for SQL, wherever it stands: a corpus in which nothing goes wrong shows nothing.
    let wrong: BTreeSet<_> = proxy.wrong.iter().map(|wrong| wrong.payload.as_str()).collect();
    assert_eq!(wrong, BTreeSet::from(["5 < 7 and 7 > 5"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_firewall_nothing_is_counted() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while let Ok((mut stream, _)) = listener.accept().await {
            let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let target = Target {
        address,
        host: "h".into(),
        rules: Rules { statuses: vec![403], text: None, reset: false },
        limit: Duration::from_secs(10),
        jobs: 2,
    };
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(&folder.path().join("cases"), "s").unwrap();
    let cases = Arc::new(corpus("h").cases);
    let error = target.run(&cases, &mut journal, |_, _| {}).await.unwrap_err().to_string();
    assert_eq!(
        error,
        "a plain attack (GET /?q=<script>alert(1)</script>) before the corpus was answered 200"
    );
}
