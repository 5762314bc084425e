//! The recorder of one scenario: into the history, and to whoever waits for something to be seen.

use proofhouse_protocol::observation::{FencePhase, LogStream, Pipeline};
use proofhouse_protocol::{Observation, Recorder, Recording, Secret, Source};
use proofhouse_reports::history::{History, HistoryRecord, ScenarioRecorder};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Records observations of one scenario, and wakes those who wait for one.
#[derive(Debug)]
pub struct Watch {
    history: History,
    scenario: String,
    recorder: ScenarioRecorder,
    fences: Mutex<Vec<OpenFence>>,
    news: Notify,
}

/// A fence that went in and has not come out.
#[derive(Debug, Clone)]
struct OpenFence {
    pipeline: Pipeline,
    id: String,
    /// What it is known by at the end of its pipeline.
    mark: String,
}

/// What the apps of the fixtures write for each request that they see: one line of JSON on standard output.
#[derive(Debug, Deserialize)]
struct RequestLine {
    request: LoggedRequest,
}

#[derive(Debug, Deserialize)]
struct LoggedRequest {
    method: String,
    target: String,
    token: Option<String>,
    status: Option<u16>,
}

impl OpenFence {
    /// Whether a recording is this fence at the end of its pipeline.
    fn is(&self, recording: &Recording) -> bool {
        let own = |token: &Option<String>| token.as_deref() == Some(&self.mark);
        match (&self.pipeline, &recording.observation) {
            (Pipeline::Questions { .. }, Observation::DnsQuestion { name, .. }) => name.contains(&self.mark),
            (Pipeline::AppRequests { .. }, Observation::AppRequest { token, .. }) => {
                own(token) && matches!(recording.source, Source::Container(_))
            }
            (Pipeline::ServiceRequests { service }, Observation::ServiceRequest { token, .. }) => {
                own(token) && recording.source == Source::Outside(service.clone())
            }
            (Pipeline::ConsoleCalls, Observation::ConsoleCall { path, .. }) => path.contains(&self.mark),
            (
                Pipeline::OutsideConnections { server: wanted },
                Observation::OutsideConnection { client, server, .. },
            ) => server == wanted && *client == self.mark,
            (Pipeline::Audits, Observation::Audit { audit, .. }) => ["command", "domain"]
                .iter()
                .any(|name| audit[name].as_str().is_some_and(|text| text.contains(&self.mark))),
            _ => false,
        }
    }

    fn told(&self, phase: FencePhase) -> Recording {
        Recording {
            source: Source::Runner,
            token: Some(self.id.clone()),
            observation: Observation::Fence {
                pipeline: self.pipeline.clone(),
                id: self.id.clone(),
                phase,
                containers: Vec::new(),
                totals: BTreeMap::new(),
            },
        }
    }
}

