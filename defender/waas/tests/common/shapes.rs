//! Bodies that take as much memory as they can for their size.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

use std::fmt::Write as _;

/// Inspected size of the product's default (section 1.3 of `waas.md`).
pub const SIZE: usize = 131_072;

/// A text made of a piece over and over.
pub fn times(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

fn nested(open: &str, close: &str) -> String {
    let deep = SIZE / (open.len() + close.len());
    format!("{}{}", open.repeat(deep), close.repeat(deep))
}

fn texts_in_members() -> String {
    let (open, close) = ("{\"abc\":".repeat(100), "}".repeat(100));
    let texts = times("\"a\",");
    format!("{open}[{texts}1],\"b\":1{close}")
}

/// Name, type and body of each.
pub fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (form, json, xml) = ("application/x-www-form-urlencoded", "application/json", "application/xml");
    let multipart = "multipart/form-data; boundary=b";
    let list = |piece: &str| format!("[{}0]", times(piece)).into_bytes();
    let mut names = String::from("{");
    for number in 0..SIZE / 10 {
        let _ = write!(names, "\"{number:05}\":1,");
    }
    names.push_str("\"z\":1}");
    let grpc = {
        let message = times("\n\u{1}a");
        [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message.as_bytes()].concat()
    };
    vec![
        ("form of names", form, times("a&").into()),
        ("form of pairs", form, times("a=b&").into()),
        ("form of codings", form, times("%2525=%2525&").into()),
        ("form of one value", form, format!("a={}", "x".repeat(SIZE - 2)).into()),
        ("form of one coded value", form, format!("a={}", times("%2525")).into()),
        ("list of texts", json, list("\"a\",")),
        ("list of lists", json, nested("[", "]").into()),
        ("members", json, names.into()),
        (
            "members in members",
            json,
            format!("{}1{}", "{\"a\":".repeat(SIZE / 6), "}".repeat(SIZE / 6)).into(),
        ),
        ("texts in members in members", json, texts_in_members().into()),
        ("broken JSON", json, times("\"a\",").into()),
        ("escapes", json, format!("[\"{}\"]", times("\\u0061")).into()),
        ("elements", xml, format!("<r>{}</r>", times("<a>b</a>")).into()),
        ("attributes", xml, format!("<r {}/>", times("a='b' ")).into()),
        ("elements in elements", xml, nested("<a>", "</a>").into()),
        ("text between elements", xml, format!("<r>{}</r>", times("a<b/>")).into()),
        ("text between sections", xml, format!("<r>{}</r>", times("<![CDATA[a]]>")).into()),
        ("long text in elements", xml, format!("{}{}", "<a>b".repeat(200), "c".repeat(SIZE - 800)).into()),
        ("text in elements in elements", xml, times("<a>b").into()),
        ("references", xml, format!("<r>{}</r>", times("&amp;")).into()),
        ("parts", multipart, times("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n").into()),
        ("delimiters", multipart, times("--b\r\n").into()),
        ("delimiters anywhere", multipart, times("--b").into()),
        ("messages of a call", "application/grpc", grpc),
        ("messages in messages", "application/grpc", times("\0\0\0\0\u{3}\n\u{1}a").into()),
        ("text", "text/plain", "word ".repeat(SIZE / 5).into()),
        ("text of brackets", "text/plain", nested("{", "}").into()),
    ]
}
