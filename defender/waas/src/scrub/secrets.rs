//! Texts without the secrets of a request, in time that grows with the text and the secrets only.

use super::rule::{Place, Scrubbing};
use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::noncontiguous::NFA;
use std::collections::HashSet;
use std::ops::Range;

/// A secret below this length, in bytes, is one only where it stands for itself: as part of a word it may be any.
pub(super) const SHORT: usize = 4;

/// Secrets above this length are searched for one by one; there cannot be many.
const LONG: usize = 2048;

/// The secrets of a request.
#[derive(Debug)]
pub(crate) struct Secrets<'s> {
    pub(super) scrubbing: &'s Scrubbing,
    /// Each once, with the rule that it is by, those of the automaton first.
    known: Vec<(String, usize)>,
    /// How many are in the automaton.
    short: usize,
    automaton: Option<NFA>,
}

/// Something in a text that may not be told, and by which rule.
type Hit = (Range<usize>, usize);

impl<'s> Secrets<'s> {
    pub(super) fn new(scrubbing: &'s Scrubbing, found: Vec<(Vec<u8>, usize)>) -> Self {
        let mut seen = HashSet::new();
        let texts =
            found.into_iter().map(|(secret, rule)| (String::from_utf8_lossy(&secret).into_owned(), rule));
        let (mut known, long): (Vec<_>, Vec<_>) = texts
            .filter(|(secret, _)| !secret.is_empty() && seen.insert(secret.clone()))
            .partition(|(secret, _)| secret.len() <= LONG);
        let short = known.len();
        let patterns = known.iter().map(|(secret, _)| secret.as_bytes());
        // It fails for more than 2^31 states only, which no request has.
        let automaton = (short > 0).then(|| NFA::new(patterns).ok()).flatten();
        known.extend(long);
        Self { scrubbing, known, short, automaton }
    }

    /// Whether there is nothing to scrub, whatever the text.
    pub(super) fn is_empty(&self) -> bool {
        self.scrubbing.rules.is_empty()
    }

    /// The text with placeholders.
    pub(super) fn scrub(&self, text: &str) -> String {
        self.replaced(text, &self.hits(text))
    }

    /// The same of a text that was perhaps cut, together with the placeholder that came first.
    pub(super) fn scrub_cut(&self, text: &str, longest: usize) -> (String, Option<&'s str>) {
        let mut hits = self.hits(text);
        if text.len() >= longest
            && let Some((start, rule)) = self.begun(text)
        {
            merge(&mut hits, (start..text.len(), rule));
        }
        (self.replaced(text, &hits), hits.first().map(|(_, rule)| self.placeholder(*rule)))
    }

    fn placeholder(&self, rule: usize) -> &'s str {
        &self.scrubbing.rules[rule].placeholder
    }

    fn replaced(&self, text: &str, hits: &[Hit]) -> String {
        let mut scrubbed = String::with_capacity(text.len());
        let mut end = 0;
        for (range, rule) in hits {
            scrubbed.push_str(&text[end..range.start]);
            scrubbed.push_str(self.placeholder(*rule));
            end = range.end;
        }
        scrubbed.push_str(&text[end..]);
        scrubbed
    }

    /// Everything in a text that may not be told, in order and apart.
    fn hits(&self, text: &str) -> Vec<Hit> {
        let mut hits = self.known_in(text);
        for (secret, rule) in &self.known[self.short..] {
            hits.extend(text.match_indices(secret).map(|(at, part)| (at..at + part.len(), *rule)));
        }
        for (index, rule) in self.scrubbing.rules.iter().enumerate() {
            if let Place::Anywhere { values: Some(pattern), .. } = &rule.place {
                let parts = pattern.find_iter(text.as_bytes()).filter(|part| !part.is_empty());
                hits.extend(parts.map(|part| (whole(text, part.range()), index)));
            }
        }
        hits.sort_by_key(|(range, _)| range.start);
        let mut apart = Vec::with_capacity(hits.len());
        hits.into_iter().for_each(|hit| merge(&mut apart, hit));
        apart
    }

    /// At each place the longest secret that ends there: together they cover whatever is covered by any.
    fn known_in(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        let Some(automaton) = &self.automaton else { return hits };
        let Ok(mut state) = automaton.start_state(Anchored::No) else { return hits };
        for (at, byte) in text.bytes().enumerate() {
            state = automaton.next_state(Anchored::No, state, byte);
            if !automaton.is_match(state) {
                continue;
            }
            let ending = (0..automaton.match_len(state)).map(|index| automaton.match_pattern(state, index));
            for pattern in ending {
                let (secret, rule) = &self.known[pattern.as_usize()];
                let range = at + 1 - secret.len()..at + 1;
                if secret.len() >= SHORT || stands_alone(text, &range) {
                    hits.push((range, *rule));
                    break;
                }
            }
        }
        hits
    }

    /// Where a secret begins that goes on behind the end of a text.
    fn begun(&self, text: &str) -> Option<(usize, usize)> {
        // A character that was cut.
        let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let starts = self.known.iter().filter_map(|(secret, rule)| {
            let longest = secret.len().min(text.len());
            let mut lengths = (1..=longest).rev().filter(|length| secret.is_char_boundary(*length));
            let length = lengths.find(|length| text.ends_with(&secret[..*length]))?;
            Some((text.len() - length, *rule))
        });
        starts.min()
    }
}

