//! The page that asks. Its markup is our own, the widget in it the service's.

use super::Captcha;
use crate::proxy::{Body, date};
use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderValue, SET_COOKIE};
use proofhouse_protocol::waas_policy::ReCaptchaKind;

/// Where the widget comes from, as its maker documents it.
const SCRIPT: &str = "https://www.google.com/recaptcha/api.js";

/// What stands for the site key in a page of the user's own.
const PLACE: &str = "#siteKey";

/// The page; with the cookie of a new session, where the client has none.
pub(crate) fn page(captcha: &Captcha, cookie: Option<HeaderValue>) -> Response<Body> {
    let mut response = Response::new(Body::from(text(captcha)));
    let headers = response.headers_mut();
    headers.insert(DATE, date());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}

fn text(captcha: &Captcha) -> String {
    let key = escaped(&captcha.site_key);
    if let Some(own) = &captcha.own_page {
        return own.replace(PLACE, &key);
    }
    // The invisible one asks as soon as it is there; the other waits for a person.
    let (query, size) = match captcha.kind {
        ReCaptchaKind::Checkbox => ("", ""),
        ReCaptchaKind::Invisible => ("?onload=ready", " data-size=\"invisible\""),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>One question</title>\n\
         <script>\nfunction ready() {{ grecaptcha.execute(); }}\n\
         function solved() {{ document.getElementById(\"question\").submit(); }}\n</script>\n\
         <script src=\"{SCRIPT}{query}\" async defer></script></head>\n\
         <body><main><p>Before this page loads, please show that you are no program. It takes cookies and JavaScript.</p>\n\
         <form id=\"question\" method=\"post\"><div class=\"g-recaptcha\" data-sitekey=\"{key}\" data-callback=\"solved\"{size}></div></form>\n\
         </main></body>\n</html>\n"
    )
}

/// As the value of an attribute.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(more: Value) -> String {
        let mut spec = json!({"enabled": true, "siteKey": "6Lc\"<x", "secretKey": {"plain": "hush"}});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let app = json!({"sessionCookieEnabled": true, "botProtectionSpec": {"reCAPTCHASpec": spec}});
        text(&Captcha::of(&serde_json::from_value(app).unwrap()).unwrap())
    }

    #[test]
    fn the_page_has_the_widget_of_its_kind() {
        let checkbox = of(json!({"type": "checkbox"}));
        assert!(checkbox.contains("data-sitekey=\"6Lc&quot;&lt;x\""), "{checkbox}");
        assert!(!checkbox.contains("invisible") && !checkbox.contains("onload"));
        let invisible = of(json!({"type": "invisible"}));
        assert!(invisible.contains("data-size=\"invisible\"") && invisible.contains("api.js?onload=ready"));
        assert!(!checkbox.contains("hush") && !invisible.contains("hush"));
    }

    #[test]
    fn a_page_of_the_users_own_takes_its_place() {
        let own = json!({"enabled": true, "body": "<html><b id='#siteKey'></b></html>"});
        assert_eq!(of(json!({"customPageSpec": own})), "<html><b id='6Lc&quot;&lt;x'></b></html>");
        assert!(
            of(json!({"customPageSpec": {"enabled": false, "body": "<html></html>"}}))
                .contains("g-recaptcha")
        );
    }
}
