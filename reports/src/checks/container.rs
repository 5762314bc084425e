//! Whether a container lived through the scenario.

use super::conclusion::Outcome;
use super::text::since;
use crate::HistoryRecord;
use proofhouse_protocol::{Observation, Source};

/// A container started once, and has not exited.
#[must_use]
pub fn container_not_restarted(records: &[HistoryRecord], container: &str) -> Outcome {
    let own = |r: &HistoryRecord| matches!(&r.recording.source, Source::Container(name) if name == container);
    let events: Vec<_> = records
        .iter()
        .filter(|r| own(r))
        .filter_map(|r| match r.observation() {
            Observation::ContainerEvent { event, exit_code, detail } => {
                Some((r, event.as_str(), *exit_code, detail))
            }
            _ => None,
        })
        .collect();
    let starts = events.iter().filter(|(_, event, ..)| *event == "started").count();
    let ends = events.iter().filter(|(_, event, ..)| matches!(*event, "exited" | "removed")).count();
    match (starts, ends) {
        (0, _) => Outcome::unproved(format!(
            "expected container `{container}` to run throughout, but it never started"
        )),
        (1, 0) => Outcome::holds(format!("container `{container}` runs since its only start")),
        _ => {
            let mut message = format!("expected container `{container}` to run throughout, saw:");
            for (record, event, code, detail) in events {
                if !matches!(event, "started" | "signalled" | "exited" | "removed") {
                    continue;
                }
                let code = code.map_or_else(String::new, |c| format!(" with code {c}"));
                let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
                message.push_str(&format!("\n- {event}{code} ({}){detail}", since(records, record)));
            }
            Outcome::broken(message)
        }
    }
}
