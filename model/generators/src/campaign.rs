//! Campaigns: policies, and under each what is tried.

use crate::lookups::{Lookup, lookup};
use crate::policies::{Named, Places, policy};
use crate::programs::{Program, program};
use crate::requests::{
    FLOODS, Visit, apis, bots, customs, firewall, floods, forget_texts, goes_by_text, guarding, has_limits,
    visit,
};
use crate::trial::{Trial, What};
use proofhouse_model::requests::Meanings;
use proofhouse_protocol::{RuntimePolicy, WaasPolicy};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The last number of a client.
const LAST_CLIENT: u32 = (1 << 13) - 1;

/// The last of those that call an API, amid the others; and how many of them there may be for each trial.
const LAST_CALLER: u32 = LAST_CLIENT / 2;
const CALLERS: u32 = 4;

/// What a campaign tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Programs.
    Programs,
    /// Names.
    Names,
    /// Requests through the firewall.
    Requests,
}

/// What becomes of the Defender's link to the Console while something is tried. No decision may depend on it, and no audit be lost or doubled by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Nothing.
    Steady,
    /// It is closed before, and a new one is refused until all was tried.
    Away,
    /// It is closed in the midst.
    Closes,
    /// Acknowledgements do not arrive, and it is closed behind.
    LosesAcks,
}

impl Link {
    /// Its name in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Away => "away",
            Self::Closes => "closes",
            Self::LosesAcks => "loses acknowledgements",
        }
    }

    /// Drawn by a number of its own, so that what is tried does not depend on it; steady in seven of ten.
    const fn by(number: u64) -> Self {
        match number % 10 {
            0 => Self::Away,
            1 => Self::Closes,
            2 => Self::LosesAcks,
            _ => Self::Steady,
        }
    }
}

/// A policy, and what is tried while it is in force.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The policy.
    pub policy: RuntimePolicy,
    /// The policy of the firewall, where there is one.
    pub firewall: Option<WaasPolicy>,
    /// What the scripts of its custom rules mean.
    pub meanings: Meanings,
    /// What is tried.
    pub trials: Vec<Trial>,
    /// Whether the policy comes while it is tried, and not before.
    pub amid: bool,
    /// Trials at the same time in each container.
    pub at_once: usize,
    /// What becomes of the link meanwhile. Where the policy comes meanwhile, it is steady.
    pub link: Link,
}

/// What is tried in one task.
#[derive(Debug, Clone)]
pub struct Round {
    /// Its number, from 0.
    pub number: u32,
    /// Policies in their order.
    pub batches: Vec<Batch>,
}

impl Round {
    /// How many things are tried in it.
    #[must_use]
    pub fn trials(&self) -> usize {
        self.batches.iter().flat_map(|batch| &batch.trials).map(Trial::number).sum()
    }
}

/// All rounds of a seed.
#[derive(Debug)]
pub struct Campaign {
    seed: u64,
    areas: Vec<Area>,
    places: Places,
    containers: &'static [&'static str],
}

