//! The internet of a task, as a scenario describes it.

use super::RigError;
use super::console::{CONSOLE_ADDRESS, CONSOLE_NAME};
use proofhouse_harness::services::{Entry, Zone};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Names and hosts that a task can reach, and the ports that the outside can reach in the task.
#[derive(Debug, Clone, Default)]
pub struct Internet {
    /// Address of the task, if not the usual one.
    pub address: Option<Ipv4Addr>,
    /// Names with an address; a name may stand here several times.
    pub names: Vec<(String, IpAddr)>,
    /// Names that stand for others.
    pub aliases: Vec<(String, String)>,
    /// Addresses that answer HTTP.
    pub hosts: BTreeSet<SocketAddr>,
    /// Services: name, address, and the stub on loopback that answers for them.
    pub services: Vec<(String, SocketAddr, SocketAddr)>,
    /// By how much the resolver is late with its answers.
    pub dns_lateness: Duration,
    /// Ports of the task that its security group opens.
    pub open_ports: Vec<u16>,
}

impl Internet {
    /// The zone of the VPC's resolver: these names, and the Console's.
    ///
    /// # Errors
    /// When a name is none.
    pub(super) fn zone(&self) -> Result<Zone, RigError> {
        let mut names: BTreeMap<&str, Vec<IpAddr>> = BTreeMap::new();
        names.insert(CONSOLE_NAME, vec![CONSOLE_ADDRESS]);
        for (name, address) in &self.names {
            names.entry(name).or_default().push(*address);
        }
        let mut zone = Zone::default();
        for (name, addresses) in names {
            zone.insert(name, Entry::Addresses(addresses))
                .map_err(|error| RigError::Zone(error.to_string()))?;
        }
        for (name, other) in &self.aliases {
            zone.insert(name, Entry::Alias(other.clone()))
                .map_err(|error| RigError::Zone(error.to_string()))?;
        }
        Ok(zone)
    }
}