impl Watch {
    /// A watch over the records of a scenario.
    #[must_use]
    pub fn new(history: &History, scenario: &str) -> Self {
        Self {
            history: history.clone(),
            scenario: scenario.to_owned(),
            recorder: history.for_scenario(scenario),
            fences: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// The records of the scenario so far.
    #[must_use]
    pub fn records(&self) -> Vec<HistoryRecord> {
        self.history.scenario(&self.scenario)
    }

    /// Waits until a record fits; `None` when none did in time.
    pub async fn wait_for(
        &self,
        within: Duration,
        fits: impl Fn(&HistoryRecord) -> bool,
    ) -> Option<HistoryRecord> {
        let found = async {
            let mut seen = 0;
            loop {
                let news = self.news.notified();
                let records = self.records();
                if let Some(record) = records[seen.min(records.len())..].iter().find(|record| fits(record)) {
                    return record.clone();
                }
                seen = records.len();
                news.await;
            }
        };
        tokio::time::timeout(within, found).await.ok()
    }

    /// Waits until so many records fit; false when fewer did in time.
    pub(crate) async fn wait_for_nth(
        &self,
        within: Duration,
        number: usize,
        fits: impl Fn(&HistoryRecord) -> bool,
    ) -> bool {
        let found = async {
            loop {
                let news = self.news.notified();
                if self.records().iter().filter(|record| fits(record)).count() >= number {
                    return;
                }
                news.await;
            }
        };
        tokio::time::timeout(within, found).await.is_ok()
    }

    /// Records that a fence goes in, which is known by its own id where it comes out.
    pub(crate) fn fence_goes_in(&self, pipeline: &Pipeline, id: &str) {
        let fence = OpenFence { pipeline: pipeline.clone(), id: id.to_owned(), mark: id.to_owned() };
        self.recorder.record(fence.told(FencePhase::Sent));
        self.open_fences().push(fence);
    }

    /// Tells by what a fence is known, where that is known only when it is under way, and may have come out already.
    pub(crate) fn fence_is_known_by(&self, id: &str, mark: &str) {
        let mut fences = self.open_fences();
        let Some(fence) = fences.iter_mut().find(|fence| fence.id == id) else { return };
        mark.clone_into(&mut fence.mark);
        let fence = fence.clone();
        if self.records().iter().any(|record| fence.is(&record.recording)) {
            fences.retain(|other| other.id != id);
            drop(fences);
            self.recorder.record(fence.told(FencePhase::Passed));
            self.news.notify_waiters();
        }
    }

    /// Whether a fence comes out in time.
    pub(crate) async fn fence_comes_out(&self, id: &str, within: Duration) -> bool {
        let passed = |record: &HistoryRecord| matches!(record.observation(), Observation::Fence { id: own, phase: FencePhase::Passed, .. } if own == id);
        self.wait_for(within, passed).await.is_some()
    }

    fn open_fences(&self) -> MutexGuard<'_, Vec<OpenFence>> {
        self.fences.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fences that a recording is at the end of their pipeline.
    fn passed_by(&self, recording: &Recording) -> Vec<OpenFence> {
        let mut fences = self.open_fences();
        let passed: Vec<_> = fences.iter().filter(|fence| fence.is(recording)).cloned().collect();
        fences.retain(|fence| !passed.iter().any(|other| other.id == fence.id));
        passed
    }

    fn request_in(recording: &Recording) -> Option<Recording> {
        let Observation::Log { stream: LogStream::Stdout, line } = &recording.observation else {
            return None;
        };
        if !line.starts_with("{\"request\"") {
            return None;
        }
        let RequestLine { request } = serde_json::from_str(line).ok()?;
        let token = request.token.filter(|token| !token.is_empty() && token != "-");
        Some(Recording {
            source: recording.source.clone(),
            token: token.clone(),
            observation: Observation::AppRequest {
                method: request.method,
                target: request.target,
                token,
                status: request.status,
            },
        })
    }
}

impl Recorder for Watch {
    fn record(&self, recording: Recording) {
        let request = Self::request_in(&recording);
        for seen in [Some(recording), request].into_iter().flatten() {
            // First it is there: who learns meanwhile by what a fence is known looks through what is there.
            self.recorder.record(seen.clone());
            for fence in self.passed_by(&seen) {
                self.recorder.record(fence.told(FencePhase::Passed));
            }
        }
        self.news.notify_waiters();
    }

    fn keep_secret(&self, label: &str, secret: &Secret) {
        self.recorder.keep_secret(label, secret);
    }
}

/// Records an observation without a token.
pub(crate) fn note(recorder: &dyn Recorder, source: Source, observation: Observation) {
    recorder.record(Recording { source, token: None, observation });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_protocol::observation::Transport;
    use std::sync::Barrier;

    /// A connection that is told of while the harness learns by which of them a fence is known is seen by one of the two.
    #[test]
    fn a_fence_comes_out_however_its_record_and_its_mark_meet() {
        let (server, local) = ("198.51.100.66:80", "10.0.42.7:40000");
        for round in 0..20_000 {
            let watch = Watch::new(&History::in_memory(), "here");
            let pipeline = Pipeline::OutsideConnections { server: server.to_owned() };
            watch.fence_goes_in(&pipeline, "f");
            let start = Barrier::new(2);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let observation = Observation::OutsideConnection {
                        client: local.to_owned(),
                        server: server.to_owned(),
                        transport: Transport::Tcp,
                        accepted: true,
                    };
                    start.wait();
                    note(&watch, Source::Outside("there".to_owned()), observation);
                });
                start.wait();
                watch.fence_is_known_by("f", local);
            });
            let passed = |record: &HistoryRecord| {
                matches!(record.observation(), Observation::Fence { phase: FencePhase::Passed, .. })
            };
            assert_eq!(watch.records().iter().filter(|record| passed(record)).count(), 1, "round {round}");
        }
    }
}
