//! The structure checks of the HTTP layer (section 2.7 of `waas.md`).

use super::detector::Match;
use crate::Attack;
use crate::input::Location;
use crate::request::RequestView;

/// A body where none belongs, none announced where one belongs, contradictory framing.
pub(super) fn malformed(request: &RequestView<'_>) -> Option<Match> {
    let what = match request.method {
        _ if request.framing.is_some() => request.framing?.to_owned(),
        "GET" | "HEAD" if request.has_body => format!("{} with a body", request.method),
        "POST"
            if !request.http2
                && request.header("content-length").is_none()
                && request.header("transfer-encoding").is_none() =>
        {
            "POST without a length".to_owned()
        }
        _ => return None,
    };
    Some(Match {
        attack: Attack::MalformedRequest,
        rule: 0,
        location: Location::Method,
        key: String::new(),
        matched: what,
        value: request.method.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_checked() {
        let get = RequestView { method: "GET", has_body: true, ..RequestView::default() };
        assert_eq!(malformed(&get).unwrap().matched, "GET with a body");
        let post = RequestView { method: "POST", ..RequestView::default() };
        assert_eq!(malformed(&post).unwrap().matched, "POST without a length");
        let headers: [(&str, &[u8]); 1] = [("Content-Length", b"0")];
        assert_eq!(malformed(&RequestView { headers: &headers, ..post }), None);
        assert_eq!(malformed(&RequestView { http2: true, ..post }), None);
        let odd = RequestView { framing: Some("two lengths"), ..post };
        assert_eq!(
            malformed(&odd).unwrap().message(),
            "Detected Malformed Request attack in request method, match two lengths, value POST"
        );
    }
}
