//! Everything that is serialised comes back as it was.

use crate::sample;
use proofhouse_protocol::observation::Transport;
use proofhouse_protocol::{Observation, Recording, Source};
use proofhouse_reports::bench::{BenchEntry, Goal, to_json};
use proofhouse_reports::checks::{
    AuditCount, Check, Count, EventId, EventSelector, Exchange, Expect, Plane, ProgramRan, recheck,
};
use proofhouse_reports::report::{Options, RunHeader, assemble};
use proofhouse_reports::verdict::{Expectations, KnownFailure, ScenarioMeta};
use proofhouse_reports::write::{from_results_json, to_results_json};
use proofhouse_reports::{HistoryRecord, Level};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;
use std::sync::Arc;

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(&back, value, "{text}");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9./-]{0,12}", any::<String>()]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

fn ms() -> impl Strategy<Value = f64> {
    any::<u32>().prop_map(|n| f64::from(n) / 8.0)
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        Just(Source::Runner),
        Just(Source::Console),
        Just(Source::Resolver),
        Just(Source::Metadata),
        Just(Source::Engine),
        text().prop_map(Source::Outside),
        text().prop_map(Source::Container),
        text().prop_map(Source::Actor),
    ]
}

fn transport() -> impl Strategy<Value = Transport> {
    prop_oneof![Just(Transport::Udp), Just(Transport::Tcp)]
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((text(), text()), 0..3)
}

fn at_the_console() -> impl Strategy<Value = Observation> {
    let call = (text(), text(), any::<u16>(), option::of(text()), option::of(text())).prop_map(
        |(method, path, status, user, error)| Observation::ConsoleCall { method, path, status, user, error },
    );
    prop_oneof![
        call,
        (any::<u64>(), json())
            .prop_map(|(revision, policy)| Observation::PolicyRevision { revision, policy }),
        any::<u64>().prop_map(|revision| Observation::PolicyApplied { revision }),
        (any::<u64>(), text()).prop_map(|(revision, error)| Observation::PolicyRejected { revision, error }),
        (text(), text(), text()).prop_map(|(app_id, peer, certificate)| Observation::LinkConnected {
            app_id,
            peer,
            certificate
        }),
        (text(), text()).prop_map(|(peer, error)| Observation::LinkRefused { peer, error }),
        text().prop_map(|app_id| Observation::LinkClosed { app_id }),
        (text(), text()).prop_map(|(container, image)| Observation::Workload { container, image }),
        (text(), any::<u64>(), json()).prop_map(|(plane, sequence, audit)| Observation::Audit {
            plane,
            sequence,
            audit
        }),
        (any::<u64>(), any::<u64>()).prop_map(|(after, before)| Observation::AuditGap { after, before }),
        json().prop_map(|totals| Observation::Counters { totals }),
        (text(), text(), vec(text(), 0..3)).prop_map(|(id, phase, containers)| Observation::Fence {
            id,
            phase,
            containers
        }),
    ]
}

fn outside() -> impl Strategy<Value = Observation> {
    let question = (text(), text(), transport(), text(), text(), text()).prop_map(
        |(client, server, transport, name, record, answer)| Observation::DnsQuestion {
            client,
            server,
            transport,
            name,
            record,
            answer,
        },
    );
    let exchange = (
        (text(), text(), text(), text(), headers()),
        (option::of(any::<u16>()), headers(), text(), text(), ms(), option::of(text())),
    )
        .prop_map(|((client, server, method, target, request_headers), b)| {
            let (status, response_headers, body, body_sha256, elapsed_ms, error) = b;
            Observation::HttpExchange {
                client,
                server,
                method,
                target,
                request_headers,
                status,
                response_headers,
                body,
                body_sha256,
                elapsed_ms,
                error,
            }
        });
    prop_oneof![
        question,
        exchange,
        (text(), text(), transport(), any::<bool>()).prop_map(|(client, server, transport, accepted)| {
            Observation::OutsideConnection { client, server, transport, accepted }
        }),
        (text(), text(), option::of(text()), option::of(any::<u16>())).prop_map(
            |(method, target, token, status)| Observation::AppRequest { method, target, token, status }
        ),
        (text(), any::<u16>()).prop_map(|(path, status)| Observation::MetadataRequest { path, status }),
    ]
}

fn in_the_run() -> impl Strategy<Value = Observation> {
    prop_oneof![
        (text(), option::of(any::<i64>()), text())
            .prop_map(|(event, exit_code, detail)| Observation::ContainerEvent { event, exit_code, detail }),
        (text(), text()).prop_map(|(state, detail)| Observation::TaskState { state, detail }),
        (text(), text()).prop_map(|(stream, line)| Observation::Log { stream, line }),
        (json(), json()).prop_map(|(request, result)| Observation::Act { request, result }),
        text().prop_map(|what| Observation::Stimulus { what }),
        (text(), any::<bool>()).prop_map(|(name, active)| Observation::Fault { name, active }),
        (text(), text(), option::of(text()), text(), option::of(text()), ms()).prop_map(
            |(keyword, text, argument, status, message, elapsed_ms)| {
                Observation::Step { keyword, text, argument, status, message, elapsed_ms }
            }
        ),
        (text(), any::<bool>(), text(), text(), json()).prop_map(
            |(check, holds, blame, message, expectation)| {
                Observation::Finding { check, holds, blame, message, expectation }
            }
        ),
        (text(), text()).prop_map(|(what, text)| Observation::Capture { what, text }),
        text().prop_map(|text| Observation::Note { text }),
        json().prop_map(|run| Observation::RunBegan { run }),
        any::<bool>().prop_map(|interrupted| Observation::RunEnded { interrupted }),
        (any::<u32>(), json()).prop_map(|(attempt, meta)| Observation::ScenarioBegan { attempt, meta }),
        any::<u32>().prop_map(|attempt| Observation::ScenarioEnded { attempt }),
    ]
}

