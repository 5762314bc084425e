//! Links, addresses and routes, each one netlink request.

use crate::netlink::{Netlink, Request, append_attribute};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;

const VETH_INFO_PEER: u16 = 1;
const CREATE: i32 = libc::NLM_F_CREATE | libc::NLM_F_EXCL;

/// One end of a link that is to be made.
pub struct LinkEnd<'a> {
    /// Name.
    pub name: &'a str,
    /// MTU.
    pub mtu: u32,
    /// Hardware address; the kernel's choice when absent.
    pub hardware: Option<[u8; 6]>,
}

/// A route.
pub struct Route {
    /// Destination and length of its prefix.
    pub destination: (Ipv4Addr, u8),
    /// Next hop.
    pub gateway: Option<Ipv4Addr>,
    /// Index of the link; absent for a blackhole.
    pub link: Option<u32>,
    /// `RTN_UNICAST`, `RTN_LOCAL` or `RTN_BLACKHOLE`.
    pub kind: u8,
    /// `RT_TABLE_MAIN` or `RT_TABLE_LOCAL`.
    pub table: u8,
}

// ---------------------------------------------------------------------------------------------------------------------

/// Makes a veth pair: one end here, the other in a namespace.
pub fn make_pair(
    route: &Netlink,
    near: &LinkEnd<'_>,
    far: &LinkEnd<'_>,
    far_namespace: &impl AsRawFd,
) -> io::Result<()> {
    let mut peer = link_head(0, 0);
    for (kind, value) in end_attributes(far) {
        append_attribute(&mut peer, kind, &value);
    }
    append_attribute(&mut peer, libc::IFLA_NET_NS_FD, &far_namespace.as_raw_fd().to_ne_bytes());

    let mut data = Vec::new();
    append_attribute(&mut data, VETH_INFO_PEER, &peer);
    let mut information = Vec::new();
    append_attribute(&mut information, libc::IFLA_INFO_KIND, b"veth");
    append_attribute(&mut information, libc::IFLA_INFO_DATA, &data);

    let mut request = Request::new(libc::RTM_NEWLINK, CREATE, &link_head(0, 0));
    for (kind, value) in end_attributes(near) {
        request = request.attribute(kind, &value);
    }
    route.change(request.attribute(libc::IFLA_LINKINFO, &information))
}

/// Index of a link.
pub fn index_of(route: &Netlink, name: &str) -> io::Result<u32> {
    let request =
        Request::new(libc::RTM_GETLINK, 0, &link_head(0, 0)).attribute(libc::IFLA_IFNAME, &c_string(name));
    let answers = route.ask(request)?;
    let index = answers.first().and_then(|answer| answer.body.get(4..8)?.try_into().ok());
    index.map(u32::from_ne_bytes).ok_or_else(|| io::Error::from_raw_os_error(libc::EBADMSG))
}

/// Hardware address of a link.
pub fn hardware_of(route: &Netlink, name: &str) -> io::Result<[u8; 6]> {
    let request =
        Request::new(libc::RTM_GETLINK, 0, &link_head(0, 0)).attribute(libc::IFLA_IFNAME, &c_string(name));
    let answers = route.ask(request)?;
    let mut rest = answers.first().and_then(|answer| answer.body.get(16..)).unwrap_or_default();
    while let [low, high, kind, flags, ..] = rest {
        let length = usize::from(u16::from_ne_bytes([*low, *high]));
        if u16::from_ne_bytes([*kind, *flags]) == libc::IFLA_ADDRESS {
            let address = rest.get(4..length).and_then(|address| address.try_into().ok());
            return address.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADMSG));
        }
        rest = rest.get(length.max(4).next_multiple_of(4)..).unwrap_or_default();
    }
    Err(io::Error::from_raw_os_error(libc::EBADMSG))
}

/// Switches a link on.
pub fn switch_on(route: &Netlink, index: u32) -> io::Result<()> {
    route.change(Request::new(libc::RTM_NEWLINK, 0, &link_head(index, libc::IFF_UP as u32)))
}

/// Gives a link an address.
pub fn add_address(route: &Netlink, index: u32, address: Ipv4Addr, prefix: u8) -> io::Result<()> {
    let mut head = vec![libc::AF_INET as u8, prefix, 0, libc::RT_SCOPE_UNIVERSE];
    head.extend_from_slice(&index.to_ne_bytes());
    let request = Request::new(libc::RTM_NEWADDR, CREATE, &head)
        .attribute(libc::IFA_LOCAL, &address.octets())
        .attribute(libc::IFA_ADDRESS, &address.octets());
    route.change(request)
}

/// Adds a route.
pub fn add_route(netlink: &Netlink, route: &Route) -> io::Result<()> {
    let (destination, prefix) = route.destination;
    let scope = match (route.kind, route.gateway) {
        (libc::RTN_LOCAL, _) => libc::RT_SCOPE_HOST,
        (libc::RTN_UNICAST, None) => libc::RT_SCOPE_LINK,
        _ => libc::RT_SCOPE_UNIVERSE,
    };
    let family = libc::AF_INET as u8;
    let mut head = vec![family, prefix, 0, 0, route.table, libc::RTPROT_STATIC, scope, route.kind];
    head.extend_from_slice(&0u32.to_ne_bytes());
    let mut request = Request::new(libc::RTM_NEWROUTE, CREATE, &head);
    if prefix > 0 {
        request = request.attribute(libc::RTA_DST, &destination.octets());
    }
    if let Some(gateway) = route.gateway {
        request = request.attribute(libc::RTA_GATEWAY, &gateway.octets());
    }
    if let Some(link) = route.link {
        request = request.attribute(libc::RTA_OIF, &link.to_ne_bytes());
    }
    netlink.change(request)
}

fn link_head(index: u32, on: u32) -> Vec<u8> {
    let mut head = vec![libc::AF_UNSPEC as u8, 0, 0, 0];
    for word in [index, on, on] {
        head.extend_from_slice(&word.to_ne_bytes());
    }
    head
}

fn end_attributes(end: &LinkEnd<'_>) -> Vec<(u16, Vec<u8>)> {
    let mut attributes =
        vec![(libc::IFLA_IFNAME, c_string(end.name)), (libc::IFLA_MTU, end.mtu.to_ne_bytes().to_vec())];
    if let Some(hardware) = end.hardware {
        attributes.push((libc::IFLA_ADDRESS, hardware.to_vec()));
    }
    attributes
}

fn c_string(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    bytes
}
