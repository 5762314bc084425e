//! What the resolver knows.

use hickory_proto::rr::Name;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The longest chain of aliases that is followed.
const LONGEST_CHAIN: usize = 8;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Addresses of either family. A question for the family that is absent is answered without records.
    Addresses(Vec<IpAddr>),
    /// Another name (CNAME), looked up in the same zone.
    Alias(String),
    /// `SERVFAIL`.
    Fails,
    /// No answer at all.
    Silent,
}

/// Names and what they stand for. A name that is not there does not exist (`NXDOMAIN`).
///
/// `*.example.com` stands for every name below `example.com` that has no entry of its own; of several such entries the
/// longest counts. Case and a final dot do not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    entries: BTreeMap<String, Entry>,
}

/// A name that cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a DNS name: {why}")]
pub struct ZoneError {
    /// The name.
    pub name: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The outcome of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The name exists; there may be no address of the family asked for.
    Found,
    /// `NXDOMAIN`.
    Unknown,
    /// `SERVFAIL`.
    Failed,
    /// No answer.
    Silent,
}

/// What a look-up found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Outcome.
    pub verdict: Verdict,
    /// Aliases on the way, each name with what it stands for.
    pub aliases: Vec<(String, String)>,
    /// Addresses, of both families.
    pub addresses: Vec<IpAddr>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Zone {
    /// Adds or replaces an entry.
    ///
    /// # Errors
    /// When a name, or the target of an alias, cannot be one.
    pub fn insert(&mut self, name: &str, entry: Entry) -> Result<(), ZoneError> {
        let entry = match entry {
            Entry::Alias(target) => Entry::Alias(checked(&target, false)?),
            entry => entry,
        };
        self.entries.insert(checked(name, true)?, entry);
        Ok(())
    }

    /// The zone with one more entry of addresses, for definitions in one expression.
    ///
    /// # Errors
    /// As [`Zone::insert`].
    pub fn with(
        mut self,
        name: &str,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Self, ZoneError> {
        self.insert(name, Entry::Addresses(addresses.into_iter().collect()))?;
        Ok(self)
    }

    /// Looks a name up, and follows aliases.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Resolution {
        let mut aliases = Vec::new();
        let mut current = normal(name);
        loop {
            let (verdict, addresses) = match self.entry(&current) {
                Some(Entry::Alias(target)) if aliases.len() < LONGEST_CHAIN => {
                    aliases.push((std::mem::replace(&mut current, target.clone()), target.clone()));
                    continue;
                }
                Some(Entry::Addresses(addresses)) => (Verdict::Found, addresses.clone()),
                Some(Entry::Silent) => (Verdict::Silent, Vec::new()),
                // An alias here is one too many, as in a circle.
                Some(Entry::Fails | Entry::Alias(_)) => (Verdict::Failed, Vec::new()),
                None => (Verdict::Unknown, Vec::new()),
            };
            return Resolution { verdict, aliases, addresses };
        }
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let below = std::iter::successors(Some(name), |rest| rest.split_once('.').map(|(_, rest)| rest));
        let wildcards = below.skip(1).map(|parent| format!("*.{parent}"));
        self.entries.get(name).or_else(|| wildcards.into_iter().find_map(|name| self.entries.get(&name)))
    }
}

fn normal(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn checked(name: &str, wildcard: bool) -> Result<String, ZoneError> {
    let normal = normal(name);
    let fail = |why| Err(ZoneError { name: name.to_owned(), why });
    let labels = match normal.strip_prefix("*.") {
        Some(rest) if wildcard => rest,
        _ => &normal,
    };
    if normal.len() > 253 {
        return fail("it is longer than 253 characters");
    }
    for label in labels.split('.') {
        if label.is_empty() || label.len() > 63 {
            return fail("each label has 1 to 63 characters");
        }
        if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return fail(
                "labels have letters, digits, \"-\" and \"_\"; \"*\" may only stand alone and first",
            );
        }
    }
    if Name::from_ascii(labels).is_err() {
        return fail("it cannot be written into a DNS message");
    }
    Ok(normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn zone() -> Zone {
        let mut zone = Zone::default()
            .with("api.example.com", [ip("203.0.113.10"), ip("2001:db8::10")])
            .and_then(|zone| zone.with("*.example.com", [ip("203.0.113.11")]))
            .and_then(|zone| zone.with("*.deep.example.com", [ip("203.0.113.12")]))
            .unwrap();
        zone.insert("www.example.com.", Entry::Alias("API.example.com".to_owned())).unwrap();
        zone.insert("broken.test", Entry::Fails).unwrap();
        zone.insert("circle.test", Entry::Alias("circle.test".to_owned())).unwrap();
        zone
    }

    #[test]
    fn the_most_exact_entry_counts() {
        let addresses = |name: &str| zone().resolve(name).addresses;
        assert_eq!(addresses("API.Example.com."), [ip("203.0.113.10"), ip("2001:db8::10")]);
        assert_eq!(addresses("x.example.com"), [ip("203.0.113.11")]);
        assert_eq!(addresses("x.y.example.com"), [ip("203.0.113.11")]);
        assert_eq!(addresses("x.deep.example.com"), [ip("203.0.113.12")]);
        assert_eq!(zone().resolve("example.com").verdict, Verdict::Unknown);
        assert_eq!(zone().resolve("badexample.com").verdict, Verdict::Unknown);
    }

    #[test]
    fn an_alias_is_followed_and_a_circle_fails() {
        let found = zone().resolve("www.example.com");
        assert_eq!(found.aliases, [("www.example.com".to_owned(), "api.example.com".to_owned())]);
        assert_eq!(found.addresses.len(), 2);
        assert_eq!(zone().resolve("circle.test").verdict, Verdict::Failed);
        assert_eq!(zone().resolve("broken.test").verdict, Verdict::Failed);
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_the_reason() {
        for name in ["", "a..b", "*", "a.*.b", "with space.test", &"a".repeat(64)] {
            let error = Zone::default().insert(name, Entry::Fails).unwrap_err();
            assert_eq!(error.name, name);
        }
    }

    proptest! {
        #[test]
        fn a_wildcard_stands_for_all_below_it_and_not_for_itself(
            labels in proptest::collection::vec("[a-z0-9]{1,8}", 1..5),
        ) {
            let zone = Zone::default().with("*.example.com", [ip("203.0.113.1")]).unwrap();
            let name = format!("{}.example.com", labels.join("."));
            prop_assert_eq!(zone.resolve(&name).verdict, Verdict::Found);
            let other = format!("{}.example.org", labels.join("."));
            prop_assert_eq!(zone.resolve(&other).verdict, Verdict::Unknown);
        }
    }
}
