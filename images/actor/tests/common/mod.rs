//! An actor of one test, and how to ask it.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]
#![expect(dead_code, reason = "each test file uses a part")]

use proofhouse_protocol::actor::{NAME_VARIABLE, Reply, Request, socket_name};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Path of the program under test.
pub const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// Longest time that a test waits, in milliseconds; reached only by a failure.
pub const LONG: u64 = 20_000;

/// A running actor; killed at the end of the test.
pub struct Actor {
    name: String,
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What it printed when it was ready.
    pub greeting: serde_json::Value,
}

impl Actor {
    /// Starts `actor serve` with these arguments behind it, and waits for its greeting.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_by(Command::new(ACTOR), arguments)
    }

    /// Starts it through another command.
    pub fn start_by(mut command: Command, arguments: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut child = command
            .arg("serve")
            .args(arguments)
            .env(NAME_VARIABLE, &name)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let greeting = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { name, child, stdout, greeting }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// One request, one reply.
    pub fn ask(&self, request: &Request) -> Reply {
        self.ask_raw(&serde_json::to_string(request).unwrap())
    }

    /// One line, one reply.
    pub fn ask_raw(&self, line: &str) -> Reply {
        let mut stream = self.connect();
        stream.write_all(line.as_bytes()).unwrap();
        stream.write_all(b"\n").unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// An open connection.
    pub fn connect(&self) -> UnixStream {
        let address = SocketAddr::from_abstract_name(socket_name(&self.name)).unwrap();
        UnixStream::connect_addr(&address).unwrap()
    }

    /// The next line of its standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        send_signal(self.child.id(), signal);
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub fn send_signal(pid: u32, signal: &str) {
    let status = Command::new("kill").args(["-s", signal, &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

/// A request that runs `argv`.
pub fn run(argv: &[&str]) -> Request {
    Request::Run {
        argv: argv.iter().map(ToString::to_string).collect(),
        env: BTreeMap::new(),
        cwd: None,
        stdin: String::new(),
        spawn: Default::default(),
        timeout_ms: LONG,
    }
}
