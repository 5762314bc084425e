//! A message of a Defender, read; audits stay as they were sent.

use crate::audits::SentAudit;
use proofhouse_protocol::link::FromDefender;
use serde::Deserialize;
use serde_json::Value;

/// A message of a Defender.
#[derive(Debug)]
pub(super) enum Said {
    /// Audits, whatever each of them is: a wrong one is evidence, and must not take the others with it.
    Audits(Vec<SentAudit>),
    /// Anything else, as the link has it.
    Other(Box<FromDefender>),
}

#[derive(Deserialize)]
struct Batch {
    items: Vec<SentAudit>,
}

impl Said {
    /// Reads a message; an error is a breach of the protocol.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let message: Value = serde_json::from_str(text)?;
        if message["type"] == "audits" {
            return Ok(Self::Audits(Batch::deserialize(message)?.items));
        }
        Ok(Self::Other(Box::new(FromDefender::deserialize(message)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_audit_stays_as_it_was_sent() {
        let audit = json!({"time": 7, "unheardOf": [1.5, null]});
        let message = json!({"type": "audits", "items": [
            {"sequence": 1, "plane": "runtime", "audit": audit}, {"sequence": 2}]});
        let Said::Audits(items) = Said::read(&message.to_string()).unwrap() else { panic!("no audits") };
        assert_eq!((items[0].sequence, &items[0].plane, &items[0].audit), (1, &json!("runtime"), &audit));
        assert_eq!((items[1].sequence, &items[1].audit), (2, &Value::Null));
    }

    #[test]
    fn what_has_no_place_in_the_sequence_is_a_breach() {
        for text in [
            r#"{"type": "audits"}"#,
            r#"{"type": "audits", "items": [{"plane": "runtime", "audit": {}}]}"#,
            r#"{"type": "audits", "items": [{"sequence": -1}]}"#,
            r#"{"type": "unheardOf"}"#,
            "[]",
            "{",
        ] {
            assert!(Said::read(text).is_err(), "{text}");
        }
    }
}
