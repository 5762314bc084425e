//! A file of rules: it is read, or refused with the line or the rule that is wrong; what is read compiles, or says why it does not.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_waas::{AttackSet, CrsError, Detector, Exceptions, RequestView, crs};
use std::path::PathBuf;
use std::sync::LazyLock;

/// A folder of this process, that is left empty of anything but the file.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("proofhouse-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().count().max(1);
    let file = match crs::parse(&text) {
        Ok(file) => file,
        Err(error) => {
            assert!((1..=lines).contains(&error.line), "line {} of {lines}", error.line);
            is_one_line(&error.to_string());
            return;
        }
    };
    for rule in &file.rules {
        assert!((1..=lines).contains(&rule.line) && rule.id > 0);
    }
    let mut rules = file.rules.clone();
    file.updates.iter().for_each(|update| update.apply(&mut rules));
    // Lists of words are files of others.
    if text.contains("pmf") || text.contains("pmFromFile") {
        return;
    }
    let path = FOLDER.join("REQUEST-900-FUZZ.conf");
    std::fs::write(&path, bytes).expect("a file in the folder");
    match Detector::load(&FOLDER) {
        Ok(detector) => {
            assert!(detector.rules() <= rules.len());
            let view = RequestView {
                method: "POST",
                path: b"/a/../b",
                query: Some(b"id=1%27+or+%271&x=%3Cscript%3E"),
                headers: &[
                    ("Host", b"h"),
                    ("Cookie", b"a=b; c=d"),
                    ("X-A", b"() { :;}"),
                    ("User-Agent", b"sqlmap"),
                ],
                has_body: true,
                body: b"a=1&b=../../etc/passwd",
                body_limit: 4096,
                ..RequestView::default()
            };
            let _ = detector.inspect(&view, AttackSet::ALL, &Exceptions::default());
        }
        Err(error) => {
            is_one_line(&error.to_string());
            match error {
                CrsError::Rule { id, .. } => assert!(rules.iter().any(|rule| rule.id == id)),
                CrsError::NoRules(_) => {}
                other => panic!("the file was read before: {other}"),
            }
        }
    }
});

fn is_one_line(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.len() <= 4096, "{} bytes: {text}", text.len());
}
