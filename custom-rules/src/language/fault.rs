//! What is wrong with a script, before it is told with its text.

use super::token::Span;
use winnow::error::ParserError;
use winnow::stream::Stream;

/// What is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Bytes of the script.
    pub(crate) span: Span,
    /// A lower-case fragment.
    pub(crate) message: String,
    /// A lower-case fragment in the imperative.
    pub(crate) advice: Option<String>,
}

impl Fault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), advice: None }
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Only what is committed to is told to a user; where a parser merely does not apply, the next one is asked, and so
/// these carry nothing.
impl<I: Stream> ParserError<I> for Fault {
    type Inner = Self;

    fn from_input(_: &I) -> Self {
        Self::new(Span { start: 0, end: 0 }, "the script cannot be read")
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}
