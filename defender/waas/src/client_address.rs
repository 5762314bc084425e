//! Who the client is (section 2.5 of `waas.md`).

use crate::countries::{Countries, Origin};
use std::net::{IpAddr, Ipv6Addr};

/// The client and the chain of addresses that led here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// The first public address of `X-Forwarded-For`, or the peer.
    pub(crate) address: IpAddr,
    /// Addresses of the header in order, the first [`MOST_HOPS`] of them, then the peer.
    pub(crate) chain: Vec<String>,
    /// Where the address is; not known before it was looked up.
    pub(crate) origin: Origin,
}

/// Addresses that audits tell of; nobody's way is longer.
const MOST_HOPS: usize = 64;

impl Client {
    pub(crate) fn of<'a>(forwarded_for: impl Iterator<Item = &'a [u8]>, peer: IpAddr) -> Self {
        let peer = peer.to_canonical();
        let mut chain = Vec::new();
        let mut address = None;
        for value in forwarded_for {
            for entry in
                String::from_utf8_lossy(value).split(',').map(str::trim).filter(|entry| !entry.is_empty())
            {
                if chain.len() < MOST_HOPS {
                    chain.push(entry.to_owned());
                }
                address = address.or_else(|| parse(entry).filter(|address| is_public(*address)));
            }
        }
        chain.push(peer.to_string());
        Self { address: address.unwrap_or(peer), chain, origin: Origin::default() }
    }

    /// The same with the country of its address.
    pub(crate) fn located(self, countries: &Countries) -> Self {
        Self { origin: countries.origin(self.address), ..self }
    }
}

/// An address, perhaps with a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let plain = entry.trim_matches('"');
    plain
        .parse()
        .ok()
        .or_else(|| plain.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| plain.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6))
        .map(|address: IpAddr| address.to_canonical())
}

/// Reachable from elsewhere. Documentation ranges count as public: they stand for clients in tests.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: &[&str]) -> (String, Vec<String>) {
        let client = Client::of(header.iter().map(|value| value.as_bytes()), IpAddr::from([192, 0, 2, 1]));
        (client.address.to_string(), client.chain)
    }

    #[test]
    fn the_first_public_address_counts() {
        assert_eq!(client(&[]).0, "192.0.2.1");
        assert_eq!(client(&["203.0.113.7"]).0, "203.0.113.7");
        assert_eq!(client(&["10.0.0.1"]).0, "192.0.2.1");
        assert_eq!(client(&["10.0.0.1, 203.0.113.8, 203.0.113.9"]).0, "203.0.113.8");
        assert_eq!(client(&["junk", "[2001:db8::1]:80"]).0, "2001:db8::1");
        assert_eq!(client(&["127.0.0.1,100.64.0.1,169.254.1.1,::1,fe80::1,fc00::1"]).0, "192.0.2.1");
        assert_eq!(client(&["10.0.0.1, 203.0.113.8"]).1, ["10.0.0.1", "203.0.113.8", "192.0.2.1"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(header in "\\PC{0,60}") {
            let _ = client(&[&header]);
        }
    }

    #[test]
    fn of_a_long_way_the_first_addresses_are_told_and_all_are_looked_at() {
        let way = format!("{}203.0.113.7", "10.0.0.1, ".repeat(5000));
        let (address, chain) = client(&[&way]);
        assert_eq!(address, "203.0.113.7");
        assert_eq!((chain.len(), chain[MOST_HOPS - 1].as_str()), (MOST_HOPS + 1, "10.0.0.1"));
        assert_eq!(chain[MOST_HOPS], "192.0.2.1");
    }
}
