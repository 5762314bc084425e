//! Memory for one request stays within eight times its inspected size, whatever its shape.

mod common;

use common::detector;
use peak_alloc::PeakAlloc;
use proofhouse_waas::{AttackSet, Exceptions, RequestView};
use std::fmt::Write as _;

/// Inspected size of the product's default (section 1.3 of `waas.md`).
const SIZE: usize = 131_072;
const MOST: usize = 8;

#[global_allocator]
static COUNTING: PeakAlloc = PeakAlloc;

/// A text made of a piece over and over.
fn times(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

fn nested(open: &str, close: &str) -> String {
    let deep = SIZE / (open.len() + close.len());
    format!("{}{}", open.repeat(deep), close.repeat(deep))
}

fn texts_in_members() -> String {
    let (open, close) = ("{\"abc\":".repeat(100), "}".repeat(100));
    let texts = times("\"a\",");
    format!("{open}[{texts}1],\"b\":1{close}")
}

fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (form, json, xml) = ("application/x-www-form-urlencoded", "application/json", "application/xml");
    let multipart = "multipart/form-data; boundary=b";
    let list = |piece: &str| format!("[{}0]", times(piece)).into_bytes();
    let mut names = String::from("{");
    for number in 0..SIZE / 10 {
        let _ = write!(names, "\"{number:05}\":1,");
    }
    names.push_str("\"z\":1}");
    let grpc = {
        let message = times("\n\u{1}a");
        [&[0][..], &u32::try_from(message.len()).expect("short").to_be_bytes(), message.as_bytes()].concat()
    };
    vec![
        ("form of names", form, times("a&").into()),
        ("form of pairs", form, times("a=b&").into()),
        ("form of codings", form, times("%2525=%2525&").into()),
        ("form of one value", form, format!("a={}", "x".repeat(SIZE - 2)).into()),
        ("form of one coded value", form, format!("a={}", times("%2525")).into()),
        ("list of texts", json, list("\"a\",")),
        ("list of lists", json, nested("[", "]").into()),
        ("members", json, names.into()),
        (
            "members in members",
            json,
            format!("{}1{}", "{\"a\":".repeat(SIZE / 6), "}".repeat(SIZE / 6)).into(),
        ),
        ("texts in members in members", json, texts_in_members().into()),
        ("broken JSON", json, times("\"a\",").into()),
        ("escapes", json, format!("[\"{}\"]", times("\\u0061")).into()),
        ("elements", xml, format!("<r>{}</r>", times("<a>b</a>")).into()),
        ("attributes", xml, format!("<r {}/>", times("a='b' ")).into()),
        ("elements in elements", xml, nested("<a>", "</a>").into()),
        ("references", xml, format!("<r>{}</r>", times("&amp;")).into()),
        ("parts", multipart, times("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n").into()),
        ("delimiters", multipart, times("--b\r\n").into()),
        ("delimiters anywhere", multipart, times("--b").into()),
        ("messages of a call", "application/grpc", grpc),
        ("messages in messages", "application/grpc", times("\0\0\0\0\u{3}\n\u{1}a").into()),
        ("text", "text/plain", "word ".repeat(SIZE / 5).into()),
        ("text of brackets", "text/plain", nested("{", "}").into()),
    ]
}

#[test]
fn memory_of_a_request_is_bounded() {
    let detector = detector();
    let mut over = Vec::new();
    for (shape, kind, body) in bodies() {
        assert!(body.len() <= SIZE + 2000, "{shape}: {}", body.len());
        let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
        let view = RequestView {
            method: "POST",
            path: b"/",
            headers: &headers,
            has_body: true,
            body: &body,
            body_limit: SIZE,
            ..RequestView::default()
        };
        // The automata and the scratch space of a worker are kept for all requests, and are of none: they grow with the first.
        let taken = (0..4).map(|_| {
            COUNTING.reset_peak_usage();
            let before = COUNTING.current_usage();
            let _ = detector.inspect(&view, AttackSet::ALL, &Exceptions::default());
            COUNTING.peak_usage() - before
        });
        let times = taken.min().unwrap_or_default() as f64 / SIZE as f64;
        println!("{shape}: {times:.1}");
        if times > MOST as f64 {
            over.push(format!("{shape}: {times:.1}"));
        }
    }
    assert!(over.is_empty(), "{over:?}");
}
