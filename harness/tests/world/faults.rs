//! Faults of the task's network: what the kernel really does.

use crate::support::{World, address, in_a_world};
use proofhouse_harness::outside::{
    Blackhole, Direction, Effect, Faults, Impairment, Listener, Outside, Subnet, Transport,
};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// How long a packet may take that comes; one that vanishes takes for ever.
const SHORT: Duration = Duration::from_secs(2);
const FAR: &str = "203.0.113.9";

/// Connects to each `address:port`, and tells how that ended.
const CONNECT: &str = r#"
use IO::Socket::INET;
for (@ARGV) {
    my $socket = IO::Socket::INET->new(PeerAddr => $_, Timeout => 1);
    print "$_ ", ($socket ? "made" : "$!"), "\n";
}"#;

/// Sends 8 MiB to `address:port`, and tells how many seconds the connection and what came back took.
const SEND: &str = r#"
use IO::Socket::INET;
sub now { open my $file, "<", "/proc/uptime"; (split / /, <$file>)[0] }
my $start = now();
my $socket = IO::Socket::INET->new(PeerAddr => $ARGV[0], Timeout => 10) or die "$!";
printf "%.2f ", now() - $start;
print $socket "x" x 65536 for 1 .. 128;
shutdown $socket, 1;
print <$socket>, "\n";"#;

fn blackhole(direction: Direction, transport: Transport, port: u16, spared: &[&str]) -> Faults {
    Faults {
        blackholes: vec![Blackhole { direction, transport, port, spared: subnets(spared) }],
        impairment: None,
    }
}

fn impairment(effect: Effect, sources: &[&str], spared: &[&str]) -> Faults {
    let (sources, spared) = (subnets(sources), subnets(spared));
    let impairment = Some(Impairment { effect, sources, spared, flows_percent: 100 });
    Faults { blackholes: Vec::new(), impairment }
}

fn subnets(texts: &[&str]) -> Vec<Subnet> {
    texts.iter().filter_map(|text| Subnet::parse(text).expect("a subnet")).collect()
}

async fn listen(world: &World, at: &str) -> Listener {
    world.outside.listen_tcp(address(at)).await.expect("a free address")
}

/// How connections from the task to these addresses end, one line each.
async fn connect(world: &World, addresses: &str) -> Vec<String> {
    let ran = world.run(&format!("perl -e '{CONNECT}' {addresses}")).await;
    ran.output.lines().map(str::to_owned).collect()
}

