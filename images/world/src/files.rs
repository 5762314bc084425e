//! The three files that every container of the task inherits.

use proofhouse_wire::relay::WorldNetwork;
use std::io;
use std::path::Path;

/// Writes `hosts`, `resolv.conf` and `hostname` in place: the engine has mounted each into this container and mounts the
/// same files into every container that joins, so a file that replaced one would be seen by nobody.
pub fn write(network: &WorldNetwork) -> io::Result<()> {
    let files = [
        ("/etc/hosts", network.hosts_file()),
        ("/etc/resolv.conf", network.resolver_file()),
        ("/etc/hostname", network.hostname_file()),
    ];
    for (path, text) in files {
        std::fs::write(Path::new(path), text)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot write {path}: {error}")))?;
    }
    Ok(())
}
