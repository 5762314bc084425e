//! The answer to a request that is not forwarded (section 2.6 of `waas.md`). The markup is our own; that it says
//! "Access denied" and shows the event id is the product's.

use super::Body;
use crate::policy::App;
use hyper::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// Name of the header with the event id.
pub(crate) const EVENT_ID: HeaderName = HeaderName::from_static("x-prisma-event-id");

/// The block response of an app. The server leaves out the body for HEAD.
pub(crate) fn response(app: &App, event_id: &str) -> Response<Body> {
    let custom = &app.spec.custom_block_response;
    let (status, body) = if custom.enabled {
        let status = StatusCode::from_u16(custom.code).ok().filter(|status| status.as_u16() >= 200);
        (status.unwrap_or(StatusCode::FORBIDDEN), custom.body.replace("#eventID", event_id))
    } else {
        (StatusCode::FORBIDDEN, page(event_id))
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !app.spec.disable_event_id_header {
        headers.insert(EVENT_ID, HeaderValue::from_str(event_id).expect("a UUID is a header value"));
    }
    headers.insert(DATE, date());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// An answer of the proxy's own, without a page.
pub(crate) fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response.headers_mut().insert(DATE, date());
    response
}

/// What the application did not do, on the answer that the client gets instead.
#[derive(Debug, Clone)]
pub(crate) struct Failed(pub(crate) String);

/// The answer where there is none of the application.
pub(crate) fn failed(why: String) -> Response<Body> {
    let mut response = plain(StatusCode::BAD_GATEWAY);
    response.extensions_mut().insert(Failed(why));
    response
}

fn page(event_id: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Access denied</title></head>\n\
         <body><main><h1>Access denied</h1>\n<p>The firewall in front of this application refused the request.</p>\n\
         <p>Event ID: <code>{event_id}</code></p></main></body>\n</html>\n"
    )
}

/// Now, in the form of HTTP dates. The server's own date is off, as it would add one to the application's answers.
pub(crate) fn date() -> HeaderValue {
    let text = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::from_str(&text).expect("a date is a header value")
}
