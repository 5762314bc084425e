//! The statistics of a container as the metadata service tells them (`fargate.md` 3.4).

use crate::engine::{CpuUse, IoKind, MemoryUse, Statistics};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// When there was no look before.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The document, with what was seen at the look before, if there was one.
pub(super) fn document(now: &Statistics, before: Option<(&CpuUse, Timestamp)>) -> Value {
    let (cpu_before, read_before) = match before {
        Some((cpu, at)) => (cpu.clone(), at.to_string()),
        None => (CpuUse::default(), NEVER.to_owned()),
    };
    json!({
        "read": now.at.to_string(),
        "preread": read_before,
        "cpu_stats": cpu(&now.cpu),
        "precpu_stats": cpu(&cpu_before),
        "memory_stats": memory(&now.memory),
        "blkio_stats": io(now),
        // Fargate shows these empty.
        "pids_stats": {},
        "num_procs": 0,
        "storage_stats": {},
    })
}

fn cpu(cpu: &CpuUse) -> Value {
    let usage = known([
        ("total_usage", Some(json!(cpu.total))),
        ("percpu_usage", cpu.per_processor.as_ref().map(|each| json!(each))),
        ("usage_in_kernelmode", Some(json!(cpu.kernel))),
        ("usage_in_usermode", Some(json!(cpu.user))),
    ]);
    known([
        ("cpu_usage", Some(usage)),
        ("system_cpu_usage", cpu.system.map(|time| json!(time))),
        ("online_cpus", cpu.processors.map(|count| json!(count))),
        (
            "throttling_data",
            Some(json!({
                "periods": cpu.periods,
                "throttled_periods": cpu.throttled_periods,
                "throttled_time": cpu.throttled_time,
            })),
        ),
    ])
}

fn memory(memory: &MemoryUse) -> Value {
    known([
        ("usage", memory.usage.map(|bytes| json!(bytes))),
        ("max_usage", memory.most.map(|bytes| json!(bytes))),
        ("failcnt", memory.failures.map(|count| json!(count))),
        ("limit", memory.limit.map(|bytes| json!(bytes))),
        ("stats", memory.details.as_ref().map(|counts| json!(counts))),
    ])
}

fn io(now: &Statistics) -> Value {
    let kinds = now.io.iter().map(|(kind, uses)| {
        let uses = uses.iter().map(
            |one| json!({"major": one.major, "minor": one.minor, "op": one.operation, "value": one.value}),
        );
        (name(*kind).to_owned(), uses.collect())
    });
    Value::Object(kinds.collect())
}

fn name(kind: IoKind) -> &'static str {
    match kind {
        IoKind::Bytes => "io_service_bytes_recursive",
        IoKind::Operations => "io_serviced_recursive",
        IoKind::Queued => "io_queue_recursive",
        IoKind::ServiceTime => "io_service_time_recursive",
        IoKind::WaitTime => "io_wait_time_recursive",
        IoKind::Merged => "io_merged_recursive",
        IoKind::Time => "io_time_recursive",
        IoKind::Sectors => "sectors_recursive",
    }
}

/// An object of the members that have a value.
fn known<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::IoUse;
    use std::collections::BTreeMap;

    #[test]
    fn a_first_look_has_nothing_before_it_and_what_is_not_counted_is_left_out() {
        let cpu = CpuUse {
            total: 7,
            per_processor: Some(vec![3, 4]),
            kernel: 1,
            user: 6,
            system: Some(99),
            processors: Some(2),
            ..CpuUse::default()
        };
        let details = Some(BTreeMap::from([("rss".to_owned(), 5)]));
        let write = IoUse { major: 8, minor: 0, operation: "Write".to_owned(), value: 4096 };
        let now = Statistics {
            at: "2026-01-02T03:04:05.5Z".parse().unwrap(),
            cpu: cpu.clone(),
            memory: MemoryUse { usage: Some(10), limit: Some(20), details, ..MemoryUse::default() },
            io: vec![(IoKind::Bytes, vec![write]), (IoKind::Sectors, Vec::new())],
        };
        let first = document(&now, None);
        let none = json!({"periods": 0, "throttled_periods": 0, "throttled_time": 0});
        let seen = json!({
            "cpu_usage": {
                "total_usage": 7, "percpu_usage": [3, 4], "usage_in_kernelmode": 1, "usage_in_usermode": 6,
            },
            "system_cpu_usage": 99, "online_cpus": 2, "throttling_data": none,
        });
        assert_eq!(
            first,
            json!({
                "read": "2026-01-02T03:04:05.5Z", "preread": NEVER, "cpu_stats": seen,
                "precpu_stats": {
                    "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
                    "throttling_data": none,
                },
                "memory_stats": {"usage": 10, "limit": 20, "stats": {"rss": 5}},
                "blkio_stats": {
                    "io_service_bytes_recursive": [{"major": 8, "minor": 0, "op": "Write", "value": 4096}],
                    "sectors_recursive": [],
                },
                "pids_stats": {}, "num_procs": 0, "storage_stats": {},
            })
        );
        let second = document(&now, Some((&cpu, now.at)));
        assert_eq!((&second["precpu_stats"], &second["preread"]), (&seen, &first["read"]));
    }
}
