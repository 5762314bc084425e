//! The canonical forms and the transformations are what a slow, plain statement says, which has nothing of them.

mod plain;

use proptest::prelude::*;

/// Pieces of what is decoded, and of what nearly is.
fn near() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[ -~]{0,3}".prop_map(String::into_bytes),
        "%(25)?(25)?(u?[0-9a-fg]{2,4})".prop_map(String::into_bytes),
        "&#?x?[0-9a-f]{0,12};?".prop_map(String::into_bytes),
        "&(lt|GT|amp|quot|apos|tab|NewLine|colon|sol|bsol|ltx|nbsp);?".prop_map(String::into_bytes),
        "\\\\(x|u|u\\{|X|c)?[0-9a-fg]{0,7}\\}?".prop_map(String::into_bytes),
        "\\\\[abtnvfrqx?'\"\\\\\n0-9]?".prop_map(String::into_bytes),
        "(/|\\.|\\.\\.|\\\\|a|/\\*|\\*/|--|-->|<!--|#|\\^|;|,| |\t|\x0b|\\(){0,6}"
            .prop_map(String::into_bytes),
        "[A-Za-z0-9+/_-]{0,12}={0,3}".prop_map(String::into_bytes),
        prop::collection::vec(
            prop::sample::select(vec![
                0, 0x80, 0xa0, 0xaf, 0xc0, 0xc1, 0xe0, 0xed, 0xf0, 0xf5, 0xf8, 0xfc, 0xff
            ]),
            0..6
        ),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Text in Base64, URL-encoded or not.
fn packed() -> impl Strategy<Value = Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    (near(), any::<bool>(), any::<bool>()).prop_map(|(text, url, percent)| {
        let packed = if url { URL_SAFE_NO_PAD.encode(text) } else { STANDARD.encode(text) };
        if percent {
            packed.replace('=', "%3D").replace('+', "%2B").into_bytes()
        } else {
            packed.into_bytes()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn forms_are_those_of_the_plain_statement(value in prop_oneof![near(), packed()]) {
        plain::check_forms(&value);
    }

    #[test]
    fn transformations_are_those_of_the_plain_statement(value in prop_oneof![near(), packed()]) {
        plain::check_transforms(&value);
    }

    #[test]
    fn so_they_are_of_any_bytes(value in prop::collection::vec(any::<u8>(), 0..60)) {
        plain::check_forms(&value);
        plain::check_transforms(&value);
    }
}
