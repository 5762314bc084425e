//! The request socket: one request and one reply a connection, each one line of JSON.

use crate::query::Query;
use crate::run::Run;
use crate::{connect, describe, files, http};
use proofhouse_protocol::actor::{Reply, Request, socket_name};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{self as unix, UnixListener, UnixStream};
use std::thread;
use std::time::Duration;

/// Longest request line.
const LONGEST: u64 = 64 << 20;

/// Opens the socket of the actor that is called `name`.
pub fn listen(name: &str) -> io::Result<UnixListener> {
    UnixListener::bind_addr(&unix::SocketAddr::from_abstract_name(socket_name(name))?)
}

/// Serves requests for ever, each connection on its own thread.
pub fn serve(listener: &UnixListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        thread::spawn(move || {
            // A harness that has gone does not want its reply.
            let _ = converse(stream);
        });
    }
}

fn converse(stream: UnixStream) -> io::Result<()> {
    let mut line = Vec::new();
    BufReader::new(&stream).take(LONGEST).read_until(b'\n', &mut line)?;
    let request: Result<Request, _> = serde_json::from_slice(&line);
    let reply = match &request {
        Ok(request) => carry_out(request),
        Err(error) => Reply::Failed { errno: 0, error: format!("request is not understood: {error}") },
    };
    let mut bytes = serde_json::to_vec(&reply)?;
    bytes.push(b'\n');
    (&stream).write_all(&bytes)?;
    if let Ok(Request::Exit { code }) = request {
        stream.shutdown(Shutdown::Write)?;
        std::process::exit(code);
    }
    Ok(())
}

/// Does what is asked.
fn carry_out(request: &Request) -> Reply {
    let done = match request {
        Request::Ping | Request::Exit { .. } => Ok(Reply::Done),
        Request::Describe => describe::describe(),
        Request::Run { argv, env, cwd, stdin, spawn, timeout_ms } => Ok(Run {
            argv: argv.clone(),
            env: env.clone(),
            cwd: cwd.clone(),
            stdin: stdin.clone(),
            spawn: *spawn,
            timeout: Duration::from_millis(*timeout_ms),
        }
        .carry_out()),
        Request::Query { server, name, record, socket, timeout_ms } => Query {
            server: *server,
            name: name.clone(),
            record: record.clone(),
            socket: *socket,
            timeout: Duration::from_millis(*timeout_ms),
        }
        .carry_out()
        .map_err(io::Error::other),
        Request::Connect { address, timeout_ms } => {
            Ok(connect::connect(*address, Duration::from_millis(*timeout_ms)))
        }
        Request::Fetch { address, host, target, headers, timeout_ms } => {
            Ok(connect::fetch(*address, host, target, headers, Duration::from_millis(*timeout_ms)))
        }
        Request::Stat { path } => files::stat(path),
        Request::Read { path } => files::read(path),
        Request::Answer { path, answer } => {
            http::answer_with(path, answer);
            Ok(Reply::Done)
        }
        Request::Write { path, text, mode } => files::write(path, text, *mode),
    };
    done.unwrap_or_else(|error| Reply::Failed {
        errno: error.raw_os_error().unwrap_or(0),
        error: error.to_string(),
    })
}
