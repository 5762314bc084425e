//! The canonical forms.

use super::{byte_of, digits, percent, reference, rewritten};

/// References that matter to an attack.
const NAMES: [(&str, u8); 17] = [
    ("amp", b'&'),
    ("apos", b'\''),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("equals", b'='),
    ("grave", b'`'),
    ("gt", b'>'),
    ("lpar", b'('),
    ("lt", b'<'),
    ("nbsp", 0xa0),
    ("newline", b'\n'),
    ("period", b'.'),
    ("quot", b'"'),
    ("rpar", b')'),
    ("semi", b';'),
    ("sol", b'/'),
    ("tab", b'\t'),
];

/// The value; that without its URL encoding; that without its references and escapes; and if the second is Base64 of a text, that
/// text, and the same of it. What is as the one before is left out.
pub fn forms(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec()];
    let decoded = three(&mut forms, value);
    if let Some(text) = base64(&decoded) {
        forms.push(text.clone());
        three(&mut forms, &text);
    }
    forms
}

/// Adds what becomes of a value, and gives it without its URL encoding.
fn three(forms: &mut Vec<Vec<u8>>, value: &[u8]) -> Vec<u8> {
    let decoded = url(value);
    if decoded != value {
        forms.push(decoded.clone());
    }
    let plain = escapes(&decoded);
    if plain != decoded {
        forms.push(plain);
    }
    decoded
}

fn url(value: &[u8]) -> Vec<u8> {
    let once = |value: &[u8]| rewritten(value, |text| percent(text, true));
    rewritten(&once(&once(&once(value))), overlong)
}

/// A character of ASCII in more bytes than it needs: zeros in front, its last six bits in the last byte, whatever the mark of that.
fn overlong(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let length = match text.first()? {
        0xc0 | 0xc1 => 2,
        0xe0 => 3,
        0xf0 => 4,
        0xf8 => 5,
        0xfc => 6,
        _ => return None,
    };
    let bytes = text.get(..length)?;
    let inner = &bytes[1..length - 1];
    if !inner.iter().all(|byte| (0x80..0xc0).contains(byte)) {
        return None;
    }
    let mut bits = String::new();
    if length == 2 {
        bits.push_str(&format!("{:05b}", bytes[0] & 0x1f));
    }
    bytes[1..].iter().for_each(|byte| bits.push_str(&format!("{:06b}", byte & 0x3f)));
    let code = u64::from_str_radix(&bits, 2).expect("these are digits");
    (code < 0x80).then(|| (vec![code as u8], length))
}

fn escapes(value: &[u8]) -> Vec<u8> {
    let number = |code: u128| byte_of(u32::try_from(code).unwrap_or(u32::MAX));
    let without = rewritten(value, |text| reference(text, &NAMES, number));
    rewritten(&without, javascript)
}

/// `\xHH`, `\uHHHH`, `\u{H...}` of up to six digits, and three octal digits up to 377.
fn javascript(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let rest = text.strip_prefix(b"\\")?;
    let found = match rest {
        [b'x', rest @ ..] => digits(rest, 2, 16).map(|code| (code, 4)),
        [b'u', b'{', rest @ ..] => (1..=6).find_map(|many| {
            let code = digits(rest, many, 16)?;
            (rest.get(many) == Some(&b'}')).then_some((code, many + 4))
        }),
        [b'u', rest @ ..] => digits(rest, 4, 16).map(|code| (code, 6)),
        _ => digits(rest, 3, 8).filter(|code| *code < 256).map(|code| (code, 4)),
    };
    found.map(|(code, length)| (vec![byte_of(code)], length))
}

/// Of at least eight digits of one alphabet, with up to two `=` behind them and white space around.
fn base64(value: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(value);
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0c']);
    // What was a plus was decoded in a form.
    let body = text.trim_end_matches('=').replace(' ', "+");
    let own = if body.contains(['-', '_']) { "-_" } else { "+/" };
    let alphabet: String = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(own.chars()).collect();
    let places: Vec<usize> = body.chars().map(|digit| alphabet.find(digit)).collect::<Option<_>>()?;
    if places.len() < 8 || places.len() % 4 == 1 || text.len() - body.len() > 2 {
        return None;
    }
    let bits: Vec<bool> =
        places.iter().flat_map(|place| (0..6).rev().map(move |bit| place >> bit & 1 == 1)).collect();
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |value, bit| value << 1 | u8::from(*bit)))
        .collect();
    // Control characters are those below the blank, and from 7f to 9f; four of them stand in texts.
    let is_text = |c: char| !matches!(c, '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}') || "\t\n\r\0".contains(c);
    String::from_utf8(bytes.clone()).is_ok_and(|text| text.chars().all(is_text)).then_some(bytes)
}
