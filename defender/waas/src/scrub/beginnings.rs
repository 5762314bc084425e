//! Which secrets others begin with, so that the longest one that stands in a text is found in a few steps.

use super::gathered::Sorted;

/// Secrets as a tree: below each are those that begin with it. Its root is the empty text, so that secrets count from 1 here.
#[derive(Debug)]
pub(super) struct Beginnings {
    nodes: Vec<Node>,
}

/// With a second, longer way up, by which any is reached in a number of steps that grows with the logarithm of the depth.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    depth: u32,
    up: u32,
    far_up: u32,
}

impl Beginnings {
    pub(super) fn of(secrets: &Sorted) -> Self {
        let mut nodes = Vec::with_capacity(secrets.len() + 1);
        nodes.push(Node::default());
        // What the last one begins with, and the last one: the next can begin with no other.
        let mut open: Vec<usize> = Vec::new();
        for (index, text) in secrets.texts().enumerate() {
            while open.last().is_some_and(|last| !text.starts_with(secrets.text(*last))) {
                open.pop();
            }
            let up = open.last().map_or(0, |last| last + 1);
            nodes.push(Node::below(&nodes, up));
            open.push(index);
        }
        Self { nodes }
    }

    /// Of a secret and those that it begins with, the longest that has at most that many bytes.
    pub(super) fn within(&self, secrets: &Sorted, index: usize, longest: usize) -> Option<usize> {
        let is_longer = |at: u32| at > 0 && secrets.text(at as usize - 1).len() > longest;
        let mut at = index as u32 + 1;
        while is_longer(at) {
            let node = self.nodes[at as usize];
            at = if is_longer(node.far_up) { node.far_up } else { node.up };
        }
        (at as usize).checked_sub(1)
    }
}

impl Node {
    fn below(nodes: &[Self], up: usize) -> Self {
        let above = nodes[up];
        let far = nodes[above.far_up as usize];
        let farther = nodes[far.far_up as usize];
        let even = above.depth - far.depth == far.depth - farther.depth;
        let up = up as u32;
        Self { depth: above.depth + 1, up, far_up: if even { far.far_up } else { up } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::gathered::Gathered;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_longest_is_found(secrets in proptest::collection::vec("[ab]{1,9}", 1..60), longest in 0usize..10) {
            let mut gathered = Gathered::of(0);
            secrets.iter().for_each(|secret| gathered.add(secret.as_bytes(), 0));
            let sorted = gathered.sorted();
            let beginnings = Beginnings::of(&sorted);
            for (index, text) in sorted.texts().enumerate() {
                let found = beginnings.within(&sorted, index, longest).map(|found| sorted.text(found));
                let fits = |secret: &&str| text.starts_with(secret) && secret.len() <= longest;
                let slow = sorted.texts().filter(fits).max_by_key(|secret| secret.len());
                prop_assert_eq!(found, slow);
            }
        }
    }
}
