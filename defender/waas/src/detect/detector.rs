//! The whole rule set, and the search over a request.

use super::bank::{Bank, Visitor};
use super::chain;
use super::compile::compile;
use super::error::CrsError;
use super::harmless::is_harmless;
use super::leaks::{Leak, Leaks};
use super::memo::Memo;
use super::plain::is_plain;
use super::prose::{is_prose, is_text};
use super::rule::CompiledRule;
use super::set::{Set, Sets};
use super::sieve::Sieves;
use super::structure::malformed;
use super::words::Words;
use crate::canonical::each_form;
use crate::crs;
use crate::input::{Class, Input, Inputs, Location};
use crate::request::RequestView;
use crate::{Attack, AttackSet, Exceptions};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest value and match that a [`Match`] keeps, in bytes.
pub(crate) const LONGEST_SHOWN: usize = 1024;

/// The Core Rule Set, compiled.
#[derive(Debug)]
pub struct Detector {
    rules: Vec<CompiledRule>,
    /// By class: all rules, and those that plain text can match.
    banks: Vec<(Bank, Bank)>,
    sieves: Sieves,
    memo: Memo,
    /// What is compiled when it is first asked.
    sets: (Vec<Arc<Set>>, Vec<Arc<Words>>),
    leaks: Leaks,
}

/// What a protection found first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The protection.
    pub attack: Attack,
    /// Rule of the rule set; 0 for a check of the HTTP layer.
    pub rule: u32,
    /// Where.
    pub location: Location,
    /// Name of the parameter, cookie or header, or path of the value.
    pub key: String,
    /// The part that matched, decoded.
    pub matched: String,
    /// The value as it stood in the request, at most 1 KiB.
    pub value: String,
}

impl Match {
    /// `Detected <attack> attack in <location>, match <match>, value <value>` (section 1.5 of `waas.md`).
    #[must_use]
    pub fn message(&self) -> String {
        format!(
            "Detected {} attack in {}, match {}, value {}",
            self.attack, self.location, self.matched, self.value
        )
    }
}

