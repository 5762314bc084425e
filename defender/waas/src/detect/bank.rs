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
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sets by the rules in them: banks share most of their nodes.
type Sets = HashMap<Vec<usize>, RegexSet>;

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
    /// A bank of those rules; it finds nothing before [`Bank::compile_all`].
    pub(super) fn new(rules: &[CompiledRule], wanted: impl Fn(&CompiledRule) -> bool) -> Self {
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
        Self { root }
    }

    /// Compiles the sets of these banks, on every processor there is, and hands them out.
    ///
    /// # Errors
    /// A regular expression set that does not compile.
    pub(super) fn compile_all(banks: &mut [(Self, Self)], rules: &[CompiledRule]) -> Result<(), CrsError> {
        let mut groups = Vec::new();
        for (all, plain) in banks.iter() {
            all.root.groups(&mut groups);
            plain.root.groups(&mut groups);
        }
        groups.sort();
        groups.dedup();
        // The largest first, so that no thread is left with a long one at the end.
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<(Vec<usize>, RegexSet)>, CrsError> {
            let mut made = Vec::new();
            while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                made.push((group.clone(), set(group, rules)?));
            }
            Ok(made)
        };
        let made: Vec<_> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().expect("compiling a set does not panic")).collect()
        });
        let mut sets = Sets::new();
        for made in made {
            sets.extend(made?);
        }
        for (all, plain) in banks {
            all.root.adopt(&sets);
            plain.root.adopt(&sets);
        }
        Ok(())
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
    fn groups(&self, into: &mut Vec<Vec<usize>>) {
        if !self.members.is_empty() {
            into.push(self.members.clone());
        }
        self.children.iter().for_each(|(_, child)| child.groups(into));
    }

    fn adopt(&mut self, sets: &Sets) {
        self.set = sets.get(&self.members).cloned();
        self.children.iter_mut().for_each(|(_, child)| child.adopt(sets));
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

fn set(members: &[usize], rules: &[CompiledRule]) -> Result<RegexSet, CrsError> {
    let patterns = members.iter().map(|at| match &rules[*at].test {
        Test::Regex { pattern, .. } => pattern.as_str(),
        _ => unreachable!("only regular expressions are members"),
    });
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .size_limit(256 << 20)
        .dfa_size_limit(8 << 20)
        .build()
        .map_err(|source| CrsError::Group { rules: members.len(), source })
}
