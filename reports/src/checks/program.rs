//! What became of a program that the actor was asked to run.

use super::act::{Act, Ended, acts, acts_of};
use super::conclusion::Outcome;
use super::evidence::named;
use super::expect::{Expect, shown};
use super::text::excerpt;
use crate::HistoryRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;

fn run<'a>(records: &'a [HistoryRecord], token: &'a str) -> Result<Act<'a>, Outcome> {
    let mut runs = acts_of(records, token).filter(|act| act.does("run"));
    let Some(first) = runs.next() else {
        return Err(Outcome::unproved(format!(
            "expected stimulus {} to run a program, saw no request to the actor",
            named(records, token)
        )));
    };
    let last = runs.last().unwrap_or(first);
    match last.could_not() {
        Some(error) => Err(Outcome::unproved(format!(
            "expected stimulus {} to run a program, but the actor could not: {error}",
            named(records, token)
        ))),
        None => Ok(last),
    }
}

/// The program of a stimulus did nothing: it did not succeed, wrote nothing to its output, and left nothing at `path`.
///
/// For `path`, the actor must have looked there after the program ended.
#[must_use]
pub fn program_had_no_effect(records: &[HistoryRecord], token: &str, path: Option<&str>) -> Outcome {
    let act = match run(records, token) {
        Ok(act) => act,
        Err(outcome) => return outcome,
    };
    let subject = format!("program `{}` of stimulus {}", act.argv().join(" "), named(records, token));
    let mut effects = Vec::new();
    match act.ended() {
        ended @ (Ended::Exited(0) | Ended::TimedOut) => effects.push(ended.to_string()),
        Ended::Unknown(result) => {
            return Outcome::disturbed(format!("the end of {subject} is not known: `{result}`"));
        }
        Ended::Exited(_) | Ended::Signalled(_) | Ended::NotStarted(_) => {}
    }
    if !act.stdout().is_empty() {
        effects.push(format!("it wrote `{}`", excerpt(act.stdout())));
    }
    if let Some(path) = path {
        let look = acts(records)
            .filter(|a| a.index > act.index && a.container == act.container && a.path() == path)
            .find(|a| a.does("stat") || a.does("read"));
        match look.map(|a| a.result.get("exists").and_then(Value::as_bool)) {
            Some(Some(false)) => {}
            Some(Some(true)) => effects.push(format!("`{path}` exists")),
            Some(None) | None if effects.is_empty() => {
                return Outcome::unproved(format!("nobody looked at `{path}` after {subject} ended"));
            }
            Some(None) | None => {}
        }
    }
    if effects.is_empty() {
        return Outcome::holds(format!("{subject} had no effect: {}", act.ended()));
    }
    Outcome::broken(format!("expected no effect of {subject}, saw that {}", effects.join(", and that ")))
}

/// Input of [`program_ran`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProgramRan {
    /// Stimulus.
    pub token: String,
    /// Exit code.
    #[serde(default)]
    pub code: i64,
    /// Standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Expect>,
}

/// The program of a stimulus ran to its end, with that exit code and output.
#[must_use]
pub fn program_ran(records: &[HistoryRecord], input: &ProgramRan) -> Outcome {
    let act = match run(records, &input.token) {
        Ok(act) => act,
        Err(outcome) => return outcome,
    };
    let subject = format!("program `{}` of stimulus {}", act.argv().join(" "), named(records, &input.token));
    let ended = act.ended();
    if ended != Ended::Exited(input.code) {
        let mut message = format!("expected {subject} to exit with code {}, saw that {ended}", input.code);
        if !act.stderr().is_empty() {
            message.push_str(&format!("; standard error: `{}`", excerpt(act.stderr())));
        }
        return match ended {
            Ended::Unknown(_) => Outcome::disturbed(message),
            _ => Outcome::broken(message),
        };
    }
    let seen = Value::from(act.stdout());
    match &input.stdout {
        Some(expect) if !expect.accepts(Some(&seen)) => Outcome::broken(format!(
            "expected {subject} to write {expect}, saw {}",
            shown(Some(&Value::from(excerpt(act.stdout()))))
        )),
        _ => Outcome::holds(format!("{subject} exited with code {}", input.code)),
    }
}
