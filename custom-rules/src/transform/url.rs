//! Percent-encoding.

fn hex(byte: Option<&u8>) -> Option<u8> {
    char::from(*byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Undoes `%HH`, and `+` for a space if `plus`. What is no escape stays.
pub(super) fn decode(value: &[u8], plus: bool) -> Option<Vec<u8>> {
    if !value.iter().any(|byte| *byte == b'%' || (plus && *byte == b'+')) {
        return None;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, behind @ ..] = rest {
        let escape = (*first == b'%').then(|| hex(behind.first()).zip(hex(behind.get(1)))).flatten();
        match escape {
            Some((high, low)) => {
                out.push(high << 4 | low);
                rest = &behind[2..];
            }
            None => {
                out.push(if plus && *first == b'+' { b' ' } else { *first });
                rest = behind;
            }
        }
    }
    Some(out)
}
