//! The evaluation of a plan. It goes no deeper than the script is nested, and each of the script's parts, whose number
//! is bounded, costs time in proportion to what it looks at.

use crate::attribute::{MapAttribute, Side};
use crate::event::Event;
use crate::jwt;
use crate::pattern::Pattern;
use crate::plan::{Case, Condition, Number, Relation, Source, Step, TextTest, Texts};
use crate::shorten::shortened;
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::iter::once;

/// Matched texts that are kept, and bytes of each.
const KEPT: usize = 16;
const KEPT_BYTES: usize = 256;

/// One evaluation.
pub(crate) struct Evaluation<'e> {
    event: &'e dyn Event,
    now: i64,
    matches: Vec<String>,
}

/// The matched texts if the condition holds.
pub(crate) fn evaluate(condition: &Condition, event: &dyn Event, now: i64) -> Option<Vec<String>> {
    let mut evaluation = Evaluation { event, now, matches: Vec::new() };
    evaluation.holds(condition).then_some(evaluation.matches)
}

impl<'e> Evaluation<'e> {
    /// Matches of what does not hold, or is negated, are forgotten.
    fn holds(&mut self, condition: &Condition) -> bool {
        let before = self.matches.len();
        let holds = match condition {
            Condition::Any(items) => items.iter().any(|item| self.holds(item)),
            Condition::All(items) => items.iter().all(|item| self.holds(item)),
            Condition::Not(inner) => !self.holds(inner),
            Condition::Numbers(left, relation, right) => {
                self.number(*left).zip(self.number(*right)).is_some_and(|pair| compare(pair, *relation))
            }
            Condition::NumberIn(number, list) => {
                self.number(*number).is_some_and(|number| list.contains(&number))
            }
            Condition::Peer(networks) => self
                .event
                .peer_address()
                .is_some_and(|address| networks.iter().any(|network| network.contains(address))),
            Condition::Text(texts, test) => self.passes(texts, test),
            Condition::ValidToken(texts) => !any(self.event, texts, |text| !jwt::is_valid(text, self.now)),
        };
        if !holds {
            self.matches.truncate(before);
        }
        holds
    }

    fn number(&self, number: Number) -> Option<i64> {
        match number {
            Number::Literal(value) => Some(value),
            Number::StatusCode => self.event.status_code().map(i64::from),
            Number::Port => self.event.port().map(i64::from),
        }
    }

    /// Whether the string, or one of the list, passes.
    fn passes(&mut self, texts: &Texts, test: &TextTest) -> bool {
        let event = self.event;
        match test {
            TextTest::Equals(other, case) => {
                let other = first(event, other);
                any(event, texts, |text| case.equal(text, &other))
            }
            TextTest::In(list, case) => {
                any(event, texts, |text| list.iter().any(|other| case.equal(text, other)))
            }
            TextTest::StartsWith(other, case) => {
                let other = first(event, other);
                let starts =
                    |text: &[u8]| text.get(..other.len()).is_some_and(|text| case.equal(text, &other));
                any(event, texts, starts)
            }
            TextTest::Contains(other) => {
                let finder = Finder::new(&first(event, other)).into_owned();
                any(event, texts, |text| finder.find(text).is_some())
            }
            TextTest::Holds(finder) => any(event, texts, |text| finder.find(text).is_some()),
            TextTest::Matches(pattern) => any(event, texts, |text| self.matches(pattern, text)),
        }
    }

    fn matches(&mut self, pattern: &Pattern, text: &[u8]) -> bool {
        let matched = pattern.is_match(text);
        if matched {
            let room = KEPT.saturating_sub(self.matches.len());
            let groups = pattern.groups(text).into_iter().take(room);
            self.matches.extend(groups.map(|group| shortened(group, KEPT_BYTES)));
        }
        matched
    }
}

/// Whether the test holds for the string, or for one of the list.
fn any(event: &dyn Event, texts: &Texts, mut test: impl FnMut(&[u8]) -> bool) -> bool {
    let mut one = |text: Cow<'_, [u8]>| test(&stepped(text, &texts.steps));
    match &texts.source {
        Source::Literal(text) => one(Cow::Borrowed(text)),
        Source::Attribute(attribute) => one(event.text(*attribute)),
        Source::List(map, Side::Names) => event
            .fields(*map)
            .any(|field| one(if map.is_headers() { canonical(field.name) } else { field.name })),
        Source::List(map, Side::Values) => event.fields(*map).any(|field| one(field.value)),
        Source::Entry(map, key) => entry(event, *map, key).any(one),
    }
}

/// The string that others are compared with: one, so that a comparison takes no more time than it looks at.
fn first<'v>(event: &'v dyn Event, texts: &'v Texts) -> Cow<'v, [u8]> {
    let text = match &texts.source {
        Source::Literal(text) => Cow::Borrowed(text.as_slice()),
        Source::Attribute(attribute) => event.text(*attribute),
        Source::Entry(map, key) => entry(event, *map, key).next().unwrap_or_default(),
        Source::List(..) => Cow::Borrowed(&[][..]),
    };
    stepped(text, &texts.steps)
}

impl Case {
    fn equal(self, one: &[u8], other: &[u8]) -> bool {
        match self {
            Self::Minded => one == other,
            Self::Ignored => one.eq_ignore_ascii_case(other),
        }
    }
}

fn compare((left, right): (i64, i64), relation: Relation) -> bool {
    match relation {
        Relation::Equal => left == right,
        Relation::Less => left < right,
        Relation::LessEqual => left <= right,
        Relation::Greater => left > right,
        Relation::GreaterEqual => left >= right,
    }
}

/// All values of a key; what is not there is one empty string.
fn entry<'e>(event: &'e dyn Event, map: MapAttribute, key: &'e str) -> impl Iterator<Item = Cow<'e, [u8]>> {
    let mut values = event.values(map, key);
    let first = values.next().unwrap_or(Cow::Borrowed(b""));
    once(first).chain(values)
}

fn stepped<'v>(text: Cow<'v, [u8]>, steps: &[Step]) -> Cow<'v, [u8]> {
    steps.iter().fold(text, |text, step| match step {
        Step::Transform(transform) => transform.apply(text),
        Step::TokenPart(part) => Cow::Owned(jwt::part(&text, *part)),
        Step::TokenValue(part, key) => Cow::Owned(jwt::value(&text, *part, key)),
    })
}

/// A header's name with a capital letter at the beginning of each word, as rules are written for, whatever the
/// version of HTTP: `X-Forwarded-For`.
fn canonical(name: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let mut begins = true;
    let is_canonical = name.iter().all(|byte| {
        let right = if begins { !byte.is_ascii_lowercase() } else { !byte.is_ascii_uppercase() };
        begins = *byte == b'-';
        right
    });
    if is_canonical {
        return name;
    }
    let mut name = name.into_owned();
    begins = true;
    for byte in &mut name {
        *byte = if begins { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
        begins = *byte == b'-';
    }
    Cow::Owned(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headers_are_canonical() {
        for (name, expected) in [
            ("x-forwarded-for", "X-Forwarded-For"),
            ("HOST", "Host"),
            ("X-A", "X-A"),
            ("-x--y", "-X--Y"),
            ("", ""),
        ] {
            assert_eq!(*canonical(Cow::Borrowed(name.as_bytes())), *expected.as_bytes());
        }
    }
}
