//! The canonical forms of a value, and the transformations of the rule language: what the slow statement of both says.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../defender/waas/tests/plain/mod.rs"]
mod plain;

fuzz_target!(|bytes: &[u8]| {
    plain::check_forms(bytes);
    plain::check_transforms(bytes);
});
