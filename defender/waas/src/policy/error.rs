//! Why a policy cannot be used.

use super::encryption::CertificateError;
use crate::{CustomRuleError, ExceptionError, SensitiveDataError};
use thiserror::Error;

/// Something in a policy that cannot be understood.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// An exception.
    #[error(transparent)]
    Exception(#[from] ExceptionError),
    /// A custom rule.
    #[error(transparent)]
    CustomRule(#[from] CustomRuleError),
    /// What audits must not tell.
    #[error(transparent)]
    SensitiveData(#[from] SensitiveDataError),
    /// A certificate.
    #[error("certificate of app `{app}`: {source}")]
    Certificate {
        /// Id of the app.
        app: String,
        /// What is wrong.
        source: CertificateError,
    },
}
