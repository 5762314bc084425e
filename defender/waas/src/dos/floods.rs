//! Requests of each client in the last two minutes. State of this Defender alone.

use crate::bans::Entity;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Seconds of the two windows; the one at hand counts as whole, which is a declared choice.
const BURST: u64 = 5;
const AVERAGE: u64 = 120;

/// Clients are swept when there are more than this many, and no more are counted beyond the second number: addresses must not
/// fill the memory.
const SWEEP_AT: usize = 4096;
const MOST: usize = 65_536;

/// How often a client that goes on is told of again.
const AGAIN: Duration = Duration::from_secs(BURST);

/// Who sent how much, by app.
#[derive(Debug)]
pub(crate) struct Floods {
    start: Instant,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    of: HashMap<(String, Entity), Count>,
    /// Swept when there are so many: twice as many as the last time left, so that a sweep costs little a client.
    sweep_at: usize,
    /// Second of the last sweep.
    swept: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self { of: HashMap::new(), sweep_at: SWEEP_AT, swept: 0 }
    }
}

impl Counts {
    /// Makes room for one more client, if there can be one.
    fn make_room(&mut self, second: u64) -> bool {
        if self.of.len() >= self.sweep_at.min(MOST) {
            let is_fresh =
                |count: &Count| count.seconds.back().is_some_and(|(last, _)| last + AVERAGE > second);
            // A full table is swept once a second at most.
            if self.sweep_at <= MOST || self.swept != second {
                self.of.retain(|_, count| is_fresh(count));
                self.sweep_at = SWEEP_AT.max(2 * self.of.len());
                self.swept = second;
            }
        }
        self.of.len() < MOST
    }
}

#[derive(Debug, Default)]
struct Count {
    /// Requests by second since the start, oldest first; seconds without requests are left out.
    seconds: VecDeque<(u64, u32)>,
    told: Option<Instant>,
}

/// Requests of a client up to now, the one at hand included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    /// In 5 seconds.
    pub(crate) burst: u64,
    /// In 120 seconds.
    pub(crate) average: u64,
}

impl Floods {
    pub(crate) fn new(start: Instant) -> Self {
        Self { start, counts: Mutex::default() }
    }

    /// Counts a request; `None` when there are too many clients to count another.
    pub(crate) fn count(&self, app: &str, client: &Entity, now: Instant) -> Option<Sent> {
        let second = now.saturating_duration_since(self.start).as_secs();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (app.to_owned(), client.clone());
        if !counts.of.contains_key(&key) && !counts.make_room(second) {
            return None;
        }
        let count = counts.of.entry(key).or_default();
        while count.seconds.front().is_some_and(|(first, _)| first + AVERAGE <= second) {
            count.seconds.pop_front();
        }
        match count.seconds.back_mut() {
            Some((last, sent)) if *last >= second => *sent = sent.saturating_add(1),
            _ => count.seconds.push_back((second, 1)),
        }
        let since = |window: u64| {
            let in_it = count.seconds.iter().rev().take_while(|(at, _)| at + window > second);
            in_it.map(|(_, sent)| u64::from(*sent)).sum()
        };
        Some(Sent { burst: since(BURST), average: since(AVERAGE) })
    }

    /// Whether a client that sends too much is to be told of now: at first, and from time to time if it goes on.
    pub(crate) fn is_news(&self, app: &str, client: &Entity, now: Instant) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = counts.of.get_mut(&(app.to_owned(), client.clone())) else { return true };
        let is_news = count.told.is_none_or(|told| now.saturating_duration_since(told) >= AGAIN);
        if is_news {
            count.told = Some(now);
        }
        is_news
    }

    /// Forgets what was counted for apps that are not kept.
    pub(crate) fn retain(&self, keeps: impl Fn(&str) -> bool) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.of.retain(|(app, _), _| keeps(app));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::IpAddr;

    fn client(last: u8) -> Entity {
        Entity::Address(IpAddr::from([203, 0, 113, last]))
    }

    proptest! {
        /// As many as a plain list has in each window.
        #[test]
        fn windows_slide(waits in prop::collection::vec(0u64..4000, 1..200)) {
            let start = Instant::now();
            let floods = Floods::new(start);
            let (mut at, mut all) = (0, Vec::new());
            for wait in waits {
                at += wait;
                all.push(at / 1000);
                let sent = floods.count("a", &client(1), start + Duration::from_millis(at)).unwrap();
                let since = |window: u64| all.iter().filter(|second| **second + window > at / 1000).count() as u64;
                prop_assert_eq!(sent, Sent { burst: since(5), average: since(120) });
            }
        }
    }

    #[test]
    fn clients_and_apps_are_counted_apart() {
        let now = Instant::now();
        let floods = Floods::new(now);
        let sent = |app: &str, last| floods.count(app, &client(last), now).unwrap().burst;
        assert_eq!([sent("a", 1), sent("a", 1), sent("a", 2), sent("b", 1)], [1, 2, 1, 1]);
        floods.retain(|app| app == "b");
        assert_eq!([sent("a", 1), sent("b", 1)], [1, 2]);
    }

    #[test]
    fn memory_is_bounded() {
        let now = Instant::now();
        let floods = Floods::new(now);
        let many = |at: Instant, from: u32, count: u32| {
            (from..from + count)
                .filter(|n| floods.count("a", &Entity::Address(IpAddr::from(n.to_be_bytes())), at).is_some())
                .count()
        };
        assert_eq!(many(now, 0, MOST as u32 + 10), MOST);
        assert_eq!(many(now, 0, 1), 1, "who is known goes on being counted");
        assert_eq!(many(now + Duration::from_secs(AVERAGE), 1 << 20, 5), 5);
    }

    #[test]
    fn a_client_is_told_of_once_in_a_while() {
        let now = Instant::now();
        let floods = Floods::new(now);
        floods.count("a", &client(1), now);
        let news = |seconds| floods.is_news("a", &client(1), now + Duration::from_secs(seconds));
        assert_eq!([news(0), news(4), news(5), news(6)], [true, false, true, false]);
    }
}
