//! Addresses and networks in CIDR notation.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

/// An address or a network. An IPv4 address within IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    /// The first bits of an address in IPv6, where IPv4 stands at `::ffff:0:0/96`.
    bits: u128,
    /// How many bits are compared.
    length: u8,
}

/// Bits before an IPv4 address in IPv6.
const MAPPED: u8 = 96;

/// Why a text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum NetworkError {
    #[error("is neither an IP address nor a network in CIDR notation")]
    Address,
    #[error("has no prefix length between 0 and {0}")]
    Length(u8),
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

impl Network {
    /// Whether it is one address.
    pub(crate) fn is_address(self) -> bool {
        self.length == 128
    }

    pub(crate) fn contains(self, address: IpAddr) -> bool {
        // Within `0.0.0.0/0` are all of IPv4, within `::/0` all addresses of both kinds but those of IPv4.
        let is_ipv4 = |bits: u128| matches!(Ipv6Addr::from_bits(bits).to_canonical(), IpAddr::V4(_));
        let address = bits(address);
        (self.length >= MAPPED || !is_ipv4(address)) && address & mask(self.length) == self.bits
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; bits behind the prefix are ignored.
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address)?;
        let (longest, before) = match address {
            IpAddr::V4(_) => (32, MAPPED),
            IpAddr::V6(_) => (128, 0),
        };
        let length = match length {
            None => longest,
            Some(digits) => Some(digits)
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok())
                .filter(|length| *length <= longest)
                .ok_or(NetworkError::Length(longest))?,
        };
        let length = length + before;
        Ok(Self { bits: bits(address) & mask(length), length })
    }
}

#[cfg(test)]
mod tests {
    use super::{Network, NetworkError};
    use proptest::prelude::*;
    use std::net::IpAddr;

    fn within(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn networks_hold_their_addresses() {
        for (network, address, expected) in [
            ("192.168.0.0/16", "192.168.255.255", true),
            ("192.168.0.0/16", "192.169.0.0", false),
            ("192.168.7.9/16", "192.168.0.1", true),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("10.0.0.1/31", "10.0.0.0", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "8.8.8.8", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ] {
            assert_eq!(within(network, address), expected, "{address} in {network}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, expected) in [
            ("", NetworkError::Address),
            ("10.0.0", NetworkError::Address),
            ("10.0.0.256", NetworkError::Address),
            ("example.org", NetworkError::Address),
            ("10.0.0.0/33", NetworkError::Length(32)),
            ("10.0.0.0/", NetworkError::Length(32)),
            ("10.0.0.0/+8", NetworkError::Length(32)),
            ("10.0.0.0/8/8", NetworkError::Length(32)),
            ("::/129", NetworkError::Length(128)),
            ("::/999", NetworkError::Length(128)),
        ] {
            assert_eq!(text.parse::<Network>(), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_address_is_in_each_of_its_networks(address in any::<IpAddr>(), length in 0u8..=128) {
            let longest = if address.is_ipv4() { 32 } else { 128 };
            let network = format!("{address}/{}", length.min(longest));
            let mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
            prop_assume!(!mapped);
            prop_assert!(network.parse::<Network>().unwrap().contains(address));
            prop_assert!(address.to_string().parse::<Network>().unwrap().contains(address));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9a-f.:/+-]{0,40}") {
            let _ = text.parse::<Network>();
        }
    }
}
