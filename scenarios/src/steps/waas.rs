//! Requests to the task from outside.

use crate::world::exchanges::Connection;
use crate::world::{ScenarioWorld, StepError, StepResult, tables};
use cucumber::{gherkin::Step, then, when};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use proofhouse_harness::services::{TlsOffer, Way};
use proofhouse_protocol::observation::sha256;
use std::io::Write as _;

/// A client outside, with that address, sends a request (`GET /path?query`) to a port of the task.
#[when(expr = "a client at {string} requests {string} on port {int}")]
async fn requests(world: &mut ScenarioWorld, client: String, request: String, port: u16) -> StepResult {
    world.request(&client, &request, port, &[], "").await
}

/// As before, with these headers; `$COOKIE` is the cookie that the last answer that set one has set.
#[when(expr = "a client at {string} requests {string} on port {int} with headers:")]
async fn requests_with(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    step: &Step,
) -> StepResult {
    let mut headers = tables::rows_of_two(step)?;
    for (_, value) in headers.iter_mut().filter(|(_, value)| value.contains("$COOKIE")) {
        *value = value.replace("$COOKIE", &world.cookie_that_was_set()?);
    }
    world.request(&client, &request, port, &headers, "").await
}

/// As before, with that content type and this body.
#[when(expr = "a client at {string} sends {string} on port {int} as {string}:")]
async fn sends(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    kind: String,
    step: &Step,
) -> StepResult {
    let headers = [("Content-Type".to_owned(), kind)];
    world.request(&client, &request, port, &headers, tables::text(step)?.trim_end_matches('\n')).await
}

/// Requests as they stand, one after the other on one connection, with a line `---` between them: a request line, headers, an empty line, a
/// body. A length is put before a body; with `Transfer-Encoding: chunked` it goes in two chunks. The last is what steps behind look at.
#[when(expr = "a client at {string} sends on one connection to port {int}:")]
async fn sends_on_one_connection(
    world: &mut ScenarioWorld,
    client: String,
    port: u16,
    step: &Step,
) -> StepResult {
    world.request_on_one_connection(&client, port, &tables::text(step)?).await
}

/// As before, with so many letters and then that text as the body.
#[when(
    expr = "a client at {string} sends {string} on port {int} as {string}, {int} letters and then {string}"
)]
async fn sends_long(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    kind: String,
    letters: usize,
    end: String,
) -> StepResult {
    let headers = [("Content-Type".to_owned(), kind)];
    // Words of all letters: no two neighbours alike, and nothing that a rule knows.
    let body: String = ('a'..='z').cycle().step_by(7).take(letters).chain(end.chars()).collect();
    world.request(&client, &request, port, &headers, &body).await
}

/// As the first, with the cookie that the last answer that set one has set.
#[when(expr = "a client at {string} requests {string} on port {int} with the cookie that was set")]
async fn with_cookie(world: &mut ScenarioWorld, client: String, request: String, port: u16) -> StepResult {
    let cookie = world.cookie_that_was_set()?;
    world.request(&client, &request, port, &[("Cookie".to_owned(), cookie)], "").await
}

/// The same, with one letter in the middle of the cookie's value another.
#[when(expr = "a client at {string} requests {string} on port {int} with a changed cookie")]
async fn with_changed_cookie(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
) -> StepResult {
    let cookie = world.changed_cookie()?;
    world.request(&client, &request, port, &[("Cookie".to_owned(), cookie)], "").await
}

/// As the first, so many times, one after the other.
#[when(expr = "a client at {string} requests {string} on port {int} {int} times")]
async fn requests_times(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    times: usize,
) -> StepResult {
    world.request_times(&client, &request, port, times).await
}

/// Requests, one after the other: method and target, type of the body, body; the last two may be empty.
#[when(expr = "a client at {string} sends these requests on port {int}:")]
async fn sends_each(world: &mut ScenarioWorld, client: String, port: u16, step: &Step) -> StepResult {
    world.request_each(&client, port, &tables::rows_of_three(step)?).await
}

/// As the first, every so many seconds, until it is answered with that status, for two minutes at most.
#[when(
    expr = "a client at {string} requests {string} on port {int} every {int} seconds until it is answered {int}"
)]
async fn requests_until(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    every: u64,
    status: u16,
) -> StepResult {
    let every = std::time::Duration::from_secs(every);
    world.request_until((&client, &request, port), every, status).await
}

/// The requests that were sent so were answered with the first status, and after so many seconds with the second.
#[then(expr = "the answer changed from {int} to {int} after {int} to {int} seconds")]
async fn answer_changed(world: &mut ScenarioWorld, from: u16, to: u16, least: u64, most: u64) -> StepResult {
    world.expect_change(from, to, (least, most)).await
}

