//! The rules that look at one class of input, as a tree of transformations.
//!
//! A value walks down the tree; each step transforms it once for all rules below, and each node searches for all of
//! its rules at once.

use super::error::CrsError;
use super::rule::CompiledRule;
use super::test::Test;
use crate::AttackSet;
use crate::transform::Transform;
use regex::bytes::{RegexSet, RegexSetBuilder};
use std::collections::HashMap;

/// Sets that were compiled already, by the rules in them: banks share most of their nodes.
pub(super) type SetCache = HashMap<Vec<usize>, RegexSet>;

/// Rules of one class.
#[derive(Debug, Default, Clone)]
pub(super) struct Bank {
    root: Node,
}

#[derive(Debug, Default, Clone)]
struct Node {
    /// Protections that this node or one below serves.
    attacks: AttackSet,
    /// Members of `set`.
    members: Vec<usize>,
    set: Option<RegexSet>,
    /// Rules with other operators.
    singles: Vec<usize>,
    /// Rules with `multiMatch` whose way leads through or to this node: tried when the value is new here.
    multi: Vec<usize>,
    children: Vec<(Transform, Node)>,
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
    ///
    /// # Errors
    /// A regular expression set that does not compile.
    pub(super) fn new(
        rules: &[CompiledRule],
        wanted: impl Fn(&CompiledRule) -> bool,
        cache: &mut SetCache,
    ) -> Result<Self, CrsError> {
        let mut root = Node::default();
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let mut node = &mut root;
            node.attacks.insert(rule.attack);
            if rule.multi_match {
                node.multi.push(at);
            }
            for transform in &rule.transforms {
                let child = match node.children.iter().position(|(edge, _)| edge == transform) {
                    Some(child) => child,
                    None => {
                        node.children.push((*transform, Node::default()));
                        node.children.len() - 1
                    }
                };
                node = &mut node.children[child].1;
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
        root.compile(rules, cache)?;
        Ok(Self { root })
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
    fn compile(&mut self, rules: &[CompiledRule], cache: &mut SetCache) -> Result<(), CrsError> {
        if !self.members.is_empty() {
            let set = match cache.get(&self.members) {
                Some(set) => set.clone(),
                None => {
                    let patterns = self.members.iter().map(|at| match &rules[*at].test {
                        Test::Regex { pattern, .. } => pattern.as_str(),
                        _ => unreachable!("only regular expressions are members"),
                    });
                    let set = RegexSetBuilder::new(patterns)
                        .unicode(false)
                        .dot_matches_new_line(true)
                        .multi_line(true)
                        .size_limit(256 << 20)
                        .dfa_size_limit(8 << 20)
                        .build()
                        .map_err(|source| CrsError::Group { rules: self.members.len(), source })?;
                    cache.insert(self.members.clone(), set.clone());
                    set
                }
            };
            self.set = Some(set);
        }
        self.children.iter_mut().try_for_each(|(_, child)| child.compile(rules, cache))
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
            && set.is_match(value)
        {
            for member in set.matches(value) {
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
        for (transform, child) in &self.children {
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