/// The container whose app is behind the firewall: the first.
fn behind_the_firewall(containers: &[&'static str]) -> &'static str {
    containers.first().copied().unwrap_or_default()
}

impl Campaign {
    /// The campaign of a seed in some areas, in tasks with those containers. Policies may be about any place.
    #[must_use]
    pub fn of(seed: u64, areas: &[Area], places: Places, containers: &'static [&'static str]) -> Self {
        Self { seed, areas: areas.to_vec(), places, containers }
    }

    /// What it tries.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// A round: so many policies, under each of which so much is tried. It does not depend on other rounds.
    ///
    /// # Panics
    /// Never: every strategy gives values.
    #[must_use]
    pub fn round(&self, number: u32, batches: usize, trials: usize) -> Round {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        bytes[8..12].copy_from_slice(&number.to_le_bytes());
        let mut runner = runner_of(bytes);
        let mut tokens = Tokens { seed: self.seed, round: number, next: 0 };
        let mut batches: Vec<Batch> =
            (0..batches).map(|_| self.batch(&mut runner, trials, &mut tokens)).collect();
        for at in 1..batches.len() {
            let (before, behind) = batches.split_at_mut(at);
            if let (Some(firewall), true) = (&before[at - 1].firewall, behind[0].amid) {
                unwrap_for(firewall, &mut behind[0].trials);
            }
        }
        Round { number, batches }
    }

    fn batch(&self, runner: &mut TestRunner, trials: usize, tokens: &mut Tokens) -> Batch {
        // A batch is about few things, so that its lists, which name them, meet several trials each.
        let few = 4;
        let programs = prop::collection::vec(program(), few);
        let lookups = prop::collection::vec(lookup(), few);
        let (programs, lookups) = (drawn(runner, &programs), drawn(runner, &lookups));
        let what = self.what(programs, lookups);
        let one = (what, prop::sample::select(self.containers));
        let trials: Vec<Trial> = (0..trials)
            .map(|_| {
                let (what, container) = drawn(runner, &one);
                Trial { token: tokens.next(), container, what }
            })
            .collect();
        let policy = drawn(runner, &policy(&self.places, &named(&trials)));
        let ways = (prop::bool::weighted(0.2), prop::sample::select(&[1, 1, 2, 4][..]));
        let (amid, at_once) = drawn(runner, &ways);
        let mut batch = Batch {
            policy,
            firewall: None,
            meanings: Meanings::new(),
            trials,
            amid,
            at_once,
            link: Link::Steady,
        };
        if self.areas.contains(&Area::Requests) {
            self.put_firewall_before(&mut batch, runner, tokens);
            bring_bots(&mut batch, tokens);
            attach_custom_rules(&mut batch, tokens);
            self.let_clients_flood(&mut batch, tokens);
            self.guard_answers_and_files(&mut batch, tokens);
            self.declare_apis(&mut batch, tokens);
        }
        if !batch.amid {
            batch.link = Link::by(tokens.number(""));
        }
        batch
    }

    /// Gives a batch with requests a policy for them, and each client an address of its own. The first policy is never put meanwhile:
    /// before it nobody listens.
    fn put_firewall_before(&self, batch: &mut Batch, runner: &mut TestRunner, tokens: &Tokens) {
        let mut firewall = drawn(runner, &firewall(&self.places));
        if drawn(runner, &prop::bool::weighted(0.7)) {
            forget_texts(&mut firewall);
        }
        let first = u32::try_from(batch.trials.len()).unwrap_or(u32::MAX) >= tokens.next;
        let mut number = tokens.next;
        for trial in &mut batch.trials {
            number += 1;
            let What::Visit(visit) = &mut trial.what else { continue };
            visit.number = number;
            trial.container = behind_the_firewall(self.containers);
        }
        unwrap_for(&firewall, &mut batch.trials);
        batch.firewall = Some(firewall);
        batch.amid &= !first;
        if self.areas == [Area::Requests] {
            // Nothing is tried that it could be about.
            batch.policy.rules.clear();
            batch.at_once *= 2;
        }
    }

    /// In a third of the batches whose policy comes before, adds clients that send much, and has apps count. They are drawn by a number of
    /// their own.
    fn let_clients_flood(&self, batch: &mut Batch, tokens: &Tokens) {
        let number = tokens.number("floods");
        let amid = batch.amid;
        let Some(firewall) = batch.firewall.as_mut().filter(|_| !amid && number.is_multiple_of(3)) else {
            return;
        };
        let apps = firewall.rules.iter().map(|rule| rule.applications_spec.len()).sum();
        let visits = drawn(&mut runner_by(number), &floods(apps)).put(firewall);
        self.add_clients(batch, visits, LAST_CLIENT.wrapping_sub(tokens.next), ("flood", tokens));
    }

    /// In a third of the batches, has apps declare an API, and adds clients that ask by it, or nearly. They are drawn by a number of their own.
    fn declare_apis(&self, batch: &mut Batch, tokens: &Tokens) {
        let number = tokens.number("APIs");
        let Some(firewall) = batch.firewall.as_mut().filter(|_| number.is_multiple_of(3)) else { return };
        let apps = firewall.rules.iter().map(|rule| rule.applications_spec.len()).sum();
        let cuts = batch.amid || has_limits(firewall);
        let visits = drawn(&mut runner_by(number), &apis(apps)).put(firewall, cuts);
        self.add_clients(batch, visits, LAST_CALLER.wrapping_sub(CALLERS * tokens.next), ("API", tokens));
    }

    /// Clients beside those that were drawn: of all clients of a group those that come before that one.
    fn add_clients(&self, batch: &mut Batch, visits: Vec<Visit>, last: u32, (what, tokens): (&str, &Tokens)) {
        let container = behind_the_firewall(self.containers);
        for (at, mut visit) in (0..).zip(visits) {
            visit.number = last.wrapping_sub(at);
            let token = format!("t{:012x}", tokens.number(&format!("{what} {at}")) & 0xffff_ffff_ffff);
            batch.trials.push(Trial { token, container, what: What::Visit(visit) });
        }
    }

    /// In a third of the batches, has apps see to answers and files, and adds clients that ask for such answers and send such files. They are drawn
    /// by a number of their own.
    fn guard_answers_and_files(&self, batch: &mut Batch, tokens: &Tokens) {
        let number = tokens.number("answers and files");
        let Some(firewall) = batch.firewall.as_mut().filter(|_| number.is_multiple_of(3)) else { return };
        let apps = firewall.rules.iter().map(|rule| rule.applications_spec.len()).sum();
        let guests = drawn(&mut runner_by(number), &guarding(apps)).put(firewall);
        let behind_floods = u32::try_from(FLOODS).unwrap_or_default();
        let last = LAST_CLIENT.wrapping_sub(tokens.next).wrapping_sub(behind_floods);
        let former = batch.trials.len();
        self.add_clients(batch, guests, last, ("guest", tokens));
        if let Some(firewall) = &batch.firewall {
            unwrap_for(firewall, &mut batch.trials[former..]);
        }
    }

    /// One of the few, or any other.
    fn what(&self, programs: Vec<Program>, lookups: Vec<Lookup>) -> BoxedStrategy<What> {
        let of_area = |area: &Area| match area {
            Area::Programs => {
                let few = prop::sample::select(programs.clone());
                prop_oneof![2 => few, 1 => program()].prop_map(What::Program).boxed()
            }
            Area::Names => {
                let few = prop::sample::select(lookups.clone());
                prop_oneof![1 => few, 2 => lookup()].prop_map(What::Lookup).boxed()
            }
            Area::Requests => visit().prop_map(What::Visit).boxed(),
        };
        prop::strategy::Union::new(self.areas.iter().map(of_area).collect::<Vec<_>>()).boxed()
    }
}

/// Brings bots in a third of the batches, drawn by a number of their own.
fn bring_bots(batch: &mut Batch, tokens: &Tokens) {
    let number = tokens.number("bots");
    let Some(firewall) = batch.firewall.as_mut().filter(|_| number.is_multiple_of(3)) else { return };
    let apps = firewall.rules.iter().map(|rule| rule.applications_spec.len()).sum();
    let asks = batch.trials.iter().map(Trial::number).sum();
    let bots = drawn(&mut runner_by(number), &bots(apps, asks));
    bots.put(firewall, batch.trials.iter_mut().filter_map(Trial::visit_mut));
}

/// Attaches custom rules in half of the batches. They are drawn by a number of their own, so that what is tried does not depend on them.
fn attach_custom_rules(batch: &mut Batch, tokens: &Tokens) {
    let number = tokens.number("custom rules");
    let Some(firewall) = batch.firewall.as_mut().filter(|_| number.is_multiple_of(2)) else { return };
    let visits: Vec<&Visit> = batch.trials.iter().filter_map(Trial::visit).collect();
    let apps = firewall.rules.iter().map(|rule| rule.applications_spec.len()).sum();
    let customs = drawn(&mut runner_by(number), &customs(&visits, apps));
    // Numbers that no other batch of the round has.
    batch.meanings = customs.attach(firewall, 100 + 10 * u64::from(tokens.next));
}

/// Without what a policy may see in several ways, none of which is documented: writings that more than their place undoes, where exceptions go by
/// a text, and content codings there or where bodies have a limit.
fn unwrap_for(firewall: &WaasPolicy, trials: &mut [Trial]) {
    let (by_text, short) = (goes_by_text(firewall), has_limits(firewall));
    for trial in trials {
        let What::Visit(visit) = &mut trial.what else { continue };
        if by_text {
            visit.undo_codings();
        }
        if by_text || short {
            visit.unpack();
        }
    }
}

fn runner_by(number: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    runner_of(bytes)
}

fn runner_of(bytes: [u8; 32]) -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

fn drawn<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).expect("strategies here reject little").current()
}

