//! A bounded load on one HTTP server, for benchmarks.

mod connection;
mod mix;

use connection::Connection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// What one client has seen.
#[derive(Debug, Default)]
struct Seen {
    connections: u64,
    benign: BTreeMap<u16, u64>,
    attacks: BTreeMap<u16, u64>,
}

/// Sends `requests` of the mix over `connections` connections at once and waits for every answer. The answer counts
/// statuses: `{"requests": .., "seconds": .., "connections": .., "benign": {"200": ..}, "attacks": {"403": ..}}`.
pub fn load(target: SocketAddr, connections: u32, requests: u32) -> io::Result<Value> {
    let mix = Arc::new(mix::mix());
    let begun = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|client| {
            let mix = Arc::clone(&mix);
            // Request n of the whole load is n of the mix, whoever sends it.
            let share = (client..requests).step_by(connections as usize);
            thread::spawn(move || one_client(target, &mix, share))
        })
        .collect();
    let mut all = Seen::default();
    for client in clients {
        let seen = client.join().map_err(|_| io::Error::other("a client of the load panicked"))??;
        all.connections += seen.connections;
        for (into, from) in [(&mut all.benign, seen.benign), (&mut all.attacks, seen.attacks)] {
            for (status, count) in from {
                *into.entry(status).or_default() += count;
            }
        }
    }
    Ok(json!({
        "requests": requests,
        "seconds": begun.elapsed().as_secs_f64(),
        "connections": all.connections,
        "benign": all.benign,
        "attacks": all.attacks,
    }))
}

fn one_client(
    target: SocketAddr,
    mix: &[mix::Request],
    share: impl Iterator<Item = u32>,
) -> io::Result<Seen> {
    let mut connection = Connection::new(target);
    let mut seen = Seen::default();
    for number in share {
        let request = &mix[number as usize % mix.len()];
        let status = connection.exchange(&request.bytes)?;
        let counts = if request.attack { &mut seen.attacks } else { &mut seen.benign };
        *counts.entry(status).or_default() += 1;
    }
    seen.connections = connection.made;
    Ok(seen)
}