async fn enter(world: &World, port: u16) -> Result<io::Result<()>, tokio::time::error::Elapsed> {
    let (client, task): (SocketAddr, SocketAddr) =
        (address("198.51.100.7:0"), address(&format!("10.0.42.7:{port}")));
    timeout(SHORT, world.outside.connect_tcp(client, task)).await.map(|made| made.map(drop))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_for_a_port_vanishes_and_other_ports_and_spared_addresses_do_not_notice() {
    in_a_world(|world| async move {
        let _listeners = (listen(&world, "0.0.0.0:443").await, listen(&world, "0.0.0.0:8443").await);
        let mut metadata = listen(&world, "169.254.170.2:80").await;
        world.shell("httpd -f -p 443 -h /www").await;
        world.outside.wait_listening(443, crate::support::WITHIN).await.unwrap();
        let all = format!("{FAR}:443 {FAR}:8443 203.0.113.10:443 10.0.42.2:443 127.0.0.1:443 10.0.42.7:443");
        let made = connect(&world, &all).await;
        assert!(made.iter().all(|line| line.ends_with(" made")), "{made:?}");

        let faults = blackhole(Direction::Egress, Transport::Tcp, 443, &["203.0.113.10"]);
        world.outside.set_faults(faults).await.unwrap();
        let seen = connect(&world, &all).await;
        let expected = [
            "Connection timed out",
            "made",
            "made",
            "Connection timed out",
            "Connection timed out",
            "Connection timed out",
        ];
        let ends =
            seen.iter().map(|line| line.split_once(' ').map_or("", |(_, end)| end)).collect::<Vec<_>>();
        assert_eq!(ends, expected, "{seen:?}");

        world.outside.set_faults(blackhole(Direction::Egress, Transport::Tcp, 80, &[])).await.unwrap();
        let seen = connect(&world, &format!("{all} 169.254.170.2:80 {FAR}:80")).await;
        assert!(seen[..7].iter().all(|line| line.ends_with(" made")), "{seen:?}");
        assert!(seen[7].ends_with("timed out"), "{seen:?}");
        assert!(metadata.accept().await.is_some());

        world.outside.set_faults(Faults::default()).await.unwrap();
        let made = connect(&world, &all).await;
        assert!(made.iter().all(|line| line.ends_with(" made")), "{made:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_there_falls_silent_and_goes_on() {
    in_a_world(|world| async move {
        let mut listener = listen(&world, &format!("{FAR}:443")).await;
        world.shell(&format!("while :; do echo tick; sleep 0.1; done | nc {FAR} 443")).await;
        let mut accepted = listener.accept().await.expect("a connection");
        let mut buffer = [0; 4096];
        assert!(accepted.stream.read(&mut buffer).await.unwrap() > 0);
        world.outside.set_faults(blackhole(Direction::Egress, Transport::Tcp, 443, &[])).await.unwrap();
        // What was on its way comes yet; then nothing does.
        let silence = async { while timeout(SHORT, accepted.stream.read(&mut buffer)).await.is_ok() {} };
        timeout(SHORT * 4, silence).await.expect("the connection falls silent");
        world.outside.set_faults(Faults::default()).await.unwrap();
        let again = timeout(SHORT * 10, accepted.stream.read(&mut buffer)).await.expect("it goes on");
        assert!(again.unwrap() > 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_for_a_port_vanishes() {
    in_a_world(|world| async move {
        for port in [7001, 7002] {
            world.shell(&format!("httpd -f -p {port} -h /www")).await;
            world.outside.wait_listening(port, crate::support::WITHIN).await.unwrap();
        }
        assert!(enter(&world, 7001).await.unwrap().is_ok());
        world.outside.set_faults(blackhole(Direction::Ingress, Transport::Tcp, 7001, &[])).await.unwrap();
        assert!(enter(&world, 7001).await.is_err(), "nobody answers, not even with a refusal");
        assert!(enter(&world, 7002).await.unwrap().is_ok());
        let seen = connect(&world, "127.0.0.1:7001 10.0.42.7:7001 127.0.0.1:7002").await;
        assert!(seen[0].ends_with("timed out") && seen[1].ends_with("timed out"), "{seen:?}");
        assert!(seen[2].ends_with("made"), "{seen:?}");
        let spared = blackhole(Direction::Ingress, Transport::Tcp, 7001, &["198.51.100.0/24"]);
        world.outside.set_faults(spared).await.unwrap();
        assert!(enter(&world, 7001).await.unwrap().is_ok(), "the client is spared");
        world.outside.set_faults(Faults::default()).await.unwrap();
        assert!(enter(&world, 7001).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_vanish_by_their_own_transport() {
    in_a_world(|world| async move {
        let socket = world.outside.bind_udp(address("0.0.0.0:53")).await.unwrap();
        let say = format!(
            "perl -e 'use IO::Socket::INET; IO::Socket::INET->new(Proto => \"udp\", PeerAddr => \"{FAR}:53\")->send(\"hello\");'"
        );
        world.outside.set_faults(blackhole(Direction::Egress, Transport::Udp, 53, &[])).await.unwrap();
        world.run(&say).await;
        world.outside.set_faults(blackhole(Direction::Egress, Transport::Tcp, 53, &[])).await.unwrap();
        world.run(&say.replace("hello", "again")).await;
        let first = timeout(SHORT, socket.receive()).await.expect("a datagram").unwrap();
        assert_eq!(&first.data[..], b"again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_is_late_and_whole() {
    in_a_world(|world| async move {
        let mut listener = listen(&world, "0.0.0.0:9000").await;
        tokio::spawn(async move {
            while let Some(mut accepted) = listener.accept().await {
                tokio::spawn(async move {
                    let mut all = Vec::new();
                    let _ = accepted.stream.read_to_end(&mut all).await;
                    let whole = all.iter().all(|byte| *byte == b'x');
                    let _ = accepted.stream.write_all(format!("{} {whole}", all.len()).as_bytes()).await;
                });
            }
        });
        let send = async |to: &str| {
            let ran = world.run(&format!("perl -e '{SEND}' {to}:9000")).await;
            let (seconds, rest) = ran.output.split_once(' ').unwrap_or_else(|| panic!("{ran:?}"));
            assert_eq!(rest, "8388608 true\n", "{ran:?}");
            seconds.parse::<f64>().expect("seconds")
        };
        // A busy machine is late by itself now and then, but not three times.
        let quickest = async |to: &str| {
            let mut least = f64::MAX;
            for _ in 0..3 {
                least = least.min(send(to).await);
            }
            least
        };
        let before = quickest(FAR).await;
        let late = Effect::Delay { milliseconds: 300, jitter: 0 };
        world.outside.set_faults(impairment(late, &["203.0.113.0/24"], &["203.0.113.10"])).await.unwrap();
        let delayed = send(FAR).await;
        let (spared, other) = (quickest("203.0.113.10").await, quickest("198.51.100.1").await);
        world.outside.set_faults(Faults::default()).await.unwrap();
        let after = quickest(FAR).await;
        let seen = format!(
            "before {before} s, delayed {delayed} s, spared {spared} s, other {other} s, after {after} s"
        );
        assert!(delayed >= 0.29, "{seen}");
        assert!([before, spared, other, after].iter().all(|seconds| *seconds < 0.25), "{seen}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_is_lost_as_often_as_it_is_to_be() {
    in_a_world(|world| async move {
        let socket = world.outside.bind_udp(address("0.0.0.0:9000")).await.unwrap();
        let said = r#"use IO::Socket::INET; my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => $ARGV[0]); for (1 .. 1000) { $s->send("."); select undef, undef, undef, 0.001; } $s->send("end") for 1 .. 40;"#;
        let arrived = async |percent: u8| {
            let loss = Effect::Loss { percent };
            world.outside.set_faults(impairment(loss, &["0.0.0.0/0"], &[])).await.unwrap();
            world.run(&format!("perl -e '{said}' {FAR}:9000")).await;
            let mut count = 0;
            while let Ok(datagram) = timeout(Duration::from_millis(500), socket.receive()).await {
                count += u32::from(&datagram.unwrap().data[..] == b".");
            }
            count
        };
        assert_eq!(arrived(100).await, 0);
        let half = arrived(50).await;
        eprintln!("{half} of 1000 arrive at 50 percent");
        assert!((400..600).contains(&half), "{half}");
        let _metadata = listen(&world, "169.254.170.2:80").await;
        assert_eq!(connect(&world, "169.254.170.2:80").await, ["169.254.170.2:80 made"]);
    })
    .await;
}
