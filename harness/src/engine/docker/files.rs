//! Files in and out of a container, as tars.

use super::DockerEngine;
use crate::engine::{ContainerId, EngineError};
use bollard::container::PathStatResponse;
use bollard::query_parameters::{
    ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder,
};
use bytes::Bytes;
use futures_util::TryStreamExt;
use proofhouse_protocol::observation::{FileKind, Found};

/// Bits of Go's file modes, in which the daemon answers.
const DIRECTORY: u32 = 1 << 31;
const SYMLINK: u32 = 1 << 27;
/// Devices, pipes, sockets, character devices, irregular files.
const OTHER: u32 = (1 << 26) | (1 << 25) | (1 << 24) | (1 << 21) | (1 << 19);
const SET_UID: u32 = 1 << 23;
const SET_GID: u32 = 1 << 22;
const STICKY: u32 = 1 << 20;

/// What a path is, by the daemon's answer. It does not tell the owner.
fn found(stat: &PathStatResponse) -> Found {
    let mode = stat.file_mode;
    let has = |bit, meaning| if mode & bit == 0 { 0 } else { meaning };
    let file = if mode & DIRECTORY != 0 {
        FileKind::Directory
    } else if mode & SYMLINK != 0 {
        FileKind::Symlink
    } else if mode & OTHER != 0 {
        FileKind::Other
    } else {
        FileKind::File
    };
    let bits = (mode & 0o777) | has(SET_UID, 0o4000) | has(SET_GID, 0o2000) | has(STICKY, 0o1000);
    Found { file, mode: Some(bits), uid: None, gid: None, bytes: u64::try_from(stat.size).ok(), sha256: None }
}

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

    pub(super) async fn look_at(&self, id: &ContainerId, path: &str) -> Result<Option<Found>, EngineError> {
        let options = ContainerArchiveInfoOptionsBuilder::new().path(path).build();
        let what = format!("looking for `{path}` in container {id}");
        match self.within(&what, self.docker.get_container_archive_info(&id.0, Some(options))).await {
            Ok(stat) => Ok(Some(found(&stat))),
            // The container itself may be gone as well: that is an error, not an answer.
            Err(EngineError::NotFound { .. }) => self.inspect_container(id).await.map(|_| None),
            Err(error) => Err(error),
        }
    }
}
