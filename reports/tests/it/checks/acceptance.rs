//! What the simulated Fargate takes, what it would make of it, and what it leaves behind.

use super::case::{Case, case, run};
use crate::sample::tape::{Scene, exited};
use proofhouse_protocol::observation::{Blame, DefinitionRole, Rejection, Validation};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{Acceptance, AcceptanceExpectation};
use serde_json::{Value, json};

impl Scene<'_> {
    fn validated(&mut self, variant: &str, rejected: &[(&str, &str)]) -> &mut Self {
        let rejection = |(class, path): &(&str, &str)| {
            let (class, path) = ((*class).to_owned(), (*path).to_owned());
            Rejection { class, path, message: "no".into() }
        };
        let rejections = rejected.iter().map(rejection).collect();
        let validation = Validation { rejections, cpu: Some(256), memory: Some(512), disk: 20 };
        let answer = Observation::Validated { variant: variant.to_owned(), validation };
        self.with("v-1", Source::Fargate, answer)
    }

    fn planned(&mut self, role: DefinitionRole, plan: Value) -> &mut Self {
        let stop_timeouts_ms = [("nginx".to_owned(), 30_000)].into();
        self.add(Source::Fargate, Observation::Planned { role, plan, stop_timeouts_ms })
    }

    fn remains(&mut self, labelled: &[&str]) -> &mut Self {
        let labelled = labelled.iter().map(|one| (*one).to_owned()).collect();
        self.add(Source::Engine, Observation::Remains { labelled, unlabelled: Vec::new(), had: 2 })
    }
}

pub fn of_rules() -> Vec<Case> {
    let check = |expect| Check::Acceptance(Acceptance { token: "v-1".into(), expect });
    let rejected = |path: Option<&str>| {
        check(AcceptanceExpectation::Rejected { class: "E01".into(), path: path.map(str::to_owned) })
    };
    let accepted = check(AcceptanceExpectation::Accepted);
    let only = check(AcceptanceExpectation::OnlyThese(vec!["256/512".into(), "256/1024".into()]));
    let asked = |answers: &'static [(&'static str, &'static [(&'static str, &'static str)])]| {
        move |s: &mut Scene<'_>| {
            s.stimulus("v-1", "validate");
            for (variant, rejections) in answers {
                s.validated(variant, rejections);
            }
        }
    };
    vec![
        case("accepted", &accepted, asked(&[("", &[])])).holds(&["it is accepted"]),
        case("not accepted", &accepted, asked(&[("", &[("E01", "/cpu")])]))
            .broken(Blame::Fargate, &["E01 at /cpu: no"]),
        case("not asked", &accepted, asked(&[])).unproved(&["was not asked"]),
        case("asked before the question", &accepted, |s| {
            _ = s.validated("", &[]).stimulus("v-1", "validate")
        })
        .unproved(&["was not asked"]),
        case("rejected", &rejected(None), asked(&[("", &[("E01", "/cpu")])])).holds(&["E01 at /cpu"]),
        case("rejected there", &rejected(Some("/cpu")), asked(&[("", &[("E01", "/cpu")])])).holds(&[]),
        case("rejected elsewhere", &rejected(Some("/cpu")), asked(&[("", &[("E01", "/memory")])]))
            .broken(Blame::Fargate, &["E01 at /cpu; E01 at /memory"]),
        case(
            "rejected for more than that",
            &rejected(None),
            asked(&[("", &[("E01", "/cpu"), ("E02", "/x")])]),
        )
        .broken(Blame::Fargate, &["E02 at /x"]),
        case("not rejected", &rejected(None), asked(&[("", &[])]))
            .broken(Blame::Fargate, &["it is accepted"]),
        case("a size", &check(AcceptanceExpectation::Size(256, 512)), asked(&[("", &[])])).holds(&[]),
        case("another size", &check(AcceptanceExpectation::Size(512, 512)), asked(&[("", &[])]))
            .broken(Blame::Fargate, &["expected 512 CPU units", "it has 256"]),
        case("a disk", &check(AcceptanceExpectation::Disk(20)), asked(&[("", &[])])).holds(&[]),
        case("another disk", &check(AcceptanceExpectation::Disk(21)), asked(&[("", &[])]))
            .broken(Blame::Fargate, &["20"]),
        case(
            "these and no other",
            &only,
            asked(&[("256/512", &[]), ("256/1024", &[]), ("256/4096", &[("E04", "/")])]),
        )
        .holds(&["2 are accepted, and 1 beside them"]),
        case("one beside them", &only, asked(&[("256/512", &[]), ("256/1024", &[]), ("256/4096", &[])]))
            .broken(Blame::Fargate, &["256/4096: it is accepted"]),
        case("one of them not", &only, asked(&[("256/512", &[("E04", "/")]), ("256/1024", &[])]))
            .broken(Blame::Fargate, &["256/512: E04"]),
        case("one of them not asked", &only, asked(&[("256/512", &[])]))
            .unproved(&["nobody asked for 256/1024"]),
    ]
}

pub fn of_plans() -> Vec<Case> {
    let same = Check::SameWhenDescribed {};
    let stop = |container: &str, seconds| Check::StopTimeout { container: container.into(), seconds };
    let both = |described: Value| {
        move |s: &mut Scene<'_>| {
            s.planned(DefinitionRole::Original, json!({"a": [1, {"b": 2}]}));
            s.planned(DefinitionRole::Described, described);
        }
    };
    let one = |s: &mut Scene<'_>| _ = s.planned(DefinitionRole::Original, json!({}));
    vec![
        case("the same plan", &same, both(json!({"a": [1, {"b": 2}]}))).holds(&["both give the same plan"]),
        case("another", &same, both(json!({"a": [1, {"b": 3}]})))
            .broken(Blame::Fargate, &[".a[1].b is 2 in one and 3 in the other"]),
        case("one way only", &same, one).unproved(&["not planned both ways"]),
        case("the time", &stop("nginx", 30), one).holds(&["30000 ms"]),
        case("another time", &stop("nginx", 31), one).broken(Blame::Fargate, &["expected 31 s"]),
        case("no time", &stop("worker", 30), one).broken(Blame::Fargate, &["it has none"]),
        case("no plan", &stop("nginx", 30), |s| _ = s.protected()).unproved(&["was not planned"]),
    ]
}

pub fn of_remains() -> Vec<Case> {
    let check = Check::NothingOnTheEngine { removed: true };
    let ran = |s: &mut Scene<'_>| {
        s.protected().stimulus("t-1", "x").ran("t-1", "worker", &["true"], 7, exited(0), "");
    };
    vec![
        case("nothing", &check, |s| {
            ran(s);
            s.remains(&[]);
        })
        .holds(&["nothing of a task that had 2 volumes"]),
        case("something", &check, |s| {
            ran(s);
            s.remains(&["volume x"]);
        })
        .broken(Blame::Fargate, &["there is volume x"]),
        case("a look from before", &check, |s| {
            s.remains(&[]);
            ran(s);
        })
        .unproved(&["nobody looked at the engine behind"]),
        case("no look", &check, ran).unproved(&["nobody looked"]),
    ]
}

#[test]
fn the_simulated_fargate() {
    run(&of_rules());
    run(&of_plans());
    run(&of_remains());
}
