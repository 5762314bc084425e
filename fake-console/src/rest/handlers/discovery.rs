//! APIs that firewalls have learned of.

use super::{Console, Parameters, pairs};
use crate::audits::{Query, page_of};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, document, list_or_null};
use crate::state::Shared;
use axum::extract::State;
use proofhouse_protocol::DiscoveredApi;
use serde_json::Value;

/// Parameters that select rows, beside those that audits have as well, and the members that they look at.
const FILTERS: [(&str, &str); 3] = [("image", "images"), ("host", "host"), ("path", "path")];

fn rows(shared: &Shared, query: &Query) -> Result<Vec<Value>, Refusal> {
    let mut rows = query.select(shared.lock().discovered.rows())?;
    for (parameter, member) in FILTERS {
        let wanted = query.all(parameter);
        let has = |value: &Value| value.as_str().is_some_and(|value| wanted.contains(&value));
        rows.retain(|row| {
            let value = &row[member];
            wanted.is_empty() || has(value) || value.as_array().is_some_and(|list| list.iter().any(has))
        });
    }
    Ok(rows)
}

/// `null` of a Console that knows none, as its other lists.
pub(crate) async fn discovered_apis(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    list_or_null(page_of(&query, rows(&shared, &query)?)?)
}

/// The same rows, all of them, as a document of OpenAPI 3.0.
pub(crate) async fn discovered_apis_document(State(shared): Console, parameters: Parameters) -> Answer {
    let query = pairs(parameters);
    let apis: Vec<DiscoveredApi> = rows(&shared, &query)?
        .into_iter()
        .map(|row| serde_json::from_value(row).expect("a row has all that it was made of"))
        .collect();
    let title = query.one("ruleAppID").filter(|app| !app.is_empty()).unwrap_or("discovered APIs");
    document(&proofhouse_openapi::export(title, &apis))
}
