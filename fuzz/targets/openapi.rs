//! The import of an API description: it comes out the same each time, as much as the document says; an error is one line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_fuzz::heap::measured;
use proofhouse_openapi::import;

fuzz_target!(|bytes: &[u8]| {
    let (found, heap) = measured(|| import(bytes));
    assert_eq!(found, import(bytes), "the second time");
    // The tree of a document, and the parameters with what they refer to; aliases of YAML count by what they stand for.
    assert!(heap <= 2048 * bytes.len() + (64 << 20), "{heap} bytes in use for {}", bytes.len());
    match found {
        Ok(spec) => {
            let written = serde_json::to_string(&spec).expect("what is imported can be written");
            let again = serde_json::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
            assert_eq!(spec, again, "what is imported is what a policy can hold");
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.chars().any(|c| c.is_control()), "{line:?}");
            assert!(line.len() <= 1024, "{} bytes: {line}", line.len());
        }
    }
});