/// What lists can name so that they meet what is tried.
fn named(trials: &[Trial]) -> Named {
    let mut named = Named { programs: vec!["echo".to_owned()], names: vec!["example.com".to_owned()] };
    for trial in trials {
        match &trial.what {
            What::Program(program) => named.programs.extend(program.names()),
            What::Lookup(lookup) => {
                let name = lookup.written(&trial.token).to_lowercase();
                named.names.push(name.trim_end_matches('.').to_owned());
            }
            What::Visit(_) => {}
        }
    }
    named
}

/// Tokens that no other trial has, of any seed.
struct Tokens {
    seed: u64,
    round: u32,
    next: u32,
}

impl Tokens {
    /// A number of the trial that was drawn last, for something that is drawn by itself.
    fn number(&self, what: &str) -> u64 {
        let own = what.bytes().fold(0, |number, byte| mixed(number ^ u64::from(byte)));
        mixed(self.seed ^ own ^ mixed(u64::from(self.round) << 32 | u64::from(self.next)))
    }

    fn next(&mut self) -> String {
        self.next += 1;
        // Mixed twice, so that the numbers of one seed are not those of the next.
        let mixed = mixed(mixed(self.seed) ^ (u64::from(self.round) << 32 | u64::from(self.next)));
        format!("t{:012x}", mixed & 0xffff_ffff_ffff)
    }
}

/// The finaliser of splitmix64: neighbours look unlike each other.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
#[path = "campaign_tests.rs"]
mod tests;
