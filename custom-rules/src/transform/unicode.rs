//! The ASCII text that a character resembles.

use super::utf8::push;

/// Latin-1 letters, from U+00C0 on.
#[rustfmt::skip]
const LATIN_1: [&str; 64] = [
    "A", "A", "A", "A", "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I", "I",
    "D", "N", "O", "O", "O", "O", "O", "x", "O", "U", "U", "U", "U", "Y", "Th", "ss",
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "o", "/", "o", "u", "u", "u", "u", "y", "th", "y",
];

/// Latin Extended-A, from U+0100 on.
#[rustfmt::skip]
const LATIN_A: [&str; 128] = [
    "A", "a", "A", "a", "A", "a", "C", "c", "C", "c", "C", "c", "C", "c", "D", "d",
    "D", "d", "E", "e", "E", "e", "E", "e", "E", "e", "E", "e", "G", "g", "G", "g",
    "G", "g", "G", "g", "H", "h", "H", "h", "I", "i", "I", "i", "I", "i", "I", "i",
    "I", "i", "IJ", "ij", "J", "j", "K", "k", "k", "L", "l", "L", "l", "L", "l", "L",
    "l", "L", "l", "N", "n", "N", "n", "N", "n", "'n", "NG", "ng", "O", "o", "O", "o",
    "O", "o", "OE", "oe", "R", "r", "R", "r", "R", "r", "S", "s", "S", "s", "S", "s",
    "S", "s", "T", "t", "T", "t", "T", "t", "U", "u", "U", "u", "U", "u", "U", "u",
    "U", "u", "U", "u", "W", "w", "Y", "y", "Y", "Z", "z", "Z", "z", "Z", "z", "s",
];

/// Greek capitals from U+0391 to U+03A9; small letters stand 32 behind.
#[rustfmt::skip]
const GREEK: [&str; 25] = [
    "A", "B", "G", "D", "E", "Z", "E", "Th", "I", "K", "L", "M", "N", "X", "O", "P", "R", "S", "S", "T", "U", "Ph",
    "Kh", "Ps", "O",
];

/// Cyrillic capitals from U+0410 to U+042F; small letters stand 32 behind.
#[rustfmt::skip]
const CYRILLIC: [&str; 32] = [
    "A", "B", "V", "G", "D", "E", "Zh", "Z", "I", "I", "K", "L", "M", "N", "O", "P", "R", "S", "T", "U", "F", "Kh",
    "Ts", "Ch", "Sh", "Shch", "'", "Y", "'", "E", "Iu", "Ia",
];

