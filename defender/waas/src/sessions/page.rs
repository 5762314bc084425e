//! The page that starts a session: it sets the cookie and loads itself again. Its markup is our own.

use crate::proxy::{Body, date};
use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderValue, SET_COOKIE};

const TEXT: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>One moment</title></head>\n\
    <body><main><p>This page loads by itself. It needs cookies and JavaScript.</p></main>\n\
    <script>window.location.reload();</script></body>\n</html>\n";

/// The page, with the cookie of a new session.
pub(crate) fn page(cookie: HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::from(TEXT.to_owned()));
    let headers = response.headers_mut();
    headers.insert(DATE, date());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(SET_COOKIE, cookie);
    response
}
