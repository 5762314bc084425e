//! What an app wants done to answers: the block response, headers, TLS.

use super::super::mistake::Mistakes;
use super::super::shape::{Shape, check_shapes, told};
use super::super::spot::Spot;
use super::access::header_names;
use serde_json::json;

/// What a Defender reads of it, beside effects.
const SHAPES: [(&str, Shape); 23] = [
    ("customBlockResponse", Shape::Object),
    ("customBlockResponse.enabled", Shape::Flag),
    ("customBlockResponse.code", Shape::Short),
    ("customBlockResponse.body", Shape::Text),
    ("intelGathering", Shape::Object),
    ("intelGathering.removeFingerprintsEnabled", Shape::Flag),
    ("csrfEnabled", Shape::Flag),
    ("clickjackingEnabled", Shape::Flag),
    ("responseHeaderSpecs", Shape::List),
    ("responseHeaderSpecs.*", Shape::Object),
    ("responseHeaderSpecs.*.name", Shape::Text),
    ("responseHeaderSpecs.*.values", Shape::Texts),
    ("responseHeaderSpecs.*.override", Shape::Flag),
    ("tlsConfig", Shape::Object),
    ("tlsConfig.minTLSVersion", Shape::Text),
    ("tlsConfig.HSTSConfig", Shape::Object),
    ("tlsConfig.HSTSConfig.enabled", Shape::Flag),
    ("tlsConfig.HSTSConfig.maxAgeSeconds", Shape::Count),
    ("tlsConfig.HSTSConfig.includeSubdomains", Shape::Flag),
    ("tlsConfig.HSTSConfig.preload", Shape::Flag),
    ("certificate", Shape::Object),
    ("certificate.encrypted", Shape::Text),
    ("certificate.plain", Shape::Text),
];

const TLS_VERSIONS: [&str; 5] = ["", "1.0", "1.1", "1.2", "1.3"];

pub(super) fn check(application: &Spot<'_>, label: &str, found: &mut Mistakes) {
    check_shapes(application, &SHAPES, label, found);
    header_names(application, "responseHeaderSpecs.*", label, found);
    for value in application.along("responseHeaderSpecs.*.values.*") {
        if value.text().is_some_and(|text| text.contains(['\r', '\n', '\0'])) {
            let message = format!("{label}: a value of a header has more than one line");
            found.add(value.path, message, "give one line");
        }
    }
    for version in application.along("tlsConfig.minTLSVersion") {
        if version.text().is_some_and(|text| !TLS_VERSIONS.contains(&text)) {
            let message = format!("{label}: {}", told(&version.path, Some(version.value)));
            found.add(version.path, message, "use one of 1.0, 1.1, 1.2, 1.3");
        }
    }
    block_response(application, label, found);
}

/// Status and page of a block response that is in use; the page must be one [S22].
fn block_response(application: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let Some(custom) = application.member("customBlockResponse") else { return };
    if custom.member("enabled").is_none_or(|enabled| enabled.value != &json!(true)) {
        return;
    }
    let code = custom.member("code").map(|code| code.value);
    // What is no number at all has been told already.
    let status = code.is_some_and(|code| {
        !Shape::Short.fits(code) || code.as_u64().is_some_and(|code| (100..=599).contains(&code))
    });
    if !status {
        let path = custom.path.member("code");
        let message = format!("{label}: {}", told(&path, code));
        found.add(path, message, "give an http status, 100 to 599");
    }
    let body = custom.member("body");
    if !body.as_ref().is_some_and(|body| body.text().is_none_or(is_page)) {
        let message = format!("{label}: the page of the custom block response is no html page");
        found.add(custom.path.member("body"), message, "begin it with <html and end it with </html>");
    }
}

/// Whether a text is a page; what is no text at all is told elsewhere.
pub(super) fn is_page(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    text.starts_with("<html") && text.ends_with("</html>")
}
