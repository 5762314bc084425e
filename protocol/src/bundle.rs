//! The install bundle: what a sidecar needs to reach its Console (`INSTALL_BUNDLE`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Certificates of one Defender, all PEM. On the wire: base64 of this as JSON [SPEC `install-bundle`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstallBundle {
    /// Certificate authority of the Console.
    pub ca_cert: String,
    /// Client certificate of the Defender.
    pub client_cert: String,
    /// Private key of the client certificate.
    pub client_key: String,
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
    ///
    /// # Errors
    /// Never for a bundle that was built from text; the signature keeps the serializer's error visible.
    pub fn encode(&self) -> Result<String, BundleError> {
        Ok(STANDARD.encode(serde_json::to_vec(self)?))
    }

    /// Reads what [`Self::encode`] wrote; surrounding white space is ignored.
    ///
    /// # Errors
    /// When the text is not base64, or not the expected JSON.
    pub fn decode(text: &str) -> Result<Self, BundleError> {
        Ok(serde_json::from_slice(&STANDARD.decode(text.trim())?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bundle_survives_its_encoding(ca in ".*", cert in ".*", key in ".*") {
            let bundle = InstallBundle { ca_cert: ca, client_cert: cert, client_key: key };
            let back = InstallBundle::decode(&bundle.encode().unwrap()).unwrap();
            prop_assert_eq!(back, bundle);
        }

        #[test]
        fn any_other_text_is_refused(text in "[^A-Za-z0-9+/=]{1,20}") {
            prop_assume!(!text.trim().is_empty());
            prop_assert!(InstallBundle::decode(&text).is_err());
        }
    }
}
