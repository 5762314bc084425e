//! The engine alone, on one core.

use crate::process::processor_time;
use crate::requests::{HEADERS, REQUESTS, body};
use crate::{Error, say};
use proofhouse_waas::{AttackSet, Detector, Exceptions, RequestView};
use std::path::Path;
use std::time::{Duration, Instant};

/// Requests a second, and how long one takes.
pub(crate) fn engine(directory: &Path, duration: Duration) -> Result<(), Error> {
    let started = Instant::now();
    let detector = Detector::load(directory)?;
    say("waas rule set load", started.elapsed().as_secs_f64() * 1e3, "ms");
    let started = Instant::now();
    detector.warm_up();
    say("waas rule set warm-up", started.elapsed().as_secs_f64() * 1e3, "ms");
    if duration.is_zero() {
        return Ok(());
    }
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
    let (started, before) = (Instant::now(), processor_time("self")?);
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
    let spent = processor_time("self")? - before;
    times.sort_unstable();
    say("waas engine", times.len() as f64 / spent, "requests/s/core");
    say("waas engine p50", times[times.len() / 2].as_secs_f64() * 1e6, "us");
    say("waas engine p99", times[times.len() * 99 / 100].as_secs_f64() * 1e6, "us");
    say("waas engine matches", found as f64 / times.len() as f64, "matches/request");
    Ok(())
}
