//! Answers: errors are `{"err": "..."}`, a write answers 200 with an empty body [DUMP, DESC].

use crate::policy::Refusal;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The `err` text of an answer, for the history.
#[derive(Debug, Clone)]
pub(super) struct ErrorText(pub(super) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(json!({"err": self.message}))).into_response();
        response.extensions_mut().insert(ErrorText(self.message));
        response
    }
}

/// What a handler returns.
pub(super) type Answer = Result<Response, Refusal>;

/// A document.
pub(super) fn document(value: &Value) -> Answer {
    Ok(axum::Json(value).into_response())
}

/// A list that is `null` when it is empty.
pub(super) fn list_or_null(items: Vec<Value>) -> Answer {
    document(&if items.is_empty() { Value::Null } else { Value::Array(items) })
}

/// A write that was accepted.
pub(super) fn done() -> Answer {
    Ok(StatusCode::OK.into_response())
}

/// A table for spreadsheets.
pub(super) fn csv(name: &str, text: String) -> Answer {
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    Ok(([(header::CONTENT_TYPE, "text/csv".to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response())
}
