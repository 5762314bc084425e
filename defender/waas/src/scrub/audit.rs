//! An audit without the secrets of its request.

use super::secrets::{SHORT, Secrets};
use crate::detect::LONGEST_SHOWN;
use proofhouse_protocol::FirewallAudit;

impl Secrets<'_> {
    /// Puts placeholders into every text that the client decided on. Who it was, and what was found where, is told.
    pub(crate) fn scrub_audit(&self, audit: &mut FirewallAudit) {
        if self.is_empty() {
            return;
        }
        let field = &audit.attack_field;
        let (value, placeholder) = match self.scrubbing.rule_of(field).filter(|_| !field.value.is_empty()) {
            Some(rule) => (rule.placeholder.clone(), Some(rule.placeholder.as_str())),
            None => self.scrub_cut(&field.value, LONGEST_SHOWN),
        };
        audit.msg = self.scrub_message(&audit.msg, &field.value, &value, placeholder);
        audit.attack_field.value = value;
        let texts = [
            &mut audit.url,
            &mut audit.url_path,
            &mut audit.url_query,
            &mut audit.user_agent_header,
            &mut audit.request_host,
            &mut audit.request_headers,
            &mut audit.attack_field.key,
        ];
        for text in texts.into_iter().chain(&mut audit.connecting_ips) {
            *text = self.scrub(text);
        }
    }

    /// The message of an audit whose value was `sent` and becomes `value`, with `placeholder` where it has a secret.
    fn scrub_message(&self, message: &str, sent: &str, value: &str, placeholder: Option<&str>) -> String {
        let Some(placeholder) = placeholder else {
            return self.scrub(message);
        };
        // `..., match <match>, value <value>`: the match may be any form of any part of the value.
        let parts = message.strip_suffix(sent).and_then(|rest| rest.strip_suffix(", value "));
        if let Some((what, _)) = parts.and_then(|rest| rest.split_once(", match ")) {
            return format!("{}, match {placeholder}, value {value}", self.scrub(what));
        }
        if sent.len() < SHORT {
            let tail = parts.map(|what| format!("{}, value {value}", self.scrub(what)));
            return tail.unwrap_or_else(|| self.scrub(message));
        }
        let around: Vec<String> = message.split(sent).map(|part| self.scrub(part)).collect();
        around.join(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::RequestView;
    use crate::scrub::Scrubbing;
    use proofhouse_protocol::FirewallAudit;
    use serde_json::{Value, json};

    const SECRET: &str = "hunter2's card";

    fn scrubbing(specs: Value) -> Scrubbing {
        let mut specs = specs;
        for spec in specs.as_array_mut().unwrap() {
            spec["placeholder"] = json!("[gone]");
        }
        Scrubbing::of(&serde_json::from_value::<Vec<_>>(specs).unwrap()).unwrap()
    }

    fn scrubbed(specs: Value, view: &RequestView<'_>, members: Value) -> FirewallAudit {
        let mut audit = json!({"time": "2026-01-02T03:04:05Z", "type": "sqli", "effect": "alert", "msg": "m", "ruleName": "r"});
        audit.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let mut audit = serde_json::from_value(audit).unwrap();
        scrubbing(specs).secrets(view).scrub_audit(&mut audit);
        audit
    }

    /// The message, scrubbed by one rule.
    fn message(spec: Value, view: &RequestView<'_>, message: &str) -> String {
        scrubbed(json!([spec]), view, json!({"msg": message})).msg
    }

    fn form(body: &str) -> RequestView<'_> {
        const HEADERS: &[(&str, &[u8])] = &[("content-type", b"application/x-www-form-urlencoded")];
        RequestView { path: b"/", headers: HEADERS, body: body.as_bytes(), ..RequestView::default() }
    }

    #[test]
    fn what_readers_put_together_is_a_secret_too() {
        let xml = [("content-type", b"text/xml".as_slice())];
        for body in
            ["<a>41<!-- -->11</a>", "<a>41<![CDATA[1]]>1</a>", "<a>41<b>1</b>1</a>", "<a>4<?x?>111</a>"]
        {
            let view =
                RequestView { path: b"/", headers: &xml, body: body.as_bytes(), ..RequestView::default() };
            let rule = json!({"valuePattern": "4111"});
            assert_eq!(message(rule, &view, &format!("4111 of {body}")), "[gone] of [gone]", "{body}");
        }
    }

    #[test]
    fn every_location_has_its_secret() {
        let json = [("content-type", b"application/json".as_slice())];
        let xml = [("content-type", b"text/xml".as_slice())];
        let part = [("content-type", b"multipart/form-data; boundary=B".as_slice())];
        let get = RequestView {
            path: b"/u/hunter2%27s%20card",
            query: Some(b"q=hunter2%27s+card&a=hunter2"),
            headers: &[
                ("Cookie", b"s=hunter2's%20card; t=1"),
                ("X-Own", b"hunter2's card"),
                ("User-Agent", b"a hunter2's card"),
            ],
            ..RequestView::default()
        };
        let of_body = |headers, body: &'static [u8]| RequestView {
            path: b"/",
            headers,
            body,
            ..RequestView::default()
        };
        let member = of_body(&json, br#"{"a": {"b": ["hunter2's card", 4711]}}"#);
        let element = of_body(&xml, b"<a><b>hunter2's card</b></a>");
        let field = of_body(
            &part,
            b"--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nhunter2's card\r\n--B--\r\n",
        );
        let raw = of_body(&[], b"it is hunter2's card");
        for (location, key, view) in [
            ("path", "hunter2.*", &get),
            ("query", "^q$", &get),
            ("queryValues", "^hunter2's", &get),
            ("cookie", "^s$", &get),
            ("header", "^x-own$", &get),
            ("UserAgentHeader", "hunter2's card", &get),
            ("JSONPath", "/a", &member),
            ("JSONPath", "/a/b", &member),
            ("XMLPath", "/a/b", &element),
            ("body", "^f$", &field),
            ("body", "f", &form("f=hunter2%27s+card")),
            ("rawBody", "hunter2.*", &raw),
        ] {
            let told = message(json!({"location": location, "key": key}), view, "it is hunter2's card, 4711");
            let rest = if location == "queryValues" { " card" } else { "" };
            let number = if location == "JSONPath" { "[gone]" } else { "4711" };
            assert_eq!(told, format!("it is [gone]{rest}, {number}"), "{location} {key}");
            for other in
                [json!({"location": location, "key": "/nothing"}), json!({"valuePattern": "nothing"})]
            {
                assert_eq!(message(other, view, SECRET), SECRET);
            }
            for anywhere in [
                json!({"valuePattern": "hunter2's card"}),
                json!({"key": "hunter2's card", "valuePattern": true}),
            ] {
                assert_eq!(message(anywhere, view, SECRET), "[gone]");
            }
        }
    }

    #[test]
    fn names_and_paths_of_other_places_mean_nothing() {
        let view = RequestView { path: b"/", query: Some(b"q=hunter2"), ..form("f=hunter3") };
        for (location, key) in
            [("cookie", "q"), ("header", "q"), ("body", "q"), ("query", "f"), ("JSONPath", "/q")]
        {
            let told = message(json!({"location": location, "key": key}), &view, "hunter2 hunter3");
            assert_eq!(told, "hunter2 hunter3", "{location}");
        }
        assert_eq!(message(json!({"keyPattern": "^[qf]$"}), &view, "hunter2 hunter3"), "[gone] [gone]");
    }

    #[test]
    fn every_text_of_the_audit_is_scrubbed_in_every_encoding() {
        let view = RequestView {
            path: b"/",
            query: Some(b"q=hunter2%27s+card"),
            headers: &[("authorization", b"Basic aHVudGVyMidzIGNhcmQ6eA==")],
            ..RequestView::default()
        };
        let members = json!({
            "msg": "Detected SQL Injection attack in query parameter, match hunter2's, value hunter2's card",
            "url": "h/hunter2's card", "urlPath": "/hunter2's card", "urlQuery": "q=hunter2%27s+card",
            "userAgentHeader": SECRET, "requestHost": SECRET, "connectingIPs": [SECRET],
            "requestHeaders": "GET /?q=hunter2%27s+card HTTP/1.1\r\nAuthorization: Basic aHVudGVyMidzIGNhcmQ6eA==",
            "attackField": {"type": "query", "key": "q", "value": SECRET}});
        let specs =
            json!([{"location": "query", "key": "q"}, {"location": "header", "key": "authorization"}]);
        let audit = scrubbed(specs, &view, members);
        let text = serde_json::to_string(&audit).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("aHVu"), "{text}");
        assert_eq!(audit.msg, "Detected SQL Injection attack in query parameter, match [gone], value [gone]");
        assert_eq!(audit.url_query, "q=[gone]");
        assert_eq!(audit.request_headers, "GET /?q=[gone] HTTP/1.1\r\nAuthorization: [gone]");
        assert_eq!(audit.attack_field.key, "q");
    }

    #[test]
    fn a_part_of_a_value_that_is_encoded_takes_the_whole_value() {
        let view = RequestView {
            path: b"/",
            query: Some(b"q=to+4111%2D2222+now&p=4111-2222"),
            ..RequestView::default()
        };
        let spec = json!({"valuePattern": "[0-9]{4}-[0-9]{4}"});
        assert_eq!(message(spec.clone(), &view, "q=to+4111%2D2222+now&p=4111-2222"), "q=[gone]&p=[gone]");
        assert_eq!(message(spec, &view, "q=to 4111-2222 now"), "q=to [gone] now");
    }

    #[test]
    fn what_an_escape_hides_takes_the_whole_body() {
        let headers = &[("content-type", b"application/json".as_slice())];
        let body = br#"{"pin": "hun\u0074er2", "b": 1}"#;
        let view = RequestView { path: b"/", headers, body, ..RequestView::default() };
        let spec = json!({"location": "JSONPath", "key": "/pin"});
        assert_eq!(message(spec, &view, r#"{"pin": "hun\u0074er2", "b": 1} hunter2"#), "[gone] [gone]");
    }

    #[test]
    fn a_value_that_was_cut_tells_no_beginning() {
        let (before, secret) = ("x".repeat(1000), "s".repeat(3000));
        let query = format!("q={before}{secret}");
        let view = RequestView { path: b"/", query: Some(query.as_bytes()), ..RequestView::default() };
        let value = format!("{before}{}", &secret[..24]);
        let members = json!({"msg": format!("Detected it, match ss, value {value}"),
            "attackField": {"type": "rawBody", "key": "", "value": value}});
        let audit = scrubbed(json!([{"valuePattern": "s{3000}"}]), &view, members);
        assert_eq!(audit.attack_field.value, format!("{before}[gone]"));
        assert_eq!(audit.msg, format!("Detected it, match [gone], value {before}[gone]"));
    }

    #[test]
    fn a_part_of_a_header_is_meant_with_it() {
        let view =
            RequestView { path: b"/", headers: &[("x-own", b"hunter2, bad")], ..RequestView::default() };
        let members = json!({"msg": "Header X-Own has the value bad, which is denied", "attackField": {"type": "header", "key": "X-Own", "value": "hunter2"}});
        let audit = scrubbed(json!([{"location": "header", "key": "X-OWN"}]), &view, members);
        assert_eq!(audit.attack_field.value, "[gone]");
    }
}
