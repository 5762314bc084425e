//! Places of a request that a payload can stand in.

use crate::draft::Draft;
use crate::encode::{percent, percent_kept, percent_path, xml};
use std::fmt;
use std::str::FromStr;

/// Name of the parameter, field, cookie and header that carries it.
const NAME: &str = "q";

const BOUNDARY: &str = "proofhouse-boundary-7d1c5a";

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Value of a query parameter.
    Query,
    /// Field of a form.
    Form,
    /// Value in JSON.
    Json,
    /// Value of a cookie.
    Cookie,
    /// Header of the application's own.
    Header,
    /// The `User-Agent` header.
    UserAgent,
    /// Path of the target.
    Path,
    /// Part of a multipart body.
    Multipart,
    /// Text of an XML element.
    Xml,
    /// A body without a structure.
    Body,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Query,
        Self::Form,
        Self::Json,
        Self::Cookie,
        Self::Header,
        Self::UserAgent,
        Self::Path,
        Self::Multipart,
        Self::Xml,
        Self::Body,
    ];

    /// Name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Form => "form",
            Self::Json => "json",
            Self::Cookie => "cookie",
            Self::Header => "header",
            Self::UserAgent => "user-agent",
            Self::Path => "path",
            Self::Multipart => "multipart",
            Self::Xml => "xml",
            Self::Body => "body",
        }
    }

    /// A request that carries the payload there. `keep_percent` leaves `%` of a query or form as it is, for lists whose
    /// payloads are encoded already.
    ///
    /// # Errors
    /// Why it cannot stand there, in words.
    pub fn draft(self, payload: &[u8], keep_percent: bool) -> Result<Draft, String> {
        let text = || std::str::from_utf8(payload).map_err(|_| format!("it is no UTF-8, which {self} wants"));
        let encoded = if keep_percent { percent_kept(payload) } else { percent(payload) };
        let pair = || [NAME.as_bytes(), b"=", &encoded].concat();
        Ok(match self {
            Self::Query => Draft { target: [b"/?".to_vec(), pair()].concat(), ..Draft::default() },
            Self::Form => Draft::post("application/x-www-form-urlencoded", pair()),
            Self::Json => Draft::post("application/json", serde_json::json!({NAME: text()?}).to_string()),
            Self::Cookie => Draft::default().header("Cookie", pair()),
            Self::Header => Draft::default().header("X-Q", payload),
            Self::UserAgent => Draft::default().header("User-Agent", payload),
            Self::Path => {
                Draft { target: [b"/".to_vec(), percent_path(payload)].concat(), ..Draft::default() }
            }
            Self::Multipart => {
                let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{NAME}\"\r\n\r\n");
                let end = format!("\r\n--{BOUNDARY}--\r\n");
                let body = [head.as_bytes(), payload, end.as_bytes()].concat();
                Draft::post(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
            }
            Self::Xml => {
                let text = text()?;
                if let Some(c) = text.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
                    return Err(format!("character {:#x} cannot stand in XML", u32::from(c)));
                }
                Draft::post("application/xml", format!("<r><{NAME}>{}</{NAME}></r>", xml(text)))
            }
            Self::Body => Draft::post("text/plain", payload),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|place| place.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|place| place.as_str()).collect();
            format!("\"{text}\" is no place: use one of {}", known.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(place: Place, payload: &str) -> String {
        String::from_utf8(place.draft(payload.as_bytes(), false).unwrap().written().unwrap()).unwrap()
    }

    #[test]
    fn every_place_carries_the_payload() {
        for (place, part) in [
            (Place::Query, "GET /?q=%3Cb%3E%2F HTTP/1.1"),
            (Place::Form, "\r\n\r\nq=%3Cb%3E%2F"),
            (Place::Json, "\r\n\r\n{\"q\":\"<b>/\"}"),
            (Place::Cookie, "Cookie: q=%3Cb%3E%2F\r\n"),
            (Place::Header, "X-Q: <b>/\r\n"),
            (Place::UserAgent, "User-Agent: <b>/\r\n"),
            (Place::Path, "GET /%3Cb%3E/ HTTP/1.1"),
            (Place::Multipart, "name=\"q\"\r\n\r\n<b>/\r\n--"),
            (Place::Xml, "<r><q>&lt;b&gt;/</q></r>"),
            (Place::Body, "\r\n\r\n<b>/"),
        ] {
            assert!(sent(place, "<b>/").contains(part), "{place}: {}", sent(place, "<b>/"));
            assert_eq!(place.as_str().parse(), Ok(place));
        }
        assert!("fragment".parse::<Place>().unwrap_err().contains("use one of query, form"));
    }

    #[test]
    fn encoded_payloads_may_stay_so() {
        let kept = Place::Query.draft(b"%27 or", true).unwrap();
        assert_eq!(kept.target, b"/?q=%27%20or");
        assert_eq!(Place::Query.draft(b"%27 or", false).unwrap().target, b"/?q=%2527%20or");
    }

    #[test]
    fn what_a_place_cannot_carry_is_said() {
        assert!(Place::Json.draft(&[0xff], false).unwrap_err().contains("no UTF-8"));
        assert!(Place::Xml.draft(&[1], false).unwrap_err().contains("0x1 cannot stand in XML"));
    }
}
