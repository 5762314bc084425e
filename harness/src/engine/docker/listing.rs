//! What there is, by label.

use super::DockerEngine;
use super::failure::tolerate;
use super::inspect::state;
use crate::engine::{ContainerId, EngineError, Listing, RunState, VolumeListing};
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use std::collections::HashMap;

impl DockerEngine {
    pub(super) async fn containers(&self, labels: &[String]) -> Result<Vec<Listing>, EngineError> {
        let filters = HashMap::from([("label".to_owned(), labels.to_vec())]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let found = self.within("listing containers", self.docker.list_containers(Some(options))).await?;
        let listing = found.into_iter().map(|container| Listing {
            id: ContainerId(container.id.unwrap_or_default()),
            name: container
                .names
                .and_then(|names| names.into_iter().next())
                .map(|name| name.trim_start_matches('/').to_owned())
                .unwrap_or_default(),
            image: container.image.unwrap_or_default(),
            state: container.state.map_or(RunState::Unknown, |name| state(name.as_ref())),
            labels: container.labels.unwrap_or_default().into_iter().collect(),
        });
        Ok(listing.collect())
    }

    pub(super) async fn volumes(&self, labels: &[String]) -> Result<Vec<VolumeListing>, EngineError> {
        let filters = HashMap::from([("label".to_owned(), labels.to_vec())]);
        let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
        let found = self.within("listing volumes", self.docker.list_volumes(Some(options))).await?;
        let volumes = found.volumes.unwrap_or_default().into_iter();
        Ok(volumes
            .map(|volume| VolumeListing { name: volume.name, labels: volume.labels.into_iter().collect() })
            .collect())
    }

    pub(super) async fn delete_volume(&self, name: &str) -> Result<(), EngineError> {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        let what = format!("removing volume `{name}`");
        tolerate(self.within(&what, self.docker.remove_volume(name, Some(options))).await, &[404])
    }
}
