//! What a wrapper has lost, and how much of it.

use crate::kernel::options;
use serde::{Deserialize, Serialize};
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Totals of one wrapper since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Losses {
    /// Audits that found no room.
    pub audits: u64,
    /// Datagrams to the forwarder that the kernel found no room for.
    pub datagrams: u64,
    /// Datagrams to DNS servers that could not be decided on, and went nowhere.
    pub undecided: u64,
    /// Answers in the name of a DNS server that nobody could give.
    pub answers: u64,
}

impl Losses {
    /// The sum, by kind.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            audits: self.audits + other.audits,
            datagrams: self.datagrams + other.datagrams,
            undecided: self.undecided + other.undecided,
            answers: self.answers + other.answers,
        }
    }
}

/// Counts what is lost outside of the queue of audits.
#[derive(Debug, Default)]
pub struct Lost {
    undecided: AtomicU64,
    answers: AtomicU64,
    watched: Mutex<Vec<UdpSocket>>,
}

impl Lost {
    /// A datagram was not decided on.
    pub fn undecided(&self) {
        self.undecided.fetch_add(1, Ordering::Relaxed);
    }

    /// An answer was not given.
    pub fn answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what the kernel drops at a socket from now on.
    pub fn watch(&self, socket: UdpSocket) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
    }

    /// Totals of now, but for the audits.
    #[must_use]
    pub fn totals(&self) -> Losses {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        Losses {
            audits: 0,
            datagrams: watched.iter().map(|socket| u64::from(options::dropped(socket.as_fd()))).sum(),
            undecided: self.undecided.load(Ordering::Relaxed),
            answers: self.answers.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_drops_at_a_full_socket_is_counted() {
        let (full, sender) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let lost = Lost::default();
        lost.watch(full.try_clone().unwrap());
        assert_eq!(lost.totals(), Losses::default());
        let (payload, to) = ([0; 8192], full.local_addr().unwrap());
        let sent = (0..).take_while(|_| {
            sender.send_to(&payload, to).unwrap();
            lost.totals().datagrams < 3
        });
        assert!(sent.take(100_000).count() > 3);
        assert_eq!(lost.totals().datagrams, 3);
    }
}
