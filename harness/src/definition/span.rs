//! Places in the user's text.

use serde::{Deserialize, Serialize};

/// Bytes `start..end` of the text as the user gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One behind the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Number of bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span marks a place between two bytes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Its first byte: an opening bracket stands for a whole object, which may be pages long.
    #[must_use]
    pub fn head(self) -> Self {
        Self::new(self.start, (self.start + 1).min(self.end))
    }

    /// The same place on the borders of the characters of that text; wider where it began or ended inside one.
    #[must_use]
    pub fn on_borders(self, text: &str) -> Self {
        let (mut start, mut end) = (self.start.min(text.len()), self.end.min(text.len()));
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        Self::new(start, end)
    }

    /// Line and column of the start, both from 1; columns count characters.
    #[must_use]
    pub fn line_and_column(self, text: &str) -> (usize, usize) {
        let before = &text[..self.on_borders(text).start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let text = "a\néb c\n";
        assert_eq!(Span::new(0, 1).line_and_column(text), (1, 1));
        assert_eq!(Span::new(4, 5).line_and_column(text), (2, 2));
        assert_eq!(Span::new(3, 4).line_and_column(text), (2, 1), "inside a character: its start");
        assert_eq!(Span::new(2, 9).head().on_borders(text), Span::new(2, 4), "the head is a whole character");
        assert_eq!(Span::new(3, 99).on_borders(text), Span::new(2, 8));
        assert_eq!(Span::new(99, 99).line_and_column(text), (3, 1));
    }
}
