//! An engine in memory that does what a test tells it.

use crate::engine::{
    Attached, ContainerId, ContainerSpec, DiskUse, Engine, EngineError, EngineEvent, EngineInfo, EngineNews,
    ExecOutcome, Happening, ImageImport, ImageListing, Inspection, Listing, LogLine, RunState, Statistics,
    VolumeListing,
};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use proofhouse_protocol::observation::{Found, LogStream};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Answer<'a, T> = BoxFuture<'a, Result<T, EngineError>>;
type Exec = Box<dyn Fn(u32) -> Result<ExecOutcome, EngineError> + Send + Sync>;
type Ask = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// An engine that does what a test tells it. Containers are called by the last part of their name.
pub(super) struct Scripted {
    pub(super) tell: UnboundedSender<EngineNews>,
    pub(super) news: Mutex<Option<UnboundedReceiver<EngineNews>>>,
    pub(super) ids: Mutex<BTreeMap<String, ContainerId>>,
    pub(super) exits: Mutex<BTreeMap<ContainerId, i64>>,
    pub(super) execs: Mutex<u32>,
    /// What a program run from outside answers, by its number.
    pub exec: Exec,
    /// What is known of memory when it is asked.
    pub out_of_memory: Ask,
    /// The name of a container whose start panics.
    pub panics_at_start: Option<&'static str>,
    /// Whether a mark is told at once.
    pub tells_marks: bool,
    /// What each reading of a log brings: lines, and whether it breaks then.
    pub logs: Mutex<VecDeque<(Vec<&'static str>, bool)>>,
    /// What each look for volumes finds; nothing behind the last.
    pub volumes: Mutex<VecDeque<Vec<VolumeListing>>>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Default for Scripted {
    fn default() -> Self {
        let (tell, news) = unbounded_channel();
        Self {
            tell,
            news: Mutex::new(Some(news)),
            ids: Mutex::default(),
            exits: Mutex::default(),
            execs: Mutex::default(),
            exec: Box::new(|_| Ok(ExecOutcome { code: 0, stdout: Vec::new(), stderr: Vec::new() })),
            out_of_memory: Box::new(|| std::future::ready(false).boxed()),
            panics_at_start: None,
            tells_marks: true,
            logs: Mutex::default(),
            volumes: Mutex::default(),
        }
    }
}

impl Scripted {
    pub fn id(&self, container: &str) -> ContainerId {
        let ids = self.ids.lock().unwrap();
        let found = ids.iter().find(|(name, _)| name.ends_with(container));
        found.unwrap_or_else(|| panic!("no {container} in {ids:?}")).1.clone()
    }

    /// Something happens to a container, and is told.
    pub fn happens(&self, container: &str, happening: Happening) {
        if let Happening::Exited { code } = happening {
            self.ends_untold(container, code);
        }
        let event = EngineEvent { container: self.id(container), happening };
        self.news(EngineNews::Happened(event));
    }

    /// A container ends, and nobody is told.
    pub fn ends_untold(&self, container: &str, code: i64) {
        self.exits.lock().unwrap().insert(self.id(container), code);
    }

    pub fn news(&self, news: EngineNews) {
        // A driver that has gone wants no news.
        let _ = self.tell.send(news);
    }

    /// How often a program was run from outside.
    pub fn execs(&self) -> u32 {
        *self.execs.lock().unwrap()
    }
}

fn ok<'a, T: Send + 'a>(value: T) -> Answer<'a, T> {
    std::future::ready(Ok(value)).boxed()
}

fn refused<'a, T: Send + 'a>(what: &str) -> Answer<'a, T> {
    let error =
        EngineError::Failed { what: what.to_owned(), status: 500, message: "not in the script".to_owned() };
    std::future::ready(Err(error)).boxed()
}

