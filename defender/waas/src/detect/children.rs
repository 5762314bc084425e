//! What stands behind the steps of a tree of transformations.

use crate::transform::Transform;
use std::ops::{Deref, DerefMut};

/// The nodes below a node, each with the step that leads to it.
#[derive(Debug)]
pub(super) struct Children<N>(Vec<(Transform, N)>);

impl<N> Default for Children<N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<N: Default> Children<N> {
    /// The node behind a step, a new one where there is none.
    pub(super) fn child(&mut self, step: Transform) -> &mut N {
        let at = self.0.iter().position(|(edge, _)| *edge == step).unwrap_or_else(|| {
            self.0.push((step, N::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

impl<N> Deref for Children<N> {
    type Target = [(Transform, N)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<N> DerefMut for Children<N> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
