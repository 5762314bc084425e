//! What things of a task are called on the engine, and in its metadata.

use super::{PlanOptions, WORLD};
use crate::labels;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Labels of a container: its own, then those that the harness finds it by.
pub(super) fn container_labels(
    options: &PlanOptions,
    task_id: &str,
    container: &str,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = own.clone();
    all.extend(options.labels.to_map());
    all.insert(labels::TASK.to_owned(), task_id.to_owned());
    all.insert(labels::CONTAINER.to_owned(), container.to_owned());
    all
}

/// Name of a container on the engine: the task's first twelve digits, then its own name. ECS names hold no dot, so the
/// world's cannot clash.
pub(super) fn engine_name(task_id: &str, container: &str) -> String {
    let task = &task_id[..12];
    if container == WORLD {
        format!("proofhouse-{task}.world")
    } else {
        format!("proofhouse-{task}-{container}")
    }
}

/// Name of a task volume on the engine.
pub(super) fn volume_name(task_id: &str, volume: &str) -> String {
    format!("proofhouse-{}-{volume}", &task_id[..12])
}

/// `<task id>-<ten digits>`, as captured on Fargate (`fargate.md` 3.2).
pub(super) fn metadata_id(task_id: &str, container: &str) -> String {
    let digest = Sha256::digest(format!("{task_id}/{container}").as_bytes());
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("{task_id}-{}", 1_000_000_000 + u64::from(number) % 3_000_000_000)
}

/// Id in the credentials path.
pub(super) fn uuid(task_id: &str) -> String {
    super::options::uuid(&format!("credentials/{task_id}"))
}
