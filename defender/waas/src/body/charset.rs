//! Bodies in UTF-16 and UTF-32, which some readers know by their look alone.

/// The text in UTF-8, if every second byte of it is zero, or three of four, at one place, as in such texts of Western letters; or if it
/// begins with their mark.
pub(super) fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let wide = match bytes {
        [0xff, 0xfe, 0, 0, ..] => Some((4, true)),
        [0, 0, 0xfe, 0xff, ..] => Some((4, false)),
        [0xff, 0xfe, ..] => Some((2, true)),
        [0xfe, 0xff, ..] => Some((2, false)),
        _ => by_zeros(bytes),
    };
    let (width, little) = wide?;
    let units = bytes.chunks_exact(width).map(|unit| {
        let value = |byte: &u8, rest: u32| rest << 8 | u32::from(*byte);
        if little {
            unit.iter().rev().fold(0, |rest, byte| value(byte, rest))
        } else {
            unit.iter().fold(0, |rest, byte| value(byte, rest))
        }
    });
    let text: String = if width == 4 {
        units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        let units = units.map(|unit| unit as u16);
        char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    Some(text.trim_start_matches('\u{feff}').as_bytes().to_vec())
}

/// Width, and whether the low byte comes first.
fn by_zeros(bytes: &[u8]) -> Option<(usize, bool)> {
    let zeros = |width: usize, place: usize| {
        let all = bytes.len() / width;
        all > 1 && bytes.iter().skip(place).step_by(width).filter(|byte| **byte == 0).count() * 4 >= all * 3
    };
    match (zeros(2, 0), zeros(2, 1)) {
        (true, true) if zeros(4, 0) => Some((4, false)),
        (true, true) => Some((4, true)),
        (true, false) if zeros(4, 0) && zeros(4, 1) && zeros(4, 2) => Some((4, false)),
        (true, false) => Some((2, false)),
        (false, true) if zeros(4, 1) && zeros(4, 2) && zeros(4, 3) => Some((4, true)),
        (false, true) => Some((2, true)),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_texts_are_known() {
        let text = "{\"q\":\"' OR 'é'='1\"}";
        let utf16 = |little: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect()
        };
        let utf32 = |little: bool| -> Vec<u8> {
            let units = text.chars().map(u32::from);
            units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        for little in [true, false] {
            assert_eq!(decoded(&utf16(little)).unwrap(), text.as_bytes(), "{little}");
            assert_eq!(decoded(&utf32(little)).unwrap(), text.as_bytes(), "{little}");
        }
        assert_eq!(decoded(b"\xff\xfea\0").unwrap(), b"a");
        assert_eq!(decoded(text.as_bytes()), None);
        assert_eq!(decoded(b""), None);
    }
}
