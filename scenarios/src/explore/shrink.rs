//! Reducing what a finding takes: fewer policies, rules, entries and trials, plainer ways, by trying again.

use super::feature::silent;
use super::field::Field;
use super::renew::renewed;
use super::simpler_custom::simpler_customs;
use super::simpler_firewall::simpler_firewalls;
use crate::rig::{Rig, RigError, Stage};
use crate::watch::Watch;
use proofhouse_generators::{Batch, Link, Round};
use proofhouse_protocol::runtime_policy::{DnsSection, ProcessSection};
use proofhouse_protocol::{Collection, RuleEffect, RuntimeRule};
use proofhouse_reports::checks::{Finding, FindingKind};
use proofhouse_reports::history::History;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(100);

/// What is left of a round, with the same kind of finding.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// What has to be tried, in its order.
    pub batches: Vec<Batch>,
    /// What comes of it.
    pub finding: Finding,
    /// How often it was tried.
    pub attempts: usize,
    /// Whether nothing more can be left out, as far as was tried.
    pub is_least: bool,
}

/// Reduces a round as far as a finding of that kind, of that trial, is left. Nothing where it does not come again.
///
/// # Errors
/// When the environment fails.
pub async fn shrink(
    stage: &Arc<Stage>,
    round: &Round,
    token: &str,
    kind: &FindingKind,
) -> Result<Option<Shrunk>, RigError> {
    let history = History::in_memory();
    let id = format!("shrinking-{:03}", round.number);
    let watch = Arc::new(Watch::new(&history, &id));
    let mut rig = Rig::new(Arc::clone(stage), &id, Arc::clone(&watch)).await?;
    let shrunk = async {
        let field = Field::enter(&mut rig, &watch, "start").await?;
        let mut shrinker = Shrinker { stage, field, watch: &watch, kind, attempts: 0, begun: Instant::now() };
        shrinker.shrink(round, token).await
    }
    .await;
    rig.take_down().await;
    shrunk
}

struct Shrinker<'a> {
    stage: &'a Arc<Stage>,
    field: Field<'a>,
    watch: &'a Arc<Watch>,
    kind: &'a FindingKind,
    attempts: usize,
    begun: Instant,
}

impl Shrinker<'_> {
    async fn shrink(&mut self, round: &Round, token: &str) -> Result<Option<Shrunk>, RigError> {
        let Some((mut batches, mut finding)) = self.begin(round, token).await? else { return Ok(None) };
        let mut is_least = false;
        'again: while !is_least {
            for candidate in reductions(&batches) {
                if self.begun.elapsed() > LIMIT {
                    break 'again;
                }
                if let Some(found) = self.attempt(&candidate).await? {
                    (batches, finding) = (candidate, found);
                    continue 'again;
                }
            }
            is_least = true;
        }
        Ok(Some(Shrunk { batches, finding, attempts: self.attempts, is_least }))
    }

    /// The first of these with the finding: the trial alone, behind the policy before, among its like, behind all that was before.
    async fn begin(&mut self, round: &Round, token: &str) -> Result<Option<(Vec<Batch>, Finding)>, RigError> {
        let of_token = |batch: &Batch| batch.trials.iter().any(|trial| trial.token == token);
        let Some(at) = round.batches.iter().position(of_token) else { return Ok(None) };
        let whole = &round.batches[at];
        let trials = whole.trials.iter().filter(|trial| trial.token == token).cloned().collect();
        let alone = Batch { trials, amid: false, at_once: 1, ..whole.clone() };
        let amid = Batch { amid: whole.amid, ..alone.clone() };
        let before =
            at.checked_sub(1).map(|before| Batch { trials: Vec::new(), ..round.batches[before].clone() });
        let starts = [
            vec![alone],
            before.into_iter().chain([amid]).collect(),
            vec![whole.clone()],
            round.batches[..=at].to_vec(),
        ];
        for start in starts {
            if let Some(finding) = self.attempt(&start).await? {
                return Ok(Some((start, finding)));
            }
        }
        Ok(None)
    }

    /// Tries it, with new tokens; the finding, if it comes again.
    async fn attempt(&mut self, batches: &[Batch]) -> Result<Option<Finding>, RigError> {
        self.attempts += 1;
        for batch in batches {
            self.field.carry_out(&renewed(batch)).await?;
        }
        let check = self.field.check(self.stage.semantics()).await?;
        let findings = check.judgement(&self.watch.records()).findings;
        let own = |finding: &Finding| {
            finding.token.as_ref().is_some_and(|token| {
                check.tried.iter().any(|tried| tried.token == *token)
                    || check.visits.iter().any(|visit| visit.token == *token)
            })
        };
        Ok(findings.into_iter().find(|finding| finding.kind == *self.kind && own(finding)))
    }
}

