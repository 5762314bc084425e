//! What a browser sends when the question is answered.

use crate::form::{decoded, pairs};
use hyper::Method;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

/// Name of the member that the service's widget puts into a form.
const MEMBER: &[u8] = b"g-recaptcha-response";

/// The beginning of a form that is looked at where bodies are not inspected.
pub(crate) const LONGEST: usize = 16 << 10;

/// Whether a request can be an answer: a form that is posted.
pub(crate) fn is_form(request: &Parts) -> bool {
    let kind = request.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    request.method == Method::POST && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The response token in a form.
pub(crate) fn solution(form: &[u8]) -> Option<String> {
    let (_, value) = pairs(form).find(|(name, value)| decoded(name, true) == MEMBER && !value.is_empty())?;
    String::from_utf8(decoded(value, true).into_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_in_the_form() {
        assert_eq!(solution(b"a=b&g-recaptcha-response=03A%2Bx_-&c"), Some("03A+x_-".to_owned()));
        for none in [
            &b""[..],
            b"g-recaptcha-response=",
            b"g-recaptcha-response",
            b"other=1",
            b"g-recaptcha-response=%FF",
        ] {
            assert_eq!(solution(none), None, "{none:?}");
        }
    }

    #[test]
    fn an_answer_is_a_form_that_is_posted() {
        let is = |method: &str, kind: &str| {
            let request =
                hyper::Request::builder().method(method).header("Content-Type", kind).body(()).unwrap();
            is_form(&request.into_parts().0)
        };
        assert!(is("POST", "application/x-www-form-urlencoded; charset=utf-8"));
        assert!(!is("PUT", "application/x-www-form-urlencoded") && !is("POST", "application/json"));
    }
}