fn record() -> impl Strategy<Value = HistoryRecord> {
    let observation = prop_oneof![at_the_console(), outside(), in_the_run()];
    let place = (any::<u64>(), any::<u64>(), -1_000_000_000_000i64..1_000_000_000_000, option::of(text()));
    (place, source(), option::of(text()), observation).prop_map(
        |((sequence, us, ms, scenario), source, token, observation)| HistoryRecord {
            schema: 1,
            sequence,
            monotonic_us: us,
            time: jiff::Timestamp::from_millisecond(ms).unwrap(),
            scenario,
            recording: Arc::new(Recording { source, token, observation }),
        },
    )
}

fn expect() -> impl Strategy<Value = Expect> {
    prop_oneof![
        json().prop_map(Expect::Equals),
        vec(json(), 0..3).prop_map(Expect::OneOf),
        text().prop_map(Expect::Contains),
        "[a-z]{1,5}[*+?]?".prop_map(|p| Expect::matches(&p).unwrap()),
        Just(Expect::Present),
        Just(Expect::Absent),
    ]
}

fn check() -> impl Strategy<Value = Check> {
    let plane = || prop_oneof![Just(Plane::Runtime), Just(Plane::Firewall)];
    let count = || {
        prop_oneof![
            any::<usize>().prop_map(Count::Exactly),
            any::<usize>().prop_map(Count::AtLeast),
            any::<(usize, usize)>().prop_map(|(a, b)| Count::Between(a, b)),
        ]
    };
    let fields = || btree_map(text(), expect(), 0..3);
    let audit = (plane(), option::of(text()), fields(), count(), fields(), any::<bool>()).prop_map(
        |(plane, token, select, count, fields, fence)| {
            Check::AuditCount(AuditCount { plane, token, select, count, fields, fence })
        },
    );
    let event = || {
        (text(), option::of(text()), fields()).prop_map(|(kind, token, fields)| EventSelector {
            kind,
            token,
            fields,
        })
    };
    let id = prop_oneof![
        Just(EventId::Any),
        Just(EventId::Absent),
        Just(EventId::Header),
        Just(EventId::HeaderAndBody)
    ];
    let exchange = (text(), option::of(any::<u16>()), id, fields(), option::of(expect()), any::<bool>())
        .prop_map(|(token, status, event_id, headers, body, no_answer)| {
            Check::Exchange(Exchange { token, status, event_id, headers, body, no_answer })
        });
    prop_oneof![
        audit,
        exchange,
        (plane(), option::of(text())).prop_map(|(plane, token)| Check::NoAudit { plane, token }),
        Just(Check::NoUnexplainedAudits {}),
        (text(), option::of(text())).prop_map(|(token, path)| Check::ProgramHadNoEffect { token, path }),
        (text(), any::<i64>(), option::of(expect()))
            .prop_map(|(token, code, stdout)| Check::ProgramRan(ProgramRan { token, code, stdout })),
        (text(), option::of(text())).prop_map(|(name, token)| Check::DnsNeverAsked { name, token }),
        text().prop_map(|name| Check::DnsAsked { name }),
        text().prop_map(|token| Check::AppNeverSaw { token }),
        (text(), option::of(any::<usize>())).prop_map(|(token, times)| Check::AppSaw { token, times }),
        (text(), text(), vec(text(), 0..3)).prop_map(|(a, b, ignore_headers)| Check::SameBytes {
            a,
            b,
            ignore_headers
        }),
        text().prop_map(|token| Check::FencePassedAfter { token }),
        text().prop_map(|container| Check::ContainerNotRestarted { container }),
        (event(), count()).prop_map(|(event, count)| Check::EventCount { event, count }),
        (event(), event()).prop_map(|(before, after)| Check::Order { before, after }),
    ]
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

    /// A recorded finding can always be judged again, and gives the same on the same records.
    #[test]
    fn findings(check in check(), records in vec(record(), 0..6)) {
        let first = check.judge(&records);
        let again = recheck(&first.check, &first.expectation, &records).unwrap();
        comes_back(&first);
        prop_assert_eq!(again, first);
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

#[test]
fn a_report_comes_back_and_can_be_made_from_the_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.ndjson");
    let records = sample::history();
    let lines: Vec<_> = records.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let read = proofhouse_reports::history::read(&path).unwrap();
    assert_eq!(read, records);
    let report = assemble(&records, Options::default()).unwrap();
    assert_eq!(assemble(&read, Options::default()).unwrap(), report);
    assert_eq!(from_results_json(&to_results_json(&report)).unwrap(), report);
    comes_back::<RunHeader>(&report.run);
}