/// Each of the requests that were sent so was answered with that status.
#[then(expr = "every response has status {int}")]
async fn every_status(world: &mut ScenarioWorld, status: u16) -> StepResult {
    world.expect_every_status(status).await
}

/// As the first, over TLS of that version, to a server of that name. Whatever certificate it shows is taken; a step behind asks whose
/// it is.
#[when(expr = "a client at {string} requests {string} over TLS {word} to {string} on port {int}")]
async fn requests_over_tls(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    version: String,
    server_name: String,
    port: u16,
) -> StepResult {
    let headers = [("Host".to_owned(), server_name.clone())];
    let tls = Some(TlsOffer { version, server_name });
    world
        .request_by(&client, &request, port, (&headers, b""), Connection { tls, ..Connection::default() })
        .await
}

/// As the first, by HTTP/2.
#[when(expr = "a client at {string} requests {string} over HTTP\\/2 on port {int}")]
async fn requests_over_http2(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
) -> StepResult {
    let way = Connection { way: Way::Http2, ..Connection::default() };
    world.request_by(&client, &request, port, (&[], b""), way).await
}

/// The same with a content type and a body.
#[when(expr = "a client at {string} sends {string} over HTTP\\/2 on port {int} as {string}:")]
async fn sends_over_http2(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    kind: String,
    step: &Step,
) -> StepResult {
    let way = Connection { way: Way::Http2, ..Connection::default() };
    let headers = [("Content-Type".to_owned(), kind)];
    let body = tables::text(step)?;
    world.request_by(&client, &request, port, (&headers, body.trim_end_matches('\n').as_bytes()), way).await
}

/// Opens a WebSocket and sends one text; the answer's body is the text that comes back.
#[when(expr = "a client at {string} opens a WebSocket {string} on port {int} and sends {string}")]
async fn opens_web_socket(
    world: &mut ScenarioWorld,
    client: String,
    target: String,
    port: u16,
    text: String,
) -> StepResult {
    let way = Connection { way: Way::WebSocket, ..Connection::default() };
    world.request_by(&client, &format!("GET {target}"), port, (&[], text.as_bytes()), way).await
}

/// Sends a body with its content type, in a content coding: gzip or deflate, or one over the other (`gzip,deflate`).
#[when(expr = "a client at {string} sends {string} on port {int} as {string} in {word}:")]
async fn sends_coded(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    kind: String,
    coding: String,
    step: &Step,
) -> StepResult {
    let text = tables::text(step)?;
    let mut body = text.trim_end_matches('\n').as_bytes().to_vec();
    for one in coding.split(',') {
        body = coded(one, &body)?;
    }
    let headers = [("Content-Type".to_owned(), kind), ("Content-Encoding".to_owned(), coding)];
    world.sent_sha256 = sha256(&body);
    world.request_by(&client, &request, port, (&headers, &body), Connection::default()).await
}

fn coded(coding: &str, bytes: &[u8]) -> Result<Vec<u8>, StepError> {
    let level = Compression::default();
    let packed = match coding {
        "gzip" => {
            let mut gzip = GzEncoder::new(Vec::new(), level);
            gzip.write_all(bytes).and_then(|()| gzip.finish())
        }
        "deflate" => {
            let mut zlib = ZlibEncoder::new(Vec::new(), level);
            zlib.write_all(bytes).and_then(|()| zlib.finish())
        }
        other => return Err(StepError::new(format!("\"{other}\" is no coding: use gzip or deflate"))),
    };
    packed.map_err(|error| StepError::new(error.to_string()))
}

/// The app, which answers with the digest of what it got, got the bytes that were sent.
#[then("the app got the body as it was sent")]
async fn body_as_sent(world: &mut ScenarioWorld) -> StepResult {
    let digest = world.sent_sha256.clone();
    world.expect_in_body(&digest).await
}

/// Announces a body of so many bytes, sends the first of them, and then nothing.
#[when(expr = "a client at {string} sends {string} on port {int} and stops after {int} of {int} bytes")]
async fn stops(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    sent: usize,
    announced: usize,
) -> StepResult {
    let headers = [
        ("Content-Type".to_owned(), "text/plain".to_owned()),
        ("Content-Length".to_owned(), announced.to_string()),
    ];
    let body = vec![b'x'; sent];
    world.request_by(&client, &request, port, (&headers, &body), Connection::default()).await
}

