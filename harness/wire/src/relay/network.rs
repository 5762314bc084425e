//! The network that the world agent builds.

use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Version of the relay protocol; both sides must agree.
pub const VERSION: u32 = 3;

/// Addresses and names of a task, as Fargate gives them (`reference/fargate.md`, 2.8).
///
/// The default is the drawing of the design: a task ENI at 10.0.42.7 in a /24, and the link to the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldNetwork {
    /// Version of the protocol that the harness speaks.
    pub version: u32,
    /// Address of the task ENI (`eth1`).
    pub eni_address: Ipv4Addr,
    /// Length of the subnet's prefix.
    pub subnet_prefix: u8,
    /// Hardware address of the task ENI.
    pub eni_hardware: [u8; 6],
    /// Gateway of the subnet, where the default route goes.
    pub gateway: Ipv4Addr,
    /// The VPC resolver, the one nameserver of `resolv.conf`.
    pub resolver: Ipv4Addr,
    /// Address of the task on the link to the Fargate agent (`eth0`).
    pub link_address: Ipv4Addr,
    /// Length of the link's prefix.
    pub link_prefix: u8,
    /// Other end of the link.
    pub link_gateway: Ipv4Addr,
    /// The metadata and credentials service, reached over the link.
    pub metadata: Ipv4Addr,
    /// Private DNS name of the ENI: the host name, and the second line of `hosts`.
    pub hostname: String,
    /// The search domain of `resolv.conf`.
    pub search_domain: String,
    /// MTU of the task ENI.
    pub mtu: u32,
}

impl WorldNetwork {
    /// The same with another address of the task ENI. Its hardware address ends in it; its name is left as it is.
    #[must_use]
    pub fn at(mut self, address: Ipv4Addr) -> Self {
        self.eni_address = address;
        self.eni_hardware[2..].copy_from_slice(&address.octets());
        self
    }

    /// `hosts` of every container of the task.
    #[must_use]
    pub fn hosts_file(&self) -> String {
        format!("127.0.0.1 localhost\n{} {}\n", self.eni_address, self.hostname)
    }

    /// `resolv.conf` of every container of the task.
    #[must_use]
    pub fn resolver_file(&self) -> String {
        format!("nameserver {}\nsearch {}\n", self.resolver, self.search_domain)
    }

    /// `hostname` of every container of the task.
    #[must_use]
    pub fn hostname_file(&self) -> String {
        format!("{}\n", self.hostname)
    }

    /// The ENI's hardware address as people and the metadata service write it.
    #[must_use]
    pub fn hardware_text(&self) -> String {
        self.eni_hardware.map(|byte| format!("{byte:02x}")).join(":")
    }
}

impl Default for WorldNetwork {
    fn default() -> Self {
        WorldNetwork {
            version: VERSION,
            eni_address: Ipv4Addr::new(10, 0, 42, 7),
            subnet_prefix: 24,
            eni_hardware: [0x0e, 0x5a, 0x0a, 0x00, 0x2a, 0x07],
            gateway: Ipv4Addr::new(10, 0, 42, 1),
            resolver: Ipv4Addr::new(10, 0, 42, 2),
            link_address: Ipv4Addr::new(169, 254, 172, 2),
            link_prefix: 22,
            link_gateway: Ipv4Addr::new(169, 254, 172, 1),
            metadata: Ipv4Addr::new(169, 254, 170, 2),
            hostname: "ip-10-0-42-7.eu-central-1.compute.internal".to_owned(),
            search_domain: "eu-central-1.compute.internal".to_owned(),
            mtu: 9001,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_what_fargate_writes_and_nothing_else() {
        let network = WorldNetwork::default();
        assert_eq!(
            network.hosts_file(),
            "127.0.0.1 localhost\n10.0.42.7 ip-10-0-42-7.eu-central-1.compute.internal\n"
        );
        assert_eq!(network.resolver_file(), "nameserver 10.0.42.2\nsearch eu-central-1.compute.internal\n");
        assert_eq!(network.hostname_file(), "ip-10-0-42-7.eu-central-1.compute.internal\n");
        assert_eq!(network.hardware_text(), "0e:5a:0a:00:2a:07");
        assert_eq!(network.clone().at(network.eni_address), network);
        assert_eq!(network.at(Ipv4Addr::new(10, 0, 42, 250)).hardware_text(), "0e:5a:0a:00:2a:fa");
    }
}
