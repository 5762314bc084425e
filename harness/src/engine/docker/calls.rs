//! [`Engine`], call by call.

use super::DockerEngine;
use crate::engine::interface::Answer;
use crate::engine::{
    Attached, ContainerId, ContainerSpec, DiskUse, Engine, EngineError, EngineInfo, EngineNews, ExecOutcome,
    ImageImport, ImageListing, Inspection, Listing, LogLine, Statistics, VolumeListing,
};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use proofhouse_protocol::observation::Found;
use std::time::Duration;

impl Engine for DockerEngine {
    fn info(&self) -> Answer<'_, EngineInfo> {
        Box::pin(self.read_info())
    }

    fn create<'a>(&'a self, spec: &'a ContainerSpec) -> Answer<'a, ContainerId> {
        Box::pin(self.create_container(spec))
    }

    fn start<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()> {
        Box::pin(self.start_container(id))
    }

    fn kill<'a>(&'a self, id: &'a ContainerId, signal: &'a str) -> Answer<'a, ()> {
        Box::pin(self.kill_container(id, signal))
    }

    fn remove<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()> {
        Box::pin(self.remove_container(id))
    }

    fn inspect<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Inspection> {
        Box::pin(self.inspect_container(id))
    }

    fn exec<'a>(
        &'a self,
        id: &'a ContainerId,
        argv: &'a [String],
        deadline: Duration,
    ) -> Answer<'a, ExecOutcome> {
        Box::pin(self.run_exec(id, argv, deadline))
    }

    fn attach<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Attached> {
        Box::pin(self.attach_container(id))
    }

    fn logs(&self, id: &ContainerId, follow: bool) -> BoxStream<'static, Result<LogLine, EngineError>> {
        self.log_lines(id, follow)
    }

    fn events(&self, labels: &[String]) -> BoxStream<'static, EngineNews> {
        self.event_stream(labels)
    }

    fn mark<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()> {
        Box::pin(self.mark_container(id))
    }

    fn ran_out_of_memory<'a>(&'a self, id: &'a ContainerId, patience: Duration) -> Answer<'a, bool> {
        Box::pin(self.out_of_memory(id, patience))
    }

    fn processes<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, String> {
        Box::pin(self.top(id))
    }

    fn processor_time<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Duration> {
        Box::pin(self.cpu_usage(id))
    }

    fn statistics<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Statistics> {
        Box::pin(self.usage(id))
    }

    fn disk_use<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, DiskUse> {
        Box::pin(self.layers(id))
    }

    fn read_archive<'a>(&'a self, id: &'a ContainerId, path: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(self.download(id, path))
    }

    fn write_archive<'a>(&'a self, id: &'a ContainerId, directory: &'a str, tar: Bytes) -> Answer<'a, ()> {
        Box::pin(self.upload(id, directory, tar))
    }

    fn look<'a>(&'a self, id: &'a ContainerId, path: &'a str) -> Answer<'a, Option<Found>> {
        Box::pin(self.look_at(id, path))
    }

    fn list<'a>(&'a self, labels: &'a [String]) -> Answer<'a, Vec<Listing>> {
        Box::pin(self.containers(labels))
    }

    fn list_volumes<'a>(&'a self, labels: &'a [String]) -> Answer<'a, Vec<VolumeListing>> {
        Box::pin(self.volumes(labels))
    }

    fn remove_volume<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(self.delete_volume(name))
    }

    fn image_exists<'a>(&'a self, reference: &'a str) -> Answer<'a, bool> {
        Box::pin(self.has_image(reference))
    }

    fn pull<'a>(&'a self, reference: &'a str) -> Answer<'a, ()> {
        Box::pin(self.pull_image(reference))
    }

    fn import<'a>(&'a self, image: &'a ImageImport) -> Answer<'a, ()> {
        Box::pin(self.import_image(image))
    }

    fn load(&self, archive: Bytes) -> Answer<'_, Vec<String>> {
        Box::pin(self.load_images(archive))
    }

    fn list_images<'a>(&'a self, labels: &'a [String]) -> Answer<'a, Vec<ImageListing>> {
        Box::pin(self.images(labels))
    }

    fn remove_image<'a>(&'a self, reference: &'a str) -> Answer<'a, ()> {
        Box::pin(self.delete_image(reference))
    }
}