thread_local! {
    /// Scratch space of the transformations; one per worker.
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

impl Detector {
    /// Reads and compiles the rules of a directory: that of Debian's `modsecurity-crs`, a CRS release, or the folder
    /// with the rules itself. A `crs-setup.conf` in it says the paranoia level (declared choice); without one it is 1.
    ///
    /// # Errors
    /// See [`CrsError`]. A rule that cannot be compiled is one, unless it was reviewed.
    pub fn load(dir: &Path) -> Result<Self, CrsError> {
        let level = level(dir)?;
        let (mut written, mut updates) = (Vec::new(), Vec::new());
        let mut places = HashMap::new();
        let mut folder = dir.to_owned();
        for path in rule_files(dir)? {
            let bytes =
                std::fs::read(&path).map_err(|source| CrsError::Read { path: path.clone(), source })?;
            let text = String::from_utf8_lossy(&bytes);
            let file = crs::parse(&text).map_err(|source| CrsError::Parse { path: path.clone(), source })?;
            places.extend(file.rules.iter().map(|rule| ((rule.id, rule.line), path.clone())));
            written.extend(file.rules);
            updates.extend(file.updates);
            if let Some(parent) = path.parent() {
                folder = parent.to_owned();
            }
        }
        updates.iter().for_each(|update| update.apply(&mut written));
        let fail = |rule: &crs::Rule, why: String| CrsError::Rule {
            path: places.get(&(rule.id, rule.line)).unwrap_or(&folder).clone(),
            line: rule.line,
            id: rule.id,
            why,
        };
        let mut rules = Vec::new();
        for rule in &written {
            rules.extend(compile(rule, level, &folder).map_err(|why| fail(rule, why))?);
        }
        if rules.is_empty() {
            return Err(CrsError::NoRules(dir.to_owned()));
        }
        // The first match of a protection is the one it reports: directory order must not decide.
        rules.sort_by_key(|rule| rule.id);
        let mut sets = Sets::default();
        let sieves = Sieves::new(&rules, &mut sets);
        let bank = |class| {
            let all = Bank::new(&rules, &mut sets, |rule| rule.classes.has(class));
            let plain = Bank::new(&rules, &mut sets, |rule| rule.classes.has(class) && rule.may_match_plain);
            (all, plain)
        };
        let banks = Class::ALL.into_iter().map(bank).collect();
        let leaks = Leaks::new(&written, level, &folder, fail)?;
        Ok(Self { rules, banks, sieves, memo: Memo::new(), sets: sets.all(), leaks })
    }

    /// Compiles what would else be compiled by the first request that asks for it: what every request asks for first. It may
    /// run beside requests.
    pub fn warm_up(&self) {
        let (sets, words) = &self.sets;
        for words in words {
            words.automaton();
        }
        for set in sets {
            set.compiled(&self.rules);
        }
    }

    /// The same in a thread of its own. It is no task: a runtime that shuts down would wait for it.
    pub(crate) fn warm_up_beside(self: Arc<Self>) {
        let thread = std::thread::Builder::new().name("waas-warm-up".to_owned());
        if let Err(error) = thread.spawn(move || self.warm_up()) {
            tracing::warn!(%error, "the WAAS rules are compiled as requests need them");
        }
    }

    /// Number of rules in use.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// What an answer holds that no client may see; of its body without content codings, and of whether that is text.
    #[must_use]
    pub fn leak(&self, body: &[u8], text: bool) -> Option<Leak> {
        self.leaks.find(body, text)
    }

    /// What each wanted protection finds first in a request, in order of evaluation; protocol checks included.
    #[must_use]
    pub fn inspect(
        &self,
        request: &RequestView<'_>,
        wanted: AttackSet,
        exceptions: &Exceptions,
    ) -> Vec<Match> {
        self.inspect_read(request, request.inputs(), wanted, exceptions)
    }

    /// The same with the values that were read of it.
    #[must_use]
    pub fn inspect_read(
        &self,
        request: &RequestView<'_>,
        inputs: Inputs<'_>,
        wanted: AttackSet,
        exceptions: &Exceptions,
    ) -> Vec<Match> {
        let path = request.path;
        let mut found = self.inspect_excepted(request, inputs, wanted, exceptions);
        let path_free = exceptions.skip_path(path);
        if wanted.without(path_free).has(Attack::MalformedRequest)
            && let Some(malformed) = malformed(request)
        {
            found.retain(|found| found.attack != Attack::MalformedRequest);
            found.insert(0, malformed);
        }
        found
    }

    /// What each wanted protection finds first in values of a request, in order of evaluation.
    pub(crate) fn inspect_excepted(
        &self,
        request: &RequestView<'_>,
        mut inputs: Inputs<'_>,
        wanted: AttackSet,
        exceptions: &Exceptions,
    ) -> Vec<Match> {
        let body_free = exceptions.skip_body(request.body);
        for input in inputs.iter_mut() {
            input.skip = exceptions.skip(request.path, input);
            if input.location.is_body() {
                input.skip = input.skip.or(body_free);
            }
        }
        self.inspect_inputs(&inputs, wanted)
    }

    /// What each wanted protection finds first in these inputs, in order of evaluation.
    #[must_use]
    pub fn inspect_inputs(&self, inputs: &[Input<'_>], wanted: AttackSet) -> Vec<Match> {
        BUFFERS.with_borrow_mut(|buffers| {
            let mut search = Search {
                rules: &self.rules,
                inputs,
                input: 0,
                as_sent: true,
                wanted,
                found: Vec::new(),
                skip: AttackSet::NONE,
                hits: 0,
            };
            for (at, input) in inputs.iter().enumerate() {
                search.input = at;
                search.skip = input.skip;
                if search.wanted().is_empty() || input.class == Class::FileContent {
                    continue;
                }
                let slot = self.memo.slot(input.class, &input.value);
                if slot.is_some_and(|slot| self.memo.knows(slot, input.class, &input.value)) {
                    continue;
                }
                let ((all, plain), sieve) = (&self.banks[input.class as usize], self.sieves.of(input.class));
                let (before, mut asked_all) = (search.hits, true);
                search.as_sent = true;
                each_form(&input.value, |form| {
                    if sieve.may_hold(&self.rules, form, buffers) {
                        asked_all &= search.wanted() == AttackSet::ALL;
                        let bank = if is_plain(form) { plain } else { all };
                        bank.search(&self.rules, form, buffers, &mut search);
                    }
                    search.as_sent = false;
                    !search.wanted().is_empty()
                });
                if let Some(slot) = slot.filter(|_| asked_all && search.hits == before) {
                    self.memo.learn(slot, input.class, &input.value);
                }
            }
            let mut found = search.found;
            found.sort_by_key(|found| found.attack);
            found
        })
    }
}

/// One run over the inputs of a request.
struct Search<'a> {
    rules: &'a [CompiledRule],
    inputs: &'a [Input<'a>],
    input: usize,
    /// Whether the form that is searched is the value itself.
    as_sent: bool,
    wanted: AttackSet,
    skip: AttackSet,
    found: Vec<Match>,
    /// Rules that held so far, whatever came of it.
    hits: usize,
}

