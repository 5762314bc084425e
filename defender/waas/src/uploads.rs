//! Files that clients may send (section 2.12 of `waas.md`).
//!
//! A file is allowed if its extension and its first bytes are both of one allowed type, or if its extension is one of the user's own.
//! Declared choices: files are those of `multipart/form-data`; of a file with several names each must be allowed; the type that the
//! client claims does not count; an effect of `ban` is not known here.

use crate::finding::Finding;
use crate::input::{Class, Input, Location};
use crate::request::RequestView;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::audit::AttackField;
use proofhouse_protocol::waas_policy::MaliciousUpload;

/// What files of a type are like: its name in the schema, extensions, and what stands at which place.
struct Kind {
    name: &'static str,
    extensions: &'static [&'static str],
    magic: &'static [(usize, &'static [u8])],
}

const fn kind(
    name: &'static str,
    extensions: &'static [&'static str],
    magic: &'static [(usize, &'static [u8])],
) -> Kind {
    Kind { name, extensions, magic }
}

/// One of the magics is enough; those that share a container with others are told by their extension.
const KINDS: [Kind; 18] = [
    kind("pdf", &["pdf"], &[(0, b"%PDF-")]),
    kind("officeLegacy", &["doc", "xls", "ppt"], &[(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")]),
    kind("officeOoxml", &["docx", "xlsx", "pptx"], &[(0, b"PK\x03\x04")]),
    kind("odf", &["odt", "ods", "odp"], &[(0, b"PK\x03\x04")]),
    kind("jpeg", &["jpg", "jpeg"], &[(0, b"\xff\xd8\xff")]),
    kind("png", &["png"], &[(0, b"\x89PNG\r\n\x1a\n")]),
    kind("gif", &["gif"], &[(0, b"GIF87a"), (0, b"GIF89a")]),
    kind("bmp", &["bmp"], &[(0, b"BM")]),
    kind("ico", &["ico"], &[(0, b"\x00\x00\x01\x00")]),
    kind("avi", &["avi"], &[(8, b"AVI ")]),
    kind("mp4", &["mp4", "m4v"], &[(4, b"ftyp")]),
    kind("aac", &["aac"], &[(0, b"\xff\xf1"), (0, b"\xff\xf9")]),
    kind("mp3", &["mp3"], &[(0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xf2")]),
    kind("wav", &["wav"], &[(8, b"WAVE")]),
    kind("zip", &["zip"], &[(0, b"PK\x03\x04"), (0, b"PK\x05\x06")]),
    kind("gzip", &["gz", "tgz", "gzip"], &[(0, b"\x1f\x8b")]),
    kind("rar", &["rar"], &[(0, b"Rar!\x1a\x07")]),
    kind("7zip", &["7z"], &[(0, b"7z\xbc\xaf\x27\x1c")]),
];

/// Which files an app takes.
#[derive(Debug)]
pub(crate) struct Uploads {
    effect: WaasEffect,
    types: Vec<String>,
    /// In lower case, without the dot.
    extensions: Vec<String>,
}

impl Uploads {
    /// `None` if the app takes any.
    pub(crate) fn of(settings: &MaliciousUpload) -> Option<Self> {
        let effect = settings.effect;
        let own = settings.allowed_extensions.iter();
        let extensions = own.map(|own| own.trim_start_matches('.').to_ascii_lowercase()).collect();
        let types = settings.allowed_file_types.clone();
        (effect != WaasEffect::Disable).then_some(Self { effect, types, extensions })
    }

    /// The first file that is not allowed.
    pub(crate) fn check(&self, request: &RequestView<'_>) -> Option<Finding> {
        let files = request.files();
        let wrong =
            |file: &&Input<'_>| file.class == Class::FileContent && !self.allows(&file.key, &file.value);
        let (message, key) = match files.iter().find(wrong) {
            Some(file) => {
                let name = file.key.clone().into_owned();
                (format!("Request has the file {name}, which is of no allowed type"), name)
            }
            None if files.left_out() => {
                ("Request has more files than can be looked at".to_owned(), String::new())
            }
            None => return None,
        };
        let field =
            AttackField { kind: Location::MultipartBody.field_type().to_owned(), key, value: String::new() };
        Some(Finding {
            kind: "disallowedFile",
            protection: "accessControl",
            effect: self.effect,
            message,
            field,
        })
    }

    fn allows(&self, name: &str, content: &[u8]) -> bool {
        // What stands behind a zero byte does not reach the file system.
        let name = name.split('\0').next().unwrap_or_default().trim_end_matches([' ', '.']);
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let extension = extension.unwrap_or_default();
        let fits = |kind: &Kind| {
            let magic =
                |(at, magic): &(usize, &[u8])| content.get(*at..).is_some_and(|rest| rest.starts_with(magic));
            self.types.iter().any(|allowed| allowed == kind.name)
                && kind.extensions.contains(&extension.as_str())
                && kind.magic.iter().any(magic)
        };
        self.extensions.contains(&extension) || KINDS.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn allows(settings: Value, name: &str, content: &[u8]) -> bool {
        let uploads = Uploads::of(&serde_json::from_value(settings).unwrap()).unwrap();
        let body = [
            format!("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\n\r\n")
                .as_bytes(),
            content,
            b"\r\n--x--\r\n",
        ]
        .concat();
        let view = RequestView {
            method: "POST",
            path: b"/",
            headers: &[("Content-Type", b"multipart/form-data; boundary=x")],
            has_body: true,
            body: &body,
            body_limit: 131_072,
            ..RequestView::default()
        };
        let found = uploads.check(&view);
        assert!(
            found.iter().all(|found| found.message.contains(name) && found.effect == WaasEffect::Prevent)
        );
        found.is_none()
    }

    #[test]
    fn more_files_than_there_is_room_for_are_not_allowed() {
        let uploads = json!({"effect": "prevent", "allowedFileTypes": ["pdf"]});
        let uploads = Uploads::of(&serde_json::from_value(uploads).unwrap()).unwrap();
        let found = |files: usize| {
            let part = "--x\r\nContent-Disposition: form-data; name=f; filename=a.pdf\r\n\r\n%PDF-1.7\r\n";
            let body = part.repeat(files);
            uploads.check(&RequestView {
                headers: &[("Content-Type", b"multipart/form-data; boundary=x")],
                body: body.as_bytes(),
                body_limit: 1000,
                ..RequestView::default()
            })
        };
        assert_eq!(found(100), None);
        assert_eq!(found(3000).unwrap().message, "Request has more files than can be looked at");
    }

    #[test]
    fn extension_and_content_must_both_be_allowed() {
        let pdf =
            json!({"effect": "prevent", "allowedFileTypes": ["pdf", "png"], "allowedExtensions": [".abc"]});
        let allows = |name: &str, content: &[u8]| allows(pdf.clone(), name, content);
        assert!(allows("a.pdf", b"%PDF-1.7 x"));
        assert!(allows("A.PDF", b"%PDF-1.7"));
        assert!(allows("a.abc", b"MZ"), "an extension of the user's own");
        for (name, content) in [
            ("a.py", &b"print(1)"[..]),
            ("a.png", b"MZ\x90"),
            ("a.png", b"%PDF-1.7"),
            ("a.pdf", b""),
            ("pdf", b"%PDF-1.7"),
            ("a.pdf.php", b"%PDF-1.7"),
            ("a.jpg", b"\xff\xd8\xff"),
            ("a.py\0.pdf", b"%PDF-1.7"),
        ] {
            assert!(!allows(name, content), "{name}");
        }
    }

    #[test]
    fn every_type_of_the_schema_is_known_by_its_content() {
        for kind in &KINDS {
            for (at, magic) in kind.magic {
                let content = [&vec![b' '; *at][..], magic].concat();
                let settings = json!({"effect": "prevent", "allowedFileTypes": [kind.name]});
                assert!(allows(settings, &format!("f.{}", kind.extensions[0]), &content), "{}", kind.name);
            }
        }
    }

    #[test]
    fn an_app_without_the_protection_takes_any() {
        assert!(Uploads::of(&MaliciousUpload::default()).is_none());
    }
}
