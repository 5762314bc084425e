//! What an audit of a request must say, in the words of steps.

use super::visit_feature::{Requests, cell};
use proofhouse_model::requests::{Answer, Judged, Sent, Told};
use proofhouse_reports::checks::FindingKind;

impl Requests<'_> {
    /// Members of an audit that is owed, and what they must say.
    pub(super) fn members(
        &self,
        told: &Told,
        judged: &Judged,
        status: u16,
        sent: &Sent,
    ) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            ("type", told.kind.to_owned()),
            ("effect", told.effect.to_string()),
            ("ruleName", told.rule.clone()),
            ("ruleAppID", told.app.clone()),
            ("subnet", told.client.to_string()),
        ];
        rows.extend(told.msg.as_ref().map(|msg| ("msg", cell(msg))));
        if let Some(place) = &told.place {
            rows.push(("/attackField/type", place.spot.word().unwrap_or_default().to_owned()));
            rows.push(("/attackField/key", place.key.clone()));
        }
        if let FindingKind::AuditSays(member) = self.kind
            && !rows.iter().any(|(name, _)| name == member)
        {
            let host = sent.header("host").unwrap_or_default();
            let value = match *member {
                "method" => Some(sent.method.clone()),
                "urlPath" => Some(sent.path().to_owned()),
                "urlQuery" => Some(sent.query().to_owned()),
                "requestHost" => Some(host.to_owned()),
                "firewallType" => Some("app-embedded".to_owned()),
                "protection" => told.protection.map(str::to_owned),
                "count" => Some("1".to_owned()),
                "host" => Some("true".to_owned()),
                "statusCode" if judged.answer != Answer::Nothing => Some(status.to_string()),
                "time" => Some("within the stimulus".to_owned()),
                "/attackField/value" => told.place.as_ref().map(|place| place.value.clone()),
                _ => None,
            };
            rows.extend(value.map(|value| (*member, cell(&value))));
        }
        rows
    }
}
