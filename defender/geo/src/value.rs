//! Values of the data section: each begins with its type and its size.

const TEXT: u8 = 2;
const SHORT: u8 = 5;
const WORD: u8 = 6;
const MAP: u8 = 7;
const LONG: u8 = 9;
const ARRAY: u8 = 11;

/// A value.
#[derive(Debug)]
pub(crate) enum Value {
    Text(&'static str),
    Short(u16),
    Word(u32),
    Long(u64),
    Array(Vec<Value>),
    Map(Vec<(&'static str, Value)>),
}

impl Value {
    /// Appends it.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                head(TEXT, text.len(), out);
                out.extend(text.as_bytes());
            }
            Self::Short(number) => unsigned(SHORT, &number.to_be_bytes(), out),
            Self::Word(number) => unsigned(WORD, &number.to_be_bytes(), out),
            Self::Long(number) => unsigned(LONG, &number.to_be_bytes(), out),
            Self::Array(items) => {
                head(ARRAY, items.len(), out);
                items.iter().for_each(|item| item.write(out));
            }
            Self::Map(members) => {
                head(MAP, members.len(), out);
                for (name, member) in members {
                    Self::Text(name).write(out);
                    member.write(out);
                }
            }
        }
    }
}

/// Without the zeros that a number begins with.
fn unsigned(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    head(kind, bytes.len() - zeros, out);
    out.extend(&bytes[zeros..]);
}

/// Three bits of type and five of size; types from 8 have a byte of their own, and sizes from 29.
fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (small, rest) = match size {
        ..29 => (size, None),
        _ => (29, Some(size - 29)),
    };
    let small = u8::try_from(small).expect("five bits");
    match kind {
        ..8 => out.push(kind << 5 | small),
        _ => out.extend([small, kind - 7]),
    }
    out.extend(rest.map(|rest| u8::try_from(rest).expect("what is written here is shorter than 285")));
}
