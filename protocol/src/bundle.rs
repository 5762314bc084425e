//! The install bundle: what a sidecar needs to reach its Console (`INSTALL_BUNDLE`).

use crate::Secret;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Certificates of one Defender, all PEM. On the wire: base64 of this as JSON [SPEC `install-bundle`].
///
/// It goes out by [`InstallBundle::encode`] only, so that no document takes it along by accident:
///
/// ```compile_fail,E0277
/// fn written(bundle: &proofhouse_protocol::InstallBundle) -> String {
///     serde_json::to_string(bundle).unwrap()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallBundle {
    /// Certificate authority of the Console.
    pub ca_cert: String,
    /// Client certificate of the Defender.
    pub client_cert: String,
    /// Private key of the client certificate.
    pub client_key: Secret,
}

/// The same as JSON.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    ca_cert: Cow<'a, str>,
    client_cert: Cow<'a, str>,
    client_key: Cow<'a, str>,
}

/// Why a bundle could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not base64.
    #[error("install bundle is not base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// Not the JSON that was expected.
    #[error("install bundle is not the expected JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl InstallBundle {
    /// The form that travels in `INSTALL_BUNDLE`.
    #[must_use]
    pub fn encode(&self) -> Secret {
        let wire = Wire {
            ca_cert: Cow::Borrowed(&self.ca_cert),
            client_cert: Cow::Borrowed(&self.client_cert),
            client_key: Cow::Borrowed(self.client_key.reveal()),
        };
        let json = serde_json::to_vec(&wire).expect("a bundle is made of strings");
        Secret::new(STANDARD.encode(json))
    }

    /// Reads what [`Self::encode`] wrote; surrounding white space is ignored.
    ///
    /// # Errors
    /// When the text is not base64, or not the expected JSON.
    pub fn decode(text: &str) -> Result<Self, BundleError> {
        let wire: Wire<'_> = serde_json::from_slice(&STANDARD.decode(text.trim())?)?;
        Ok(Self {
            ca_cert: wire.ca_cert.into_owned(),
            client_cert: wire.client_cert.into_owned(),
            client_key: Secret::new(wire.client_key),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bundle_survives_its_encoding(ca in ".*", cert in ".*", key in ".*") {
            let bundle = InstallBundle { ca_cert: ca, client_cert: cert, client_key: Secret::new(key) };
            let back = InstallBundle::decode(bundle.encode().reveal()).unwrap();
            prop_assert_eq!(back, bundle);
        }

        #[test]
        fn a_bundle_does_not_show_its_key(key in "[ -~]{12,40}") {
            let bundle = InstallBundle {
                ca_cert: String::new(), client_cert: String::new(), client_key: Secret::new(key.as_str())
            };
            let shown = format!("{bundle:?} {:?}", bundle.encode());
            prop_assert!(!shown.contains(&key));
        }

        #[test]
        fn any_other_text_is_refused(text in "[^A-Za-z0-9+/=]{1,20}") {
            prop_assume!(!text.trim().is_empty());
            prop_assert!(InstallBundle::decode(&text).is_err());
        }
    }
}
