//! What becomes of a request once the app has answered it.

use super::super::answer::{LEAK, governed, leaks, perhaps_governed};
use super::super::custom::Stage;
use super::{Answer, Ends, Judged, Scene, Told};
use crate::Trail;
use proofhouse_protocol::WaasEffect;

impl Scene<'_> {
    /// What custom rules and leaks come to, either of which may be asked first.
    pub(super) fn of_answer(&self, trail: &mut Trail) -> Vec<(Option<Ends>, Vec<Told>)> {
        let customs = self.of_custom_rules(Stage::Answer, trail);
        let mut all = Vec::new();
        for leak in leaks(self.app, self.sent, trail) {
            let Some(effect) = leak else {
                all.extend(customs.clone());
                continue;
            };
            let leak = vec![self.told(LEAK, effect, Some("firewall"), None)];
            let blocks = (effect != WaasEffect::Alert).then_some(Ends::Blocked(effect));
            for (ends, told) in &customs {
                let together = |first: &[Told], second: &[Told]| [first, second].concat();
                let customs_first =
                    if ends.is_some() { (*ends, told.clone()) } else { (blocks, together(told, &leak)) };
                let leak_first =
                    if blocks.is_some() { (blocks, leak.clone()) } else { (*ends, together(&leak, told)) };
                all.extend([customs_first, leak_first]);
            }
        }
        all
    }

    /// What the app answers, or what is made of it.
    pub(super) fn answered(
        &self,
        (ends, told): &(Option<Ends>, Vec<Told>),
        audits: &[Told],
        mut trail: Trail,
    ) -> Judged {
        let audits = [audits, told].concat();
        if let Some(Ends::Blocked(effect)) = ends {
            let is_leak = told.iter().any(|one| one.kind == LEAK && one.effect == *effect);
            trail.through(if is_leak { "request.leak-kept" } else { "request.custom-of-answer" });
            return Judged { reaches_app: true, ..self.blocked(*effect, audits, trail) };
        }
        trail.through("request.passes");
        let headers = match ends {
            Some(Ends::Allowed) => perhaps_governed(self.app, self.sent),
            _ => governed(self.app, self.sent, &mut trail),
        };
        let event_id = self.has_event_id(&mut trail);
        Judged {
            answer: Answer::OfApp,
            reaches_app: true,
            headers,
            event_id,
            audits,
            bans: None,
            sending: None,
            trail,
        }
    }
}
