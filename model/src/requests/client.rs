//! Who the client is (section 2.5).

use super::Sent;
use crate::Trail;
use std::net::{IpAddr, Ipv4Addr};

/// W27, W28: the first public address that the request was forwarded for, else the peer.
pub(super) fn client(sent: &Sent, trail: &mut Trail) -> IpAddr {
    let Some(chain) = sent.header("x-forwarded-for") else { return sent.peer };
    let mut addresses = chain.split(',').filter_map(|one| one.trim().parse::<IpAddr>().ok());
    match addresses.find(is_public) {
        Some(address) => {
            trail.through("request.forwarded-for");
            address
        }
        None => {
            trail.through("request.forwarded-for-private");
            sent.peer
        }
    }
}

/// RFC 1918 and its like, those behind a carrier's translation too. The ranges of examples stand for clients (choice).
fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = Ipv4Addr::new(100, 64, 0, 0)..=Ipv4Addr::new(100, 127, 255, 255);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || shared.contains(v4)
                || *v4 == Ipv4Addr::UNSPECIFIED)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_public_address_is_the_client() {
        for (forwarded, expected) in [
            (None, "198.18.0.1"),
            (Some("203.0.113.7"), "203.0.113.7"),
            (Some("203.0.113.7, 203.0.113.8"), "203.0.113.7"),
            (Some("10.0.0.1, 203.0.113.7"), "203.0.113.7"),
            (Some("10.0.0.1"), "198.18.0.1"),
            (Some("100.64.0.1, 203.0.113.7"), "203.0.113.7"),
            (Some("100.128.0.1"), "100.128.0.1"),
            (Some("fd00::1, 2001:db8::7"), "2001:db8::7"),
            (Some("nobody"), "198.18.0.1"),
        ] {
            let headers = forwarded.map(|value| ("x-forwarded-for".to_owned(), value.to_owned()));
            let sent = Sent {
                peer: "198.18.0.1".parse().unwrap(),
                port: 80,
                method: "GET".to_owned(),
                target: "/".to_owned(),
                headers: headers.into_iter().collect(),
                body: String::new(),
                coded_sha256: None,
                fields: Vec::new(),
                files: Vec::new(),
                app_answer: None,
                document: None,
                app_status: 200,
                bot: None,
                attacks: Vec::new(),
            };
            assert_eq!(client(&sent, &mut Trail::default()).to_string(), expected, "{forwarded:?}");
        }
    }
}
