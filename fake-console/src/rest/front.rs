//! What happens to every call before its handler: declared faults, the version in the path, who calls and what
//! that allows; and behind it, the record.

use super::answer::ErrorText;
use super::auth::{Caller, caller, needed};
use super::connection_faults::ConnectionFaults;
use crate::faults::{Fault, RestFault};
use crate::policy::Refusal;
use crate::state::Shared;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use proofhouse_protocol::Observation;
use std::sync::Arc;

/// Calls that need no credentials.
const PUBLIC: [&str; 2] = ["/_ping", "/authenticate"];

/// Goes around every call.
pub(super) async fn front(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    if request.extensions().get::<ConnectionFaults>().is_some_and(|faults| faults.outdated(&shared)) {
        // The connection is about to be closed; no answer may slip out before that.
        std::future::pending::<()>().await;
    }
    let caller = caller(&shared, request.headers());
    let response = match faults(&shared).await.and_then(|()| admit(&shared, &mut request, caller.clone())) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    shared.tell(Observation::ConsoleCall {
        method,
        path,
        status: response.status().as_u16(),
        user: caller.map(|caller| caller.name),
        error: response.extensions().get::<ErrorText>().map(|text| text.0.clone()),
    });
    response
}

/// Carries out the faults that concern single calls.
async fn faults(shared: &Shared) -> Result<(), Refusal> {
    let mut changes = shared.faults.watch();
    while shared.faults.rest().contains(&RestFault::Hang) {
        if changes.changed().await.is_err() {
            break;
        }
    }
    for fault in shared.faults.rest() {
        match fault {
            RestFault::Slow(by) => tokio::time::sleep(by).await,
            RestFault::Status(status) => {
                return Err(Refusal::new(status, format!("declared fault {}", Fault::Rest(fault))));
            }
            RestFault::Refuse | RestFault::Hang | RestFault::Cut(_) => {}
        }
    }
    Ok(())
}

/// Takes the prefix off the path, and refuses who may not make the call.
fn admit(shared: &Shared, request: &mut Request, caller: Option<Caller>) -> Result<(), Refusal> {
    let path = request.uri().path().to_owned();
    let unknown = || Refusal::unknown(format!("no such path: {path}"));
    let rest = path.strip_prefix("/api/").ok_or_else(unknown)?;
    let (version, rest) = rest.split_once('/').ok_or_else(unknown)?;
    if !shared.version().api_prefixes().iter().any(|prefix| prefix == version) {
        return Err(Refusal::unknown(format!(
            "api version '{version}' is not served: use one of {}",
            shared.version().api_prefixes().join(", ")
        )));
    }
    let inner = format!("/{rest}");
    if !PUBLIC.contains(&inner.as_str()) {
        let Some(caller) = caller else {
            return Err(Refusal::new(401, "unauthorized: give credentials or a token"));
        };
        let permission = needed(request.method(), &inner);
        let renews = inner == "/authenticate/renew";
        if !renews && !caller.role.allows(permission) {
            return Err(Refusal::new(
                403,
                format!("role '{}' is not permitted to do this: it needs {permission:?}", caller.role.name()),
            ));
        }
        request.extensions_mut().insert(caller);
    }
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let uri: Uri = format!("{inner}{query}").parse().map_err(|_| unknown())?;
    *request.uri_mut() = uri;
    Ok(())
}
