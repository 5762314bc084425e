//! Memory of connections that wait.

use crate::load::Client;
use crate::process::Process;
use crate::requests::Mix;
use crate::{Error, say};
use std::path::Path;
use std::time::Duration;

const CONNECTIONS: usize = 10_000;

/// Until nothing is done any more that nobody asked for.
const SETTLES: Duration = Duration::from_secs(3);

/// Each has had one answer, and is kept alive.
pub(crate) fn measure(rules: &Path) -> Result<(), Error> {
    let app = Process::app()?;
    let firewall = Process::firewall(rules, &app, "prevent")?;
    // The rule set is compiled beside requests.
    std::thread::sleep(SETTLES);
    say("waas resident memory, no connection", firewall.resident()?, "MiB");
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let mut client = Client::connect(firewall.port, Mix::ThreeArguments, 0, true)?;
        client.exchange()?;
        clients.push(client);
    }
    let busy = firewall.resident()?;
    say(&format!("waas resident memory, {CONNECTIONS} connections just served"), busy, "MiB");
    std::thread::sleep(SETTLES);
    let name = format!("waas resident memory, {CONNECTIONS} idle connections");
    say(&name, firewall.resident()?, "MiB");
    drop(clients);
    Ok(())
}
