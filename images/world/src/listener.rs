//! A TCP listener outside.

use crate::channels::{Channels, Inbox};
use crate::connection::{Socket, relay};
use crate::outgoing::Channel;
use crate::reply::{already_in_use, failed};
use proofhouse_wire::relay::{Message, Transport};
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const BACKLOG: u32 = 1024;

/// Listens until the harness closes the channel; each connection becomes a channel of its own.
pub async fn listen(address: SocketAddr, channel: Channel, mut inbox: Inbox, channels: Channels) {
    let Some(_claim) = channels.claim(Transport::Tcp, address) else {
        return channel.send(failed(&format!("cannot listen at {address}"), &already_in_use()));
    };
    let listener = match open(address).and_then(|listener| Ok((listener.local_addr()?, listener))) {
        Ok((local, listener)) => {
            channel.send(Message::Opened(local));
            listener
        }
        Err(error) => return channel.send(failed(&format!("cannot listen at {address}"), &error)),
    };
    loop {
        tokio::select! {
            message = inbox.recv() => if let Some(Message::Close) | None = message { return },
            accepted = listener.accept() => match accepted.and_then(|(stream, peer)| Ok((stream.local_addr()?, stream, peer))) {
                Ok((local, stream, peer)) => announce(stream, peer, local, &channel, &channels),
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => return channel.send(failed(&format!("cannot accept at {address}"), &error)),
            }
        }
    }
}

fn announce(stream: TcpStream, peer: SocketAddr, local: SocketAddr, listener: &Channel, channels: &Channels) {
    let connection = listener.sibling(channels.next_accepted());
    listener.send(Message::Accepted { channel: connection.number, peer, local });
    channels.start(connection.number, |inbox| relay(Socket::Tcp(stream), connection, inbox));
}

/// The peer gave up before it was accepted; the listener is as good as before.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ECONNABORTED | libc::ENOTCONN | libc::EPROTO | libc::EINTR))
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    // One socket for all addresses may stand beside sockets at single ones; the more exact one gets the connection.
    socket.set_reuseport(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
