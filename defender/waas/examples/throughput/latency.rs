//! How long a request takes at half of the load that one core bears.

use crate::load::{CONNECTIONS, Client, saturate};
use crate::process::Process;
use crate::requests::Mix;
use crate::{Error, say};
use std::path::Path;
use std::time::{Duration, Instant};

pub(crate) fn measure(rules: &Path, duration: Duration) -> Result<(), Error> {
    let app = Process::app()?;
    let firewall = Process::firewall(rules, &app, "prevent")?;
    for mix in [Mix::Form, Mix::ThreeArguments, Mix::Day] {
        let before = firewall.processor_time()?;
        let requests = saturate(firewall.port, mix, true, duration)?;
        let rate = requests as f64 / (firewall.processor_time()? - before) / 2.0;
        for (name, port, blocks) in [("waas", firewall.port, true), ("the app alone", app.port, false)] {
            let mut times = paced(port, mix, blocks, rate, duration)?;
            times.sort_unstable();
            for (part, at) in [("p50", times.len() / 2), ("p99", times.len() * 99 / 100)] {
                let name = format!("{name} {part}, {}, {rate:.0} requests/s", mix.name());
                say(&name, times[at].as_secs_f64() * 1e6, "us");
            }
        }
    }
    Ok(())
}

/// Requests at a rate, spread over the connections. One that had to wait for the answer before it counts from when it was due.
fn paced(port: u16, mix: Mix, blocks: bool, rate: f64, duration: Duration) -> Result<Vec<Duration>, Error> {
    let step = Duration::from_secs_f64(CONNECTIONS as f64 / rate);
    let begin = Instant::now() + Duration::from_millis(50);
    let client = |start: usize| -> Result<Vec<Duration>, Error> {
        let mut client = Client::connect(port, mix, start, blocks)?;
        let mut times = Vec::new();
        let mut due = begin + step.mul_f64(start as f64 / CONNECTIONS as f64);
        while due < begin + duration {
            let wait = due.saturating_duration_since(Instant::now());
            std::thread::sleep(wait);
            let sent = if wait.is_zero() { due } else { Instant::now() };
            client.exchange()?;
            times.push(sent.elapsed());
            due += step;
        }
        Ok(times)
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS).map(|start| scope.spawn(move || client(start))).collect();
        let mut all = Vec::new();
        for client in clients {
            all.extend(client.join().map_err(|_| "a client panicked")??);
        }
        Ok(all)
    })
}
