//! A regular expression, ready to be matched.

use super::translate::translate;
use regex::bytes::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::ops::Range;

/// Largest size of a compiled regular expression, in bytes.
pub(crate) const MAX_COMPILED: usize = 1 << 20;

/// A regular expression.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    regex: Regex,
}

/// What is wrong with a regular expression, and where in it (in bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatternError {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) advice: Option<&'static str>,
}

impl PatternError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), advice: None }
    }

    pub(super) fn advise(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }
}

impl Pattern {
    /// Compiles what stands between the slashes of a script.
    pub(crate) fn compile(text: &str) -> Result<Self, PatternError> {
        let translated = translate(text)?;
        let built = RegexBuilder::new(&translated)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_COMPILED)
            .nest_limit(100)
            .build();
        let error = match built {
            Ok(regex) => return Ok(Self { regex }),
            Err(error) => error,
        };
        Err(match error {
            regex::Error::CompiledTooBig(_) => {
                PatternError::new(0..text.len(), "it is too large when it is compiled")
                    .advise("make the bounds of its repetitions smaller")
            }
            other => {
                let told = other.to_string();
                let last = told.lines().last().unwrap_or_default();
                PatternError::new(0..text.len(), last.strip_prefix("error: ").unwrap_or(last))
            }
        })
    }

    /// Whether it matches somewhere in the value.
    pub(crate) fn is_match(&self, value: &[u8]) -> bool {
        self.regex.is_match(&utf8(value))
    }

    /// The groups of the first match that took part in it, or the whole match if there are no groups.
    pub(crate) fn groups(&self, value: &[u8]) -> Vec<String> {
        let value = utf8(value);
        let Some(captures) = self.regex.captures(&value) else {
            return Vec::new();
        };
        let text = |found: regex::bytes::Match<'_>| String::from_utf8_lossy(found.as_bytes()).into_owned();
        let whole = captures.get(0).map(text);
        match captures.len() {
            1 => whole.into_iter().collect(),
            _ => captures.iter().skip(1).flatten().map(text).collect(),
        }
    }
}

/// The value as RE2 reads it: each byte that is no UTF-8 is the replacement character.
fn utf8(value: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(value).is_ok() {
        return Cow::Borrowed(value);
    }
    let mut out = Vec::with_capacity(value.len() + 16);
    for chunk in value.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        chunk.invalid().iter().for_each(|_| out.extend_from_slice("\u{fffd}".as_bytes()));
    }
    Cow::Owned(out)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
