//! What happens, line by line, while it happens.

use crate::output;
use proofhouse_protocol::observation::{ContainerHappening, Plane};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::HistoryRecord;
use proofhouse_reports::history::History;
use serde_json::Value;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// Prints what happens, on a thread of its own: whoever reads it slowly must not slow the task.
#[derive(Debug)]
pub struct Follower {
    end: Sender<Option<HistoryRecord>>,
    printing: JoinHandle<()>,
}

impl Follower {
    /// Prints every record from now on: all of them as JSON, or those that people follow. A record of another scenario than
    /// `own` has that scenario's name in front.
    pub fn start(history: &History, own: &str, json: bool) -> Self {
        let own = own.to_owned();
        let (end, records) = channel();
        let sender = end.clone();
        history.listen(move |record| {
            // After the end nobody listens.
            let _ended = sender.send(Some(record.clone()));
        });
        let printing = std::thread::spawn(move || {
            while let Ok(Some(record)) = records.recv() {
                print(&record, &own, json);
            }
        });
        Self { end, printing }
    }

    /// Waits until everything is printed.
    pub fn finish(self) {
        let _ended = self.end.send(None);
        if self.printing.join().is_err() {
            eprintln!("some events were not printed: this is a defect, please report it");
        }
    }
}

fn print(record: &HistoryRecord, own: &str, json: bool) {
    if json {
        if let Ok(text) = serde_json::to_string(record) {
            output::line(&text);
        }
    } else if let Some(text) = line(record) {
        let time = record.time.strftime("%H:%M:%S%.3f").to_string();
        let of = record.scenario.as_deref().filter(|of| *of != own);
        let of = of.map(|of| format!("{of} ")).unwrap_or_default();
        output::line(&format!("{} {of}{text}", output::dim(&time)));
    }
}

fn line(record: &HistoryRecord) -> Option<String> {
    let source = match &record.recording.source {
        Source::Container(name) => name.as_str(),
        _ => "the world",
    };
    Some(match record.observation() {
        Observation::Audit { plane, audit, .. } => output::bold(&of_audit(*plane, audit)),
        Observation::AuditGap { after, before } => {
            format!("audits lost between number {after} and number {before}")
        }
        Observation::Log { line, .. } => format!("{source} | {line}"),
        Observation::ContainerEvent { event, exit_code, detail } => {
            let code = exit_code.map(|code| format!(" with {code}")).unwrap_or_default();
            let detail = if *event == ContainerHappening::Created || detail.is_empty() {
                String::new()
            } else {
                format!(": {detail}")
            };
            format!("{source} {event}{code}{detail}")
        }
        Observation::TaskState { state, detail } if detail.is_empty() => format!("task is {state}"),
        Observation::TaskState { state, detail } => format!("task is {state}: {detail}"),
        Observation::LinkConnected { app_id, .. } => format!("Defender of {app_id} is connected"),
        Observation::LinkClosed { app_id } => format!("Defender of {app_id} is gone"),
        Observation::LinkRefused { peer, error } => format!("link refused to {peer}: {error}"),
        Observation::PolicyApplied { revision } => format!("policy revision {revision} is in force"),
        Observation::PolicyRejected { revision, error } => {
            format!("policy revision {revision} was refused: {error}")
        }
        Observation::OutsideConnection { server, accepted: false, .. } => {
            format!("the task tried to reach {server}, where nobody answers")
        }
        Observation::Note { text } => text.clone(),
        _ => return None,
    })
}

/// One audit in one line.
fn of_audit(plane: Plane, audit: &Value) -> String {
    let text = |member: &str| audit[member].as_str().filter(|text| !text.is_empty());
    let what = text("attackType").or_else(|| text("type")).unwrap_or("?");
    let effect = text("effect").unwrap_or("?");
    let container = text("containerName").map(|name| format!(" in \"{name}\"")).unwrap_or_default();
    let rule = text("ruleName").map(|name| format!(", rule \"{name}\"")).unwrap_or_default();
    let words = text("msg").map(|words| format!(": {words}")).unwrap_or_default();
    format!("AUDIT {plane} {effect} {what}{container}{rule}{words}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_audit_is_one_line_with_its_effect_and_its_rule() {
        let runtime = json!({"attackType": "explicitlyDeniedProcess", "effect": "prevent", "containerName": "worker",
            "ruleName": "no touch", "msg": "/usr/bin/touch is denied"});
        assert_eq!(
            of_audit(Plane::Runtime, &runtime),
            "AUDIT runtime prevent explicitlyDeniedProcess in \"worker\", rule \"no touch\": /usr/bin/touch is denied"
        );
        assert_eq!(
            of_audit(Plane::Firewall, &json!({"type": "sqli", "effect": "alert"})),
            "AUDIT firewall alert sqli"
        );
    }
}
