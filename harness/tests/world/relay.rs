//! Sockets through the relay.

use crate::support::{WITHIN, address, in_a_world};
use proofhouse_harness::outside::{Outside, Refusal, RelayFailure, Transport};
use std::io;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_the_internet_reaches_the_app_and_the_app_sees_its_address() {
    in_a_world(|world| async move {
        world.shell("httpd -f -p 8080 -h /www").await;
        let listening = world.outside.wait_listening(8080, WITHIN).await.unwrap();
        assert_eq!(listening.port(), 8080);
        let sockets = world.outside.sockets().await.unwrap();
        assert!(sockets.contains(":1F90 "), "{sockets}");

        let client = world.outside.connect_tcp(address("203.0.113.7:0"), address("10.0.42.7:8080"));
        let mut client = client.await.unwrap();
        client.write_all(b"GET /cgi-bin/peer HTTP/1.0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        // busybox listens with one socket for both families, and so sees the mapped form.
        assert!(answer.ends_with("[::ffff:203.0.113.7]\n"), "{answer}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_task_connects_to_arrives_with_both_addresses() {
    in_a_world(|world| async move {
        let mut listener = world.outside.listen_tcp(address("1.1.1.1:443")).await.unwrap();
        let app = world.shell("echo to the world | nc 1.1.1.1 443").await;
        let mut accepted = listener.accept().await.unwrap();
        assert_eq!(accepted.local, address("1.1.1.1:443"));
        assert_eq!(accepted.peer.ip().to_string(), "10.0.42.7");
        let mut line = [0; 13];
        accepted.stream.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"to the world\n");
        accepted.stream.write_all(b"and back").await.unwrap();
        drop(accepted);
        assert_eq!(world.ran(&app).await.output, "and back");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_reached_over_the_link_and_everything_else_over_the_eni() {
    in_a_world(|world| async move {
        let mut metadata = world.outside.listen_tcp(address("169.254.170.2:80")).await.unwrap();
        let mut everywhere = world.outside.listen_tcp(address("0.0.0.0:80")).await.unwrap();
        world.shell("nc 169.254.170.2 80; nc 198.51.100.9 80").await;
        let accepted = metadata.accept().await.unwrap();
        assert_eq!(accepted.peer.ip().to_string(), "169.254.172.2");
        drop(accepted);
        let accepted = everywhere.accept().await.unwrap();
        assert_eq!(accepted.local, address("198.51.100.9:80"));
        assert_eq!(accepted.peer.ip().to_string(), "10.0.42.7");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_is_refused_and_told() {
    in_a_world(|world| async move {
        let mut refusals = world.outside.refusals().await.unwrap();
        let seen = world.run("nc -w 5 192.0.2.55 4444; nslookup x.test 192.0.2.56").await;
        assert!(seen.output.contains("Connection refused"), "{}", seen.output);
        let tcp = tokio::time::timeout(WITHIN, refusals.next()).await.unwrap().unwrap();
        assert_eq!((tcp.transport, tcp.server), (Transport::Tcp, address("192.0.2.55:4444")));
        assert_eq!(tcp.client.ip().to_string(), "10.0.42.7");
        let udp = tokio::time::timeout(WITHIN, refusals.next()).await.unwrap();
        let Some(Refusal { transport: Transport::Udp, server, .. }) = udp else { panic!("{udp:?}") };
        assert_eq!(server, address("192.0.2.56:53"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_a_reset_and_a_refusal_has_its_number() {
    in_a_world(|world| async move {
        let mut listener = world.outside.listen_tcp(address("1.1.1.1:443")).await.unwrap();
        let app = world.shell("wget -O - http://1.1.1.1:443/").await;
        let mut accepted = listener.accept().await.unwrap();
        accepted.stream.read_exact(&mut [0; 3]).await.unwrap();
        accepted.stream.reset();
        let seen = world.ran(&app).await.output;
        assert!(seen.contains("reset by peer"), "{seen}");

        let nobody = world.outside.connect_tcp(address("203.0.113.7:0"), address("10.0.42.7:1"));
        let error = nobody.await.err().expect("nobody listens there");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let failure = error.get_ref().and_then(|inner| inner.downcast_ref::<RelayFailure>()).unwrap();
        assert_eq!(failure.errno, 111);
        assert!(failure.text.contains("10.0.42.7:1"), "{failure}");
        let nobody = world.outside.actor("app").await.err().expect("no actor is there");
        assert_eq!(nobody.kind(), io::ErrorKind::ConnectionRefused);

        let twice = world.outside.listen_tcp(address("1.1.1.1:443")).await.expect_err("the port is taken");
        assert_eq!(twice.kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        // The agent has closed the first before it reads the next request.
        world.outside.listen_tcp(address("1.1.1.1:443")).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_nobody_reads_holds_up_no_other_and_bulk_is_fast() {
    const BYTES: u64 = 100 * 1024 * 1024;
    in_a_world(|world| async move {
        let mut listener = world.outside.listen_tcp(address("1.1.1.1:9")).await.unwrap();
        let flood = "dd if=/dev/zero bs=64k count=1600 2>/dev/null | nc 1.1.1.1 9";
        let stuck = world.shell(flood).await;
        let unread = listener.accept().await.unwrap();
        let bulk = world.shell(flood).await;
        let mut accepted = listener.accept().await.unwrap();
        let start = Instant::now();
        let read = tokio::io::copy(&mut accepted.stream, &mut tokio::io::sink()).await.unwrap();
        let inward = start.elapsed();
        assert_eq!(read, BYTES);
        assert!(world.is_running(&stuck).await, "nobody has read what it sends");
        drop((accepted, unread));
        world.ran(&bulk).await;

        let app = world.shell("nc -l -p 8080 >/dev/null").await;
        world.outside.wait_listening(8080, WITHIN).await.unwrap();
        let client = world.outside.connect_tcp(address("203.0.113.7:0"), address("10.0.42.7:8080"));
        let mut client = client.await.unwrap();
        let start = Instant::now();
        let chunk = vec![0; 64 * 1024];
        for _ in 0..1600 {
            client.write_all(&chunk).await.unwrap();
        }
        client.shutdown().await.unwrap();
        client.read_to_end(&mut Vec::new()).await.unwrap();
        let outward = start.elapsed();
        world.ran(&app).await;
        eprintln!("100 MiB from the task in {inward:?}, to the task in {outward:?}");
        assert!(inward.max(outward) < Duration::from_secs(10), "{inward:?}, {outward:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_harness_lets_go_the_world_ends_and_when_the_world_ends_all_is_told() {
    in_a_world(|world| async move {
        let mut listener = world.outside.listen_tcp(address("1.1.1.1:443")).await.unwrap();
        let app = world.shell("sleep 600 | nc 1.1.1.1 443").await;
        let mut accepted = listener.accept().await.unwrap();
        world.docker.kill_container(&world.container, None).await.unwrap();
        let error = accepted.stream.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert!(listener.accept().await.is_none());
        let error = world.outside.listen_tcp(address("1.1.1.1:444")).await.expect_err("the world is gone");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert!(world.is_running(&app).await, "the engine ends the task; the world does not");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_ends_in_order_at_sigterm_and_at_the_end_of_its_input() {
    in_a_world(|world| async move {
        let options = bollard::query_parameters::KillContainerOptionsBuilder::new().signal("SIGTERM").build();
        world.docker.kill_container(&world.container, Some(options)).await.unwrap();
        assert_eq!(world.ended(&world.container).await, 0);
    })
    .await;
    in_a_world(|world| async move {
        world.outside.hang_up();
        assert_eq!(world.ended(&world.container).await, 0);
    })
    .await;
}

/// Echoes every connection at port 9000. Its queue holds all that come at once: behind a full one the kernel answers with
/// SYN cookies, and resets a connection of which it missed the first segment, which is the app's doing and not the relay's.
const ECHO: &str = r#"use Socket; $SIG{CHLD} = "IGNORE"; socket(S, PF_INET, SOCK_STREAM, 0);
    bind(S, sockaddr_in(9000, INADDR_ANY)) or die "bind: $!"; listen(S, 64);
    while (accept(C, S)) {
        if (!fork) { open(STDIN, "<&C"); open(STDOUT, ">&C"); close(S); close(C); exec "/bin/busybox", "cat"; die "exec: $!" }
        close(C);
    }"#;

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_at_once_carry_their_own_bytes_whole() {
    const CONNECTIONS: u64 = 16;
    const BYTES: usize = 3 * 1024 * 1024;
    in_a_world(|world| async move {
        world.shell(&format!("perl -e '{ECHO}'")).await;
        world.outside.wait_listening(9000, WITHIN).await.unwrap();
        let all = (0..CONNECTIONS).map(|seed| {
            let world = world.clone();
            tokio::spawn(async move {
                let stream = world.outside.connect_tcp(address("203.0.113.7:0"), address("10.0.42.7:9000"));
                let (mut read, mut write) = tokio::io::split(stream.await.unwrap());
                // A full period of a generator: any loss, repetition or mix-up shows.
                let mut state = seed + 1;
                let sent: Vec<u8> = std::iter::repeat_with(|| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .take(BYTES)
                .collect();
                let writing = async {
                    write.write_all(&sent).await.unwrap();
                    write.shutdown().await.unwrap();
                };
                let mut received = Vec::new();
                let ((), read) = tokio::join!(writing, read.read_to_end(&mut received));
                read.unwrap();
                assert!(
                    received == sent,
                    "connection {seed}: {} of {BYTES} bytes, or others",
                    received.len()
                );
            })
        });
        futures_util::future::try_join_all(all).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_announced_when_something_listens_and_not_before() {
    in_a_world(|world| async move {
        let error = world.outside.wait_listening(8080, Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(error.to_string().contains("port 8080"), "{error}");
        let app = r#"use Socket; socket(S, PF_INET, SOCK_STREAM, 0);
            bind(S, sockaddr_in(8080, INADDR_LOOPBACK)) or die "bind: $!"; listen(S, 5); accept(C, S)"#;
        let waiting = world.outside.wait_listening(8080, WITHIN);
        let script = format!("perl -e '{app}'");
        let (found, _) = tokio::join!(waiting, world.shell(&script));
        assert_eq!(found.unwrap(), address("127.0.0.1:8080"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harness_that_is_killed_outright_takes_its_world_with_it() {
    const VICTIM: &str = "PROOFHOUSE_TEST_VICTIM";
    const THIS: &str = "relay::a_harness_that_is_killed_outright_takes_its_world_with_it";
    if std::env::var_os(VICTIM).is_some() {
        return in_a_world(|world| async move {
            println!("\nworld={}", world.container);
            std::future::pending().await
        })
        .await;
    }
    in_a_world(|world| async move {
        let mut victim = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", THIS, "--nocapture"])
            .env(VICTIM, "1")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let other = loop {
            let line = lines.next_line().await.unwrap().expect("the victim made a world");
            if let Some(id) = line.strip_prefix("world=") {
                break id.to_owned();
            }
        };
        world.adopt(&other);
        assert!(world.is_running(&other).await);
        victim.kill().await.unwrap();
        assert_eq!(world.ended(&other).await, 0, "the agent saw the end of its input");
    })
    .await;
}
