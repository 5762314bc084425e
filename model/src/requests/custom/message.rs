//! What an audit of a custom rule says.

use super::holds::Seen;

/// The message of a rule; none where it asks for what nobody says how it is written.
pub(super) fn rendered(message: &str, seen: &Seen<'_>) -> Option<String> {
    let status = seen.status.map(|status| status.to_string()).unwrap_or_default();
    let client = seen.client.to_string();
    let mut said = String::new();
    let mut rest = message;
    while let Some(at) = rest.find('%') {
        said.push_str(&rest[..at]);
        let macros = [
            ("%req.http_method", seen.sent.method.as_str()),
            ("%req.path", seen.sent.path()),
            ("%req.ip", client.as_str()),
            ("%resp.status_code", status.as_str()),
        ];
        let (name, value) = macros.into_iter().find(|(name, _)| rest[at..].starts_with(name))?;
        said.push_str(value);
        rest = &rest[at + name.len()..];
    }
    said.push_str(rest);
    Some(said)
}
