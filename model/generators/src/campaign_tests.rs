//! Campaigns, by examples.

use super::*;
use proofhouse_custom_rules::{Phase, Script};
use proofhouse_model::CLAUSES;
use proofhouse_model::requests::{Moment, Standing, judge_request};
use std::collections::BTreeSet;

fn campaign(seed: u64) -> Campaign {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let places = Places { containers: own(&["web", "db"]), images: own(&["i"]), app_ids: own(&["a:1"]) };
    Campaign::of(seed, &[Area::Programs, Area::Names], places, &["web", "db"])
}

#[test]
fn a_round_depends_on_seed_and_number_alone() {
    let shown = |seed, number| format!("{:?}", campaign(seed).round(number, 3, 20));
    assert_eq!(shown(1, 2), shown(1, 2));
    assert_ne!(shown(1, 2), shown(1, 3));
    assert_ne!(shown(1, 2), shown(2, 2));
}

#[test]
fn no_client_is_another() {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let places = Places { containers: own(&["web"]), images: own(&["i"]), app_ids: own(&["a:1"]) };
    let round = Campaign::of(5, &[Area::Requests], places, &["web"]).round(0, 20, 25);
    let trials = round.batches.iter().flat_map(|batch| &batch.trials);
    let visits: Vec<_> = trials
        .filter_map(|one| if let What::Visit(visit) = &one.what { Some(visit) } else { None })
        .collect();
    let peers: BTreeSet<_> = visits.iter().map(|visit| visit.peer()).collect();
    assert!(visits.len() > 500, "there are no floods");
    assert_eq!(visits.len(), peers.len());
    assert!(!round.batches[0].amid);
    assert!(round.batches.iter().all(|batch| batch.firewall.is_some() && batch.policy.rules.is_empty()));
}

#[test]
fn campaigns_of_requests_reach_every_clause_about_them() {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let places = Places { containers: own(&["web"]), images: own(&["i"]), app_ids: own(&["a:1", "a:"]) };
    let campaign = Campaign::of(1, &[Area::Requests], places, &["web"]);
    let mut reached = BTreeSet::new();
    for batch in (0..4).flat_map(|number| campaign.round(number, 40, 20).batches) {
        let firewall = batch.firewall.unwrap();
        for trial in &batch.trials {
            let What::Visit(visit) = &trial.what else { continue };
            let mut standing = Standing::default();
            for sent in visit.sent() {
                let asked = (&sent, Moment::default());
                let all = judge_request(&firewall, &batch.meanings, "a:1", asked, &standing);
                all.iter().for_each(|judged| reached.extend(judged.trail.ids().iter().copied()));
                all.iter().take(1).for_each(|judged| standing.follow(judged));
            }
        }
    }
    let all = CLAUSES.iter().map(|(id, ..)| *id).filter(|id| id.starts_with("request."));
    let missed: Vec<_> = all.filter(|id| !reached.contains(id)).collect();
    // A campaign always has a rule for its task, with all ports.
    assert_eq!(missed, ["request.no-rule", "request.no-port"]);
}

#[test]
fn custom_rules_are_understood_and_many_of_them_hold() {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let places = Places { containers: own(&["web"]), images: own(&["i"]), app_ids: own(&["a:1"]) };
    let campaign = Campaign::of(1, &[Area::Requests], places, &["web"]);
    let batches: Vec<_> = (0..4).flat_map(|number| campaign.round(number, 10, 20).batches).collect();
    let rules: Vec<_> =
        batches.iter().flat_map(|batch| &batch.firewall.as_ref().unwrap().custom_rules).collect();
    assert!(rules.len() > 40, "{} rules", rules.len());
    for rule in rules {
        let phase = Phase::of_rule_type(&rule.kind).unwrap();
        Script::parse(&rule.script, phase).unwrap_or_else(|error| panic!("{}: {error}", rule.script));
    }
    let says = |batch: &Batch, clause: &str| {
        let visits = batch.trials.iter().filter_map(Trial::visit).flat_map(Visit::sent);
        let firewall = batch.firewall.as_ref().unwrap();
        let judged = visits.flat_map(|sent| {
            judge_request(firewall, &batch.meanings, "a:1", (&sent, Moment::default()), &Standing::default())
        });
        judged.filter(|judged| judged.trail.ids().contains(&clause)).count()
    };
    let hit = batches.iter().filter(|batch| says(batch, "request.custom-holds") > 0).count();
    assert!(hit > 10, "{hit} of 40 policies have custom rules that hold");
}

#[test]
fn links_are_disturbed_but_where_a_policy_comes() {
    let rounds: Vec<_> = (0..40).map(|number| campaign(1).round(number, 5, 2)).collect();
    let batches = || rounds.iter().flat_map(|round| &round.batches);
    let links: BTreeSet<_> = batches().map(|batch| batch.link).collect();
    assert_eq!(links, BTreeSet::from([Link::Steady, Link::Away, Link::Closes, Link::LosesAcks]));
    assert!(batches().filter(|batch| batch.amid).all(|batch| batch.link == Link::Steady));
    let steady = batches().filter(|batch| batch.link == Link::Steady).count();
    assert!((100..180).contains(&steady), "{steady} of 200");
}

#[test]
fn no_token_comes_twice() {
    let all = (0..4).flat_map(|seed| (0..4).map(move |number| campaign(seed).round(number, 4, 50)));
    let rounds: Vec<_> = all.collect();
    let tokens: Vec<_> = rounds.iter().flat_map(|round| &round.batches).flat_map(|b| &b.trials).collect();
    let distinct: BTreeSet<_> = tokens.iter().map(|trial| &trial.token).collect();
    assert_eq!(distinct.len(), tokens.len());
}

#[test]
fn apis_are_asked_as_declared_and_nearly() {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let places = Places { containers: own(&["web"]), images: own(&["i"]), app_ids: own(&["a:1"]) };
    let campaign = Campaign::of(1, &[Area::Requests], places, &["web"]);
    let batches: Vec<_> = (0..4).flat_map(|number| campaign.round(number, 10, 20).batches).collect();
    let (mut deviations, mut fine, mut told) = (BTreeSet::new(), 0, 0);
    for batch in &batches {
        let firewall = batch.firewall.as_ref().unwrap();
        for visit in batch.trials.iter().filter_map(Trial::visit) {
            for (ask, sent) in visit.asks.iter().zip(visit.sent()) {
                let Some(call) = &ask.call else { continue };
                deviations.insert(call.what);
                let asked = (&sent, Moment::default());
                let all = judge_request(firewall, &batch.meanings, "a:1", asked, &Standing::default());
                let through = |clause: &str| all.iter().any(|one| one.trail.ids().contains(&clause));
                fine += usize::from(through("request.api-conforms"));
                told += usize::from(
                    all.iter().flat_map(|one| &one.audits).any(|one| one.kind == "unexpectedAPI"),
                );
            }
        }
    }
    assert_eq!(deviations.len(), 18, "{deviations:?}");
    assert!(fine > 40 && told > 40, "{fine} as declared, {told} told of");
}
