//! Whether a value is of a type and within bounds.

use proofhouse_protocol::waas_policy::ParamType;
use serde_json::Value;

/// What a value must be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    /// Any, if absent.
    pub(super) kind: Option<ParamType>,
    /// Of numbers.
    pub(super) min: Option<f64>,
    /// Of numbers.
    pub(super) max: Option<f64>,
}

impl Bounds {
    /// What is wrong with a value that is written as text, behind "which is".
    pub(super) fn against_text(self, text: &[u8]) -> Option<String> {
        let number = match self.kind? {
            ParamType::Integer if is_integer(text) => number(text),
            ParamType::Number if is_number(text) => number(text),
            ParamType::Boolean if matches!(text, b"true" | b"false") => return None,
            ParamType::String | ParamType::Array | ParamType::Object => return None,
            kind => return Some(no(kind)),
        };
        self.against_number(number)
    }

    /// What is wrong with a value of a JSON document.
    pub(super) fn against_json(self, value: &Value) -> Option<String> {
        let kind = self.kind?;
        let fits = match (kind, value) {
            (ParamType::Integer, Value::Number(number)) => {
                number.as_f64().is_none_or(|number| number.fract() == 0.0)
            }
            (ParamType::Number, Value::Number(_))
            | (ParamType::String, Value::String(_))
            | (ParamType::Boolean, Value::Bool(_))
            | (ParamType::Array, Value::Array(_))
            | (ParamType::Object, Value::Object(_)) => true,
            _ => false,
        };
        if !fits {
            return Some(no(kind));
        }
        value.as_f64().and_then(|number| self.against_number(number))
    }

    fn against_number(self, number: f64) -> Option<String> {
        match (self.min, self.max) {
            (Some(min), _) if number < min => Some(format!("less than {min}")),
            (_, Some(max)) if number > max => Some(format!("more than {max}")),
            _ => None,
        }
    }
}

/// That a value is not of a type.
pub(super) fn no(kind: ParamType) -> String {
    format!("no {}", kind.word())
}

fn number(text: &[u8]) -> f64 {
    let text = std::str::from_utf8(text).expect("digits, signs, dots and exponents are ASCII");
    text.parse().expect("the grammar is part of that of numbers")
}

/// An optional minus, and digits.
fn is_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// As JSON writes numbers; zeros may stand in front.
fn is_number(text: &[u8]) -> bool {
    let (mantissa, exponent) = match text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
        Some(at) => (&mantissa[..at], Some(&mantissa[at + 1..])),
        None => (mantissa, None),
    };
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let signed = |text: &[u8]| digits(text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text));
    is_integer(whole) && fraction.is_none_or(digits) && exponent.is_none_or(signed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn bounds(kind: ParamType, min: Option<f64>, max: Option<f64>) -> Bounds {
        Bounds { kind: Some(kind), min, max }
    }

    #[test]
    fn texts_of_a_type() {
        use ParamType::*;
        for (kind, good, bad) in [
            (
                Integer,
                &["0", "-7", "007", "99999999999999999999"][..],
                &["", "-", "+7", "1.0", "1e3", " 1", "0x1", "٣"][..],
            ),
            (
                Number,
                &["0", "-7.5", "1e3", "1.25E-7", "1e+2", "1e999"],
                &["", ".5", "1.", "1e", "inf", "NaN", "+1", "1_0", "1,5"],
            ),
            (Boolean, &["true", "false"], &["", "True", "1", "yes"]),
            (String, &["", "x", "7"], &[]),
            (Array, &["", "x"], &[]),
            (Object, &["x"], &[]),
        ] {
            let bounds = bounds(kind, None, None);
            for text in good {
                assert_eq!(bounds.against_text(text.as_bytes()), None, "{kind:?} {text}");
            }
            for text in bad {
                assert_eq!(bounds.against_text(text.as_bytes()), Some(no(kind)), "{kind:?} {text}");
            }
        }
        assert_eq!(Bounds::default().against_text(b"anything"), None);
    }

    #[test]
    fn numbers_within_bounds() {
        let bounds = bounds(ParamType::Integer, Some(100.0), Some(200.0));
        for (text, wrong) in [
            ("99", Some("less than 100")),
            ("100", None),
            ("150", None),
            ("200", None),
            ("201", Some("more than 200")),
            ("300", Some("more than 200")),
            ("notnumber", Some("no integer")),
        ] {
            assert_eq!(bounds.against_text(text.as_bytes()).as_deref(), wrong, "{text}");
        }
        let number = Bounds { kind: Some(ParamType::Number), ..bounds };
        assert_eq!(number.against_text(b"200.5").as_deref(), Some("more than 200"));
        assert_eq!(number.against_text(b"1e999").as_deref(), Some("more than 200"));
        let text = Bounds { kind: Some(ParamType::String), ..bounds };
        assert_eq!(text.against_text(b"1"), None);
        assert_eq!(text.against_json(&json!("1")), None);
    }

    #[test]
    fn values_of_json() {
        use ParamType::*;
        let all = [json!(7), json!(7.5), json!("7"), json!(true), json!([7]), json!({"a": 7})];
        for (kind, fit) in [
            (Integer, &[0][..]),
            (Number, &[0, 1]),
            (String, &[2]),
            (Boolean, &[3]),
            (Array, &[4]),
            (Object, &[5]),
        ] {
            for (at, value) in all.iter().enumerate() {
                let wrong = bounds(kind, None, None).against_json(value);
                assert_eq!(wrong.is_none(), fit.contains(&at), "{kind:?} {value}");
            }
        }
        assert_eq!(bounds(Integer, None, None).against_json(&json!(7.0)), None);
        assert_eq!(bounds(Number, Some(8.0), None).against_json(&all[1]).as_deref(), Some("less than 8"));
        assert_eq!(Bounds::default().against_json(&json!(null)), None);
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_rust(text in "[-+0-9.eEinfa]{0,8}") {
            for kind in [ParamType::Integer, ParamType::Number] {
                if bounds(kind, None, None).against_text(text.as_bytes()).is_none() {
                    prop_assert!(text.parse::<f64>().is_ok());
                }
            }
        }

        #[test]
        fn numbers_are_read(number: f64, whole: i64) {
            let is = |kind, text: String| bounds(kind, None, None).against_text(text.as_bytes()).is_none();
            prop_assert!(is(ParamType::Integer, whole.to_string()));
            prop_assert!(!number.is_finite() || is(ParamType::Number, number.to_string()));
            let scientific = format!("{number:e}");
            prop_assert!(!number.is_finite() || is(ParamType::Number, scientific));
        }
    }
}
