//! Everything that is serialised comes back as it was.

use crate::checks::cases;
use crate::observations::{json, ms, record, text};
use crate::sample;
use proofhouse_protocol::Recorder;
use proofhouse_protocol::observation::Plane;
use proofhouse_reports::bench::{BenchEntry, Goal, to_json};
use proofhouse_reports::checks::{AuditCount, Check, Count, Expect};
use proofhouse_reports::history::read;
use proofhouse_reports::report::{RunHeader, assemble};
use proofhouse_reports::verdict::{Expectations, KnownFailure, ScenarioMeta};
use proofhouse_reports::write::{from_results_json, to_results_json, write_folder};
use proofhouse_reports::{History, HistoryRecord, Level};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Debug;

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(&back, value, "{text}");
}

fn expect() -> impl Strategy<Value = Expect> {
    prop_oneof![
        json().prop_map(Expect::Equals),
        vec(json(), 0..3).prop_map(Expect::OneOf),
        text().prop_map(Expect::Contains),
        text().prop_map(Expect::Lacks),
        "[a-z]{1,5}[*+?]?".prop_map(|p| Expect::matches(&p).unwrap()),
        Just(Expect::Present),
        Just(Expect::Absent),
    ]
}

fn audits() -> impl Strategy<Value = Check> {
    let plane = prop_oneof![Just(Plane::Runtime), Just(Plane::Firewall)];
    let count = prop_oneof![
        any::<usize>().prop_map(Count::Exactly),
        any::<usize>().prop_map(Count::AtLeast),
        any::<(usize, usize)>().prop_map(|(a, b)| Count::Between(a, b)),
    ];
    let fields = || btree_map(text(), expect(), 0..3);
    (plane, option::of(text()), fields(), count, fields(), vec(text(), 0..2)).prop_map(
        |(plane, token, select, count, fields, within)| {
            Check::Audits(AuditCount { plane, token, select, count, fields, within })
        },
    )
}

/// Any check of the cases, or one of audits.
fn check() -> impl Strategy<Value = Check> {
    let known: Vec<Check> = cases().into_iter().map(|case| case.check).collect();
    prop_oneof![audits(), prop::sample::select(known)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn records(record in record()) {
        comes_back(&record);
        let line = serde_json::to_string(&record).unwrap();
        prop_assert!(!line.contains('\n'), "a record is one line");
    }

    #[test]
    fn checks(check in check()) {
        comes_back(&check);
    }

    /// A check can be made on any records, and says the same when it and they are read back.
    #[test]
    fn conclusions(check in check(), records in vec(record(), 0..12)) {
        let first = check.judge(&records);
        comes_back(&first);
        let back: Check = serde_json::from_value(serde_json::to_value(&check).unwrap()).unwrap();
        let lines: Vec<_> = records.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
        let read: Vec<HistoryRecord> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(back.judge(&read), first);
    }

    #[test]
    fn metas(id in text(), title in text(), rule in option::of(text()), tags in vec(text(), 0..4), line: u32) {
        comes_back(&ScenarioMeta {
            id, title, feature: "f".into(), rule: rule.clone(), requirements: tags.clone(), level: Level::Provisional,
            tags, file: "x.feature".into(), line, not_applicable: rule, relies_on: sample::header().fidelity,
        });
    }

    #[test]
    fn expectations(ids in proptest::collection::btree_set("[a-z]{1,8}", 0..5), day in 1i8..28, reason in "[a-z]{1,9}") {
        let expires = jiff::civil::date(2026, 5, day);
        let known_failures = ids.into_iter().map(|id| KnownFailure {
            id, reason: reason.clone(), issue: "i".into(), owner: "o".into(), expires,
        }).collect();
        let file = Expectations { known_failures };
        comes_back(&file);
        prop_assert_eq!(Expectations::parse(&serde_json::to_string(&file).unwrap()).unwrap(), file);
    }

    #[test]
    fn benches(name in text(), value in ms(), peer in ms(), bound in ms()) {
        let entries = vec![
            BenchEntry::beside(&name, value, "ms", "peer", peer, Some(Goal::AtMost(bound))),
            BenchEntry::beside(&name, value, "1/s", "peer", peer, Some(Goal::AtLeast(bound))),
            BenchEntry::beside(&name, value, "ms", "peer", peer, Some(Goal::AtMostMore(bound))),
            BenchEntry::alone(&name, value, "s", Some(Goal::ValueAtMost(bound))),
            BenchEntry::alone(&name, value, "s", None),
        ];
        let back: Vec<BenchEntry> = serde_json::from_str(&to_json(&entries)).unwrap();
        for (a, b) in entries.iter().zip(&back) {
            // A quotient may lose its last bit on the way through decimal digits.
            let near = match (a.ratio, b.ratio) {
                (Some(x), Some(y)) => (x - y).abs() <= x.abs() * 1e-12,
                (x, y) => x == y,
            };
            prop_assert!(near);
            prop_assert_eq!(&BenchEntry { ratio: None, ..a.clone() }, &BenchEntry { ratio: None, ..b.clone() });
        }
    }
}

/// The files of a report, by name.
fn files(records: &[HistoryRecord]) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path(), &assemble(records).unwrap(), records).unwrap();
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
    };
    std::fs::read_dir(folder.path()).unwrap().map(file).collect()
}

#[track_caller]
fn same_files(ours: &[HistoryRecord], theirs: &[HistoryRecord]) {
    let (ours, theirs) = (files(ours), files(theirs));
    assert_eq!(ours.len(), 4);
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, bytes) in &ours {
        assert!(*bytes == theirs[name], "{name} differs");
    }
}

/// A history that was recorded now, by the scenes of the sample.
fn recorded(path: &std::path::Path) -> History {
    let history = History::to_file(path).unwrap();
    for record in sample::history() {
        let recorder =
            record.scenario.as_deref().map_or_else(|| history.for_run(), |id| history.for_scenario(id));
        recorder.record((*record.recording).clone());
    }
    assert_eq!(history.finish(), Ok(()));
    history
}

#[test]
fn a_report_is_made_from_the_file_alone_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let memory = recorded(&path).snapshot();
    let file = read(&path).unwrap();
    assert_eq!(file, memory);
    same_files(&memory, &file);
    same_files(&file, &read(&path).unwrap());
}

#[test]
fn a_report_of_a_run_that_was_killed_is_that_of_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let memory = recorded(&path).snapshot();
    let text = std::fs::read(&path).unwrap();
    for part in [text.len() / 3, text.len() / 2, text.len() - 9] {
        std::fs::write(&path, &text[..part]).unwrap();
        let file = read(&path).unwrap();
        assert!(!file.is_empty() && file.len() < memory.len());
        same_files(&memory[..file.len()], &file);
        assert!(assemble(&file).unwrap().interrupted);
    }
}

#[test]
fn a_report_comes_back() {
    let report = assemble(&sample::history()).unwrap();
    assert_eq!(from_results_json(&to_results_json(&report)).unwrap(), report);
    comes_back::<RunHeader>(&report.run);
}
