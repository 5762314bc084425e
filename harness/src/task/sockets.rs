//! Sockets of a container's network namespace, read from the engine's machine where that is this one.

use crate::engine::Inspection;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A table of sockets, or why there is none.
pub(super) fn of(state: &Inspection) -> String {
    // A process id means something here only if the engine runs on this kernel; the control group tells.
    let ours = fs::read_to_string(format!("/proc/{}/cgroup", state.pid));
    if !ours.is_ok_and(|groups| groups.contains(&state.id.0)) {
        return "not available: the engine's processes are not visible from here".to_owned();
    }
    let mut rows = vec!["proto\tlocal\tremote\tstate".to_owned()];
    for proto in ["tcp", "tcp6", "udp", "udp6"] {
        let table = fs::read_to_string(format!("/proc/{}/net/{proto}", state.pid)).unwrap_or_default();
        rows.extend(table.lines().skip(1).filter_map(|line| row(proto, line)));
    }
    rows.join("\n")
}

fn row(proto: &str, line: &str) -> Option<String> {
    let mut fields = line.split_whitespace().skip(1);
    let (local, remote, state) = (address(fields.next()?)?, address(fields.next()?)?, fields.next()?);
    let state = match (proto.starts_with("tcp"), state) {
        (true, "01") => "ESTABLISHED",
        (true, "02") => "SYN_SENT",
        (true, "03") => "SYN_RECV",
        (true, "04") => "FIN_WAIT1",
        (true, "05") => "FIN_WAIT2",
        (true, "06") => "TIME_WAIT",
        (true, "07") => "CLOSE",
        (true, "08") => "CLOSE_WAIT",
        (true, "09") => "LAST_ACK",
        (true, "0A") => "LISTEN",
        (true, "0B") => "CLOSING",
        (false, "01") => "connected",
        (false, _) => "unconnected",
        (true, other) => other,
    };
    Some(format!("{proto}\t{local}\t{remote}\t{state}"))
}

/// `0100007F:0050`: 32-bit words in the machine's order, then the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for word in host.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(bytes).map(Ipv4Addr::from).ok()?),
        16 => IpAddr::from(<[u8; 16]>::try_from(bytes).map(Ipv6Addr::from).ok()?),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn reads_the_kernels_tables() {
        let line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 12345 1";
        assert_eq!(row("tcp", line).unwrap(), "tcp\t127.0.0.1:8080\t0.0.0.0:0\tLISTEN");
        let line = "  1: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0:0";
        assert_eq!(row("udp6", line).unwrap(), "udp6\t[::1]:53\t[::]:0\tunconnected");
        assert_eq!(row("tcp", "garbage"), None);
    }
}
