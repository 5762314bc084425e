//! Secrets: values that must never be written, and what takes them out of everything that is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::fmt::{self, Write as _};

/// A value that cannot be shown or serialised by accident: who wants it says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for where it must be: a header, a handshake, the environment of a container.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Shorter values are not looked for: they would take ordinary words out of the evidence.
const SHORTEST: usize = 4;

/// What takes secrets out of texts, in clear, in base64 (also inside a longer one) and percent-encoded.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Vec<Known>,
}

#[derive(Clone)]
struct Known {
    secret: Secret,
    forms: Vec<String>,
    mark: String,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.known.iter().map(|known| &known.mark)).finish()
    }
}

impl Redactor {
    /// Takes this value out from now on; `label` says what it is, such as `private key`. What stands in its place is the same
    /// wherever it stood, so that two places can still be compared.
    pub fn keep(&mut self, label: &str, secret: &Secret) {
        let value = secret.reveal().trim();
        if value.len() < SHORTEST || self.known.iter().any(|known| known.secret == *secret) {
            return;
        }
        let mark = format!("[redacted: {label} #{}]", self.known.len() + 1);
        self.known.push(Known { secret: secret.clone(), forms: forms(value), mark });
        // A bundle holds a key: the longer one must go first.
        self.known.sort_by_key(|known| std::cmp::Reverse(known.secret.reveal().len()));
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether a secret stands in the text.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        self.known.iter().flat_map(|known| &known.forms).any(|form| text.contains(form.as_str()))
    }

    /// The text without secrets; none when it has none.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        let mut clean: Option<String> = None;
        for known in &self.known {
            for form in &known.forms {
                let now = clean.as_deref().unwrap_or(text);
                if now.contains(form.as_str()) {
                    clean = Some(now.replace(form.as_str(), &known.mark));
                }
            }
        }
        clean
    }

    /// Takes secrets out of every text of a document, the names of members included; whether there were any.
    pub fn value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.text(text) {
                Some(clean) => {
                    *text = clean;
                    true
                }
                None => false,
            },
            Value::Array(items) => items.iter_mut().fold(false, |found, item| self.value(item) | found),
            Value::Object(members) => {
                let named = members.keys().any(|key| self.finds(key));
                if named {
                    let old = std::mem::take(members);
                    members
                        .extend(old.into_iter().map(|(key, value)| (self.text(&key).unwrap_or(key), value)));
                }
                members.values_mut().fold(named, |found, member| self.value(member) | found)
            }
            _ => false,
        }
    }

    /// Every form of every secret, with what it is, for who looks whether one was written.
    pub fn forms(&self) -> impl Iterator<Item = (&str, &str)> {
        self.known
            .iter()
            .flat_map(|known| known.forms.iter().map(|form| (known.mark.as_str(), form.as_str())))
    }
}

/// The texts by which a value can be told: itself, its lines (a key in PEM has many), and both encoded.
fn forms(value: &str) -> Vec<String> {
    let mut plain = vec![value.to_owned()];
    if value.contains('\n') {
        // How a text is quoted in another one; its lines, for who cuts it into lines.
        plain.push(value.replace('\n', "\\n"));
        plain.extend(
            value.lines().filter(|line| line.len() >= 32 && !line.starts_with("-----")).map(str::to_owned),
        );
    }
    let mut all = plain.clone();
    for text in [value, value.trim_end()] {
        all.extend(in_base64(text.as_bytes()));
    }
    all.extend(plain.iter().map(|text| percent(text, false)));
    all.extend(plain.iter().map(|text| percent(text, true)));
    all.retain(|form| form.len() >= SHORTEST);
    all.sort_by_key(|form| std::cmp::Reverse(form.len()));
    all.dedup();
    all
}

/// What is certain in the base64 of a text that has these bytes somewhere: by where they begin, three different texts.
fn in_base64(bytes: &[u8]) -> Vec<String> {
    // Encoded, fewer bytes leave too little to tell them from chance.
    if bytes.len() < 6 {
        return Vec::new();
    }
    let mut texts = Vec::new();
    for before in 0..3_usize {
        let mut padded = vec![0; before];
        padded.extend_from_slice(bytes);
        // Six bits a letter: the letters that hold bits of what stands before or behind are not certain.
        let first = (before * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            texts.push(engine.encode(&padded)[first..last].to_owned());
        }
    }
    texts
}

fn percent(text: &str, lower: bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else if lower {
            let _ = write!(encoded, "%{byte:02x}");
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("hunter22")), "Secret(..)");
    }

    #[test]
    fn a_document_loses_its_secrets_wherever_they_stand() {
        let mut redactor = Redactor::default();
        redactor.keep("password of admin", &Secret::new("s3cret/word"));
        let mut document = json!({"a": ["x s3cret/word y"], "s3cret%2Fword": 1, "b": {"c": "s3cret%2fword"}});
        redactor.value(&mut document);
        assert_eq!(
            document,
            json!({"a": ["x [redacted: password of admin #1] y"], "[redacted: password of admin #1]": 1,
                   "b": {"c": "[redacted: password of admin #1]"}})
        );
    }

    #[test]
    fn short_values_are_left_alone() {
        let mut redactor = Redactor::default();
        redactor.keep("flag", &Secret::new("on"));
        assert!(redactor.is_empty());
    }

    proptest! {
        #[test]
        fn a_secret_inside_a_longer_base64_is_found(before in "[ -~]{0,9}", secret in "[ -~]{8,60}", after in "[ -~]{0,9}") {
            prop_assume!(secret.trim() == secret);
            let mut redactor = Redactor::default();
            redactor.keep("password", &Secret::new(secret.as_str()));
            let text = STANDARD.encode(format!("{before}{secret}{after}"));
            prop_assert!(redactor.finds(&text), "{text}");
            let twice = format!("{before}{secret}{after}{secret}");
            prop_assert!(!redactor.text(&twice).unwrap().contains(&secret));
        }
    }
}
