//! Where a value stands in a document.

use crate::line::one_line;
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

/// Characters that are shown of one step, and steps that are shown from the first and from the last.
const SHOWN: usize = 80;
const ENDS: usize = 6;

/// A place: displayed as a JSON pointer behind `#`, of which what is very long is left out.
///
/// Places share what they have in common, so that one costs the same however long it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place<'d>(Option<Rc<Link<'d>>>);

#[derive(Debug)]
struct Link<'d> {
    before: Place<'d>,
    step: Cow<'d, str>,
}

impl<'d> Place<'d> {
    /// A place in this one.
    pub(crate) fn below(&self, step: impl Into<Cow<'d, str>>) -> Self {
        Self(Some(Rc::new(Link { before: self.clone(), step: step.into() })))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut place = self;
        while let Some(link) = &place.0 {
            steps.push(&*link.step);
            place = &link.before;
        }
        out.write_str("#")?;
        for (at, step) in steps.iter().rev().enumerate() {
            if at >= ENDS && at + ENDS < steps.len() {
                if at == ENDS {
                    out.write_str("/...")?;
                }
                continue;
            }
            write!(out, "/{}", one_line(step, SHOWN).replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_pointer() {
        let root = Place::default();
        assert_eq!(root.to_string(), "#");
        assert_eq!(root.below("a/b~").below(7.to_string()).to_string(), "#/a~1b~0/7");
        assert_eq!(
            root.below("a\nb").below("x".repeat(100)).to_string(),
            format!("#/a\\nb/{}...", "x".repeat(80))
        );
        let deep = (0..100).fold(root, |place, at| place.below(at.to_string()));
        assert_eq!(deep.to_string(), "#/0/1/2/3/4/5/.../94/95/96/97/98/99");
    }
}
