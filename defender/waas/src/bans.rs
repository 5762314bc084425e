//! Clients that are denied for a while. State of this Defender alone (section 2.4 of `waas.md`).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bans are swept when there are more than this many, so that addresses cannot fill the memory for ever.
const SWEEP_AT: usize = 4096;

/// Who is counted and banned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Entity {
    /// Whoever comes from an address.
    Address(IpAddr),
    /// Whoever has a session.
    Session(String),
}

/// Who is banned from which app, and until when.
#[derive(Debug, Default)]
pub(crate) struct Bans {
    until: Mutex<HashMap<(String, Entity), Instant>>,
    /// Bans that the last sweep left: the next comes when there are twice as many.
    left: AtomicUsize,
}

impl Bans {
    /// Bans, or starts the time anew.
    pub(crate) fn ban(&self, app: &str, client: &Entity, now: Instant, duration: Duration) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= SWEEP_AT.max(2 * self.left.load(Ordering::Relaxed)) {
            until.retain(|_, end| *end > now);
            self.left.store(until.len(), Ordering::Relaxed);
        }
        until.insert((app.to_owned(), client.clone()), now + duration);
    }

    pub(crate) fn is_banned(&self, app: &str, client: &Entity, now: Instant) -> bool {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_empty() {
            return false;
        }
        let key = (app.to_owned(), client.clone());
        match until.get(&key) {
            Some(end) if *end > now => true,
            Some(_) => {
                until.remove(&key);
                false
            }
            None => false,
        }
    }

    /// Lifts the bans of apps that are not kept.
    pub(crate) fn retain(&self, keeps: impl Fn(&str) -> bool) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.retain(|(app, _), _| keeps(app));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_ends_after_the_last_attack() {
        let (bans, start) = (Bans::default(), Instant::now());
        let client = &Entity::Address(IpAddr::from([203, 0, 113, 7]));
        let minute = Duration::from_secs(60);
        bans.ban("a", client, start, minute);
        assert!(bans.is_banned("a", client, start + minute - Duration::from_nanos(1)));
        assert!(!bans.is_banned("b", client, start));
        assert!(!bans.is_banned("a", &Entity::Session("s".into()), start));
        bans.ban("a", client, start + minute / 2, minute);
        assert!(bans.is_banned("a", client, start + minute));
        assert!(!bans.is_banned("a", client, start + minute * 3 / 2));
        bans.ban("a", client, start, minute);
        bans.retain(|app| app != "a");
        assert!(!bans.is_banned("a", client, start));
    }
}
