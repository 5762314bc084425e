//! Names to addresses, without libc: a static glibc program has no working resolver of its own.

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

/// For one server; then the next is asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// Addresses of a host: itself, from the hosts file, or from the servers of `resolv.conf`, with its search list.
///
/// # Errors
/// `NotFound` when nobody knows the name, otherwise what went wrong last.
pub async fn addresses(host: &str) -> io::Result<Vec<IpAddr>> {
    if let Ok(ip) = host.parse() {
        return Ok(vec![ip]);
    }
    let listed = in_hosts(&fs::read_to_string("/etc/hosts").unwrap_or_default(), host);
    if !listed.is_empty() {
        return Ok(listed);
    }
    let conf = Configuration::parse(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{host:?} has no address"));
    for name in conf.candidates(host) {
        for server in &conf.servers {
            match ask(*server, &name).await {
                Ok(found) if found.is_empty() => break,
                Ok(found) => return Ok(found),
                Err(error) => last = error,
            }
        }
    }
    Err(last)
}

fn in_hosts(hosts: &str, host: &str) -> Vec<IpAddr> {
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let found = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let ip = words.next()?.parse().ok()?;
        words.any(|name| name.eq_ignore_ascii_case(host)).then_some(ip)
    });
    found.collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Configuration {
    servers: Vec<SocketAddr>,
    search: Vec<String>,
    dots: usize,
}

impl Configuration {
    fn parse(text: &str) -> Self {
        let mut conf = Self { servers: Vec::new(), search: Vec::new(), dots: 1 };
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    let ip = words.next().and_then(|ip| ip.parse::<IpAddr>().ok());
                    conf.servers.extend(ip.map(|ip| SocketAddr::new(ip, 53)));
                }
                Some("search" | "domain") => conf.search = words.map(str::to_owned).collect(),
                Some("options") => {
                    let dots = words.find_map(|word| word.strip_prefix("ndots:")?.parse().ok());
                    conf.dots = dots.unwrap_or(conf.dots);
                }
                _ => {}
            }
        }
        conf
    }

    /// Full names to try, in order.
    fn candidates(&self, host: &str) -> Vec<String> {
        if host.ends_with('.') {
            return vec![host.to_owned()];
        }
        let mut names: Vec<String> = self.search.iter().map(|suffix| format!("{host}.{suffix}")).collect();
        let first = host.matches('.').count() >= self.dots;
        names.insert(if first { 0 } else { names.len() }, host.to_owned());
        names
    }
}

/// Asks for both kinds of address. An empty list means that the server knows there is none.
async fn ask(server: SocketAddr, name: &str) -> io::Result<Vec<IpAddr>> {
    let name = Name::from_ascii(name).map_err(io::Error::other)?;
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let mut found = Vec::new();
    for kind in [RecordType::A, RecordType::AAAA] {
        let mut question = Message::query();
        question.metadata.recursion_desired = true;
        question.add_query(Query::query(name.clone(), kind));
        socket.send(&question.to_vec().map_err(io::Error::other)?).await?;
        let answer = timeout(PATIENCE, answer(&socket, question.metadata.id)).await??;
        found.extend(answer.answers.iter().filter_map(|record| match &record.data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
            _ => None,
        }));
    }
    Ok(found)
}

async fn answer(socket: &UdpSocket, id: u16) -> io::Result<Message> {
    let mut buffer = [0; 4096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match Message::from_vec(&buffer[..length]) {
            Ok(message) if message.metadata.id == id => return Ok(message),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_read_like_libc_reads_them() {
        let hosts =
            "127.0.0.1 localhost\n10.0.0.9  Console console.example # comment\n::1 localhost\nbroken\n";
        assert_eq!(in_hosts(hosts, "console"), ["10.0.0.9".parse::<IpAddr>().unwrap()]);
        assert_eq!(in_hosts(hosts, "localhost").len(), 2);
        assert!(in_hosts(hosts, "comment").is_empty());
        let conf = Configuration::parse(
            "nameserver 10.0.0.2\nnameserver fd00::2\nsearch a.b c.d\noptions ndots:2\n",
        );
        assert_eq!(conf.servers, ["10.0.0.2:53".parse().unwrap(), "[fd00::2]:53".parse().unwrap()]);
        assert_eq!(conf.candidates("x"), ["x.a.b", "x.c.d", "x"]);
        assert_eq!(conf.candidates("x.y.z"), ["x.y.z", "x.y.z.a.b", "x.y.z.c.d"]);
        assert_eq!(conf.candidates("x."), ["x."]);
    }

    #[tokio::test]
    async fn a_server_is_asked_for_both_families() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let serve = async {
            let mut buffer = [0; 512];
            for data in [RData::A(Ipv4Addr::new(10, 0, 0, 9).into()), RData::AAAA(Ipv6Addr::LOCALHOST.into())]
            {
                let (length, client) = server.recv_from(&mut buffer).await.unwrap();
                let question = Message::from_vec(&buffer[..length]).unwrap();
                let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
                let name = question.queries[0].name().clone();
                answer.add_answer(hickory_proto::rr::Record::from_rdata(name, 60, data));
                server.send_to(&answer.to_vec().unwrap(), client).await.unwrap();
            }
        };
        let (found, ()) = tokio::join!(ask(address, "console.example"), serve);
        assert_eq!(found.unwrap(), [IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9)), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "(.{0,20}\n){0,5}", host in ".{0,10}") {
            let _ = in_hosts(&text, &host);
            let _ = Configuration::parse(&text).candidates(&host);
        }
    }
}
