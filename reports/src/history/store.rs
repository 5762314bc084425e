//! The history while it grows.

use super::record::{HistoryRecord, SCHEMA};
use jiff::Timestamp;
use proofhouse_protocol::{Recorder, Recording, Redactor, Secret};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The history file could not be created.
#[derive(Debug, thiserror::Error)]
#[error("create the history file `{}`: {source}; choose a folder that can be written", path.display())]
pub struct OpenError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// The history file is not complete. The history in memory is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "write the history file `{}`: {reason}; {lost} of {total} records are missing from it, so the file cannot be judged again; \
     free some space, then repeat the run",
    path.display()
)]
pub struct WriteError {
    /// Where.
    pub path: PathBuf,
    /// What the system said first.
    pub reason: String,
    /// Records that are not in the file.
    pub lost: u64,
    /// Records in all.
    pub total: u64,
}

type Listener = Box<dyn Fn(&HistoryRecord) + Send + Sync>;

struct Sink {
    path: PathBuf,
    out: Box<dyn Write + Send>,
    failure: Option<String>,
    lost: u64,
    /// Whether the last write may have left half a line.
    torn: bool,
}

#[derive(Default)]
struct State {
    records: Vec<HistoryRecord>,
    by_scenario: HashMap<String, Vec<HistoryRecord>>,
    /// What must not be written, by scenario; the run's own under none.
    secrets: HashMap<Option<String>, Redactor>,
    sink: Option<Sink>,
    listeners: Vec<Listener>,
}

struct Inner {
    began: Instant,
    state: Mutex<State>,
}

/// The history of one run. Clones share it.
#[derive(Clone)]
pub struct History(Arc<Inner>);

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Default for History {
    fn default() -> Self {
        Self::in_memory()
    }
}

