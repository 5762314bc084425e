//! Addresses as lists name them, and where they lead to.

use std::net::{IpAddr, Ipv4Addr};

/// An entry of a list of addresses: one address, or a block in CIDR notation (declared choice). What is neither covers nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressBlock {
    /// All addresses that begin with these bits.
    Block {
        /// One of them.
        base: IpAddr,
        /// How many bits count.
        bits: u8,
    },
    /// None.
    Nothing,
}

fn longest(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// The address as a number whose first bit is its first.
fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    }
}

impl AddressBlock {
    /// Compiles an entry; every text is one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let Ok(written) = address.parse::<IpAddr>() else { return Self::Nothing };
        let bits = match bits.map(str::parse::<u8>) {
            None => longest(written),
            Some(Ok(bits)) if bits <= longest(written) => bits,
            Some(_) => return Self::Nothing,
        };
        // A block of mapped addresses is one of IPv4.
        match (written, written.to_canonical()) {
            (IpAddr::V6(_), base @ IpAddr::V4(_)) if bits >= 96 => Self::Block { base, bits: bits - 96 },
            _ => Self::Block { base: written, bits },
        }
    }

    /// Whether an address, not a mapped one, is covered.
    #[must_use]
    pub fn covers(&self, ip: IpAddr) -> bool {
        let Self::Block { base, bits } = *self else { return false };
        let differing = (number(base) ^ number(ip)).checked_shr(128 - u32::from(bits));
        base.is_ipv4() == ip.is_ipv4() && differing.unwrap_or(0) == 0
    }
}

/// Whether an address leads to where it is used: loopback, and the unspecified one, which the kernel takes for it.
#[must_use]
pub fn is_own(ip: IpAddr) -> bool {
    ip.is_loopback() || ip.is_unspecified()
}

/// Whether an address is none of the internet: private, shared, of the link, or of many.
#[must_use]
pub fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            let nowhere = v4.octets()[0] == 0 || v4 == Ipv4Addr::BROADCAST;
            v4.is_private() || v4.is_link_local() || v4.is_multicast() || shared || nowhere
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn covers(entry: &str, ip: &str) -> bool {
        AddressBlock::new(entry).covers(ip.parse().unwrap())
    }

    #[test]
    fn entries() {
        assert!(covers("198.51.100.7", "198.51.100.7") && !covers("198.51.100.7", "198.51.100.8"));
        assert!(covers(" 198.51.100.0/24 ", "198.51.100.255") && !covers("198.51.100.0/24", "198.51.101.0"));
        assert!(covers("198.51.100.9/24", "198.51.100.1"), "bits behind the length do not count");
        assert!(covers("0.0.0.0/0", "203.0.113.7") && !covers("0.0.0.0/0", "2001:db8::1"));
        assert!(covers("::/0", "2001:db8::1") && !covers("::/0", "203.0.113.7"));
        assert!(covers("2001:db8::/32", "2001:db8:1::1") && !covers("2001:db8::/32", "2001:db9::"));
        assert!(covers("::ffff:198.51.100.7", "198.51.100.7") && covers("::ffff:0:0/96", "198.51.100.7"));
        for nothing in
            ["", "example.com", "198.51.100.7/33", "2001:db8::/129", "198.51.100", "1.2.3.4-9", "*"]
        {
            assert_eq!(AddressBlock::new(nothing), AddressBlock::Nothing, "{nothing}");
        }
    }

    #[test]
    fn what_is_no_internet() {
        let private = |ip: &str| is_private(ip.parse().unwrap());
        for ip in [
            "10.0.42.2",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.170.2",
            "100.64.0.1",
            "224.0.0.1",
            "0.0.0.1",
            "0.255.255.255",
            "255.255.255.255",
            "fd00::2",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(private(ip), "{ip}");
        }
        for ip in [
            "8.8.8.8",
            "198.51.100.1",
            "203.0.113.7",
            "100.128.0.1",
            "172.32.0.1",
            "1.0.0.0",
            "255.255.255.254",
            "2001:db8::1",
        ] {
            assert!(!private(ip), "{ip}");
        }
    }

    proptest! {
        #[test]
        fn a_block_covers_what_has_its_bits(base: u32, other: u32, bits in 0_u8..=32) {
            let entry = format!("{}/{bits}", Ipv4Addr::from(base));
            let same = bits == 0 || base >> (32 - bits) == other >> (32 - bits);
            prop_assert_eq!(AddressBlock::new(&entry).covers(IpAddr::V4(other.into())), same);
        }

        #[test]
        fn any_text_is_an_entry(text in ".{0,20}", ip: [u8; 16]) {
            let _ = AddressBlock::new(&text).covers(IpAddr::from(ip));
        }
    }
}
