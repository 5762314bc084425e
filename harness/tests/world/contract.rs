//! What every outside must do, asked of the real one and of the one in memory that stands in for it.

use crate::support::{address, in_a_world};
use bytes::Bytes;
use proofhouse_harness::outside::{Datagram, InProcess, Outside};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn holds_for(outside: &dyn Outside) -> io::Result<()> {
    connections_have_both_addresses_and_end_half_by_half(outside).await?;
    exact_listeners_come_before_those_for_all_addresses(outside).await?;
    addresses_are_free_again_when_their_socket_is_dropped(outside).await?;
    datagrams_have_both_addresses(outside).await?;
    what_nobody_listens_at_is_refused(outside).await?;
    Ok(())
}

async fn connections_have_both_addresses_and_end_half_by_half(outside: &dyn Outside) -> io::Result<()> {
    let mut listener = outside.listen_tcp(address("1.1.1.1:443")).await?;
    assert_eq!(listener.local(), address("1.1.1.1:443"));
    let client = outside.connect_tcp(address("203.0.113.7:50000"), address("1.1.1.1:443"));
    let mut client = client.await?;
    let mut server = listener.accept().await.expect("a connection");
    assert_eq!((server.peer, server.local), (address("203.0.113.7:50000"), address("1.1.1.1:443")));
    client.write_all(b"question").await?;
    client.shutdown().await?;
    let mut text = String::new();
    server.stream.read_to_string(&mut text).await?;
    server.stream.write_all(b"answer").await?;
    drop(server);
    client.read_to_string(&mut text).await?;
    assert_eq!(text, "questionanswer");
    Ok(())
}

async fn exact_listeners_come_before_those_for_all_addresses(outside: &dyn Outside) -> io::Result<()> {
    let mut all = outside.listen_tcp(address("0.0.0.0:80")).await?;
    let mut one = outside.listen_tcp(address("1.1.1.1:80")).await?;
    let _to_one = outside.connect_tcp(address("203.0.113.7:0"), address("1.1.1.1:80")).await?;
    let _to_any = outside.connect_tcp(address("203.0.113.7:0"), address("9.9.9.9:80")).await?;
    assert_eq!(one.accept().await.expect("a connection").local, address("1.1.1.1:80"));
    assert_eq!(all.accept().await.expect("a connection").local, address("9.9.9.9:80"));
    Ok(())
}

async fn addresses_are_free_again_when_their_socket_is_dropped(outside: &dyn Outside) -> io::Result<()> {
    let at = address("192.0.2.1:7000");
    let first = outside.listen_tcp(at).await?;
    let second = outside.listen_tcp(at).await.expect_err("the address is taken");
    assert_eq!(second.kind(), io::ErrorKind::AddrInUse);
    drop(first);
    outside.listen_tcp(at).await?;
    let first = outside.bind_udp(at).await?;
    let second = outside.bind_udp(at).await.err().expect("the address is taken");
    assert_eq!(second.kind(), io::ErrorKind::AddrInUse);
    drop(first);
    outside.bind_udp(at).await?;
    Ok(())
}

async fn datagrams_have_both_addresses(outside: &dyn Outside) -> io::Result<()> {
    let server = outside.bind_udp(address("0.0.0.0:5353")).await?;
    let client = outside.bind_udp(address("203.0.113.7:0")).await?;
    assert_ne!(client.local().port(), 0);
    let data = Bytes::from_static(b"question");
    client.send(Datagram { peer: address("9.9.9.9:5353"), local: client.local(), data: data.clone() })?;
    let question = server.receive().await?;
    assert_eq!(question, Datagram { peer: client.local(), local: address("9.9.9.9:5353"), data });
    server.send(Datagram { data: Bytes::from_static(b"answer"), ..question })?;
    let answer = client.receive().await?;
    assert_eq!((answer.peer, answer.data.as_ref()), (address("9.9.9.9:5353"), b"answer".as_slice()));
    assert_eq!(client.dropped() + server.dropped(), 0);
    Ok(())
}

async fn what_nobody_listens_at_is_refused(outside: &dyn Outside) -> io::Result<()> {
    let refused = outside.connect_tcp(address("203.0.113.7:0"), address("192.0.2.9:9")).await;
    assert_eq!(refused.err().expect("nobody is there").kind(), io::ErrorKind::ConnectionRefused);
    let refused = outside.actor("nobody").await;
    assert_eq!(refused.err().expect("no such actor").kind(), io::ErrorKind::ConnectionRefused);
    let late = outside.wait_listening(1, Duration::from_millis(20)).await;
    assert_eq!(late.expect_err("nothing listens there").kind(), io::ErrorKind::TimedOut);
    Ok(())
}

#[tokio::test]
async fn the_outside_in_memory_is_one() {
    holds_for(&InProcess::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outside_of_the_world_container_is_one() {
    in_a_world(|world| async move { holds_for(&*world.outside).await.unwrap() }).await;
}
