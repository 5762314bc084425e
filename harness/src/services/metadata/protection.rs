//! Task scale-in protection, `/api/<id>/task-protection/v1/state` (`fargate.md` 3.1, T90).
//!
//! Declared choices, after the public documentation of Amazon ECS, where `fargate.md` is silent: the members of request and
//! answer, two hours when no time is asked for, one minute to two days, the words of errors. Nothing here scales in, so all
//! that protection does is to be remembered until it expires; a task of no service may have it.

use crate::services::HostResponse;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Minutes when the request names none.
const DEFAULT: i64 = 120;
/// Minutes that may be asked for.
const RANGE: std::ops::RangeInclusive<i64> = 1..=2880;

/// Whether a task is protected, and until when.
#[derive(Debug, Default)]
pub(super) struct Protection {
    until: Option<Timestamp>,
}

impl Protection {
    /// The answer to a request about the task of that ARN.
    pub(super) fn answer(&mut self, method: &str, body: &[u8], task: &str, now: Timestamp) -> HostResponse {
        match method {
            "GET" => self.state(task, now),
            "PUT" => match wanted(body) {
                Ok(minutes) => {
                    self.until =
                        minutes.and_then(|minutes| now.checked_add(SignedDuration::from_mins(minutes)).ok());
                    self.state(task, now)
                }
                Err(message) => refused(400, "InvalidParameterException", task, &message),
            },
            _ => refused(405, "InvalidParameterException", task, &format!("method {method} is not allowed")),
        }
    }

    fn state(&self, task: &str, now: Timestamp) -> HostResponse {
        let until = self.until.filter(|until| *until > now);
        let state = json!({
            "ProtectionEnabled": until.is_some(),
            "ExpirationDate": until.map(|until| format!("{until:.3}")),
            "TaskArn": task,
        });
        HostResponse::json(200, &json!({"protection": state}))
    }
}

/// The answer for an id that no container of the task has.
pub(super) fn unknown(id: &str) -> HostResponse {
    refused(404, "ResourceNotFoundException", "", &format!("no container of the task has id {id:?}"))
}

/// Minutes of protection, or none.
fn wanted(body: &[u8]) -> Result<Option<i64>, String> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| format!("the request is not JSON: {error}"))?;
    let enabled = body["ProtectionEnabled"]
        .as_bool()
        .ok_or_else(|| "ProtectionEnabled must be true or false".to_owned())?;
    let minutes = match &body["ExpiresInMinutes"] {
        Value::Null => DEFAULT,
        minutes => minutes.as_i64().filter(|minutes| RANGE.contains(minutes)).ok_or_else(|| {
            format!("ExpiresInMinutes must be a whole number from {} to {}", RANGE.start(), RANGE.end())
        })?,
    };
    Ok(enabled.then_some(minutes))
}

fn refused(status: u16, code: &str, task: &str, message: &str) -> HostResponse {
    HostResponse::json(status, &json!({"error": {"Arn": task, "Code": code, "Message": message}}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(protection: &mut Protection, method: &str, body: &str, now: &str) -> (u16, Value) {
        let response = protection.answer(method, body.as_bytes(), "arn:task", now.parse().unwrap());
        (response.status, serde_json::from_slice(&response.body).unwrap())
    }

    #[test]
    fn it_is_remembered_until_it_expires() {
        let mut protection = Protection::default();
        let noon = "2026-01-01T12:00:00Z";
        let none = json!({"protection": {"ProtectionEnabled": false, "ExpirationDate": null, "TaskArn": "arn:task"}});
        assert_eq!(ask(&mut protection, "GET", "", noon), (200, none.clone()));
        let put = ask(&mut protection, "PUT", r#"{"ProtectionEnabled": true, "ExpiresInMinutes": 5}"#, noon);
        let until = "2026-01-01T12:05:00.000Z";
        assert_eq!(
            put,
            (
                200,
                json!({"protection": {"ProtectionEnabled": true, "ExpirationDate": until, "TaskArn": "arn:task"}})
            )
        );
        assert_eq!(ask(&mut protection, "GET", "", "2026-01-01T12:04:59Z"), put);
        assert_eq!(ask(&mut protection, "GET", "", "2026-01-01T12:05:00Z"), (200, none.clone()));
        let (_, long) = ask(&mut protection, "PUT", r#"{"ProtectionEnabled": true}"#, noon);
        assert_eq!(long["protection"]["ExpirationDate"], "2026-01-01T14:00:00.000Z");
        assert_eq!(ask(&mut protection, "PUT", r#"{"ProtectionEnabled": false}"#, noon), (200, none));
    }

    #[test]
    fn a_bad_request_changes_nothing() {
        let mut protection = Protection::default();
        let noon = "2026-01-01T12:00:00Z";
        let before = ask(&mut protection, "PUT", r#"{"ProtectionEnabled": true}"#, noon);
        for body in [
            "",
            "{}",
            r#"{"ProtectionEnabled": "yes"}"#,
            r#"{"ProtectionEnabled": true, "ExpiresInMinutes": 0}"#,
            r#"{"ProtectionEnabled": true, "ExpiresInMinutes": 2881}"#,
            r#"{"ProtectionEnabled": true, "ExpiresInMinutes": 1.5}"#,
        ] {
            let (status, answer) = ask(&mut protection, "PUT", body, noon);
            assert_eq!(
                (status, &answer["error"]["Code"]),
                (400, &json!("InvalidParameterException")),
                "{body}"
            );
        }
        assert_eq!(ask(&mut protection, "DELETE", "", noon).0, 405);
        assert_eq!(ask(&mut protection, "GET", "", noon), before);
    }
}
