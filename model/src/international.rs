//! International names as they are on the wire (RFC 5891; punycode, RFC 3492).

/// The name with each label that is not ASCII in its encoded form. A label with a star stays as it is: the two do not go together (choice).
pub(crate) fn on_the_wire(name: &str) -> String {
    let encoded = |label: &str| match label.is_ascii() || label.contains('*') {
        true => label.to_owned(),
        false => format!("xn--{}", punycode(label)),
    };
    name.split('.').map(encoded).collect::<Vec<_>>().join(".")
}

/// Section 6.3 of RFC 3492, for a label in lower case.
fn punycode(label: &str) -> String {
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let plain = out.len() as u64;
    let mut handled = plain;
    if plain > 0 {
        out.push('-');
    }
    let (mut least, mut delta, mut bias) = (128_u64, 0_u64, 72_u64);
    let points: Vec<u64> = label.chars().map(|letter| u64::from(u32::from(letter))).collect();
    while let Some(next) = points.iter().copied().filter(|point| *point >= least).min() {
        delta += (next - least) * (handled + 1);
        least = next;
        for point in &points {
            if *point < least {
                delta += 1;
            }
            if *point == least {
                out.push_str(&variable_length(delta, bias));
                bias = adapted(delta, handled + 1, handled == plain);
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        least += 1;
    }
    out
}

/// A number in digits whose weights depend on the bias.
fn variable_length(mut number: u64, bias: u64) -> String {
    let mut digits = String::new();
    let mut step = 36_u64;
    loop {
        let threshold = step.saturating_sub(bias).clamp(1, 26);
        if number < threshold {
            digits.push(digit(number));
            return digits;
        }
        digits.push(digit(threshold + (number - threshold) % (36 - threshold)));
        number = (number - threshold) / (36 - threshold);
        step += 36;
    }
}

/// `a` to `z`, then `0` to `9`.
fn digit(value: u64) -> char {
    "abcdefghijklmnopqrstuvwxyz0123456789".chars().nth(value as usize).expect("a digit is below 36")
}

/// Section 6.1 of RFC 3492.
fn adapted(delta: u64, points: u64, first: bool) -> u64 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += 36;
    }
    bias + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_encoded() {
        for (name, encoded) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("münchen.de", "xn--mnchen-3ya.de"),
            ("*.straße.example", "*.xn--strae-oqa.example"),
            ("пример", "xn--e1afmkfd"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("example.com", "example.com"),
            ("bü*.example", "bü*.example"),
        ] {
            assert_eq!(on_the_wire(name), encoded);
        }
    }
}
