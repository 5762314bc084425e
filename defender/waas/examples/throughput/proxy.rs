//! Requests by second of processor time: the firewall beside its peers, in alternating rounds.

use crate::load::saturate;
use crate::peers;
use crate::process::Process;
use crate::requests::Mix;
use crate::{Error, say};
use std::path::Path;
use std::time::Duration;

const ROUNDS: u32 = 5;

/// Medians of what each proxy does.
pub(crate) fn compare(rules: &Path, duration: Duration) -> Result<(), Error> {
    let app = Process::app()?;
    let mut proxies = Vec::new();
    for how in ["prevent", "disable", "unmatched"] {
        let name = format!("waas proxy, {how}");
        proxies.push((name, Process::firewall(rules, &app, how)?, how == "prevent"));
    }
    proxies.extend(peers::start(rules, app.port)?);
    for mix in [Mix::ThreeArguments, Mix::Day] {
        let mut rates = vec![Vec::new(); proxies.len()];
        for _ in 0..ROUNDS {
            for ((name, proxy, blocks), rates) in proxies.iter().zip(&mut rates) {
                let before = proxy.processor_time()?;
                let requests = saturate(proxy.port, mix, *blocks, duration / ROUNDS)
                    .map_err(|error| format!("{name}: {error}"))?;
                rates.push(requests as f64 / (proxy.processor_time()? - before));
            }
        }
        for ((name, _, _), mut rates) in proxies.iter().zip(rates) {
            rates.sort_by(f64::total_cmp);
            say(&format!("{name}, {}", mix.name()), rates[rates.len() / 2], "requests/s/core");
        }
    }
    Ok(())
}
