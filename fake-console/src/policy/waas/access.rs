//! Access control of an app.

use super::super::mistake::Mistakes;
use super::super::shape::{Shape, check_shapes, told};
use super::super::spot::Spot;

/// What a Defender reads of it.
const SHAPES: [(&str, Shape); 25] = [
    ("networkControls", Shape::Object),
    ("networkControls.exceptionSubnets", Shape::Texts),
    ("networkControls.networkControlsExceptionSubnets", Shape::Object),
    ("networkControls.networkControlsExceptionSubnets.subnets", Shape::Texts),
    ("networkControls.subnets", Shape::Object),
    ("networkControls.subnets.enabled", Shape::Flag),
    ("networkControls.subnets.allowMode", Shape::Flag),
    ("networkControls.subnets.allow", Shape::Texts),
    ("networkControls.subnets.alert", Shape::Texts),
    ("networkControls.subnets.prevent", Shape::Texts),
    ("networkControls.countries", Shape::Object),
    ("networkControls.countries.enabled", Shape::Flag),
    ("networkControls.countries.allowMode", Shape::Flag),
    ("networkControls.countries.allow", Shape::Texts),
    ("networkControls.countries.alert", Shape::Texts),
    ("networkControls.countries.prevent", Shape::Texts),
    ("maliciousUpload", Shape::Object),
    ("maliciousUpload.allowedFileTypes", Shape::Texts),
    ("maliciousUpload.allowedExtensions", Shape::Texts),
    ("headerSpecs", Shape::List),
    ("headerSpecs.*", Shape::Object),
    ("headerSpecs.*.name", Shape::Text),
    ("headerSpecs.*.values", Shape::Texts),
    ("headerSpecs.*.allow", Shape::Flag),
    ("headerSpecs.*.required", Shape::Flag),
];

/// Where codes of countries stand.
const COUNTRIES: [&str; 3] = [
    "networkControls.countries.allow.*",
    "networkControls.countries.alert.*",
    "networkControls.countries.prevent.*",
];

/// Types of files (`waas.FileType`).
const FILE_TYPES: [&str; 18] = [
    "pdf",
    "officeLegacy",
    "officeOoxml",
    "odf",
    "jpeg",
    "png",
    "gif",
    "bmp",
    "ico",
    "avi",
    "mp4",
    "aac",
    "mp3",
    "wav",
    "zip",
    "gzip",
    "rar",
    "7zip",
];

pub(super) fn check(application: &Spot<'_>, label: &str, found: &mut Mistakes) {
    check_shapes(application, &SHAPES, label, found);
    for kind in application.along("maliciousUpload.allowedFileTypes.*") {
        if kind.text().is_some_and(|text| !FILE_TYPES.contains(&text)) {
            let message = format!("{label}: {}", told(&kind.path, Some(kind.value)));
            found.add(kind.path, message, format!("use one of {}", FILE_TYPES.join(", ")));
        }
    }
    for list in COUNTRIES {
        for code in application.along(list) {
            if code.text().is_some_and(|text| !is_country(text)) {
                let message = format!("{label}: {}, which is no country", told(&code.path, Some(code.value)));
                found.add(code.path, message, "give two capital letters of ISO 3166-1, such as 'DE'");
            }
        }
    }
    header_names(application, "headerSpecs.*", label, found);
}

/// Two capital letters; that a country has them is not asked.
fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Whatever stands at the pattern has the name of a header.
pub(super) fn header_names(application: &Spot<'_>, pattern: &str, label: &str, found: &mut Mistakes) {
    for spec in application.along(pattern).iter().filter(|spec| spec.value.is_object()) {
        let name = spec.member("name");
        if name.is_none_or(|name| name.text().is_some_and(|text| !is_token(text))) {
            let message = format!("{label}: a header has no name that is one");
            found.add(spec.path.member("name"), message, "give the name of a header, such as 'X-Api-Key'");
        }
    }
}

/// Letters of header names.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
