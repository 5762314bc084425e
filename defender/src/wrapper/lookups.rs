//! One lookup is several questions: A and AAAA, repeats, the search list. Tells where a new one begins.

use super::proc::Process;
use super::program_file::{Look, look};
use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Questions of one lookup come together.
const TOGETHER: Duration = Duration::from_secs(2);

/// A resolver that repeats a question (same id) gives up within this.
const REPEATED: Duration = Duration::from_secs(60);

/// Lookups that are remembered at most.
const MOST: usize = 1024;

/// A question as a resolver sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Full name, normalised.
    pub name: String,
    /// Record type.
    pub kind: u16,
    /// Transaction id: new for a new question, kept for a repeated one.
    pub id: u16,
}

#[derive(Debug)]
struct Lookup {
    asked: Vec<Asked>,
    since: Instant,
}

/// Lookups of the recent past.
#[derive(Debug, Default)]
pub struct Lookups {
    denied: HashMap<(Process, String), Lookup>,
    allowed: HashMap<(Process, String), Instant>,
}

impl Lookups {
    /// A name was asked for that is fine.
    pub fn allow(&mut self, process: &Process, name: String, now: Instant) {
        if self.allowed.len() >= MOST {
            self.allowed.clear();
        }
        self.allowed.insert((process.clone(), name), now);
    }

    /// Whether a name is an allowed one that did not resolve, with a suffix of the search list behind it: a step of the
    /// resolver, and nothing that the process wanted (declared choice: no audit).
    #[must_use]
    pub fn is_expansion(&self, process: &Process, name: &str, search: &[String], now: Instant) -> bool {
        let base = base(name, search);
        let asked = self.allowed.get(&(process.clone(), base.to_owned()));
        base != name && asked.is_some_and(|asked| now.duration_since(*asked) < REPEATED)
    }

    /// Whether a name is a denied one with a suffix of the search list behind it: the resolver goes on with what the process
    /// wanted and may not have, so it may not have that either (declared choice).
    #[must_use]
    pub fn is_denied_expansion(
        &self,
        process: &Process,
        name: &str,
        search: &[String],
        now: Instant,
    ) -> bool {
        let base = base(name, search);
        let asked = self.denied.get(&(process.clone(), base.to_owned()));
        base != name && asked.is_some_and(|lookup| now.duration_since(lookup.since) < REPEATED)
    }

    /// Whether a question begins a new lookup. `search` is the search list: with it, a resolver asks for `name`, and for
    /// `name.suffix` of each.
    pub fn is_new(&mut self, process: &Process, asked: Asked, search: &[String], now: Instant) -> bool {
        if self.denied.len() >= MOST {
            self.denied.retain(|_, lookup| now.duration_since(lookup.since) < REPEATED);
        }
        if self.denied.len() >= 8 * MOST {
            self.denied.retain(|_, lookup| now.duration_since(lookup.since) < TOGETHER);
        }
        let key = (process.clone(), base(&asked.name, search).to_owned());
        if let Some(lookup) = self.denied.get_mut(&key) {
            let age = now.duration_since(lookup.since);
            if age < REPEATED && lookup.asked.contains(&asked) {
                return false;
            }
            let same = |other: &Asked| other.name == asked.name && other.kind == asked.kind;
            // A resolver comes to its search list when it is answered, which takes as long as it takes.
            let limit = if base(&asked.name, search) == asked.name { TOGETHER } else { REPEATED };
            if age < limit && !lookup.asked.iter().any(same) {
                lookup.asked.push(asked);
                return false;
            }
        }
        self.denied.insert(key, Lookup { asked: vec![asked], since: now });
        true
    }
}

/// The name without a suffix of the search list.
fn base<'n>(name: &'n str, search: &[String]) -> &'n str {
    let stripped = search.iter().filter_map(|suffix| name.strip_suffix(suffix.as_str())?.strip_suffix('.'));
    stripped.filter(|base| !base.is_empty()).min_by_key(|base| base.len()).unwrap_or(name)
}

/// The search list of the container, read again when its file has changed.
#[derive(Debug, Default)]
pub struct Search(Mutex<(Option<Look>, Arc<[String]>)>);

