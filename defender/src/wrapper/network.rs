//! Decisions on addresses and ports, and which deeds are one attempt.

use super::deed::Deed;
use super::proc::Process;
use super::socket::{Socket, asker, error};
use super::supervisor::Supervisor;
use crate::decision::{CustomEffect, NetworkViolation, is_own};
use crate::kernel::sockets;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// What one process does to one address and port within this is one attempt, by however many calls (declared choice): a resolver connects
/// to see which address of its own would be used, a client tries again, a datagram has others behind it.
const TOGETHER: Duration = Duration::from_secs(2);

/// Attempts that are remembered at most.
const MOST: usize = 1024;

/// Denied attempts of the recent past.
#[derive(Debug, Default)]
pub struct Reaches(HashMap<(Process, NetworkViolation, SocketAddr), Instant>);

impl Reaches {
    /// Whether this is a new attempt. For a listener, the address is its own.
    pub fn is_new(
        &mut self,
        process: &Process,
        violation: NetworkViolation,
        at: SocketAddr,
        now: Instant,
    ) -> bool {
        if self.0.len() >= MOST {
            self.0.retain(|_, since| now.duration_since(*since) < TOGETHER);
        }
        if self.0.len() >= 8 * MOST {
            self.0.clear();
        }
        let key = (process.clone(), violation, at);
        if self.0.get(&key).is_some_and(|since| now.duration_since(*since) < TOGETHER) {
            return false;
        }
        self.0.insert(key, now);
        true
    }
}

/// What is told of.
#[derive(Debug)]
struct What<'a> {
    violation: NetworkViolation,
    at: SocketAddr,
    /// Of a custom rule.
    message: Option<&'a str>,
}

impl Supervisor {
    /// Decides on what a socket is about to reach. The audit, if one is due, is queued when this returns.
    ///
    /// # Errors
    /// What the caller gets instead.
    pub fn judge_outbound(&self, socket: &Socket, to: SocketAddr) -> io::Result<()> {
        let policy = self.commands.policy();
        let rules = policy.network.as_ref().filter(|rules| rules.governs_outbound());
        if rules.is_none() && policy.custom_outgoing.is_empty() {
            return Ok(());
        }
        let (to, port) = (sockets::plain(to), socket.kind.has_ports().then_some(to.port()));
        if port == Some(0) || is_own(to.ip()) {
            // At port 0 nobody is: a resolver looks which of its own addresses would be used.
            return Ok(());
        }
        let by_lists = || rules?.outbound(to.ip(), port);
        if !policy.custom_outgoing.is_empty() {
            let asker = asker(socket.thread)?;
            let (pid, executable) = (asker.process.pid, &*asker.executable);
            let deed = Deed { pid, executable, command: None, peer: Some(to), domain: "" };
            let is_prevented = || rules.is_some_and(|rules| rules.prevents()) && by_lists().is_some();
            if let Some(rule) = policy.custom_outgoing.decide(&deed, is_prevented) {
                let prevents = rule.effect == CustomEffect::Prevent;
                let what = What { violation: NetworkViolation::Custom, at: to, message: Some(&rule.message) };
                return match rule.effect {
                    CustomEffect::Allow => Ok(()),
                    _ => self.tell_of(socket, &what, &policy.rule_name, prevents),
                };
            }
        }
        let (Some(violation), Some(rules)) = (by_lists(), rules) else { return Ok(()) };
        let what = What { violation, at: to, message: None };
        self.tell_of(socket, &what, &policy.rule_name, rules.prevents())
    }

    /// Whether any list is about listeners.
    #[must_use]
    pub fn governs_listening(&self) -> bool {
        self.commands.policy().network.as_ref().is_some_and(|rules| rules.governs_listening())
    }

    /// Decides on where a socket is about to listen; a listener of loopback is nobody's business (declared choice). The audit, if one is
    /// due, is queued when this returns.
    ///
    /// # Errors
    /// What the caller gets instead.
    pub fn judge_listener(&self, socket: &Socket, at: SocketAddr) -> io::Result<()> {
        let policy = self.commands.policy();
        let Some(rules) = &policy.network else { return Ok(()) };
        let at = sockets::plain(at);
        if is_own(at.ip()) && !at.ip().is_unspecified() {
            return Ok(());
        }
        let Some(violation) = rules.listening(at.port()) else { return Ok(()) };
        let what = What { violation, at, message: None };
        self.tell_of(socket, &what, &policy.rule_name, rules.prevents())
    }

    fn tell_of(&self, socket: &Socket, what: &What<'_>, rule: &str, prevents: bool) -> io::Result<()> {
        let asker = asker(socket.thread)?;
        let mut reaches = self.reaches.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = reaches.is_new(&asker.process, what.violation, what.at, Instant::now());
        drop(reaches);
        if is_new {
            let audit = self.identity.denied_reach(
                &asker.subject(),
                what.violation,
                what.at,
                what.message,
                rule,
                prevents,
            );
            self.outbox.turn().audit(audit);
        }
        if prevents { Err(error(libc::EPERM)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_closely_is_the_same_attempt() {
        let mut reaches = Reaches::default();
        let now = Instant::now();
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let one = Process { pid: 7, start: 1 };
        let mut is_new = |process: &Process, to: &str, later: Duration| {
            reaches.is_new(process, NetworkViolation::Address, at(to), now + later)
        };
        assert!(is_new(&one, "198.51.100.1:80", Duration::ZERO));
        assert!(!is_new(&one, "198.51.100.1:80", TOGETHER / 2));
        assert!(is_new(&one, "198.51.100.1:81", Duration::ZERO), "another port");
        assert!(is_new(&one, "198.51.100.2:80", Duration::ZERO), "another address");
        assert!(is_new(&Process { pid: 7, start: 2 }, "198.51.100.1:80", Duration::ZERO), "another process");
        assert!(is_new(&one, "198.51.100.1:80", TOGETHER), "later");
        for number in 0..20 * MOST {
            is_new(&Process { pid: number as i32, start: 9 }, "198.51.100.3:80", Duration::ZERO);
        }
        assert!(reaches.0.len() <= 8 * MOST);
    }
}
