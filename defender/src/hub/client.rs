//! The wrapper's end of the hub: keeps a connection, applies what arrives, sends what is queued.

use super::{Attach, FromSidecar, LONGEST_LINE, Outbox, ToSidecar};
use crate::decision::Policy;
use crate::kernel::peer;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

/// Between two attempts to connect; the longer the more often a sidecar has ended the connection without a word.
const RETRY: Duration = Duration::from_millis(50);
const LONGEST_RETRY: Duration = Duration::from_secs(1);

/// What the sidecar commands: the policy in force.
#[derive(Default)]
pub struct Commands {
    policy: RwLock<Arc<Policy>>,
    arrived: Mutex<bool>,
    changed: Condvar,
    names: OnceLock<Box<dyn Fn() + Send + Sync>>,
    before_fence: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl std::fmt::Debug for Commands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commands").field("policy", &self.policy()).finish_non_exhaustive()
    }
}

impl Commands {
    /// The policy to decide by, now.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is to be done when a rule on names comes into force where there was none, before the policy counts as applied.
    pub fn when_names_are_governed(&self, act: impl Fn() + Send + Sync + 'static) {
        // There is one wrapper in a process.
        let _ = self.names.set(Box::new(act));
    }

    /// What is to be done before a fence is answered: what was caused before it must stand before it.
    pub fn before_each_fence(&self, act: impl Fn() + Send + Sync + 'static) {
        let _ = self.before_fence.set(Box::new(act));
    }

