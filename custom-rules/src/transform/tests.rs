use super::*;
use proptest::prelude::*;

fn run(transform: Transform, value: &[u8]) -> Vec<u8> {
    transform.apply(Cow::Borrowed(value)).into_owned()
}

#[test]
fn each_does_what_its_name_says() {
    for (transform, value, expected) in [
        (Transform::Lowercase, &b"AbC%41"[..], &b"abc%41"[..]),
        (Transform::Lowercase, "\u{c4}\u{130}Z".as_bytes(), "\u{e4}i\u{307}z".as_bytes()),
        (Transform::Lowercase, b"\xffA\xc3", b"\xffa\xc3"),
        (Transform::CompressWhitespace, b"a \t\n\r\x0b\x0cb  c", b"a b c"),
        (Transform::CompressWhitespace, "\u{a0} a\u{a0}".as_bytes(), b" a "),
        (Transform::CompressWhitespace, b"a\xa0\xa0b", b"a b"),
        (Transform::CompressWhitespace, "\u{e0} b".as_bytes(), "\u{e0} b".as_bytes()),
        (Transform::CompressWhitespace, b"ab", b"ab"),
        (Transform::RemoveWhitespace, b" u n\tion\x0bsel\x0cect\r\n", b"unionselect"),
        (Transform::RemoveWhitespace, "a\u{a0}\u{e0}b".as_bytes(), "a\u{e0}b".as_bytes()),
        (Transform::UrlQueryDecode, b"a+b%3Cc%zz%3", b"a b<c%zz%3"),
        (Transform::UrlQueryDecode, b"%2527%", b"%27%"),
        (Transform::UrlPathDecode, b"a+b%2f%2B", b"a+b/+"),
        (Transform::UrlPathDecode, b"a+b", b"a+b"),
        (Transform::HtmlEntityDecode, b"&lt;&#x3C;&#60;&quot;&bogus;&#&#x;", b"<<<\"&bogus;&#&#x;"),
        (Transform::HtmlEntityDecode, b"&ltx &ampgt; &colon;&NewLine;&#0;", b"<x &gt; :\n\xef\xbf\xbd"),
        (Transform::HtmlEntityDecode, b"&#x20AC;&#128;&eacute;", "\u{20ac}\u{20ac}\u{e9}".as_bytes()),
        (Transform::HtmlEntityDecode, b"&#99999999999;&#xd800;&", b"\xef\xbf\xbd\xef\xbf\xbd&"),
        (Transform::Base64Decode, b"VHJ1ZQ==", b"True"),
        (Transform::Base64Decode, b"VHJ1ZQ", b"True"),
        (Transform::Base64Decode, b"VHJ1\r\nZQ==; Path=/", b"True"),
        (Transform::Base64Decode, b"-_8", b"\xfb\xff"),
        (Transform::Base64Decode, b"VHJ1Z", b"Tru"),
        (Transform::Base64Decode, b"{}", b""),
        (Transform::ReplaceComments, b"UNION/**/SELECT/* x */1", b"UNION SELECT 1"),
        (Transform::ReplaceComments, b"a/*b", b"a "),
        (Transform::ReplaceComments, b"a*/b/*/c", b"a*/b "),
        (Transform::RemoveCommentSymbols, b"UN/*x*/ION", b"UNxION"),
        (Transform::RemoveCommentSymbols, b"/*/a/*", b"/a"),
        (Transform::RemoveTags, b"&lt;script&GT;<b>&lt", b" script <b>&lt"),
    ] {
        assert_eq!(
            String::from_utf8_lossy(&run(transform, value)),
            String::from_utf8_lossy(expected),
            "{transform:?}"
        );
    }
}

#[test]
fn characters_become_what_they_resemble() {
    for (value, expected) in [
        ("\u{ff1c}\u{ff53}cript\u{ff1e}", "<script>"),
        ("\u{fe64}b\u{fe65} \u{2039}\u{203a}", "<b> <>"),
        ("\u{201c}x\u{2019}\u{2014}\u{2044}", "\"x'-/"),
        ("\u{c4}\u{c6}\u{e9}\u{df}\u{142}\u{131}\u{17f}", "AAEesslis"),
        ("\u{212a}e\u{301}\u{1d4ed}\u{1d7d9}\u{24d4}\u{2463}", "Ked1e4"),
        ("\u{441}\u{430}t \u{391}\u{3bb}", "sat Al"),
        ("s\u{200b}el\u{feff}ect\u{a0}1", "select 1"),
        ("\u{4e2d}\u{1f600}", "\u{4e2d}\u{1f600}"),
        ("plain", "plain"),
    ] {
        assert_eq!(
            String::from_utf8_lossy(&run(Transform::UnicodeDecode, value.as_bytes())),
            expected,
            "{value}"
        );
    }
    assert_eq!(run(Transform::UnicodeDecode, b"\xffa\xc3"), b"\xffa\xc3");
}

#[test]
fn names_are_those_of_the_table() {
    for (name, transform) in TRANSFORMS {
        assert_eq!(Transform::named(name), Some(transform));
    }
    assert_eq!(Transform::named("Lowercase"), None);
    assert_eq!(Transform::names().count(), 11);
}

proptest! {
    #[test]
    fn any_bytes_are_transformed_within_bounds(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (_, transform) in TRANSFORMS {
            prop_assert!(run(transform, &value).len() <= 3 * value.len());
        }
    }

    #[test]
    fn any_text_is_transformed_within_bounds(value in "(\\PC|[&#;%+/* \\t0-9a-fA-Fxlt]){0,80}") {
        for (_, transform) in TRANSFORMS {
            prop_assert!(run(transform, value.as_bytes()).len() <= 3 * value.len());
        }
    }

    #[test]
    fn url_encoding_is_undone(value in proptest::collection::vec(any::<u8>(), 0..60)) {
        let encoded: String = value.iter().map(|byte| format!("%{byte:02X}")).collect();
        prop_assert_eq!(&run(Transform::UrlQueryDecode, encoded.as_bytes()), &value);
        prop_assert_eq!(&run(Transform::UrlPathDecode, encoded.as_bytes()), &value);
    }

    #[test]
    fn resemblance_is_ascii_or_itself(character in any::<char>()) {
        let decoded = run(Transform::UnicodeDecode, character.to_string().as_bytes());
        prop_assert!(decoded.is_ascii() || decoded == character.to_string().as_bytes());
    }
}
