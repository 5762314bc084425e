//! Base64 of either alphabet.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes up to the first character that is no digit of Base64; line breaks and spaces between digits are skipped.
pub(super) fn decode(value: &[u8]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(value.len());
    for byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => digits.push(*byte),
            b'-' => digits.push(b'+'),
            b'_' => digits.push(b'/'),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => break,
        }
    }
    // A single digit is less than a byte.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    LENIENT.decode(&digits).unwrap_or_default()
}
