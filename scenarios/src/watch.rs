//! The recorder of one scenario: into the history, and to whoever waits for something to be seen.

use proofhouse_protocol::{Observation, Recorder, Recording, Source};
use proofhouse_reports::history::{History, HistoryRecord, ScenarioRecorder};
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::Notify;

/// Records observations of one scenario, and wakes those who wait for one.
#[derive(Debug)]
pub struct Watch {
    history: History,
    scenario: String,
    recorder: ScenarioRecorder,
    news: Notify,
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

impl Watch {
    /// A watch over the records of a scenario.
    #[must_use]
    pub fn new(history: &History, scenario: &str) -> Self {
        Self {
            history: history.clone(),
            scenario: scenario.to_owned(),
            recorder: history.for_scenario(scenario),
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

    fn request_in(recording: &Recording) -> Option<Recording> {
        let Observation::Log { stream, line } = &recording.observation else { return None };
        if stream != "stdout" || !line.starts_with("{\"request\"") {
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
        self.recorder.record(recording);
        if let Some(request) = request {
            self.recorder.record(request);
        }
        self.news.notify_waiters();
    }
}

/// Records an observation without a token.
pub(crate) fn note(recorder: &dyn Recorder, source: Source, observation: Observation) {
    recorder.record(Recording { source, token: None, observation });
}
