//! Secrets of a request while they are looked for: each text once, in bounded memory.

/// Bytes that they may take, for each byte that is inspected of the body.
const ROOM: usize = 2;

/// A request with a small limit may have a long target, and many headers.
const SMALLEST: usize = 64 << 10;

/// A secret: where its text stands in the others, and the rule that it is by.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
    rule: u32,
}

/// Secrets with the rules that they are by.
#[derive(Debug)]
pub(super) struct Gathered {
    texts: String,
    spans: Vec<Span>,
    room: usize,
    /// The rule of the secret that there was no room for.
    beyond: Option<usize>,
}

impl Gathered {
    /// Room for those of a request whose body is inspected up to that many bytes.
    pub(super) fn of(size: usize) -> Self {
        // Positions are told in 32 bits.
        let room = size.max(SMALLEST).saturating_mul(ROOM).min(u32::MAX as usize);
        Self { texts: String::new(), spans: Vec::new(), room, beyond: None }
    }

    /// Adds a secret by a rule; of the same text the first rule counts.
    pub(super) fn add(&mut self, secret: &[u8], rule: usize) {
        let secret = String::from_utf8_lossy(secret);
        if secret.is_empty() || self.beyond.is_some() {
            return;
        }
        if self.spans.last().is_some_and(|last| self.text(*last) == secret) {
            return;
        }
        let taken = |gathered: &Self| gathered.texts.len() + size_of_val(gathered.spans.as_slice());
        let cost = secret.len() + size_of::<Span>();
        if taken(self) + cost > self.room {
            self.merge();
            // Half of the room stays free, or the next ones would be merged one by one.
            if taken(self) + cost > self.room || taken(self) > self.room / 2 && self.spans.len() > 1 {
                (self.texts, self.spans) = Default::default();
                self.beyond = Some(rule);
                return;
            }
        }
        let start = self.texts.len();
        grow(self.texts.capacity(), start + secret.len(), |more| {
            self.texts.reserve_exact(more + secret.len())
        });
        self.texts.push_str(&secret);
        grow(self.spans.capacity(), self.spans.len() + 1, |more| self.spans.reserve_exact(more + 1));
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.spans.push(Span {
            start: position(start),
            end: position(self.texts.len()),
            rule: position(rule),
        });
    }

    /// The rule of the secret that there was no room for; then there are no others here.
    pub(super) fn beyond(&self) -> Option<usize> {
        self.beyond
    }

    /// Each secret once, in the order of their bytes.
    pub(super) fn sorted(mut self) -> Sorted {
        self.merge();
        Sorted(self)
    }

    /// Leaves each text once, in order.
    fn merge(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        spans.sort_unstable_by(|one, other| {
            self.text(*one).cmp(self.text(*other)).then(one.start.cmp(&other.start))
        });
        spans.dedup_by(|one, other| self.text(*one) == self.text(*other));
        let length = spans.iter().map(|span| (span.end - span.start) as usize).sum();
        if length < self.texts.len() {
            let mut texts = String::with_capacity(length);
            for span in &mut spans {
                let start = texts.len();
                texts.push_str(self.text(*span));
                // They are fewer than they were.
                span.end = span.end - span.start + start as u32;
                span.start = start as u32;
            }
            self.texts = texts;
        }
        self.spans = spans;
    }

    fn text(&self, span: Span) -> &str {
        &self.texts[span.start as usize..span.end as usize]
    }
}

/// Asks for a quarter more: while a list grows, it is there twice.
fn grow(capacity: usize, needed: usize, reserve: impl FnOnce(usize)) {
    if needed > capacity {
        reserve(capacity / 4);
    }
}

/// Secrets, each once, in the order of their bytes.
#[derive(Debug)]
pub(super) struct Sorted(Gathered);

impl Sorted {
    pub(super) fn len(&self) -> usize {
        self.0.spans.len()
    }

    pub(super) fn text(&self, index: usize) -> &str {
        self.0.text(self.0.spans[index])
    }

    pub(super) fn rule(&self, index: usize) -> usize {
        self.0.spans[index].rule as usize
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.spans.iter().map(|span| self.0.text(*span))
    }

    /// How many stand before a text, or are it.
    pub(super) fn up_to(&self, text: &str) -> usize {
        self.0.spans.partition_point(|span| self.0.text(*span) <= text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(gathered: Gathered) -> Vec<(String, usize)> {
        let sorted = gathered.sorted();
        (0..sorted.len()).map(|index| (sorted.text(index).to_owned(), sorted.rule(index))).collect()
    }

    #[test]
    fn each_is_there_once_with_its_first_rule() {
        let mut gathered = Gathered::of(0);
        for (secret, rule) in [("b", 3), ("ab", 1), ("", 1), ("b", 2), ("a", 2), ("ab", 0), ("ab", 0)] {
            gathered.add(secret.as_bytes(), rule);
        }
        let expected = [("a", 2), ("ab", 1), ("b", 3)].map(|(text, rule)| (text.to_owned(), rule));
        assert_eq!(texts(gathered), expected);
    }

    #[test]
    fn repeated_ones_take_no_room() {
        let mut gathered = Gathered::of(0);
        for number in 0..200_000 {
            gathered.add(format!("secret {}", number % 100).as_bytes(), number % 100);
        }
        assert_eq!(gathered.beyond(), None);
        let all = texts(gathered);
        assert_eq!(all.len(), 100);
        assert!(all.iter().all(|(text, rule)| *text == format!("secret {rule}")), "{all:?}");
    }

    #[test]
    fn what_there_is_no_room_for_is_known() {
        let mut gathered = Gathered::of(100_000);
        gathered.add(&[b'x'; 150_000], 1);
        gathered.add(&[b'y'; 40_000], 2);
        assert_eq!(gathered.beyond(), None);
        gathered.add(&[b'z'; 40_000], 3);
        assert_eq!(gathered.beyond(), Some(3));
        let mut many = Gathered::of(0);
        (0..100_000).for_each(|number: u32| many.add(&number.to_be_bytes(), 7));
        assert_eq!((many.beyond(), many.texts.len()), (Some(7), 0));
    }
}
