//! What no answer may tell (W45, W46).

use super::super::Sent;
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::ApplicationSpec;

/// `type` of audits of leaks (section 1.5).
pub(in crate::requests) const KIND: &str = "informationLeak";

/// Each effect that leaks of the answer may have; none: nothing is found.
pub(in crate::requests) fn leaks(
    app: &ApplicationSpec,
    sent: &Sent,
    trail: &mut Trail,
) -> Vec<Option<WaasEffect>> {
    let effect = app.intel_gathering.info_leakage_effect;
    let Some(answer) = sent.app_answer.as_ref().filter(|_| sent.method != "HEAD") else { return vec![None] };
    if !answer.leaks {
        if effect != WaasEffect::Disable {
            trail.through("request.leak-none");
        }
        return vec![None];
    }
    if effect == WaasEffect::Disable {
        trail.through("request.leak-off");
        return vec![None];
    }
    if app.body.skip || answer.body_bytes > app.body.inspection_size_bytes {
        trail.through("request.leak-unclear");
        return vec![Some(effect), None];
    }
    trail.through("request.leak");
    vec![Some(effect)]
}