impl Search {
    /// As it is now.
    #[must_use]
    pub fn now(&self) -> Arc<[String]> {
        const FILE: &str = "/etc/resolv.conf";
        let seen = fs::metadata(FILE).ok().map(|meta| look(&meta));
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_none() || last.0 != seen {
            *last = (seen, search_list(&fs::read_to_string(FILE).unwrap_or_default()).into());
        }
        Arc::clone(&last.1)
    }
}

/// The search list of a `resolv.conf`, normalised.
fn search_list(resolv_conf: &str) -> Vec<String> {
    let last = resolv_conf.lines().rev().find_map(|line| {
        let mut words = line.split_whitespace();
        matches!(words.next(), Some("search" | "domain")).then(|| words.collect::<Vec<_>>())
    });
    let normal = |word: &str| word.trim_end_matches('.').to_lowercase();
    last.unwrap_or_default().into_iter().map(normal).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &str, kind: u16, id: u16) -> Asked {
        Asked { name: name.to_owned(), kind, id }
    }

    #[test]
    fn a_lookup_is_its_pair_its_repeats_and_its_search_list() {
        let mut lookups = Lookups::default();
        let now = Instant::now();
        let process = Process { pid: 7, start: 1 };
        let search = search_list("nameserver 10.0.0.2\nsearch ec2.internal Corp.Example.\n");
        assert_eq!(search, ["ec2.internal", "corp.example"]);
        let mut is_new =
            |name: &str, kind, id, at| lookups.is_new(&process, asked(name, kind, id), &search, at);
        assert!(is_new("evil.test", 1, 10, now));
        assert!(!is_new("evil.test", 28, 11, now), "AAAA of the pair");
        assert!(!is_new("evil.test", 1, 10, now + TOGETHER * 2), "a repeated question");
        assert!(!is_new("evil.test.ec2.internal", 1, 12, now));
        assert!(!is_new("evil.test.corp.example", 28, 13, now + TOGETHER * 3), "a slow machine");
        assert!(is_new("evil.test", 1, 14, now), "asked anew");
        assert!(!is_new("evil.test", 28, 15, now), "its pair");
        assert!(is_new("other.test", 1, 10, now));
        assert!(is_new("evil.test", 16, 20, now + TOGETHER), "long after");
    }

    #[test]
    fn the_search_list_behind_a_denied_name_is_denied() {
        let mut lookups = Lookups::default();
        let (now, process, search) =
            (Instant::now(), Process { pid: 7, start: 1 }, ["corp.example".to_owned()]);
        let expanded = "evil.test.corp.example";
        assert!(!lookups.is_denied_expansion(&process, expanded, &search, now), "nobody asked for evil.test");
        assert!(lookups.is_new(&process, asked("evil.test", 1, 10), &search, now));
        assert!(lookups.is_denied_expansion(&process, expanded, &search, now));
        assert!(!lookups.is_new(&process, asked(expanded, 1, 11), &search, now), "one audit for the lookup");
        assert!(!lookups.is_denied_expansion(&process, "good.test.corp.example", &search, now));
        assert!(!lookups.is_denied_expansion(&process, "evil.test", &search, now));
        assert!(!lookups.is_denied_expansion(&process, expanded, &search, now + REPEATED));
    }

    #[test]
    fn the_search_list_behind_an_allowed_name_is_no_lookup_of_its_own() {
        let mut lookups = Lookups::default();
        let (now, process, search) =
            (Instant::now(), Process { pid: 7, start: 1 }, ["corp.example".to_owned()]);
        assert!(!lookups.is_expansion(&process, "api.example.com.corp.example", &search, now));
        lookups.allow(&process, "api.example.com".to_owned(), now);
        assert!(lookups.is_expansion(&process, "api.example.com.corp.example", &search, now));
        assert!(!lookups.is_expansion(&process, "evil.test.corp.example", &search, now));
        assert!(!lookups.is_expansion(
            &Process { pid: 8, start: 1 },
            "api.example.com.corp.example",
            &search,
            now
        ));
        assert!(!lookups.is_expansion(&process, "api.example.com", &search, now));
    }

    #[test]
    fn another_process_looks_up_for_itself() {
        let mut lookups = Lookups::default();
        let now = Instant::now();
        for start in 1..4 {
            assert!(lookups.is_new(&Process { pid: 7, start }, asked("evil.test", 1, 1), &[], now));
        }
    }
}
