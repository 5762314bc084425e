//! Texts without the secrets of a request, in memory that does not grow with what is found, and time that grows with the text and
//! the length of secrets only.

use super::beginnings::Beginnings;
use super::gathered::{Gathered, Sorted};
use super::rule::{Place, Scrubbing};
use std::iter::{Peekable, once};
use std::ops::Range;

/// A secret below this length, in bytes, is one only where it stands for itself: as part of a word it may be any.
pub(super) const SHORT: usize = 4;

/// Secrets above this length are searched for one by one; there cannot be many.
const LONG: usize = 2048;

/// Bytes that placeholders may make a text longer: a request may have a secret at every other letter.
const LONGER: usize = 4096;

/// The secrets of a request.
#[derive(Debug)]
pub(crate) struct Secrets<'s> {
    pub(super) scrubbing: &'s Scrubbing,
    /// The rule of one that was too many: then nothing of a text may be told.
    beyond: Option<usize>,
    known: Sorted,
    beginnings: Beginnings,
    /// Those that are searched for one by one.
    long: Vec<usize>,
}

/// Something in a text that may not be told, and by which rule.
type Hit = (Range<usize>, usize);

impl<'s> Secrets<'s> {
    pub(super) fn new(scrubbing: &'s Scrubbing, gathered: Gathered) -> Self {
        let beyond = gathered.beyond();
        let known = gathered.sorted();
        let beginnings = Beginnings::of(&known);
        let long = (0..known.len()).filter(|index| known.text(*index).len() > LONG).collect();
        Self { scrubbing, beyond, known, beginnings, long }
    }

    /// Whether there is nothing to scrub, whatever the text.
    pub(super) fn is_empty(&self) -> bool {
        self.scrubbing.rules.is_empty()
    }

    /// The text with placeholders.
    pub(super) fn scrub(&self, text: &str) -> String {
        self.replaced(text, self.hits(text, None))
    }

    /// The same of a text that was perhaps cut, together with the placeholder that came first.
    pub(super) fn scrub_cut(&self, text: &str, longest: usize) -> (String, Option<&'s str>) {
        let begun = if text.len() >= longest { self.begun(text) } else { None };
        let begun = begun.map(|(start, rule)| (start..text.len(), rule));
        let mut hits = self.hits(text, begun);
        let first = hits.peek().map(|(_, rule)| self.placeholder(*rule));
        (self.replaced(text, hits), first)
    }

    fn placeholder(&self, rule: usize) -> &'s str {
        &self.scrubbing.rules[rule].placeholder
    }

    fn replaced(&self, text: &str, hits: impl Iterator<Item = Hit>) -> String {
        let mut scrubbed = String::with_capacity(text.len());
        let mut end = 0;
        for (range, rule) in hits {
            let placeholder = self.placeholder(rule);
            scrubbed.push_str(&text[end..range.start]);
            scrubbed.push_str(placeholder);
            end = range.end;
            if scrubbed.len() > range.end + LONGER {
                // The rest of such a text is told as one secret.
                return scrubbed;
            }
        }
        scrubbed.push_str(&text[end..]);
        scrubbed
    }

    /// Everything in a text that may not be told, in order and apart; `more` is another hit.
    fn hits<'t>(&'t self, text: &'t str, more: Option<Hit>) -> Peekable<impl Iterator<Item = Hit> + 't> {
        let mut sources: Vec<Peekable<Box<dyn Iterator<Item = Hit> + 't>>> = Vec::new();
        let mut search = |source: Box<dyn Iterator<Item = Hit> + 't>| sources.push(source.peekable());
        if let Some(rule) = self.beyond {
            search(Box::new(once((0..text.len(), rule)).filter(|(all, _)| !all.is_empty())));
        }
        search(Box::new(text.char_indices().filter_map(|(at, _)| self.known_at(text, at))));
        for &index in &self.long {
            let rule = self.known.rule(index);
            let parts = text.match_indices(self.known.text(index));
            search(Box::new(parts.map(move |(at, part)| (at..at + part.len(), rule))));
        }
        for (index, rule) in self.scrubbing.rules.iter().enumerate() {
            if let Place::Anywhere { values: Some(pattern), .. } = &rule.place {
                let parts = pattern.find_iter(text.as_bytes()).filter(|part| !part.is_empty());
                search(Box::new(parts.map(move |part| (whole(text, part.range()), index))));
            }
        }
        search(Box::new(more.into_iter()));
        let mut next = move || {
            let first = sources.iter_mut().filter_map(|source| Some((source.peek()?.0.start, source)));
            first.min_by_key(|(start, _)| *start).and_then(|(_, source)| source.next())
        };
        let mut before = next();
        std::iter::from_fn(move || {
            let (mut range, rule) = before.take()?;
            while let Some((behind, other)) = next() {
                if behind.start < range.end || behind.start == range.end && other == rule {
                    range.end = range.end.max(behind.end);
                } else {
                    before = Some((behind, other));
                    break;
                }
            }
            Some((range, rule))
        })
        .peekable()
    }

    /// The longest secret that stands at a place: together they cover whatever is covered by any.
    fn known_at(&self, text: &str, at: usize) -> Option<Hit> {
        let rest = &text[at..];
        let last = self.known.up_to(rest).checked_sub(1)?;
        // Whatever stands here, the last of those that are not behind this text begins with it.
        let mut room = common_length(rest, self.known.text(last)).min(LONG);
        while let Some(index) = self.beginnings.within(&self.known, last, room) {
            let range = at..at + self.known.text(index).len();
            if range.len() >= SHORT || stands_alone(text, &range) {
                return Some((range, self.known.rule(index)));
            }
            room = range.len() - 1;
        }
        None
    }

    /// Where a secret begins that goes on behind the end of a text.
    fn begun(&self, text: &str) -> Option<(usize, usize)> {
        // A character that was cut.
        let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let starts = self.known.texts().enumerate().filter_map(|(index, secret)| {
            let longest = secret.len().min(text.len());
            let mut lengths = (1..=longest).rev().filter(|length| secret.is_char_boundary(*length));
            let length = lengths.find(|length| text.ends_with(&secret[..*length]))?;
            Some((text.len() - length, self.known.rule(index)))
        });
        starts.min()
    }
}

