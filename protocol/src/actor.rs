//! Requests to the actor, the static program that scenarios drive inside an app container.
//!
//! The actor listens on an abstract Unix socket of the task's network namespace ([`socket_name`]). One request and one
//! reply a connection, each one line of JSON. The world agent, which is in the same namespace, connects to it.

use crate::observation::Found;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Environment variable that names the actor; the harness sets it to the container's name.
pub const NAME_VARIABLE: &str = "PROOFHOUSE_ACTOR";

/// Environment variable with the token of the stimulus that started a process.
pub const TOKEN_VARIABLE: &str = "PROOFHOUSE_TOKEN";

/// Name of the abstract socket of the actor in a container, without the leading zero byte.
#[must_use]
pub fn socket_name(container: &str) -> String {
    format!("proofhouse/actor/{container}")
}

/// The way a program is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Spawn {
    /// `fork`, `execve`.
    #[default]
    Fork,
    /// `vfork`, `execve`.
    Vfork,
    /// `posix_spawn`.
    PosixSpawn,
    /// `fork`, `execveat` relative to a directory descriptor.
    ExecveAt,
    /// `fork`, `execveat` with `AT_EMPTY_PATH` on a descriptor of the program.
    Fexecve,
    /// `fork`, `setsid`, `fork`, `execve`: a daemon whose parent is gone.
    Daemon,
    /// `execve` from a second thread of a forked child.
    Thread,
    /// `fork`, `execveat` on a file in memory that is a copy of the program, under the name `innocent`.
    Memory,
    /// `fork`, `execve` of the 32-bit interface (interrupt 0x80).
    Interrupt,
}

/// How a raw DNS query is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum QuerySocket {
    /// UDP, `connect` and `send`.
    #[default]
    Connected,
    /// UDP, `sendto` with the server's address, answer checked against it, as musl does.
    SendTo,
    /// UDP, `sendmsg` with the server's address.
    SendMsg,
    /// UDP, `sendmmsg` with the server's address.
    SendMmsg,
    /// UDP, the second of two datagrams that one `sendmsg` makes (`UDP_SEGMENT` as ancillary data); the first asks for a name below
    /// `example.com`.
    Segments,
    /// As [`Self::Segments`], by an option of the socket and `sendto`.
    SegmentsByOption,
    /// UDP, a datagram that two `sendto` make, the first with `MSG_MORE`.
    Parts,
    /// TCP.
    Tcp,
}

/// What the actor's app answers instead of its usual text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAnswer {
    /// Status.
    pub status: u16,
    /// Headers, in order and case; `Content-Length` and `Connection` are the server's.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Request {
    /// Answer [`Reply::Done`].
    Ping,
    /// Describe the actor's own process; answers [`Reply::Description`].
    Describe,
    /// Run a program to its end; answers [`Reply::Ran`].
    Run {
        /// Program (looked up in `PATH` when it has no slash) and arguments.
        argv: Vec<String>,
        /// Variables added to the actor's own.
        #[serde(default)]
        env: BTreeMap<String, String>,
        /// Working directory; the actor's own when absent.
        #[serde(default)]
        cwd: Option<String>,
        /// Bytes for standard input, as text.
        #[serde(default)]
        stdin: String,
        /// The way it is started.
        #[serde(default)]
        spawn: Spawn,
        /// Killed after that.
        timeout_ms: u64,
    },
    /// Send one raw query; answers [`Reply::Answer`] .
    Query {
        /// Server asked.
        server: SocketAddr,
        /// Name.
        name: String,
        /// `A`, `AAAA`, or another type of the registry.
        record: String,
        /// How it is sent.
        #[serde(default)]
        socket: QuerySocket,
        /// Given up after that.
        timeout_ms: u64,
    },
    /// Open a TCP connection and close it; answers [`Reply::Connected`].
    Connect {
        /// Where to.
        address: SocketAddr,
        /// Given up after that.
        timeout_ms: u64,
    },
    /// Send one plain HTTP request over a connection of its own; answers [`Reply::Fetched`].
    Fetch {
        /// Where to.
        address: SocketAddr,
        /// `Host` header.
        host: String,
        /// Path and query of the `GET`.
        target: String,
        /// Further headers.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Given up after that.
        timeout_ms: u64,
    },
    /// Look at a path; answers [`Reply::File`].
    Stat {
        /// Path.
        path: String,
    },
    /// Read a file; answers [`Reply::File`] with its text.
    Read {
        /// Path.
        path: String,
    },
    /// Write a file; answers [`Reply::Done`].
    Write {
        /// Path.
        path: String,
        /// Text.
        text: String,
        /// Mode, such as `0o755`.
        mode: u32,
    },
    /// Answer requests of a path, whatever their query, with something of its own from now on; answers [`Reply::Done`].
    Answer {
        /// Path.
        path: String,
        /// What.
        answer: OwnAnswer,
    },
    /// Serve the app on another port, too, from now on; answers [`Reply::Done`] when it listens.
    Serve {
        /// Port.
        port: u16,
    },
    /// End the actor's own process with that code, after answering [`Reply::Done`].
    Exit {
        /// Exit code.
        code: i32,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// Exited.
    Exited {
        /// Code.
        code: i32,
    },
    /// Killed.
    Signalled {
        /// Signal number.
        signal: i32,
    },
    /// Never ran: the exec failed.
    NotStarted {
        /// Error number.
        errno: i32,
        /// Text.
        error: String,
    },
    /// Killed by the actor at the deadline.
    TimedOut,
    /// Ended; the kernel told only its parent how, which was not the actor (a daemon, before Linux 6.15).
    Unknown,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// Done, nothing to tell.
    Done,
    /// The request could not be carried out.
    Failed {
        /// Error number, or 0.
        errno: i32,
        /// Text.
        error: String,
    },
    /// The actor's process.
    Description {
        /// Argument vector.
        argv: Vec<String>,
        /// Environment.
        env: BTreeMap<String, String>,
        /// Working directory.
        cwd: String,
        /// Process id.
        pid: i32,
        /// Parent.
        ppid: i32,
        /// Real user and group.
        uid: u32,
        /// Group.
        gid: u32,
        /// Executable.
        exe: String,
        /// `/proc/self/status`, by field.
        status: BTreeMap<String, String>,
    },
    /// A program ran, or did not.
    Ran {
        /// Process id; 0 when there was none.
        pid: i32,
        /// How it ended.
        end: End,
        /// Standard output, lossy text.
        stdout: String,
        /// Standard error, lossy text.
        stderr: String,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// A raw query was answered, or was not.
    Answer {
        /// Response code name, `NOERROR`, `NXDOMAIN`, `REFUSED`, ...; absent when no answer came.
        rcode: Option<String>,
        /// Addresses of the answer section.
        addresses: Vec<String>,
        /// Where the answer came from.
        from: Option<String>,
        /// Error number of a failed call, 0 if none.
        errno: i32,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// A connection was made, or was not.
    Connected {
        /// 0, or the error number; `ETIMEDOUT` at the deadline.
        errno: i32,
        /// The socket's own address, where the connection was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<SocketAddr>,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// A request was answered, or was not.
    Fetched {
        /// Status; absent when no answer came.
        status: Option<u16>,
        /// Start of the body, lossy text.
        body: String,
        /// The socket's own address, where the connection was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<SocketAddr>,
        /// Error number of a failed call, 0 if none.
        errno: i32,
        /// Milliseconds.
        elapsed_ms: f64,
    },
    /// A path.
    File {
        /// What is there; none where nothing is.
        found: Option<Found>,
        /// Text, for a read.
        text: Option<String>,
    },
}
