//! What the firewall is told when it starts.

use crate::captcha::{ReCaptchaService, Resolve};
use proofhouse_protocol::link::CloudMetadata;
use std::path::PathBuf;

/// What the firewall knows of where it runs.
#[derive(Debug, Clone)]
pub struct WaasConfig {
    /// `<family>:<task id>`, by which rules are scoped.
    pub app_id: String,
    /// Version of the Defender.
    pub version: String,
    /// Where the task runs.
    pub cloud: CloudMetadata,
    /// Directory of the OWASP Core Rule Set.
    pub crs_directory: PathBuf,
    /// Database of countries, in the format of MaxMind DB; without one no country is known.
    pub geo_database: Option<PathBuf>,
    /// Who says whether the question of reCAPTCHA was answered.
    pub re_captcha: ReCaptchaService,
    /// By which the name of that service is looked up.
    pub resolve: Resolve,
}
