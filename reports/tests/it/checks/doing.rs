//! What happens in the scenes of checks, beside what the sample has.

use crate::sample::tape::Scene;
use proofhouse_protocol::actor::Reply;
use proofhouse_protocol::observation::{FileKind, Found, LogStream, Pipeline, TaskKind};
use proofhouse_protocol::{Observation, Source};

/// A file with these bytes, by their hash.
pub fn file(sha256: &str) -> Option<Found> {
    let sha256 = Some(sha256.to_owned());
    Some(Found {
        file: FileKind::File,
        mode: Some(0o644),
        uid: Some(0),
        gid: Some(0),
        bytes: Some(5),
        sha256,
    })
}

/// An actor that could not.
pub fn could_not() -> Reply {
    Reply::Failed { errno: 11, error: "fork: resource temporarily unavailable".into() }
}

impl Scene<'_> {
    pub fn protected(&mut self) -> &mut Self {
        self.began(TaskKind::Protected, &["TwistlockDefender", "nginx", "worker"])
    }

    pub fn bare(&mut self) -> &mut Self {
        self.began(TaskKind::Bare, &["nginx", "worker"])
    }

    pub fn looked(&mut self, container: &str, path: &str, found: Option<Found>) -> &mut Self {
        self.add(Source::Container(container.into()), Observation::Looked { path: path.into(), found })
    }

    pub fn lost(&mut self, pipeline: Pipeline) -> &mut Self {
        let why = "the queue was full".to_owned();
        self.add(Source::Runner, Observation::Lost { pipeline, count: 3, why })
    }

    pub fn in_vain(&mut self, what: &str) -> &mut Self {
        let (what, seen) = (what.to_owned(), "nothing came".to_owned());
        self.add(Source::Runner, Observation::LimitPassed { what, limit_ms: 30_000, seen })
    }

    pub fn wrote(&mut self, container: &str, line: &str) -> &mut Self {
        self.wrote_to(container, LogStream::Stdout, line)
    }

    pub fn wrote_to(&mut self, container: &str, stream: LogStream, line: &str) -> &mut Self {
        let log = Observation::Log { stream, line: line.to_owned() };
        self.add(Source::Container(container.into()), log)
    }
}