/// Letters of mathematics in their order, several alphabets one behind the other.
const LETTERS: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Each character as what it resembles in ASCII; one that resembles nothing stays, invisible ones go.
pub(super) fn to_ascii(value: &[u8]) -> Option<Vec<u8>> {
    if value.is_ascii() {
        return None;
    }
    let mut out = Vec::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            if !write_resemblance(character, &mut out) {
                push(&mut out, character);
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
    Some(out)
}

/// Writes what the character resembles; false if that is nothing.
fn write_resemblance(character: char, out: &mut Vec<u8>) -> bool {
    let code = u32::from(character);
    if let Some(byte) = regular(code) {
        out.push(byte);
        return true;
    }
    let small = |table: &[&str], at: u32, out: &mut Vec<u8>| {
        out.extend(table[at as usize].bytes().map(|byte| byte.to_ascii_lowercase()));
    };
    match code {
        0xc0..=0xff => out.extend_from_slice(LATIN_1[(code - 0xc0) as usize].as_bytes()),
        0x100..=0x17f => out.extend_from_slice(LATIN_A[(code - 0x100) as usize].as_bytes()),
        0x391..=0x3a9 => out.extend_from_slice(GREEK[(code - 0x391) as usize].as_bytes()),
        0x3b1..=0x3c9 => small(&GREEK, code - 0x3b1, out),
        0x410..=0x42f => out.extend_from_slice(CYRILLIC[(code - 0x410) as usize].as_bytes()),
        0x430..=0x44f => small(&CYRILLIC, code - 0x430, out),
        // Marks on other letters, and what is not seen.
        0x300..=0x36f | 0xad | 0x200b..=0x200f | 0x2060..=0x2064 | 0xfe00..=0xfe0f | 0xfeff => {}
        // Numbers in circles.
        0x2460..=0x2473 => out.extend_from_slice((code - 0x245f).to_string().as_bytes()),
        _ => match symbol(character) {
            "" => return false,
            text => out.extend_from_slice(text.as_bytes()),
        },
    }
    true
}

/// The ASCII character at the same place of an alphabet that is ordered as ASCII is.
fn regular(code: u32) -> Option<u8> {
    let at = |base: u32, first: u8| u8::try_from(code - base).ok().map(|offset| first + offset);
    match code {
        0..=0x7f => u8::try_from(code).ok(),
        // Full width.
        0xff01..=0xff5e => at(0xff01, b'!'),
        // Superscripts, subscripts, letters in circles.
        0x2074..=0x2079 => at(0x2074, b'4'),
        0x2080..=0x2089 => at(0x2080, b'0'),
        0x24b6..=0x24cf => at(0x24b6, b'A'),
        0x24d0..=0x24e9 => at(0x24d0, b'a'),
        // Mathematics.
        0x1d400..=0x1d6a3 => Some(LETTERS[(code - 0x1d400) as usize % LETTERS.len()]),
        0x1d7ce..=0x1d7ff => Some(b'0' + ((code - 0x1d7ce) % 10) as u8),
        // Letters and digits in squares, of flags, and of tags.
        0x1f130..=0x1f149 => at(0x1f130, b'A'),
        0x1f150..=0x1f169 => at(0x1f150, b'A'),
        0x1f170..=0x1f189 => at(0x1f170, b'A'),
        0x1f1e6..=0x1f1ff => at(0x1f1e6, b'A'),
        0x1fbf0..=0x1fbf9 => at(0x1fbf0, b'0'),
        0xe0020..=0xe007e => at(0xe0020, b' '),
        _ => None,
    }
}

/// What a symbol or a single letter resembles; empty when that is nothing.
fn symbol(character: char) -> &'static str {
    match character {
        '\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => " ",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{2043}' => "-",
        '\u{2018}'
        | '\u{2019}'
        | '\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{b4}'
        | '\u{2b9}'
        | '\u{2bb}'..='\u{2bd}'
        | '\u{2c8}' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{2036}' | '\u{2ba}' | '\u{301d}' | '\u{301e}' => "\"",
        '\u{ab}' | '\u{226a}' => "<<",
        '\u{bb}' | '\u{226b}' => ">>",
        '\u{2039}' | '\u{2329}' | '\u{27e8}' | '\u{3008}' | '\u{fe64}' | '\u{1438}' | '\u{2c2}' => "<",
        '\u{203a}' | '\u{232a}' | '\u{27e9}' | '\u{3009}' | '\u{fe65}' | '\u{1433}' | '\u{2c3}' => ">",
        '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{2571}' => "/",
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' | '\u{fe68}' | '\u{2572}' => "\\",
        '\u{2024}' | '\u{fe52}' | '\u{3002}' | '\u{b7}' | '\u{2e}' => ".",
        '\u{2025}' => "..",
        '\u{2026}' => "...",
        '\u{2223}' | '\u{a6}' | '\u{2758}' | '\u{1c0}' => "|",
        '\u{2217}' | '\u{204e}' | '\u{fe61}' => "*",
        '\u{2236}' | '\u{2d0}' | '\u{a789}' | '\u{fe55}' | '\u{fe13}' => ":",
        '\u{37e}' | '\u{fe54}' | '\u{fe14}' | '\u{204f}' => ";",
        '\u{201a}' | '\u{fe50}' | '\u{3001}' | '\u{fe10}' => ",",
        '\u{fe59}' | '\u{207d}' | '\u{208d}' | '\u{2768}' => "(",
        '\u{fe5a}' | '\u{207e}' | '\u{208e}' | '\u{2769}' => ")",
        '\u{fe5b}' | '\u{2774}' => "{",
        '\u{fe5c}' | '\u{2775}' => "}",
        '\u{3010}' | '\u{27e6}' => "[",
        '\u{3011}' | '\u{27e7}' => "]",
        '\u{fe66}' | '\u{207c}' | '\u{208c}' | '\u{a78a}' => "=",
        '\u{fe62}' | '\u{207a}' | '\u{208a}' => "+",
        '\u{fe60}' => "&",
        '\u{fe69}' => "$",
        '\u{fe6a}' | '\u{66a}' => "%",
        '\u{fe6b}' => "@",
        '\u{fe5f}' | '\u{266f}' => "#",
        '\u{fe57}' | '\u{1c3}' | '\u{203c}' => "!",
        '\u{fe56}' | '\u{203d}' => "?",
        '\u{2cb}' | '\u{1fef}' => "`",
        '\u{2c6}' | '\u{2303}' => "^",
        '\u{2dc}' | '\u{223c}' | '\u{301c}' | '\u{2053}' => "~",
        '\u{2017}' | '\u{203f}' => "_",
        '\u{b2}' => "2",
        '\u{b3}' => "3",
        '\u{b9}' => "1",
        '\u{2070}' | '\u{24ea}' => "0",
        '\u{aa}' | '\u{251}' | '\u{2090}' => "a",
        '\u{ba}' | '\u{2134}' => "o",
        '\u{b5}' => "u",
        '\u{a9}' => "(c)",
        '\u{ae}' => "(r)",
        '\u{2122}' => "tm",
        '\u{20ac}' => "EUR",
        '\u{192}' => "f",
        '\u{131}' | '\u{2071}' | '\u{456}' | '\u{269}' => "i",
        '\u{406}' | '\u{2110}' | '\u{2111}' | '\u{4c0}' => "I",
        '\u{401}' | '\u{2130}' => "E",
        '\u{451}' | '\u{212f}' => "e",
        '\u{405}' => "S",
        '\u{455}' => "s",
        '\u{408}' => "J",
        '\u{458}' => "j",
        '\u{3c2}' => "s",
        '\u{207f}' => "n",
        '\u{210a}' | '\u{261}' => "g",
        '\u{210b}'..='\u{210d}' => "H",
        '\u{210e}' | '\u{210f}' => "h",
        '\u{2112}' => "L",
        '\u{2113}' => "l",
        '\u{2115}' => "N",
        '\u{2118}' | '\u{2119}' => "P",
        '\u{211a}' => "Q",
        '\u{211b}'..='\u{211d}' => "R",
        '\u{2124}' | '\u{2128}' => "Z",
        '\u{212a}' => "K",
        '\u{212b}' => "A",
        '\u{212c}' => "B",
        '\u{2102}' | '\u{212d}' => "C",
        '\u{2131}' => "F",
        '\u{2133}' => "M",
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        _ => "",
    }
}
