//! One request that is sent again and again, in the words of steps.

use super::visit_feature::Requests;
use proofhouse_generators::{Ask, Visit, odd_answer};
use proofhouse_model::requests::{Answer, Standing};
use proofhouse_protocol::WaasEffect;
use std::collections::BTreeSet;

impl Requests<'_> {
    /// Whether a request is told by its first line. That it announces an empty body matters where malformed requests are looked for.
    pub(super) fn is_plain(&self, ask: &Ask) -> bool {
        let mut apps = self.policy.rules.iter().flat_map(|rule| &rule.applications_spec);
        let lenient = apps.all(|app| app.malformed_req.effect == WaasEffect::Disable);
        let empty = |(name, value): &(String, String)| lenient && name == "Content-Length" && value == "0";
        self.headers(&ask.wire(None)).iter().all(empty)
    }

    /// What must come of one request that is sent again and again.
    pub(super) fn of_flood(&self, visit: &Visit) -> Vec<String> {
        let mut standing = Standing::default();
        let (mut all, mut blocked) = (Vec::new(), false);
        let (mut told, mut unclear) = (BTreeSet::new(), false);
        for sent in visit.sent() {
            let ways = self.judged(&sent, &mut standing);
            unclear |= ways.len() > 1;
            let Some(first) = ways.into_iter().next() else { continue };
            blocked |= first.answer != Answer::OfApp;
            let dos = first.audits.iter().filter(|one| one.kind == "dos");
            told.extend(dos.map(|one| one.effect.to_string()));
        }
        let path = visit.asks.first().map_or("", |ask| ask.path);
        let own = odd_answer(path).map_or(200, |odd| odd.status);
        all.push(if blocked {
            "Then the response has status 403".to_owned()
        } else {
            format!("Then every response has status {own}")
        });
        for effect in ["alert", "ban"] {
            if told.contains(effect) {
                all.push(format!(
                    "And one or more audits of type \"dos\" and effect \"{effect}\" tell of them"
                ));
            } else if !unclear {
                all.push(format!("And no audits of type \"dos\" and effect \"{effect}\" tell of them"));
            }
        }
        all
    }
}
