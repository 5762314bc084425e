//! What is at a path.

use super::case::{Case, case, run};
use super::doing::file;
use crate::sample::tape::{Scene, denied};
use proofhouse_protocol::observation::{Blame, FileKind, Found};
use proofhouse_reports::Check;
use proofhouse_reports::checks::Place;

fn place(container: &str) -> Place {
    Place { container: container.into(), path: "/x".into() }
}

fn mkdir(s: &mut Scene<'_>) {
    s.protected().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir", "/x"], 40, denied(), "");
}

pub fn cases() -> Vec<Case> {
    let absent = Check::Path { place: place("worker"), exists: false };
    let there = Check::Path { place: place("worker"), exists: true };
    let folder = || {
        Some(Found { file: FileKind::Directory, mode: None, uid: None, gid: None, bytes: None, sha256: None })
    };
    let behind = |found: Option<Found>| {
        move |s: &mut Scene<'_>| {
            mkdir(s);
            s.looked("worker", "/x", found);
        }
    };
    vec![
        case("nothing", &absent, behind(None)).holds(&["\"/x\" in \"worker\" does not exist"]),
        case("something", &absent, behind(folder())).broken(Blame::Defender, &["expected that", "it exists"]),
        case("a file", &there, behind(file("aa"))).holds(&["exists"]),
        case("no file", &there, behind(None)).broken(Blame::Defender, &["it does not exist"]),
        case("no file in a bare task", &there, |s| {
            s.bare().looked("worker", "/x", None);
        })
        .broken(Blame::Fargate, &["it does not exist"]),
        case("a look before it was done", &absent, |s| {
            s.protected().looked("worker", "/x", None).stimulus("t-1", "mkdir");
            s.ran("t-1", "worker", &["mkdir", "/x"], 40, denied(), "");
        })
        .unproved(&["nobody looked at \"/x\""]),
        case("a look elsewhere", &absent, |s| {
            mkdir(s);
            s.looked("nginx", "/x", None).looked("worker", "/y", None);
        })
        .unproved(&["nobody looked"]),
    ]
}

pub fn of_pairs() -> Vec<Case> {
    let same = Check::SameFile { one: place("worker"), other: place("nginx") };
    let both = |one: Option<Found>, other: Option<Found>| {
        move |s: &mut Scene<'_>| {
            s.protected().looked("worker", "/x", one).looked("nginx", "/x", other);
        }
    };
    let unread = || file("aa").map(|found| Found { sha256: None, ..found });
    vec![
        case("one file", &same, both(file("aa"), file("aa"))).holds(&["5 bytes (SHA-256 aa)"]),
        case("two files", &same, both(file("aa"), file("bb"))).broken(Blame::Defender, &["aa", "bb"]),
        case("two files of a bare task", &same, |s| {
            s.bare().looked("worker", "/x", file("aa")).looked("nginx", "/x", file("bb"));
        })
        .broken(Blame::Fargate, &["aa", "bb"]),
        case("the first is missing", &same, both(None, file("aa")))
            .broken(Blame::Defender, &["\"worker\" does not"]),
        case("a volume did not carry it", &same, both(file("aa"), None))
            .broken(Blame::Fargate, &["\"nginx\" does not"]),
        case("one was not read", &same, both(file("aa"), unread())).unproved(&["were not both read"]),
        case("one was not looked at", &same, |s| {
            s.protected().looked("worker", "/x", file("aa"));
        })
        .unproved(&["nobody looked at both"]),
    ]
}

#[test]
fn files() {
    run(&cases());
    run(&of_pairs());
}
