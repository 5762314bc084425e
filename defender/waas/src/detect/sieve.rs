//! A quick look, which the values of honest traffic pass: whether any rule could hold at all.
//!
//! Most steps of the [trees](super::bank) change nothing in most values: what has no `%` is decoded already. Of a value without the
//! bytes that such steps look for, all rules behind them see the same text, and are asked at once. A sieve does not say which
//! rule holds, nor which holds first; if it finds anything, the trees are asked.

use super::children::Children;
use super::plain::{Kind, is_plain, kind};
use super::rule::CompiledRule;
use super::set::{Set, Sets};
use super::test::{Test, is_sqli, is_xss};
use super::words::Words;
use crate::input::Class;
use crate::transform::Transform;
use std::sync::Arc;

/// The sieves of all classes of input. Classes that nearly the same rules look at share one: a rule that it asks in vain costs less
/// than another sieve.
#[derive(Debug)]
pub(super) struct Sieves {
    sieves: Vec<Sieve>,
    /// By class.
    of: Vec<usize>,
}

/// How many of the rules of two classes have to be the same, in per cent.
const ALIKE: usize = 85;

impl Sieves {
    pub(super) fn new(rules: &[CompiledRule], sets: &mut Sets) -> Self {
        let mut groups: Vec<Vec<bool>> = Vec::new();
        let mut of = Vec::new();
        for class in Class::ALL {
            let mine: Vec<bool> = rules.iter().map(|rule| rule.classes.has(class)).collect();
            let count = |rules: &mut dyn Iterator<Item = bool>| rules.filter(|is| *is).count();
            let alike = |group: &Vec<bool>| {
                let both = count(&mut mine.iter().zip(group).map(|(mine, theirs)| *mine && *theirs));
                let all = count(&mut mine.iter().zip(group).map(|(mine, theirs)| *mine || *theirs));
                both * 100 >= all * ALIKE
            };
            let at = groups.iter().position(alike).unwrap_or_else(|| {
                groups.push(vec![false; rules.len()]);
                groups.len() - 1
            });
            groups[at].iter_mut().zip(mine).for_each(|(group, mine)| *group |= mine);
            of.push(at);
        }
        let sieves = groups.iter().map(|group| Sieve::new(rules, sets, group)).collect();
        Self { sieves, of }
    }

    /// That of a class.
    pub(super) fn of(&self, class: Class) -> &Sieve {
        &self.sieves[self.of[class as usize]]
    }
}

/// The sieves of some rules.
#[derive(Debug)]
pub(super) struct Sieve {
    /// For plain text: the rules that it can match.
    plain: Node,
    /// For text that no decoder changes.
    still: Node,
}

#[derive(Debug, Default)]
struct Node {
    always: Questions,
    /// Of rules with `multiMatch`: they have seen the text before if the last step left it as it was.
    fresh: Questions,
    children: Children<Node>,
}

/// What is asked of a text.
#[derive(Debug, Default)]
struct Questions {
    set: Option<Arc<Set>>,
    words: Option<Arc<Words>>,
    sqli: bool,
    xss: bool,
    /// From which the above are made: regular expressions, and lists of words.
    members: Vec<usize>,
    lists: Vec<usize>,
}

impl Sieve {
    fn new(rules: &[CompiledRule], sets: &mut Sets, wanted: &[bool]) -> Self {
        let (mut plain, mut still) = (Node::default(), Node::default());
        for (at, rule) in rules.iter().enumerate().filter(|(at, _)| wanted[*at]) {
            still.add(at, rule, Kind::Still);
            if rule.may_match_plain {
                plain.add(at, rule, Kind::Plain);
            }
        }
        plain.finish(rules, sets, true);
        still.finish(rules, sets, false);
        Self { plain, still }
    }

    /// False only if no rule holds for the value behind its steps. `buffers` is scratch space, kept between calls.
    pub(super) fn may_hold(&self, rules: &[CompiledRule], value: &[u8], buffers: &mut Vec<Vec<u8>>) -> bool {
        match kind(value) {
            Kind::Plain => self.plain.holds(rules, value, true, 0, buffers),
            Kind::Still => self.still.holds(rules, value, true, 0, buffers),
            Kind::Any => true,
        }
    }
}

impl Node {
    /// Puts a rule to each text that it looks at.
    fn add(&mut self, at: usize, rule: &CompiledRule, kind: Kind) {
        let steps = steps(&rule.transforms, kind);
        let mut node = self;
        if rule.multi_match || steps.is_empty() {
            node.always.add(at, rule);
        }
        for (number, step) in steps.iter().enumerate() {
            node = node.children.child(*step);
            if rule.multi_match {
                node.fresh.add(at, rule);
            } else if number + 1 == steps.len() {
                node.always.add(at, rule);
            }
        }
    }

    fn finish(&mut self, rules: &[CompiledRule], sets: &mut Sets, plain: bool) {
        self.always.finish(rules, sets, plain);
        self.fresh.finish(rules, sets, plain);
        for (step, child) in self.children.iter_mut() {
            child.finish(rules, sets, plain && step.keeps_plain());
        }
    }

    fn holds(
        &self,
        rules: &[CompiledRule],
        value: &[u8],
        fresh: bool,
        depth: usize,
        buffers: &mut Vec<Vec<u8>>,
    ) -> bool {
        if self.always.hold(rules, value) || fresh && self.fresh.hold(rules, value) {
            return true;
        }
        if !self.children.is_empty() && buffers.len() <= depth {
            buffers.resize_with(depth + 1, Vec::new);
        }
        self.children.iter().any(|(transform, child)| {
            let mut buffer = std::mem::take(&mut buffers[depth]);
            let holds = if transform.apply(value, &mut buffer) {
                child.holds(rules, &buffer, true, depth + 1, buffers)
            } else {
                child.holds(rules, value, false, depth + 1, buffers)
            };
            buffers[depth] = buffer;
            holds
        })
    }
}

impl Questions {
    fn add(&mut self, at: usize, rule: &CompiledRule) {
        match &rule.test {
            Test::Regex { .. } => self.members.push(at),
            Test::Words(_) => self.lists.push(at),
            Test::Sqli => self.sqli = true,
            Test::Xss => self.xss = true,
        }
    }

    fn finish(&mut self, rules: &[CompiledRule], sets: &mut Sets, plain: bool) {
        self.set = sets.of(&self.members);
        self.words = sets.words(&self.lists, plain, || {
            let lists = self.lists.iter().filter_map(|at| match &rules[*at].test {
                Test::Words(words) => Some(words.list()),
                _ => None,
            });
            lists.flatten().filter(|word| !plain || is_plain(word.as_bytes())).cloned().collect()
        });
    }

    fn hold(&self, rules: &[CompiledRule], value: &[u8]) -> bool {
        self.set.as_ref().is_some_and(|set| set.compiled(rules).is_match(value))
            || self.words.as_ref().is_some_and(|words| words.holds(value))
            || self.sqli && is_sqli(value)
            || self.xss && is_xss(value)
    }
}

/// The steps that may change a text of that kind.
fn steps(transforms: &[Transform], kind: Kind) -> Vec<Transform> {
    // Behind Base64 stands any text.
    let any = transforms.iter().position(|step| *step == Transform::Base64Decode).unwrap_or(transforms.len());
    let steps = transforms.iter().enumerate();
    steps.filter(|(at, step)| *at >= any || !kind.is_kept_by(**step)).map(|(_, step)| *step).collect()
}
