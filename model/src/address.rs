//! Addresses: which an entry means, and where one leads to (section 3.4).

use std::net::IpAddr;

/// The bits of an address, the first one first.
fn bits(address: IpAddr) -> Vec<bool> {
    let bytes = match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    };
    bytes.iter().flat_map(|byte| (0..8).map(move |at| byte & (0x80 >> at) != 0)).collect()
}

/// Whether an entry covers an address: it is the address, or the beginning of it in CIDR notation (choice). Nothing else covers any.
pub(crate) fn entry_covers(entry: &str, address: IpAddr) -> Option<&'static str> {
    let (entry, address) = (entry.trim(), address.to_canonical());
    if let Ok(named) = entry.parse::<IpAddr>() {
        return (named.to_canonical() == address).then_some("network.address");
    }
    let (base, length) = entry.split_once('/')?;
    let (base, length) = (base.parse::<IpAddr>().ok()?, length.parse::<usize>().ok()?);
    // A block of IPv4 addresses within IPv6 is one of IPv4 addresses; a larger one has none of them.
    let (base, length) = match base.to_canonical() {
        four @ IpAddr::V4(_) if base.is_ipv6() && length >= 96 => (four, length - 96),
        _ => (base, length),
    };
    let (base, address) = (bits(base), bits(address));
    let covered = base.len() == address.len() && length <= base.len() && base[..length] == address[..length];
    covered.then_some("network.block")
}

/// Whether an address leads to the task itself: that of loopback, and the one that means none.
pub(crate) fn is_own(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => four.octets()[0] == 127 || four.octets() == [0; 4],
        IpAddr::V6(six) => u128::from(six) <= 1,
    }
}

/// Blocks that are no part of the internet.
const ELSEWHERE: [&str; 11] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "255.255.255.255",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// Whether an address is on the internet.
pub(crate) fn is_on_the_internet(address: IpAddr) -> bool {
    !is_own(address) && ELSEWHERE.iter().all(|block| entry_covers(block, address).is_none())
}
