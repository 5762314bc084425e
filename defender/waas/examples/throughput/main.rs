//! How fast the firewall is: the engine alone on one core, and the whole behind a socket.
//!
//! `cargo run -p proofhouse-waas --example throughput WHAT [CRS DIRECTORY] [SECONDS]` prints one JSON object a line: name,
//! value, unit. WHAT is
//!
//! - `engine`: loading the rules, and requests a second of the engine alone;
//! - `proxy`: requests by second of processor time of the firewall's process, with every protection at prevent, at disable,
//!   and with no endpoint that matches; beside nginx as a plain proxy and with ModSecurity on the same rules, where they are installed;
//! - `latency`: how long a form of 8 KiB takes at half of the load that one core bears, beside the app alone;
//! - `idle`: memory of the firewall's process for each of 10,000 connections that wait;
//! - `firewall` and `app`: one of these alone, until standard input ends; how the others start them.
//!
//! The firewall, the app and each peer are processes of their own, and only what the kernel counted for one of them is
//! its processor time.

mod app;
mod engine;
mod firewall;
mod idle;
mod latency;
mod load;
mod peers;
mod process;
mod proxy;
mod requests;

use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let directory =
        PathBuf::from(arguments.next().unwrap_or_else(|| "/usr/share/modsecurity-crs".to_owned()));
    match what.as_str() {
        "firewall" => return firewall::run(&directory, &arguments.collect::<Vec<_>>()),
        "app" => return app::run(),
        _ => {}
    }
    let duration = Duration::from_secs(arguments.next().map_or(Ok(3), |text| text.parse())?);
    match what.as_str() {
        "engine" => engine::engine(&directory, duration),
        "proxy" => proxy::compare(&directory, duration),
        "latency" => latency::measure(&directory, duration),
        "idle" => idle::measure(&directory),
        _ => Err("usage: throughput engine|proxy|latency|idle [CRS DIRECTORY] [SECONDS]".into()),
    }
}

fn say(name: &str, value: f64, unit: &str) {
    println!("{}", json!({"name": name, "value": (value * 100.0).round() / 100.0, "unit": unit}));
}