    fn replace(&self, policy: Policy) {
        let former = {
            let mut place = self.policy.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, Arc::new(policy))
        };
        if !former.governs_names()
            && self.policy().governs_names()
            && let Some(act) = self.names.get()
        {
            act();
        }
        *self.arrived.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether a sidecar has given a policy, or said that there is none.
    fn has_answer(&self) -> bool {
        *self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the first policy; says whether it came in time.
    #[must_use]
    pub fn wait(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        while !*arrived {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            arrived = self.changed.wait_timeout(arrived, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// The connection of one wrapper.
#[derive(Debug)]
pub struct Client {
    socket: PathBuf,
    attach: Attach,
    commands: Arc<Commands>,
    outbox: Arc<Outbox>,
}

impl Client {
    /// Starts the thread that connects, for ever again.
    ///
    /// # Errors
    /// When no thread can be made.
    pub fn start(
        socket: PathBuf,
        attach: Attach,
        commands: Arc<Commands>,
        outbox: Arc<Outbox>,
    ) -> io::Result<()> {
        let client = Self { socket, attach, commands, outbox };
        thread::Builder::new().name("hub".to_owned()).spawn(move || {
            let mut pause = RETRY;
            loop {
                // Whatever ended the connection, the policy stays in force and audits wait for the next one.
                pause = match client.converse() {
                    Ok(false) => (pause * 2).min(LONGEST_RETRY),
                    _ => RETRY,
                };
                thread::sleep(pause);
            }
        })?;
        Ok(())
    }

    /// One connection; whether the sidecar said anything.
    fn converse(&self) -> io::Result<bool> {
        let stream = UnixStream::connect(&self.socket)?;
        let attach = line(&ToSidecar::Attach(self.attach.clone()))?;
        let sent = peer::send_with(stream.as_fd(), &attach, &peer::own_place()?)?;
        (&stream).write_all(&attach[sent..])?;
        self.outbox.connected();
        thread::scope(|scope| {
            let writer = &stream;
            scope.spawn(move || {
                while let Some(message) = self.outbox.next() {
                    if send(writer, &message).is_err() {
                        let _ = writer.shutdown(std::net::Shutdown::Both);
                        return;
                    }
                }
            });
            let mut heard = false;
            let _ = self.listen(&stream, &mut heard);
            // The writer may wait for a sidecar that does not read.
            let _ = stream.shutdown(std::net::Shutdown::Both);
            self.outbox.disconnected();
            Ok(heard)
        })
    }

    fn listen(&self, stream: &UnixStream, heard: &mut bool) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        loop {
            line.clear();
            let got = (&mut reader).take(LONGEST_LINE as u64).read_line(&mut line)?;
            if got == 0 || !line.ends_with('\n') {
                return Ok(());
            }
            *heard = true;
            match serde_json::from_str(&line)? {
                // A sidecar that was started again and has no Console yet: what it gave before stays in force.
                FromSidecar::Policy { revision: 0, .. } if self.commands.has_answer() => {
                    self.outbox.say(ToSidecar::Applied { revision: 0 });
                }
                FromSidecar::Policy { revision, semantics, rule } => {
                    self.commands.replace(Policy::compile(rule.as_deref(), &semantics));
                    self.outbox.say(ToSidecar::Applied { revision });
                }
                FromSidecar::Fence { id } => {
                    if let Some(act) = self.commands.before_fence.get() {
                        act();
                    }
                    self.outbox.fence(id);
                }
                FromSidecar::Ack { through } => self.outbox.acknowledged(through),
                FromSidecar::Health { .. } => {}
            }
        }
    }
}

fn line(message: &ToSidecar) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// Writes one line.
pub(super) fn send(mut stream: &UnixStream, message: &ToSidecar) -> io::Result<()> {
    stream.write_all(&line(message)?)
}

/// How soon a sidecar that was not healthy is asked again.
const AGAIN: Duration = Duration::from_millis(5);

/// Asks the sidecar how it is, again and again until it is well or the time is over. A platform that probes every few
/// seconds so learns of a start when it is done, and not at the probe after it.
///
/// # Errors
/// When there is no sidecar at the end, or it does not answer.
pub fn await_health(socket: &std::path::Path, limit: Duration) -> io::Result<(bool, String)> {
    let began = Instant::now();
    loop {
        let left = limit.saturating_sub(began.elapsed()).max(AGAIN);
        match ask_health(socket, left) {
            Ok((true, detail)) => return Ok((true, detail)),
            other if began.elapsed() + AGAIN >= limit => return other,
            _ => thread::sleep(AGAIN),
        }
    }
}

/// Asks the sidecar how it is now.
///
/// # Errors
/// When there is no sidecar, or it does not answer in time.
pub fn ask_health(socket: &std::path::Path, limit: Duration) -> io::Result<(bool, String)> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(limit))?;
    send(&stream, &ToSidecar::Health)?;
    let mut line = String::new();
    BufReader::new(&stream).take(LONGEST_LINE as u64).read_line(&mut line)?;
    match serde_json::from_str(&line)? {
        FromSidecar::Health { healthy, detail } => Ok((healthy, detail)),
        other => Err(io::Error::other(format!("unexpected answer {other:?}"))),
    }
}

/// What is said to a sidecar that sends these bytes and then ends the connection, and whether it has given an answer about a policy.
#[cfg(feature = "fuzzing")]
pub(crate) fn answers(bytes: &[u8]) -> io::Result<(Vec<ToSidecar>, bool)> {
    let (sidecar, stream) = UnixStream::pair()?;
    sidecar.set_nonblocking(true)?;
    (&sidecar).write_all(bytes)?;
    sidecar.shutdown(std::net::Shutdown::Write)?;
    let attach = Attach {
        wrapper: String::new(),
        container: String::new(),
        image: String::new(),
        start_time: String::new(),
    };
    let client = Client { socket: PathBuf::new(), attach, commands: Arc::default(), outbox: Arc::default() };
    client.outbox.connected();
    // How it ends is not said: the connection is over.
    let _ = client.listen(&stream, &mut false);
    // The last that is said.
    client.outbox.say(ToSidecar::Health);
    let said = std::iter::from_fn(|| client.outbox.next().filter(|message| *message != ToSidecar::Health));
    Ok((said.collect(), client.commands.has_answer()))
}
