//! The DNS forwarder of one wrapper: what an app connects to instead of a DNS server.

use super::askers::{Redirected, Transport};
use super::question::Question;
use super::supervisor::{Fate, Supervisor};
use crate::kernel::options;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener, UdpSocket as StdSocket};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// A server that has not answered by now will not be waited for; resolvers give up long before.
const PATIENCE: Duration = Duration::from_secs(30);

/// A TCP connection that is not known by now is not one of ours.
const INTRODUCTION: Duration = Duration::from_secs(1);

const LONGEST: usize = 65_535;

/// Where the forwarder listens, on loopback. Without IPv6 there, IPv4 serves both.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// UDP.
    pub udp4: SocketAddr,
    /// TCP.
    pub tcp4: SocketAddr,
    /// UDP over IPv6.
    pub udp6: Option<SocketAddr>,
    /// TCP over IPv6.
    pub tcp6: Option<SocketAddr>,
}

/// Listens, and serves in a thread of its own.
///
/// # Errors
/// When loopback is not there, or no thread can be made.
pub fn start(supervisor: Arc<Supervisor>) -> io::Result<Addresses> {
    let four: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    let six: SocketAddr = (Ipv6Addr::LOCALHOST, 0).into();
    let mut udp = vec![StdSocket::bind(four)?];
    let mut tcp = vec![StdListener::bind(four)?];
    if let (Ok(socket), Ok(listener)) = (StdSocket::bind(six), StdListener::bind(six)) {
        udp.push(socket);
        tcp.push(listener);
    }
    let addresses = Addresses {
        udp4: udp[0].local_addr()?,
        tcp4: tcp[0].local_addr()?,
        udp6: udp.get(1).map(StdSocket::local_addr).transpose()?,
        tcp6: tcp.get(1).map(StdListener::local_addr).transpose()?,
    };
    for socket in &udp {
        supervisor.outbox.lost.watch(socket.try_clone()?);
        socket.set_nonblocking(true)?;
    }
    for listener in &tcp {
        listener.set_nonblocking(true)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    thread::Builder::new().name("forwarder".to_owned()).spawn(move || {
        runtime.block_on(async {
            for socket in udp {
                tokio::spawn(serve_udp(Arc::clone(&supervisor), socket));
            }
            for listener in tcp {
                tokio::spawn(serve_tcp(Arc::clone(&supervisor), listener));
            }
            std::future::pending::<()>().await;
        });
    })?;
    Ok(addresses)
}

async fn serve_udp(supervisor: Arc<Supervisor>, socket: StdSocket) {
    let socket = Arc::new(UdpSocket::from_std(socket).expect("a bound socket that does not block"));
    let mut buffer = vec![0; LONGEST];
    loop {
        // An error here is an ICMP message about an answer of ours; it concerns nobody else.
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
        let Some(redirected) = supervisor.askers.find(Transport::Udp, client) else {
            supervisor.outbox.lost.undecided();
            continue;
        };
        let question = buffer[..length].to_vec();
        match supervisor.judge_question(&redirected.asker, &question) {
            Fate::Drop => {}
            Fate::Answer(answer) => {
                let _ = socket.send_to(&answer, client).await;
            }
            Fate::Forward => {
                let socket = Arc::clone(&socket);
                tokio::spawn(async move {
                    if let Some(answer) = ask(&redirected, &question).await {
                        let _ = socket.send_to(&answer, client).await;
                    }
                });
            }
        }
    }
}

/// Asks a server over UDP. One that refuses is a failure that the resolver should hear of at once, as it would from its
/// own socket; one that is silent stays so.
async fn ask(redirected: &Redirected, question: &[u8]) -> Option<Vec<u8>> {
    let exchange = async {
        let any: SocketAddr = match redirected.server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        if !redirected.device.is_empty() {
            options::bind_to_device(socket.as_fd(), &redirected.device)?;
        }
        socket.connect(redirected.server).await?;
        socket.send(question).await?;
        let mut buffer = vec![0; LONGEST];
        let length = socket.recv(&mut buffer).await?;
        buffer.truncate(length);
        Ok::<_, io::Error>(buffer)
    };
    match timeout(PATIENCE, exchange).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(_)) => Question::parse(question).map(|question| question.server_failure()),
        Err(_) => None,
    }
}

async fn serve_tcp(supervisor: Arc<Supervisor>, listener: StdListener) {
    let listener = TcpListener::from_std(listener).expect("a bound socket that does not block");
    loop {
        let Ok((stream, client)) = listener.accept().await else {
            // Out of descriptors; others may be closed soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let supervisor = Arc::clone(&supervisor);
        tokio::spawn(async move {
            let introduced = timeout(INTRODUCTION, supervisor.askers.wait(Transport::Tcp, client)).await;
            if let Ok(redirected) = introduced {
                // The end of either side is the end of both, and nothing to report.
                let _ = converse(&supervisor, stream, redirected).await;
            }
        });
    }
}

async fn read_frame(reader: &mut OwnedReadHalf) -> io::Result<Vec<u8>> {
    let length = reader.read_u16().await?;
    let mut frame = vec![0; usize::from(length)];
    reader.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn write_frame(writer: &mut OwnedWriteHalf, frame: &[u8]) -> io::Result<()> {
    let length = u16::try_from(frame.len()).map_err(io::Error::other)?;
    let mut whole = length.to_be_bytes().to_vec();
    whole.extend_from_slice(frame);
    writer.write_all(&whole).await
}

async fn converse(supervisor: &Supervisor, stream: TcpStream, redirected: Redirected) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, writer) = stream.into_split();
    let writer = Arc::new(Mutex::new(writer));
    let mut server: Option<OwnedWriteHalf> = None;
    loop {
        let frame = read_frame(&mut reader).await?;
        match supervisor.judge_question(&redirected.asker, &frame) {
            Fate::Drop => return Ok(()),
            Fate::Answer(answer) => write_frame(&mut *writer.lock().await, &answer).await?,
            Fate::Forward => {
                if server.is_none() {
                    let upstream = timeout(PATIENCE, TcpStream::connect(redirected.server)).await??;
                    upstream.set_nodelay(true)?;
                    let (mut answers, questions) = upstream.into_split();
                    let writer = Arc::clone(&writer);
                    tokio::spawn(async move {
                        while let Ok(answer) = read_frame(&mut answers).await {
                            if write_frame(&mut *writer.lock().await, &answer).await.is_err() {
                                return;
                            }
                        }
                        let _ = writer.lock().await.shutdown().await;
                    });
                    server = Some(questions);
                }
                let questions = server.as_mut().expect("connected above");
                write_frame(questions, &frame).await?;
            }
        }
    }
}
