//! Memory for one request stays within eight times its inspected size, whatever its shape.

mod common;

use common::detector;
use common::shapes::{SIZE, bodies};
use peak_alloc::PeakAlloc;
use proofhouse_waas::{AttackSet, Exceptions, RequestView};

const MOST: usize = 8;

#[global_allocator]
static COUNTING: PeakAlloc = PeakAlloc;

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