/// Puts a hit behind others, and together with those that it overlaps or touches.
fn merge(hits: &mut Vec<Hit>, (mut range, mut rule): Hit) {
    while let Some((last, first_rule)) = hits.last().cloned()
        && (last.end > range.start || last.end == range.start && first_rule == rule)
    {
        hits.pop();
        range = last.start.min(range.start)..last.end.max(range.end);
        rule = first_rule;
    }
    hits.push((range, rule));
}

fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let joined = |left: Option<usize>, right: usize| {
        word(left.and_then(|left| bytes.get(left))) && word(bytes.get(right))
    };
    !joined(range.start.checked_sub(1), range.start) && !joined(Some(range.end - 1), range.end)
}

/// The range with whole characters.
fn whole(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn scrubbing(pattern: &str) -> Scrubbing {
        let spec = json!({"valuePattern": pattern, "placeholder": "\u{2205}"});
        Scrubbing::of(&[serde_json::from_value(spec).unwrap()]).unwrap()
    }

    fn scrub(found: &[&str], text: &str) -> String {
        let found = found.iter().map(|secret| (secret.as_bytes().to_vec(), 0)).collect();
        let scrubbing = scrubbing("never in a text");
        Secrets::new(&scrubbing, found).scrub(text)
    }

    #[test]
    fn short_secrets_are_words_and_others_parts() {
        assert_eq!(scrub(&["1"], "id=1&x=12&y=-1"), "id=\u{2205}&x=12&y=-\u{2205}");
        assert_eq!(scrub(&["pass"], "passing"), "\u{2205}ing");
        assert_eq!(scrub(&["abcd", "cdefgh", "b"], "xabcdefghx"), "x\u{2205}x");
        assert_eq!(scrub(&["b-1", "1"], "ab-1"), "ab-\u{2205}");
        assert_eq!(scrub(&[&"long ".repeat(1000)], &"long ".repeat(1001)), "\u{2205}long ");
    }

    /// Thousands of secrets in one another, in a text that is made of them.
    #[test]
    fn a_hostile_request_takes_no_longer() {
        let nested: Vec<String> = (1..600).map(|length| "a".repeat(length)).collect();
        let nested: Vec<&str> = nested.iter().map(String::as_str).collect();
        assert_eq!(scrub(&nested, &"a".repeat(1 << 20)), "\u{2205}");
    }

    proptest! {
        #[test]
        fn no_secret_is_left(
            secrets in proptest::collection::vec("[abé]{4,7}", 1..5),
            between in proptest::collection::vec("[ab é=,-]{0,6}", 6),
            order in proptest::collection::vec(0usize..5, 6),
            cut in 0usize..40,
        ) {
            let mut text = String::new();
            for (piece, secret) in between.iter().zip(order) {
                text.push_str(piece);
                text.push_str(&secrets[secret % secrets.len()]);
            }
            let known: Vec<&str> = secrets.iter().map(String::as_str).collect();
            let scrubbed = scrub(&known, &text);
            prop_assert!(secrets.iter().all(|secret| !scrubbed.contains(secret.as_str())), "{}", scrubbed);
            let end = (0..=cut.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap();
            let scrubbing = scrubbing("[é-]b");
            let found = secrets.iter().map(|secret| (secret.clone().into_bytes(), 0)).collect();
            Secrets::new(&scrubbing, found).scrub_cut(&text[..end], 1);
        }
    }
}
