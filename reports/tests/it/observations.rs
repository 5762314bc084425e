//! Any record there can be.

use proofhouse_protocol::actor::{End, Reply, Request};
use proofhouse_protocol::observation::{
    Body, ContainerFacts, ContainerHappening, DefinitionRole, FencePhase, FileKind, Found, LogStream,
    Pipeline, Plane, ProblemKind, Rejection, StepStatus, TaskKind, TlsSession, Transport, Validation,
};
use proofhouse_protocol::task::TaskStatus;
use proofhouse_protocol::{EmbedNames, Observation, Recording, Source};
use proofhouse_reports::HistoryRecord;
use proofhouse_reports::history::SCHEMA;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Texts that tests use, so that records meet the checks of the cases, and others.
pub fn text() -> impl Strategy<Value = String> {
    let known =
        ["t-1", "t-2", "w-1", "c-1", "v-1", "worker", "nginx", "TwistlockDefender", "evil.test", "f-1", "/x"];
    prop_oneof![select(known.to_vec()).prop_map(str::to_owned), "[a-z0-9./-]{0,12}", any::<String>()]
}

pub fn json() -> impl Strategy<Value = Value> {
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

pub fn ms() -> impl Strategy<Value = f64> {
    any::<u32>().prop_map(|n| f64::from(n) / 8.0)
}

fn body() -> impl Strategy<Value = Body> {
    text().prop_map(|text| Body::of(text.as_bytes()))
}

fn totals() -> impl Strategy<Value = BTreeMap<String, u64>> {
    btree_map(text(), any::<u64>(), 0..3)
}

fn pipeline() -> impl Strategy<Value = Pipeline> {
    prop_oneof![
        Just(Pipeline::Audits),
        Just(Pipeline::ConsoleCalls),
        Just(Pipeline::Relay),
        text().prop_map(|container| Pipeline::Questions { container }),
        text().prop_map(|container| Pipeline::EngineEvents { container }),
        text().prop_map(|container| Pipeline::Logs { container }),
        text().prop_map(|service| Pipeline::ServiceRequests { service }),
        text().prop_map(|server| Pipeline::OutsideConnections { server }),
        any::<u16>().prop_map(|port| Pipeline::AppRequests { port }),
    ]
}

fn source() -> impl Strategy<Value = Source> {
    use Source::{Actor, Console, Container, Engine, Fargate, Metadata, Outside, Resolver, Runner};
    prop_oneof![
        select(&[Runner, Console, Resolver, Metadata, Engine, Fargate][..]),
        text().prop_map(Outside),
        text().prop_map(Container),
        text().prop_map(Actor),
    ]
}

fn transport() -> impl Strategy<Value = Transport> {
    select(&[Transport::Udp, Transport::Tcp][..])
}

fn role() -> impl Strategy<Value = DefinitionRole> {
    select(&[DefinitionRole::Original, DefinitionRole::Embedded, DefinitionRole::Described][..])
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((text(), text()), 0..3)
}

fn at_the_console() -> impl Strategy<Value = Observation> {
    let call = (text(), text(), any::<u16>(), option::of(text()), option::of(text())).prop_map(
        |(method, path, status, user, error)| Observation::ConsoleCall { method, path, status, user, error },
    );
    // A member that is null is one that is not there.
    let sent = option::of(json().prop_filter("null", |value| !value.is_null()));
    let answer = (text(), text(), text(), sent, any::<u16>(), body()).prop_map(
        |(user, method, path, sent, status, body)| Observation::ConsoleAnswer {
            user,
            method,
            path,
            sent,
            status,
            body,
        },
    );
    let plane = select(&[Plane::Runtime, Plane::Firewall][..]);
    let phase = select(&[FencePhase::Sent, FencePhase::Passed][..]);
    prop_oneof![
        call,
        answer,
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
        (plane, any::<u64>(), json()).prop_map(|(plane, sequence, audit)| Observation::Audit {
            plane,
            sequence,
            audit
        }),
        text().prop_map(|line| Observation::SyslogLine { line }),
        (any::<u64>(), any::<u64>()).prop_map(|(after, before)| Observation::AuditGap { after, before }),
        totals().prop_map(|totals| Observation::Counters { totals }),
        (text(), any::<u64>(), json()).prop_map(|(app_id, reset, stats)| Observation::MonitoringStats {
            app_id,
            reset,
            stats
        }),
        (text(), vec(json(), 0..3)).prop_map(|(app_id, apis)| Observation::DiscoveredApis { app_id, apis }),
        (pipeline(), text(), phase, vec(text(), 0..3), totals()).prop_map(
            |(pipeline, id, phase, containers, totals)| Observation::Fence {
                pipeline,
                id,
                phase,
                containers,
                totals
            }
        ),
        (pipeline(), any::<u64>(), text()).prop_map(|(pipeline, count, why)| Observation::Lost {
            pipeline,
            count,
            why
        }),
        vec(text(), 0..3).prop_map(|messages| Observation::StrangerHeard { messages }),
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
    let tls =
        (text(), text()).prop_map(|(version, certificate_sha256)| TlsSession { version, certificate_sha256 });
    let exchange = (
        (text(), text(), text(), text(), headers()),
        (
            option::of(any::<u16>()),
            headers(),
            body(),
            ms(),
            option::of(text()),
            any::<bool>(),
            option::of(tls),
        ),
    )
        .prop_map(|((client, server, method, target, request_headers), rest)| {
            let (status, response_headers, body, elapsed_ms, error, timed_out, tls) = rest;
            Observation::HttpExchange {
                client,
                server,
                method,
                target,
                request_headers,
                status,
                response_headers,
                body,
                elapsed_ms,
                error,
                timed_out,
                tls,
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
        (text(), text(), option::of(text()), body()).prop_map(|(method, target, token, body)| {
            Observation::ServiceRequest { method, target, token, body }
        }),
        (text(), any::<u16>(), body()).prop_map(|(path, status, body)| Observation::MetadataRequest {
            path,
            status,
            body
        }),
    ]
}

fn of_the_task() -> impl Strategy<Value = Observation> {
    use ContainerHappening::{Created, Exited, Failed, Healthy, Removed, Signalled, Started, Unhealthy};
    let happening = select(&[Created, Started, Failed, Healthy, Unhealthy, Signalled, Exited, Removed][..]);
    let state = select(&[TaskStatus::Provisioning, TaskStatus::Running, TaskStatus::Stopped][..]);
    let run = select(&[TaskKind::Bare, TaskKind::Protected][..]);
    let stream = select(&[LogStream::Stdout, LogStream::Stderr][..]);
    let facts = || {
        (option::of(text()), option::of(any::<bool>()), option::of(any::<i64>()), totals()).prop_map(
            |(log_mode, out_of_memory, exit_code, more)| ContainerFacts {
                log_mode,
                out_of_memory,
                exit_code,
                more: more.into_iter().map(|(name, n)| (name, n.to_string())).collect(),
                ..ContainerFacts::default()
            },
        )
    };
    let found = (any::<u32>(), option::of(text())).prop_map(|(mode, sha256)| Found {
        file: FileKind::File,
        mode: Some(mode),
        uid: None,
        gid: Some(0),
        bytes: Some(u64::from(mode)),
        sha256,
    });
    let rejection =
        (text(), text(), text()).prop_map(|(class, path, message)| Rejection { class, path, message });
    let validation = (vec(rejection, 0..3), option::of(any::<u64>()), any::<i64>())
        .prop_map(|(rejections, cpu, disk)| Validation { rejections, cpu, memory: None, disk });
    let record = vec(text(), 0..3).prop_map(|names| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Observation::TaskRecord { record: Box::new(crate::sample::given::running(&names)) }
    });
    prop_oneof![
        (happening, option::of(any::<i64>()), text())
            .prop_map(|(event, exit_code, detail)| Observation::ContainerEvent { event, exit_code, detail }),
        (text(), run, vec(text(), 0..3)).prop_map(|(task, run, containers)| Observation::TaskBegan {
            task,
            run,
            containers
        }),
        (state, text()).prop_map(|(state, detail)| Observation::TaskState { state, detail }),
        record,
        (facts(), facts()).prop_map(|(planned, engine)| Observation::Inspected { planned, engine }),
        (text(), option::of(found)).prop_map(|(path, found)| Observation::Looked { path, found }),
        (vec(text(), 0..3), any::<i64>())
            .prop_map(|(argv, code)| Observation::ExecutedFromOutside { argv, code }),
        (role(), json()).prop_map(|(role, document)| Observation::Definition { role, document }),
        (text(), validation).prop_map(|(variant, validation)| Observation::Validated { variant, validation }),
        (role(), json(), totals()).prop_map(|(role, plan, stop_timeouts_ms)| Observation::Planned {
            role,
            plan,
            stop_timeouts_ms
        }),
        (vec(text(), 0..2), vec(text(), 0..2), any::<usize>())
            .prop_map(|(labelled, unlabelled, had)| Observation::Remains { labelled, unlabelled, had }),
        (stream, text()).prop_map(|(stream, line)| Observation::Log { stream, line }),
    ]
}

fn in_the_run() -> impl Strategy<Value = Observation> {
    use StepStatus::{Error, Failed, Passed, Skipped, Undefined};
    let end = prop_oneof![
        any::<i32>().prop_map(|code| End::Exited { code }),
        any::<i32>().prop_map(|signal| End::Signalled { signal }),
        Just(End::TimedOut),
        Just(End::Unknown),
    ];
    let reply = prop_oneof![
        Just(Reply::Done),
        (any::<i32>(), text()).prop_map(|(errno, error)| Reply::Failed { errno, error }),
        (any::<i32>(), end, text(), text(), ms()).prop_map(|(pid, end, stdout, stderr, elapsed_ms)| {
            Reply::Ran { pid, end, stdout, stderr, elapsed_ms }
        }),
    ];
    let request = prop_oneof![
        Just(Request::Ping),
        text().prop_map(|path| Request::Read { path }),
        any::<i32>().prop_map(|code| Request::Exit { code }),
        vec(text(), 0..3).prop_map(|argv| Request::Run {
            argv,
            env: BTreeMap::new(),
            cwd: None,
            stdin: String::new(),
            spawn: proofhouse_protocol::actor::Spawn::Daemon,
            timeout_ms: 9,
        }),
    ];
    let kinds =
        [ProblemKind::Expectations, ProblemKind::Environment, ProblemKind::Leak, ProblemKind::History];
    let status = select(&[Passed, Failed, Error, Skipped, Undefined][..]);
    prop_oneof![
        (request, reply).prop_map(|(request, reply)| Observation::Act {
            request: Box::new(request),
            result: Box::new(reply)
        }),
        text().prop_map(|what| Observation::Stimulus { what }),
        (text(), any::<bool>()).prop_map(|(name, active)| Observation::Fault { name, active }),
        (text(), text(), option::of(text()), status, option::of(text()), ms()).prop_map(
            |(keyword, text, argument, status, message, elapsed_ms)| {
                Observation::Step { keyword, text, argument, status, message, elapsed_ms }
            }
        ),
        (option::of(any::<usize>()), json()).prop_map(|(step, check)| Observation::Check { step, check }),
        (text(), any::<u64>(), text()).prop_map(|(what, limit_ms, seen)| Observation::LimitPassed {
            what,
            limit_ms,
            seen
        }),
        (select(kinds.to_vec()), text()).prop_map(|(problem, text)| Observation::Problem { problem, text }),
        (text(), text(), any::<u64>()).prop_map(|(what, text, left_out)| Observation::Capture {
            what,
            text,
            left_out
        }),
        text().prop_map(|text| Observation::Note { text }),
        json().prop_map(|run| Observation::RunBegan { run }),
        any::<bool>().prop_map(|interrupted| Observation::RunEnded { interrupted }),
        (any::<u32>(), json(), text(), vec(text(), 1..3)).prop_map(|(attempt, meta, sidecar, wrapper)| {
            let embed = EmbedNames { sidecar, wrapper };
            Observation::ScenarioBegan { attempt, meta, embed }
        }),
        any::<u32>().prop_map(|attempt| Observation::ScenarioEnded { attempt }),
    ]
}

pub fn record() -> impl Strategy<Value = HistoryRecord> {
    let observation = prop_oneof![at_the_console(), outside(), of_the_task(), in_the_run()];
    let place = (any::<u64>(), any::<u64>(), -1_000_000_000_000i64..1_000_000_000_000, option::of(text()));
    (place, source(), option::of(text()), observation).prop_map(
        |((sequence, us, ms, scenario), source, token, observation)| HistoryRecord {
            schema: SCHEMA,
            sequence,
            monotonic_us: us,
            time: jiff::Timestamp::from_millisecond(ms).unwrap(),
            scenario,
            recording: Arc::new(Recording { source, token, observation }),
        },
    )
}
