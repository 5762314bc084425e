//! Rules that choose a routing table, and what a detour needs: each one netlink request.

use crate::netlink::{Netlink, Request};
use proofhouse_wire::relay::Subnet;
use std::io;
use std::net::Ipv4Addr;

// linux/fib_rules.h, linux/rtnetlink.h, linux/neighbour.h
const RTM_DELRULE: u16 = libc::RTM_NEWRULE + 1;
const FRA_DST: u16 = 1;
const FRA_SRC: u16 = 2;
const FRA_IIFNAME: u16 = 3;
const FRA_GOTO: u16 = 4;
const FRA_PRIORITY: u16 = 6;
const FRA_TABLE: u16 = 15;
const FRA_IP_PROTO: u16 = 22;
const FRA_DPORT_RANGE: u16 = 24;
const FR_ACT_TO_TBL: u8 = 1;
const FR_ACT_GOTO: u8 = 2;
const FR_ACT_BLACKHOLE: u8 = 6;
const ONLINK: u32 = 4;
const CREATE: i32 = libc::NLM_F_CREATE | libc::NLM_F_EXCL;

/// A rule of IPv4; one without a condition fits every packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Rules are asked in ascending order.
    pub priority: u32,
    /// Link that the packet came in by; `lo` for one that is made here.
    pub input: Option<&'static str>,
    /// Where it comes from.
    pub source: Option<Subnet>,
    /// Where it goes to.
    pub destination: Option<Subnet>,
    /// Protocol number and destination port.
    pub port: Option<(u8, u16)>,
    /// What is done.
    pub action: Action,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Looks in that table; goes on with the next rule when nothing is there.
    Table(u8),
    /// Goes on with the rule of that priority.
    Goto(u32),
    /// Drops the packet.
    Drop,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Rule {
    /// A rule without a condition.
    pub fn all(priority: u32, action: Action) -> Self {
        Rule { priority, input: None, source: None, destination: None, port: None, action }
    }

    /// Adds the rule; one that is there already is an error.
    pub fn add(&self, route: &Netlink) -> io::Result<()> {
        route.change(self.request(libc::RTM_NEWRULE, CREATE))
    }

    /// Deletes the rule.
    pub fn delete(&self, route: &Netlink) -> io::Result<()> {
        route.change(self.request(RTM_DELRULE, 0))
    }

    fn request(&self, kind: u16, flags: i32) -> Request {
        let length = |subnet: Option<Subnet>| subnet.map_or(0, |subnet| subnet.prefix);
        let (table, action) = match self.action {
            Action::Table(table) => (table, FR_ACT_TO_TBL),
            Action::Goto(_) => (0, FR_ACT_GOTO),
            Action::Drop => (0, FR_ACT_BLACKHOLE),
        };
        let family = libc::AF_INET as u8;
        let head =
            [family, length(self.destination), length(self.source), 0, table, 0, 0, action, 0, 0, 0, 0];
        let mut request =
            Request::new(kind, flags, &head).attribute(FRA_PRIORITY, &self.priority.to_ne_bytes());
        if let Some(link) = self.input {
            request = request.attribute(FRA_IIFNAME, &[link.as_bytes(), &[0]].concat());
        }
        for (attribute, subnet) in [(FRA_SRC, self.source), (FRA_DST, self.destination)] {
            if let Some(subnet) = subnet.filter(|subnet| subnet.prefix > 0) {
                request = request.attribute(attribute, &subnet.address.octets());
            }
        }
        if let Some((protocol, port)) = self.port {
            let range = [port.to_ne_bytes(), port.to_ne_bytes()].concat();
            request = request.attribute(FRA_IP_PROTO, &[protocol]).attribute(FRA_DPORT_RANGE, &range);
        }
        match self.action {
            Action::Table(table) => request.attribute(FRA_TABLE, &u32::from(table).to_ne_bytes()),
            Action::Goto(priority) => request.attribute(FRA_GOTO, &priority.to_ne_bytes()),
            Action::Drop => request,
        }
    }
}

/// Routes everything in a table to a next hop on a link, whether or not its subnet is there, from a source address.
pub fn add_detour(
    netlink: &Netlink,
    table: u8,
    link: u32,
    gateway: Ipv4Addr,
    source: Ipv4Addr,
) -> io::Result<()> {
    let family = libc::AF_INET as u8;
    let scope = libc::RT_SCOPE_UNIVERSE;
    let mut head = vec![family, 0, 0, 0, table, libc::RTPROT_STATIC, scope, libc::RTN_UNICAST];
    head.extend_from_slice(&ONLINK.to_ne_bytes());
    let request = Request::new(libc::RTM_NEWROUTE, CREATE, &head)
        .attribute(libc::RTA_GATEWAY, &gateway.octets())
        .attribute(libc::RTA_OIF, &link.to_ne_bytes())
        .attribute(libc::RTA_PREFSRC, &source.octets());
    netlink.change(request)
}

/// Gives a next hop on a link a hardware address for good, so that nobody asks for it.
pub fn add_neighbour(netlink: &Netlink, link: u32, address: Ipv4Addr, hardware: [u8; 6]) -> io::Result<()> {
    let mut head = vec![libc::AF_INET as u8, 0, 0, 0];
    head.extend_from_slice(&link.to_ne_bytes());
    head.extend_from_slice(&libc::NUD_PERMANENT.to_ne_bytes());
    head.extend_from_slice(&[0, 0]);
    let request = Request::new(libc::RTM_NEWNEIGH, CREATE, &head)
        .attribute(libc::NDA_DST, &address.octets())
        .attribute(libc::NDA_LLADDR, &hardware);
    netlink.change(request)
}
