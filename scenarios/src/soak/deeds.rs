//! What apps do meanwhile: denied programs, denied names, and between them what is allowed.

use super::draw::Draw;
use super::round::{NAMES, PROGRAM, Round};
use proofhouse_protocol::actor::{QuerySocket, Request, Spawn, TOKEN_VARIABLE};
use proofhouse_protocol::observation::{Observation, Recording, Source};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Milliseconds that one of them may take.
const LIMIT_MS: u64 = 10_000;

/// Does one thing after the other in a container until it is told to stop. Where the container is away, nothing comes of some.
pub async fn go_on(round: &Round<'_>, container: &str, mut draw: Draw, stop: &AtomicBool) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let token = format!("{}-{container}-{number}", round.id);
        let request = request(round, &token, &mut draw);
        round.record(Recording {
            source: Source::Runner,
            token: Some(token.clone()),
            observation: Observation::Stimulus { what: shown(container, &request) },
        });
        // What came back is in the records; where nothing did, the container was killed meanwhile.
        let _ = round.act(container, &request, Some(&token)).await;
        tokio::time::sleep(Duration::from_millis(draw.below(20))).await;
    }
}

fn request(round: &Round<'_>, token: &str, draw: &mut Draw) -> Request {
    let program = |argv: [&str; 2]| Request::Run {
        argv: argv.map(str::to_owned).to_vec(),
        env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.to_owned())]),
        cwd: None,
        stdin: String::new(),
        spawn: Spawn::Fork,
        timeout_ms: LIMIT_MS,
    };
    let question = |name: String| Request::Query {
        server: round.resolver,
        name,
        record: "A".to_owned(),
        socket: QuerySocket::Connected,
        timeout_ms: LIMIT_MS,
    };
    match draw.below(10) {
        0 => program(["true", token]),
        1 => question(format!("{token}.allowed.example")),
        2..=6 => program([PROGRAM, &format!("/tmp/{token}")]),
        _ => question(format!("{token}.{NAMES}")),
    }
}

fn shown(container: &str, request: &Request) -> String {
    match request {
        Request::Run { argv, .. } => format!("\"{container}\" runs {}", argv.join(" ")),
        Request::Query { name, .. } => format!("\"{container}\" asks for {name}"),
        other => format!("\"{container}\" {other:?}"),
    }
}
