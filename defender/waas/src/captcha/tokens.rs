//! Response tokens, each of which counts once.
//!
//! The service says so of its tokens, too; but two that come at the same time must not both be asked about, and whoever answers for
//! the service need not remember.

use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a token is remembered. The service's own are good for two minutes.
const MEMORY: Duration = Duration::from_secs(3600);

/// Tokens that are remembered at most; beyond, no other is taken.
const MOST: usize = 65_536;

type Digest = [u8; 32];

/// The tokens that were used, or are being asked about.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<Digest, Instant>>);

/// A token that is being asked about; nobody else can use it meanwhile.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    tokens: &'a Tokens,
    digest: Digest,
    used: bool,
}

impl Tokens {
    /// Takes a token, unless it was used.
    pub(super) fn take(&self, token: &str, now: Instant) -> Option<Taken<'_>> {
        let mut key = Digest::default();
        key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let mut known = self.known();
        if known.len() >= MOST {
            known.retain(|_, taken| now.saturating_duration_since(*taken) < MEMORY);
        }
        if known.len() >= MOST
            || known.get(&key).is_some_and(|taken| now.saturating_duration_since(*taken) < MEMORY)
        {
            return None;
        }
        known.insert(key, now);
        Some(Taken { tokens: self, digest: key, used: false })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Digest, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken<'_> {
    /// The token was right: it is not right again.
    pub(super) fn keep(mut self) {
        self.used = true;
    }
}

/// What was not right, or could not be asked about, is not remembered: clients could fill the memory with it.
impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.tokens.known().remove(&self.digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_once() {
        let (tokens, start) = (Tokens::default(), Instant::now());
        let taken = tokens.take("a", start).expect("a new one");
        assert!(tokens.take("a", start).is_none(), "while it is asked about");
        drop(taken);
        tokens.take("a", start).expect("it was not used").keep();
        assert!(tokens.take("a", start).is_none());
        assert!(tokens.take("b", start).is_some());
        assert!(tokens.take("a", start + MEMORY).is_some());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (tokens, start) = (Tokens::default(), Instant::now());
        for number in 0..MOST {
            tokens.take(&number.to_string(), start).expect("there is room").keep();
        }
        assert!(tokens.take("one more", start).is_none());
        assert!(tokens.take("one more", start + MEMORY).is_some());
        assert_eq!(tokens.known().len(), 0);
    }
}