impl Engine for Scripted {
    fn info(&self) -> Answer<'_, EngineInfo> {
        refused("info")
    }

    fn create<'a>(&'a self, spec: &'a ContainerSpec) -> Answer<'a, ContainerId> {
        let id = ContainerId(format!("id-of-{}", spec.name));
        self.ids.lock().unwrap().insert(spec.name.clone(), id.clone());
        ok(id)
    }

    fn start<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()> {
        let panics = self.panics_at_start.is_some_and(|name| id.0.ends_with(name));
        async move {
            assert!(!panics, "the script says so");
            Ok(())
        }
        .boxed()
    }

    fn kill<'a>(&'a self, id: &'a ContainerId, signal: &'a str) -> Answer<'a, ()> {
        let code = if signal == "SIGKILL" { 137 } else { 143 };
        self.exits.lock().unwrap().insert(id.clone(), code);
        self.news(EngineNews::Happened(EngineEvent {
            container: id.clone(),
            happening: Happening::Exited { code },
        }));
        ok(())
    }

    fn remove<'a>(&'a self, _id: &'a ContainerId) -> Answer<'a, ()> {
        ok(())
    }

    fn inspect<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Inspection> {
        let exit_code = self.exits.lock().unwrap().get(id).copied();
        let state = if exit_code.is_some() { RunState::Exited } else { RunState::Running };
        ok(Inspection { state, exit_code, ..Inspection::unknown(id.clone()) })
    }

    fn exec<'a>(
        &'a self,
        _id: &'a ContainerId,
        _argv: &'a [String],
        _deadline: Duration,
    ) -> Answer<'a, ExecOutcome> {
        let number = {
            let mut execs = self.execs.lock().unwrap();
            *execs += 1;
            *execs
        };
        std::future::ready((self.exec)(number)).boxed()
    }

    fn attach<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, Attached> {
        let mark = EngineEvent { container: id.clone(), happening: Happening::Marked };
        self.news(EngineNews::Happened(mark));
        let (_, stderr) = unbounded_channel();
        ok(Attached { stdout: Box::new(tokio::io::empty()), stdin: Box::new(tokio::io::sink()), stderr })
    }

    fn logs(&self, _id: &ContainerId, _follow: bool) -> BoxStream<'static, Result<LogLine, EngineError>> {
        let (lines, breaks) = self.logs.lock().unwrap().pop_front().unwrap_or_default();
        let lines =
            lines.into_iter().map(|line| Ok(LogLine { stream: LogStream::Stdout, line: line.to_owned() }));
        let broken = EngineError::Failed { what: "log".to_owned(), status: 0, message: "broken".to_owned() };
        futures_util::stream::iter(lines.chain(breaks.then_some(Err(broken))).collect::<Vec<_>>()).boxed()
    }

    fn events(&self, _labels: &[String]) -> BoxStream<'static, EngineNews> {
        let news = self.news.lock().unwrap().take().expect("events are followed once");
        futures_util::stream::unfold(news, async |mut news| Some((news.recv().await?, news))).boxed()
    }

    fn mark<'a>(&'a self, id: &'a ContainerId) -> Answer<'a, ()> {
        if self.tells_marks {
            let event = EngineEvent { container: id.clone(), happening: Happening::Marked };
            self.news(EngineNews::Happened(event));
        }
        ok(())
    }

    fn ran_out_of_memory<'a>(&'a self, _id: &'a ContainerId, _patience: Duration) -> Answer<'a, bool> {
        (self.out_of_memory)().map(Ok).boxed()
    }

    fn processes<'a>(&'a self, _id: &'a ContainerId) -> Answer<'a, String> {
        refused("processes")
    }

    fn processor_time<'a>(&'a self, _id: &'a ContainerId) -> Answer<'a, Duration> {
        refused("processor time")
    }

    fn statistics<'a>(&'a self, _id: &'a ContainerId) -> Answer<'a, Statistics> {
        refused("statistics")
    }

    fn disk_use<'a>(&'a self, _id: &'a ContainerId) -> Answer<'a, DiskUse> {
        refused("disk use")
    }

    fn read_archive<'a>(&'a self, _id: &'a ContainerId, _path: &'a str) -> Answer<'a, Vec<u8>> {
        refused("archive")
    }

    fn write_archive<'a>(&'a self, _id: &'a ContainerId, _directory: &'a str, _tar: Bytes) -> Answer<'a, ()> {
        refused("archive")
    }

    fn look<'a>(&'a self, _id: &'a ContainerId, _path: &'a str) -> Answer<'a, Option<Found>> {
        refused("path")
    }

    fn list<'a>(&'a self, _labels: &'a [String]) -> Answer<'a, Vec<Listing>> {
        ok(Vec::new())
    }

    fn list_volumes<'a>(&'a self, _labels: &'a [String]) -> Answer<'a, Vec<VolumeListing>> {
        ok(self.volumes.lock().unwrap().pop_front().unwrap_or_default())
    }

    fn remove_volume<'a>(&'a self, _name: &'a str) -> Answer<'a, ()> {
        ok(())
    }

    fn image_exists<'a>(&'a self, _reference: &'a str) -> Answer<'a, bool> {
        ok(true)
    }

    fn pull<'a>(&'a self, _reference: &'a str) -> Answer<'a, ()> {
        refused("pull")
    }

    fn import<'a>(&'a self, _image: &'a ImageImport) -> Answer<'a, ()> {
        refused("import")
    }

    fn load(&self, _archive: Bytes) -> Answer<'_, Vec<String>> {
        refused("load")
    }

    fn list_images<'a>(&'a self, _labels: &'a [String]) -> Answer<'a, Vec<ImageListing>> {
        ok(Vec::new())
    }

    fn remove_image<'a>(&'a self, _reference: &'a str) -> Answer<'a, ()> {
        ok(())
    }
}

/// Shares an engine with those who use it as one.
pub(super) fn shared(engine: &Arc<Scripted>) -> Arc<dyn Engine> {
    Arc::<Scripted>::clone(engine)
}
