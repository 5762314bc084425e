//! One relayed connection.

use crate::channels::Inbox;
use crate::namespace::Task;
use crate::outgoing::Channel;
use crate::reply::failed;
use bytes::{Buf, Bytes, BytesMut};
use nix::sys::socket::{Shutdown, UnixAddr, connect, setsockopt, shutdown, sockopt};
use proofhouse_wire::relay::Message;
use proofhouse_wire::relay::flow::{CHUNK, Debt, WINDOW};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::rc::Rc;
use tokio::net::{TcpSocket, TcpStream, UnixStream};

/// A connected socket.
pub enum Socket {
    /// TCP, outside.
    Tcp(TcpStream),
    /// Unix, in the task's namespace.
    Unix(UnixStream),
}

/// Relays a connection from the moment it exists to its end.
struct Connection {
    socket: Socket,
    channel: Channel,
    /// To be written to the socket.
    pending: VecDeque<Bytes>,
    debt: Debt,
    /// What may still be sent to the harness.
    credit: usize,
    input: BytesMut,
    peer_finished: bool,
    finish_wanted: bool,
    finished: bool,
    close_wanted: bool,
}

/// Whether the connection goes on.
enum Next {
    On,
    End,
}

// ---------------------------------------------------------------------------------------------------------------------

/// Connects outside, and relays.
pub async fn connect_tcp(source: SocketAddr, destination: SocketAddr, channel: Channel, inbox: Inbox) {
    match open_tcp(source, destination).await.and_then(|stream| Ok((stream.local_addr()?, stream))) {
        Ok((local, stream)) => {
            channel.send(Message::Opened(local));
            relay(Socket::Tcp(stream), channel, inbox).await;
        }
        Err(error) => channel.send(failed(&format!("cannot connect from {source} to {destination}"), &error)),
    }
}

/// Connects to an abstract Unix socket in the task's namespace, and relays.
pub async fn connect_unix(task: Rc<Task>, name: String, channel: Channel, inbox: Inbox) {
    match open_unix(&task, &name) {
        Ok(stream) => {
            channel.send(Message::Done);
            relay(Socket::Unix(stream), channel, inbox).await;
        }
        Err(error) => channel.send(failed(&format!("cannot connect to socket @{name} in the task"), &error)),
    }
}

/// Relays a connection.
pub async fn relay(socket: Socket, channel: Channel, mut inbox: Inbox) {
    if let Socket::Tcp(stream) = &socket {
        // Each side has already gathered what belongs together; a delay here would only be added to theirs.
        let _ = stream.set_nodelay(true);
    }
    let mut connection = Connection {
        socket,
        channel,
        pending: VecDeque::new(),
        debt: Debt::default(),
        credit: WINDOW as usize,
        input: BytesMut::new(),
        peer_finished: false,
        finish_wanted: false,
        finished: false,
        close_wanted: false,
    };
    if let Err(error) = connection.run(&mut inbox).await {
        connection.channel.send(Message::Reset { errno: error.raw_os_error().unwrap_or(libc::EIO) });
    }
}

async fn open_tcp(source: SocketAddr, destination: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // Many clients may share an address, and each needs its port only against one destination.
    setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
    socket.set_reuseaddr(true)?;
    socket.bind(source)?;
    socket.connect(destination).await
}

fn open_unix(task: &Task, name: &str) -> io::Result<UnixStream> {
    let socket = task.unix_socket()?;
    connect(socket.as_raw_fd(), &UnixAddr::new_abstract(name.as_bytes())?)?;
    UnixStream::from_std(socket.into())
}

impl Connection {
    async fn run(&mut self, inbox: &mut Inbox) -> io::Result<()> {
        loop {
            self.flush()?;
            if self.pending.is_empty() {
                if self.close_wanted {
                    return Ok(());
                }
                if self.finish_wanted && !self.finished {
                    shutdown(self.socket.as_fd().as_raw_fd(), Shutdown::Write)?;
                    self.finished = true;
                }
                if self.finished && self.peer_finished {
                    return Ok(());
                }
            }
            let reads = self.credit > 0 && !self.peer_finished && !self.close_wanted;
            let writes = !self.pending.is_empty();
            tokio::select! {
                message = inbox.recv() => {
                    if let Next::End = self.take(message)? {
                        return Ok(());
                    }
                }
                ready = self.socket.readable(), if reads => { ready?; self.fetch()?; }
                ready = self.socket.writable(), if writes => ready?,
            }
        }
    }

    fn take(&mut self, message: Option<Message>) -> io::Result<Next> {
        match message {
            Some(Message::Data(data)) if !self.finish_wanted => self.pending.push_back(data),
            Some(Message::Credit(bytes)) => self.credit += bytes as usize,
            Some(Message::Finish) => self.finish_wanted = true,
            Some(Message::Reset { .. }) => {
                if let Socket::Tcp(stream) = &self.socket {
                    stream.set_zero_linger()?;
                }
                return Ok(Next::End);
            }
            Some(Message::Close) | None => self.close_wanted = true,
            Some(_) => {}
        }
        Ok(Next::On)
    }

    fn fetch(&mut self) -> io::Result<()> {
        let most = self.credit.min(CHUNK);
        // What is under way still uses the buffer; a new one is taken when too little of it is left for a fair read.
        if self.input.capacity() < CHUNK / 4 {
            self.input.reserve(CHUNK);
        }
        match self.socket.read(&mut self.input, most) {
            Ok(0) => {
                self.peer_finished = true;
                self.channel.send(Message::Finish);
            }
            Ok(bytes) => {
                self.credit -= bytes;
                self.channel.send(Message::Data(self.input.split().freeze()));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        while let Some(data) = self.pending.front_mut() {
            let written = match self.socket.write(data) {
                Ok(written) => written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            data.advance(written);
            if data.is_empty() {
                self.pending.pop_front();
            }
            if let Some(credit) = self.debt.consumed(written) {
                self.channel.send(Message::Credit(credit));
            }
        }
        Ok(())
    }
}

impl Socket {
    async fn readable(&self) -> io::Result<()> {
        match self {
            Socket::Tcp(stream) => stream.readable().await,
            Socket::Unix(stream) => stream.readable().await,
        }
    }

    async fn writable(&self) -> io::Result<()> {
        match self {
            Socket::Tcp(stream) => stream.writable().await,
            Socket::Unix(stream) => stream.writable().await,
        }
    }

    fn read(&self, into: &mut BytesMut, most: usize) -> io::Result<usize> {
        use bytes::BufMut;
        let mut limited = into.limit(most);
        match self {
            Socket::Tcp(stream) => stream.try_read_buf(&mut limited),
            Socket::Unix(stream) => stream.try_read_buf(&mut limited),
        }
    }

    fn write(&self, data: &[u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => stream.try_write(data),
            Socket::Unix(stream) => stream.try_write(data),
        }
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Socket::Tcp(stream) => stream.as_fd(),
            Socket::Unix(stream) => stream.as_fd(),
        }
    }
}
