//! What is wrong with a text that should be a task definition, and where.

use super::Span;
use serde::Serialize;
use std::fmt;

/// One thing that is wrong, at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Bytes of the text it is about.
    pub span: Span,
    /// Member path such as `containerDefinitions[0].image`; empty for the whole text.
    pub path: String,
    /// What is wrong, in lower case, naming the value.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A text that is not a task definition. It keeps the text, so that a reader can be shown the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionError {
    /// File name or another name of where the text came from.
    pub origin: String,
    /// The text as given.
    pub text: String,
    /// What is wrong, in the order of the text; never empty.
    pub problems: Vec<Problem>,
}

impl DefinitionError {
    pub(super) fn new(origin: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        for problem in &mut problems {
            problem.span = problem.span.on_borders(text);
        }
        Self { origin: origin.to_owned(), text: text.to_owned(), problems }
    }

    pub(super) fn one(origin: &str, text: &str, problem: Problem) -> Self {
        Self::new(origin, text, vec![problem])
    }
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let (line, column) = problem.span.line_and_column(&self.text);
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{line}:{column}: ", self.origin)?;
            if !problem.path.is_empty() {
                write!(f, "{}: ", problem.path)?;
            }
            write!(f, "{} ({})", problem.message, problem.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for DefinitionError {}