impl Visitor for Search<'_> {
    fn wanted(&self) -> AttackSet {
        self.wanted.without(self.skip)
    }

    fn hit(&mut self, rule: usize, value: &[u8]) {
        self.hits += 1;
        let rule = &self.rules[rule];
        let input = &self.inputs[self.input];
        let asked = self.wanted().has(rule.attack) && (self.as_sent || !rule.as_sent);
        let holds = || chain::holds(&rule.test, &rule.chain, value, self.inputs);
        if !asked || !rule.looks_at(input) || !holds() || is_text(rule.id, value) {
            return;
        }
        let harmless = |range: &Range<usize>| is_harmless(rule.id, input, value, range);
        let counts = |range: &Range<usize>| !is_prose(rule.id, value, range) && !harmless(range);
        // A list of words has no other match to look at.
        let Some(range) = rule.test.find_where(value, counts).filter(|range| !harmless(range)) else {
            return;
        };
        self.wanted = self.wanted.without(AttackSet::only(rule.attack));
        self.found.push(Match {
            attack: rule.attack,
            rule: rule.id,
            location: input.location,
            key: input.key.clone().into_owned(),
            matched: shown(&value[range]),
            value: shown(&input.value),
        });
    }
}

/// Text for people, cut at a character.
pub(super) fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(LONGEST_SHOWN)];
    String::from_utf8_lossy(cut).into_owned()
}

/// The paranoia level that the setup file of a directory says.
fn level(dir: &Path) -> Result<u8, CrsError> {
    let path = dir.join("crs-setup.conf");
    match std::fs::read(&path) {
        Ok(bytes) => crs::level(&String::from_utf8_lossy(&bytes))
            .map_err(|source| CrsError::Parse { path: path.clone(), source }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(crs::USUAL_LEVEL),
        Err(source) => Err(CrsError::Read { path, source }),
    }
}

fn rule_files(dir: &Path) -> Result<Vec<PathBuf>, CrsError> {
    let inner = dir.join("rules");
    let folder = if inner.is_dir() { inner } else { dir.to_owned() };
    let entries =
        std::fs::read_dir(&folder).map_err(|source| CrsError::Read { path: folder.clone(), source })?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| CrsError::Read { path: folder.clone(), source })?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_used = name.starts_with("REQUEST-9") || name.starts_with("RESPONSE-95");
        if is_used && name.ends_with(".conf") {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(CrsError::NoRules(dir.to_owned()));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    /// Both rule sets, where they are.
    static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
        let named = ["PROOFHOUSE_CRS", "PROOFHOUSE_CRS4"].into_iter().filter_map(std::env::var_os);
        let mut directories: Vec<PathBuf> = named.map(PathBuf::from).collect();
        directories.push(PathBuf::from("/usr/share/modsecurity-crs"));
        directories.retain(|directory| directory.is_dir());
        directories.iter().map(|directory| Detector::load(directory).expect("the rule set loads")).collect()
    });

    struct Hits(usize);

    impl Visitor for Hits {
        fn wanted(&self) -> AttackSet {
            AttackSet::ALL
        }

        fn hit(&mut self, _rule: usize, _value: &[u8]) {
            self.0 += 1;
        }
    }

    /// The sieve may err towards yes, never towards no. Whether it said yes.
    fn sieve_agrees(value: &[u8]) -> bool {
        let mut seen = false;
        for detector in DETECTORS.iter() {
            for class in Class::ALL {
                let ((all, plain), sieve) = (&detector.banks[class as usize], detector.sieves.of(class));
                let bank = if is_plain(value) { plain } else { all };
                let mut hits = Hits(0);
                bank.search(&detector.rules, value, &mut Vec::new(), &mut hits);
                let may_hold = sieve.may_hold(&detector.rules, value, &mut Vec::new());
                assert!(may_hold || hits.0 == 0, "{class:?}: {:?}", value.escape_ascii().to_string());
                seen |= may_hold;
            }
        }
        seen
    }

    #[test]
    fn the_sieve_lets_nothing_through_that_a_rule_knows() {
        for attack in [
            "1 union select password from users",
            "1' or '1'='1",
            "<script>alert(1)</script>",
            "x onload=alert(1)",
            ";cat /etc/passwd",
            "../../etc/passwd",
            "() { :; }; echo",
            "php://filter",
            "XyQkTkRfRlVOQyQkXw==",
            "java.lang.Runtime",
            "sleep(5)",
            "$(id)",
            "nikto",
        ] {
            assert!(sieve_agrees(attack.as_bytes()), "{attack}");
        }
        // Rule set 4 alone knows it.
        sieve_agrees(b"process.env");
        assert!(DETECTORS.is_empty() || !sieve_agrees(b"price"), "what is harmless is not searched");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

        #[test]
        fn the_sieve_never_denies_what_holds(
            value in "(union|select|from|or|and|sleep|1|2|0x41|users| |  |=|'|\"|--|#|;|\\||`|\\$\\(|\\)|\\(|<|>|/|\\.\\.|\\.|-|_|script|onload|svg|alert|etc|passwd|cat|ls|id|sh|bin|wget|curl|python|echo|cmd|\\^|C|php|://|http|eval|base64|decode|system|exec|java|lang|Runtime|process|require|proto|__|\\{|\\}|\\[|\\]|\\n|,|XyQkTkRfRlVOQyQkXw|HTTP|GET|\\?|:|!|@|~|a|Z){0,9}",
        ) {
            sieve_agrees(value.as_bytes());
        }
    }
}
