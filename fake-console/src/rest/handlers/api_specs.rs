//! OpenAPI documents as APIs of apps.

use crate::policy::Refusal;
use crate::rest::answer::{Answer, document};
use bytes::Bytes;
use serde_json::json;

/// What the document is stays with the caller: the policy changes only when it is written.
pub(crate) async fn import_api_spec(body: Bytes) -> Answer {
    let spec = proofhouse_openapi::import(&body).map_err(|error| Refusal::bad(error.to_string()))?;
    document(&json!(spec))
}
