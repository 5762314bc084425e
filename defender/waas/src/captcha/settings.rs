//! Who is asked, and for how long an answer counts.

use proofhouse_protocol::Secret;
use proofhouse_protocol::waas_policy::{ApplicationSpec, ReCaptchaKind};
use ring::digest::{SHA256, digest};

/// What an answer counts for, as it stands in a cookie.
pub(crate) type Site = [u8; 8];

/// The question of an app.
#[derive(Debug, Clone)]
pub(crate) struct Captcha {
    pub(super) site_key: String,
    pub(super) secret_key: Secret,
    pub(super) kind: ReCaptchaKind,
    /// HTML that takes the place of the page.
    pub(super) own_page: Option<String>,
    /// Whether every session begins with it.
    pub(crate) all_sessions: bool,
    /// Seconds that an answer counts.
    lifetime: u64,
    /// The site that an answer counts for.
    pub(crate) site: Site,
}

impl Captcha {
    /// The question of an app, if it has one. Without sessions there is nothing that remembers an answer, so nobody is asked (S9).
    pub(crate) fn of(app: &ApplicationSpec) -> Option<Self> {
        let spec = &app.bot_protection_spec.re_captcha_spec;
        if !spec.enabled || !app.session_cookie_enabled {
            return None;
        }
        let mut site = Site::default();
        site.copy_from_slice(&digest(&SHA256, spec.site_key.as_bytes()).as_ref()[..size_of::<Site>()]);
        let own = &spec.custom_page_spec;
        Some(Self {
            site_key: spec.site_key.clone(),
            secret_key: Secret::new(spec.secret_key.plain.clone()),
            kind: spec.kind,
            own_page: own.enabled.then(|| own.body.clone()),
            all_sessions: spec.all_sessions,
            lifetime: spec.success_expiration_hours.saturating_mul(3600),
            site,
        })
    }

    /// Whether an answer that was right in that second, for that site, still counts.
    pub(crate) fn counts(&self, site: Site, answered: u64, second: u64) -> bool {
        site == self.site && second < answered.saturating_add(self.lifetime)
    }
}
