//! Files in and out of a container, as tars.

use super::DockerEngine;
use crate::engine::{ContainerId, EngineError};
use bollard::query_parameters::{
    ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};
use bytes::Bytes;
use futures_util::TryStreamExt;

impl DockerEngine {
    pub(super) async fn download(&self, id: &ContainerId, path: &str) -> Result<Vec<u8>, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
        let what = format!("reading `{path}` in container {id}");
        let chunks = self.docker.download_from_container(&id.0, Some(options)).try_fold(
            Vec::new(),
            |mut all, chunk| {
                all.extend_from_slice(&chunk);
                std::future::ready(Ok(all))
            },
        );
        self.within(&what, chunks).await
    }

    pub(super) async fn upload(
        &self,
        id: &ContainerId,
        directory: &str,
        tar: Bytes,
    ) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::new().path(directory).build();
        let what = format!("writing into `{directory}` of container {id}");
        self.within(&what, self.docker.upload_to_container(&id.0, Some(options), bollard::body_full(tar)))
            .await
    }

    pub(super) async fn exists(&self, id: &ContainerId, path: &str) -> Result<bool, EngineError> {
        let options = ContainerArchiveInfoOptionsBuilder::new().path(path).build();
        let what = format!("looking for `{path}` in container {id}");
        match self.within(&what, self.docker.get_container_archive_info(&id.0, Some(options))).await {
            Ok(_) => Ok(true),
            // The container itself may be gone as well: that is an error, not an answer.
            Err(EngineError::NotFound { .. }) => self.inspect_container(id).await.map(|_| false),
            Err(error) => Err(error),
        }
    }
}
