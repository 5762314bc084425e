//! The network of one task: two links between the task and the outside, and every address in the world on the far side.

use crate::files;
use crate::links::{LinkEnd, Route, add_address, add_route, index_of, make_pair, switch_on};
use crate::namespace::{Outside, Task};
use proofhouse_wire::relay::WorldNetwork;
use proofhouse_wire::relay::network::VERSION;
use std::io;
use std::net::Ipv4Addr;

const LOOPBACK: u32 = 1;
const LINK_MTU: u32 = 1500;
const METADATA_OF_THE_HOST: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
const ANY: (Ipv4Addr, u8) = (Ipv4Addr::UNSPECIFIED, 0);

/// Builds the network and writes the files.
pub fn build(task: &Task, outside: &Outside, network: &WorldNetwork) -> io::Result<()> {
    if network.version != VERSION {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!(
                "the harness speaks version {} of the relay, this agent {VERSION}; build the world image again",
                network.version
            ),
        ));
    }
    make_links(task, outside, network)
        .map_err(|error| within("cannot make the links of the task", &error))?;
    set_task_side(task, network)
        .map_err(|error| within("cannot set the task's addresses and routes", &error))?;
    set_outside(outside, network)
        .map_err(|error| within("cannot set the outside's addresses and routes", &error))?;
    files::write(network)
}

fn make_links(task: &Task, outside: &Outside, network: &WorldNetwork) -> io::Result<()> {
    make_pair(
        &task.route,
        &LinkEnd { name: "eth0", mtu: LINK_MTU, hardware: None },
        &LinkEnd { name: "agent", mtu: LINK_MTU, hardware: None },
        &outside.namespace,
    )?;
    make_pair(
        &task.route,
        &LinkEnd { name: "eth1", mtu: network.mtu, hardware: Some(network.eni_hardware) },
        &LinkEnd { name: "vpc", mtu: network.mtu, hardware: None },
        &outside.namespace,
    )
}

fn set_task_side(task: &Task, network: &WorldNetwork) -> io::Result<()> {
    let route = &task.route;
    let (link, eni) = (index_of(route, "eth0")?, index_of(route, "eth1")?);
    add_address(route, link, network.link_address, network.link_prefix)?;
    add_address(route, eni, network.eni_address, network.subnet_prefix)?;
    for index in [LOOPBACK, link, eni] {
        switch_on(route, index)?;
    }
    let main = libc::RT_TABLE_MAIN;
    let unicast = libc::RTN_UNICAST;
    let routes = [
        Route {
            destination: (network.metadata, 32),
            gateway: Some(network.link_gateway),
            link: Some(link),
            kind: unicast,
            table: main,
        },
        Route {
            destination: ANY,
            gateway: Some(network.gateway),
            link: Some(eni),
            kind: unicast,
            table: main,
        },
        // connect() answers EINVAL at once, as clients on Fargate report (`reference/fargate.md`, 2.8 and 6).
        Route {
            destination: (METADATA_OF_THE_HOST, 32),
            gateway: None,
            link: None,
            kind: libc::RTN_BLACKHOLE,
            table: main,
        },
    ];
    routes.iter().try_for_each(|entry| add_route(route, entry))
}

/// Every address is local outside, except the task's two.
///
/// The far ends have /32 addresses, so that no connected route is more exact than the route that makes every address
/// local, and the rest of the subnet (the resolver) is local too. All of it stands in the table `local`: whether the
/// kernel looks there first, or in both tables at once, the longest prefix wins, and that is the task's.
fn set_outside(outside: &Outside, network: &WorldNetwork) -> io::Result<()> {
    let route = &outside.route;
    let (link, eni) = (index_of(route, "agent")?, index_of(route, "vpc")?);
    add_address(route, link, network.link_gateway, 32)?;
    add_address(route, eni, network.gateway, 32)?;
    for index in [LOOPBACK, link, eni] {
        switch_on(route, index)?;
    }
    let table = libc::RT_TABLE_LOCAL;
    let unicast = libc::RTN_UNICAST;
    let routes = [
        Route {
            destination: (network.link_address, 32),
            gateway: None,
            link: Some(link),
            kind: unicast,
            table,
        },
        Route {
            destination: (network.eni_address, 32),
            gateway: None,
            link: Some(eni),
            kind: unicast,
            table,
        },
        Route { destination: ANY, gateway: None, link: Some(LOOPBACK), kind: libc::RTN_LOCAL, table },
    ];
    routes.iter().try_for_each(|entry| add_route(route, entry))
}

fn within(what: &str, error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(libc::EPERM) => {
            io::Error::new(error.kind(), format!("{what} ({error}); the container needs CAP_NET_ADMIN"))
        }
        _ => io::Error::new(error.kind(), format!("{what} ({error})")),
    }
}
