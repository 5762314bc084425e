//! Files that clients may send (section 2.12, W95 to W97).
//!
//! By which extension and by which bytes a type is known is not written in the reference: who asks says of each file what it is by either.

use super::Sent;
use super::access::Offence;
use crate::Trail;
use crate::clause::Clause;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, MaliciousUpload};
use serde::{Deserialize, Serialize};

/// Clauses of files.
pub(crate) const CLAUSES: &[Clause] = &[
    ("request.upload-off", &["W96"], "where uploads are off, any file passes"),
    (
        "request.upload-allowed",
        &["W95"],
        "a file of an allowed type passes, in whatever case its extension is (choice)",
    ),
    (
        "request.upload-own-extension",
        &["W97"],
        "a file with an extension of the user's own passes, whatever it holds",
    ),
    (
        "request.upload-extension",
        &["W96"],
        "a file without the extension of an allowed type has the effect of uploads",
    ),
    ("request.upload-content", &["W96"], "so has one that does not hold what its extension says"),
    ("request.upload-other-type", &["W96"], "and one whose type is known, and not allowed"),
    ("request.upload-several", &["W96"], "each of several files is looked at"),
    (
        "request.upload-unclear",
        &["W60", "W61"],
        "what is cut off by the limit, or in a body that is skipped, may pass or not",
    ),
];

/// A file in a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// `filename`.
    pub name: String,
    /// The type of the schema whose extension it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<String>,
    /// The type of the schema that its first bytes are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
}

/// Each way in which the files of a request may be told of. Whether each of several that are not allowed is told of is not documented.
pub(super) fn uploads(app: &ApplicationSpec, sent: &Sent, trail: &mut Trail) -> Vec<Vec<Offence>> {
    let MaliciousUpload { effect, .. } = app.malicious_upload;
    if sent.files.is_empty() {
        return vec![Vec::new()];
    }
    if effect == WaasEffect::Disable {
        trail.through("request.upload-off");
        return vec![Vec::new()];
    }
    let times = |number: usize| vec![Offence { kind: "disallowedFile", effect, place: None }; number];
    if app.body.skip || sent.body.len() > app.body.inspection_size_bytes {
        trail.through("request.upload-unclear");
        return (0..=sent.files.len()).map(times).collect();
    }
    if sent.files.len() > 1 {
        trail.through("request.upload-several");
    }
    let wrong = sent.files.iter().filter(|file| !file.is_allowed(&app.malicious_upload, trail)).count();
    if wrong == 0 { vec![Vec::new()] } else { (1..=wrong).map(times).collect() }
}

/// Both together, in either order, of which the reference says nothing.
pub(super) fn in_orders(others: &[Offence], uploads: Vec<Vec<Offence>>) -> Vec<Vec<Offence>> {
    let mut all = Vec::new();
    for uploads in uploads {
        for order in [[others, &uploads].concat(), [&uploads, others].concat()] {
            if !all.contains(&order) {
                all.push(order);
            }
        }
    }
    all
}

impl SentFile {
    fn is_allowed(&self, settings: &MaliciousUpload, trail: &mut Trail) -> bool {
        let extension = self.name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
        let own = |one: &String| Some(one.trim_start_matches('.').to_lowercase()) == extension;
        let allowed = |kind: &Option<String>| {
            kind.as_ref().is_some_and(|kind| settings.allowed_file_types.contains(kind))
        };
        let clause = if settings.allowed_extensions.iter().any(own) {
            "request.upload-own-extension"
        } else if self.named.is_none() {
            "request.upload-extension"
        } else if self.named != self.holds {
            "request.upload-content"
        } else if allowed(&self.named) {
            "request.upload-allowed"
        } else {
            "request.upload-other-type"
        };
        trail.through(clause);
        matches!(clause, "request.upload-own-extension" | "request.upload-allowed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// W95, W96, W97.
    #[test]
    fn extension_and_content_must_both_be_of_an_allowed_type() {
        let settings =
            json!({"effect": "prevent", "allowedFileTypes": ["pdf", "gif"], "allowedExtensions": [".abc"]});
        let settings = serde_json::from_value(settings).unwrap();
        for (name, named, holds, expected) in [
            ("a.pdf", Some("pdf"), Some("pdf"), true),
            ("a.gif", Some("gif"), Some("pdf"), false),
            ("a.pdf", Some("pdf"), None, false),
            ("a.py", None, Some("pdf"), false),
            ("a.mp3", Some("mp3"), Some("mp3"), false),
            ("a.ABC", None, None, true),
            ("a.abcd", None, None, false),
            ("abc", None, None, false),
        ] {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let file = SentFile { name: name.to_owned(), named: owned(named), holds: owned(holds) };
            assert_eq!(file.is_allowed(&settings, &mut Trail::default()), expected, "{name} {holds:?}");
        }
    }
}
