//! What every engine can do.

use super::{
    Attached, ContainerId, ContainerSpec, DiskUse, EngineError, EngineInfo, EngineNews, ExecOutcome,
    ImageImport, ImageListing, Inspection, Listing, LogLine, Statistics, VolumeListing,
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use proofhouse_protocol::observation::Found;
use std::fmt::Debug;
use std::time::Duration;

/// Answer of an engine, later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, EngineError>>;

/// A container engine. Every call ends, with an error at the engine's own deadline at the latest.
///
/// A label filter is a list of `key` or `key=value`, all of which must fit.
pub trait Engine: Send + Sync + Debug {
    /// Who it is, and what it runs on.
    fn info(&self) -> Answer<'_, EngineInfo>;

    /// Creates a container. The image must be there.
    fn create<'a>(&'a self, spec: &'a ContainerSpec) -> Answer<'a, ContainerId>;

    /// Starts one that was created or has ended.
    fn start<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()>;

    /// Sends a signal, by name such as `SIGTERM`. One that has ended is not an error.
    fn kill<'a>(&'a self, id: &'a ContainerId, signal: &'a str) -> Answer<'a, ()>;

    /// Kills and removes it with its anonymous volumes. One that is gone is not an error.
    fn remove<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()>;

    /// Looks at it.
    fn inspect<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Inspection>;

    /// Runs a program in it from outside and waits for its end. One that runs and does not end within `deadline` is
    /// [`EngineError::Unfinished`]; any other error is the engine's, and says nothing of the program.
    fn exec<'a>(
        &'a self,
        id: &'a ContainerId,
        argv: &'a [String],
        deadline: Duration,
    ) -> Answer<'a, ExecOutcome>;

    /// Its standard streams; call it before the start, and nothing is missed.
    fn attach<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Attached>;

    /// Its log from the beginning; with `follow` until it ends.
    fn logs(&self, id: &ContainerId, follow: bool) -> BoxStream<'static, Result<LogLine, EngineError>>;

    /// What happens to containers that fit the label filter, also what happened in the last minutes. A stream that breaks
    /// is opened again from where it was.
    fn events(&self, labels: &[String]) -> BoxStream<'static, EngineNews>;

    /// Does nothing to a container, running or not, but lets the engine tell it as [`super::Happening::Marked`], behind all
    /// that it has told before. An answer that is an error leaves open whether it is told.
    fn mark<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()>;

    /// Whether memory ran out in a container since its last start. For one that has ended: who may be late to tell is
    /// waited for, `patience` at the longest.
    fn ran_out_of_memory<'a>(&'a self, id: &'a ContainerId, patience: Duration) -> Answer<'a, bool>;

    /// Its processes, as the engine's machine sees them: a heading and rows.
    fn processes<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, String>;

    /// Processor time that its processes have used since its start, those that have ended included.
    fn processor_time<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Duration>;

    /// What it uses now; an error for one that does not run.
    fn statistics<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Statistics>;

    /// What it takes of the disk.
    fn disk_use<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, DiskUse>;

    /// A path in it, as a tar.
    fn read_archive<'a>(&'a self, id: &'a ContainerId, path: &'a str) -> Answer<'a, Vec<u8>>;

    /// Unpacks a tar into a directory of it.
    fn write_archive<'a>(&'a self, id: &'a ContainerId, directory: &'a str, tar: Bytes) -> Answer<'a, ()>;

    /// What is at a path in it; links are not followed.
    fn look<'a>(&'a self, id: &'a ContainerId, path: &'a str) -> Answer<'a, Option<Found>>;

    /// Containers in any state.
    fn list<'a>(&'a self, labels: &'a [String]) -> Answer<'a, Vec<Listing>>;

    /// Volumes.
    fn list_volumes<'a>(&'a self, labels: &'a [String]) -> Answer<'a, Vec<VolumeListing>>;

    /// Removes a volume. One that is gone is not an error.
    fn remove_volume<'a>(&'a self, name: &'a str) -> Answer<'a, ()>;

    /// Whether an image is there.
    fn image_exists<'a>(&'a self, reference: &'a str) -> Answer<'a, bool>;

    /// Fetches an image from its registry.
    fn pull<'a>(&'a self, reference: &'a str) -> Answer<'a, ()>;

    /// Makes an image of a tar.
    fn import<'a>(&'a self, image: &'a ImageImport) -> Answer<'a, ()>;

    /// Loads what `docker save` wrote; the tags that came.
    fn load(&self, archive: Bytes) -> Answer<'_, Vec<String>>;

    /// Images.
    fn list_images<'a>(&'a self, labels: &'a [String]) -> Answer<'a, Vec<ImageListing>>;

    /// Removes an image. One that is gone is not an error.
    fn remove_image<'a>(&'a self, reference: &'a str) -> Answer<'a, ()>;
}
