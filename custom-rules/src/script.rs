//! A script as its callers see it.

use crate::check::{Checked, MAX_PARTS, MAX_PATTERNS, check};
use crate::error::ScriptError;
use crate::evaluate::evaluate;
use crate::event::Event;
use crate::hit::Hit;
use crate::language::{Fault, MAX_DEPTH, Node, parse};
use crate::phase::Phase;
use crate::shorten::boundary;
use std::fmt;
use std::sync::Arc;

/// A script that has been parsed and whose types are right: cheap to clone and to evaluate.
///
/// Displayed as an equal script with one spacing. Source: section 2.14 of `waas.md`.
#[derive(Debug, Clone)]
pub struct Script {
    tree: Arc<Node>,
    checked: Checked,
    phase: Phase,
}

impl Script {
    /// Longest script, in bytes.
    pub const MAX_LENGTH: usize = 32 * 1024;

    /// Parentheses, functions and `not` that may stand within each other.
    pub const MAX_DEPTH: usize = MAX_DEPTH;

    /// Most attributes, functions, literals, comparisons and joins of a script.
    pub const MAX_PARTS: usize = MAX_PARTS;

    /// Most different regular expressions of a script.
    pub const MAX_PATTERNS: usize = MAX_PATTERNS;

    /// Parses the text and checks its types for the phase.
    ///
    /// # Errors
    ///
    /// [`ScriptError`] with the place of the first thing that is wrong: the syntax, an unknown name, a type, a
    /// regular expression, a network, something of the response in a request's rule, or a bound that is exceeded.
    pub fn parse(text: &str, phase: Phase) -> Result<Self, ScriptError> {
        let refused = |fault: Fault| ScriptError::new(text, fault);
        if text.len() > Self::MAX_LENGTH {
            let end = boundary(text, Self::MAX_LENGTH);
            let fault = Fault::new(
                (end..end).into(),
                format!("the script is longer than {} bytes", Self::MAX_LENGTH),
            );
            return Err(refused(fault.advise("split it into several rules")));
        }
        let tree = parse(text).map_err(refused)?;
        let checked = check(&tree, phase).map_err(refused)?;
        Ok(Self { tree: Arc::new(tree.value), checked, phase })
    }

    /// The phase for which it was parsed.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether it looks at the request's body, or at parameters in it.
    #[must_use]
    pub fn needs_body(&self) -> bool {
        self.checked.needs.body
    }

    /// Whether it looks at the response.
    #[must_use]
    pub fn needs_response(&self) -> bool {
        self.checked.needs.response
    }

    /// Whether it looks at the response's body.
    #[must_use]
    pub fn needs_response_body(&self) -> bool {
        self.checked.needs.response_body
    }

    /// Whether it looks at the command line of a process.
    #[must_use]
    pub fn needs_command_line(&self) -> bool {
        self.checked.needs.command_line
    }

    /// What was found, if the script holds for the event at `now` (unix seconds, for `jwtValid`).
    ///
    /// Never panics. Each part of the script takes time in proportion to the size of what it looks at; a regular
    /// expression may take that times its own size.
    #[must_use]
    pub fn evaluate(&self, event: &dyn Event, now: i64) -> Option<Hit> {
        evaluate(&self.checked.condition, event, now).map(Hit::new)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_go_from_thread_to_thread() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Script>();
        shared::<ScriptError>();
    }
}
