//! What no browser sends, and how odd it is. The product's measure is not published; this one is a declared choice, made so that a
//! request without any header of a browser is odd for the strict threshold (3) and not for the lax one (9).

use hyper::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, HeaderMap, USER_AGENT};
use hyper::http::request::Parts;
use hyper::{Version, header::COOKIE, header::REFERER};
use std::net::IpAddr;

/// Marks of a browser in a `User-Agent`.
const BROWSERS: [&str; 5] = ["chrome/", "firefox/", "safari/", "edg/", "opr/"];

/// What every browser sends.
const OF_BROWSERS: [hyper::header::HeaderName; 3] = [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE];

/// How odd a request is, and why.
pub(super) fn oddity(request: &Parts, host: &str) -> (u32, Vec<&'static str>) {
    let headers = &request.headers;
    let agent = text(headers, &USER_AGENT);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let signs = [
        (agent.trim().is_empty(), 2, "no user agent"),
        (!headers.contains_key(ACCEPT), 1, "no Accept"),
        (!headers.contains_key(ACCEPT_LANGUAGE), 1, "no Accept-Language"),
        (!headers.contains_key(ACCEPT_ENCODING), 1, "no Accept-Encoding"),
        (request.version == Version::HTTP_10, 2, "HTTP/1.0"),
        (name.parse::<IpAddr>().is_ok(), 1, "an address for a host"),
        (text(headers, &CONNECTION).eq_ignore_ascii_case("close"), 1, "a connection for one request"),
    ];
    let odd = signs.into_iter().filter(|(is, _, _)| *is);
    odd.fold((0, Vec::new()), |(sum, mut why), (_, weight, sign)| {
        why.push(sign);
        (sum + weight, why)
    })
}

/// Whether a request claims to come from a browser and lacks what every browser sends.
pub(super) fn is_false_browser(headers: &HeaderMap) -> bool {
    let agent = text(headers, &USER_AGENT).to_ascii_lowercase();
    let claims = agent.starts_with("mozilla/5.0") && BROWSERS.iter().any(|mark| agent.contains(mark));
    claims && OF_BROWSERS.iter().any(|name| !headers.contains_key(name))
}

/// Whether a request that claims to come from a bot which says who it is has what such a bot never sends: a past, or a page that it
/// comes from.
pub(super) fn is_false_bot(headers: &HeaderMap) -> bool {
    let of_pages = |name: &hyper::header::HeaderName| {
        name.as_str().starts_with("sec-fetch-") || name.as_str().starts_with("sec-ch-")
    };
    headers.contains_key(COOKIE) || headers.contains_key(REFERER) || headers.keys().any(of_pages)
}

fn text(headers: &HeaderMap, name: &hyper::header::HeaderName) -> String {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(version: Version, headers: &[(&str, &str)]) -> Parts {
        let mut request = hyper::Request::builder().version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    const BROWSER: [(&str, &str); 4] = [
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"),
        ("Accept", "text/html"),
        ("Accept-Language", "en"),
        ("Accept-Encoding", "gzip"),
    ];

    #[test]
    fn bare_requests_are_odd_and_browsers_are_not() {
        assert_eq!(oddity(&request(Version::HTTP_11, &BROWSER), "shop.example.com").0, 0);
        assert_eq!(oddity(&request(Version::HTTP_11, &[]), "192.0.2.1:80").0, 6);
        assert_eq!(oddity(&request(Version::HTTP_10, &[("Connection", "close")]), "192.0.2.1").0, 9);
        assert_eq!(
            oddity(&request(Version::HTTP_11, &BROWSER[..2]), "h").1,
            ["no Accept-Language", "no Accept-Encoding"]
        );
    }

    #[test]
    fn who_claims_to_be_what_is_told_by_what_belongs_to_it() {
        let is_false =
            |headers: &[(&str, &str)]| is_false_browser(&request(Version::HTTP_11, headers).headers);
        assert!(!is_false(&BROWSER));
        assert!(is_false(&BROWSER[..3]));
        assert!(!is_false(&[("User-Agent", "curl/7")]));
        let bot = |headers: &[(&str, &str)]| is_false_bot(&request(Version::HTTP_11, headers).headers);
        assert!(!bot(&[("Accept", "*/*")]));
        for header in
            [("Cookie", "a=b"), ("Referer", "http://h/"), ("Sec-Fetch-Mode", "navigate"), ("Sec-CH-UA", "x")]
        {
            assert!(bot(&[header]), "{header:?}");
        }
    }
}