/// All that is one step simpler, the boldest steps first.
fn reductions(batches: &[Batch]) -> Vec<Vec<Batch>> {
    let mut all = Vec::new();
    if batches.len() > 1 {
        all.extend(without_each(batches));
    }
    for (at, batch) in batches.iter().enumerate() {
        let with = |other: Batch| {
            let mut next = batches.to_vec();
            next[at] = other;
            next
        };
        let half = batch.trials.len() / 2;
        if half > 0 {
            for trials in [batch.trials[..half].to_vec(), batch.trials[half..].to_vec()] {
                all.push(with(Batch { trials, ..batch.clone() }));
            }
            all.extend(without_each(&batch.trials).map(|trials| with(Batch { trials, ..batch.clone() })));
        }
        if batch.link != Link::Steady {
            all.push(with(Batch { link: Link::Steady, ..batch.clone() }));
        }
        if batch.amid {
            all.push(with(Batch { amid: false, ..batch.clone() }));
        }
        if batch.at_once > 1 {
            all.push(with(Batch { at_once: 1, ..batch.clone() }));
        }
        for rules in simpler_rules(&batch.policy.rules) {
            let mut next = batch.clone();
            next.policy.rules = rules;
            all.push(with(next));
        }
        for firewall in batch.firewall.iter().flat_map(simpler_firewalls) {
            all.push(with(Batch { firewall: Some(firewall), ..batch.clone() }));
        }
        all.extend(simpler_customs(batch).into_iter().map(with));
        for (place, trial) in batch.trials.iter().enumerate() {
            for simpler in trial.simpler() {
                let mut next = batch.clone();
                next.trials[place] = simpler;
                all.push(with(next));
            }
        }
    }
    all
}

pub(super) fn without_each<T: Clone>(all: &[T]) -> impl Iterator<Item = Vec<T>> + use<'_, T> {
    (0..all.len())
        .map(|out| all.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, one)| one.clone()).collect())
}

fn simpler_rules(rules: &[RuntimeRule]) -> Vec<Vec<RuntimeRule>> {
    let mut all: Vec<_> = without_each(rules).collect();
    for (at, rule) in rules.iter().enumerate() {
        for simpler in simpler_rule(rule) {
            let mut next = rules.to_vec();
            next[at] = simpler;
            all.push(next);
        }
    }
    all
}

fn simpler_rule(rule: &RuntimeRule) -> Vec<RuntimeRule> {
    let mut all = Vec::new();
    let everything = vec![Collection::everything("All")];
    if rule.collections != everything {
        all.push(RuntimeRule { collections: everything, ..rule.clone() });
        if rule.collections.len() > 1 {
            all.extend(
                without_each(&rule.collections)
                    .map(|collections| RuntimeRule { collections, ..rule.clone() }),
            );
        }
        all.extend(simpler_collections(rule));
    }
    if let Some(section) = &rule.processes {
        let off = silent(section);
        let mut simpler = if *section == off { Vec::new() } else { vec![off] };
        let lists = [section.whitelist.clone(), section.blacklist.clone()];
        simpler.extend(shorter(&lists).map(|[whitelist, blacklist]| ProcessSection {
            whitelist,
            blacklist,
            ..section.clone()
        }));
        for flag in 0..3 {
            let mut next = section.clone();
            let flags =
                [&mut next.block_all_binaries, &mut next.check_crypto_miners, &mut next.check_new_binaries];
            let on = std::mem::take(&mut *flags[flag]);
            if on {
                simpler.push(next);
            }
        }
        all.extend(simpler.into_iter().map(|one| RuntimeRule { processes: Some(one), ..rule.clone() }));
    }
    if let Some(section) = &rule.dns {
        let off = DnsSection {
            effect: RuleEffect::Disable,
            whitelist: Vec::new(),
            blacklist: Vec::new(),
            extra: section.extra.clone(),
        };
        let mut simpler = if *section == off { Vec::new() } else { vec![off] };
        let lists = [section.whitelist.clone(), section.blacklist.clone()];
        simpler.extend(shorter(&lists).map(|[whitelist, blacklist]| DnsSection {
            whitelist,
            blacklist,
            ..section.clone()
        }));
        all.extend(simpler.into_iter().map(|one| RuntimeRule { dns: Some(one), ..rule.clone() }));
    }
    all
}

/// Each field of each collection without what narrows it, or with one value less.
fn simpler_collections(rule: &RuntimeRule) -> Vec<RuntimeRule> {
    let mut all = Vec::new();
    for (at, collection) in rule.collections.iter().enumerate() {
        for field in 0..3 {
            let values = match field {
                0 => &collection.containers,
                1 => &collection.images,
                _ => &collection.app_ids,
            };
            if values == &["*"] {
                continue;
            }
            let fewer = without_each(values).filter(|values| !values.is_empty());
            for values in std::iter::once(vec!["*".to_owned()]).chain(fewer) {
                let mut next = rule.clone();
                let collection = &mut next.collections[at];
                match field {
                    0 => collection.containers = values,
                    1 => collection.images = values,
                    _ => collection.app_ids = values,
                }
                all.push(next);
            }
        }
    }
    all
}

/// Both lists with one of them empty, or shorter by an entry.
fn shorter(lists: &[Vec<String>; 2]) -> impl Iterator<Item = [Vec<String>; 2]> {
    let mut all = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        let mut with = |entries: Vec<String>| {
            let mut next = lists.clone();
            next[at] = entries;
            all.push(next);
        };
        if list.len() > 1 {
            with(Vec::new());
        }
        without_each(list).for_each(&mut with);
    }
    all.into_iter()
}