fn common_length(one: &str, other: &str) -> usize {
    const BLOCK: usize = 64;
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let blocks = one.chunks_exact(BLOCK).zip(other.chunks_exact(BLOCK));
    let same = BLOCK * blocks.take_while(|(one, other)| one == other).count();
    same + one[same..].iter().zip(&other[same..]).take_while(|(one, other)| one == other).count()
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
        let scrubbing = scrubbing("never in a text");
        Secrets::new(&scrubbing, gathered(found)).scrub(text)
    }

    fn gathered(found: &[&str]) -> Gathered {
        let mut gathered = Gathered::of(1 << 20);
        found.iter().for_each(|secret| gathered.add(secret.as_bytes(), 0));
        gathered
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
        assert_eq!(scrub(&nested, &"a".repeat(1 << 17)), "\u{2205}");
        // None of them stands there, and all of them are near.
        let near: Vec<String> = nested.iter().map(|secret| format!("{secret}A")).collect();
        let near: Vec<&str> = near.iter().map(String::as_str).collect();
        let text = "a".repeat(1 << 17);
        assert_eq!(scrub(&near, &text), text);
        let text = "aaab".repeat(1 << 15);
        let all: Vec<&str> = nested.iter().copied().filter(|secret| secret.len() > 3).collect();
        assert_eq!(scrub(&all, &text), text);
    }

    #[test]
    fn placeholders_make_no_text_much_longer() {
        let scrubbing = Scrubbing::of(&[serde_json::from_value(
            json!({"valuePattern": "b", "placeholder": "*".repeat(100)}),
        )
        .unwrap()])
        .unwrap();
        let text = "ab".repeat(10_000);
        let scrubbed = Secrets::new(&scrubbing, Gathered::of(0)).scrub(&text);
        assert!(scrubbed.len() < LONGER + 200 && !scrubbed.contains('b'), "{}", scrubbed.len());
        let few = "ab".repeat(20);
        assert_eq!(Secrets::new(&scrubbing, Gathered::of(0)).scrub(&few).len(), 20 * 101);
    }

    #[test]
    fn one_too_many_takes_the_whole_text() {
        let scrubbing = scrubbing("never in a text");
        let mut gathered = Gathered::of(0);
        gathered.add(&[b'x'; 1 << 20], 0);
        let secrets = Secrets::new(&scrubbing, gathered);
        assert_eq!(secrets.scrub("anything"), "\u{2205}");
        assert_eq!(secrets.scrub(""), "");
        assert_eq!(secrets.scrub_cut("any", 10), ("\u{2205}".to_owned(), Some("\u{2205}")));
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
            Secrets::new(&scrubbing, gathered(&known)).scrub_cut(&text[..end], 1);
        }
    }
}