/// The app of a container, which is an actor, serves another port from now on.
#[when(expr = "{string} begins to serve on port {int}")]
async fn begins_to_serve(world: &mut ScenarioWorld, container: String, port: u16) -> StepResult {
    world.serve_also(&container, port).await
}

/// Clients at many addresses send so many requests, so many at a time; every third is the second.
#[when(
    expr = "clients send {int} requests, {int} at a time, on port {int}: {string}, and every third {string}"
)]
async fn requests_mixed(
    world: &mut ScenarioWorld,
    count: usize,
    at_once: usize,
    port: u16,
    first: String,
    second: String,
) -> StepResult {
    world.request_mixed((count, at_once), port, [&first, &second]).await
}

/// Each of these requests was answered with that status; steps behind look at them.
#[then(expr = "each {string} was answered {int}")]
async fn each_was_answered(world: &mut ScenarioWorld, kind: String, status: u16) -> StepResult {
    world.look_at_mixed(&kind)?;
    world.expect_every_status(status).await
}

/// The app in a container, which is an actor, answers requests of a path so from now on: a status, headers, an empty line, the body.
#[when(expr = "{string} answers {string} with:")]
async fn answers(world: &mut ScenarioWorld, container: String, path: String, step: &Step) -> StepResult {
    world.answer_with(&container, &path, &tables::text(step)?).await
}

/// Status of the last answer.
#[then(expr = "the response has status {int}")]
async fn response_status(world: &mut ScenarioWorld, status: u16) -> StepResult {
    world.expect_status(status).await
}

/// The last answer is 403, HTML that says the access was denied, with an event id in header and page.
#[then("the response is the block page")]
async fn block_page(world: &mut ScenarioWorld) -> StepResult {
    world.expect_block_page().await
}

/// The app behind the firewall has seen the last request.
#[then("the app saw the request")]
async fn app_saw(world: &mut ScenarioWorld) -> StepResult {
    world.expect_app_saw(true).await
}

/// The app behind the firewall has not seen the last request; a later request that it did see proves that none is on its way.
#[then("the app never saw the request")]
async fn app_never_saw(world: &mut ScenarioWorld) -> StepResult {
    world.expect_app_saw(false).await
}

/// The last request, sent to the app's own port, gives the same status, headers and body; date and event id aside.
#[then(expr = "the answer equals what the app itself sends on port {int}")]
async fn same_answer(world: &mut ScenarioWorld, port: u16) -> StepResult {
    world.expect_same_answer_on(port).await
}

/// The audit of the last request carries the event id of its answer.
#[then("the event id of the response is in the audit")]
async fn event_id(world: &mut ScenarioWorld) -> StepResult {
    world.expect_event_id_in_audit().await
}

/// The last answer has one line of a header, with that value.
#[then(expr = "the response has the header {string} with {string}")]
async fn response_header(world: &mut ScenarioWorld, name: String, value: String) -> StepResult {
    world.expect_header(&name, &[&value]).await
}

/// The last answer has two lines of a header, with these values in that order.
#[then(expr = "the response has the header {string} with {string} and with {string}")]
async fn response_headers(
    world: &mut ScenarioWorld,
    name: String,
    value: String,
    other: String,
) -> StepResult {
    world.expect_header(&name, &[&value, &other]).await
}

/// The last answer sets a cookie.
#[then("the response sets a cookie")]
async fn sets_cookie(world: &mut ScenarioWorld) -> StepResult {
    world.expect_some_header("Set-Cookie").await
}

/// The last answer has no such header.
#[then(expr = "the response has no header {string}")]
async fn no_response_header(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_header(&name, &[]).await
}

/// A text stands in the body of the last answer.
#[then(expr = "the response has {string} in its body")]
async fn in_body(world: &mut ScenarioWorld, text: String) -> StepResult {
    world.expect_in_body(&text).await
}

/// The last answer has an event id.
#[then("the response has an event id")]
async fn has_event_id(world: &mut ScenarioWorld) -> StepResult {
    world.expect_event_id().await
}

/// The event id of the last answer stands in its body, too.
#[then("the response has its event id in its body")]
async fn event_id_in_body(world: &mut ScenarioWorld) -> StepResult {
    world.expect_event_id_in_body().await
}

/// The last answer came over TLS, from a server with the certificate of that rule.
#[then(expr = "the response came with the certificate of the firewall rule {string}")]
async fn with_certificate(world: &mut ScenarioWorld, rule: String) -> StepResult {
    world.expect_certificate_of(&rule).await
}

/// The server ended the connection of the last request without an answer.
#[then("the server refused the connection")]
async fn refused(world: &mut ScenarioWorld) -> StepResult {
    world.expect_refused().await
}
