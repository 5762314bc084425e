//! Evidence, taken while the task still lives.

use super::shared::source;
use super::{Task, sockets};
use crate::engine::{ContainerId, Inspection};
use futures_util::StreamExt;
use proofhouse_protocol::observation::{Observation, record};
use std::fmt::Write as _;

/// Lines kept from the end of a log.
const LAST_LINES: usize = 200;

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Container.
    pub container: String,
    /// `processes`, `state`, `mounts`, `sockets`, `log`.
    pub what: String,
    /// Text, or why there is none.
    pub text: String,
    /// Lines that were left out at the beginning.
    pub left_out: u64,
}

impl Task {
    /// Takes process trees, states, mounts, sockets and the ends of logs, into the history and back. It never fails: what
    /// cannot be had says why.
    pub async fn capture(&self) -> Vec<Captured> {
        let ids = self.shared.view.borrow().ids.clone();
        let mut all = Vec::new();
        for (name, id) in &ids {
            all.extend(self.capture_container(name, id).await);
        }
        for piece in &all {
            let observation = Observation::Capture {
                what: piece.what.clone(),
                text: piece.text.clone(),
                left_out: piece.left_out,
            };
            record(self.shared.recorder.as_ref(), source(&piece.container), observation);
        }
        all
    }

    async fn capture_container(&self, name: &str, id: &ContainerId) -> Vec<Captured> {
        let piece = |what: &str, text: String| Captured {
            container: name.to_owned(),
            what: what.to_owned(),
            text,
            left_out: 0,
        };
        let engine = self.shared.engine.as_ref();
        let state = match engine.inspect(id).await {
            Ok(state) => state,
            Err(error) => return vec![piece("state", error.to_string())],
        };
        let mut pieces = vec![piece("state", state_text(&state)), piece("mounts", mounts_text(&state))];
        if state.running() {
            let processes = engine.processes(id).await.unwrap_or_else(|error| error.to_string());
            pieces.push(piece("processes", processes));
            pieces.push(piece("sockets", sockets::of(&state)));
        }
        if name != crate::plan::WORLD {
            let (text, left_out) = self.last_lines(id).await;
            pieces.push(Captured { left_out, ..piece("log", text) });
        }
        pieces
    }

    /// The end of a log, and how many lines stand before it.
    async fn last_lines(&self, id: &ContainerId) -> (String, u64) {
        let mut lines = Vec::new();
        let mut stream = self.shared.engine.logs(id, false);
        while let Some(line) = stream.next().await {
            lines.push(match line {
                Ok(line) => format!("{} {}", line.stream, line.line),
                Err(error) => error.to_string(),
            });
        }
        let left_out = lines.len().saturating_sub(LAST_LINES);
        (lines.split_off(left_out).join("\n"), left_out as u64)
    }
}

fn state_text(state: &Inspection) -> String {
    let mut text = format!("{}, pid {}", state.state, state.pid);
    if let Some(code) = state.exit_code {
        let _ = write!(text, ", exit code {code}");
    }
    if state.out_of_memory {
        text.push_str(", out of memory");
    }
    if !state.error.is_empty() {
        let _ = write!(text, ", error: {}", state.error);
    }
    let time =
        |time: Option<jiff::Timestamp>| time.map_or_else(|| "never".to_owned(), |time| time.to_string());
    let _ = write!(text, "\nstarted {}, finished {}", time(state.started_at), time(state.finished_at));
    text
}

fn mounts_text(state: &Inspection) -> String {
    let rows = state.made.mounts.iter().map(|mount| {
        let access = if mount.read_only { "ro" } else { "rw" };
        format!("{} {access} from {}", mount.target, mount.source)
    });
    rows.collect::<Vec<_>>().join("\n")
}
