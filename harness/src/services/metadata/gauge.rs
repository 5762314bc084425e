//! What only the engine can tell, asked for when someone reads it.

use super::documents::{EphemeralStorage, TaskMetadata, VolumeDocument};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;

/// What an engine knows of a container once it is created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Made {
    /// Digest of its image, `sha256:...`.
    pub image_id: String,
    /// Its volumes, those of other containers included.
    pub volumes: Vec<VolumeDocument>,
}

/// Tells of the containers of one task, by their names. What is not known is left out.
pub trait Gauge: Send + Sync {
    /// What they are made of.
    fn made<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, BTreeMap<String, Made>>;

    /// What those of them that run use now, in the shape of the documents.
    fn statistics<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, BTreeMap<String, Value>>;

    /// MiB that the task takes of its disk, as last measured.
    fn storage(&self) -> BoxFuture<'_, Option<u64>>;
}

/// Completes what is known with what a request for this path needs to have measured.
pub(super) async fn complete(known: &mut TaskMetadata, path: &str, gauge: &dyn Gauge) {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let ([version @ ("v3" | "v4"), id, rest @ ..], all) = (parts.as_slice(), names(known)) else { return };
    let Some(own) = known.task.containers.iter().find(|one| one.docker_id == *id).map(|one| one.name.clone())
    else {
        return;
    };
    match rest {
        [] => put(known, gauge.made(&[own]).await),
        ["task" | "taskWithTags"] => {
            let metrics = known.task.ephemeral_storage_metrics.take().filter(|_| *version == "v4");
            let measured = async {
                let metrics = metrics?;
                Some(EphemeralStorage { utilized: gauge.storage().await?, ..metrics })
            };
            let (made, metrics) = futures_util::join!(gauge.made(&all), measured);
            put(known, made);
            known.task.ephemeral_storage_metrics = metrics;
        }
        ["stats"] => statistics(known, &[own], gauge).await,
        ["task", "stats"] => statistics(known, &all, gauge).await,
        _ => {}
    }
}

fn names(known: &TaskMetadata) -> Vec<String> {
    known.task.containers.iter().map(|container| container.name.clone()).collect()
}

fn put(known: &mut TaskMetadata, mut told: BTreeMap<String, Made>) {
    for container in &mut known.task.containers {
        if let Some(made) = told.remove(&container.name) {
            container.image_id = made.image_id;
            container.volumes = made.volumes;
        }
    }
}

async fn statistics(known: &mut TaskMetadata, names: &[String], gauge: &dyn Gauge) {
    let mut told = gauge.statistics(names).await;
    let containers = known.task.containers.iter();
    known.statistics = containers
        .filter_map(|container| Some((container.docker_id.clone(), told.remove(&container.name)?)))
        .collect();
}
