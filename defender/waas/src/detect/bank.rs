//! The rules that look at one class of input, as a tree of transformations.
//!
//! A value walks down the tree; each step transforms it once for all rules below, and each node searches for all of
//! its rules at once.

use super::children::Children;
use super::rule::CompiledRule;
use super::set::{Set, Sets};
use super::test::Test;
use crate::AttackSet;
use std::sync::Arc;

/// Rules of one class.
#[derive(Debug, Default)]
pub(super) struct Bank {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    /// Protections that this node or one below serves.
    attacks: AttackSet,
    /// Rules of the node by `set`, once that is made.
    members: Vec<usize>,
    set: Option<Arc<Set>>,
    /// Rules with other operators.
    singles: Vec<usize>,
    /// Rules with `multiMatch` whose way leads through or to this node: tried when the value is new here.
    multi: Vec<usize>,
    children: Children<Node>,
}

/// Who is told of a match: the rule, and the transformed value.
pub(super) trait Visitor {
    /// Protections still looked for.
    fn wanted(&self) -> AttackSet;
    /// A rule holds for a value.
    fn hit(&mut self, rule: usize, value: &[u8]);
}

impl Bank {
    /// A bank of those rules.
    pub(super) fn new(
        rules: &[CompiledRule],
        sets: &mut Sets,
        wanted: impl Fn(&CompiledRule) -> bool,
    ) -> Self {
        let mut root = Node::default();
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let mut node = &mut root;
            node.attacks.insert(rule.attack);
            if rule.multi_match {
                node.multi.push(at);
            }
            for transform in &rule.transforms {
                node = node.children.child(*transform);
                node.attacks.insert(rule.attack);
                if rule.multi_match {
                    node.multi.push(at);
                }
            }
            match &rule.test {
                _ if rule.multi_match => {}
                Test::Regex { .. } => node.members.push(at),
                _ => node.singles.push(at),
            }
        }
        root.finish(sets);
        Self { root }
    }

    /// Finds all rules that hold for the value. `buffers` is scratch space, kept between calls.
    pub(super) fn search(
        &self,
        rules: &[CompiledRule],
        value: &[u8],
        buffers: &mut Vec<Vec<u8>>,
        visitor: &mut impl Visitor,
    ) {
        self.root.search(rules, value, true, 0, buffers, visitor);
    }
}

impl Node {
    fn finish(&mut self, sets: &mut Sets) {
        self.set = sets.of(&self.members);
        self.children.iter_mut().for_each(|(_, child)| child.finish(sets));
    }

    fn search(
        &self,
        rules: &[CompiledRule],
        value: &[u8],
        fresh: bool,
        depth: usize,
        buffers: &mut Vec<Vec<u8>>,
        visitor: &mut impl Visitor,
    ) {
        if self.attacks.and(visitor.wanted()).is_empty() {
            return;
        }
        if let Some(set) = &self.set
            && set.compiled(rules).is_match(value)
        {
            for member in set.compiled(rules).matches(value) {
                visitor.hit(self.members[member], value);
            }
        }
        let fresh_rules: &[usize] = if fresh { &self.multi } else { &[] };
        for &at in self.singles.iter().chain(fresh_rules) {
            let rule = &rules[at];
            if visitor.wanted().has(rule.attack) && rule.test.holds(value) {
                visitor.hit(at, value);
            }
        }
        if self.children.is_empty() {
            return;
        }
        if buffers.len() <= depth {
            buffers.resize_with(depth + 1, Vec::new);
        }
        for (transform, child) in self.children.iter() {
            let mut buffer = std::mem::take(&mut buffers[depth]);
            if transform.apply(value, &mut buffer) {
                child.search(rules, &buffer, true, depth + 1, buffers, visitor);
            } else {
                child.search(rules, value, false, depth + 1, buffers, visitor);
            }
            buffers[depth] = buffer;
        }
    }
}