impl History {
    /// A history that lives in memory only.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Arc::new(Inner { began: Instant::now(), state: Mutex::default() }))
    }

    /// A history that also writes each record at once to a new file of lines of JSON.
    ///
    /// # Errors
    /// When the file cannot be created. Later failures are kept for [`History::finish`].
    pub fn to_file(path: &Path) -> Result<Self, OpenError> {
        let file = File::create(path).map_err(|source| OpenError { path: path.to_owned(), source })?;
        Ok(Self::to_writer(path, Box::new(file)))
    }

    /// As [`History::to_file`], into anything that can be written; the path is for messages.
    #[must_use]
    pub fn to_writer(path: &Path, out: Box<dyn Write + Send>) -> Self {
        let history = Self::in_memory();
        history.lock().sink = Some(Sink { path: path.to_owned(), out, failure: None, lost: 0, torn: false });
        history
    }

    /// A recorder whose records belong to a scenario.
    #[must_use]
    pub fn for_scenario(&self, id: &str) -> ScenarioRecorder {
        ScenarioRecorder { history: self.clone(), scenario: Some(id.to_owned()) }
    }

    /// A recorder whose records belong to the run as a whole.
    #[must_use]
    pub fn for_run(&self) -> ScenarioRecorder {
        ScenarioRecorder { history: self.clone(), scenario: None }
    }

    /// Calls `listener` with each record from now on, in order, while the history is locked: it must return at once,
    /// and must not touch the history.
    pub fn listen(&self, listener: impl Fn(&HistoryRecord) + Send + Sync + 'static) {
        self.lock().listeners.push(Box::new(listener));
    }

    /// The records of a scenario so far.
    #[must_use]
    pub fn scenario(&self, id: &str) -> Vec<HistoryRecord> {
        self.lock().by_scenario.get(id).cloned().unwrap_or_default()
    }

    /// Every record so far.
    #[must_use]
    pub fn snapshot(&self) -> Vec<HistoryRecord> {
        self.lock().records.clone()
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().records.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says whether every record reached the file. Call it at the end of the run, and let its error into the exit code.
    ///
    /// # Errors
    /// When at least one record could not be written: a full disk, a file system that went away.
    pub fn finish(&self) -> Result<(), WriteError> {
        let state = self.lock();
        let total = state.records.len() as u64;
        match &state.sink {
            Some(Sink { path, failure: Some(reason), lost, .. }) => {
                Err(WriteError { path: path.clone(), reason: reason.clone(), lost: *lost, total })
            }
            _ => Ok(()),
        }
    }

    /// Every form of every secret that was kept so far, with what it is.
    #[must_use]
    pub fn secret_forms(&self) -> Vec<(String, String)> {
        let state = self.lock();
        let all = state.secrets.values().flat_map(Redactor::forms);
        all.map(|(label, form)| (label.to_owned(), form.to_owned())).collect()
    }

    fn keep_secret(&self, scenario: Option<&str>, label: &str, secret: &Secret) {
        self.lock().secrets.entry(scenario.map(str::to_owned)).or_default().keep(label, secret);
    }

    fn append(&self, scenario: Option<&str>, recording: Recording) {
        let mut state = self.lock();
        let secrets = state.secrets.get(&scenario.map(str::to_owned));
        let recording = match secrets {
            Some(secrets) => redacted(secrets, recording),
            None => recording,
        };
        let record = HistoryRecord {
            schema: SCHEMA,
            sequence: state.records.len() as u64 + 1,
            monotonic_us: u64::try_from(self.0.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            time: Timestamp::now(),
            scenario: scenario.map(str::to_owned),
            recording: Arc::new(recording),
        };
        if let Some(sink) = &mut state.sink {
            sink.write(&record);
        }
        for listener in &state.listeners {
            listener(&record);
        }
        if let Some(id) = scenario {
            if let Some(own) = state.by_scenario.get_mut(id) {
                own.push(record.clone());
            } else {
                state.by_scenario.insert(id.to_owned(), vec![record.clone()]);
            }
        }
        state.records.push(record);
    }

    /// A panic elsewhere must not take the evidence with it: the state is only ever appended to.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The recording without secrets. Of one that cannot be written without them only that is kept.
fn redacted(secrets: &Redactor, recording: Recording) -> Recording {
    // A recording that cannot be written as JSON is not in the file either.
    let Ok(mut json) = serde_json::to_value(&recording) else { return recording };
    if !secrets.value(&mut json) {
        return recording;
    }
    serde_json::from_value(json).unwrap_or_else(|error| Recording {
        source: recording.source,
        token: recording.token,
        observation: proofhouse_protocol::Observation::Note {
            text: format!("a record with a secret in it was left out: {error}"),
        },
    })
}

impl Sink {
    /// One `write` a record and no buffer: what the kernel has, a SIGKILL cannot take.
    fn write(&mut self, record: &HistoryRecord) {
        let result = serde_json::to_vec(record).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            if self.torn {
                line.insert(0, b'\n');
            }
            self.torn = true;
            self.out.write_all(&line)?;
            self.torn = false;
            self.out.flush()
        });
        if let Err(error) = result {
            self.lost += 1;
            self.failure.get_or_insert_with(|| error.to_string());
        }
    }
}

/// Appends to a [`History`] on behalf of a scenario, or of the run.
#[derive(Debug, Clone)]
pub struct ScenarioRecorder {
    history: History,
    scenario: Option<String>,
}

impl ScenarioRecorder {
    /// The records of this scenario so far; of the whole run when there is no scenario.
    #[must_use]
    pub fn records(&self) -> Vec<HistoryRecord> {
        match &self.scenario {
            Some(id) => self.history.scenario(id),
            None => self.history.snapshot(),
        }
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }
}

impl Recorder for ScenarioRecorder {
    fn record(&self, recording: Recording) {
        self.history.append(self.scenario.as_deref(), recording);
    }

    fn keep_secret(&self, label: &str, secret: &Secret) {
        self.history.keep_secret(self.scenario.as_deref(), label, secret);
    }
}
