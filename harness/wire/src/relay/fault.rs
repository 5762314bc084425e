//! The faults of a task's network (`reference/fargate.md` 3.5).

use super::message::Transport;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// All faults of a task's network at one time; none of them by default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Faults {
    /// Ports whose packets vanish; no two have the same direction, transport and port.
    pub blackholes: Vec<Blackhole>,
    /// What is done to packets that leave by the task ENI.
    pub impairment: Option<Impairment>,
}

/// Packets to a port vanish, without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blackhole {
    /// Which way they go.
    pub direction: Direction,
    /// TCP or UDP.
    pub transport: Transport,
    /// Their destination port.
    pub port: u16,
    /// Far addresses that are spared.
    pub spared: Vec<Subnet>,
}

/// Packets to some addresses are late or lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impairment {
    /// What happens to them.
    pub effect: Effect,
    /// Addresses that they go to.
    pub sources: Vec<Subnet>,
    /// Addresses among those that are spared.
    pub spared: Vec<Subnet>,
    /// The part of flows that is concerned, 1 to 100.
    pub flows_percent: u8,
}

/// What happens to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// It leaves later.
    Delay {
        /// By so many milliseconds,
        milliseconds: u32,
        /// give or take as many.
        jitter: u32,
    },
    /// It does not leave.
    Loss {
        /// In so many cases of 100.
        percent: u8,
    },
}

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the task.
    Ingress,
    /// Out of it.
    Egress,
}

/// An IPv4 address, or a block of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subnet {
    /// First address; its bits behind the prefix are zero.
    pub address: Ipv4Addr,
    /// Length of the prefix, 0 to 32.
    pub prefix: u8,
}

/// Not an address and not a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither an address nor a CIDR block")]
pub struct NoSubnet;

// ---------------------------------------------------------------------------------------------------------------------

impl Subnet {
    /// A block; bits behind the prefix are dropped. `None` for a prefix above 32.
    #[must_use]
    pub fn new(address: Ipv4Addr, prefix: u8) -> Option<Self> {
        let behind = 32u32.checked_sub(u32::from(prefix))?;
        let mask = u32::MAX.checked_shl(behind).unwrap_or(0);
        Some(Subnet { address: Ipv4Addr::from(u32::from(address) & mask), prefix })
    }

    /// A single address.
    #[must_use]
    pub fn single(address: Ipv4Addr) -> Self {
        Subnet { address, prefix: 32 }
    }

    /// Reads `10.0.0.0/8` or `10.1.2.3`; `Ok(None)` for the same in IPv6, which a task here does not have.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Option<Self>, NoSubnet> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(number(prefix)?)),
            None => (text, None),
        };
        if let Ok(address) = Ipv4Addr::from_str(address) {
            return Subnet::new(address, prefix.unwrap_or(32)).map(Some).ok_or(NoSubnet);
        }
        match Ipv6Addr::from_str(address) {
            Ok(_) if prefix.unwrap_or(128) <= 128 => Ok(None),
            _ => Err(NoSubnet),
        }
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

/// A length of a prefix: digits only, without a sign.
fn number(text: &str) -> Result<u8, NoSubnet> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().map_err(|_| NoSubnet) } else { Err(NoSubnet) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_block_are_read_and_a_blocks_spare_bits_dropped() {
        let read = |text| Subnet::parse(text).map(|subnet| subnet.map(|subnet| subnet.to_string()));
        assert_eq!(read("10.1.2.3"), Ok(Some("10.1.2.3/32".to_owned())));
        assert_eq!(read("10.1.2.3/8"), Ok(Some("10.0.0.0/8".to_owned())));
        assert_eq!(read("0.0.0.0/0"), Ok(Some("0.0.0.0/0".to_owned())));
        assert_eq!(read("2001:db8::1"), Ok(None));
        assert_eq!(read("2001:db8::/32"), Ok(None));
        for text in
            ["", "here", "10.1.2", "10.1.2.3/33", "10.1.2.3/", "10.1.2.3/+8", "::/129", "10.1.2.3/8/8"]
        {
            assert_eq!(read(text), Err(NoSubnet), "{text:?}");
        }
    }
}
