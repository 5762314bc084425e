//! What an app does about answers and files, one step simpler.

use super::shrink::without_each;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, HstsConfig, IntelGathering, MaliciousUpload};

/// All that are, the boldest steps first. Some may be the same as it was.
pub(super) fn simpler_answers(app: &ApplicationSpec) -> Vec<ApplicationSpec> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut ApplicationSpec)| {
        let mut next = app.clone();
        change(&mut next);
        all.push(next);
    };
    with(&|next| next.response_header_specs.clear());
    for left in without_each(&app.response_header_specs) {
        with(&|next| next.response_header_specs.clone_from(&left));
    }
    for (at, own) in app.response_header_specs.iter().enumerate() {
        for values in without_each(&own.values).filter(|values| !values.is_empty()) {
            with(&|next| next.response_header_specs[at].values.clone_from(&values));
        }
        // Steps have words for two lines: of several values those of the app go, of one they stay.
        with(&|next| next.response_header_specs[at].replaces = own.values.len() > 1);
    }
    with(&|next| next.csrf_enabled = false);
    with(&|next| next.clickjacking_enabled = false);
    with(&|next| next.intel_gathering = IntelGathering::default());
    with(&|next| next.intel_gathering.remove_fingerprints_enabled = false);
    with(&|next| next.intel_gathering.info_leakage_effect = WaasEffect::Disable);
    with(&|next| next.tls_config.hsts = HstsConfig::default());
    with(&|next| next.malicious_upload = MaliciousUpload::default());
    for left in without_each(&app.malicious_upload.allowed_file_types) {
        with(&|next| next.malicious_upload.allowed_file_types.clone_from(&left));
    }
    with(&|next| next.malicious_upload.allowed_extensions.clear());
    all
}
