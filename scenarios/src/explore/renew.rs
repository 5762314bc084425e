//! The same with other tokens: what was tried once is something else the second time, where a Defender counts repetitions as one.

use proofhouse_generators::{Batch, What};
use proofhouse_protocol::RuntimePolicy;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};

/// The shortest part of a token that is known for one.
const PART: usize = 4;

/// Clients of what was tried again by this process.
static CLIENTS: AtomicU32 = AtomicU32::new(0);

/// The batch with a token of its own for each trial, also where entries of its policy have an old one, or a part of it;
/// and with other clients.
pub(super) fn renewed(batch: &Batch) -> Batch {
    let mut next = batch.clone();
    for trial in &mut next.trials {
        let token = format!("t{:012x}", RandomState::new().build_hasher().finish() & 0xffff_ffff_ffff);
        let old = std::mem::replace(&mut trial.token, token);
        rename(&mut next.policy, &old, &trial.token);
        if let What::Visit(visit) = &mut trial.what {
            visit.again = true;
            visit.number = CLIENTS.fetch_add(1, Ordering::Relaxed);
        }
    }
    next
}

/// Puts one token in the place of another in the entries on names.
pub(super) fn rename(policy: &mut RuntimePolicy, old: &str, new: &str) {
    for section in policy.rules.iter_mut().filter_map(|rule| rule.dns.as_mut()) {
        for entry in section.whitelist.iter_mut().chain(&mut section.blacklist) {
            *entry = renamed(entry, old, new);
        }
    }
}

/// The longest part of the old token that is in the text gives way to the same part of the new one, in the same case.
fn renamed(text: &str, old: &str, new: &str) -> String {
    let folded = text.to_ascii_lowercase();
    for length in (PART..=old.len()).rev() {
        for from in 0..=old.len() - length {
            let Some(at) = folded.find(&old[from..from + length]) else { continue };
            let part = &new[(from.min(new.len()))..(from + length).min(new.len())];
            let upper = text[at..at + length].chars().any(|c| c.is_ascii_uppercase());
            let part = if upper { part.to_uppercase() } else { part.to_owned() };
            return format!("{}{part}{}", &text[..at], &text[at + length..]);
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_token_gives_way_to_the_same_part() {
        let (old, new) = ("t78582b84939b", "taaaabbbbcccc");
        assert_eq!(renamed("www.t78582b84939b.test", old, new), "www.taaaabbbbcccc.test");
        assert_eq!(renamed("*82b84939bexample.com", old, new), "*abbbbccccexample.com");
        assert_eq!(renamed("WWW.T78582B84939B.TEST", old, new), "WWW.TAAAABBBBCCCC.TEST");
        assert_eq!(renamed("*.test", old, new), "*.test");
    }
}
